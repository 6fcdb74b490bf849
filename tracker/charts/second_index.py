"""Every model's place by the first index and by the second: what lies off the diagonal depends on the model used."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, interval, number
from tracker.charts.theme import LIGHT, ROLES, YIELDS, Figure, axis, blank, note, plain
from tracker.queries import second_index
from tracker.queries.second_index import LABELLED, PlaceRow

EMPTY = "No second index on the public scale has been computed for this run yet."
SIDES = ("closed", "open")
MOST = 400  # marks of a side besides those with names


def figure(rows: Sequence[PlaceRow]) -> Figure:
    """A mark for each model whose access is known, on one scale both ways; the LABELLED that stand furthest apart are
    named where there is room."""
    drawn = blank(
        x=axis("First index (least squares)"),
        y=axis("Second index (Beta likelihood)"),
        empty="" if rows else EMPTY,
        height=520,
        narrow=460,
    )
    if not rows:
        return drawn
    values = [value for row in rows for value in (row.first, row.second)]
    room = 0.04 * (max(values) - min(values) or 1.0)
    low, high = round(min(values) - room, 2), round(max(values) + room, 2)
    layout = drawn["layout"]
    layout["xaxis"]["range"] = layout["yaxis"]["range"] = [low, high]
    drawn["data"].append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Both agree",
            "showlegend": False,
            "x": [low, high],
            "y": [low, high],
            "line": {"color": LIGHT["axis"], "width": 1, "dash": "3px,3px"},
            "hoverinfo": "skip",
            "meta": {"role": "gap"},
        }
    )
    for side in SIDES:
        own = [row for row in rows if row.side == side]
        some = _some(own)
        if some:
            told = f" ({len(some)} of {len(own)})" if len(some) < len(own) else ""
            drawn["data"].append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": f"{ROLES[side].name}{told}",
                    "x": [round(row.first, 2) for row in some],
                    "y": [round(row.second, 2) for row in some],
                    "marker": {"color": LIGHT[ROLES[side].colour], "size": 7, "symbol": ROLES[side].symbol},
                    "hovertext": [_hover(row) for row in some],
                    "hovertemplate": "%{hovertext}<extra></extra>",
                    "meta": {"role": side, "halo": True},
                }
            )
    for row in [row for row in rows if row.side in SIDES][:LABELLED]:
        name = note(plain(row.model), x=round(row.first, 2), y=round(row.second, 2), colour="ink", size=12)
        layout["annotations"].append({**name, "name": YIELDS})
    return drawn


def _some(rows: Sequence[PlaceRow]) -> Sequence[PlaceRow]:
    """Of very many models those that stand furthest apart, and of the others every so-manieth along the first index:
    the picture shows the same cloud, and is drawn in time."""
    if len(rows) <= LABELLED + MOST:
        return rows
    rest = sorted(rows[LABELLED:], key=lambda row: row.first)
    return [*rows[:LABELLED], *rest[:: -(-len(rest) // MOST)]]


def _hover(row: PlaceRow) -> str:
    return (
        f"{plain(row.model)}<br>first {number(row.first)}, second {number(row.second)} "
        f"(90 % interval {interval(row.low, row.high) or 'none: it holds the scale'})<br>{row.scores} scores"
    )


def alt(rows: Sequence[PlaceRow]) -> str:
    """Half of the models differ by less than so much, and the five that differ most."""
    apart = sorted(abs(row.difference) for row in rows)
    middle = apart[len(apart) // 2]
    most = "; ".join(f"{row.model} {number(row.first)} against {number(row.second)}" for row in rows[:5])
    return f"{len(rows)} models; half of them differ by less than {number(middle)} points. Furthest apart: {most}."


CHART = Chart(
    __name__,
    title="Two indices of the same scores",
    subtitle="Each model's place by least squares and by the Beta likelihood, on one public scale",
    caption=(
        "On the dotted line both indices agree; the two anchor models lie on it by definition. The models furthest "
        "from it have their names. The table gives intervals and, for the largest differences, the benchmark whose "
        "score the two weigh most differently. Models whose access nobody told are in the table only; of very "
        "many models a sample is drawn."
    ),
    unit="index points",
    empty=EMPTY,
    rows=second_index.place_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("model", "Model", link=lambda row: f"/models/{row.slug}/" if row.slug else None),
        Column("lab", "Lab"),
        Column("side", "Weights"),
        Column("first", "First index", number, numeric=True),
        Column("first_low", "Low (5 %)", number, numeric=True),
        Column("first_high", "High (95 %)", number, numeric=True),
        Column("second", "Second index", number, numeric=True),
        Column("low", "Low (5 %)", number, numeric=True),
        Column("high", "High (95 %)", number, numeric=True),
        Column("difference", "Second minus first", number, numeric=True),
        Column("scores", "Scores", numeric=True),
        Column("benchmark", "Weighs most"),
    ),
)
