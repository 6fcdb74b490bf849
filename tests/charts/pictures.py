"""Reads a drawing back: its elements, and where its words lie."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from tracker.charts.measuring import measure
from tracker.charts.placing import Box

SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314  drawn by us a moment ago


def outlines(path: str) -> list[list[tuple[float, float]]]:
    """The points of each run of a path's `d`, on the sheet; a run that is closed ends where it began."""
    runs: list[list[tuple[float, float]]] = []
    x, y = 0.0, 0.0
    for command, rest in re.findall(r"([mlhvz])([^mlhvz]*)", path):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", rest)]
        if command == "z":
            x, y = runs[-1][0]
        else:
            x += numbers[0] if command in "mlh" else 0.0
            y += numbers[-1] if command in "mlv" else 0.0
        if command == "m":
            runs.append([])
        runs[-1].append((x, y))
    return runs


def words(picture: str) -> Iterator[tuple[str, Box]]:
    """Every line of text with the box of its letters."""
    for text in parsed(picture).iter(f"{SVG}text"):
        size, said = float(text.get("font-size", "")), text.text or ""
        wide = measure(said, size, text.get("font-weight") == "700")
        left = float(text.get("x", "")) - wide * {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor", "start")]
        baseline = float(text.get("y", ""))
        yield said, Box(left, baseline - size * 0.7, left + wide, baseline)
