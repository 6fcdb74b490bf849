"""One definition's lag on one set of releases: every estimator within any window, with or without tolerance, with
unmatched levels left out or counted as waiting."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from tracker.domain import gap_tolerance, lags
from tracker.domain.clock import THRESHOLDS, BenchmarkScore
from tracker.domain.comparison import Data
from tracker.domain.estimate import Estimator
from tracker.domain.frontier import DAYS_PER_MONTH, Field, Floats, frontier, months
from tracker.domain.gap_tolerance import median_wait, record_lag
from tracker.domain.reconcile import Censoring, Window
from tracker.domain.record_lag import record_means
from tracker.domain.specification import Tolerance
from tracker.domain.survival import product_limit, subjects
from tracker.domain.timeline import Timeline

_ROUNDING: Final = 1e-9


def replay(line: Timeline, as_of: date, window: Window) -> dict[tuple[str, str, str], float | None]:
    """By estimator, tolerance and censoring the lag in months; None where the data do not tell it.

    L6 draws its lines through the whole history up to the window's end: a window has too few records for a line. L4 and
    L6 have no tolerant form, L1, L5 and L6 nothing that could be unmatched: there the choice changes nothing.
    """
    since, until = window.begins(as_of), window.ends(as_of)
    if since > until:
        return {}
    data = line.as_on(until, since)
    if data.empty:
        return {}
    found: dict[tuple[str, str, str], float | None] = {}
    for censoring in Censoring:
        waiting = censoring is Censoring.WAITING
        plain = _plain(data, line.scores, waiting)
        sure = plain if data.drawn is None else {**plain, **_sure(line, data, waiting)}
        for tolerance, values in ((Tolerance.PLAIN, plain), (Tolerance.SURE, sure)):
            for name, value in values.items():
                known = value is not None and math.isfinite(value)
                found[name.value, tolerance.value, censoring.value] = value if known else None
    return found


def _plain(data: Data, scores: Sequence[BenchmarkScore], waiting: bool) -> dict[Estimator, float | None]:
    day = data.as_of.toordinal()
    open_line, closed_line = (
        lags.trend(side, day, lags.record_weights(draws, side))
        for side, draws in ((data.open_side, data.open_draws), (data.closed_side, data.closed_draws))
    )
    return {
        Estimator.L1: float(lags.mean(months(lags.backward(data.open_side, data.closed_side, data.window_days)))[0]),
        Estimator.L3: float(horizontal(data, data.open_side, data.closed_side, waiting)[0]),
        Estimator.L4: _clock(data, scores, waiting),
        Estimator.L5: float(record_means(data, data.closed_side, data.central)[0]),
        Estimator.L6: float(months(lags.trend_lag(open_line, closed_line)[0])[0]),
        Estimator.L7: _median_wait(data, waiting),
    }


def _sure(line: Timeline, data: Data, waiting: bool) -> dict[Estimator, float | None]:
    since, matches = float(data.since.toordinal()), line.matches(data.as_of)
    by_day = months(line.leads().lags(data.window_days, data.as_of.toordinal()))
    return {
        Estimator.L1: float(lags.mean(by_day)[0]),
        Estimator.L3: float(
            gap_tolerance.horizontal(data, matches, data.central, since=since, waiting=waiting)[0] / DAYS_PER_MONTH
        ),
        Estimator.L5: record_lag(data, matches)[0],
        Estimator.L7: float(median_wait(data, matches, data.central, since=since, waiting=waiting)[0]),
    }


def horizontal(data: Data, opened: Field, closed: Field, waiting: bool) -> Floats:
    """L3 in months over the levels that open models reached in the window, in each row of the two sides; `waiting` ones
    count to its last day. NaN where there are none."""
    low = np.maximum(opened.best[:, 0], closed.best[:, 0])
    top = closed.best[:, -1]
    high = top if waiting else np.minimum(opened.best[:, -1], top)
    grid = low[:, None] + (high - low)[:, None] * (np.arange(lags.LEVELS) + 0.5) / lags.LEVELS
    reached, set_on = opened.first(grid), closed.first(grid)
    ends = np.where(np.isfinite(reached), reached, float(data.as_of.toordinal()))
    used = np.isfinite(set_on) & ((ends >= data.since.toordinal()) | ~np.isfinite(reached))
    return np.where(high > low, months(lags.mean(np.where(used, ends - set_on, np.nan))), np.nan)


def _clock(data: Data, scores: Sequence[BenchmarkScore], waiting: bool) -> float | None:
    """L4 over the thresholds that open models passed in the window."""
    waits = [crossing.months for crossing in data.clock.crossings if crossing.open_on >= data.since]
    if waiting:
        waits += _still_waiting(scores, data.as_of)
    return sum(waits) / len(waits) if waits else None


def _still_waiting(scores: Sequence[BenchmarkScore], as_of: date) -> list[float]:
    """The months that thresholds only closed models have passed have waited, each closed model once per benchmark."""
    best: dict[str, float] = {}
    closed: dict[str, list[BenchmarkScore]] = {}
    for score in sorted(scores, key=lambda s: (s.released_on, -s.value, s.model)):
        if score.released_on > as_of:
            continue
        if score.open:
            best[score.benchmark] = max(score.value, best.get(score.benchmark, 0.0))
        else:
            closed.setdefault(score.benchmark, []).append(score)
    waits = []
    for benchmark, rows in sorted(closed.items()):
        above = [t for t in THRESHOLDS if t > best.get(benchmark, 0.0) + _ROUNDING]
        first = {
            row.model: row.released_on
            for threshold in above
            for row in [next((r for r in rows if r.value >= threshold - _ROUNDING), None)]
            if row is not None
        }
        waits += [(as_of - on).days / DAYS_PER_MONTH for on in first.values()]
    return waits


def _median_wait(data: Data, waiting: bool) -> float | None:
    steps = [step for step in frontier(data.closeds) if step.on >= data.since]
    # The first open model at a level is a step of its own frontier.
    found = [s for s in subjects(steps, frontier(data.opens), data.as_of) if s.matched or waiting]
    if not found:
        return None
    half = product_limit(np.array([s.months for s in found]), np.array([float(s.matched) for s in found])).median()
    return float(half) if math.isfinite(half) else None
