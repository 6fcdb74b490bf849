"""The charts of an issue as pictures that every mail program shows: PNG, light on white, twice the shown pixels."""

import io
from collections.abc import Iterator
from datetime import date

from tracker.domain.notable import Content, Picture
from tracker.queries import runs

# As shown in a letter of 600 pixels. A letter must say a picture's shape before there is the picture, so that nothing
# moves when it comes; the charts with a line for every field or country need more room.
WIDTH = 552
HEIGHT = 400
HEIGHTS = {"openness-share": 460, "price-capability": 460, "open-frontier-licences": 620, "specialists": 860}
# Drawn on a smaller sheet and enlarged: a phone shows a letter's pictures at half their width, words and all.
SHEET = 460
SCALE = 2 * WIDTH / SHEET
# Lines, letters and their soft edges need no more; the file is a third of what it is in full colour.
COLOURS = 256


def height(name: str) -> int:
    """How high the chart of that name is shown."""
    return HEIGHTS.get(name, HEIGHT)


def draw(content: Content) -> Iterator[tuple[Picture, bytes, int, int]]:
    """Every picture of the issue with its PNG, its shown width and height, from what was known on the issue's day."""
    # Matplotlib: a second and forty megabytes, for who draws and not for every process.
    from tracker.charts import CHARTS
    from tracker.charts.painting import png

    run = runs.run_for(date.fromisoformat(content.as_of))
    for picture in content.pictures:
        chart, high = CHARTS[picture.name], height(picture.name)
        figure = chart.drawn(list(chart.rows(run, {})) if run else [], run, {})
        drawn = png(figure, scale=SCALE, variant="narrow", width=SHEET, height=SHEET * high / WIDTH)
        yield picture, _small(drawn), WIDTH, high


def _small(drawn: bytes) -> bytes:
    from PIL import Image

    small = io.BytesIO()
    with Image.open(io.BytesIO(drawn)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(small, "PNG", optimize=True)
    return small.getvalue()
