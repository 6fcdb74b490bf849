"""A second opinion on the index: the same scores under a Beta likelihood, each benchmark with a noise of its own.

    y ~ Beta(mu phi, (1 - mu) phi),  mu = c + (1 - c) sigmoid(A theta - D),  phi = 1 / (4 sigma^2) - 1

The definition is that of the GPAI Policy Lab's ECI-H in one dimension, with its priors; the code is ours, and it finds
a mode and the Gaussian around it where theirs samples. Fixed: c, the share that chance gets right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from tracker.domain.beta_terms import CLIP, DRAWS, METHOD
from tracker.domain.index import (
    ANCHOR_BENCHMARK,
    ANCHOR_HIGH,
    ANCHOR_LOW,
    Anchors,
    IndexFit,
    IndexInputError,
    Observation,
    ScaleName,
    find_anchors,
)
from tracker.domain.index_draws import Draws, Float32s, Interval, interval, joined
from tracker.domain.solver import Floats

if TYPE_CHECKING:
    from tracker.domain import beta_density, beta_solver  # bring half of SciPy along: for who fits

SEED: Final = 2718
LEVEL: Final = 0.9
_LEAST_SPREAD: Final = 1e-12


@dataclass(frozen=True, slots=True)
class BetaFit:
    """One fit; `draws` has a row per draw on the public scale, each with its own affine map, and no row where the
    anchors changed places. Arrays follow `models` and `benchmarks`.

    Public = offset + factor * raw, with raw the ability in units of the slopes' scale. `dropped` counts draws without
    a scale.
    """

    models: tuple[str, ...]
    benchmarks: tuple[str, ...]
    raw_ability: Floats
    raw_difficulty: Floats  # D; the ability at which a model is halfway is D / slope
    raw_slope: Floats
    noise: Floats
    noise_spread: Floats
    floor: Floats
    counts: tuple[int, ...]  # scores by benchmark
    offset: float
    factor: float
    scale: ScaleName
    anchors: Anchors
    draws: Float32s
    drawn_difficulty: Float32s
    drawn_slope: Float32s
    objective: float
    iterations: int
    converged: bool
    exact: bool
    dropped: int
    method: str = METHOD

    @property
    def ability(self) -> Floats:
        return self.offset + self.factor * self.raw_ability

    @property
    def difficulty(self) -> Floats:
        """The public value at which a model gets halfway from chance to everything."""
        return np.asarray(self.offset + self.factor * self.raw_difficulty / self.raw_slope)

    @property
    def slope(self) -> Floats:
        return np.asarray(self.raw_slope / self.factor)

    def as_index(self) -> tuple[IndexFit, Draws]:
        """The fit as the estimators take the first index: both are curves over one ability."""
        centre = IndexFit(
            models=self.models,
            benchmarks=self.benchmarks,
            raw_ability=self.raw_ability,
            raw_difficulty=self.raw_difficulty / self.raw_slope,
            raw_slope=self.raw_slope,
            offset=self.offset,
            factor=self.factor,
            scale=self.scale,
            anchors=self.anchors,
            regularisation=0.0,
            objective=self.objective,
            iterations=self.iterations,
            converged=self.converged,
            observations=sum(self.counts),
            method=self.method,
        )
        drawn = Draws(
            models=self.models,
            benchmarks=self.benchmarks,
            ability=self.draws,
            difficulty=self.drawn_difficulty,
            slope=self.drawn_slope,
            resampling="rows",
            anchors=self.anchors,
            seed=SEED,
            dropped=self.dropped,
        )
        return centre, drawn

    def with_draws(self, parts: Sequence[Draws]) -> "BetaFit":
        """This fit with draws that were made in several goes, in order."""
        drawn = joined(parts)
        return replace(
            self,
            draws=drawn.ability,
            drawn_difficulty=drawn.difficulty,
            drawn_slope=drawn.slope,
            dropped=drawn.dropped,
        )

    def intervals(self, level: float = LEVEL) -> dict[str, Interval | None]:
        """The central `level` of each model's draws; None for the anchors, which are fixed by definition."""
        return interval(self.as_index()[1], level)


