"""The alarms that are open, the worst first, and those that healed lately."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tracker.domain import letters, rhythm
from tracker.domain.drift import Severity
from tracker.models import Alarm, Beat

BADGES = {Severity.STOPPED: "bad", Severity.QUARANTINE: "bad", Severity.ALARM: "warn", Severity.NOTICE: ""}
NOT_SHOWN = "The terms of this source do not let its content be shown; the curator's desk says more."


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One alarm. `id` is None of what was seen just now and no worker was there to write down. Who acknowledged it and
    why is between the operator and the curators."""

    id: int | None
    kind: str
    label: str
    severity: str
    badge: str
    message: str
    source: str
    source_slug: str
    url: str
    snapshot: int | None
    opened_at: datetime
    closed_at: datetime | None
    acknowledged: bool
    mailed: bool


def open_alarms(*, now: datetime, source: str = "") -> list[AlarmRow]:
    """Everything that is wrong, what nobody has acknowledged first, then the worst; two queries.

    When all workers are silent nobody is left to write an alarm: that one is told from the clock.
    """
    alarms = Alarm.objects.filter(closed_at=None)
    if source:
        alarms = alarms.filter(source__slug=source)
    rows = _rows(alarms)
    if not source:
        rows += _silence(rows, now=now)
    return sorted(rows, key=lambda row: (row.acknowledged, -Severity(row.severity).rank, row.opened_at))


def healed_alarms(source: str, *, limit: int = 20) -> list[AlarmRow]:
    """A source's alarms that are over, the latest first."""
    return _rows(
        Alarm.objects.filter(closed_at__isnull=False, source__slug=source).order_by("-closed_at", "-pk")[:limit]
    )


def untold(rows: Iterable[AlarmRow], *, now: datetime) -> int:
    """How many of these the operator should have had a letter about and has not: no server takes it, or no worker
    writes it."""
    due = now - letters.UNTOLD_AFTER
    return sum(
        row.id is not None
        and not (row.mailed or row.acknowledged)
        and row.severity != Severity.NOTICE
        and row.opened_at <= due
        for row in rows
    )


def silence(*, now: datetime) -> dict[str, datetime]:
    """The questions no worker takes up any more, with the last time one did."""
    return rhythm.silent(dict(Beat.objects.values_list("name", "at")), now=now)


def _silence(rows: list[AlarmRow], *, now: datetime) -> list[AlarmRow]:
    if any(row.kind == Alarm.Kind.SILENT for row in rows):
        return []
    kind, severity = Alarm.Kind.SILENT, Severity.STOPPED
    return [
        AlarmRow(
            id=None,
            kind=kind.value,
            label=str(kind.label),
            severity=severity.value,
            badge=BADGES[severity],
            message=rhythm.silence(question, last),
            source="",
            source_slug="",
            url="",
            snapshot=None,
            opened_at=last + rhythm.SILENT_AFTER,
            closed_at=None,
            acknowledged=False,
            mailed=False,
        )
        for question, last in silence(now=now).items()
    ]


def _rows(alarms: QuerySet[Alarm]) -> list[AlarmRow]:
    return [
        AlarmRow(
            id=alarm.pk,
            kind=alarm.kind,
            label=alarm.get_kind_display(),
            severity=alarm.severity,
            badge=BADGES[Severity(alarm.severity)],
            message=alarm.message if alarm.source is None or alarm.source.may_display else NOT_SHOWN,
            source=alarm.source.title if alarm.source else "",
            source_slug=alarm.source.slug if alarm.source else "",
            url=alarm.endpoint.url if alarm.endpoint else "",
            snapshot=alarm.snapshot_id,
            opened_at=alarm.opened_at,
            closed_at=alarm.closed_at,
            acknowledged=alarm.acknowledged_at is not None,
            mailed=alarm.mailed_at is not None,
        )
        for alarm in alarms.select_related("source", "endpoint")
    ]
