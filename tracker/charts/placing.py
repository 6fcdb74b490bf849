"""Where words go on a crowded chart: none over another, none over a line; a name without room is left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0) * max(height, 0)


@dataclass(frozen=True, slots=True)
class Wish:
    """A name that wants to stand beside a point; `above` is the side of the line with more air."""

    text: str
    x: float
    y: float
    colour: str
    above: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A name that found room; `leader`: so far from its point that a line should lead there."""

    wish: Wish
    box: Box
    baseline: float
    leader: bool


# Direction of the name from its point (x, y up) and how far, best first; the far ones get a thin line to the point.
NEAR = ((-1, 0.72), (0, 1.05), (-1, 0.05), (1, 0.9))
FAR = ((-1, 1.9), (0, 2.3), (-1, 3.2), (1, 2.2), (0, 3.7), (-1, 4.8), (1, 3.6), (-1, 6.2), (0, 5.2))


def place(
    wishes: Sequence[Wish],
    *,
    inside: Box,
    obstacles: Sequence[Box],
    dust: Sequence[Box],
    width: Callable[[str], float],
    size: float,
    most: int,
) -> list[Placed]:
    """The names that find room, heaviest first. `obstacles` may not be touched, `dust` is better not touched."""
    taken: list[Placed] = []
    specks, edges = _edges(dust), _edges(obstacles)
    for wish in sorted(wishes, key=lambda wish: -wish.weight):
        if len(taken) == most:
            break
        best: tuple[float, Placed] | None = None
        for rank, (across, up) in enumerate((*NEAR, *FAR)):
            # What lies under a name only adds to its place's rank.
            if best is not None and rank >= best[0]:
                break
            placed = _candidate(wish, across, up, width(wish.text), size, leader=rank >= len(NEAR))
            if not _fits(placed, taken, inside, edges):
                continue
            cost = rank + 0.12 * _covered(placed.box, specks) / size
            if best is None or cost < best[0]:
                best = (cost, placed)
        if best is not None:
            taken.append(best[1])
    return taken


def _edges(boxes: Sequence[Box]) -> Floats:
    """Rows of left, top, right and bottom: there are thousands on a crowded chart."""
    return np.array([(one.left, one.top, one.right, one.bottom) for one in boxes]).reshape(-1, 4).T


def _overlaps(box: Box, edges: Floats) -> tuple[Floats, Floats]:
    """How wide and how high the box lies over each of the others; below nought where it does not."""
    width = np.minimum(box.right, edges[2]) - np.maximum(box.left, edges[0])
    return width, np.minimum(box.bottom, edges[3]) - np.maximum(box.top, edges[1])


def _covered(box: Box, specks: Floats) -> float:
    """How much of the specks the box would cover."""
    width, height = _overlaps(box, specks)
    return float(np.maximum(width, 0) @ np.maximum(height, 0))


def _touches(box: Box, edges: Floats) -> bool:
    width, height = _overlaps(box, edges)
    return bool(((width > 0) & (height > 0)).any())


def _candidate(wish: Wish, across: float, up: float, width: float, size: float, *, leader: bool) -> Placed:
    sign = -1 if wish.above else 1
    # The closed side climbs away from its names to the upper left, the open side from its names to the lower right.
    across = across if wish.above else -across
    middle = wish.y + sign * up * size * 1.25
    near = size * (0.35 if abs(up) > 0.5 else 0.75)
    centre = wish.x + across * (width / 2 + near)
    box = Box(centre - width / 2 - 2, middle - size * 0.62, centre + width / 2 + 2, middle + size * 0.62)
    return Placed(wish, box, middle + size * 0.35, leader)


def _fits(placed: Placed, taken: Sequence[Placed], inside: Box, obstacles: Floats) -> bool:
    box = placed.box
    if box.left < inside.left or box.right > inside.right or box.top < inside.top or box.bottom > inside.bottom:
        return False
    if any(box.overlap(other.box) > 0 for other in taken) or _touches(box, obstacles):
        return False
    if not placed.leader:
        return True
    thread = Box(placed.wish.x - 1, min(box.bottom, placed.wish.y), placed.wish.x + 1, max(box.top, placed.wish.y))
    return all(thread.overlap(other.box) == 0 for other in taken)


def spread(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Heights at least `gap` apart and as near as may be to the wanted ones, in their order."""
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    found = [0.0] * len(wanted)
    floor = low
    for at in order:
        found[at] = floor = max(wanted[at], floor)
        floor += gap
    ceiling = high
    for at in reversed(order):
        found[at] = min(found[at], ceiling)
        ceiling = found[at] - gap
    return found
