"""What each month's end says of a benchmark since it came out: its signals, its state, and how sure the first is."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import nlargest
from itertools import accumulate
from typing import Final

import numpy as np

from tracker.domain.frontier import DAYS_PER_MONTH, Floats
from tracker.domain.index_draws import LEVEL
from tracker.domain.saturation import (
    TOP,
    Information,
    Reading,
    State,
    frontier_information,
    headroom,
    states,
    top_alike,
)

_STEEPEST: Final = 500.0  # beyond it the exponential overflows and the curve is flat anyway


@dataclass(frozen=True, slots=True)
class Curve:
    """A benchmark on the index: the ability that scores half-way, and how fast scores rise there; `drawn` holds both
    for every draw, each an array."""

    difficulty: float
    slope: float
    drawn: tuple[Floats, Floats] | None = None


@dataclass(frozen=True, slots=True)
class Levels:
    """The closed frontier at each month's end; None before the first closed model. `drawn` is draws by months."""

    months: tuple[date, ...]
    level: tuple[float | None, ...]
    drawn: Floats | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """One month of one benchmark. `low` and `high` bound the information per item; `best` is the best score so far of
    `models` models released by then."""

    reading: Reading
    state: State
    seen: State
    models: int
    best: float
    frontier: float | None
    low: float | None
    high: float | None

    @property
    def month(self) -> date:
        return self.reading.month

    @property
    def information(self) -> Information | None:
        return self.reading.information


def month_ends(first: date, last: date) -> list[date]:
    """The ends of the months from that of `first` to the one before `last`, and `last` itself, oldest first."""
    days = [last]
    while (before := days[-1].replace(day=1) - timedelta(days=1)) >= first:
        days.append(before)
    return days[::-1]


def levels(
    released: Sequence[date], abilities: Sequence[float], months: Sequence[date], drawn: Floats | None = None
) -> Levels:
    """The best ability released by each month's end; the columns of `drawn` are the same models' draws."""
    order = sorted(range(len(released)), key=lambda at: released[at])
    known = [bisect_right(order, month, key=lambda at: released[at]) for month in months]
    best = list(accumulate((abilities[at] for at in order), max))
    found = tuple(best[count - 1] if count else None for count in known)
    if drawn is None:
        return Levels(tuple(months), found)
    # The best so far in each draw, with a column before it for when there is none.
    so_far = np.fmax.accumulate(np.column_stack([np.full(len(drawn), np.nan), drawn[:, order]]), axis=1)
    return Levels(tuple(months), found, so_far[:, known])


def health(
    scores: Sequence[tuple[date, float]],
    frontier: Levels,
    curve: Curve | None,
    *,
    items: int | None,
    ceiling: float = 1.0,
) -> list[Health]:
    """The benchmark's months, oldest first, replayed by the models' release dates: a month knows what had been released
    by then. `scores` holds each model's release and best score; months before the first of them are left out."""
    bounds = _bounds(frontier, curve)
    readings, rest = [], []
    coming = sorted(scores)
    count, best = 0, list[float]()
    for at, month in enumerate(frontier.months):
        before = count
        while count < len(coming) and coming[count][0] <= month:
            count += 1
        if not count:
            continue
        # The signals rest on the best few.
        best = nlargest(TOP, [*best, *(value for _, value in coming[before:count])])
        level = frontier.level[at]
        information = None
        if curve is not None and level is not None:
            information = frontier_information(curve.slope, curve.difficulty, level, items)
        readings.append(
            Reading(
                month=month,
                information=information,
                alike=top_alike(best, items),
                headroom=headroom(best, ceiling),
                idle_months=(month - coming[count - 1][0]).days / DAYS_PER_MONTH,
            )
        )
        rest.append((count, best[0], level, *bounds[at]))
    return [
        Health(reading, monthly.state, monthly.seen, *more)
        for reading, monthly, more in zip(readings, states(readings), rest, strict=True)
    ]


def _bounds(frontier: Levels, curve: Curve | None) -> list[tuple[float | None, float | None]]:
    """The central 90 % of the information per item over the draws: of the curve and of the frontier together."""
    if curve is None or curve.drawn is None or frontier.drawn is None:
        return [(None, None)] * len(frontier.months)
    difficulty, slope = (array[:, None] for array in curve.drawn)
    place = np.clip(slope * (frontier.drawn - difficulty), -_STEEPEST, _STEEPEST)
    predicted = 1.0 / (1.0 + np.exp(-place))
    found: list[tuple[float | None, float | None]] = []
    tail = (1.0 - LEVEL) / 2.0
    for column in (slope**2 * predicted * (1.0 - predicted)).T:
        known = column[np.isfinite(column)]
        if len(known) < 2:
            found.append((None, None))
        else:
            low, high = np.quantile(known, (tail, 1.0 - tail))
            found.append((float(low), float(high)))
    return found


def resolution(information: Information | None) -> float | None:
    """The standard error, in index points, with which all items together place a model at the frontier: what the number
    of items alone would allow."""
    if information is None or information.total is None or information.total <= 0.0:
        return None
    return 1.0 / math.sqrt(information.total)
