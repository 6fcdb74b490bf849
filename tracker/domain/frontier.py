"""Which releases moved the open and the closed frontier, and when each side first reached a level."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Days = NDArray[np.int64]
Bools = NDArray[np.bool_]

DAYS_PER_MONTH: Final = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Release:
    """A model on the index. `overall` is its value on all benchmarks where `value` is that of a narrower scope.

    `lab` is for readers: one release per lab and day, as L5 asks, follows from one step per side and day.
    """

    model: str
    released_on: date
    open: bool
    value: float
    lab: str = ""
    overall: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A model's value on the day of its release, on the index or on whatever other scale is asked about."""

    on: date
    value: float
    model: str


@dataclass(frozen=True, slots=True)
class FrontierStep:
    """A model that beat every earlier one on its side, with the interval of its own value."""

    model: str
    released_on: date
    value: float
    low: float | None = None
    high: float | None = None


def frontier(points: Iterable[Point]) -> list[Point]:
    """The points that beat every point released before them, oldest first; a tie is left to the earlier point."""
    best: list[Point] = []
    for point in sorted(points, key=lambda p: (p.on, -p.value, p.model)):
        if not best or point.value > best[-1].value:
            best.append(point)
    return best


def lag(point: Point, others: Iterable[Point]) -> timedelta | None:
    """How long after the other side this level was reached: negative if the other side came later, None if it has not
    reached it yet."""
    first = min((p.on for p in others if p.value >= point.value), default=None)
    return None if first is None else point.on - first


@dataclass(frozen=True, slots=True)
class Field:
    """One side by release day, in every draw: `level[s, d]` is the best value released on day d, `best[s, d]` the best
    so far, minus infinity where a draw knows none of them."""

    days: Days
    level: Floats
    best: Floats

    @property
    def empty(self) -> bool:
        return len(self.days) == 0

    def first(self, levels: Floats) -> Floats:
        """The day each level was first reached in its draw; NaN where it has not been, or where there is no level."""
        ends = np.append(self.days.astype(float), np.nan)
        places = [best.searchsorted(level) for best, level in zip(self.best, levels, strict=True)]
        found = ends[np.array(places, dtype=np.intp).reshape(levels.shape)]
        return np.where(np.isfinite(levels), found, np.nan)

    def until(self, day: int) -> "Field":
        """The side as it was on that day."""
        known = int(np.searchsorted(self.days, day, side="right"))
        return Field(self.days[:known], self.level[:, :known], self.best[:, :known])

    def rows(self, count: int) -> "Field":
        """The side in the first draws only."""
        return Field(self.days, self.level[:count], self.best[:count])

    def at(self, days: Days) -> Floats:
        """The frontier's level on each day; NaN before the first release."""
        place = np.searchsorted(self.days, days, side="right")
        padded = np.concatenate([np.full((len(self.best), 1), np.nan), self.best], axis=1)
        return np.where(np.isfinite(padded[:, place]), padded[:, place], np.nan)

    def steps(self) -> Bools:
        """Where a day's best release beat everything before it."""
        before = np.concatenate([np.full((len(self.best), 1), -np.inf), self.best[:, :-1]], axis=1)
        return np.asarray(self.level > before)


def field(releases: Sequence[Release], values: NDArray[np.floating], *, open_side: bool) -> Field:
    """One side of `releases`, whose values in each draw are the columns of `values`; NaN counts as not measured."""
    side = [at for at, release in enumerate(releases) if release.open == open_side]
    side.sort(key=lambda at: releases[at].released_on)
    released = np.array([releases[at].released_on.toordinal() for at in side], dtype=np.int64)
    if not side:
        nothing = np.empty((len(values), 0))
        return Field(released, nothing, nothing)
    days, starts = np.unique(released, return_index=True)
    known = np.nan_to_num(values[:, side], copy=False, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    # One number a day is exact and small; the values of all models stay in the precision that they came in.
    level = np.maximum.reduceat(known, starts, axis=1).astype(float)
    return Field(days, level, np.maximum.accumulate(level, axis=1))


def months(days: Floats) -> Floats:
    """Days as months of 365.25 / 12 days."""
    return days / DAYS_PER_MONTH
