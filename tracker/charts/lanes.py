"""Dots on days, a row for each kind of thing: every dot in the first lane of its row where it lies over no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from tracker.charts.theme import LIGHT, Figure, Trace, axis, blank, day, note, plain, rule

ROW = 58  # pixels
LANES = 5
LANE = 0.125  # of a row
# Two dots nearer than this would lie over each other on a telephone.
APART = timedelta(days=30)
EDGE = timedelta(days=45)

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Dot(Generic[Told]):
    """A thing where it stands: on its day, and how many rows down."""

    on: date
    y: float
    told: Told


def placed(on: date, written: str) -> date:
    """Where the dot stands: on its day, or in the middle of the month or the year that its source gives."""
    return on if len(written) == 10 else on + timedelta(days=14 if len(written) == 7 else 181)


def board(
    groups: Sequence[tuple[str, Sequence[tuple[date, Told]]]], *, x: str, empty: str
) -> tuple[Figure, list[Dot[Told]]]:
    """A figure with a named row for each group, and where its things stand, each group in the order of its days."""
    tall = 96 + ROW * len(groups)
    drawn = blank(
        x=axis(x, "date", showgrid=True),
        y=axis("", showgrid=False, showticklabels=False),
        empty="" if groups else empty,
        height=tall if groups else 400,
        narrow=tall if groups else 400,
    )
    if not groups:
        return drawn, []
    layout = drawn["layout"]
    dots: list[Dot[Told]] = []
    for nth, (words, some) in enumerate(groups):
        layout["annotations"].append(
            note(
                f"{plain(words)} · {len(some)}", x=0, xref="paper", y=nth, yanchor="bottom", xshift=2, yshift=8,
                colour="ink", size=12.5,
            )
        )  # fmt: skip
        track = rule(x0=0, x1=1, xref="paper", y0=nth, y1=nth, colour="grid")
        layout["shapes"].append({**track, "layer": "below"})
        dots += [Dot(on, round(nth + LANE * lane, 3), told) for on, lane, told in _lanes(some)]
    layout["yaxis"]["range"] = [len(groups) - 1 + LANES * LANE + 0.1, -0.6]
    days = [dot.on for dot in dots]
    layout["xaxis"]["range"] = [day(min(days) - EDGE), day(max(days) + EDGE)]
    return drawn, dots


def _lanes(some: Sequence[tuple[date, Told]]) -> list[tuple[date, int, Told]]:
    """Each dot in the first lane where it lies over no other; in the one that has been empty longest where all do."""
    last: list[date] = [date.min] * LANES
    found = []
    for on, told in some:
        lane = next((nth for nth, before in enumerate(last) if before == date.min or on - before >= APART), None)
        if lane is None:
            lane = min(range(LANES), key=last.__getitem__)
        last[lane] = on
        found.append((on, lane, told))
    return found


def trace(
    dots: Sequence[Dot[Told]],
    hover: Sequence[str],
    *,
    name: str,
    role: str,
    colour: str = "ink",
    symbol: str = "circle",
) -> Trace:
    """The dots as one series with a key in the legend; `hover` holds a text for each of them."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [day(dot.on) for dot in dots],
        "y": [dot.y for dot in dots],
        "marker": {"color": LIGHT[colour], "size": 7.5, "symbol": symbol, "opacity": 0.85},
        "hovertext": list(hover),
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": True,
        "meta": {"role": role},
    }
