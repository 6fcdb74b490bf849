"""What a sheet is made of: strokes, fills and words in pixels; and how markers, dashes and legend keys become such."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Point = tuple[float, float]
DASHES = {"solid": (), "dash": (7.0, 4.0), "dot": (1.5, 3.0), "dashdot": (7.0, 3.0, 1.5, 3.0), "longdash": (11.0, 4.0)}

# Markers with corners, about their middle, in halves of their size: right and down are more.
OUTLINES: dict[str, tuple[Point, ...]] = {
    "diamond": ((0, -1), (1, 0), (0, 1), (-1, 0)),
    "triangle-up": ((0, -0.95), (0.95, 0.7), (-0.95, 0.7)),
    "triangle-down": ((0, 0.95), (0.95, -0.7), (-0.95, -0.7)),
    "cross": (
        (-0.32, -0.95), (0.32, -0.95), (0.32, -0.32), (0.95, -0.32), (0.95, 0.32), (0.32, 0.32),
        (0.32, 0.95), (-0.32, 0.95), (-0.32, 0.32), (-0.95, 0.32), (-0.95, -0.32), (-0.32, -0.32),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stroke:
    """Lines of one look. A run from a point to itself is a dot: round or square as its cap is."""

    runs: tuple[tuple[Point, ...], ...]
    colour: str
    width: float
    dash: tuple[float, ...] = ()
    alpha: float = 1.0
    cap: str = "butt"
    join: Literal["round", "miter"] = "round"


@dataclass(frozen=True, slots=True)
class Fill:
    """Closed outlines of one colour."""

    outlines: tuple[tuple[Point, ...], ...]
    colour: str
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `halo` keeps it readable over lines and bands."""

    text: str
    x: float
    baseline: float
    colour: str
    size: float
    anchor: str = "start"
    bold: bool = False
    halo: bool = False


Item = Stroke | Fill | Words


def dash_of(line: dict[str, Any]) -> tuple[float, ...]:
    """The lengths of strokes and gaps in pixels, from Plotly's name or its list; empty for a solid line."""
    dash = line.get("dash", "solid")
    return DASHES[dash] if dash in DASHES else tuple(float(part.removesuffix("px")) for part in dash.split(","))


def opacity_of(colour: str) -> tuple[str, float]:
    """A colour as hex and its opacity. Figures are written in hex or in theme.fade()'s rgba."""
    found = re.fullmatch(r"rgba\((\d+),(\d+),(\d+),([\d.]+)\)", colour)
    if not found:
        return colour, 1.0
    red, green, blue, alpha = found.groups()
    return f"#{int(red):02x}{int(green):02x}{int(blue):02x}", float(alpha)


def marker_size(marker: dict[str, Any]) -> float:
    """One size for all: a list of sizes only says, with 0, which points have no marker."""
    size = marker.get("size", 6)
    return float(max(size, default=0) if isinstance(size, list) else size)


def markers(points: Sequence[Point], marker: dict[str, Any], *, halo: str | None = None) -> Iterable[Item]:
    """All markers of a trace: one path for the lot, under it a ring of the paper's colour where they sit on a line."""
    if not points:
        return
    size, symbol = marker_size(marker), marker.get("symbol", "circle")
    colour, alpha = marker["color"], float(marker.get("opacity", 1))
    spots = tuple((point, point) for point in points)
    match symbol:
        case "circle" | "square":
            cap = "round" if symbol == "circle" else "square"
            side = size if symbol == "circle" else size * 0.88
            if halo:
                yield Stroke(spots, halo, side + 2.5, cap=cap)
            # Squares and circles are dots with a cap: a fortieth of the bytes of drawn outlines.
            yield Stroke(spots, colour, side, alpha=alpha, cap=cap)
        case "circle-open" | "square-open":
            cap = "round" if symbol == "circle-open" else "square"
            yield Stroke(spots, colour, size, alpha=alpha, cap=cap)
            yield Stroke(spots, halo or "#ffffff", size - 3, cap=cap)
        case "line-ns-open" | "line-ew-open":
            across, up = (0.0, size / 2) if symbol == "line-ns-open" else (size / 2, 0.0)
            runs = tuple(((x - across, y - up), (x + across, y + up)) for x, y in points)
            yield Stroke(runs, colour, marker.get("line", {}).get("width", 1.75), alpha=alpha)
        case _ if symbol in OUTLINES:
            half = size * 0.62
            if halo:
                yield Fill(tuple(_outline(symbol, point, half + 1.75) for point in points), halo)
            yield Fill(tuple(_outline(symbol, point, half) for point in points), colour, alpha)
        case _:
            raise ValueError(f"{symbol!r} is not a marker that the drawing knows")


def _outline(symbol: str, point: Point, half: float) -> tuple[Point, ...]:
    return tuple((point[0] + half * x, point[1] + half * y) for x, y in OUTLINES[symbol])


def legend_key(trace: dict[str, Any], x: float, y: float, width: float) -> Iterable[Item]:
    """The small picture beside a series' name."""
    if trace["type"] == "bar":
        yield Fill(
            (((x, y - 5), (x + width, y - 5), (x + width, y + 5), (x, y + 5)),), *opacity_of(trace["marker"]["color"])
        )
        return
    if "lines" in trace["mode"]:
        style = trace["line"]
        yield Stroke((((x, y), (x + width, y)),), style["color"], style.get("width", 2), dash_of(style))
    if "markers" in trace["mode"]:
        yield from markers([(x + width / 2, y)], {**trace["marker"], "opacity": 1}, halo=None)
