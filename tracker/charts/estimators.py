"""Every definition of the lag side by side: one dot and whisker each, with the question it answers."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, interval, number, share
from tracker.charts.theme import LIGHT, ROLES, Figure, axis, blank, fade, note, rule
from tracker.queries import gap
from tracker.queries.gap import EstimateRow

KEEP = "\N{NO-BREAK SPACE}"
EMPTY = "No estimator has an answer under this definition yet."


def _months(rows: Sequence[EstimateRow]) -> list[EstimateRow]:
    return [row for row in rows if row.unit == "months"]


def _worded(row: EstimateRow) -> str:
    if row.value is None:
        return row.note or "not reached yet"
    known = interval(row.low, row.high).replace(" ", KEEP)
    return f"{number(row.value)}{KEEP}months{f' ({known})' if known else ''}"


def figure(rows: Sequence[EstimateRow]) -> Figure:
    """The lags in months; the gap in points has no place on this axis. An estimator without an answer says why where
    its mark would be."""
    shown = _months(rows)
    tall = 96 + 62 * max(len(shown), 4)
    drawn = blank(
        x=axis("Months behind (90 % interval)"),
        y=axis("", showgrid=False, showticklabels=False, range=[len(shown) - 0.45, -0.8]),
        empty="" if shown else EMPTY,
        height=tall,
        narrow=tall + 16 * len(shown),
    )
    if not shown:
        return drawn
    layout = drawn["layout"]
    known = [(nth, row) for nth, row in enumerate(shown) if row.value is not None]
    edges = [edge for row in shown for edge in (row.value, row.low, row.high) if edge is not None]
    low, high = min(0.0, *edges, 0.0), max(1.0, *edges, 1.0)
    # Room on the right for the numbers, which stand behind the whiskers.
    layout["xaxis"]["range"] = [
        round(low - (0.02 * (high - low) if low < 0 else 0), 2),
        round(high + 0.34 * (high - low), 2),
    ]
    values = [row.value for _, row in known if row.value is not None]
    if len(values) > 1:
        spread = {"type": "rect", "x0": min(values), "x1": max(values), "xref": "x", "y0": 0, "y1": 1, "yref": "paper"}
        layout["shapes"].append({**spread, "fillcolor": fade("ink", 0.07), "line": {"width": 0}, "layer": "below"})
    layout["shapes"].append({**rule(x0=0, x1=0, y0=0, y1=1, yref="paper"), "layer": "below"})
    of = ROLES["gap"]
    drawn["data"].append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Lag",
            "showlegend": False,
            "x": [row.value for _, row in known],
            "y": [nth for nth, _ in known],
            "marker": {"color": LIGHT[of.colour], "size": 11, "symbol": of.symbol},
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [_beyond(row.high, row.value) for _, row in known],
                "arrayminus": [_beyond(row.value, row.low) for _, row in known],
                "color": LIGHT[of.colour],
                "thickness": 2,
                "width": 0,
            },
            "hovertext": [f"{row.id} {row.name}<br>{_worded(row)}<br>{row.steps} steps" for _, row in known],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "meta": {"role": "gap", "halo": True},
        }
    )
    for nth, row in enumerate(shown):
        asked = f"{row.id} {row.name}. {row.question}"
        layout["annotations"].append(
            note(asked, x=0, xref="paper", y=nth, yanchor="bottom", yshift=9, xshift=8, colour="muted", size=12.5)
        )
        if row.value is None:
            words = note(
                _worded(row), x=0, xref="paper", y=nth, yanchor="top", xshift=8, yshift=8, colour="ink", size=13
            )
        else:
            end = row.value if row.high is None else max(row.value, row.high)
            words = note(_worded(row), x=round(end, 2), y=nth, xshift=10, colour="ink", size=13)
        layout["annotations"].append(words)
    return drawn


def _beyond(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else round(max(high - low, 0), 3)


def alt(rows: Sequence[EstimateRow]) -> str:
    """How far the definitions lie apart, then each one's answer."""
    values = [row.value for row in _months(rows) if row.value is not None]
    told = "; ".join(f"{row.id} {row.name}: {_worded(row)}" for row in _months(rows))
    spread = (
        f"From {number(min(values))} to {number(max(values))} months, depending on the definition. " if values else ""
    )
    return f"{spread}{told}."


CHART = Chart(
    __name__,
    title="One question, many definitions",
    subtitle="Every estimator of the lag on the same data, with the question it answers",
    caption=(
        "Each mark is one definition's answer, the bar its 90 % interval; the grey band spans all the answers. Where "
        "the definitions disagree by more than the bars, the choice of definition matters more than the data. The "
        "vertical gap (L8) is in points and stands in the table."
    ),
    unit="months",
    empty=EMPTY,
    rows=gap.estimate_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("id", "Estimator"),
        Column("name", "Name"),
        Column("question", "Question"),
        Column("value", "Value", number, numeric=True),
        Column("low", "Low (5 %)", number, numeric=True),
        Column("high", "High (95 %)", number, numeric=True),
        Column("unit", "Unit"),
        Column("window_from", "From"),
        Column("window_to", "To"),
        Column("steps", "Steps", numeric=True),
        Column("censored", "Not yet matched", share, numeric=True),
        Column("note", "Note"),
    ),
)
