"""A gap report as plain data for JSON: numbers rounded sensibly, dates in ISO form, nothing where nothing is known."""

import math
from collections.abc import Sequence
from typing import Any, Final

from tracker.domain.estimate import Estimate, Row
from tracker.domain.frontier import FrontierStep
from tracker.domain.gap import GapReport, SeriesPoint
from tracker.domain.survival import Survival

DIGITS: Final = 4


def number(value: float | None, digits: int = DIGITS) -> float | None:
    """A plain rounded float; None for what is unknown or infinite, which JSON cannot say."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits) + 0.0


def to_dict(report: GapReport) -> dict[str, Any]:
    """The whole report, ready for JSON."""
    return {
        "as_of": report.as_of.isoformat(),
        "method": report.method,
        "scale": report.scale,
        "models": {"open": report.open_models, "closed": report.closed_models},
        "draws": report.draws,
        "frontier": {"open": steps(report.open_frontier), "closed": steps(report.closed_frontier)},
        "lags": lags(report),
        "spread": [number(end) for end in report.spread] if report.spread else None,
        "estimates": estimates(report),
        "tolerant": {estimate.id.value: _estimate(estimate) for estimate in report.tolerant},
        "benchmarks": {
            layer.id.value: {
                "low": number(layer.low),
                "high": number(layer.high),
                "without": {name: number(value) for name, value in layer.values},
            }
            for layer in report.benchmarks
        },
        "survival": survival(report.survival) if report.survival else None,
        "series": {
            "lag": _series(report.lag_series),
            "gap": _series(report.gap_series),
            "threshold_clock": _series(report.clock_series),
        },
    }


def lags(report: GapReport) -> dict[str, float | None]:
    """L1 to L7 in months and L8 in points; None where the data do not identify one."""
    return {estimate.id.value: number(estimate.value) for estimate in report.estimates}


def steps(frontier: Sequence[FrontierStep]) -> list[dict[str, Any]]:
    """The steps of one side's frontier, oldest first; values are on the report's scale."""
    return [
        {
            "model": step.model,
            "released_on": step.released_on.isoformat(),
            "value": number(step.value),
            "low": number(step.low),
            "high": number(step.high),
        }
        for step in frontier
    ]


def estimates(report: GapReport) -> dict[str, dict[str, Any]]:
    """Every estimate by id, with its definition and what it rests on."""
    return {estimate.id.value: _estimate(estimate) for estimate in report.estimates}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "name": estimate.name,
        "question": estimate.question,
        "definition": estimate.definition,
        "unit": estimate.unit,
        "value": number(estimate.value),
        "low": number(estimate.low),
        "high": number(estimate.high),
        "interval_over": estimate.interval_over,
        "window": [day.isoformat() for day in estimate.window] if estimate.window else None,
        "steps": estimate.steps,
        "censored": number(estimate.censored),
        "undefined_draws": number(estimate.undefined),
        "reason": estimate.reason,
        "notes": list(estimate.notes),
        "figures": {
            figure.key: {
                "label": figure.label,
                "value": number(figure.value),
                "unit": figure.unit,
                "low": number(figure.low),
                "high": number(figure.high),
            }
            for figure in estimate.figures
        },
        "rows": [_row(row) for row in estimate.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "model": row.model,
        "on": row.on.isoformat(),
        "value": number(row.value),
        "other": row.other,
        "other_on": row.other_on.isoformat() if row.other_on else None,
        "months": number(row.months),
        "flags": list(row.flags),
        "group": row.group,
    }


def survival(found: Survival) -> dict[str, Any]:
    """L7's curve: the share of closed records unmatched (0 to 1) after so many months, with its band. `median` is None
    while more than half is unmatched; `follow_up` is the longest wait."""
    return {
        "median": number(found.median),
        "low": number(found.median_low),
        "high": number(found.median_high),
        "follow_up": number(found.follow_up),
        "curve": [
            {
                "months": number(point.months),
                "unmatched": number(point.unmatched),
                "low": number(point.low),
                "high": number(point.high),
            }
            for point in found.band
        ],
    }


def _series(points: Sequence[SeriesPoint]) -> list[dict[str, Any]]:
    return [
        {"on": p.on.isoformat(), "value": number(p.value), "low": number(p.low), "high": number(p.high)} for p in points
    ]
