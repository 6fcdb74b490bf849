"""A square that a telephone's camera reads, as an image inside the page: it is fetched from nowhere."""

import base64
import io

from qrcode.image.svg import SvgPathImage  # type: ignore[import-untyped]
from qrcode.main import QRCode  # type: ignore[import-untyped]

# Black on white whatever the page's colours are: many cameras read nothing else.
BACKGROUND = "white"


class Square(SvgPathImage):
    """The library's SVG, which by itself has no ground, on a white one."""

    background = BACKGROUND


def square(words: str) -> str:
    """A data: address of the SVG."""
    code: QRCode = QRCode(border=4)
    code.add_data(words)
    sink = io.BytesIO()
    code.make_image(image_factory=Square).save(sink)
    return f"data:image/svg+xml;base64,{base64.b64encode(sink.getvalue()).decode()}"
