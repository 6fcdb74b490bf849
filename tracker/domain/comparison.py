"""What the estimators compare: the releases of one scope on one day, both sides, the centre and the draws."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tracker.domain.clock import Clock
from tracker.domain.frontier import Days, Field, Floats, Point, Release
from tracker.domain.index import ScaleName


@dataclass(frozen=True, slots=True)
class Reference:
    """A benchmark's curve on the public scale, in whose terms the vertical gap is told."""

    name: str
    difficulty: float
    slope: float

    def score(self, ability: float) -> float:
        return 1.0 / (1.0 + math.exp(-max(-500.0, min(500.0, self.slope * (ability - self.difficulty)))))


@dataclass(frozen=True, slots=True)
class Data:
    """Everything the estimators read, cut off at `as_of`; `since` is the first day of the window."""

    releases: Sequence[Release]
    as_of: date
    since: date
    scale: ScaleName
    central: Floats
    drawn: NDArray[np.floating] | None
    open_side: Field
    closed_side: Field
    open_draws: Field | None
    closed_draws: Field | None
    opens: tuple[Point, ...]
    closeds: tuple[Point, ...]
    clock: Clock
    has_scores: bool
    reference: Reference | None

    @property
    def empty(self) -> bool:
        return not self.opens or not self.closeds

    @property
    def window(self) -> tuple[date, date]:
        return self.since, self.as_of

    @property
    def history(self) -> tuple[date, date]:
        return min(release.released_on for release in self.releases), self.as_of

    @property
    def window_days(self) -> Days:
        return np.arange(self.since.toordinal(), self.as_of.toordinal() + 1, dtype=np.int64)


def as_on(data: Data, day: date, since: date, ticks: Clock) -> Data:
    """What was to be compared on an earlier day, cut out of later data whose releases stand in the order of their days;
    `ticks` is the clock of that day."""
    many, last = bisect_right(data.releases, day, key=lambda release: release.released_on), day.toordinal()
    opens, closeds = (points[: bisect_right(points, day, key=lambda p: p.on)] for points in (data.opens, data.closeds))
    return replace(
        data,
        releases=data.releases[:many],
        as_of=day,
        since=since,
        central=data.central[:, :many],
        drawn=None if data.drawn is None else data.drawn[:, :many],
        open_side=data.open_side.until(last),
        closed_side=data.closed_side.until(last),
        open_draws=None if data.open_draws is None else data.open_draws.until(last),
        closed_draws=None if data.closed_draws is None else data.closed_draws.until(last),
        opens=opens,
        closeds=closeds,
        clock=ticks,
    )
