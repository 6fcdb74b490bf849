"""The answer in one sentence: the headline estimate with its interval, and its spread over definitions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.queries.gap import EstimateRow, estimates_of

# The question most people mean: how old is the level that open models have today?
HEADLINE = "L1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one question; `lead` is None where the data do not identify the headline estimate."""

    lead: EstimateRow | None
    estimates: tuple[EstimateRow, ...]
    spread_low: float | None
    spread_high: float | None
    spread_ids: tuple[str, str]
    vertical: EstimateRow | None
    matching: EstimateRow | None
    open_models: int
    closed_models: int
    open_best: Mapping[str, Any] | None
    closed_best: Mapping[str, Any] | None
    reached_by: str
    reached_on: str
    reason: str


def answer_of(report: Mapping[str, Any] | None) -> Answer | None:
    """The answer of a stored report; None while there is none."""
    if report is None:
        return None
    estimates = {row.id: row for row in estimates_of(report)}
    months = [row for row in estimates.values() if row.unit == "months" and row.value is not None]
    spread = report.get("spread") or (None, None)
    least = min(months, key=lambda row: row.value or 0.0, default=None)
    most = max(months, key=lambda row: row.value or 0.0, default=None)
    frontier = report.get("frontier", {})
    best = {side: (frontier.get(side) or [None])[-1] for side in ("open", "closed")}
    reached = _reached(frontier.get("closed", []), best["open"])
    lead = estimates.get(HEADLINE)
    return Answer(
        lead=lead if lead and lead.value is not None else None,
        estimates=tuple(estimates.values()),
        spread_low=spread[0],
        spread_high=spread[1],
        spread_ids=(least.id if least else "", most.id if most else ""),
        vertical=estimates.get("L8"),
        matching=estimates.get("L7"),
        open_models=report.get("models", {}).get("open", 0),
        closed_models=report.get("models", {}).get("closed", 0),
        open_best=best["open"],
        closed_best=best["closed"],
        reached_by=reached["model"] if reached else "",
        reached_on=reached["released_on"] if reached else "",
        reason=report.get("reason", "") or (lead.note if lead else ""),
    )


def _reached(closed: list[Mapping[str, Any]], best: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The first closed step at or above the best open model's value."""
    if best is None:
        return None
    return next((step for step in closed if step["value"] >= best["value"]), None)
