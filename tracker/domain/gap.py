"""Index values to the answer: both frontiers, the lag under every definition L1 to L8, and how far to trust each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain import lags
from tracker.domain.clock import BenchmarkScore, Clock, clock
from tracker.domain.comparison import Data, Reference
from tracker.domain.estimate import DEFINITIONS, Estimate, Estimator
from tracker.domain.estimators import estimate_all, over_draws
from tracker.domain.frontier import FrontierStep, Point, Release, field, frontier, months
from tracker.domain.gap_tolerance import tolerant_estimates
from tracker.domain.index import ScaleName
from tracker.domain.index_draws import Draws, Float32s
from tracker.domain.survival import Survival, draw_curves, subjects, survive

METHOD: Final = "gap-1"
WINDOW_DAYS: Final = 365
INTERVAL_LEVEL: Final = 0.9


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """A day of a series; None where the data do not tell."""

    on: date
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class BenchmarkLayer:
    """How far one estimate moves when one benchmark is left out; `values` is by benchmark."""

    id: Estimator
    low: float | None
    high: float | None
    values: tuple[tuple[str, float | None], ...]


@dataclass(frozen=True, slots=True)
class GapReport:
    """The whole answer for one scope and day. Uncertainty comes in three layers, never mixed: each estimate's own
    interval (scores), `benchmarks` (which were used) and `spread` (which definition: least and most of L1 to L7)."""

    as_of: date
    scale: ScaleName
    open_frontier: tuple[FrontierStep, ...]
    closed_frontier: tuple[FrontierStep, ...]
    estimates: tuple[Estimate, ...]
    spread: tuple[float, float] | None
    survival: Survival | None
    lag_series: tuple[SeriesPoint, ...]
    gap_series: tuple[SeriesPoint, ...]
    clock_series: tuple[SeriesPoint, ...]
    benchmarks: tuple[BenchmarkLayer, ...]
    open_models: int
    closed_models: int
    draws: int
    tolerant: tuple[Estimate, ...] = ()
    method: str = METHOD

    def estimate(self, name: str) -> Estimate:
        """The estimate called L1 to L8."""
        return self.estimates[list(Estimator).index(Estimator(name))]


def columns(draws: Draws, models: Sequence[str]) -> Float32s:
    """The draws' abilities with one column for each of `models`, in their order."""
    place = {name: at for at, name in enumerate(draws.models)}
    return draws.ability[:, [place[name] for name in models]]


def gap(
    releases: Sequence[Release],
    as_of: date,
    *,
    draws: NDArray[np.floating] | None = None,
    scores: Sequence[BenchmarkScore] = (),
    scale: ScaleName = "eci",
    window_days: int = WINDOW_DAYS,
    refits: tuple[Sequence[str], NDArray[np.floating]] | None = None,
    unevaluated: Sequence[Point] = (),
    reference: Reference | None = None,
) -> GapReport:
    """The report on the models released by `as_of`.

    `draws` has a row per draw and a column per release, `refits` the benchmarks left out and such rows for them,
    `unevaluated` open models without any score (their value is not read), `reference` the benchmark in whose terms the
    vertical gap is also told. L4 needs `scores`, L2 needs `draws`.
    """
    data = compared(
        releases, as_of, draws=draws, scores=scores, scale=scale, window_days=window_days, reference=reference
    )
    kept = [at for at, release in enumerate(releases) if release.released_on <= as_of]
    survival = _survival(data, unevaluated)
    estimates = estimate_all(data, survival, over_draws(data), INTERVAL_LEVEL)
    values = [e.value for e in estimates if e.value is not None and DEFINITIONS[e.id].unit == "months"]
    lag_series, gap_series, clock_series = _series(data)
    return GapReport(
        as_of=as_of,
        scale=scale,
        open_frontier=_steps(data, data.opens),
        closed_frontier=_steps(data, data.closeds),
        estimates=estimates,
        spread=(min(values), max(values)) if values else None,
        survival=survival,
        lag_series=lag_series,
        gap_series=gap_series,
        clock_series=clock_series,
        benchmarks=_layers(data, refits, kept) if refits is not None else (),
        open_models=len(data.opens),
        closed_models=len(data.closeds),
        draws=0 if data.drawn is None else len(data.drawn),
        tolerant=tolerant_estimates(data, INTERVAL_LEVEL),
    )


