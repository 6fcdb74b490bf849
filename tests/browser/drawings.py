"""Which charts and pages a browser looks at: one of every kind and half of them a day, or with AXE_ALL=1 all."""

import os
from collections.abc import Iterable
from typing import TypeVar

from tracker.charts import CHARTS

Thing = TypeVar("Thing")
ALL = bool(os.environ.get("AXE_ALL"))
# One chart of every kind of drawing.
KINDS = ("frontier", "waterfall", "specification", "survival", "strategies", "price-capability", "statements")
DRAWINGS = tuple(sorted(CHARTS)) if ALL else KINDS
DAY = int(os.environ["TESTS_DAY"])


def todays(things: Iterable[Thing]) -> list[tuple[int, Thing]]:
    """Every other thing, and tomorrow the others, each with the number of the state in which it is looked at: a page
    has been seen in every one of four states after eight days. With AXE_ALL=1 all things."""
    numbered = [((at + DAY // 2) % 4, thing) for at, thing in enumerate(things)]
    return numbered if ALL else numbered[DAY % 2 :: 2]
