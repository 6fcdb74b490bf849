"""Named rows with a dot, a whisker and words: what charts of one number per thing have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tracker.charts.theme import LIGHT, ROLES, Figure, axis, blank, note, plain, rule

HEAD = 40
LINE = 44


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its name, its number with an interval, and the words behind it. `group` opens a part of the chart."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    words: str
    hover: str
    group: str = ""


def lines(
    rows: Sequence[Line],
    *,
    x: str,
    role: str,
    empty: str,
    zero: bool = True,
    span: tuple[float, float] | None = None,
) -> Figure:
    """A row each, in their order, over `span` or what the values need. A whisker that leaves the chart is cut at its
    edge."""
    heads = sum(bool(row.group) for row in rows)
    tall = 80 + LINE * max(len(rows), 3) + HEAD * heads
    drawn = blank(
        x=axis(x), y=axis("", showgrid=False, showticklabels=False), empty="" if rows else empty,
        height=tall, narrow=tall + 18 * len(rows),
    )  # fmt: skip
    if not rows:
        return drawn
    layout, colour = drawn["layout"], LIGHT[ROLES[role].colour]
    places, y = [], 0.0
    for row in rows:
        if row.group:
            y += HEAD / LINE
            layout["annotations"].append(
                note(row.group, x=0, xref="paper", y=round(y - 0.62, 3), yanchor="bottom", colour="ink", size=14)
            )
        places.append(round(y, 3))
        y += 1
    layout["yaxis"]["range"] = [round(y - 0.5, 3), -0.75 + HEAD / LINE * bool(rows[0].group) * 0.3]
    known = [(at, row) for at, row in zip(places, rows, strict=True) if row.value is not None]
    values = [row.value for _, row in known if row.value is not None]
    low, high = span or _range(
        values, [edge for _, row in known for edge in (row.low, row.high) if edge is not None], zero
    )
    layout["xaxis"]["range"] = [round(low, 2), round(high, 2)]
    layout["shapes"].append({**rule(x0=0, x1=0, y0=0, y1=1, yref="paper"), "layer": "below"})
    drawn["data"].append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": x,
            "showlegend": False,
            "x": [round(row.value or 0.0, 2) for _, row in known],
            "y": [at for at, _ in known],
            "marker": {"color": colour, "size": 9, "symbol": ROLES[role].symbol},
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [_beyond(None if row.high is None else min(row.high, high), row.value) for _, row in known],
                "arrayminus": [_beyond(row.value, None if row.low is None else max(row.low, low)) for _, row in known],
                "color": colour,
                "thickness": 2,
                "width": 0,
            },
            "hovertext": [row.hover for _, row in known],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "meta": {"role": role, "halo": True},
        }
    )
    for at, row in zip(places, rows, strict=True):
        words = plain(row.name) + (f"\N{NO-BREAK SPACE}· {plain(row.words)}" if row.words else "")
        layout["annotations"].append(
            note(words, x=0, xref="paper", y=at, yanchor="bottom", yshift=7, xshift=2, colour="ink", size=12.5)
        )
    return drawn


def outline(x0: float, x1: float, y: float, half: float, *, name: str) -> dict[str, Any]:
    """The edge of a bar that is too pale to be told from the ground."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "showlegend": False,
        "x": [x0, x1, x1, x0, x0],
        "y": [y - half, y - half, y + half, y + half, y - half],
        "line": {"color": LIGHT["axis"], "width": 1.5, "dash": "4px,2px"},
        "hoverinfo": "skip",
        "meta": {"role": "gap"},
    }


def bar(x0: float, x1: float, y: float, half: float, colour: str, *, name: str, hover: str) -> dict[str, Any]:
    """A level bar from one value to another, `half` of a row to each side, as an outline that may start anywhere."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "showlegend": False,
        "x": [x0, x1, x1, x0, x0],
        "y": [y - half, y - half, y + half, y + half, y - half],
        "fill": "toself",
        "fillcolor": LIGHT[colour],
        "line": {"width": 0, "color": LIGHT[colour]},
        "text": hover,
        "hoverinfo": "text",
        "meta": {"role": "gap"},
    }


def _range(values: Sequence[float], edges: Sequence[float], zero: bool) -> tuple[float, float]:
    low, high = min([*values, 0.0] if zero else values or [0.0]), max([*values, 1.0] if zero else values or [1.0])
    span = high - low or 1.0
    # A whisker of many times the values' own range would press these together.
    low, high = max(min([low, *edges]), low - 0.5 * span), min(max([high, *edges]), high + 0.5 * span)
    room = 0.04 * (high - low)
    return low - room, high + room


def _beyond(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else round(max(high - low, 0), 3)
