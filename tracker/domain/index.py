"""How scores become one capability index with intervals: a logistic curve per benchmark, by regularised least squares.

A score is modelled as sigmoid(slope * (ability - difficulty)). The definition is Epoch AI's Capabilities Index (arXiv
2512.00193); the code is ours. Raw values are logits of the anchor benchmark; public values put two anchor models at
fixed places.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tracker.domain.solver import LOCATION_BOUND, Floats, Problem, solve

METHOD: Final = "eci-ls-1"

ANCHOR_BENCHMARK: Final = "Winogrande"
ANCHOR_LOW: Final = ("Claude 3.5 Sonnet", 130.0)
ANCHOR_HIGH: Final = ("GPT-5", 150.0)
REGULARISATION: Final = (
    0.1  # lambda: outside the region where the trend over time is stable, kept to match the published index
)
CLIP: Final = 1e-3
START_SEED: Final = 42
START_SPREAD: Final = 0.1
LEAST_SPREAD: Final = 1e-12

ScaleName = Literal["eci", "logit"]


class IndexInputError(ValueError):
    """The scores cannot be fitted: too few, doubled, or outside 0..1."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One model's prepared score on one benchmark, 0 at chance and 1 at the ceiling."""

    model: str
    benchmark: str
    value: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Anchors:
    """Which names of these data hold the scale; a low or high anchor of None means that the data lack it."""

    benchmark: str
    low: str | None
    high: str | None
    notes: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(name for name in (self.low, self.high) if name is not None)


@dataclass(frozen=True, slots=True)
class IndexFit:
    """One fit; arrays follow `models` and `benchmarks`. Public = offset + factor * raw; slope = raw slope / factor.

    `scale` is "eci" where both anchor models are there, otherwise "logit": raw values, 0 at the anchor benchmark's
    difficulty. `objective` is the sum of squares with its penalty.
    """

    models: tuple[str, ...]
    benchmarks: tuple[str, ...]
    raw_ability: Floats
    raw_difficulty: Floats
    raw_slope: Floats
    offset: float
    factor: float
    scale: ScaleName
    anchors: Anchors
    regularisation: float
    objective: float
    iterations: int
    converged: bool
    observations: int
    method: str = METHOD

    @property
    def ability(self) -> Floats:
        return self.offset + self.factor * self.raw_ability

    @property
    def difficulty(self) -> Floats:
        return self.offset + self.factor * self.raw_difficulty

    @property
    def slope(self) -> Floats:
        return self.raw_slope / self.factor

    def value(self, model: str) -> float:
        """The public ability of one model. Raises KeyError when the fit does not hold it."""
        if model not in self.models:
            raise KeyError(model)
        return float(self.ability[self.models.index(model)])


def fit(
    observations: Sequence[Observation],
    *,
    start: IndexFit | None = None,
    regularisation: float = REGULARISATION,
    anchor_benchmark: str = ANCHOR_BENCHMARK,
) -> IndexFit:
    """The index of all observations, one row per (model, benchmark). Raises IndexInputError.

    `start` warms the fit up with an earlier one; without it the start is the published method's, so that where several
    minima exist the same one is found.
    """
    models, benchmarks = names_of(observations)
    anchors = find_anchors(models, observations, anchor_benchmark)
    problem = problem_of(observations, models, benchmarks, anchors, regularisation)
    weights = np.array([[row.weight for row in observations]])
    solution = solve(problem, weights, _start(models, benchmarks, start))
    difficulty = solution.difficulty[0]
    shift = difficulty[problem.fixed]
    ability, difficulty = solution.ability[0] - shift, difficulty - shift
    offset, factor, anchors = _central_scale(ability, models, anchors)
    return IndexFit(
        models=models,
        benchmarks=benchmarks,
        raw_ability=ability,
        raw_difficulty=difficulty,
        raw_slope=solution.slope[0],
        offset=offset,
        factor=factor,
        scale="eci" if anchors.low and anchors.high else "logit",
        anchors=anchors,
        regularisation=regularisation,
        objective=2.0 * float(solution.half_objective[0]),
        iterations=int(solution.iterations[0]),
        converged=bool(solution.converged[0]),
        observations=len(observations),
    )


