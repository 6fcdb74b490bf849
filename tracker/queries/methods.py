"""The constants and definitions behind the numbers, read from the code that uses them: the page cannot drift."""

from dataclasses import dataclass

from tracker.domain import index, preparation
from tracker.domain.estimate import DEFINITIONS
from tracker.domain.evidence import EVALUATOR_RANK, TRUST


@dataclass(frozen=True, slots=True)
class Estimators:
    id: str
    name: str
    question: str
    text: str
    unit: str


@dataclass(frozen=True, slots=True)
class Constants:
    method: str
    regularisation: float
    anchor_benchmark: str
    anchor_low: tuple[str, float]
    anchor_high: tuple[str, float]
    draws: int
    level: float
    clip: float
    earliest: str
    min_benchmarks: int
    estimators: tuple[Estimators, ...]
    trust: tuple[tuple[str, tuple[str, ...]], ...]
    evaluators: tuple[str, ...]


def constants() -> Constants:
    return Constants(
        method=index.METHOD,
        regularisation=index.REGULARISATION,
        anchor_benchmark=index.ANCHOR_BENCHMARK,
        anchor_low=index.ANCHOR_LOW,
        anchor_high=index.ANCHOR_HIGH,
        draws=index.DRAWS,
        level=index.LEVEL,
        clip=index.CLIP,
        earliest=preparation.EARLIEST.isoformat(),
        min_benchmarks=preparation.MIN_BENCHMARKS,
        estimators=tuple(
            Estimators(str(key), definition.name, definition.question, definition.text, definition.unit)
            for key, definition in DEFINITIONS.items()
        ),
        trust=tuple((name.replace("_", " "), tuple(ranking)) for name, ranking in TRUST.items()),
        evaluators=tuple(str(evaluator) for evaluator in sorted(EVALUATOR_RANK, key=lambda e: EVALUATOR_RANK[e])),
    )
