"""Index, gaps and states from the stored facts: which runs are due, and one run from its first figure to its last."""

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from tracker.domain import gap_report
from tracker.domain.index import DRAW_SEED, METHOD, IndexInputError
from tracker.domain.openness import OpenMeans
from tracker.domain.scopes import SCOPES
from tracker.models import DataVersion, Endpoint, GapResult, IndexDraws, IndexRun, Snapshot
from tracker.pipeline import leases
from tracker.pipeline.beliefs import INDEX_SOURCES, beliefs
from tracker.pipeline.fitting import Asked, Fitted, answer, fitted, packed
from tracker.pipeline.standing import benchmark_states, model_states

LEASE = timedelta(minutes=5)
# One task works no longer than this on a run's remaining questions, then makes room for other work.
SLICE_SECONDS = 45.0
# What fits into the 24 GB of one consumer GPU at 4 bits a weight, with room for the context.
CONSUMER_GPU_PARAMETERS = 40e9

Clock = Callable[[], datetime]


def questions() -> list[Asked]:
    """What every run answers, the headline first: each scope under each meaning of "open", then regions and sizes."""
    grid = [Asked(scope, means) for scope in SCOPES for means in OpenMeans]
    regions = [Asked(region=region) for region in ("us", "china", "europe", "other")]
    return [*grid, *regions, Asked(max_parameters=CONSUMER_GPU_PARAMETERS)]


def confirmed_on(known_at: datetime | None) -> date | None:
    """The last day on which benchmark data were known to be current; None before any were read."""
    if known_at is None:
        endpoints = Endpoint.objects.filter(source__slug__in=INDEX_SOURCES, current__isnull=False)
        last = endpoints.aggregate(last=Max("confirmed_at"))["last"]
    else:
        snapshots = Snapshot.objects.filter(
            endpoint__source__slug__in=INDEX_SOURCES, state=Snapshot.State.INGESTED, fetched_at__lte=known_at
        )
        last = snapshots.aggregate(last=Max("fetched_at"))["last"]
    return None if last is None else last.date()


def plan(*, now: datetime) -> None:
    """Make a run due where the facts, or the day they were last confirmed, have moved on; and one for each day of the
    past on which facts were learned and that has none yet."""
    version = DataVersion.objects.filter(pk=1).values_list("value", flat=True).first() or 0
    as_of = confirmed_on(None)
    if as_of is None:
        return
    with transaction.atomic():
        # Two planners at once would make the same run twice: one waits here and then finds the other's.
        DataVersion.objects.select_for_update().get(pk=1)
        current = IndexRun.objects.filter(historic=False, method=METHOD)
        if not current.filter(data_version=version, as_of=as_of).exists():
            current.filter(state=IndexRun.State.DUE, lease_until=None).delete()
            _add(known_at=now, as_of=as_of, version=version, historic=False, now=now)
        _plan_past(version=version, now=now)


def _plan_past(*, version: int, now: datetime) -> None:
    days: dict[date, datetime] = {}
    for fetched_at in Snapshot.objects.filter(state=Snapshot.State.INGESTED).values_list("fetched_at", flat=True):
        days[fetched_at.date()] = max(fetched_at, days.get(fetched_at.date(), fetched_at))
    first = IndexRun.objects.filter(historic=False, method=METHOD).order_by("known_at").values_list("known_at", flat=True)
    started = first.first() or now
    for known_at in days.values():
        # From the first current run on, every change has made a run of its own.
        if known_at >= started or IndexRun.objects.filter(known_at=known_at, method=METHOD).exists():
            continue
        as_of = confirmed_on(known_at)
        if as_of is not None:
            _add(known_at=known_at, as_of=as_of, version=version, historic=True, now=now)


def _add(*, known_at: datetime, as_of: date, version: int, historic: bool, now: datetime) -> None:
    IndexRun.objects.create(
        known_at=known_at, as_of=as_of, data_version=version, method=METHOD, historic=historic, created_at=now
    )


