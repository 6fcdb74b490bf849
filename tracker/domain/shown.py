"""Which of very many models a page shows on the capability scale: all steps, of the others those nearest to them."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np

# Marks of a side behind its line: a picture of tens of thousands of them shows no more, and takes seconds to draw.
NEAREST: Final = 400
# Rows of the table beside a chart, the newest of all.
ROWS: Final = 8

Placed = tuple[date, float]


def nearest(others: Sequence[Placed], lead: Sequence[Placed], most: int | None = None) -> list[int]:
    """Which of `others` came nearest to their side's line on their day, `most` at most (NEAREST), in their own order.

    `lead` is the line's steps, the oldest first. What came before the line begins has nothing to be near to.
    """
    most = NEAREST if most is None else most
    if len(others) <= most:
        return list(range(len(others)))
    place = np.searchsorted([on.toordinal() for on, _ in lead], [on.toordinal() for on, _ in others], "right")
    line = np.array([math.inf, *(value for _, value in lead)])[place]
    found = np.argsort(np.abs(line - [value for _, value in others]), kind="stable")[:most]
    return sorted(found.tolist())


def shown(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """A stored answer with those of its `points` alone that a page shows; None where that is all of them.

    One more of a side's models is kept than is drawn, so that who draws it can tell that there are more.
    """
    points = report["points"]
    kept = set(range(len(points))[-ROWS:])
    for side in ("open", "closed"):
        own = [(at, point) for at, point in enumerate(points) if point["side"] == side]
        lead = [at for at, point in own if point["on_frontier"]]
        others = [at for at, point in own if not point["on_frontier"]]
        near = nearest([_placed(points[at]) for at in others], [_placed(points[at]) for at in lead], NEAREST + 1)
        kept.update(lead, (others[at] for at in near))
    if len(kept) == len(points):
        return None
    return {**report, "points": [points[at] for at in sorted(kept)]}


def _placed(point: Mapping[str, Any]) -> Placed:
    value = point["value"]
    return date.fromisoformat(point["released_on"]), math.nan if value is None else value
