"""The words on a chart: notes, names at the ends of lines, and the names of points where there is room."""

from typing import Any

from tracker.charts.marks import Point, Stroke
from tracker.charts.placing import Box, Wish, place, spread
from tracker.charts.sheet import Sheet, end_text, points_of, position, series
from tracker.charts.theme import LIGHT, YIELDS

MOST_NAMES = {"wide": 16, "narrow": 7}


def wish(sheet: Sheet, trace: dict[str, Any], pixels: list[Point | None]) -> None:
    """Names worth the room: the newest, then those that rose the most over the one before."""
    last = max((nth for nth, pixel in enumerate(pixels) if pixel is not None and trace["text"][nth]), default=-1)
    before: Point | None = None
    for nth, pixel in enumerate(pixels):
        if pixel is None:
            continue
        weight = 1e6 if nth == last else abs(before[1] - pixel[1]) if before else 40
        before = pixel
        if trace["text"][nth]:
            above = trace["meta"]["role"] != "open"
            sheet.wishes.append(Wish(trace["text"][nth], *pixel, trace["line"]["color"], above, weight))


def annotations(sheet: Sheet) -> None:
    """The figure's own notes, broken into the room they have. One that yields waits for room beside the names."""
    for said in sheet.layout.get("annotations", []):
        x = position(sheet, "x", said["x"], said.get("xref", "x"))
        y = position(sheet, "y", said["y"], said.get("yref", "y"))
        if x is None or y is None:
            continue
        if said.get("name") == YIELDS:
            sheet.wishes.append(Wish(said["text"], x, y, said["font"]["color"], True, 3e6))
            continue
        x, y = x + said.get("xshift", 0), y - said.get("yshift", 0)
        size, bold = said["font"].get("size", sheet.size), said["font"].get("weight") == "bold"
        anchor = {"left": "start", "center": "middle", "right": "end"}[said.get("xanchor", "center")]
        room = {"start": sheet.width - x, "middle": 2 * min(x, sheet.width - x), "end": x}[anchor]
        lines = sheet.wrap(said["text"], min(said.get("width", room), room) - 4, size, bold)
        first = {
            "bottom": y - (len(lines) - 1) * size * 1.25 - size * 0.3,
            "top": y + size,
            "middle": y + size * 0.35 - (len(lines) - 1) * size * 0.625,
        }
        # Words in the paper's colour stand on a mark: a halo of that colour would fill their letters.
        colour = said["font"]["color"]
        halo = colour != LIGHT["paper"]
        for nth, part in enumerate(lines):
            baseline = first[said.get("yanchor", "middle")] + nth * size * 1.25
            shown = sheet.words(part, x, baseline, colour, size=size, bold=bold, anchor=anchor, halo=halo)
            sheet.obstacles.append(sheet.box(shown))


def end_labels(sheet: Sheet) -> None:
    """What stands at the ends of lines: spread beside them on a wide sheet; on a narrow one it waits for room like a
    name."""
    ends: list[tuple[Point, dict[str, Any]]] = []
    for trace in series(sheet):
        points = [pixel for pixel in points_of(sheet, trace) if pixel is not None] if trace["type"] == "scatter" else []
        if points and "lines" in trace["mode"] and end_text(sheet, trace):
            ends.append((points[-1], trace))
    if sheet.variant == "narrow":
        for (x, y), trace in ends:
            if trace["meta"].get("names"):
                continue  # the newest point's own name says more
            sheet.wishes.append(Wish(end_text(sheet, trace)[-1], x, y, trace["line"]["color"], True, 2e6))
        return
    height = sheet.size * 1.3
    tall = max((len(end_text(sheet, trace)) for _, trace in ends), default=1) * height
    middles = spread(
        [y for (_, y), _ in ends], gap=tall + 4, low=sheet.plot.top + tall / 2, high=sheet.plot.bottom - tall / 2
    )
    for ((x, _), trace), middle in zip(ends, middles, strict=True):
        lines = end_text(sheet, trace)
        for nth, part in enumerate(lines):
            baseline = middle + sheet.size * 0.35 + (nth - (len(lines) - 1) / 2) * height
            shown = sheet.words(part, x + 9, baseline, trace["line"]["color"], bold=nth == 0)
            sheet.obstacles.append(sheet.box(shown))


def names(sheet: Sheet) -> None:
    """What was wished for and finds room, MOST_NAMES at most; a name far from its point gets a thin line to it."""
    size = sheet.size - 1.5
    placed = place(
        sheet.wishes,
        inside=Box(sheet.plot.left + 2, sheet.plot.top - 4, sheet.width - 2, sheet.plot.bottom - 2),
        obstacles=sheet.obstacles,
        dust=sheet.dust,
        width=lambda text: sheet.measure(text, size, False),
        size=size,
        most=MOST_NAMES[sheet.variant],
    )
    for one in placed:
        wish, box = one.wish, one.box
        if one.leader:
            end = box.bottom if wish.above else box.top
            foot = min(max(wish.x, box.left + 4), box.right - 4)
            sheet.items.append(Stroke((((wish.x, wish.y), (foot, end)),), LIGHT["axis"], 0.75))
        sheet.words(
            wish.text, (box.left + box.right) / 2, one.baseline, wish.colour, size=size, anchor="middle", halo=True
        )
