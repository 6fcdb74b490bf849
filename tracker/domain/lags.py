"""The lag estimators that compare the two frontiers directly: L1, L3, L5, L6 and the gap L8, for every draw at once.

Each returns one number a draw, in days (L8: points), NaN where the draw does not identify it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tracker.domain.frontier import Days, Field, Floats

LEVELS: Final = 200  # levels of L3's grid: cells of equal height between the frontiers' common range
ALPHA: Final = 0.05
BACKCAST_MONTHS: Final = 18  # whose growth of the closed frontier dates back what it had passed before it was measured
BACKCAST_DROP: Final = 2 / 3
BACKCAST_FLAG: Final = 1 / 2
CLASS_RECORD_POINTS: Final = 5.0  # a scope's open record must be this close to the open record on all benchmarks


def mean(values: Floats) -> Floats:
    """The mean of each row's numbers; NaN for a row without any."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def backward(open_side: Field, closed_side: Field, days: Days) -> Floats:
    """L1 on each of `days`: day minus the first closed release at or above the open frontier; negative where the closed
    one came later, NaN where none has reached it or no open model was out."""
    reached = closed_side.first(open_side.best)
    place = np.searchsorted(open_side.days, days, side="right")
    padded = np.concatenate([np.full((len(reached), 1), np.nan), reached], axis=1)
    return np.asarray(days - padded[:, place])


def horizontal(open_side: Field, closed_side: Field, levels: int = LEVELS) -> Floats:
    """L3: mean over the frontiers' common range of open day minus closed day.

    The range starts above both sides' first measured level, whose day of arrival is not known, and ends at the lower of
    the two tops: what is unmatched has no distance.
    """
    low, high = _common_range(open_side, closed_side)
    grid = low[:, None] + (high - low)[:, None] * (np.arange(levels) + 0.5) / levels
    distance = open_side.first(grid) - closed_side.first(grid)
    return np.where(high > low, mean(distance), np.nan)


def unmatched_height(open_side: Field, closed_side: Field) -> Floats:
    """The share of the closed frontier's rise that lies above the open top: what L3 cannot see."""
    low, high = _common_range(open_side, closed_side)
    top = closed_side.best[:, -1]
    return np.where(top > low, np.clip((top - high) / np.maximum(top - low, 1e-12), 0.0, 1.0), np.nan)


def _common_range(open_side: Field, closed_side: Field) -> tuple[Floats, Floats]:
    low = np.maximum(open_side.best[:, 0], closed_side.best[:, 0])
    return low, np.minimum(open_side.best[:, -1], closed_side.best[:, -1])


@dataclass(frozen=True, slots=True)
class Records:
    """Open records whose lag L5 averages: release days, values per draw, and the borrowed lag in days where the scope's
    closed field started too late but all benchmarks tell."""

    days: Days
    values: Floats
    borrowed: Floats


def record_lags(records: Records, closed_side: Field) -> tuple[Floats, Floats]:
    """L5's lag of each record in each draw, in days, and whether it was dated back.

    A record whose level the closed side had passed on its first measured day takes its lag from all benchmarks where it
    can be borrowed, else the day is dated back at the closed frontier's early growth.
    """
    reached = closed_side.first(records.values)
    lags = records.days - reached
    already = closed_side.best[:, [0]] >= records.values
    rate = _early_growth(closed_side)[:, None]
    back = (closed_side.best[:, [0]] - records.values) / np.where(rate > 0, rate, np.nan)
    dated = records.days - (closed_side.days[0] - back)
    borrow = already & np.isfinite(records.borrowed)
    backcast = already & ~borrow
    lags = np.where(borrow, records.borrowed, np.where(backcast, dated, lags))
    return lags, backcast.astype(float)


def _early_growth(closed_side: Field) -> Floats:
    """Points a day of the closed frontier over its first 18 months, or over all it has if that is shorter."""
    span = round(BACKCAST_MONTHS * 365.25 / 12)
    end = min(closed_side.days[0] + span, closed_side.days[-1])
    if end <= closed_side.days[0]:
        return np.full(len(closed_side.best), np.nan)
    at_end = closed_side.best[:, np.searchsorted(closed_side.days, end, side="right") - 1]
    return np.asarray((at_end - closed_side.best[:, 0]) / float(end - closed_side.days[0]))


@dataclass(frozen=True, slots=True)
class Line:
    """A weighted line through one side's records, in points and points a day, for each draw."""

    level: Floats  # at the day asked about
    slope: Floats


def trend(side: Field, day: int, weights: Floats) -> Line:
    """The line through the records of each draw; NaN with fewer than two. `weights` has one number per release day."""
    mask = side.steps() * weights
    x = (side.days - day).astype(float)
    y = np.where(np.isfinite(side.best), side.best, 0.0)
    total = mask.sum(axis=1)
    safe = np.where(total > 0, total, 1.0)
    middle, height = (mask * x).sum(axis=1) / safe, (mask * y).sum(axis=1) / safe
    spread = (mask * (x - middle[:, None]) ** 2).sum(axis=1)
    together = (mask * (x - middle[:, None]) * (y - height[:, None])).sum(axis=1)
    slope = np.where(spread > 0, together / np.where(spread > 0, spread, 1.0), np.nan)
    return Line(height - slope * middle, slope)


def record_weights(draws: Field | None, side: Field) -> Floats:
    """One weight per release day for L6: one over the variance of the day's best value plus the median variance, so
    that an anchor, whose value is fixed, does not hold the line alone. Equal weights without draws."""
    if draws is None or len(draws.level) < 2 or not np.isfinite(draws.level).all():
        return np.ones(len(side.days))
    variance = draws.level.var(axis=0, ddof=1)
    middle = float(np.median(variance))
    return 1.0 / (variance + middle) if middle > 0 else np.ones(len(side.days))


def trend_lag(open_line: Line, closed_line: Line) -> tuple[Floats, Floats]:
    """L6 backward (gap over the closed slope) and forward (over the open slope), in days; NaN where a slope is not
    positive."""
    gap = closed_line.level - open_line.level
    with np.errstate(divide="ignore", invalid="ignore"):
        return (
            np.where(closed_line.slope > 0, gap / closed_line.slope, np.nan),
            np.where(open_line.slope > 0, gap / open_line.slope, np.nan),
        )


def vertical(open_side: Field, closed_side: Field, days: Days) -> Floats:
    """L8 on each of `days`: closed frontier minus open frontier."""
    return closed_side.at(days) - open_side.at(days)
