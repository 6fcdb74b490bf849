"""Models beside each other, a line to each benchmark: one shape per model, open and closed in their colours."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from tracker.charts.base import Chart, Column, interval, number
from tracker.charts.theme import LIGHT, ROLES, Figure, axis, blank, note, plain, rule
from tracker.queries import compare
from tracker.queries.compare import Beside

EMPTY = "No two of these models have a score on the same benchmark that is scored in per cent."
PER_CENT = ("proportion", "rate")
LINE, MARK = 32, 6
# How far two models' marks stand apart, in lines: whiskers of like scores must not lie over each other.
APART = 0.1
MOST = 24
LONGEST = 30
# The round mark means open and the square one closed on every other chart; the first of each side keeps it.
SHAPES = {
    "open": ("circle", "triangle-up", "diamond", "triangle-down", "cross", "square"),
    "closed": ("square", "diamond", "triangle-down", "cross", "triangle-up", "circle"),
}
NOT_KNOWN = ("cross", "diamond", "triangle-up", "triangle-down", "square", "circle")

Line = tuple[Beside, ...]


def shared(rows: Sequence[Beside]) -> list[Line]:
    """The benchmarks that are drawn, each with its models in their order: those of a percentage, most shared first."""
    found = [tuple(some) for _, some in groupby(rows, key=lambda row: row.benchmark_slug)]
    return [line for line in found if line[0].unit in PER_CENT]


def shapes(models: Sequence[Beside]) -> list[str]:
    """A shape for each of the models, no two alike."""
    taken: list[str] = []
    for model in models:
        taken.append(next(shape for shape in SHAPES.get(model.side, NOT_KNOWN) if shape not in taken))
    return taken


def figure(rows: Sequence[Beside]) -> Figure:
    """The first MOST of the shared benchmarks, the models a little apart within each line. Who was not measured on one
    has no mark there and is named above it."""
    lines = shared(rows)[:MOST]
    models = lines[0] if lines else ()
    tall = 110 + (LINE + MARK * max(len(models), 2)) * max(len(lines), 4)
    drawn = blank(
        x=axis("Score (% of tasks)", range=[-1, 101], showgrid=True),
        y=axis("", showgrid=False, showticklabels=False, range=[round(len(lines) - 0.5, 2), -0.95]),
        empty="" if lines else EMPTY,
        height=tall,
        narrow=tall + 26 * len(lines),
    )
    if not lines:
        return drawn
    layout = drawn["layout"]
    offs = [round((nth - (len(models) - 1) / 2) * APART, 3) for nth in range(len(models))]
    for at, line in enumerate(lines):
        layout["shapes"].append({**rule(x0=0, x1=1, xref="paper", y0=at, y1=at, colour="grid"), "layer": "below"})
        said, above = plain(_said(line)), round(at + offs[0], 3)
        layout["annotations"].append(
            note(said, x=0, xref="paper", y=above, yanchor="bottom", yshift=9, xshift=2, colour="ink", size=12)
        )
    for nth, (model, shape) in enumerate(zip(models, shapes(models), strict=True)):
        here = [(round(at + offs[nth], 3), line[nth]) for at, line in enumerate(lines) if line[nth].value is not None]
        if here:
            drawn["data"].append(_marks(model, shape, here))
    return drawn


def _marks(model: Beside, shape: str, here: Sequence[tuple[float, Beside]]) -> dict[str, Any]:
    colour = LIGHT[ROLES[model.side].colour if model.side in ROLES else "muted"]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(_short(model.model)),
        "x": [_per_cent(row.value) for _, row in here],
        "y": [at for at, _ in here],
        "marker": {"color": colour, "size": 10, "symbol": shape},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [_reach(row.high, row.value) for _, row in here],
            "arrayminus": [_reach(row.value, row.low) for _, row in here],
            "color": colour,
            "thickness": 1.5,
            "width": 0,
        },
        "hovertext": [_hover(row) for _, row in here],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "meta": {"role": model.side or "gap", "halo": True},
    }


def _said(line: Line) -> str:
    absent = [_short(row.model) for row in line if row.value is None]
    less = ", lower is better" if line[0].lower_is_better else ""
    return f"{line[0].benchmark}{less}" + (f" · no score: {', '.join(absent)}" if absent else "")


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def _per_cent(value: float | None) -> float:
    return round(100 * (value or 0.0), 2)


def _reach(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else round(100 * max(high - low, 0), 2)


def _worded(row: Beside) -> str:
    if row.value is None:
        return "not measured"
    if row.low is None or row.high is None:
        return f"{number(100 * row.value)} %"
    return f"{number(100 * row.value)} % ({interval(100 * row.low, 100 * row.high)})"


def _hover(row: Beside) -> str:
    setting = f", {plain(row.setting)}" if row.setting else ""
    return (
        f"{plain(row.model)}{setting}<br>{plain(row.benchmark)}: {_worded(row)}<br>{row.evaluator}, {plain(row.source)}"
    )


def alt(rows: Sequence[Beside]) -> str:
    """Line by line what is drawn; a model without a score is said to be not measured."""
    told = [
        f"{line[0].benchmark}: {', '.join(f'{row.model} {_worded(row)}' for row in line)}"
        for line in shared(rows)[:MOST]
    ]
    return f"{'; '.join(told)}." if told else EMPTY


def _value(value: float | None) -> str:
    return "not measured" if value is None else number(value, 3 if abs(value) <= 1 else 1)


def _edge(value: float | None) -> str:
    return "" if value is None else _value(value)


CHART = Chart(
    __name__,
    title="Scores side by side",
    subtitle="Each model's best believed score on every benchmark that two or more of them share",
    caption=(
        "Every model has a shape of its own; blue is open weights, orange is closed, grey is not known. The bar is the "
        "90 % interval, where a standard error was reported or follows from the number of questions. A model that "
        f"nobody measured on a benchmark has no mark there and is named instead. The {MOST} benchmarks that most of "
        "them share are drawn; the others, and scores in other units, are in the table. Settings and evaluators can "
        "differ within a line."
    ),
    unit="% of tasks",
    empty=EMPTY,
    rows=compare.chart_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("model", "Model", link=lambda row: f"/models/{row.model_slug}/"),
        Column("benchmark", "Benchmark", link=lambda row: f"/benchmarks/{row.benchmark_slug}/"),
        Column("category", "Category"),
        Column("side", "Weights"),
        Column(
            "value", "Score", _value, numeric=True,
            link=lambda row: None if row.fact is None else f"/facts/score/{row.fact}/",
        ),
        Column("low", "Low (5 %)", _edge, numeric=True),
        Column("high", "High (95 %)", _edge, numeric=True),
        Column("unit", "Unit"),
        Column("setting", "Setting"),
        Column("evaluator", "Measured by"),
        Column("source", "Source"),
    ),
)  # fmt: skip
