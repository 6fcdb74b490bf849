"""A run's benchmarks month by month: how much each told of the frontier, and what state that put it in."""

from collections import defaultdict
from datetime import date
from typing import Any, Final

import numpy as np

from tracker.domain.benchmark_health import Curve, Health, Levels, health, levels, month_ends, resolution
from tracker.domain.frontier import Floats
from tracker.domain.gap_report import number
from tracker.models import Benchmark, IndexRun
from tracker.pipeline.fitting import Fitted, called

NAME: Final = "benchmark-health"
# The order of one month's values in the report: a list a month is a third of the size of a dict a month.
FIELDS: Final = (
    "month", "state", "seen", "models", "best", "predicted", "information", "low", "high", "share", "alike", "headroom",
    "resolution",
)  # fmt: skip
TREND_MONTHS: Final = 18
_UNITS: Final = ("proportion", "rate")


def make(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """The report `benchmark-health`: the closed frontier at every month's end, each benchmark's months, and the last of
    them as a trend. Nothing is fitted again: the curves and the abilities are the run's own."""
    frontier, found = histories(fit)
    return {
        "frontier": _frontier(frontier),
        "fields": FIELDS,
        "benchmarks": {slug: [_month(row) for row in rows] for slug, rows in found.items()},
        "latest": {slug: [*_month(rows[-1]), _since_when(rows).isoformat()] for slug, rows in found.items() if rows},
        "trends": {slug: [_share(row) for row in rows[-TREND_MONTHS:]] for slug, rows in found.items()},
    }


def histories(fit: Fitted, *, intervals: bool = True) -> tuple[Levels, dict[str, list[Health]]]:
    """The closed frontier by month, and the months of every benchmark that has a ceiling to come near to."""
    closed = [
        (at, model.released_on, value)
        for at, (name, value) in enumerate(fit.values.items())
        if (model := fit.model(name)).released_on and model.open_means == ()
    ]
    best = _best(fit)
    first = min((on for _, on, _ in closed), default=None) or min(
        (on for scores in best.values() for on, _ in scores), default=fit.as_of
    )
    drawn = fit.draws.ability[:, [at for at, _, _ in closed]].astype(float) if intervals and closed else None
    frontier = levels(
        [on for _, on, _ in closed], [value for _, _, value in closed], month_ends(first, fit.as_of), drawn
    )
    curves = _curves(fit, intervals=intervals)
    return frontier, {
        slug: health(
            best[slug],
            _since(frontier, benchmark.released_on),
            curves.get(called(benchmark)),
            items=benchmark.items,
            ceiling=benchmark.ceiling or 1.0,
        )
        for slug, benchmark in sorted(fit.beliefs.benchmarks.items())
        if _measurable(benchmark) and slug in best
    }


def _measurable(benchmark: Benchmark) -> bool:
    """Whether the benchmark has a ceiling to come near to: saturation means nothing for ratings and minutes."""
    return benchmark.unit in _UNITS and not benchmark.lower_is_better


def _curves(fit: Fitted, *, intervals: bool) -> dict[str, Curve]:
    column = {name: at for at, name in enumerate(fit.draws.benchmarks)} if intervals else {}
    difficulty, slope = fit.draws.difficulty.astype(float), fit.draws.slope.astype(float)

    def drawn(name: str) -> tuple[Floats, Floats] | None:
        return (difficulty[:, column[name]], slope[:, column[name]]) if intervals else None

    return {
        name: Curve(middle, steepness, drawn(name))
        for name, middle, steepness in zip(
            fit.index.benchmarks, fit.index.difficulty.tolist(), fit.index.slope.tolist(), strict=True
        )
    }


def _best(fit: Fitted) -> dict[str, list[tuple[date, float]]]:
    """Each model's best believed score by benchmark, with the day it was released."""
    scores, models = fit.beliefs.scores.best(), fit.beliefs.models
    released = {at: models[scores.models[at]].released_on for at in np.unique(scores.model).tolist()}
    best: dict[str, list[tuple[date, float]]] = defaultdict(list)
    for benchmark, model, value in zip(
        scores.benchmark.tolist(), scores.model.tolist(), scores.value.tolist(), strict=True
    ):
        if on := released[model]:
            best[scores.benchmarks[benchmark]].append((on, value))
    return best


def _since(frontier: Levels, released_on: date | None) -> Levels:
    """The months in which the benchmark was there: before it came out nobody could be told apart by it."""
    first = next((at for at, month in enumerate(frontier.months) if released_on is None or month >= released_on), None)
    if first is None:
        return Levels((), (), None if frontier.drawn is None else np.empty((len(frontier.drawn), 0)))
    drawn = None if frontier.drawn is None else frontier.drawn[:, first:]
    return Levels(frontier.months[first:], frontier.level[first:], drawn)


def _frontier(frontier: Levels) -> list[list[Any]]:
    return [[month.isoformat(), number(level)] for month, level in zip(frontier.months, frontier.level, strict=True)]


def _month(row: Health) -> list[Any]:
    information = row.information
    return [
        row.month.isoformat(),
        row.state.name.lower(),
        row.seen.name.lower(),
        row.models,
        number(row.best),
        number(information.predicted) if information else None,
        number(information.item, 8) if information else None,
        number(row.low, 8),
        number(row.high, 8),
        number(information.share) if information else None,
        number(row.reading.alike),
        number(row.reading.headroom),
        number(resolution(information)),
    ]


def _since_when(rows: list[Health]) -> date:
    """The first month of the state that the benchmark is in."""
    first = rows[-1]
    for row in reversed(rows):
        if row.state is not first.state:
            break
        first = row
    return first.month


def _share(row: Health) -> float | None:
    return number(row.information.share, 3) if row.information else None
