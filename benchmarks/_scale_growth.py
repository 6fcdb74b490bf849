"""How figures grow with the size of the data: an exponent between two sizes, beside that of n log n."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SLACK: Final = 0.1  # what noise may add to an exponent before it is called growth
# Differences of figures smaller than these are noise, whatever their ratio is.
LEAST: Final = {"s": 0.5, "ms": 10.0, "MB": 20.0, "queries": 0.5}


@dataclass(frozen=True, slots=True)
class Growth:
    """A figure between its smallest and its largest size: it grew as size ** exponent; `limit` is n log n's."""

    exponent: float
    limit: float
    faster: bool


def growth(figures: Mapping[int, float], unit: str = "") -> Growth | None:
    """By least squares over all sizes; None where there are fewer than two, or one is nothing."""
    points = sorted((size, value) for size, value in figures.items() if size > 1)
    if len(points) < 2 or any(value <= 0 for _, value in points):
        return None
    x, y = [math.log(size) for size, _ in points], [math.log(value) for _, value in points]
    fitted = _slope(x, y)
    limit = _slope(x, [a + math.log(a) for a in x])
    noticed = points[-1][1] - points[0][1] > LEAST.get(unit, 0.0)
    return Growth(fitted, limit, noticed and fitted > limit + SLACK)


def _slope(x: Sequence[float], y: Sequence[float]) -> float:
    middle, level = sum(x) / len(x), sum(y) / len(y)
    across = sum((a - middle) ** 2 for a in x)
    return sum((a - middle) * (b - level) for a, b in zip(x, y, strict=True)) / across


def table(found: Mapping[str, Mapping[str, Mapping[str, float]]], scores: Mapping[str, int]) -> list[str]:
    """One line a figure: its value at each share, its exponent, and a word where it grows faster than n log n.

    `found` holds, by share and by part, figures called "what, unit".
    """
    shares = sorted(found, key=float)
    names = dict.fromkeys((part, name) for share in shares for part in found[share] for name in found[share][part])
    head = ["part", "figure", *(f"{share} %" for share in shares), "exponent", "n log n"]
    rows = [head]
    for part, name in names:
        values = {share: found[share].get(part, {}).get(name) for share in shares}
        unit = name.rpartition(", ")[2]
        grown = growth({scores[share]: value for share, value in values.items() if value is not None}, unit)
        cells = ["" if value is None else shown(value) for value in values.values()]
        told = ["", ""] if grown is None else [f"{grown.exponent:.2f}", f"{grown.limit:.2f}"]
        rows.append([part, name, *cells, *told, *(["FASTER"] if grown and grown.faster else [])])
    widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if at < 2 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=False))
        )
        + (f"  {row[len(head)]}" if len(row) > len(head) else "")
        for row in rows
    ]


def shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.3g}"
