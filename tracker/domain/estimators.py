"""From the numbers of the estimators to estimates that can be read: value, interval, steps, censored share, reason."""

import math
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain import lags
from tracker.domain.comparison import Data
from tracker.domain.estimate import DEFINITIONS, Estimate, Estimator, Figure, Row
from tracker.domain.frontier import Field, Floats, Point, frontier, months
from tracker.domain.record_lag import record_estimate, record_means, step_row
from tracker.domain.survival import RMST_MONTHS, Survival
from tracker.domain.tolerance import tolerant

CLOCK_SEED: Final = 4
CLOCK_DRAWS: Final = 500


def over_draws(
    data: Data, opened: Field | None = None, closed: Field | None = None, values: NDArray[np.floating] | None = None
) -> dict[Estimator, Floats]:
    """Each estimate in months (L8: points), one number a draw; for other rows of values where they are given."""
    opened, closed = opened or data.open_draws, closed or data.closed_draws
    values = data.drawn if values is None else values
    if data.empty or opened is None or closed is None or values is None:
        return {}
    found = _plain(data, opened, closed)
    found[Estimator.L5] = record_means(data, closed, values)
    if data.drawn is not None:
        found[Estimator.L2] = lags.mean(months(tolerant(data.releases, values, data.drawn, data.window_days)))
    return found


def _plain(data: Data, opened: Field, closed: Field) -> dict[Estimator, Floats]:
    today = np.array([data.as_of.toordinal()], dtype=np.int64)
    back, _ = _trend(data, opened, closed)
    return {
        Estimator.L1: lags.mean(months(lags.backward(opened, closed, data.window_days))),
        Estimator.L3: months(lags.horizontal(opened, closed)),
        Estimator.L6: months(back),
        Estimator.L8: lags.vertical(opened, closed, today)[:, 0],
    }


def _trend(data: Data, opened: Field, closed: Field) -> tuple[Floats, Floats]:
    day = data.as_of.toordinal()
    open_line = lags.trend(opened, day, lags.record_weights(data.open_draws, opened))
    closed_line = lags.trend(closed, day, lags.record_weights(data.closed_draws, closed))
    return lags.trend_lag(open_line, closed_line)


def estimate_all(
    data: Data, survival: Survival | None, drawn: dict[Estimator, Floats], level: float
) -> tuple[Estimate, ...]:
    """L1 to L8 in order."""
    if data.empty or survival is None:
        side = "open" if not data.opens else "closed"
        reason = f"No {side} model in this scope was released by {data.as_of}."
        return tuple(_nothing(data, name, reason) for name in Estimator)
    found = [
        _backward(data),
        _tolerant(data),
        _horizontal(data, survival),
        _clock(data, level),
        record_estimate(data),
        _trend_line(data),
        _caught_up(data, survival),
        _vertical(data),
    ]
    return tuple(_with_interval(one, drawn.get(one.id), level) for one in found)


def _with_interval(estimate: Estimate, drawn: Floats | None, level: float) -> Estimate:
    if estimate.value is None or drawn is None or estimate.id in (Estimator.L4, Estimator.L7):
        return estimate
    known = drawn[np.isfinite(drawn)]
    undefined = 1.0 - len(known) / len(drawn)
    if undefined > 0.5:
        return replace(estimate, undefined=undefined, notes=(*estimate.notes, "Most draws do not identify it."))
    low, high = np.quantile(known, ((1 - level) / 2, (1 + level) / 2))
    return replace(estimate, low=float(low), high=float(high), undefined=undefined)


def _nothing(data: Data, name: Estimator, reason: str) -> Estimate:
    return Estimate(name, None, None, None, None, 0, DEFINITIONS[name].unit, reason=reason)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _in_effect(data: Data) -> list[Point]:
    """The open records that were the frontier on some day of the window."""
    steps = frontier(data.opens)
    ends = [step.on for step in steps[1:]] + [date.max]
    return [step for step, end in zip(steps, ends, strict=True) if end > data.since]


def _share_note(lags_by_day: Floats, what: str) -> tuple[str, ...]:
    missing = int((~np.isfinite(lags_by_day)).sum())
    return (f"{missing} of {len(lags_by_day)} days are left out: {what}.",) if missing else ()


def _backward(data: Data) -> Estimate:
    by_day = months(lags.backward(data.open_side, data.closed_side, data.window_days))
    value = _number(lags.mean(by_day)[0])
    rows = tuple(step_row(data, step) for step in _in_effect(data))
    why = "no open model was out, or no closed one has reached its level"
    reason = "" if value is not None else f"On every day of the window {why}."
    notes = _share_note(by_day[0], why)
    today = _number(float(by_day[0, -1]))
    figures = (Figure("today", f"on {data.as_of}", today, "months"),)
    return Estimate(
        Estimator.L1, value, None, None, data.window, len(rows), "months",
        reason=reason, notes=notes, rows=rows, figures=figures,
    )  # fmt: skip


def _tolerant(data: Data) -> Estimate:
    if data.drawn is None:
        return _nothing(data, Estimator.L2, "It compares draws of the index, and there are none.")
    by_day = months(tolerant(data.releases, data.central, data.drawn, data.window_days))
    value = _number(lags.mean(by_day)[0])
    why = "no open model was out, or no closed model is ahead of it beyond doubt"
    reason = "" if value is not None else f"On every day of the window {why}."
    figures = (Figure("today", f"on {data.as_of}", _number(float(by_day[0, -1])), "months"),)
    return Estimate(
        Estimator.L2, value, None, None, data.window, len(_in_effect(data)), "months",
        reason=reason, notes=_share_note(by_day[0], why), figures=figures,
    )  # fmt: skip


