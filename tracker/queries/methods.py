"""The constants and definitions behind the numbers, read from the code that uses them: the page cannot drift."""

import math
from dataclasses import dataclass

from tracker.domain import (
    benchmaxxing,
    beta_terms,
    index,
    index_draws,
    many_tests,
    preparation,
    saturation,
    self_report,
)
from tracker.domain.estimate import DEFINITIONS
from tracker.domain.evidence import EVALUATOR_RANK, TRUST
from tracker.domain.forecasts import METHODS
from tracker.domain.rubrics import RUBRICS


@dataclass(frozen=True, slots=True)
class Estimators:
    """One of the estimators of the gap: `id` as in L1, the question it answers, and its definition in words."""

    id: str
    name: str
    question: str
    text: str
    unit: str


@dataclass(frozen=True, slots=True)
class RubricInfo:
    """One rubric of openness; `scale` says what its values mean, and a blank `source` that it is ours."""

    title: str
    version: str
    source: str
    scale: str


@dataclass(frozen=True, slots=True)
class SecondConstants:
    """The second index: its method, the priors as medians with the spread of the logarithm, its draws."""

    method: str
    noise: tuple[float, float]
    difficulty: tuple[float, float]
    slope: tuple[float, float]
    least_noise: float
    clip: float
    draws: int
    noise_draws: int


@dataclass(frozen=True, slots=True)
class HealthConstants:
    """Where each signal of a benchmark's health turns: bounds as (information, likeness, headroom). Likeness compares
    the best `top` scores, a state changes after so many `months`, and `retired` are months without a new model."""

    top: int
    narrowing: tuple[float, float, float]
    saturated: tuple[float, float, float]
    months: int
    retired: int


@dataclass(frozen=True, slots=True)
class MeterConstants:
    """What the meters of benchmarks and labs ask for before they say anything."""

    correction: str
    error: float
    min_scores: int
    min_models: int
    replicates: int
    same: float


@dataclass(frozen=True, slots=True)
class Constants:
    """Every constant that /methods/ prints, one field each."""

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
    rubrics: tuple[RubricInfo, ...]
    forecasts: tuple[tuple[str, str], ...]
    second: SecondConstants
    health: HealthConstants
    meters: MeterConstants


def _median(prior: tuple[float, float]) -> tuple[float, float]:
    return round(math.exp(prior[0]), 6), prior[1]


def constants() -> Constants:
    """The constants that this very code computes with. A stored run may have been made by an older method."""
    return Constants(
        method=index.METHOD,
        regularisation=index.REGULARISATION,
        anchor_benchmark=index.ANCHOR_BENCHMARK,
        anchor_low=index.ANCHOR_LOW,
        anchor_high=index.ANCHOR_HIGH,
        draws=index_draws.DRAWS,
        level=index_draws.LEVEL,
        clip=index.CLIP,
        earliest=preparation.EARLIEST.isoformat(),
        min_benchmarks=preparation.MIN_BENCHMARKS,
        estimators=tuple(
            Estimators(str(key), definition.name, definition.question, definition.text, definition.unit)
            for key, definition in DEFINITIONS.items()
        ),
        trust=tuple((name.replace("_", " "), tuple(ranking)) for name, ranking in TRUST.items()),
        evaluators=tuple(str(evaluator) for evaluator in sorted(EVALUATOR_RANK, key=lambda e: EVALUATOR_RANK[e])),
        rubrics=tuple(
            RubricInfo(rubric.title, rubric.version, rubric.source, rubric.scale) for rubric in RUBRICS.values()
        ),
        forecasts=tuple((method.value, words) for method, words in METHODS.items()),
        second=SecondConstants(
            method=beta_terms.METHOD,
            noise=_median(beta_terms.NOISE),
            difficulty=_median(beta_terms.DIFFICULTY_SCALE),
            slope=_median(beta_terms.SLOPE_SCALE),
            least_noise=beta_terms.NOISE_BOUNDS[0],
            clip=beta_terms.CLIP,
            draws=beta_terms.DRAWS,
            noise_draws=beta_terms.NOISE_DRAWS,
        ),
        health=HealthConstants(
            top=saturation.TOP,
            narrowing=(
                saturation.INFORMATION_NARROWING,
                saturation.ALIKE_NARROWING,
                saturation.HEADROOM_NARROWING,
            ),
            saturated=(
                saturation.INFORMATION_SATURATED,
                saturation.ALIKE_SATURATED,
                saturation.HEADROOM_SATURATED,
            ),
            months=saturation.MONTHS_TO_CHANGE,
            retired=saturation.RETIRED_AFTER_MONTHS,
        ),
        meters=MeterConstants(
            correction=many_tests.METHOD,
            error=many_tests.FAMILY_ERROR,
            min_scores=benchmaxxing.MIN_SCORES,
            min_models=min(benchmaxxing.MIN_MODELS, self_report.MIN_MODELS),
            replicates=benchmaxxing.REPLICATES,
            same=self_report.SAME,
        ),
    )
