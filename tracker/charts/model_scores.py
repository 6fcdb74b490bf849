"""One model's scores, a row to each benchmark, beside the best open and the best closed score on it."""

from collections.abc import Sequence
from typing import Any

from tracker.charts.base import Chart, Column, number
from tracker.charts.theme import LIGHT, ROLES, Figure, axis, blank, dots, plain
from tracker.queries import models
from tracker.queries.models import ScoreLine

EMPTY = "No score of this model on a benchmark scored in per cent is known yet."
PER_CENT = "proportion"
LONGEST = 26
INTERVAL_90 = 1.645


def _shown(rows: Sequence[ScoreLine]) -> list[ScoreLine]:
    """The best believed score of each benchmark whose unit is a proportion, grouped by category: rows come best first,
    because which of two scores is the better only the benchmark knows."""
    best: dict[str, ScoreLine] = {}
    for row in rows:
        if row.believed and row.unit == PER_CENT:
            best.setdefault(row.benchmark, row)
    return sorted(best.values(), key=lambda row: (row.category, row.benchmark))


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def figure(rows: Sequence[ScoreLine]) -> Figure:
    """The model's best believed score on each benchmark scored as a proportion, in per cent, beside the best of each
    side."""
    shown = _shown(rows)
    tall = 120 + 24 * max(len(shown), 8)
    names: dict[str, Any] = {
        "tickvals": list(range(len(shown))),
        "ticktext": [plain(_short(row.benchmark)) for row in shown],
    }
    drawn = blank(
        x=axis("Score (% of tasks)", range=[0, 101], showgrid=True),
        y=axis("", showgrid=True, range=[len(shown) - 0.4, -0.6], **names),
        empty="" if shown else EMPTY,
        height=tall,
        narrow=tall,
    )
    if not shown:
        return drawn
    for side in ("closed", "open"):
        best = [(nth, row, getattr(row, f"best_{side}")) for nth, row in enumerate(shown)]
        known = [(nth, row, value) for nth, row, value in best if value is not None]
        name = f"Best {ROLES[side].name.lower()}"
        hover = [f"{plain(row.benchmark)}<br>{name}: {number(100 * value)} %" for _, row, value in known]
        xs, ys = [round(100 * value, 3) for *_, value in known], [nth for nth, *_ in known]
        drawn["data"].append(dots(side, xs, ys, name=name, hover=hover, size=9, opacity=1, legend=True))
    of = ROLES["gap"]
    spread = [round(100 * INTERVAL_90 * (row.stderr or 0), 3) for row in shown]
    mine = dots(
        "gap",
        [round(100 * row.value, 3) for row in shown],
        list(range(len(shown))),
        name="This model",
        hover=[_hover(row) for row in shown],
        size=10,
        opacity=1,
        legend=True,
    )
    mine["error_x"] = {"type": "data", "array": spread, "color": LIGHT[of.colour], "thickness": 1.5, "width": 0}
    mine["meta"] = {"role": "gap", "halo": True}
    drawn["data"].append(mine)
    return drawn


def _hover(row: ScoreLine) -> str:
    with_setting = f", {plain(row.setting)}" if row.setting else ""
    return (
        f"{plain(row.benchmark)}{with_setting}<br>{number(100 * row.value)} %<br>{row.evaluator}, {plain(row.source)}"
    )


def alt(rows: Sequence[ScoreLine]) -> str:
    """Benchmark by benchmark the model's score in per cent."""
    shown = _shown(rows)
    if not shown:
        return EMPTY
    told = "; ".join(f"{row.benchmark} {number(100 * row.value)} %" for row in shown)
    return f"Scores on {len(shown)} benchmarks: {told}."


def _value(value: float | None) -> str:
    return number(value, 3 if value is not None and abs(value) <= 1 else 1)


CHART = Chart(
    __name__,
    title="Scores by benchmark",
    subtitle="This model beside the best open and the best closed score on each benchmark",
    caption=(
        "The diamond is this model's best believed score, its bar the 90 % interval where a standard error is known; "
        "the round mark is the best open model, the square the best closed one. Scores in other units are in the table."
    ),
    unit="% of tasks",
    empty=EMPTY,
    rows=models.score_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("benchmark", "Benchmark", link=lambda row: f"/benchmarks/{row.benchmark_slug}/"),
        Column("category", "Category"),
        Column("setting", "Setting"),
        Column("value", "Score", _value, numeric=True),
        Column("stderr", "Standard error", lambda value: number(value, 3), numeric=True),
        Column("best_open", "Best open", _value, numeric=True),
        Column("best_closed", "Best closed", _value, numeric=True),
        Column("evaluator", "Measured by"),
        Column("evaluated_on", "Measured on"),
        Column("source", "Source"),
        Column("believed", "Believed"),
    ),
)
