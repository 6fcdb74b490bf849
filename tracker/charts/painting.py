"""A figure dict as PNG: the sheet that is written as SVG, painted by matplotlib. Most of that is needed here alone, and
a server that draws pages does without."""

import io
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from tracker.charts.marks import Fill, Stroke, Words
from tracker.charts.measuring import FACES, LOCK, measure
from tracker.charts.sheet import Heading, Sheet
from tracker.charts.sketch import sketch
from tracker.charts.theme import LIGHT, Figure

_SETTINGS: dict[Any, Any] = {"path.simplify": False, "text.parse_math": False}
_CAPS: dict[str, Literal["butt", "round", "projecting"]] = {"butt": "butt", "round": "round", "square": "projecting"}
_SIDES: dict[str, Literal["left", "center", "right"]] = {"start": "left", "middle": "center", "end": "right"}


def png(
    figure: Figure,
    *,
    scale: float = 2,
    variant: str = "wide",
    width: float | None = None,
    height: float | None = None,
    heading: Heading | None = None,
) -> bytes:
    """The figure as PNG on white, `scale` pixels to the SVG's one."""
    with LOCK, mpl.rc_context(_SETTINGS):
        sheet = sketch(figure, measure=measure, variant=variant, width=width, height=height, heading=heading)
        canvas = _painted(sheet, dpi=72 * scale)
        out = io.BytesIO()
        canvas.savefig(out, format="png", dpi=72 * scale, metadata={"Software": None})
    return out.getvalue()


def _painted(sheet: Sheet, *, dpi: float) -> Canvas:
    canvas = Canvas(figsize=(sheet.width / 72, sheet.height / 72), dpi=dpi, facecolor=LIGHT["paper"])
    pixels = Affine2D().scale(1 / 72, -1 / 72).translate(0, sheet.height / 72) + canvas.dpi_scale_trans
    for order, item in enumerate(sheet.items):
        artist: Artist
        match item:
            case Stroke():
                artist = _stroke(item, pixels)
            case Fill():
                artist = _fill(item, pixels)
            case Words():
                artist = _words(item, pixels)
        artist.set_zorder(order)
        canvas.add_artist(artist)
    return canvas


def _stroke(item: Stroke, pixels: Transform) -> Line2D:
    xs: list[float] = []
    ys: list[float] = []
    for run in item.runs:
        # To this painter a line of no length is nothing; in SVG it is a dot.
        nudge = 0.01 if len(run) == 2 and run[0] == run[1] else 0.0
        xs += [x + (nudge if nth else 0) for nth, (x, _) in enumerate(run)] + [float("nan")]
        ys += [y for _, y in run] + [float("nan")]
    cap = _CAPS[item.cap]
    artist = Line2D(
        xs, ys, color=item.colour, linewidth=item.width, alpha=None if item.alpha == 1 else item.alpha, transform=pixels
    )
    artist.set_snap(None if item.cap == "butt" else False)
    artist.set_solid_capstyle(cap)
    artist.set_solid_joinstyle(item.join)
    if item.dash:
        artist.set_dashes([part / item.width for part in item.dash])
    return artist


def _fill(item: Fill, pixels: Transform) -> PathPatch:
    path = Path.make_compound_path(*(Path([*outline, outline[0]], closed=True) for outline in item.outlines))
    return PathPatch(
        path, facecolor=item.colour, edgecolor="none", alpha=None if item.alpha == 1 else item.alpha, transform=pixels
    )


def _words(item: Words, pixels: Transform) -> Text:
    artist = Text(
        item.x,
        item.baseline,
        item.text,
        color=item.colour,
        horizontalalignment=_SIDES[item.anchor],
        verticalalignment="baseline",
        fontproperties=FontProperties(fname=FACES[item.bold], size=item.size, weight="bold" if item.bold else "normal"),
        transform=pixels,
    )
    if item.halo:
        artist.set_path_effects([withStroke(linewidth=3, foreground=LIGHT["paper"])])
    return artist
