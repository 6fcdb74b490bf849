"""The sheet a figure is laid out on: its size, its scales, what is on it already, how its words are measured."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tracker.charts.marks import Item, Point, Words
from tracker.charts.placing import Box, Wish
from tracker.charts.scales import Scale
from tracker.charts.theme import Figure

Measure = Callable[[str, float, bool], float]


@dataclass(frozen=True, slots=True)
class Heading:
    """What a drawing that leaves its page takes along: above it title and subtitle, below it the source."""

    title: str
    subtitle: str = ""
    source: str = ""


@dataclass(slots=True)
class Sheet:
    """The sheet while it is filled, and everything on it."""

    figure: Figure
    measure: Measure
    variant: str
    width: float
    height: float
    items: list[Item] = field(default_factory=list)
    obstacles: list[Box] = field(default_factory=list)
    dust: list[Box] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    x: Scale = field(init=False)
    y: Scale = field(init=False)
    plot: Box = field(init=False)

    @property
    def layout(self) -> dict[str, Any]:
        layout: dict[str, Any] = self.figure["layout"]
        return layout

    @property
    def size(self) -> float:
        return float(self.layout["font"]["size"])

    def words(self, text: str, x: float, baseline: float, colour: str, **more: Any) -> Words:
        words = Words(text, x, baseline, colour, size=more.pop("size", self.size), **more)
        self.items.append(words)
        return words

    def box(self, words: Words) -> Box:
        width = self.measure(words.text, words.size, words.bold)
        left = words.x - width * {"start": 0, "middle": 0.5, "end": 1}[words.anchor]
        return Box(left, words.baseline - words.size * 0.85, left + width, words.baseline + words.size * 0.25)

    def wrap(self, text: str, room: float, size: float, bold: bool = False) -> list[str]:
        """The text in lines no wider than the room; a <br> is a line of its own."""
        lines: list[str] = []
        for part in re.split(r"<br ?/?>", text):
            lines.append("")
            for word in part.split(" "):  # a no-break space holds
                longer = f"{lines[-1]} {word}".strip()
                if lines[-1] and self.measure(longer, size, bold) > room:
                    lines.append(word)
                else:
                    lines[-1] = longer
        return lines


def series(sheet: Sheet) -> list[dict[str, Any]]:
    """The traces that a legend would name."""
    return [t for t in sheet.figure["data"] if t.get("name") and t.get("showlegend", True) is not False]


def labelled_directly(sheet: Sheet) -> bool:
    """On a wide sheet lines carry their names at their ends; on a narrow one, and for points, there is a legend."""
    return sheet.variant == "wide" and all("lines" in t.get("mode", "") for t in series(sheet))


def end_text(sheet: Sheet, trace: dict[str, Any]) -> list[str]:
    """The lines of text at a trace's end: its name where there are several and no legend, and its last value where the
    trace carries it."""
    named = len(series(sheet)) > 1 and labelled_directly(sheet)
    end = trace.get("meta", {}).get("end", "")
    return [*([trace["name"]] if named else []), *([end] if end else [])]


def position(sheet: Sheet, letter: str, value: Any, ref: str) -> float | None:
    """The pixel of a value along that axis; of a share of the plot, from its lower left, where `ref` says paper or
    domain. None where there is nothing to draw."""
    if not ref.startswith("paper") and "domain" not in ref:
        return (sheet.x if letter == "x" else sheet.y).at(value)
    plot, part = sheet.plot, float(value)
    if letter == "x":
        return plot.left + part * (plot.right - plot.left)
    return plot.bottom - part * (plot.bottom - plot.top)


def points_of(sheet: Sheet, trace: dict[str, Any]) -> list[Point | None]:
    """Points of a trace; None where there is no value or where it lies off the chart, which breaks the line."""
    found: list[Point | None] = []
    for x, y in zip(map(sheet.x.at, trace["x"]), map(sheet.y.at, trace["y"]), strict=True):
        on = x is not None and y is not None and sheet.x.holds(x) and sheet.y.holds(y)
        found.append((x, y) if on and x is not None and y is not None else None)
    return found
