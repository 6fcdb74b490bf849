"""L3, L5 and L7 where a closed model counts as ahead of an open one only if the draws leave little doubt."""

import math
from bisect import bisect_right
from copy import copy
from datetime import date
from typing import Final

import numpy as np

from tracker.domain.comparison import Data
from tracker.domain.estimate import Estimate, Estimator, Row
from tracker.domain.frontier import DAYS_PER_MONTH, Bools, Floats, Point, frontier, lag
from tracker.domain.record_lag import UNREACHED, recent_records
from tracker.domain.survival import product_limit
from tracker.domain.tolerance import Rows, by_model, first_ahead, first_not_behind

# What has a tolerant form of its own; L1's is called L2, L4 reads raw scores, L6 compares lines, L8 is not a lag.
TOLERANT: Final = (Estimator.L3, Estimator.L5, Estimator.L7)
TOLERANCE_NOTE: Final = (
    "A closed model counts as ahead only where it beats the open one in more than 95 % of the draws."
)


class Matches:
    """When each closed model that led in any draw stopped being surely ahead of every open one: days as ordinals, NaN
    for never. The others never matter, and they are nearly all."""

    def __init__(self, data: Data, drawn: Rows) -> None:
        side = [(at, release) for at, release in enumerate(data.releases)]
        closed = sorted(((at, r) for at, r in side if not r.open), key=lambda one: (one[1].released_on, -one[1].value))
        self.opens = sorted(((at, r) for at, r in side if r.open), key=lambda one: (one[1].released_on, -one[1].value))
        self.all_closed = [release for _, release in closed]
        every = [at for at, _ in closed]
        self._rival_days = [release.released_on.toordinal() for release in self.all_closed]
        led = np.concatenate([_steps(data.central[:, every]), _steps(drawn[:, every])]).any(axis=0)
        self.closed = [closed[at] for at in np.flatnonzero(led).tolist()]
        self.closed_at = [at for at, _ in self.closed]
        self.closed_days = np.array([r.released_on.toordinal() for _, r in self.closed], dtype=float)
        open_days = np.array([r.released_on.toordinal() for _, r in self.opens], dtype=float)
        # The first open model, by day, that is not surely behind.
        rivals = by_model(drawn, [at for at, _ in self.opens])
        self.match = np.array([first_not_behind(rivals, drawn[:, at]) for at in self.closed_at], dtype=np.intp)
        self.matched_day = np.where(self.match >= 0, open_days[self.match], np.nan)
        self._place = {r.model: at for at, r in self.opens}
        self._drawn, self._rivals = drawn, by_model(drawn, every)
        self.known = math.inf  # the last day that is looked at

    def as_on(self, day: date) -> "Matches":
        """What was matched on an earlier day. Of all releases the same, for each model is looked at by its own day."""
        then, known = copy(self), float(day.toordinal())
        then.closed = self.closed[: int(np.searchsorted(self.closed_days, known, side="right"))]
        then.closed_at = self.closed_at[: len(then.closed)]
        then.closed_days = self.closed_days[: len(then.closed)]
        then.all_closed = self.all_closed[: bisect_right(self.all_closed, day, key=lambda one: one.released_on)]
        then.opens = self.opens[: bisect_right(self.opens, day, key=lambda one: one[1].released_on)]
        still = ~(self.matched_day[: len(then.closed)] <= known)
        then.match = np.where(still, -1, self.match[: len(then.closed)])
        then.matched_day = np.where(still, np.nan, self.matched_day[: len(then.closed)])
        then.known = known
        return then

    def steps(self, values: Rows) -> Bools:
        """Which of the closed models beat every earlier one, in each row of values."""
        return _steps(values[:, self.closed_at])

    def reached(self, model: str) -> float:
        """The day of the first closed model that is surely ahead of the open one; NaN for none."""
        first = first_ahead(self._rivals, self._drawn[:, self._place[model]])
        # `first` stands among all that are known to the last day.
        found = math.nan if first < 0 else float(self._rival_days[first])
        return found if found <= self.known else math.nan


def _steps(values: Rows) -> Bools:
    before = np.concatenate([np.full((len(values), 1), -np.inf), np.maximum.accumulate(values, axis=1)[:, :-1]], axis=1)
    return np.asarray(values > before)


def horizontal(
    data: Data, matches: Matches, values: Rows, *, since: float = -math.inf, waiting: bool = False
) -> Floats:
    """L3 with tolerance, in days, for each row of values: the mean over closed steps, weighed by their rise within the
    range that both sides have measured, of the day the step stopped being surely ahead minus its own.

    Steps matched before `since` are left out. What is unmatched is left out too, or, `waiting`, counts to `as_of`.
    """
    column = values[:, matches.closed_at].astype(float)
    best = np.maximum.accumulate(column, axis=1)
    open_first = values[:, [matches.opens[0][0]]].astype(float)
    floor = np.maximum(best[:, [0]], open_first)
    before = np.maximum(np.concatenate([floor, best[:, :-1]], axis=1), floor)
    rise = np.where(matches.steps(values), np.clip(best - before, 0.0, None), 0.0)
    ends = matches.matched_day
    if waiting:
        ends = np.where(np.isfinite(ends), ends, float(data.as_of.toordinal()))
    used = np.isfinite(ends) & ((ends >= since) | ~np.isfinite(matches.matched_day))
    weights = np.where(used, rise, 0.0)
    total = weights.sum(axis=1)
    distance = np.where(used, ends - matches.closed_days, 0.0)
    return np.where(total > 0, weights @ distance / np.where(total > 0, total, 1.0), np.nan)