def _horizontal(data: Data, survival: Survival) -> Estimate:
    value = _number(months(lags.horizontal(data.open_side, data.closed_side))[0])
    low = max(data.open_side.best[0, 0], data.closed_side.best[0, 0])
    rows = tuple(
        Row(s.model, s.on, s.value, s.matched_by, s.matched_on, s.signed, ("open first",) if s.signed < 0 else ())
        for s in survival.subjects
        if s.signed is not None and s.value > low
    )
    reason = (
        "" if value is not None else "The two frontiers have no level in common above where both were first measured."
    )
    return Estimate(
        Estimator.L3, value, None, None, data.history, len(rows), "months",
        censored=_number(lags.unmatched_height(data.open_side, data.closed_side)[0]),
        reason=reason, rows=rows, notes=("Levels that open models have not reached are left out, which shortens it.",),
    )  # fmt: skip


def _clock(data: Data, level: float) -> Estimate:
    found = data.clock
    if not data.has_scores:
        return _nothing(data, Estimator.L4, "It needs the scores on each benchmark, and none were given.")
    censored = found.unmatched / found.passed if found.passed else None
    rows = tuple(
        Row(
            c.open_model, c.open_on, c.threshold, c.closed_model, c.closed_on, c.months,
            ("closed model first measured there",) if c.first_measured else (), c.benchmark,
        )
        for c in found.crossings
    )  # fmt: skip
    low = high = None
    if len({c.benchmark for c in found.crossings}) > 1:
        drawn = found.resampled(CLOCK_DRAWS, CLOCK_SEED)
        low, high = (float(bound) for bound in np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2)))
    first = sum(c.first_measured for c in found.crossings)
    notes = ["Thresholds that open models have not passed are left out, which shortens it."]
    if first:
        notes.append(
            f"In {first} of {len(rows)} pairs the closed model was the first measured: the level may be older."
        )
    smooth = found.smoothed([data.as_of])[0]
    return Estimate(
        Estimator.L4, found.mean, low, high, data.history, len(rows), "months",
        censored=censored, interval_over="benchmarks", rows=rows, notes=tuple(notes),
        reason="" if rows else "No benchmark has a threshold that both sides have passed.",
        figures=(Figure("smoothed", f"smoothed, on {data.as_of}", smooth, "months"),),
    )  # fmt: skip


def _trend_line(data: Data) -> Estimate:
    back, forward = _trend(data, data.open_side, data.closed_side)
    value = _number(months(back)[0])
    counts = len(frontier(data.opens)), len(frontier(data.closeds))
    reason = ""
    if value is None:
        reason = (
            "A rising line needs two records on each side." if min(counts) < 2 else "The closed line does not rise."
        )
    return Estimate(
        Estimator.L6, value, None, None, data.history, sum(counts), "months", reason=reason,
        notes=("It extends straight lines to the day asked about.",),
        figures=(Figure("forward", "time for open to reach today's line", _number(months(forward)[0]), "months"),),
    )  # fmt: skip


def _caught_up(data: Data, survival: Survival) -> Estimate:
    rows = []
    for s in survival.subjects:
        flags = (
            ("not matched yet",) if not s.matched else ("open first",) if s.signed is not None and s.signed <= 0 else ()
        )
        rows.append(Row(s.model, s.on, s.value, s.matched_by, s.matched_on, s.signed if s.matched else s.months, flags))
    unmatched = sum(not s.matched for s in survival.subjects)
    reason = ""
    if survival.median is None:
        reason = f"Fewer than half of the closed records have been matched in up to {survival.follow_up:.1f} months."
    figures = [
        Figure("rmst", f"mean time unmatched within {RMST_MONTHS:.0f} months", survival.rmst, "months",
               survival.rmst_low, survival.rmst_high),
    ]  # fmt: skip
    figures += [
        Figure(f"within_{t:.0f}", f"share matched within {t:.0f} months", share, "share", low, high)
        for t, share, low, high in survival.within
    ]
    if survival.turnbull_median is not None:
        low, high = survival.turnbull_median
        figures.append(
            Figure("turnbull", "latest median if unevaluated open models may have matched", _number(high), "months",
                   _number(low), _number(high))
        )  # fmt: skip
    notes = [] if survival.median_high is not None else ["The interval has no upper end: too much is unmatched."]
    waiting = sum(s.since is not None for s in survival.subjects)
    if not waiting:
        notes.append("No unevaluated open model is known, so the sensitivity run repeats the curve.")
    return Estimate(
        Estimator.L7, survival.median, survival.median_low, survival.median_high, data.history, len(rows), "months",
        censored=unmatched / len(rows), reason=reason, notes=tuple(notes), rows=tuple(rows), figures=tuple(figures),
        interval_over="steps and draws",
    )  # fmt: skip


def _vertical(data: Data) -> Estimate:
    top_open, top_closed = frontier(data.opens)[-1], frontier(data.closeds)[-1]
    figures: list[Figure] = []
    if data.reference is not None:
        curve = data.reference
        best, own = curve.score(top_closed.value), curve.score(top_open.value)
        figures = [
            Figure("closed_score", f"best closed model's expected score on {curve.name}", best, "share"),
            Figure("open_score", f"best open model's expected score on {curve.name}", own, "share"),
            Figure("odds_ratio", f"odds of a success on {curve.name}, closed against open",
                   math.exp(min(500.0, curve.slope * (top_closed.value - top_open.value))), "ratio"),
        ]  # fmt: skip
    unit = "points" if data.scale == "eci" else "logits"
    row = Row(top_open.model, top_open.on, top_open.value, top_closed.model, top_closed.on, None)
    return Estimate(
        Estimator.L8, top_closed.value - top_open.value, None, None, (data.as_of, data.as_of), 2, unit,
        rows=(row,), figures=tuple(figures),
    )  # fmt: skip
