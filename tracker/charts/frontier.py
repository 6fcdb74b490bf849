"""How far behind open models are: the best index value so far on each side, with every other model behind it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tracker.charts.base import Chart, Column, interval, number, text
from tracker.charts.steps import Level, Step, frontiers, reached
from tracker.charts.theme import ROLES, Figure, axis, blank
from tracker.queries import gap
from tracker.queries.gap import FrontierRow
from tracker.queries.runs import RunInfo

EMPTY = "No model has an index value under this definition yet."


def _steps(rows: Sequence[FrontierRow]) -> list[Step]:
    return [
        Step(row.side, row.model, row.lab, row.released_on, row.value, row.low, row.high, row.on_frontier)
        for row in rows
    ]


def figure(rows: Sequence[FrontierRow], until: date | None = None) -> Figure:
    """Step lines to `until` (the day of the data; the last release otherwise)."""
    drawn = blank(
        x=axis("Release date", "date"), y=axis("Capability index (points)"), empty="" if rows else EMPTY, height=480
    )
    return frontiers(drawn, _steps(rows), until=until, unit="", decimals=1) if rows else drawn


def alt(rows: Sequence[FrontierRow]) -> str:
    """Each side's best model with its interval, and which closed model first had the level open models have now."""
    said = []
    for side, role in (("closed", ROLES["closed"]), ("open", ROLES["open"])):
        steps = [row for row in rows if row.side == side and row.on_frontier]
        if steps:
            best = max(steps, key=lambda row: row.value)
            known = interval(best.low, best.high)
            said.append(
                f"{role.name}: {best.model} ({best.lab}) leads with {number(best.value)} points"
                f"{f', 90 % interval {known}' if known else ''}, released {best.released_on}, "
                f"the last of {len(steps)} steps."
            )
    behind = reached(_steps([row for row in rows if row.on_frontier]))
    if isinstance(behind, Level):
        said.append(f"The open level was first reached by a closed model, {behind.model}, on {behind.on}.")
    return " ".join(said)


def options(run: RunInfo | None, params: Mapping[str, str]) -> Mapping[str, Any]:
    """The lines go on to the day of the run's data."""
    return {"until": run.as_of} if run else {}


CHART = Chart(
    __name__,
    title="How far behind are open models?",
    subtitle="Capability index of every model, with the best so far on each side",
    caption=(
        "Each step is a model that beat every earlier one on its side; the shaded bands are 90 % intervals of the "
        "step's own value, the faint marks are other models, of very many the nearest. The dotted line runs from the "
        "day a closed model "
        "first reached today's open level. Models below the scale are in the table."
    ),
    unit="index points",
    empty=EMPTY,
    rows=gap.frontier_rows,
    figure=figure,
    options=options,
    newest_first=True,
    alt=alt,
    columns=(
        Column("model", "Model", link=lambda row: f"/models/{row.slug}/" if row.slug else None),
        Column("lab", "Lab"),
        Column("side", "Weights", lambda side: "open" if side == "open" else "closed"),
        Column("released_on", "Released"),
        Column("value", "Index", number, numeric=True),
        Column("low", "Low (5 %)", number, numeric=True),
        Column("high", "High (95 %)", number, numeric=True),
        Column("on_frontier", "A step", text),
    ),
)
