"""A figure dict as a picture without a browser: SVG that a strict policy lets through and both themes colour."""

import zlib

import orjson

from tracker.charts import strict
from tracker.charts.measuring import LOCK, measure
from tracker.charts.sheet import Heading
from tracker.charts.sketch import sketch
from tracker.charts.theme import Figure


def svg(
    figure: Figure,
    *,
    title: str,
    description: str,
    variant: str = "wide",
    width: float | None = None,
    height: float | None = None,
    heading: Heading | None = None,
) -> str:
    """The figure as one <svg> element with a name and a description, without styles, scripts or a fixed size."""
    with LOCK:
        sheet = sketch(figure, measure=measure, variant=variant, width=width, height=height, heading=heading)
    # Written out as it stands: matplotlib, which paints the same sheet as PNG, takes several times as long for its SVG.
    # Ids are unique on a page because figures are.
    told = orjson.dumps([figure, title, description, variant], option=orjson.OPT_SORT_KEYS)
    return strict.written(sheet, ident=f"c{zlib.crc32(told):08x}", title=title, description=description)
