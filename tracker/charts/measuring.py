"""How wide words are: every picture is laid out by one face, wherever it is drawn."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from PIL import ImageFont

# One drawing at a time: a font that is being measured with, and matplotlib's settings, belong to the whole process.
LOCK = Lock()
_EM = 2048  # the face's own units: at that size nothing is rounded to pixels, and widths grow as the size does


def _folder() -> Path:
    """Where the face lies that comes with matplotlib, without bringing matplotlib itself along."""
    found = find_spec("matplotlib")
    return Path(((found and found.submodule_search_locations) or [""])[0], "mpl-data", "fonts", "ttf")


# It is wider than the readers' faces, so what fits here fits there.
FACES = {bold: _folder() / name for bold, name in ((False, "DejaVuSans.ttf"), (True, "DejaVuSans-Bold.ttf"))}
_FONTS = {bold: ImageFont.truetype(file, _EM, layout_engine=ImageFont.Layout.BASIC) for bold, file in FACES.items()}


@lru_cache(maxsize=4096)
def measure(text: str, size: float, bold: bool) -> float:
    """How wide a line of text is in pixels, in the face that comes with the drawing library, without kerning. A browser
    that rounds each letter of this very face to whole pixels draws small words up to a twentieth wider."""
    return _FONTS[bold].getlength(text) * size / _EM
