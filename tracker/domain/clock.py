"""L4: on each benchmark, how much later open models passed each twentieth of the score than closed ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from tracker.domain.frontier import DAYS_PER_MONTH, Floats
from tracker.domain.solver import Ints

THRESHOLDS: Final = tuple(k / 20 for k in range(1, 20))
SMOOTHING_DAYS: Final = 180.0  # standard deviation of the Gaussian kernel over the day of the open crossing
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class BenchmarkScore:
    """A prepared score with what the clock needs of its model."""

    benchmark: str
    model: str
    released_on: date
    open: bool
    value: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """An open and a closed model that first passed `threshold` on their sides, and the months between them.

    `first_measured` says that the closed model was the first measured there: the level may be older than it.
    """

    benchmark: str
    threshold: float
    open_model: str
    open_on: date
    closed_model: str
    closed_on: date
    first_measured: bool

    @property
    def months(self) -> float:
        return (self.open_on - self.closed_on).days / DAYS_PER_MONTH


@dataclass(frozen=True, slots=True)
class Clock:
    """All crossings, each pair of models once per benchmark at its lowest threshold, and how many thresholds only
    closed models have passed, of all that they have."""

    crossings: tuple[Crossing, ...]
    unmatched: int
    passed: int

    @property
    def mean(self) -> float | None:
        return sum(c.months for c in self.crossings) / len(self.crossings) if self.crossings else None

    def smoothed(self, days: Sequence[date], width: float = SMOOTHING_DAYS) -> list[float | None]:
        """The lag at each day, crossings weighed by a Gaussian kernel of the time from their open side."""
        if not self.crossings:
            return [None] * len(days)
        at = np.array([c.open_on.toordinal() for c in self.crossings], dtype=float)
        lags = np.array([c.months for c in self.crossings])
        kernel = np.exp(-0.5 * ((np.array([d.toordinal() for d in days])[:, None] - at) / width) ** 2)
        total = kernel.sum(axis=1)
        # Far from every crossing the kernel's weight vanishes: nothing is known there.
        known = total > np.exp(-4.5)
        means = (kernel @ lags) / np.where(known, total, 1.0)
        return [float(m) if ok else None for m, ok in zip(means, known, strict=True)]

    def resampled(self, draws: int, seed: int) -> Floats:
        """Means over crossings in months when the benchmarks are drawn anew; NaN where none had a crossing."""
        names = sorted({c.benchmark for c in self.crossings})
        if not names:
            return np.full(draws, np.nan)
        sums = np.array([sum(c.months for c in self.crossings if c.benchmark == name) for name in names])
        counts = np.array([sum(c.benchmark == name for c in self.crossings) for name in names], dtype=float)
        drawn = np.random.default_rng(seed).multinomial(len(names), [1 / len(names)] * len(names), size=draws)
        return np.asarray((drawn @ sums) / (drawn @ counts))


def telling(group: Ints, released: Ints, value: Floats, name: Ints) -> Ints:
    """The places of the scores that a clock can read: on each side of each benchmark, which is a `group`, the first
    that passed each threshold, and the first of all; `name` is the order of the models' names. The others change
    nothing, on no day: millions need not become objects to be looked through."""
    order = np.lexsort((name, -value, released, group))
    passed = np.searchsorted(np.array(THRESHOLDS) - _ROUNDING, value[order], side="right")
    # A group's levels all lie above those of the group before it, so that each begins anew.
    level = group[order] * (len(THRESHOLDS) + 1) + passed
    before = np.concatenate([[-1], np.maximum.accumulate(level)[:-1]])
    return np.sort(order[level > before])


def clock(scores: Sequence[BenchmarkScore]) -> Clock:
    """The crossings of every benchmark and threshold that both sides have passed."""
    crossings: list[Crossing] = []
    unmatched = passed = 0
    grouped: dict[str, list[BenchmarkScore]] = {}
    for score in sorted(scores, key=lambda s: (s.released_on, -s.value, s.model)):
        grouped.setdefault(score.benchmark, []).append(score)
    for benchmark in sorted(grouped):
        rows = grouped[benchmark]
        closed_start = min((row.released_on for row in rows if not row.open), default=None)
        pairs: set[tuple[str, str]] = set()
        for threshold in THRESHOLDS:
            closed = next((r for r in rows if not r.open and r.value >= threshold - _ROUNDING), None)
            opened = next((r for r in rows if r.open and r.value >= threshold - _ROUNDING), None)
            passed += closed is not None
            unmatched += closed is not None and opened is None
            if closed is None or opened is None or (opened.model, closed.model) in pairs:
                continue
            pairs.add((opened.model, closed.model))
            first = closed.released_on == closed_start
            crossings.append(
                Crossing(
                    benchmark, threshold, opened.model, opened.released_on, closed.model, closed.released_on, first
                )
            )
    return Clock(tuple(crossings), unmatched, passed)
