"""What changed in the last week of the data: models released, frontier steps set, names explained, facts revised."""

from dataclasses import dataclass
from datetime import date, timedelta

from tracker.models import ModelState, Release, Score
from tracker.queries.runs import RunInfo

WEEK = timedelta(days=7)
MONTH = timedelta(days=31)


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


def changes(run: RunInfo, *, limit: int = 8) -> Changes:
    """The week before the run's day; the month before it where the week brought nothing."""
    rows: list[Change] = []
    since = run.as_of
    for period in (WEEK, MONTH):
        since = run.as_of - period
        rows = _released(run, since)
        if rows:
            break
    superseded = {"superseded_by__isnull": False, "known_to__gt": run.known_at - WEEK, "known_to__lte": run.known_at}
    shown = {"endpoint__source__may_display": True}
    return Changes(
        since=since,
        until=run.as_of,
        rows=tuple(rows[:limit]),
        superseded_scores=Score.objects.filter(**superseded, **shown, benchmark__may_display=True).count(),
        superseded_releases=Release.objects.filter(**superseded, **shown).count(),
    )


def _released(run: RunInfo, since: date) -> list[Change]:
    """Models released in the period, frontier steps before others, then newest first."""
    states = ModelState.objects.filter(run_id=run.id, released_on__gt=since, released_on__lte=run.as_of)
    rows = [
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
        for state in states.select_related("model__lab", "licence")
        if state.released_on is not None
    ]
    return sorted(rows, key=lambda row: (row.kind != "frontier", -row.on.toordinal(), -(row.value or 0), row.model))
