"""The house template of the charts: one meaning per colour, and the traces charts are made of, in Plotly's format."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

Figure = dict[str, Any]
Trace = dict[str, Any]

# The same names are custom properties in site.css; a test holds the two together. A figure is written in the light
# colours; the style sheet and charts.js exchange them by name when the page is dark.
LIGHT = {
    "paper": "#ffffff",
    "ink": "#1a2430",
    "muted": "#566270",
    "axis": "#8590a0",
    "grid": "#e4e8ec",
    "closed": "#c24a00",
    "open": "#0067a5",
}
DARK = {
    "paper": "#161c24",
    "ink": "#eef2f6",
    "muted": "#a3aebb",
    "axis": "#6d7988",
    "grid": "#2a333e",
    "closed": "#f2813f",
    "open": "#4aa3e8",
}
FONT = '"Helvetica Neue", Arial, "Liberation Sans", "As wide", sans-serif'
BAND = 0.16
# The name of an annotation that the drawing may move to where nothing is in its way.
YIELDS = "yields"


@dataclass(frozen=True, slots=True)
class Role:
    """What a series stands for, with the three things that say so: colour, dash and marker."""

    name: str
    colour: str
    dash: str
    symbol: str


ROLES = {
    "closed": Role("Closed", "closed", "solid", "square"),
    "open": Role("Open weights", "open", "7px,3px", "circle"),
    "gap": Role("Gap", "ink", "solid", "diamond"),
}


def fade(token: str, alpha: float) -> str:
    """The colour of that name, see-through, as Plotly writes it."""
    colour = LIGHT[token]
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def plain(text: str) -> str:
    """Text that Plotly shows as it is: it reads tags out of every label, and a tag is an inline style."""
    return text.replace("<", "‹").replace(">", "›")


def axis(title: str, kind: str = "linear", **more: Any) -> dict[str, Any]:
    """An axis in the house's look; `kind` is Plotly's, and `more` overrides what stands here."""
    return {
        "type": kind,
        "title": {"text": title, "font": {"size": 13, "color": LIGHT["muted"]}, "standoff": 12},
        "gridcolor": LIGHT["grid"],
        "linecolor": LIGHT["axis"],
        "tickcolor": LIGHT["axis"],
        "tickfont": {"color": LIGHT["muted"]},
        "zeroline": False,
        "automargin": True,
        **more,
    }


def blank(*, x: dict[str, Any], y: dict[str, Any], empty: str = "", height: int = 450, narrow: int = 460) -> Figure:
    """A figure without data under the house template. `empty` is the sentence shown in place of the data."""
    layout: dict[str, Any] = {
        "font": {"family": FONT, "size": 13, "color": LIGHT["ink"]},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 56, "r": 24, "t": 36, "b": 48},
        "hovermode": "closest",
        "hoverlabel": {
            "align": "left",
            "bgcolor": LIGHT["paper"],
            "bordercolor": LIGHT["axis"],
            "font": {"color": LIGHT["ink"]},
        },
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom"},
        "xaxis": {"showgrid": False, "showline": True, "ticks": "outside", **x},
        "yaxis": {"showgrid": True, "showline": False, "ticks": "", **y},
        "annotations": [],
        "shapes": [],
        # What the drawing and charts.js need and Plotly carries along: the two heights and the colours' names.
        "meta": {"height": {"wide": height, "narrow": narrow}, "palette": {v: k for k, v in LIGHT.items()}},
    }
    if empty:
        layout["xaxis"]["visible"] = layout["yaxis"]["visible"] = False
        layout["annotations"].append(
            note(empty, x=0.5, y=0.5, xref="paper", yref="paper", xanchor="center", yanchor="middle", size=15)
        )
    return {"data": [], "layout": layout}


def note(
    text: str,
    *,
    x: Any,
    y: Any,
    xref: str = "x",
    yref: str = "y",
    xanchor: str = "left",
    yanchor: str = "middle",
    xshift: float = 0,
    yshift: float = 0,
    colour: str = "muted",
    size: float = 13,
) -> dict[str, Any]:
    """Words on the chart, without an arrow."""
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": xref,
        "yref": yref,
        "xanchor": xanchor,
        "yanchor": yanchor,
        "xshift": xshift,
        "yshift": yshift,
        "align": "left",
        "showarrow": False,
        "font": {"size": size, "color": LIGHT[colour]},
    }


def rule(
    *, x0: Any, x1: Any, y0: Any, y1: Any, xref: str = "x", yref: str = "y", colour: str = "axis", **more: Any
) -> dict[str, Any]:
    """A thin straight line."""
    line = {"color": LIGHT[colour], "width": more.pop("width", 1), "dash": more.pop("dash", "solid")}
    return {"type": "line", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "xref": xref, "yref": yref, "line": line, **more}


def line(
    role: str,
    x: Sequence[Any],
    y: Sequence[float | None],
    *,
    name: str = "",
    hover: Sequence[str] = (),
    text: Sequence[str] = (),
    steps: bool = False,
    markers: bool = True,
) -> Trace:
    """A series. `text` names its points on the drawing where there is room; `hover` says everything about them."""
    of = ROLES[role]
    trace: Trace = {
        "type": "scatter",
        "mode": "lines+markers" if markers else "lines",
        "name": name or of.name,
        "x": list(x),
        "y": list(y),
        "line": {"color": LIGHT[of.colour], "width": 2.25, "dash": of.dash, "shape": "hv" if steps else "linear"},
        "marker": {"color": LIGHT[of.colour], "size": 8, "symbol": of.symbol},
        "meta": {"role": role},
        **_hover(hover),
    }
    if text:
        trace["text"] = list(text)
        trace["meta"]["names"] = True
    return trace


def dots(
    role: str,
    x: Sequence[Any],
    y: Sequence[float],
    *,
    name: str,
    hover: Sequence[str] = (),
    size: float = 5,
    opacity: float = 0.4,
    legend: bool = False,
) -> Trace:
    """Points that belong to a series without making it up."""
    of = ROLES[role]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": list(x),
        "y": list(y),
        "marker": {"color": LIGHT[of.colour], "size": size, "symbol": of.symbol, "opacity": opacity},
        "meta": {"role": f"dots-{role}"},
        "showlegend": legend,
        **_hover(hover),
    }


def band(role: str, x: Sequence[Any], low: Sequence[float], high: Sequence[float], *, steps: bool = False) -> Trace:
    """The interval around a series, as one closed outline."""
    there = list(zip(x, low, high, strict=True))
    if steps:
        # A step holds until the next one, so each value is drawn at its own date and again at the next.
        there = [point for one, two in pairwise(there) for point in (one, (two[0], *one[1:]))] + there[-1:]
    of = ROLES[role]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{of.name}, 90 % interval",
        "x": [at for at, _, _ in there] + [at for at, _, _ in reversed(there)],
        "y": [top for _, _, top in there] + [bottom for _, bottom, _ in reversed(there)],
        "fill": "toself",
        "fillcolor": fade(of.colour, BAND),
        "line": {"width": 0, "color": LIGHT[of.colour]},
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": {"role": f"band-{role}"},
    }


def _hover(hover: Sequence[str]) -> Trace:
    if not hover:
        return {"hoverinfo": "skip"}
    return {"hovertext": list(hover), "hovertemplate": "%{hovertext}<extra></extra>"}


def day(on: date) -> str:
    """A date as Plotly and JSON write it."""
    return on.isoformat()
