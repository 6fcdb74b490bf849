"""Which index run a page stands on: the newest, or the one whose facts were known on a day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from tracker.models import DataVersion, Endpoint, IndexRun
from tracker.queries import freshness


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One index run: the facts it knew, the day lags are counted to, and how it was fitted.

    `facts_at` is the time whose facts belong beside its results: None, that is now, unless a past day was asked for.
    `told_at` is the same for what runs write down themselves, findings and scores of forecasts: of a run that was named
    until it had finished, else to the end of the day. `settled`: it and every run that its pages look back at have said
    all that they will say.
    """

    id: int
    known_at: datetime
    as_of: date
    method: str
    data_version: int
    historic: bool
    complete: bool
    draws: int | None
    seed: int | None
    regularisation: float | None
    observations: int | None
    seconds: float | None
    scale: dict[str, object]
    created_at: datetime
    finished_at: datetime | None
    facts_at: datetime | None
    told_at: datetime | None
    settled: bool


@dataclass(frozen=True, slots=True)
class Site:
    """The data's version, and when sources were last and will next be asked."""

    data_version: int
    changed_at: datetime | None
    last_checked: datetime | None
    next_due: datetime | None


def end_of(day: date) -> datetime:
    """The last moment of a day, UTC: "as known on D" includes all of D."""
    return datetime.combine(day, time.max, tzinfo=UTC)


@freshness.once_a_state
def run_for(as_of: date | None, number: int | None = None) -> RunInfo | None:
    """The newest run with results, or with `as_of` the newest whose facts were known by the end of that day; with a
    `number` that run and no other, as far as it was known by that day."""
    # A run that could not be fitted is done too, without draws: the last good results stay up.
    runs = IndexRun.objects.filter(state__in=(IndexRun.State.READY, IndexRun.State.DONE), draws__isnull=False)
    if number is not None:
        runs = runs.filter(pk=number)
    elif as_of is None:
        runs = runs.filter(historic=False)
    if as_of is not None:
        runs = runs.filter(known_at__lte=end_of(as_of))
    # Earlier days that were made due with it: until they are done its pages may still come to show them. One that
    # failed is not waited for.
    awaited = IndexRun.objects.filter(created_at__lte=OuterRef("created_at"), known_at__lt=OuterRef("known_at"))
    awaited = awaited.filter(last_error="").exclude(state=IndexRun.State.DONE)
    run = runs.annotate(awaits=Exists(awaited)).order_by("-known_at", "-pk").first()
    if run is None:
        return None
    told_at = end_of(as_of or run.known_at.date()) if as_of or number is not None else None
    return RunInfo(
        id=run.pk,
        known_at=run.known_at,
        as_of=run.as_of,
        method=run.method,
        data_version=run.data_version,
        historic=run.historic,
        complete=run.state == IndexRun.State.DONE,
        draws=run.draws,
        seed=run.seed,
        regularisation=run.regularisation,
        observations=run.observations,
        seconds=run.seconds,
        scale=run.scale,
        created_at=run.created_at,
        finished_at=run.finished_at,
        facts_at=None if as_of is None and number is None else run.known_at,
        told_at=told_at if number is None or run.historic else run.finished_at,
        settled=run.state == IndexRun.State.DONE and not run.awaits,
    )


def beside(number: int, *, known_at: datetime, created_at: datetime) -> QuerySet[IndexRun]:
    """The runs that a page of one run may look back at: the last of each earlier day, and itself. What was computed
    later, of whichever day, is not among them, nor one that another of its day has replaced: that one goes after a
    while, and a page of the past would change."""
    by_then = IndexRun.objects.filter(created_at__lte=created_at, known_at__lte=known_at)
    today, day = datetime.combine(known_at.date(), time.min, tzinfo=UTC), TruncDate("known_at", tzinfo=UTC)
    later = by_then.filter(method=OuterRef("method"), known_at__gt=OuterRef("known_at"), state=IndexRun.State.DONE)
    replaced = Exists(later.annotate(later_day=day).filter(later_day=OuterRef("day")))
    return by_then.annotate(day=day).filter(Q(known_at__lt=today) & ~replaced | Q(pk=number))


def facts_at(run: RunInfo | None, day: date | None) -> datetime | None:
    """The time whose facts belong on a page: a day of the past keeps its own where no run stands for it yet."""
    return run.facts_at if run else end_of(day) if day else None


def awaited(day: date | None) -> bool:
    """Whether a run for that day, or for now, is still to be computed."""
    runs = IndexRun.objects.filter(state=IndexRun.State.DUE)
    return (runs if day is None else runs.filter(known_at__lte=end_of(day))).exists()


@freshness.once_a_state
def site() -> Site:
    """One query for the version, one for the clock of the pipeline."""
    version = DataVersion.objects.filter(pk=1).first()
    scheduled = Endpoint.objects.filter(source__enabled=True, source__every__isnull=False)
    clock = scheduled.aggregate(last=Max("checked_at"), following=Min("due_at"))
    return Site(
        data_version=version.value if version else 0,
        changed_at=version.changed_at if version else None,
        last_checked=clock["last"],
        next_due=clock["following"],
    )
