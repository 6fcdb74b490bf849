"""A sheet as SVG fit for a policy without inline styles: presentation attributes, a class for each colour."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from tracker.charts.marks import Fill, Point, Stroke, Words
from tracker.charts.sheet import Sheet
from tracker.charts.theme import FONT, LIGHT

TOKENS = {colour: token for token, colour in LIGHT.items()}


def written(sheet: Sheet, *, ident: str, title: str, description: str) -> str:
    """The sheet, flat, named and described, coloured by classes `f-…` and `s-…`, light by default. Whatever else draws
    it draws the same: every stroke, fill and line of words is one element, in their order."""
    root = ET.Element("svg")
    root.set("xmlns", "http://www.w3.org/2000/svg")
    root.set("viewBox", f"0 0 {_short(sheet.width)} {_short(sheet.height)}")
    root.set("class", f"draw {sheet.variant}")
    root.set("role", "img")
    root.set("aria-labelledby", f"{ident}-t")
    root.set("aria-describedby", f"{ident}-d")
    root.set("font-family", FONT.replace('"', "'"))
    ET.SubElement(root, "title", {"id": f"{ident}-t"}).text = title
    ET.SubElement(root, "desc", {"id": f"{ident}-d"}).text = description
    background = {"class": "paper", "width": "100%", "height": "100%", "fill": LIGHT["paper"]}
    ET.SubElement(root, "rect", background)
    for item in sheet.items:
        match item:
            case Stroke():
                _stroke(root, item)
            case Fill():
                _fill(root, item)
            case Words():
                _words(root, item)
    return ET.tostring(root, encoding="unicode", short_empty_elements=True)


def _stroke(root: ET.Element, item: Stroke) -> None:
    told = {"d": _compact(item.runs), **_class("stroke", item.colour), "fill": "none"}
    if item.dash:
        told["stroke-dasharray"] = ",".join(_short(part, 2) for part in item.dash)
    told |= {"stroke": item.colour, **_opacity("stroke-opacity", item.alpha)}
    if item.width != 1:
        told["stroke-width"] = _short(item.width, 2)
    if item.cap != "butt":
        told["stroke-linecap"] = item.cap
    if item.runs:
        ET.SubElement(root, "path", told)


def _fill(root: ET.Element, item: Fill) -> None:
    told = {"d": _compact(item.outlines, closed=True), **_class("fill", item.colour), "fill": item.colour}
    if item.outlines:
        ET.SubElement(root, "path", {**told, **_opacity("opacity", item.alpha)})


def _words(root: ET.Element, item: Words) -> None:
    told = {"x": _short(round(item.x, 6)), "y": _short(round(item.baseline, 6)), **_class("fill", item.colour)}
    if item.bold:
        told["font-weight"] = "700"
    told["font-size"] = _short(item.size, 2)
    if item.anchor != "start":
        told["text-anchor"] = item.anchor
    told["fill"] = item.colour
    if item.halo:
        told["class"] = f"{told.get('class', '')} halo".strip()
        told |= {
            "stroke": LIGHT["paper"], "stroke-width": "3", "stroke-linejoin": "round", "paint-order": "stroke",
        }  # fmt: skip
    if item.text:
        ET.SubElement(root, "text", told).text = item.text


def _class(kind: str, colour: str) -> dict[str, str]:
    return {"class": f"{kind[0]}-{TOKENS[colour]}"} if colour in TOKENS else {}


def _opacity(name: str, alpha: float) -> dict[str, str]:
    return {} if alpha == 1 else {name: _short(alpha, 2)}


def _compact(runs: Iterable[Iterable[Point]], *, closed: bool = False) -> str:
    """A path with a tenth of a pixel's precision. Each point is told from the one before, both rounded, so nothing adds
    up: equal marks then read the same wherever they stand, which halves what a drawing weighs when packed."""
    told: list[str] = []
    at = 0, 0
    for run in runs:
        start: tuple[int, int] | None = None
        begun = False  # a move that no line has followed yet: a dot is a line of no length
        for x, y in run:
            # To a millionth first: what is half-way between two tenths must not depend on how it was added up.
            to = round(round(x, 6) * 10), round(round(y, 6) * 10)
            across, down = to[0] - at[0], to[1] - at[1]
            if start is None:
                told.append(f"m{_pair(across, down)}")
                start, begun = to, True
            elif across or down or begun:
                # Level and upright pieces, which step lines and grids are made of, need one number only.
                told.append(
                    f"h{_tenths(across)}"
                    if not down
                    else f"v{_tenths(down)}"
                    if not across
                    else f"l{_pair(across, down)}"
                )
                begun = False
            at = to
        if closed and start is not None:
            # "z" draws the last side itself.
            told[-1:] = ["z"] if at == start and not begun else [told[-1], "z"]
            at = start
    return "".join(told)


def _pair(across: int, down: int) -> str:
    return f"{_tenths(across)}{'' if down < 0 else ' '}{_tenths(down)}"


def _tenths(number: int) -> str:
    """A tenth of the number, without the nought before the point: -4 is -.4."""
    whole, rest = divmod(abs(number), 10)
    return f"{'-' if number < 0 else ''}{whole or ('' if rest else '0')}{f'.{rest}' if rest else ''}"


def _short(number: float, decimals: int = 1) -> str:
    text = f"{number:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
