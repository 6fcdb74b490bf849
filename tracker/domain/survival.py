"""L7: how long closed records stayed unmatched, as survival times: Kaplan-Meier, Greenwood, Turnbull, Rubin."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from tracker.domain.frontier import DAYS_PER_MONTH, Bools, Field, Floats, Point

RMST_MONTHS: Final = 12.0
MATCHED_WITHIN: Final = (6.0, 12.0)
LEVEL: Final = 0.9


@dataclass(frozen=True, slots=True)
class Subject:
    """A closed record on its way to being matched, in months. `months` is at least 0; `signed` keeps a lead of the open
    side as a negative number. `since` is when an unevaluated open model first might have matched it."""

    model: str
    on: date
    value: float
    months: float
    matched: bool
    matched_by: str | None = None
    matched_on: date | None = None
    signed: float | None = None
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """The share of closed records unmatched after so many months: a step function that starts at 1. `times` has shape
    (T,), the others (T,) for one curve or (draws, T) for one a draw."""

    times: Floats
    survival: Floats
    variance: Floats  # Greenwood's

    def at(self, times: Floats) -> tuple[Floats, Floats]:
        """The share and its variance at each time; beyond the last time as at the last."""
        place = np.searchsorted(self.times, times, side="right")
        return _from(1.0, self.survival)[..., place], _from(0.0, self.variance)[..., place]

    def median(self) -> Floats:
        """The months after which at most half was unmatched; infinite while more than half is."""
        return np.asarray(np.append(self.times, math.inf)[(self.survival > 0.5).sum(axis=-1)])

    def rmst(self, limit: float = RMST_MONTHS) -> tuple[Floats, Floats]:
        """The mean time unmatched within the limit, and its variance."""
        inside = self.times < limit
        edges = np.concatenate([[0.0], self.times[inside], [limit]])
        heights = _from(1.0, self.survival[..., inside])
        areas = np.diff(edges) * heights
        # Greenwood's term of each time weighs the area that is still to come after it, squared.
        after = areas[..., ::-1].cumsum(axis=-1)[..., ::-1][..., 1:]
        with np.errstate(divide="ignore", invalid="ignore"):
            total = np.where(heights[..., 1:] > 0, self.variance[..., inside] / heights[..., 1:] ** 2, 0.0)
        terms = np.diff(_from(0.0, total), axis=-1).clip(0.0)
        return areas.sum(axis=-1), (terms * after**2).sum(axis=-1)


def _from(start: float, values: Floats) -> Floats:
    """The values with one more before them."""
    return np.concatenate([np.full((*values.shape[:-1], 1), start), values], axis=-1)


@dataclass(frozen=True, slots=True)
class BandPoint:
    """The share of closed records still unmatched after so many months, 0 to 1, with its pooled band."""

    months: float
    unmatched: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Survival:
    """L7's figures. `median` is None while more than half is unmatched, `median_high` where the band stays above."""

    subjects: tuple[Subject, ...]
    median: float | None
    median_low: float | None
    median_high: float | None
    rmst: float
    rmst_low: float
    rmst_high: float
    within: tuple[tuple[float, float, float, float], ...]  # months, share matched, low, high
    band: tuple[BandPoint, ...]
    turnbull_median: tuple[float, float] | None
    follow_up: float


def subjects(
    closed_frontier: Sequence[Point], opens: Sequence[Point], as_of: date, unevaluated: Sequence[Point] = ()
) -> tuple[Subject, ...]:
    """Each closed record with the first open model at or above it; unmatched ones are censored on `as_of`."""
    found = []
    for step in closed_frontier:
        match = min((p for p in opens if p.value >= step.value), key=lambda p: (p.on, -p.value, p.model), default=None)
        end = as_of if match is None else match.on
        signed = (end - step.on).days / DAYS_PER_MONTH
        waiting = [p.on for p in unevaluated if step.on < p.on < end]
        since = (min(waiting) - step.on).days / DAYS_PER_MONTH if waiting else None
        found.append(
            Subject(
                step.model,
                step.on,
                step.value,
                months=max(0.0, signed),
                matched=match is not None,
                matched_by=match.model if match else None,
                matched_on=match.on if match else None,
                signed=signed if match else None,
                since=since,
            )
        )
    return tuple(found)


def product_limit(durations: Floats, matched: Floats, counted: Bools | None = None) -> Curve:
    """Kaplan and Meier's curve of durations in months (n,), and whether each ended in a match (n,).

    With `counted` (draws, n) one curve a draw, of those that it counts; the others may then be (draws, n) as well. All
    stand on the times that any draw has: where a draw has none, its curve stays as it is.
    """
    one = counted is None
    rows = np.ones((1, durations.shape[-1]), bool) if counted is None else counted
    times, place = np.unique(np.broadcast_to(durations, rows.shape)[rows], return_inverse=True)
    cells = np.nonzero(rows)[0] * len(times) + place
    shape = (len(rows), len(times))
    ended = np.bincount(cells, minlength=len(rows) * len(times)).reshape(shape)
    hits = np.broadcast_to(matched, rows.shape)[rows].astype(float)
    events = np.bincount(cells, hits, minlength=len(rows) * len(times)).reshape(shape)
    at_risk = ended[:, ::-1].cumsum(axis=1)[:, ::-1].astype(float)
    survival = np.cumprod(1.0 - events / np.maximum(at_risk, 1.0), axis=1)
    variance = _greenwood(survival, at_risk, events.astype(float))
    return Curve(times, survival[0], variance[0]) if one else Curve(times, survival, variance)


