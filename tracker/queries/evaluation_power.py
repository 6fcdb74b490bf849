"""The answers of the power calculator: from what was typed, or from what two of our runs measured."""

from dataclasses import dataclass, replace

from tracker.domain.eval_power import Design, detectable, from_accuracy, power_with, questions_needed
from tracker.queries.evaluation_pairs import Comparison

GRID = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0)  # points
REPEATS = (1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody asks: differences and accuracies in points, significance and power in per cent. `questions` is how
    many there are, where the question is what they can show; 0 where it is not asked."""

    difference: float = 2.0
    accuracy_a: float = 70.0
    accuracy_b: float = 70.0
    correlation: float = 0.5
    chance: float = 0.0
    repeats_a: int = 1
    repeats_b: int = 1
    effect: float = 1.0
    significance: float = 5.0
    power: float = 80.0
    questions: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table of the calculator: a difference in points or a number of repeats, and the questions."""

    given: float
    questions: int
    samples: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The calculator's answer under a design. `measured` says that its variances are those of two runs."""

    design: Design
    measured: bool
    questions: int
    samples: int
    shown: float | None
    chance_to_see: float | None
    by_difference: tuple[Line, ...]
    by_repeats: tuple[Line, ...]


def design_of(typed: Typed, measured: Comparison | None) -> Design:
    """Of two runs what they measured of variances and clusters; all else as typed."""
    if measured is not None and measured.design is not None:
        of = measured.design
        between, within_a, within_b, effect = of.between, of.within_a, of.within_b, of.effect
    else:
        between, within_a, within_b = from_accuracy(
            typed.accuracy_a / 100, typed.accuracy_b / 100, typed.correlation, typed.chance
        )
        effect = typed.effect
    return Design(
        between=between,
        within_a=within_a,
        within_b=within_b,
        repeats_a=typed.repeats_a,
        repeats_b=typed.repeats_b,
        effect=effect,
        significance=typed.significance / 100,
        power=typed.power / 100,
    )


def answer(typed: Typed, measured: Comparison | None) -> Answer:
    """How many questions show the difference, and what the given number of them shows."""
    design = design_of(typed, measured)
    needed = questions_needed(typed.difference / 100, design)
    shown = chance = None
    if typed.questions:
        shown = 100 * detectable(typed.questions, design)
        chance = power_with(typed.questions, typed.difference / 100, design)
    return Answer(
        design=design,
        measured=measured is not None and measured.design is not None,
        questions=needed,
        samples=needed * (design.repeats_a + design.repeats_b),
        shown=shown,
        chance_to_see=chance,
        by_difference=tuple(_line(points, points / 100, design) for points in sorted({*GRID, typed.difference})),
        by_repeats=tuple(_line(k, typed.difference / 100, replace(design, repeats_a=k, repeats_b=k)) for k in REPEATS),
    )


def _line(given: float, difference: float, design: Design) -> Line:
    needed = questions_needed(difference, design)
    return Line(given, needed, needed * (design.repeats_a + design.repeats_b))


def for_difference(found: Comparison) -> int | None:
    """How many questions would show the difference that two runs came out with, were it the true one."""
    if found.paired is None or found.design is None or found.paired.difference == 0:
        return None
    return questions_needed(found.paired.difference, found.design)
