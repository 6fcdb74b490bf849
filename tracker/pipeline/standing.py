"""Where each model and each benchmark stands in a run: what the pages list."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from tracker.domain import gap_report
from tracker.domain.saturation import Information, Reading, State, frontier_information, headroom, states, top_alike
from tracker.models import Benchmark, BenchmarkState, IndexRun, ModelState
from tracker.pipeline.beliefs import BelievedModel
from tracker.pipeline.fitting import Fitted, called

MONTHS_READ = 18


def model_states(run: IndexRun, fit: Fitted, points: list[dict[str, Any]]) -> None:
    """One row a model: its believed release, its index value with interval, whether it is a frontier step."""
    ModelState.objects.filter(run=run).delete()
    values = fit.values
    bounds = fit.intervals()
    steps = {point["slug"]: point["side"] for point in points if point["on_frontier"]}
    rows = []
    for model in fit.beliefs.models.values():
        release, name = model.release, called(model)
        licence = fit.beliefs.licences.get(release["licence"] or "")
        band = bounds.get(name)
        rows.append(
            ModelState(
                run=run,
                model_id=model.id,
                released_on=model.released_on,
                precision=release["precision"].value if release["precision"] else "",
                access=release["access"].value if release["access"] else "",
                licence_id=licence.pk if licence else None,
                parameters=release["parameters"],
                active_parameters=release["active_parameters"],
                context=release["context"],
                open_means=[means.value for means in model.open_means or ()],
                evidence=dict(release.evidence),
                conflicts=list(release.conflicts),
                scores=model.scores,
                benchmarks=model.benchmarks,
                value=gap_report.number(values.get(name)),
                low=gap_report.number(band.low) if band else None,
                high=gap_report.number(band.high) if band else None,
                frontier=steps.get(model.slug, ""),
            )
        )
    ModelState.objects.bulk_create(rows, batch_size=2000)


def benchmark_states(run: IndexRun, fit: Fitted) -> None:
    """One row a benchmark: difficulty and slope, saturation with hysteresis, the best score of each side."""
    BenchmarkState.objects.filter(run=run).delete()
    curves = {
        name: (difficulty, slope)
        for name, difficulty, slope in zip(
            fit.index.benchmarks, fit.index.difficulty.tolist(), fit.index.slope.tolist(), strict=True
        )
    }
    best: dict[str, dict[str, tuple[float, BelievedModel]]] = defaultdict(dict)
    count: dict[str, int] = defaultdict(int)
    for score in fit.beliefs.scores:
        count[score.benchmark] += 1
        model, benchmark = fit.beliefs.models[score.model], fit.beliefs.benchmarks[score.benchmark]
        known = best[score.benchmark].get(score.model)
        if known is None or _better(benchmark, score.value, known[0]):
            best[score.benchmark][score.model] = (score.value, model)
    rows = []
    for slug, benchmark in fit.beliefs.benchmarks.items():
        scores = best.get(slug, {})
        if not scores:
            continue
        difficulty, slope = curves.get(called(benchmark), (None, None))
        reading, state = _saturation(fit, benchmark, list(scores.values()), difficulty, slope)
        best_open = _leader(benchmark, list(scores.values()), is_open=True)
        best_closed = _leader(benchmark, list(scores.values()), is_open=False)
        rows.append(
            BenchmarkState(
                run=run,
                benchmark=benchmark,
                state=state.name.lower() if state is not None else "",
                information=gap_report.number(reading.information.item, 8) if reading and reading.information else None,
                indistinguishable=gap_report.number(reading.alike) if reading else None,
                headroom=gap_report.number(reading.headroom) if reading else None,
                difficulty=gap_report.number(difficulty),
                slope=gap_report.number(slope, 6),
                model_count=len(scores),
                score_count=count[slug],
                best_open=best_open[0] if best_open else None,
                best_open_model_id=best_open[1].id if best_open else None,
                best_closed=best_closed[0] if best_closed else None,
                best_closed_model_id=best_closed[1].id if best_closed else None,
            )
        )
    BenchmarkState.objects.bulk_create(rows, batch_size=500)


def _better(benchmark: Benchmark, value: float, other: float) -> bool:
    return value < other if benchmark.lower_is_better else value > other


def _leader(
    benchmark: Benchmark, scores: list[tuple[float, BelievedModel]], *, is_open: bool
) -> tuple[float, BelievedModel] | None:
    """The best score of one side; the earlier model where two share it."""
    sign = 1.0 if benchmark.lower_is_better else -1.0
    mine = [
        (value, model) for value, model in scores if model.open_means is not None and bool(model.open_means) == is_open
    ]
    return min(mine, key=lambda row: (sign * row[0], row[1].released_on or date.max, row[1].name), default=None)


def _saturation(
    fit: Fitted,
    benchmark: Benchmark,
    scores: list[tuple[float, BelievedModel]],
    difficulty: float | None,
    slope: float | None,
) -> tuple[Reading | None, State | None]:
    """This month's signals and the state after replaying the last months by release date. None outside 0..1 scales."""
    if benchmark.unit not in ("proportion", "rate") or benchmark.lower_is_better:
        return None, None
    dated = [(value, model.released_on) for value, model in scores if model.released_on]
    closed = [
        (value, model.released_on)
        for name, value in fit.values.items()
        if (model := fit.model(name)).released_on and model.open_means == ()
    ]
    readings = []
    for month in _months(fit.as_of):
        known = [value for value, on in dated if on <= month]
        frontier = max((value for value, on in closed if on is not None and on <= month), default=None)
        if not known:
            continue
        information: Information | None = None
        if difficulty is not None and slope is not None and frontier is not None:
            information = frontier_information(slope, difficulty, frontier, benchmark.items)
        newest = max(on for _, on in dated if on <= month)
        readings.append(
            Reading(
                month=month,
                information=information,
                alike=top_alike(known, benchmark.items),
                headroom=headroom(known, benchmark.ceiling or 1.0),
                idle_months=(month - newest).days / 30.44,
            )
        )
    if not readings:
        return None, None
    return readings[-1], states(readings)[-1].state


def _months(as_of: date) -> list[date]:
    """The day itself and the ends of the months before it, oldest first."""
    days = [as_of]
    while len(days) < MONTHS_READ:
        days.append(days[-1].replace(day=1) - timedelta(days=1))
    return days[::-1]
