"""What is said of one estimate of the gap: its definition, the question it answers, its value, how far to trust it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Estimator(StrEnum):
    """The eight ways to measure the gap. Stored reports and the catalogue's claims name them by these values."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"
    L6 = "L6"
    L7 = "L7"
    L8 = "L8"


@dataclass(frozen=True, slots=True)
class Definition:
    """An estimator as pages tell it: the question that it answers, its rule in words, and its unit, months or
    points."""

    name: str
    question: str
    text: str
    unit: str = "months"


HOW_OLD: Final = "How old is the level that open models have today?"
HOW_LONG: Final = "How long did open models take to match a closed level?"
HOW_FAR: Final = "How far below the best closed model is the best open one today?"

DEFINITIONS: Final[dict[Estimator, Definition]] = {
    Estimator.L1: Definition(
        "Backward lag",
        HOW_OLD,
        "On each day of the window: the time since a closed model first reached the level of the best open model; "
        "the mean over the days.",
    ),
    Estimator.L2: Definition(
        "Backward lag with tolerance",
        HOW_OLD,
        "As L1, but a closed model counts as ahead only where it beats the best open model in more than 95 % of the "
        "draws.",
    ),
    Estimator.L3: Definition(
        "Mean horizontal distance",
        HOW_LONG,
        "The mean, over the levels that both frontiers have passed, of the day open models reached a level minus the "
        "day closed ones did.",
    ),
    Estimator.L4: Definition(
        "Threshold clock",
        HOW_LONG,
        "Per benchmark and per 5 % of its score: the first open crossing minus the first closed one, each pair of "
        "models counted once; the mean over pairs.",
    ),
    Estimator.L5: Definition(
        "Per-record lag",
        HOW_OLD,
        "For each open record of the window: its release minus the first closed release at or above its value; the "
        "mean over records.",
    ),
    Estimator.L6: Definition(
        "Trend-line lag",
        HOW_OLD,
        "A line through each side's records: the vertical distance of the lines today divided by the slope of the "
        "closed one.",
    ),
    Estimator.L7: Definition(
        "Catch-up survival",
        HOW_LONG,
        "For each closed record: the time until an open model was at or above it, unmatched records censored today; "
        "the Kaplan-Meier median.",
    ),
    Estimator.L8: Definition(
        "Vertical gap", HOW_FAR, "The best closed value minus the best open value on the day asked about.", "points"
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One step an estimate rests on: `model` at `on` against `other` at `other_on`, `months` apart.

    `months` is signed: negative where open models were first. `flags` says what is special: unmatched, open first,
    level already passed when closed models were first measured, borrowed, backcast.
    """

    model: str
    on: date
    value: float | None
    other: str | None
    other_on: date | None
    months: float | None
    flags: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A further figure beside an estimate's value."""

    key: str
    label: str
    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimator's answer. `value` is None where the data do not identify it, and `reason` says why.

    `censored` is the share of what was to be matched that is not yet; `undefined` the share of draws without a value.
    """

    id: Estimator
    value: float | None
    low: float | None
    high: float | None
    window: tuple[date, date] | None
    steps: int
    unit: str
    censored: float | None = None
    undefined: float = 0.0
    interval_over: str = "draws"
    reason: str = ""
    notes: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    figures: tuple[Figure, ...] = ()

    @property
    def name(self) -> str:
        return DEFINITIONS[self.id].name

    @property
    def question(self) -> str:
        return DEFINITIONS[self.id].question

    @property
    def definition(self) -> str:
        return DEFINITIONS[self.id].text
