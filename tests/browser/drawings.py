"""Which charts and pages a browser looks at: one of every kind and a third of them a day, or with AXE_ALL=1 all."""

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


# After so many days everything has had its turn.
TURNS = 3


def todays(things: Iterable[Thing]) -> list[tuple[int, Thing]]:
    """Every third thing, and others tomorrow, each with the number of the state in which it is looked at: a page has
    been seen in every one of four states after twelve days. With AXE_ALL=1 all things."""
    numbered = [((at + DAY // TURNS) % 4, thing) for at, thing in enumerate(things)]
    return numbered if ALL else numbered[DAY % TURNS :: TURNS]
