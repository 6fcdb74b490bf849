"""Alarms: opened when something is wrong, closed by themselves when it is not, and told to the operator once."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime

from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import F, Max
from django.db.models.functions import Greatest

from tracker.domain import letters
from tracker.domain.drift import Severity
from tracker.models import Alarm
from tracker.pipeline import letters_owed, silence, troubles
from tracker.pipeline.troubles import OF_DOCUMENTS, OF_SOURCES, OF_WORK, Trouble

logger = logging.getLogger(__name__)

MOST_TOLD = 50
LETTER_LOCK = 7_303  # any number that no other lock of ours uses


def after_reading(endpoint: int, *, now: datetime) -> None:
    """A document of this address was read or refused: open what is wrong with it, close what is not any more."""
    _settle(lambda: troubles.of_documents([endpoint]), OF_DOCUMENTS, endpoints=[endpoint], now=now)


def look(*, now: datetime, live: bool = True, digest: tuple[str, datetime] | None = None) -> None:
    """Look at everything. An installation that is not `live` asks no source, so that none can fall silent; `digest` is
    the week whose issue was due last, and when."""

    def sources() -> Iterator[Trouble]:
        yield from troubles.of_names()
        if live:
            yield from silence.of_sources(now=now)

    _settle(troubles.of_documents, OF_DOCUMENTS, now=now)
    _settle(sources, OF_SOURCES, now=now)
    _settle(lambda: troubles.of_work(now=now), OF_WORK, now=now)
    _settle(lambda: letters_owed.of_letters(due=digest, now=now), {Alarm.Kind.DIGEST}, now=now)


def _settle(
    find: Callable[[], Iterable[Trouble]],
    kinds: Collection[Alarm.Kind],
    *,
    now: datetime,
    endpoints: Collection[int] | None = None,
) -> None:
    """Make the open alarms of these kinds (and addresses) those that are found now."""
    open_now = Alarm.objects.filter(closed_at=None, kind__in=kinds)
    if endpoints is not None:
        open_now = open_now.filter(endpoint__in=endpoints)
    # Read before the search: what another worker opens meanwhile stays open.
    known = {(alarm.kind, alarm.subject): alarm for alarm in open_now}
    found = {(trouble.kind.value, trouble.subject): trouble for trouble in find()}
    fresh = [_opened(trouble, now) for name, trouble in found.items() if name not in known]
    for alarm in fresh:
        logger.log(_level(alarm), "alarm opened: %s: %s", alarm, alarm.message)
    Alarm.objects.bulk_create(fresh, ignore_conflicts=True)
    with transaction.atomic():
        seen = [known[name].pk for name in found if name in known]
        Alarm.objects.filter(pk__in=seen, closed_at=None).update(last_seen_at=Greatest(F("last_seen_at"), now))
        for name in found.keys() & known.keys():
            _retold(known[name], found[name])
        healed = [alarm for name, alarm in known.items() if name not in found]
        Alarm.objects.filter(pk__in=[alarm.pk for alarm in healed], closed_at=None).update(
            closed_at=Greatest(F("last_seen_at"), now)
        )
    for alarm in healed:
        logger.info("alarm closed: %s", alarm)


def _opened(trouble: Trouble, now: datetime) -> Alarm:
    return Alarm(
        kind=trouble.kind,
        subject=trouble.subject,
        severity=trouble.severity,
        message=trouble.message,
        source_id=trouble.source,
        endpoint_id=trouble.endpoint,
        snapshot_id=trouble.snapshot,
        opened_at=now,
        last_seen_at=now,
    )


def _retold(alarm: Alarm, trouble: Trouble) -> None:
    """An alarm that stays open says what is so now."""
    told = {"severity": trouble.severity.value, "message": trouble.message, "snapshot_id": trouble.snapshot}
    if any(getattr(alarm, name) != value for name, value in told.items()):
        Alarm.objects.filter(pk=alarm.pk, closed_at=None).update(**told)


def _level(alarm: Alarm) -> int:
    return logging.INFO if alarm.severity == Severity.NOTICE else logging.WARNING


@transaction.atomic
def mail(*, to: Sequence[str], sender: str, now: datetime) -> int:
    """Tell the operator of the alarms that are new and of those that healed, in one letter; returns of how many.

    Nobody is told twice: one worker at a time writes, and remembers it in the transaction it looked in. A letter that
    cannot be sent is written again at the next look.
    """
    # A lock of its own instead of the rows': a server that is slow to take the letter must not hold up a reading that
    # wants to open or close one of these alarms.
    if not to or not _alone():
        return 0
    rows = Alarm.objects.select_related("source")
    new = rows.filter(closed_at=None, mailed_at=None, acknowledged_at=None, opened_at__lte=now - letters.WORTH_AFTER)
    opened = sorted(new.exclude(severity=Severity.NOTICE), key=_worst_first)
    healed = list(rows.filter(closed_at__isnull=False, mailed_at__isnull=False, healing_mailed_at=None))
    urgent = any(alarm.severity == Severity.STOPPED for alarm in opened)
    if not (opened or healed) or letters.resting(_last_letter(), now=now, urgent=urgent):
        return 0
    letter = EmailMessage(
        subject=_subject(len(opened), len(healed)),
        body=_body(opened, healed),
        from_email=sender,
        to=list(to),
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        letter.send()
    except OSError as error:  # what SMTP, sockets and disks raise
        logger.warning("the operator could not be told of %s alarms: %s", len(opened) + len(healed), error)
        return 0
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in opened]).update(mailed_at=now)
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in healed]).update(healing_mailed_at=now)
    return len(opened) + len(healed)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LETTER_LOCK])
        return bool(cursor.fetchone()[0])


def _last_letter() -> datetime | None:
    found = Alarm.objects.aggregate(new=Max("mailed_at"), healed=Max("healing_mailed_at"))
    return max((at for at in found.values() if at), default=None)


def _worst_first(alarm: Alarm) -> tuple[int, datetime, int]:
    return (-Severity(alarm.severity).rank, alarm.opened_at, alarm.pk)


def _subject(opened: int, healed: int) -> str:
    parts = [f"{opened} new alarm{'s' if opened > 1 else ''}"] if opened else []
    parts += [f"{healed} healed"] if healed else []
    return f"AI landscape: {', '.join(parts)}"


def _body(opened: Sequence[Alarm], healed: Sequence[Alarm]) -> str:
    lines = []
    for alarm in opened[:MOST_TOLD]:
        lines += [f"{alarm.severity.upper()}: {_named(alarm)}, since {alarm.opened_at:%Y-%m-%d %H:%M} UTC"]
        lines += [alarm.message, ""]
    if healed:
        lines += ["Healed:", *(f"- {_named(alarm)}, open since {alarm.opened_at:%Y-%m-%d %H:%M} UTC"
                               for alarm in healed[:MOST_TOLD]), ""]  # fmt: skip
    left = max(0, len(opened) - MOST_TOLD) + max(0, len(healed) - MOST_TOLD)
    lines += [f"And {left} others.", ""] if left else []
    return "\n".join([*lines, "All of them are on the page /pipeline/. Each is told once."])


def _named(alarm: Alarm) -> str:
    return f"{alarm.get_kind_display()} ({alarm.source.title if alarm.source else alarm.subject})"