def find_anchors(models: Sequence[str], observations: Sequence[Observation], anchor_benchmark: str) -> Anchors:
    """The anchors under the names these data use: exact, or equal but for case and punctuation.

    Without the anchor benchmark, the one with most scores takes its place (the first by name among equals); without an
    anchor model there is no public scale.
    """
    counts: dict[str, int] = {}
    for row in observations:
        counts[row.benchmark] = counts.get(row.benchmark, 0) + 1
    notes: list[str] = []
    benchmark = _match(anchor_benchmark, list(counts), notes)
    if benchmark is None:
        benchmark = min(counts, key=lambda name: (-counts[name], name))
        notes.append(
            f"{anchor_benchmark} is not in the data: {benchmark}, with most scores, holds the raw scale instead."
        )
    low, high = _match(ANCHOR_LOW[0], models, notes), _match(ANCHOR_HIGH[0], models, notes)
    for name, found in ((ANCHOR_LOW[0], low), (ANCHOR_HIGH[0], high)):
        if found is None:
            notes.append(f"{name} is not in the data: values are logits of {benchmark}, not index points.")
    return Anchors(benchmark, low, high, tuple(notes))


def _match(wanted: str, names: Sequence[str], notes: list[str]) -> str | None:
    if wanted in names:
        return wanted
    alike = sorted(name for name in names if _bare(name) == _bare(wanted))
    if len(alike) > 1:
        notes.append(f"{wanted} is written in several ways ({', '.join(alike)}): {alike[0]} is the anchor.")
    return alike[0] if alike else None


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def names_of(observations: Sequence[Observation]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Models and benchmarks in order of appearance, which is the order the published method draws its start in."""
    seen: set[tuple[str, str]] = set()
    for row in observations:
        if not 0.0 <= row.value <= 1.0:
            raise IndexInputError(f"{row.model} has {row.value} on {row.benchmark}: a prepared score lies in 0..1")
        if not (np.isfinite(row.weight) and row.weight >= 0.0):
            raise IndexInputError(f"{row.model} has weight {row.weight} on {row.benchmark}: a weight is at least 0")
        if (row.model, row.benchmark) in seen:
            raise IndexInputError(f"{row.model} has two scores on {row.benchmark}: one row per model and benchmark")
        seen.add((row.model, row.benchmark))
    models = tuple(dict.fromkeys(row.model for row in observations))
    if len(models) < 2:
        raise IndexInputError(f"an index compares models: the data hold {len(models)}")
    return models, tuple(dict.fromkeys(row.benchmark for row in observations))


def problem_of(
    observations: Sequence[Observation],
    models: tuple[str, ...],
    benchmarks: tuple[str, ...],
    anchors: Anchors,
    regularisation: float,
) -> Problem:
    """The scores as the solver takes them."""
    model_at = {name: at for at, name in enumerate(models)}
    benchmark_at = {name: at for at, name in enumerate(benchmarks)}
    return Problem(
        model=np.array([model_at[row.model] for row in observations], dtype=np.intp),
        benchmark=np.array([benchmark_at[row.benchmark] for row in observations], dtype=np.intp),
        value=np.clip(np.array([row.value for row in observations]), CLIP, 1.0 - CLIP),
        models=len(models),
        benchmarks=len(benchmarks),
        fixed=benchmark_at[anchors.benchmark],
        ridge=regularisation / (len(models) + 2 * len(benchmarks) - 1),
    )


def _start(models: tuple[str, ...], benchmarks: tuple[str, ...], earlier: IndexFit | None) -> Floats:
    random = np.random.RandomState(START_SEED)
    ability = random.randn(len(models)) * START_SPREAD
    difficulty = random.randn(len(benchmarks)) * START_SPREAD
    slope = np.ones(len(benchmarks))
    if earlier is not None:
        known = dict(zip(earlier.models, earlier.raw_ability, strict=True))
        curves = dict(zip(earlier.benchmarks, zip(earlier.raw_difficulty, earlier.raw_slope, strict=True), strict=True))
        ability = np.array([known.get(name, value) for name, value in zip(models, ability, strict=True)])
        for at, name in enumerate(benchmarks):
            difficulty[at], slope[at] = curves.get(name, (difficulty[at], slope[at]))
    return np.concatenate([np.clip(ability, -LOCATION_BOUND, LOCATION_BOUND), difficulty, slope])


def _central_scale(ability: Floats, models: tuple[str, ...], anchors: Anchors) -> tuple[float, float, Anchors]:
    if anchors.low is None or anchors.high is None:
        return 0.0, 1.0, anchors
    low, high = ability[models.index(anchors.low)], ability[models.index(anchors.high)]
    if not high - low > LEAST_SPREAD:
        note = f"{anchors.high} does not stand above {anchors.low} in the data: values are logits, not index points."
        return 0.0, 1.0, Anchors(anchors.benchmark, None, None, (*anchors.notes, note))
    factor = (ANCHOR_HIGH[1] - ANCHOR_LOW[1]) / (high - low)
    return float(ANCHOR_LOW[1] - factor * low), float(factor), anchors
