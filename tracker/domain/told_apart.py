"""Whether the best of several scores is told apart from the others, by their standard errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, sqrt
from typing import Final

# A difference of fewer standard errors than this is not a difference that anybody could find again.
RESOLVABLE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Measured:
    """A score with its standard error; None where none is known."""

    value: float
    stderr: float | None


def standard_error(value: float, *, reported: float | None, items: int | None) -> float | None:
    """What was reported; else that of a share of so many items, sqrt(s(1 - s) / n). None where neither is known. A
    share of all or of none is taken as half an item away from it: its error is not nothing."""
    if reported:
        return reported
    if not items or not 0 <= value <= 1:
        return None
    share = min(max(value, 0.5 / items), 1 - 0.5 / items)
    return sqrt(share * (1 - share) / items)


def resolved_best(scores: Sequence[Measured], *, lower_is_better: bool = False) -> int | None:
    """Which of the scores is better than every other by at least RESOLVABLE standard errors of the difference. None
    where no one is, where an error is not known, and where there is nothing to compare with."""
    if len(scores) < 2:
        return None
    sign = -1.0 if lower_is_better else 1.0
    at = max(range(len(scores)), key=lambda nth: sign * scores[nth].value)
    best = scores[at]
    others = (score for nth, score in enumerate(scores) if nth != at)
    return at if all(_apart(best, other) for other in others) else None


def _apart(one: Measured, other: Measured) -> bool:
    if one.stderr is None or other.stderr is None:
        return False
    difference = abs(one.value - other.value)
    return difference > 0 and difference >= RESOLVABLE * hypot(one.stderr, other.stderr)
