"""A gap as a reader of a terminal sees it: the estimators side by side, and never a number without its definition."""

from collections.abc import Mapping
from typing import Any

from tracker.management.console import SpeakingCommand
from tracker.queries.gap import EstimateRow, estimates_of

HEADINGS = ("", "estimator", "value", "90 % interval", "window", "steps", "censored")
UNKNOWN = "–"


def print_report(command: SpeakingCommand, report: Mapping[str, Any]) -> None:
    """L1 to L8 side by side, what each answers, why some have no value, their spread, and both frontiers' heads."""
    rows = estimates_of(report)
    if rows:
        command.print_table(HEADINGS, [_cells(row) for row in rows], right=(2, 3, 5, 6))
    else:
        command.stdout.write(f"No estimate: {report['reason']}")
    for question in dict.fromkeys(row.question for row in rows):
        ids = ", ".join(row.id for row in rows if row.question == question)
        command.stdout.write(f"{ids}: {question}")
    for row in rows:
        if row.note:
            command.stdout.write(f"{row.id}: {row.note}")
    if report.get("spread"):
        low, high = report["spread"]
        command.stdout.write(f"\nOver the definitions L1 to L7: {low:.1f} to {high:.1f} months")
    for side in ("closed", "open"):
        steps = report.get("frontier", {}).get(side, [])
        head = _step(steps[-1]) if steps else "no model"
        command.stdout.write(f"Frontier, {side}: {head}")


def _cells(row: EstimateRow) -> tuple[str, ...]:
    value = UNKNOWN if row.value is None else f"{row.value:.1f} {row.unit}"
    bounds = UNKNOWN if row.low is None or row.high is None else f"{row.low:.1f} to {row.high:.1f}"
    window = f"{row.window_from} to {row.window_to}" if row.window_from and row.window_to else UNKNOWN
    censored = UNKNOWN if row.censored is None else f"{row.censored:.0%}"
    return row.id, row.name, value, bounds, window, str(row.steps), censored


def _step(step: Mapping[str, Any]) -> str:
    bounds = "" if step["low"] is None else f" ({step['low']:.1f} to {step['high']:.1f})"
    return f"{step['model']}, {step['released_on']}, {step['value']:.1f}{bounds}"
