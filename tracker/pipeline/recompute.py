"""Index, gaps and states from the stored facts: which runs are due, and one run from its first figure to its last."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import chain, groupby
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Coalesce, Greatest, TruncDate

from tracker.domain import gap_report
from tracker.domain.gap_slices import FAMILIES
from tracker.domain.index import METHOD, IndexInputError
from tracker.domain.index_draws import DRAW_SEED
from tracker.domain.openness import OpenMeans
from tracker.domain.scopes import SCOPES
from tracker.domain.shown import shown
from tracker.domain.specification import Effort
from tracker.models import DataVersion, Endpoint, GapResult, IndexDraws, IndexRun, RunReport, Snapshot
from tracker.pipeline import (
    benchmaxxing,
    claims,
    conflicts,
    drawing,
    forecasts,
    insights,
    leases,
    openness,
    replays,
    second_steps,
    unchanged,
)
from tracker.pipeline.beliefs import beliefs
from tracker.pipeline.believed_scores import INDEX_SOURCES
from tracker.pipeline.fitting import Asked, Fitted, answer
from tracker.pipeline.gap_parts import parts
from tracker.pipeline.run_reports import IN_STEPS, Maker, Reports, of_the_answers, of_the_fit
from tracker.pipeline.standing import benchmark_states, model_states

LEASE = settings.LEASE
# One task works no longer than this on a run's draws or remaining questions, then makes room for other work; where
# reading what it needs takes most of that, as long again.
SLICE_SECONDS = 45.0 * settings.HASTE
# Facts that change while a run is under way are in the next one. A run without a step for longer than this is stuck.
UNDER_WAY = timedelta(minutes=15)
# An address that names its run shows the same for so long at least; of the last run of a day, always. A run takes about
# five megabytes.
KEPT_FOR = timedelta(days=14)
# What fits into the 24 GB of one consumer GPU at 4 bits a weight, with room for the context.
CONSUMER_GPU_PARAMETERS = 40e9

Clock = Callable[[], datetime]


def questions() -> list[Asked]:
    """What every run answers, the headline first: each scope under each meaning of "open" and each effort rule, then
    regions, sizes and families."""
    grid = [Asked(scope, means, effort=effort) for effort in Effort for scope in SCOPES for means in OpenMeans]
    regions = [Asked(region=region) for region in ("us", "china", "europe", "other")]
    families = [Asked(family=family) for family in FAMILIES]
    return [*grid, *regions, Asked(max_parameters=CONSUMER_GPU_PARAMETERS), *families]


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


def plan(*, now: datetime, log_run: str = "") -> None:
    """Make a run due where the facts, or the day they were last confirmed, have moved on; and one for each day of the
    past on which facts were learned and that has none yet. The rows keep `log_run`, by which the logs know this
    work."""
    if confirmed_on(None) is None:
        return
    with transaction.atomic():
        # Two planners at once would make the same run twice: one waits here and then finds the other's. What is read
        # before the wait may be old after it.
        version = DataVersion.objects.select_for_update().get(pk=1).value
        as_of = confirmed_on(None)
        current = IndexRun.objects.filter(historic=False, method=METHOD)
        if as_of is not None and not current.filter(data_version=version, as_of=as_of).exists():
            # One that has draws goes on: where scores come all the time, no run would get to its end.
            begun = Q(state=IndexRun.State.DUE, worked_at=None)
            current.filter(leases.free(now=now, lease=LEASE) & begun).delete()
            unfinished = current.exclude(state=IndexRun.State.DONE)
            moved = Greatest("created_at", Coalesce("worked_at", "created_at"))
            if unfinished.annotate(moved=moved).filter(moved__gt=now - UNDER_WAY).exists():
                return
            _add(known_at=_latest(now), as_of=as_of, version=version, historic=False, now=now, log_run=log_run)
            _plan_past(version=version, now=now, log_run=log_run)


def forget(run: IndexRun, *, now: datetime) -> None:
    """Take away what a finished run replaces: those of its day that were not finished, and after a while the others of
    any day. The last of each day stays, for pages that are asked for that day."""
    replaced = IndexRun.objects.replaced()
    unfinished = replaced.filter(known_at__lt=run.known_at, method=run.method).exclude(state=IndexRun.State.DONE)
    gone = {*unfinished.values_list("pk", flat=True)}
    gone |= {*replaced.filter(finished_at__lte=now - KEPT_FOR).values_list("pk", flat=True)}
    IndexRun.objects.filter(pk__in=gone).delete()
    drawing.forget((second_steps.KEPT_AS, benchmaxxing.NAME))


def _latest(now: datetime) -> datetime:
    """Now, or a moment later where the clock of the machine that collected runs ahead: its facts are known too."""
    newest = Endpoint.objects.aggregate(newest=Max("current__fetched_at"))["newest"]
    return max(now, newest or now)


def _plan_past(*, version: int, now: datetime, log_run: str) -> None:
    """A run for every day before today on which facts were learned after the last run of that day, if it had one."""
    computed: dict[date, datetime] = {}
    for known_at in IndexRun.objects.filter(method=METHOD).order_by("known_at").values_list("known_at", flat=True):
        computed[known_at.date()] = known_at
    today = datetime.combine(now.date(), time.min, tzinfo=UTC)
    # Prices, news and texts move no index: a day that brought nothing else shows the run before it.
    moving = Q(counts__records__has_key="release") | Q(counts__records__has_key="score")
    past = Snapshot.objects.filter(moving, state=Snapshot.State.INGESTED, fetched_at__lt=today)
    days = past.values(day=TruncDate("fetched_at", tzinfo=UTC)).order_by("day").annotate(learned=Max("fetched_at"))
    for day, learned in days.values_list("day", "learned"):
        missing = day not in computed or computed[day] < learned
        as_of = confirmed_on(learned) if missing else None
        if as_of is not None:
            _add(known_at=learned, as_of=as_of, version=version, historic=True, now=now, log_run=log_run)


def _add(*, known_at: datetime, as_of: date, version: int, historic: bool, now: datetime, log_run: str) -> None:
    IndexRun.objects.create(
        known_at=known_at,
        as_of=as_of,
        data_version=version,
        method=METHOD,
        historic=historic,
        created_at=now,
        planned_in=log_run,
    )


def waiting(*, now: datetime) -> list[int]:
    """Ids of the runs to work on: today's before the past's, newest first."""
    free = leases.free(now=now, lease=LEASE) & (Q(not_before=None) | Q(not_before__lte=now))
    runs = IndexRun.objects.filter(free).exclude(state=IndexRun.State.DONE).order_by("historic", "-known_at")
    return list(runs.values_list("pk", flat=True))


def headline(run_id: int, *, clock: Clock, by: str) -> bool:
    """Fit the index and answer the first question, so that pages have something to show; True if more is to do."""
    return _work(run_id, clock=clock, by=by, only_headline=True)


def advance(run_id: int, *, clock: Clock, by: str) -> bool:
    """Take a run one step further; True if it should be called again."""
    return _work(run_id, clock=clock, by=by, only_headline=False)


def _work(run_id: int, *, clock: Clock, by: str, only_headline: bool) -> bool:
    work = IndexRun.objects.filter(pk=run_id).exclude(state=IndexRun.State.DONE)
    run = leases.claim(work, now=clock(), lease=LEASE, by=by)
    if run is None:
        return False
    started = monotonic()
    try:
        fit = _fit(run, started=started, whole=only_headline, clock=clock, by=by)
    except IndexInputError as error:
        leases.done(run, by=by, error=str(error), state=IndexRun.State.DONE, finished_at=clock())
        return False
    if fit is None:
        # Time is up: whoever takes the next turn, here or elsewhere, goes on from the slices that are stored.
        return _leave(run, clock=clock, by=by)
    begun = run.state == IndexRun.State.DUE
    if begun and not _store_headline(run, fit, started=started, clock=clock, by=by):
        return False
    if only_headline:
        return _leave(run, clock=clock, by=by)
    return _store_rest(run, fit, until=_until(started), begun=begun, clock=clock, by=by)


def _until(started: float) -> float:
    """When a task that has now read what it needs is to make room."""
    now = monotonic()
    return max(started + SLICE_SECONDS, now + min(now - started, SLICE_SECONDS))


def _leave(run: IndexRun, *, clock: Clock, by: str) -> bool:
    """Give the run back for the next step; False where another worker has it."""
    return leases.done(run, by=by, worked_at=clock())


def _fit(run: IndexRun, *, started: float, whole: bool, clock: Clock, by: str) -> Fitted | None:
    """The run's index with its draws; None where these are not all there yet. Raises IndexInputError.

    Today's run stands on one time like the past's: its questions are answered one by one while facts go on changing.
    """
    known = beliefs(run.known_at)
    if run.state == IndexRun.State.DUE and not run.historic:
        conflicts.refresh(known, known_at=run.known_at, now=clock())
    centre = drawing.centre_of(run, known)
    until = math.inf if whole else _until(started)
    if not drawing.draw(run, centre, until=until, clock=clock, by=by):
        return None
    if run.state == IndexRun.State.DUE:
        mine = partial(leases.renew, run, by=by, lease=LEASE)
        if not openness.compute(run, known, until=until, held=lambda: mine(now=clock())):
            return None
    return drawing.fit_of(run, known, centre)


def _store_headline(run: IndexRun, fit: Fitted, *, started: float, clock: Clock, by: str) -> bool:
    fingerprint = unchanged.evidence(run, fit.beliefs, fit.drawn_from)
    earlier = unchanged.before(run, fingerprint)
    report = unchanged.headline(earlier) if earlier else None
    report = report or _report(fit, Asked(), leave_out=not run.historic)
    if not leases.renew(run, by=by, now=clock(), lease=LEASE):
        return False
    if not _store_standing(run, fit, report, started=started, clock=clock, by=by):
        return False
    unchanged.remember(run, fingerprint)
    return True


@transaction.atomic
def _store_standing(
    run: IndexRun, fit: Fitted, report: dict[str, Any], *, started: float, clock: Clock, by: str
) -> bool:
    GapResult.objects.filter(run=run).delete()
    _save(run, Asked(), report)
    model_states(run, fit, report["points"])
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
        seconds=monotonic() - started,
        finished_at=clock(),
    )
    if not held:
        transaction.set_rollback(True)
    return bool(held)


def _store_rest(run: IndexRun, fit: Fitted, *, until: float, begun: bool, clock: Clock, by: str) -> bool:
    if earlier := _earlier(run):
        unchanged.take_over(run, earlier)
    last: list[Step] = [("conclusion", partial(_conclude, run, clock=clock))]
    group = ""
    for together, step in chain(_steps(run, fit), last):
        # What is made once for several questions is gone with the turn: those are answered in one.
        if begun and monotonic() > until and together != group:
            return _leave(run, clock=clock, by=by)
        group = together
        if not leases.renew(run, by=by, now=clock(), lease=LEASE):
            return False
        step()
        begun = True
    if leases.done(run, by=by, state=IndexRun.State.DONE, finished_at=clock()):
        forget(run, now=clock())
    return False


def _earlier(run: IndexRun) -> IndexRun | None:
    own = IndexDraws.objects.filter(run=run).values_list("answered_from", flat=True).first()
    return unchanged.before(run, own) if own else None


Step = tuple[str, Callable[[], None]]


def _steps(run: IndexRun, fit: Fitted) -> Iterator[Step]:
    """What is not stored yet, one figure or report after the other, each with the name of those that it shares work
    with."""
    yield from _reports(run, fit, of_the_fit())
    stored = GapResult.objects.filter(run=run)
    answered = set(stored.values_list("scope", "open_means", "region", "max_parameters"))
    unreplayed = replays.missing(run)
    for (scope, effort), some in groupby(questions(), lambda asked: (asked.scope, asked.effort)):
        for asked in some:
            if (asked.stored_scope, asked.open_means.value, asked.region, asked.max_parameters) not in answered:
                yield asked.refitted or repr(asked), partial(_answer, run, fit, asked)
        if effort is Effort.BEST and scope in unreplayed:
            unreplayed.discard(scope)
            # While the abilities that the scope's answers were fitted with are still there.
            yield Asked(scope).refitted or f"replays {scope}", partial(_replays, run, fit, scope)
    for name, made in parts():
        if not stored.filter(scope=name).exists():
            yield f"part {name}", partial(_part, run, fit, name, made)
    yield from _reports(run, fit, of_the_answers())


def _reports(run: IndexRun, fit: Fitted, wanted: Reports) -> Iterator[Step]:
    stored = set(RunReport.objects.filter(run=run).values_list("name", flat=True))
    for name, made in wanted:
        if name in stored:
            continue
        together = f"report {name}"
        report: Callable[[], dict[str, Any]] = partial(made, run, fit)
        if name in IN_STEPS:
            work = IN_STEPS[name](run, fit)
            report = work.report
            for nth, step in enumerate(work.steps()):
                yield f"{together}, step {nth}", step
                # Nothing of that is stored: the next turn would find it out again.
                together = f"{together}, step {nth}" if work.hopeless else together
        yield together, partial(_one_report, run, name, report)


def _one_report(run: IndexRun, name: str, report: Callable[[], dict[str, Any]]) -> None:
    RunReport.objects.update_or_create(run=run, name=name, defaults={"report": report()})


def _replays(run: IndexRun, fit: Fitted, scope: str) -> None:
    report = {"estimates": {}, **replays.of_scope(run, fit, scope)}
    GapResult.objects.update_or_create(run=run, scope=replays.stored_as(scope), defaults={"report": report})


@transaction.atomic
def _part(run: IndexRun, fit: Fitted, name: str, made: Maker) -> None:
    GapResult.objects.update_or_create(run=run, scope=name, defaults={"report": {"estimates": {}, **made(run, fit)}})


def _answer(run: IndexRun, fit: Fitted, asked: Asked) -> None:
    _save(run, asked, _report(fit, asked))


def _conclude(run: IndexRun, *, clock: Clock) -> None:
    claims.judge(run)
    forecasts.score(run, now=clock())
    forecasts.register(run, now=clock())
    insights.find(run, now=clock())


def _report(fit: Fitted, asked: Asked, *, leave_out: bool = False) -> dict[str, Any]:
    """The answer as it is stored; where the data hold none, why."""
    try:
        report, points = answer(fit, asked, leave_out=leave_out)
    except IndexInputError as error:
        return {"reason": str(error), "estimates": {}, "series": {}, "points": []}
    return {**gap_report.to_dict(report), "points": points}


def _save(run: IndexRun, asked: Asked, report: dict[str, Any]) -> None:
    GapResult.objects.update_or_create(
        run=run,
        scope=asked.stored_scope,
        open_means=asked.open_means.value,
        region=asked.region,
        max_parameters=asked.max_parameters,
        defaults={"report": report, "shown": shown(report)},
    )