def scores_of(
    observations: Sequence[Observation], floors: Mapping[str, float]
) -> tuple["beta_density.Scores", tuple[str, ...], tuple[str, ...]]:
    """The solver's arrays of `observations`, whose values are shares of what can be scored, chance not taken off; with
    the names of models and benchmarks in order. Raises IndexInputError."""
    from tracker.domain import beta_density

    seen: set[tuple[str, str]] = set()
    for row in observations:
        if not 0.0 <= row.value <= 1.0:
            raise IndexInputError(f"{row.model} has {row.value} on {row.benchmark}: a share lies in 0..1")
        if (row.model, row.benchmark) in seen:
            raise IndexInputError(f"{row.model} has two scores on {row.benchmark}: one row per model and benchmark")
        seen.add((row.model, row.benchmark))
    models = tuple(dict.fromkeys(row.model for row in observations))
    benchmarks = tuple(dict.fromkeys(row.benchmark for row in observations))
    if len(models) < 2:
        raise IndexInputError(f"an index compares models: the data hold {len(models)}")
    for name in benchmarks:
        if not 0.0 <= floors.get(name, 0.0) < 1.0:
            raise IndexInputError(f"{name} has chance at {floors[name]}: it lies in 0..1, below 1")
    model_at = {name: at for at, name in enumerate(models)}
    benchmark_at = {name: at for at, name in enumerate(benchmarks)}
    scores = beta_density.Scores(
        model=np.array([model_at[row.model] for row in observations], dtype=np.intp),
        benchmark=np.array([benchmark_at[row.benchmark] for row in observations], dtype=np.intp),
        value=np.clip(np.array([row.value for row in observations]), CLIP, 1.0 - CLIP),
        floor=np.array([floors.get(name, 0.0) for name in benchmarks]),
        models=len(models),
    )
    return scores, models, benchmarks


def fit(
    observations: Sequence[Observation], floors: Mapping[str, float], *, draws: int = DRAWS, seed: int = SEED
) -> BetaFit:
    """The index of all observations under the Beta likelihood. Raises IndexInputError."""
    from tracker.domain import beta_solver

    scores, models, benchmarks = scores_of(observations, floors)
    mode = beta_solver.maximise(scores)
    drawn = beta_solver.posterior(scores, mode, draws, np.random.default_rng(seed))
    return on_scale(scores, models, benchmarks, mode, drawn, find_anchors(models, observations, ANCHOR_BENCHMARK))


def on_scale(
    scores: "beta_density.Scores",
    models: tuple[str, ...],
    benchmarks: tuple[str, ...],
    mode: "beta_solver.Mode",
    drawn: Floats,
    anchors: Anchors,
) -> BetaFit:
    """The mode and the draws with the anchor models at their places, in each draw anew."""
    m, b = scores.models, scores.benchmarks
    offset, factor, scale = np.zeros(1), np.ones(1), False
    draw_offset, draw_factor, kept = np.zeros((len(drawn), 1)), np.ones((len(drawn), 1)), np.ones(len(drawn), bool)
    if anchors.low is not None and anchors.high is not None:
        low, high = models.index(anchors.low), models.index(anchors.high)
        if mode.x[high] - mode.x[low] > _LEAST_SPREAD:
            scale = True
            offset, factor = _affine(mode.x[[low]], mode.x[[high]])
            kept = drawn[:, high] - drawn[:, low] > _LEAST_SPREAD
            draw_offset, draw_factor = _affine(drawn[kept][:, [low]], drawn[kept][:, [high]])
    drawn = drawn[kept]
    slopes = np.exp(drawn[:, m + b : m + 2 * b])
    slope = np.exp(mode.x[m + b : m + 2 * b])
    return BetaFit(
        models=models,
        benchmarks=benchmarks,
        raw_ability=mode.x[:m],
        raw_difficulty=mode.x[m : m + b],
        raw_slope=slope,
        noise=np.exp(mode.x[m + 2 * b : m + 3 * b]),
        noise_spread=mode.noise_spread,
        floor=scores.floor,
        counts=tuple(int(n) for n in np.bincount(scores.benchmark, minlength=b)),
        offset=float(offset[0]),
        factor=float(factor[0]),
        scale="eci" if scale else "logit",
        anchors=anchors if scale else Anchors(anchors.benchmark, None, None, anchors.notes),
        draws=(draw_offset + draw_factor * drawn[:, :m]).astype(np.float32),
        drawn_difficulty=(draw_offset + draw_factor * drawn[:, m : m + b] / slopes).astype(np.float32),
        drawn_slope=(slopes / draw_factor).astype(np.float32),
        objective=mode.objective,
        iterations=mode.iterations,
        converged=mode.converged,
        exact=mode.exact,
        dropped=int((~kept).sum()),
    )


def _affine(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    factor = (ANCHOR_HIGH[1] - ANCHOR_LOW[1]) / (high - low)
    return ANCHOR_LOW[1] - factor * low, factor
