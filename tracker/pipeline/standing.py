"""Where each model and each benchmark stands in a run: what the pages list."""

from collections import defaultdict
from datetime import date
from typing import Any

from tracker.domain import gap_report
from tracker.models import Benchmark, BenchmarkState, IndexRun, ModelState
from tracker.pipeline.beliefs import BelievedModel
from tracker.pipeline.benchmark_health import histories
from tracker.pipeline.fitting import Fitted, called


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
    _, months = histories(fit, intervals=False)
    for slug, benchmark in fit.beliefs.benchmarks.items():
        scores = best.get(slug, {})
        if not scores:
            continue
        difficulty, slope = curves.get(called(benchmark), (None, None))
        health = months[slug][-1] if months.get(slug) else None
        best_open = _leader(benchmark, list(scores.values()), is_open=True)
        best_closed = _leader(benchmark, list(scores.values()), is_open=False)
        rows.append(
            BenchmarkState(
                run=run,
                benchmark=benchmark,
                state=health.state.name.lower() if health else "",
                information=gap_report.number(health.information.item, 8) if health and health.information else None,
                indistinguishable=gap_report.number(health.reading.alike) if health else None,
                headroom=gap_report.number(health.reading.headroom) if health else None,
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
