"""What readings of an energy counter come to: joules over a wrap, and a trace of power that is not endless."""

from collections.abc import Sequence

LONGEST_TRACE = 6000  # readings; ten minutes at ten a second


def counted(before: int, after: int, top: int) -> int:
    """How far a counter went that begins again at nought after `top`; it may have done so once in between."""
    if not 0 <= before <= top or not 0 <= after <= top:
        raise ValueError(f"a counter up to {top} cannot stand at {before} and {after}")
    return after - before if after >= before else top - before + after


def powers(times: Sequence[float], joules: Sequence[float]) -> list[float]:
    """The mean watts between each two readings of a counter; readings at the same moment are one."""
    if len(times) != len(joules):
        raise ValueError("a reading is a time and a count")
    watts = []
    since, from_ = (times[0], joules[0]) if times else (0.0, 0.0)
    for at, count in zip(times[1:], joules[1:], strict=True):
        if at > since:
            watts.append((count - from_) / (at - since))
            since, from_ = at, count
    return watts


def thinned(watts: Sequence[float], every: float, *, most: int = LONGEST_TRACE) -> tuple[list[float], float]:
    """The trace with neighbours averaged in pairs until it has at most so many readings, and the time between them.
    An odd one at the end is left out: it would stand for half as long as the others."""
    if most < 1:
        raise ValueError("a trace cannot be thinned to nothing")
    kept = list(watts)
    while len(kept) > most:
        kept = [(a + b) / 2 for a, b in zip(kept[::2], kept[1::2], strict=False)]
        every *= 2
    return kept, every
