"""Which index run a page stands on: the newest, or the one whose facts were known on a day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db.models import Max, Min

from tracker.models import DataVersion, Endpoint, IndexRun


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One index run: the facts it knew, the day lags are counted to, and how it was fitted.

    `facts_at` is the time whose facts belong beside its results: None, that is now, unless a past day was asked for.
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
    finished_at: datetime | None
    facts_at: datetime | None


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
    run = runs.order_by("-known_at", "-pk").first()
    if run is None:
        return None
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
        finished_at=run.finished_at,
        facts_at=None if as_of is None and number is None else run.known_at,
    )


def facts_at(run: RunInfo | None, day: date | None) -> datetime | None:
    """The time whose facts belong on a page: a day of the past keeps its own where no run stands for it yet."""
    return run.facts_at if run else end_of(day) if day else None


def awaited(day: date | None) -> bool:
    """Whether a run for that day, or for now, is still to be computed."""
    runs = IndexRun.objects.filter(state=IndexRun.State.DUE)
    return (runs if day is None else runs.filter(known_at__lte=end_of(day))).exists()


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
