"""A figure dict laid out on a sheet of a given size: strokes, fills and words in pixels, for any canvas to paint."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from tracker.charts import labels
from tracker.charts.marks import Fill, Point, Stroke, dash_of, legend_key, marker_size, markers, opacity_of
from tracker.charts.placing import Box
from tracker.charts.scales import scale, ticks
from tracker.charts.sheet import Heading, Measure, Sheet, end_text, labelled_directly, points_of, position, series
from tracker.charts.theme import LIGHT, Figure

WIDTHS = {"wide": 960.0, "narrow": 364.0}


def sketch(
    figure: Figure,
    *,
    measure: Measure,
    variant: str,
    width: float | None,
    height: float | None,
    heading: Heading | None,
) -> Sheet:
    """The figure on a sheet, "wide" or "narrow". A heading makes the sheet higher, not the chart smaller."""
    heights = figure["layout"].get("meta", {}).get("height", {"wide": 450, "narrow": 460})
    sheet = Sheet(figure, measure, variant, width or WIDTHS[variant], height or float(heights[variant]))
    top = _heading(sheet, heading) if heading else 0.0
    source = sheet.wrap(heading.source, sheet.width - 20, 11) if heading and heading.source else []
    foot = 18 + 15 * len(source) if source else 0.0
    sheet.height += top + foot
    _frame(sheet, top, foot)
    _axes(sheet)
    _shapes(sheet, "below")
    for trace in sheet.figure["data"]:
        _trace(sheet, trace)
    _shapes(sheet, "above")
    labels.annotations(sheet)
    labels.end_labels(sheet)
    labels.names(sheet)
    for nth, text in enumerate(source):
        sheet.words(text, 6, sheet.height - foot + 18 + 15 * nth, LIGHT["muted"], size=11)
    return sheet


def _heading(sheet: Sheet, heading: Heading) -> float:
    at = 12.0
    for text, size, bold, colour in ((heading.title, 20, True, "ink"), (heading.subtitle, 13, False, "muted")):
        for part in sheet.wrap(text, sheet.width - 20, size, bold) if text else []:
            at += size * 1.3
            sheet.words(part, 6, at, LIGHT[colour], size=size, bold=bold)
    return at + 14


def _values(sheet: Sheet, letter: str) -> Iterator[Any]:
    axis = sheet.layout[f"{letter}axis"].get("type")
    for trace in sheet.figure["data"]:
        values = trace.get(letter, [])
        yield from values
        error = trace.get(f"error_{letter}", {})
        if error and axis == "linear":
            for value, up, down in zip(values, error["array"], error.get("arrayminus", error["array"]), strict=True):
                yield from () if value is None else (value + up, value - down)
        across = trace.get("orientation", "v") == "h"
        if trace.get("type") == "bar" and across == (letter == "x"):
            yield trace.get("base", 0) or 0
    for shape in sheet.layout.get("shapes", []):
        yield from (shape[f"{letter}{end}"] for end in "01" if shape.get(f"{letter}ref", letter) == letter)


def _frame(sheet: Sheet, top: float, foot: float) -> None:
    """Margins from what has to stand in them, then the two scales."""
    x_axis, y_axis = sheet.layout["xaxis"], sheet.layout["yaxis"]
    small = sheet.size - 1
    top += 8
    named = series(sheet)
    if len(named) > 1 and not labelled_directly(sheet):
        top = _legend(sheet, named, top)
    if y_axis.get("title", {}).get("text") and y_axis.get("visible") is not False:
        for part in sheet.wrap(y_axis["title"]["text"], sheet.width - 16, small):
            top += small * 1.3
            sheet.words(part, 6, top - 4, LIGHT["muted"], size=small)
        top += 8
    bottom = sheet.height - foot - 6
    if x_axis.get("visible") is not False:
        bottom -= 22 + (small * 1.5 if x_axis.get("title", {}).get("text") else 0)
    rough = scale(y_axis, _values(sheet, "y"), bottom, top)
    beside = [name for _, name in ticks(y_axis, rough, 44)]
    left = 6 + max((sheet.measure(name, small, False) + 8 for name in beside), default=0)
    ends = [part for trace in named for part in end_text(sheet, trace)] if sheet.variant == "wide" else []
    right = sheet.width - 10 - max((sheet.measure(part, sheet.size, True) + 8 for part in ends), default=6)
    sheet.plot = Box(left, top, right, bottom)
    sheet.x = scale(x_axis, _values(sheet, "x"), left, right)
    sheet.y = scale(y_axis, _values(sheet, "y"), bottom, top)


def _legend(sheet: Sheet, named: list[dict[str, Any]], top: float) -> float:
    x, small = 6.0, sheet.size - 1
    for trace in named:
        width = 34 + sheet.measure(trace["name"], small, False)
        if x > 6 and x + width > sheet.width - 4:
            x, top = 6.0, top + small * 1.6
        sheet.items.extend(legend_key(trace, x, top + small * 0.6, 24))
        sheet.words(trace["name"], x + 30, top + small * 0.95, LIGHT["ink"], size=small)
        x += width + 16
    return top + small * 1.6 + 4


def _axes(sheet: Sheet) -> None:
    plot, small = sheet.plot, sheet.size - 1
    for letter, on in (("x", sheet.x), ("y", sheet.y)):
        axis = sheet.layout[f"{letter}axis"]
        if axis.get("visible") is False:
            continue
        room = 44 if letter == "y" else 58 if axis.get("type") == "date" else 48
        at = [(on.pixel(number), name) for number, name in ticks(axis, on, room)]
        at = [(pixel, name) for pixel, name in at if on.holds(pixel)]
        if axis.get("showgrid"):
            lines = [
                ((p, plot.top), (p, plot.bottom)) if letter == "x" else ((plot.left, p), (plot.right, p)) for p, _ in at
            ]
            sheet.items.append(Stroke(tuple(lines), LIGHT["grid"], 1))
        if axis.get("showline") and letter == "x":
            marks = tuple(((p, plot.bottom), (p, plot.bottom + 5)) for p, _ in at)
            sheet.items.append(
                Stroke((((plot.left, plot.bottom), (plot.right, plot.bottom)), *marks), LIGHT["axis"], 1)
            )
        for pixel, name in at:
            if letter == "y":
                sheet.words(name, plot.left - 6, pixel + small * 0.35, LIGHT["muted"], size=small, anchor="end")
            else:
                # A label centred on a tick near the edge would leave the sheet.
                half = sheet.measure(name, small, False) / 2
                middle = min(max(pixel, half + 2), sheet.width - half - 2)
                sheet.words(name, middle, plot.bottom + 6 + small, LIGHT["muted"], size=small, anchor="middle")
        title = axis.get("title", {}).get("text")
        if letter == "x" and title:
            middle = (plot.left + plot.right) / 2
            sheet.words(title, middle, plot.bottom + 8 + small * 2.5, LIGHT["muted"], size=small, anchor="middle")


def _shapes(sheet: Sheet, layer: str) -> None:
    for shape in sheet.layout.get("shapes", []):
        if shape.get("layer", "above") != layer:
            continue
        x0, x1 = (position(sheet, "x", shape[key], shape.get("xref", "x")) for key in ("x0", "x1"))
        y0, y1 = (position(sheet, "y", shape[key], shape.get("yref", "y")) for key in ("y0", "y1"))
        if x0 is None or x1 is None or y0 is None or y1 is None:
            continue
        if shape["type"] == "rect":
            sheet.items.append(Fill((((x0, y0), (x1, y0), (x1, y1), (x0, y1)),), *opacity_of(shape["fillcolor"])))
        else:
            drawn = shape["line"]
            sheet.items.append(Stroke((((x0, y0), (x1, y1)),), drawn["color"], drawn["width"], dash_of(drawn)))
            sheet.obstacles.append(Box(min(x0, x1), min(y0, y1) - 2, max(x0, x1), max(y0, y1) + 2))


def _trace(sheet: Sheet, trace: dict[str, Any]) -> None:
    if trace["type"] == "bar":
        _bars(sheet, trace)
        return
    if trace.get("fill") == "toself":
        _area(sheet, trace, trace["x"], trace["y"])
        return
    if trace.get("fill") == "tonexty":
        other = sheet.figure["data"][sheet.figure["data"].index(trace) - 1]
        _area(sheet, trace, [*trace["x"], *reversed(other["x"])], [*trace["y"], *reversed(other["y"])])
    pixels = points_of(sheet, trace)
    role = trace.get("meta", {}).get("role", "")
    _errors(sheet, trace, pixels)
    if "lines" in trace["mode"] and trace["line"].get("width", 2):
        runs = [_stepped(run) if trace["line"].get("shape") == "hv" else run for run in _runs(pixels)]
        style = trace["line"]
        sheet.items.append(
            Stroke(tuple(map(tuple, runs)), style["color"], style.get("width", 2), dash_of(style), join="miter")
        )
        for run in runs:
            for one, two in pairwise(run):
                sheet.obstacles.extend(_along(one, two))
    if "markers" in trace["mode"]:
        sizes, size = trace["marker"].get("size", 6), marker_size(trace["marker"])
        there = [p for nth, p in enumerate(pixels) if p is not None and (not isinstance(sizes, list) or sizes[nth])]
        halo = LIGHT["paper"] if "lines" in trace["mode"] or trace.get("meta", {}).get("halo") else None
        sheet.items.extend(markers(there, trace["marker"], halo=halo))
        specks = [Box(x - size / 2, y - size / 2, x + size / 2, y + size / 2) for x, y in there]
        (sheet.dust if role.startswith("dots") else sheet.obstacles).extend(specks)
    if trace.get("meta", {}).get("names"):
        labels.wish(sheet, trace, pixels)


def _area(sheet: Sheet, trace: dict[str, Any], xs: Iterable[Any], ys: Iterable[Any]) -> None:
    plot, outline = sheet.plot, []
    for x, y in zip(map(sheet.x.at, xs), map(sheet.y.at, ys), strict=True):
        if x is not None and y is not None:
            outline.append((min(max(x, plot.left), plot.right), min(max(y, plot.top), plot.bottom)))
    if outline:
        sheet.items.append(Fill((tuple(outline),), *opacity_of(trace["fillcolor"])))


def _bars(sheet: Sheet, trace: dict[str, Any]) -> None:
    across = trace.get("orientation", "v") == "h"
    places, lengths = (trace["y"], trace["x"]) if across else (trace["x"], trace["y"])
    along, over = (sheet.x, sheet.y) if across else (sheet.y, sheet.x)
    half = (
        abs(over.pixel(1) - over.pixel(0)) * trace.get("width", 0.7) / 2
        if over.kind == "category"
        else trace.get("width", 12) / 2
    )
    zero, outlines = along.pixel(along.number(trace.get("base", 0) or 0) or 0), []
    for nth, (spot, length) in enumerate(zip(map(over.at, places), map(along.at, lengths), strict=True)):
        if spot is None or length is None:
            continue
        corners = ((zero, spot - half), (length, spot - half), (length, spot + half), (zero, spot + half))
        outlines.append(corners if across else tuple((y, x) for x, y in corners))
        if trace.get("text"):
            end = (length + 6, spot + sheet.size * 0.35) if across else (spot, length - 6)
            sheet.words(
                trace["text"][nth], *end, LIGHT["ink"], anchor="start" if across else "middle", size=sheet.size - 1
            )
    sheet.items.append(Fill(tuple(outlines), *opacity_of(trace["marker"]["color"])))


def _errors(sheet: Sheet, trace: dict[str, Any], pixels: list[Point | None]) -> None:
    for letter, on in (("x", sheet.x), ("y", sheet.y)):
        error = trace.get(f"error_{letter}")
        if not error:
            continue
        runs = []
        for nth, point in enumerate(pixels):
            value = on.number(trace[letter][nth])
            if point is None or value is None or error["array"][nth] is None:
                continue
            ends = [
                on.pixel(value - error.get("arrayminus", error["array"])[nth]),
                on.pixel(value + error["array"][nth]),
            ]
            low, high = (min(max(end, min(on.start, on.end)), max(on.start, on.end)) for end in ends)
            runs.append(((low, point[1]), (high, point[1])) if letter == "x" else ((point[0], low), (point[0], high)))
        sheet.items.append(Stroke(tuple(runs), error["color"], error.get("thickness", 2)))
        sheet.obstacles.extend(box for run in runs for box in _along(*run))


def _runs(pixels: list[Point | None]) -> list[list[Point]]:
    runs: list[list[Point]] = [[]]
    for pixel in pixels:
        if pixel is None:
            runs.append([])
        else:
            runs[-1].append(pixel)
    return [run for run in runs if len(run) > 1]


def _stepped(run: list[Point]) -> list[Point]:
    return [point for one, two in pairwise(run) for point in (one, (two[0], one[1]))] + run[-1:]


def _along(one: Point, two: Point) -> Iterator[Box]:
    """Boxes that cover a piece of line: one where it is straight up or level, small ones where it slants."""
    parts = 1 if one[0] == two[0] or one[1] == two[1] else max(1, int(abs(two[0] - one[0]) / 8))
    for nth in range(parts):
        (x0, y0), (x1, y1) = (
            (one[0] + (two[0] - one[0]) * at / parts, one[1] + (two[1] - one[1]) * at / parts) for at in (nth, nth + 1)
        )
        yield Box(min(x0, x1) - 1, min(y0, y1) - 1, max(x0, x1) + 1, max(y0, y1) + 1)