def waiting(*, now: datetime) -> list[int]:
    """Ids of the runs to work on: today's before the past's, newest first."""
    free = (Q(lease_until=None) | Q(lease_until__lte=now)) & (Q(not_before=None) | Q(not_before__lte=now))
    runs = IndexRun.objects.filter(free).exclude(state=IndexRun.State.DONE).order_by("historic", "-known_at")
    return list(runs.values_list("pk", flat=True))


def headline(run_id: int, *, clock: Clock, by: str) -> bool:
    """Fit the index and answer the first question, so that pages have something to show; True if there is more to do."""
    return _work(run_id, clock=clock, by=by, only_headline=True)


def advance(run_id: int, *, clock: Clock, by: str) -> bool:
    """Take a run one step further; True if it should be called again."""
    return _work(run_id, clock=clock, by=by, only_headline=False)


def _work(run_id: int, *, clock: Clock, by: str, only_headline: bool) -> bool:
    work = IndexRun.objects.filter(pk=run_id).exclude(state=IndexRun.State.DONE)
    run = leases.claim(work, now=clock(), lease=LEASE, by=by)
    if run is None:
        return False
    started = time.monotonic()
    known = beliefs(run.known_at if run.historic else None)
    stored = IndexDraws.objects.filter(run=run).values_list("packed", flat=True).first()
    try:
        fit = fitted(known, run.as_of, packed=bytes(stored) if stored else None)
    except IndexInputError as error:
        leases.done(run, by=by, error=str(error), state=IndexRun.State.DONE, finished_at=clock())
        return False
    if run.state == IndexRun.State.DUE:
        if not _store_headline(run, fit, started=started, clock=clock, by=by):
            return False
    if only_headline:
        return leases.done(run, by=by)
    return _store_rest(run, fit, clock=clock, by=by)


@transaction.atomic
def _store_headline(run: IndexRun, fit: Fitted, *, started: float, clock: Clock, by: str) -> bool:
    report, points = answer(fit, Asked(), leave_out=not run.historic)
    GapResult.objects.filter(run=run).delete()
    _save(run, Asked(), report=gap_report.to_dict(report), points=points)
    IndexDraws.objects.update_or_create(run=run, defaults={"packed": packed(fit.draws)})
    model_states(run, fit, points)
    benchmark_states(run, fit)
    held = leases.held(run, by=by).update(
        state=IndexRun.State.READY,
        regularisation=fit.index.regularisation,
        draws=len(fit.draws.ability),
        seed=DRAW_SEED,
        observations=fit.index.observations,
        scale={
            "scale": fit.index.scale,
            "offset": fit.index.offset,
            "factor": fit.index.factor,
            "anchors": list(fit.index.anchors.models),
            "anchor_benchmark": fit.index.anchors.benchmark,
            "notes": list(fit.index.anchors.notes),
        },
        seconds=time.monotonic() - started,
        finished_at=clock(),
    )
    if not held:
        transaction.set_rollback(True)
    return bool(held)


def _store_rest(run: IndexRun, fit: Fitted, *, clock: Clock, by: str) -> bool:
    until = time.monotonic() + SLICE_SECONDS
    answered = {
        Asked(scope, OpenMeans(means), region, size)
        for scope, means, region, size in GapResult.objects.filter(run=run).values_list(
            "scope", "open_means", "region", "max_parameters"
        )
    }
    for asked in questions():
        if asked in answered:
            continue
        if time.monotonic() > until:
            leases.done(run, by=by)
            return True
        try:
            report, points = answer(fit, asked)
        except IndexInputError as error:
            _save(run, asked, report={"reason": str(error), "estimates": {}, "series": {}}, points=[])
        else:
            _save(run, asked, report=gap_report.to_dict(report), points=points)
    leases.done(run, by=by, state=IndexRun.State.DONE, finished_at=clock())
    return False


def _save(run: IndexRun, asked: Asked, *, report: dict[str, Any], points: list[dict[str, Any]]) -> None:
    GapResult.objects.update_or_create(
        run=run,
        scope=asked.scope,
        open_means=asked.open_means.value,
        region=asked.region,
        max_parameters=asked.max_parameters,
        defaults={"report": {**report, "points": points}},
    )
