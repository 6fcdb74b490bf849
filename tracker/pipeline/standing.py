"""Where each model and each benchmark stands in a run: what the pages list."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.domain import gap_report
from tracker.models import BenchmarkState, IndexRun, ModelState
from tracker.pipeline.beliefs import BelievedModel
from tracker.pipeline.believed_scores import Scores
from tracker.pipeline.benchmark_health import histories
from tracker.pipeline.fitting import Fitted, called

OPEN, CLOSED, UNTOLD = range(3)  # how it can be had, if anybody told


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
    scores = fit.beliefs.scores
    counts = dict(zip(scores.benchmarks, np.bincount(scores.benchmark, minlength=len(scores.benchmarks)), strict=True))
    best = scores.best({slug for slug, benchmark in fit.beliefs.benchmarks.items() if benchmark.lower_is_better})
    edges = np.searchsorted(best.benchmark, np.arange(len(best.benchmarks) + 1))
    parts = {slug: slice(*edges[at : at + 2]) for at, slug in enumerate(best.benchmarks)}
    sides = np.array([_side(fit.beliefs.models.get(slug)) for slug in best.models])
    rows = []
    _, months = histories(fit, intervals=False)
    for slug, benchmark in fit.beliefs.benchmarks.items():
        if not counts.get(slug):
            continue
        own = best.only(np.arange(parts[slug].start, parts[slug].stop))
        open_best, closed_best = (_leader(fit, own, sides[own.model] == side) for side in (OPEN, CLOSED))
        difficulty, slope = curves.get(called(benchmark), (None, None))
        health = months[slug][-1] if months.get(slug) else None
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
                model_count=len(own),
                score_count=int(counts[slug]),
                best_open=open_best[0] if open_best else None,
                best_open_model_id=open_best[1].id if open_best else None,
                best_closed=closed_best[0] if closed_best else None,
                best_closed_model_id=closed_best[1].id if closed_best else None,
            )
        )
    BenchmarkState.objects.bulk_create(rows, batch_size=500)


def _side(model: BelievedModel | None) -> int:
    if model is None or model.open_means is None:
        return UNTOLD
    return OPEN if model.open_means else CLOSED


def _leader(fit: Fitted, own: Scores, mine: NDArray[np.bool_]) -> tuple[float, BelievedModel] | None:
    """The best score of one side on a benchmark, of which `own` has each model's best; the earlier model where two
    share it."""
    if not mine.any():
        return None
    side = own.only(mine)
    lower = fit.beliefs.benchmarks[own.benchmarks[side.benchmark[0]]].lower_is_better
    value = float(side.value.min() if lower else side.value.max())
    equal = (fit.beliefs.models[own.models[at]] for at in side.model[side.value == value].tolist())
    return value, min(equal, key=lambda model: (model.released_on or date.max, model.name))
