"""How sure a replayed definition is: its lag in every draw, and the interval of a change from one to the next."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

import numpy as np

from tracker.domain import gap_tolerance, lags
from tracker.domain.clock import Clock
from tracker.domain.comparison import Data
from tracker.domain.estimate import Estimator
from tracker.domain.estimators import CLOCK_SEED
from tracker.domain.frontier import DAYS_PER_MONTH, Field, Floats, months
from tracker.domain.gap import INTERVAL_LEVEL
from tracker.domain.gap_replay import horizontal
from tracker.domain.reconcile import Censoring, Window
from tracker.domain.record_lag import record_means
from tracker.domain.specification import Tolerance
from tracker.domain.timeline import Timeline
from tracker.domain.tolerance import Rows

ROWS: Final = 200  # of the index's draws: enough for the 5th and the 95th percentile of a lag in tenths of a month

Key = tuple[str, str, str]


def drawn_lags(line: Timeline, as_of: date, window: Window, wanted: Collection[Key]) -> dict[Key, Floats]:
    """By estimator, tolerance and censoring the lag in months in each draw, NaN where a draw does not tell it; without
    those that have no draws: L5 with a tolerance, whose certainties come from all draws together, L4 of what waits, and
    the estimators that no published answer uses.

    A row is the same draw of the index in every definition, so that differences are those of one draw. L4 reads no
    index: its rows draw the benchmarks anew, independently of the others.
    """
    since, until = window.begins(as_of), window.ends(as_of)
    if since > until or not wanted:
        return {}
    data = line.as_on(until, since)
    if data.empty or data.drawn is None or data.open_draws is None or data.closed_draws is None:
        return {}
    rows, opened, closed = data.drawn[:ROWS], data.open_draws.rows(ROWS), data.closed_draws.rows(ROWS)
    found = {key: _rows(line, data, rows, opened, closed, key) for key in wanted}
    return {key: lag for key, lag in found.items() if lag is not None}


def _rows(line: Timeline, data: Data, rows: Rows, opened: Field, closed: Field, key: Key) -> Floats | None:
    name, sure, waiting = Estimator(key[0]), key[1] == Tolerance.SURE.value, key[2] == Censoring.WAITING.value
    if name is Estimator.L1 and sure:
        return lags.mean(months(line.leads(ROWS).lags(data.window_days, data.as_of.toordinal())))
    if name is Estimator.L1:
        return lags.mean(months(lags.backward(opened, closed, data.window_days)))
    if name is Estimator.L3 and sure:
        since, matches = float(data.since.toordinal()), line.matches(data.as_of)
        return gap_tolerance.horizontal(data, matches, rows, since=since, waiting=waiting) / DAYS_PER_MONTH
    if name is Estimator.L3:
        return horizontal(data, opened, closed, waiting)
    if name is Estimator.L4 and not waiting:
        crossings = tuple(crossing for crossing in data.clock.crossings if crossing.open_on >= data.since)
        return Clock(crossings, 0, 0).resampled(len(rows), CLOCK_SEED)
    if name is Estimator.L5 and not sure:
        return record_means(data, closed, rows)
    return None


def interval(
    rows: Sequence[float | None], less: Sequence[float | None] | None = None, level: float = INTERVAL_LEVEL
) -> tuple[float, float] | None:
    """The interval of a lag over its draws, or of its difference from another in the same draws; None where half of the
    draws or more do not tell it."""
    known = np.array(rows, dtype=float)
    if less is not None:
        known = known - np.array(less, dtype=float)
    told = known[np.isfinite(known)]
    if 2 * len(told) <= len(known):
        return None
    low, high = np.quantile(told, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)
