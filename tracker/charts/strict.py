"""matplotlib's SVG made fit for a policy without inline styles: presentation attributes, a class for each colour."""

import re
import xml.etree.ElementTree as ET

from tracker.charts.sheet import Sheet
from tracker.charts.theme import FONT, LIGHT

SVG = "{http://www.w3.org/2000/svg}"
TOKENS = {colour: token for token, colour in LIGHT.items()}
# What a drawing says and what SVG takes for granted anyway.
DEFAULTS = {
    "stroke-dashoffset": "0",
    "stroke-linecap": "butt",
    "stroke-linejoin": "miter",
    "stroke-opacity": "1",
    "fill-opacity": "1",
    "opacity": "1",
    "stroke-width": "1",
    "text-anchor": "start",
    "font-weight": "400",
    "font-style": "normal",
    "stroke-miterlimit": "100000",
}
# matplotlib writes a path as moves, lines and ends, in pixels.
_STEPS = re.compile(r"([MLz])\s*(?:(-?[\d.]+(?:e-?\d+)?) (-?[\d.]+(?:e-?\d+)?))?")
KEPT = {
    "fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-linecap",
    "stroke-linejoin", "opacity", "text-anchor", "font-size", "font-weight",
}  # fmt: skip


def rewritten(source: str, sheet: Sheet, *, ident: str, title: str, description: str) -> str:
    """The same drawing, flat, named and described, coloured by classes `f-…` and `s-…`, light by default."""
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
    drawn = ET.fromstring(source)  # noqa: S314  our own drawing, written a moment ago
    # The first patch is the background, which has just been drawn as one rectangle.
    groups = [group for group in drawn.iter(f"{SVG}g") if group.get("id") not in ("patch_1", "figure_1")]
    for group in groups:
        for element in group:
            if element.tag == f"{SVG}path":
                _path(root, element)
            elif element.tag == f"{SVG}text":
                _text(root, element, halo=group.get("id") == "halo")
    return ET.tostring(root, encoding="unicode", short_empty_elements=True)


def _path(root: ET.Element, element: ET.Element) -> None:
    attributes = _attributes(element.get("style", ""))
    ET.SubElement(root, "path", {"d": _compact(element.get("d", "")), **attributes})


def _text(root: ET.Element, element: ET.Element, *, halo: bool) -> None:
    attributes = _attributes(element.get("style", ""))
    where = {axis: _short(float(element.get(axis, "0"))) for axis in ("x", "y")}
    if halo:
        attributes["class"] += " halo"
        attributes |= {
            "stroke": LIGHT["paper"],
            "stroke-width": "3",
            "stroke-linejoin": "round",
            "paint-order": "stroke",
        }
    ET.SubElement(root, "text", {**where, **attributes}).text = element.text


def _attributes(style: str) -> dict[str, str]:
    pairs = (pair.partition(":") for pair in style.split(";") if ":" in pair)
    declared = {name.strip(): value.strip() for name, _, value in pairs}
    if "font" in declared:
        # The shorthand is the one property without an attribute of its name.
        font = declared.pop("font")
        declared["font-size"] = re.findall(r"([\d.]+)px", font)[0]
        declared["font-weight"] = "700" if re.match(r"bold|700", font) else "400"
    classes = [f"{name[0]}-{TOKENS[declared[name]]}" for name in ("fill", "stroke") if declared.get(name) in TOKENS]
    attributes = {"class": " ".join(classes)} if classes else {}
    for name, value in declared.items():
        if name in KEPT and DEFAULTS.get(name) != value:
            attributes[name] = re.sub(r"\d+\.\d+", lambda found: _short(float(found[0]), 2), value).removesuffix("px")
    return attributes


def _compact(path: str) -> str:
    """A path with a tenth of a pixel's precision. Each point is told from the one before, both rounded, so nothing adds
    up: equal marks then read the same wherever they stand, which halves what a drawing weighs when packed."""
    told: list[str] = []
    start = at = 0, 0
    begun = False  # a move that no line has followed yet: a dot is a line of no length
    for command, *numbers in _STEPS.findall(path):
        if command == "z":
            # "z" draws the last side itself, and matplotlib has drawn it already.
            told[-1:] = ["z"] if at == start and not begun else [told[-1], "z"]
            at, begun = start, False
            continue
        to = round(float(numbers[0]) * 10), round(float(numbers[1]) * 10)
        across, down = to[0] - at[0], to[1] - at[1]
        if command == "M":
            told.append(f"m{_pair(across, down)}")
            start, begun = to, True
        elif across or down or begun:
            # Level and upright pieces, which step lines and grids are made of, need one number only.
            told.append(
                f"h{_tenths(across)}" if not down else f"v{_tenths(down)}" if not across else f"l{_pair(across, down)}"
            )
            begun = False
        at = to
    return "".join(told)


def _pair(across: int, down: int) -> str:
    return f"{_tenths(across)}{'' if down < 0 else ' '}{_tenths(down)}"


def _tenths(number: int) -> str:
    """A tenth of the number, without the nought before the point: -4 is -.4."""
    whole, rest = divmod(abs(number), 10)
    return f"{'-' if number < 0 else ''}{whole or ('' if rest else '0')}{f'.{rest}' if rest else ''}"


def _short(number: float, decimals: int = 1) -> str:
    text = f"{number:.{decimals}f}".rstrip("0").rstrip(".") if decimals else str(round(number))
    return "0" if text == "-0" else text