def _greenwood(survival: Floats, at_risk: Floats, events: Floats) -> Floats:
    left = at_risk - events
    # When the last one at risk is matched the curve ends at 0, where Greenwood's formula has no value: none is added.
    terms = np.where(left > 0, events / np.where(left > 0, at_risk * left, 1.0), 0.0)
    return np.asarray(survival**2 * np.cumsum(terms, axis=-1))


def turnbull(found: Sequence[Subject]) -> tuple[float, float] | None:
    """The bounds between which the median lies when a match may have come as early as the first unevaluated open model:
    the sensitivity run. None where fewer than half were matched even so.

    Dates are known to the day, so a plain match at u months is one within the day that ends there.
    """
    from lifelines import KaplanMeierFitter

    if not any(subject.matched for subject in found):
        return None
    day = 1.0 / DAYS_PER_MONTH
    lower, upper = [], []
    for subject in found:
        exact = max(0.0, subject.months - day) if subject.matched else subject.months
        lower.append(exact if subject.since is None else min(exact, subject.since))
        upper.append(max(subject.months, day) if subject.matched else math.inf)
    # Where one interval holds everything its odds are infinite, which lifelines' own steps bear.
    with np.errstate(divide="ignore", invalid="ignore"):
        table = KaplanMeierFitter().fit_interval_censoring(lower, upper).survival_function_
    times, unmatched = table.index.to_numpy(float), table["NPMLE_estimate_lower"].to_numpy(float)
    below = np.flatnonzero((unmatched <= 0.5) & np.isfinite(times))
    if not below.size:
        return None
    return float(times[max(0, below[0] - 1)]), float(times[below[0]])


def draw_curves(open_side: Field, closed_side: Field, as_of: date) -> Curve:
    """One curve a draw, from that draw's own closed records and matches; a draw without records has none."""
    reached = open_side.first(closed_side.best)
    matched = np.isfinite(reached)
    ends = np.where(matched, reached, float(as_of.toordinal()))
    waits = np.maximum(0.0, ends - closed_side.days) / DAYS_PER_MONTH
    steps = closed_side.steps()
    known = steps.any(axis=1)
    return product_limit(waits[known], matched[known].astype(float), steps[known])


def pooled_variance(within: Floats, estimates: Floats) -> Floats:
    """Rubin's rule over the rows: the mean variance within a draw plus (1 + 1/S) times the variance between draws."""
    draws = len(estimates)
    between = estimates.var(axis=0, ddof=1) if draws > 1 else np.zeros(estimates.shape[1:])
    return np.asarray(within.mean(axis=0) + (1.0 + 1.0 / draws) * between)


def survive(found: tuple[Subject, ...], draws: Curve | None, level: float = LEVEL) -> Survival:
    """All of L7: the central curve, its band by Greenwood within draws and Rubin over them, if there are draws."""
    durations = np.array([subject.months for subject in found])
    matched = np.array([float(subject.matched) for subject in found])
    curve = product_limit(durations, matched)
    median = float(curve.median())
    if draws is None or not len(draws.survival):
        draws = Curve(curve.times, curve.survival[None], curve.variance[None])
    z = statistics.NormalDist().inv_cdf(0.5 + level / 2)
    end = float(durations.max())
    grid = np.union1d(np.arange(0.0, end * DAYS_PER_MONTH + 1.0) / DAYS_PER_MONTH, curve.times)
    survival, low, high = _band(curve, draws, grid, z)
    means, spreads = draws.rmst()
    rmst = float(curve.rmst()[0])
    margin = z * math.sqrt(float(pooled_variance(spreads[:, None], means[:, None])[0]))
    limits = np.array(MATCHED_WITHIN)
    share, share_low, share_high = _band(curve, draws, limits, z)
    step_at = np.searchsorted(grid, np.union1d([0.0], curve.times))
    found_median = median if math.isfinite(median) else None
    return Survival(
        subjects=found,
        median=found_median,
        median_low=_first_below(grid, low, found_median, lower=True),
        median_high=_first_below(grid, high, found_median, lower=False),
        rmst=rmst,
        rmst_low=max(0.0, rmst - margin),
        rmst_high=min(RMST_MONTHS, rmst + margin),
        within=tuple(
            (float(t), float(1 - s), float(1 - b), float(1 - a))
            for t, s, a, b in zip(limits, share, share_low, share_high, strict=True)
        ),
        band=tuple(BandPoint(float(grid[at]), float(survival[at]), float(low[at]), float(high[at])) for at in step_at),
        turnbull_median=turnbull(found),
        follow_up=end,
    )


def _band(curve: Curve, draws: Curve, times: Floats, z: float) -> tuple[Floats, Floats, Floats]:
    """The curve at each time with its pooled band, symmetric in log(-log S) where that exists."""
    survival = curve.at(times)[0]
    estimates, within = draws.at(times)
    error = np.sqrt(pooled_variance(within, estimates))
    inner = (survival > 0.0) & (survival < 1.0)
    safe = np.where(inner, survival, 0.5)
    width = np.where(inner, z * error / (safe * np.abs(np.log(safe))), 0.0)
    plain_low, plain_high = np.clip(survival - z * error, 0.0, 1.0), np.clip(survival + z * error, 0.0, 1.0)
    low = np.where(inner, safe ** np.exp(np.minimum(width, 50.0)), plain_low)
    high = np.where(inner, safe ** np.exp(-width), plain_high)
    return survival, low, high


def _first_below(grid: Floats, bound: Floats, median: float | None, *, lower: bool) -> float | None:
    below = np.flatnonzero(bound <= 0.5)
    if not below.size:
        return None
    at = float(grid[below[0]])
    if median is None:
        return at
    return min(at, median) if lower else max(at, median)
