"""How much a benchmark still tells about the frontier: three signals a month, and the state they add up to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

TOP: Final = 5
Z_95: Final = 1.96

# Share of the information a curve has at its steepest point. One order of magnitude below it, a score hardly moves with
# ability; a third is what is left where the best closed model is expected to score about 91 %.
INFORMATION_NARROWING: Final = 1 / 3
INFORMATION_SATURATED: Final = 1 / 10
# exp(-R^2): at R = 1 the top five span exactly the 95 % margin of a difference, at R = 1/2 half of it.
ALIKE_NARROWING: Final = math.exp(-1.0)
ALIKE_SATURATED: Final = math.exp(-0.25)
# Points of score left to the ceiling. Label errors of 3 to 5 % are common: below that, what is left is not ability.
HEADROOM_NARROWING: Final = 0.15
HEADROOM_SATURATED: Final = 0.05
RETIRED_AFTER_MONTHS: Final = 12  # without a score of a newly released model nobody runs it any more
MONTHS_TO_CHANGE: Final = 2


class State(IntEnum):
    """Ordered: each state tells less about the frontier than the one before."""

    LIVE = 0
    NARROWING = 1
    SATURATED = 2
    RETIRED = 3


@dataclass(frozen=True, slots=True)
class Information:
    """`item` is slope^2 p (1 - p) at the closed frontier, `total` that times the items, `share` it over its own peak;
    `predicted` is p, the score expected of the best closed model."""

    item: float
    total: float | None
    share: float
    predicted: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One month's signals; None where the data do not give one. `idle_months`: age of the newest scored release."""

    month: date
    information: Information | None
    alike: float | None
    headroom: float | None
    idle_months: float = 0.0
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Monthly:
    """The state that counts in a month, and what that month's signals alone would say."""

    month: date
    state: State
    seen: State


def frontier_information(slope: float, difficulty: float, frontier: float, items: int | None = None) -> Information:
    """What one score tells about ability at the closed frontier; slope and difficulty on the same scale as it."""
    predicted = 1.0 / (1.0 + math.exp(-max(-500.0, min(500.0, slope * (frontier - difficulty)))))
    spread = predicted * (1.0 - predicted)
    item = slope**2 * spread
    return Information(item, None if items is None else item * items, 4.0 * spread, predicted)


def top_alike(scores: Sequence[float], items: int | None, top: int = TOP) -> float | None:
    """S = exp(-R^2), R the span of the best `top` scores over the 95 % margin of a difference: near 1, chance alone
    could have ordered them. None with fewer scores or without the number of items."""
    if items is None or items < 1 or len(scores) < top:
        return None
    ranked = sorted(scores, reverse=True)
    first, last = ranked[0], ranked[top - 1]
    variance = (first * (1.0 - first) + last * (1.0 - last)) / items
    if variance <= 0.0:
        return 1.0 if first == last else 0.0
    return math.exp(-(((first - last) / (Z_95 * math.sqrt(variance))) ** 2))


def headroom(scores: Sequence[float], ceiling: float = 1.0, label_error: float = 0.0) -> float | None:
    """Ceiling, lowered by the known share of wrong labels, minus the best score; never below 0."""
    return None if not scores else max(0.0, ceiling - label_error - max(scores))


def seen(reading: Reading) -> State:
    """What one month's signals say: the middle one of the three; the milder of two; that of one; live without any."""
    if reading.withdrawn or reading.idle_months >= RETIRED_AFTER_MONTHS:
        return State.RETIRED
    signals = sorted(_signals(reading))
    return signals[(len(signals) - 1) // 2] if signals else State.LIVE


def _signals(reading: Reading) -> list[State]:
    signals = []
    if reading.information is not None:
        # Far below its steep part a benchmark is too hard yet, not used up.
        share = reading.information.share if reading.information.predicted > 0.5 else 1.0
        signals.append(_level(-share, -INFORMATION_NARROWING, -INFORMATION_SATURATED))
    if reading.alike is not None:
        signals.append(_level(reading.alike, ALIKE_NARROWING, ALIKE_SATURATED))
    if reading.headroom is not None:
        signals.append(_level(-reading.headroom, -HEADROOM_NARROWING, -HEADROOM_SATURATED))
    return signals


def _level(value: float, narrowing: float, saturated: float) -> State:
    if value >= saturated:
        return State.SATURATED
    return State.NARROWING if value >= narrowing else State.LIVE


def states(readings: Sequence[Reading]) -> list[Monthly]:
    """The state of each month, oldest first: it changes once two consecutive months say the same new thing.

    A month without a reading breaks the run.
    """
    found: list[Monthly] = []
    run = 0
    for reading in sorted(readings, key=lambda r: r.month):
        now = seen(reading)
        if not found:
            found.append(Monthly(reading.month, now, now))
            continue
        last = found[-1]
        follows = now == last.seen and _months_between(last.month, reading.month) == 1
        run = 0 if now == last.state else run + 1 if follows and run else 1
        found.append(Monthly(reading.month, now if run >= MONTHS_TO_CHANGE else last.state, now))
        if run >= MONTHS_TO_CHANGE:
            run = 0
    return found


def _months_between(first: date, second: date) -> int:
    return 12 * (second.year - first.year) + second.month - first.month