def median_wait(
    data: Data, matches: Matches, values: Rows, *, since: float = -math.inf, waiting: bool = True
) -> Floats:
    """L7 with tolerance, in months, for each row of values; infinite while half is not matched, NaN without steps.
    Without `waiting` the unmatched are left out, as if they did not exist."""
    matched = np.isfinite(matches.matched_day)
    ends = np.where(matched, matches.matched_day, float(data.as_of.toordinal()))
    waits = np.maximum(0.0, ends - matches.closed_days) / DAYS_PER_MONTH
    chosen = matches.steps(values) & (matches.closed_days >= since) & (matched | waiting)
    return np.where(chosen.any(axis=1), product_limit(waits, matched.astype(float), chosen).median(), np.nan)


def record_lag(data: Data, matches: Matches) -> tuple[float | None, tuple[Row, ...]]:
    """L5 with tolerance, in months: the open records of the window against the first closed model surely ahead. A level
    that closed models had passed when they were first measured takes its lag from all benchmarks, if these tell."""
    closed = [Point(r.released_on, r.overall, r.model) for r in matches.all_closed if r.overall is not None]
    first = float(matches.all_closed[0].released_on.toordinal())
    rows, known = [], []
    for record in recent_records(data):
        reached = matches.reached(record.model)
        apart = record.released_on.toordinal() - reached
        if record.overall is not None and reached == first:
            borrowed = lag(Point(record.released_on, record.overall, record.model), closed)
            apart = float(borrowed.days) if borrowed is not None else apart
        months = apart / DAYS_PER_MONTH if math.isfinite(apart) else None
        flags = () if months is not None else (UNREACHED,)
        rows.append(Row(record.model, record.released_on, record.value, None, None, months, flags))
        if months is not None:
            known.append(months)
    return (sum(known) / len(known) if known else None), tuple(rows)


def tolerant_estimates(data: Data, level: float) -> tuple[Estimate, ...]:
    """L3, L5 and L7 with a tolerance of 5 %; () without draws or without one of the sides."""
    if data.empty or data.drawn is None:
        return ()
    matches = Matches(data, data.drawn)
    steps = frontier(data.closeds)
    central = matches.steps(data.central)[0]
    open_share = float((~np.isfinite(matches.matched_day[central])).mean())
    flat, flat_draws = (horizontal(data, matches, v) / DAYS_PER_MONTH for v in (data.central, data.drawn))
    wait, wait_draws = (median_wait(data, matches, v) for v in (data.central, data.drawn))
    record, rows = record_lag(data, matches)
    day = data.as_of.toordinal()
    clocks = tuple(
        Row(
            release.model,
            release.released_on,
            release.value,
            matches.opens[match][1].model if match >= 0 else None,
            matches.opens[match][1].released_on if match >= 0 else None,
            float(((end if math.isfinite(end) else day) - own) / DAYS_PER_MONTH),
            () if match >= 0 else ("not matched yet",),
        )
        for (_, release), match, end, own, leads in zip(
            matches.closed, matches.match, matches.matched_day, matches.closed_days, central, strict=True
        )
        if leads
    )
    return (
        _estimate(data, Estimator.L3, float(flat[0]), flat_draws, level, len(steps), open_share),
        Estimate(
            Estimator.L5, record, None, None, data.window, sum(row.months is not None for row in rows), "months",
            reason="" if record is not None else "No record of the window has a closed model surely ahead of it.",
            notes=(TOLERANCE_NOTE, "Who is surely ahead comes from all draws: no interval over them."),
            rows=rows,
        ),
        _estimate(data, Estimator.L7, float(wait[0]), wait_draws, level, len(steps), open_share, clocks),
    )  # fmt: skip


def _estimate(
    data: Data,
    name: Estimator,
    value: float,
    drawn: Floats,
    level: float,
    steps: int,
    censored: float,
    rows: tuple[Row, ...] = (),
) -> Estimate:
    tail = (1 - level) / 2
    known = drawn[~np.isnan(drawn)]
    low = high = None
    if 2 * len(known) > len(drawn) and math.isfinite(value):
        # A draw in which half is not matched yet lies above every number.
        edges = np.sort(known)[[int(tail * (len(known) - 1)), math.ceil((1 - tail) * (len(known) - 1))]]
        low, high = (float(edge) if math.isfinite(edge) else None for edge in edges)
    reason = "" if math.isfinite(value) else "Fewer than half of what was to be matched has been."
    return Estimate(
        name, value if math.isfinite(value) else None, low, high, data.history, steps, "months",
        censored=censored, reason=reason, notes=(TOLERANCE_NOTE,), rows=rows,
    )  # fmt: skip