def compared(
    releases: Sequence[Release],
    as_of: date,
    *,
    draws: NDArray[np.floating] | None = None,
    scores: Sequence[BenchmarkScore] = (),
    scale: ScaleName = "eci",
    window_days: int = WINDOW_DAYS,
    reference: Reference | None = None,
) -> Data:
    """What the estimators read of the models released by `as_of`; see `gap`."""
    kept = [at for at, release in enumerate(releases) if release.released_on <= as_of]
    known = [releases[at] for at in kept]
    central = np.array([[release.value for release in known]], dtype=float).reshape(1, len(known))
    drawn = None if draws is None or len(draws) < 2 else draws if len(kept) == len(releases) else draws[:, kept]
    ticks = clock([score for score in scores if score.released_on <= as_of])
    return Data(
        releases=known,
        as_of=as_of,
        since=as_of - timedelta(days=window_days - 1),
        scale=scale,
        central=central,
        drawn=drawn,
        open_side=field(known, central, open_side=True),
        closed_side=field(known, central, open_side=False),
        open_draws=None if drawn is None else field(known, drawn, open_side=True),
        closed_draws=None if drawn is None else field(known, drawn, open_side=False),
        opens=tuple(Point(r.released_on, r.value, r.model) for r in known if r.open),
        closeds=tuple(Point(r.released_on, r.value, r.model) for r in known if not r.open),
        clock=ticks,
        has_scores=bool(scores),
        reference=reference,
    )


def _survival(data: Data, unevaluated: Sequence[Point]) -> Survival | None:
    if not data.opens or not data.closeds:
        return None
    found = subjects(frontier(data.closeds), data.opens, data.as_of, unevaluated)
    curves = None
    if data.open_draws is not None and data.closed_draws is not None:
        curves = draw_curves(data.open_draws, data.closed_draws, data.as_of)
    return survive(found, curves, INTERVAL_LEVEL)


def _steps(data: Data, points: Sequence[Point]) -> tuple[FrontierStep, ...]:
    place = {release.model: at for at, release in enumerate(data.releases)}
    steps = []
    for point in frontier(points):
        low = high = None
        if data.drawn is not None:
            column = data.drawn[:, place[point.model]].astype(float)
            # A model that is the same in every draw holds the scale: it has no interval.
            if np.ptp(column) > 1e-4:
                tail = (1 - INTERVAL_LEVEL) / 2
                low, high = (float(bound) for bound in np.quantile(column, (tail, 1 - tail)))
        steps.append(FrontierStep(point.model, point.on, point.value, low, high))
    return tuple(steps)


def _series(data: Data) -> tuple[tuple[SeriesPoint, ...], ...]:
    """L1, the vertical gap and the smoothed clock on the first of each month since both sides exist, and today."""
    if not data.opens or not data.closeds:
        return (), (), ()
    start = max(min(p.on for p in data.opens), min(p.on for p in data.closeds))
    days = [start]
    while (following := (days[-1].replace(day=1) + timedelta(days=32)).replace(day=1)) < data.as_of:
        days.append(following)
    if days[-1] < data.as_of:
        days.append(data.as_of)
    at = np.array([day.toordinal() for day in days], dtype=np.int64)
    back = months(lags.backward(data.open_side, data.closed_side, at))[0]
    high = lags.vertical(data.open_side, data.closed_side, at)[0]
    back_draws = high_draws = None
    if data.open_draws is not None and data.closed_draws is not None:
        back_draws = months(lags.backward(data.open_draws, data.closed_draws, at))
        high_draws = lags.vertical(data.open_draws, data.closed_draws, at)
    smooth = tuple(SeriesPoint(day, value) for day, value in zip(days, data.clock.smoothed(days), strict=True))
    return _points(days, back, back_draws), _points(days, high, high_draws), smooth


def _points(
    days: Sequence[date], centre: NDArray[np.float64], drawn: NDArray[np.float64] | None
) -> tuple[SeriesPoint, ...]:
    points = []
    tail = (1 - INTERVAL_LEVEL) / 2
    for at, day in enumerate(days):
        low = high = None
        if drawn is not None:
            column = drawn[:, at][np.isfinite(drawn[:, at])]
            if 2 * len(column) > len(drawn):
                low, high = (float(bound) for bound in np.quantile(column, (tail, 1 - tail)))
        points.append(SeriesPoint(day, float(centre[at]) if np.isfinite(centre[at]) else None, low, high))
    return tuple(points)


def _layers(
    data: Data, refits: tuple[Sequence[str], NDArray[np.floating]], kept: Sequence[int]
) -> tuple[BenchmarkLayer, ...]:
    """Each estimate once per refit. L2's certainties stay those of the draws: a refit is one number a model."""
    labels, values = refits[0], np.asarray(refits[1], dtype=float)[:, kept]
    if data.empty:
        return ()
    opened, closed = field(data.releases, values, open_side=True), field(data.releases, values, open_side=False)
    found = dict(over_draws(data, opened, closed, values))
    found[Estimator.L7] = draw_curves(opened, closed, data.as_of).median()
    without = [Clock(tuple(c for c in data.clock.crossings if c.benchmark != label), 0, 0).mean for label in labels]
    found[Estimator.L4] = np.array([np.nan if mean is None else mean for mean in without])
    layers = []
    for name in Estimator:
        if name in found:
            column = [float(v) if np.isfinite(v) else None for v in found[name]]
            some = [v for v in column if v is not None]
            pairs = tuple(zip(labels, column, strict=True))
            layers.append(BenchmarkLayer(name, min(some, default=None), max(some, default=None), pairs))
    return tuple(layers)
