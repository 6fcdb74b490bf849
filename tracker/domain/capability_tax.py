"""The capability tax: what a model gives up against the best closed one, in points and in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.domain.choose_parts import Candidate
from tracker.domain.frontier import DAYS_PER_MONTH


@dataclass(frozen=True, slots=True)
class Tax:
    """What is given up against the best closed model: points, and for how long closed models have stood here.

    `points` below zero: the model is ahead. `apart`: the intervals of the two do not meet. `months` is None where no
    closed model has reached the level; `shortest` and `longest` move the model's own value through its interval, with
    None on the side where no closed model has reached it. `at_least`: closed models were past it from the first day on
    which any was measured.
    """

    points: float
    apart: bool
    months: float | None
    at_least: bool
    shortest: float | None
    longest: float | None
    reached_by: Candidate | None


def tax(one: Candidate, closed: Sequence[Candidate], best: Candidate, on: date) -> Tax:
    """What this model gives up against `best`, the ablest of `closed`, which stands in the order of release: all, or
    those alone that beat every earlier one.

    The months are counted as L1 counts them for the open frontier: from the first closed release at or above the level
    to the day of the data.
    """
    low, high = one.bounds
    apart = best.bounds[0] > high or best.bounds[1] < low
    told = one.low is not None or best.low is not None
    reached = _reached(one.value, closed)
    months = None if reached is None else _months(reached, on)
    return Tax(
        points=best.value - one.value,
        apart=apart and told and one.slug != best.slug,
        months=0.0 if one.slug == best.slug else months,
        at_least=reached is not None and reached.released_on == closed[0].released_on and one.slug != reached.slug,
        shortest=None if (late := _reached(high, closed)) is None else _months(late, on),
        longest=None if (early := _reached(low, closed)) is None else _months(early, on),
        reached_by=reached,
    )


def _reached(level: float, closed: Sequence[Candidate]) -> Candidate | None:
    return next((one for one in closed if one.value >= level), None)


def _months(one: Candidate, on: date) -> float:
    return (on - one.released_on).days / DAYS_PER_MONTH if one.released_on else 0.0
