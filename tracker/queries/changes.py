"""What changed lately: models released, frontier steps set, facts revised, verdicts flipped, licences reworded, and
the clocks that run on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, When
from django.db.models.functions import Coalesce, Collate

from tracker.models import FLAGGED, LicenceChange, ModelState, OpennessState, Release, Score
from tracker.queries import gap
from tracker.queries.claims import FlipRow, Judged, flips_of
from tracker.queries.gap import ClockRow
from tracker.queries.runs import RunInfo

WEEK = timedelta(days=7)
MONTH = timedelta(days=31)
# Licence texts are reworded rarely: a week would hide nearly all of it.
LICENCE_DAYS = 30
WEIGHTS_RUNG = 2  # of the ladder: below it nobody hands on anything that a licence could bind


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed, newest first on the page."""

    on: date
    kind: str  # frontier or release
    side: str
    model: str
    slug: str
    lab: str
    licence: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of a period that ends on the data's last day. A quiet week widens the period to a month."""

    since: date
    until: date
    rows: tuple[Change, ...]
    superseded_scores: int
    superseded_releases: int


@dataclass(frozen=True, slots=True)
class Reworded:
    """A licence text that came with other words, and how many of its terms now allow or forbid more."""

    on: date
    name: str
    slug: str
    model: str
    model_slug: str
    allowed_now: int
    forbidden_now: int


@dataclass(frozen=True, slots=True)
class LicenceAlarms:
    """Texts that changed in the last days, newest first, and how many models carry on less than their base asks."""

    since: date
    rows: tuple[Reworded, ...]
    flagged: int


def running_clocks(report: Mapping[str, Any], *, limit: int = 3) -> tuple[tuple[ClockRow, ...], int]:
    """The closed frontier steps that no open model has matched, the longest-waiting first, and how many there are."""
    rows = gap.clock_rows(None, {}, report)
    running = sorted((row for row in rows if row.running), key=lambda row: (-row.months, row.model))
    return tuple(running[:limit]), len(running)


def flips_of_week(run: Judged | None) -> tuple[FlipRow, ...]:
    """The verdicts that changed in the week before the run's facts were known."""
    return () if run is None else tuple(flip for flip in flips_of(run) if flip.at > run.known_at - WEEK)


def licence_alarms(run: RunInfo | None, *, now: datetime, limit: int = 3) -> LicenceAlarms:
    """`now` is the moment the page stands for."""
    since = now - timedelta(days=LICENCE_DAYS)
    changed = LicenceChange.objects.filter(
        found_at__gt=since, found_at__lte=now, after__endpoint__source__may_display=True
    ).order_by("-found_at", "-pk")
    columns = ("found_at", "after__name", "licence__slug", "licence__name", "model__name", "model__slug", "report")
    rows = [
        Reworded(
            on=at.date(),
            name=known or name,
            slug=slug or "",
            model=model or "",
            model_slug=model_slug or "",
            allowed_now=len(report.get("allowed_now", ())),
            forbidden_now=len(report.get("forbidden_now", ())),
        )
        for at, name, slug, known, model, model_slug, report in changed.values_list(*columns)[:limit]
    ]
    return LicenceAlarms(since.date(), tuple(rows), _flagged(run))


def _flagged(run: RunInfo | None) -> int:
    """How many models were made from one whose licence asks for more than theirs carries on."""
    judged = OpennessState.objects.filter(run_id=run.id if run else None, rung__gte=WEIGHTS_RUNG)
    return judged.filter(FLAGGED).count()


def changes(run: RunInfo, *, limit: int = 8) -> Changes:
    """The week before the run's day; the month before it where the week brought nothing."""
    since = run.as_of - WEEK
    rows = _released(run, since, limit)
    if not rows:
        since = run.as_of - MONTH
        rows = _released(run, since, limit)
    superseded = {"superseded_by__isnull": False, "known_to__gt": run.known_at - WEEK, "known_to__lte": run.known_at}
    shown = {"endpoint__source__may_display": True}
    return Changes(
        since=since,
        until=run.as_of,
        rows=rows,
        superseded_scores=Score.objects.filter(**superseded, **shown, benchmark__may_display=True).count(),
        superseded_releases=Release.objects.filter(**superseded, **shown).count(),
    )


def _released(run: RunInfo, since: date, limit: int) -> tuple[Change, ...]:
    """Models released in the period, frontier steps before others, then newest first."""
    states = ModelState.objects.filter(run_id=run.id, released_on__gt=since, released_on__lte=run.as_of)
    ordered = states.select_related("model__lab", "licence").order_by(
        Case(When(frontier="", then=1), default=0), "-released_on", Coalesce("value", 0.0).desc(),
        Collate("model__name", "C"), "pk",
    )  # fmt: skip
    return tuple(
        Change(
            on=state.released_on,
            kind="frontier" if state.frontier else "release",
            side="" if not state.access else ("open" if state.open_means else "closed"),
            model=state.model.name,
            slug=state.model.slug,
            lab=state.model.lab.name,
            licence=state.licence.name if state.licence else "",
            value=state.value,
            low=state.low,
            high=state.high,
        )
        for state in ordered[:limit]
        if state.released_on is not None
    )
