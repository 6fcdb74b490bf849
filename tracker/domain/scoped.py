"""How able each model is on some benchmarks only: the index's curves stay frozen, every ability is fitted anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tracker.domain.index import (
    CLIP,
    LEVEL,
    Draws,
    Float32s,
    IndexFit,
    IndexInputError,
    Interval,
    Observation,
    resample_rows,
)
from tracker.domain.solver import LOCATION_BOUND, Floats, Ints, sigmoid

ABILITY_BOUNDS: Final = (-100.0, 300.0)  # on the public scale
MIN_SCORES: Final = 2
SCOPE_SEED: Final = 54321
_GRID: Final = 81
_REFINEMENTS: Final = 40
_COLUMNS: Final = 4096  # models whose draws are looked at together


@dataclass(frozen=True, slots=True)
class Scoped:
    """Abilities on the scope's benchmarks, on the public scale of the fit; `counts` is each model's scores in scope."""

    models: tuple[str, ...]
    counts: tuple[int, ...]
    ability: Floats
    draws: Float32s | None

    def interval(self, level: float = LEVEL) -> dict[str, Interval | None]:
        """The central `level` of the draws. The anchors have one too: in a scope they are estimated."""
        if self.draws is None or len(self.draws) < 2:
            return dict.fromkeys(self.models)
        tail = (1.0 - level) / 2.0
        found: dict[str, Interval | None] = {}
        for first in range(0, len(self.models), _COLUMNS):
            names = self.models[first : first + _COLUMNS]
            some = self.draws[:, first : first + _COLUMNS].astype(float)
            bounds = np.quantile(some, (tail, 1.0 - tail), axis=0).T.tolist()
            found |= {name: Interval(low, high) for name, (low, high) in zip(names, bounds, strict=True)}
        return found


def scoped(
    fit: IndexFit,
    draws: Draws | None,
    observations: Sequence[Observation],
    *,
    min_scores: int = MIN_SCORES,
    seed: int = SCOPE_SEED,
) -> Scoped:
    """Refit each model's ability on `observations`, for the centre and for every draw.

    In a draw the curves are the draw's own and each model's rows in scope are drawn anew. Rows on benchmarks that the
    fit does not know are left out, then models with fewer than `min_scores` rows. Raises IndexInputError
    if none is left.
    """
    known = {name: at for at, name in enumerate(fit.benchmarks)}
    rows = [row for row in observations if row.benchmark in known]
    counted: dict[str, int] = {}
    for row in rows:
        counted[row.model] = counted.get(row.model, 0) + 1
    models = tuple(name for name, count in counted.items() if count >= min_scores)
    if not models:
        raise IndexInputError(f"no model has {min_scores} scores in this scope")
    at = {name: place for place, name in enumerate(models)}
    rows = [row for row in rows if row.model in at]
    model = np.array([at[row.model] for row in rows], dtype=np.intp)
    benchmark = np.array([known[row.benchmark] for row in rows], dtype=np.intp)
    value = np.clip([row.value for row in rows], CLIP, 1.0 - CLIP)
    weight = np.array([row.weight for row in rows])
    bounds = ABILITY_BOUNDS if fit.scale == "eci" else (-LOCATION_BOUND, LOCATION_BOUND)
    scope = _Scope(model, benchmark, value, len(models), bounds)
    centre = scope.solve(fit.difficulty, fit.slope, weight)
    resampled = None
    if draws is not None:
        order = [draws.benchmarks.index(name) for name in fit.benchmarks]
        resampled = np.empty((len(draws.ability), len(models)), dtype=np.float32)
        for draw, (difficulty, slope) in enumerate(zip(draws.difficulty, draws.slope, strict=True)):
            counts = resample_rows(model, len(models), [draw], seed)[0]
            resampled[draw] = scope.solve(difficulty[order].astype(float), slope[order].astype(float), counts * weight)
    return Scoped(models, tuple(counted[name] for name in models), centre, resampled)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The scores of a scope: `value[i]` is model `model[i]` on benchmark `benchmark[i]`."""

    model: Ints
    benchmark: Ints
    value: Floats
    models: int
    bounds: tuple[float, float]

    def solve(self, difficulty: Floats, slope: Floats, weights: Floats) -> Floats:
        """Each model's least-squares ability: the best point of a grid, refined by guarded Newton steps."""
        grid = np.linspace(*self.bounds, _GRID)
        best = grid[np.argmin(self._losses(grid, difficulty, slope, weights), axis=1)]
        width = grid[1] - grid[0]
        low, high = np.maximum(best - width, self.bounds[0]), np.minimum(best + width, self.bounds[1])
        ability, middle, steepness = best, difficulty[self.benchmark], slope[self.benchmark]
        for _ in range(_REFINEMENTS):
            predicted = sigmoid(steepness * (ability[self.model] - middle))
            rise = predicted * (1.0 - predicted) * steepness
            residual = predicted - self.value
            pull = weights * residual * rise
            first = np.bincount(self.model, pull, self.models)
            second = np.bincount(
                self.model, weights * rise**2 + pull * steepness * (1.0 - 2.0 * predicted), self.models
            )
            high, low = np.where(first > 0, ability, high), np.where(first > 0, low, ability)
            newton = ability - first / np.where(second > 0, second, 1.0)
            inside = (second > 0) & (newton > low) & (newton < high)
            step = np.where(inside, newton, 0.5 * (low + high))
            if np.abs(step - ability).max() < 1e-9:
                return np.asarray(step)
            ability = step
        return np.asarray(ability)

    def _losses(self, grid: Floats, difficulty: Floats, slope: Floats, weights: Floats) -> Floats:
        """What each model loses at each point of the grid, less what it loses anywhere. The curves at these points are
        the benchmarks', whatever the number of scores: sum(w (p - y)^2) is w p^2 - 2 w y p, and a constant."""
        from scipy.sparse import csr_array  # here: most processes never refit a scope

        curves = sigmoid(slope[:, None] * (grid - difficulty[:, None]))
        shape = self.models, len(difficulty)
        weighed = csr_array((weights, (self.model, self.benchmark)), shape=shape)
        pulled = csr_array((weights * self.value, (self.model, self.benchmark)), shape=shape)
        return np.asarray(weighed @ curves**2 - 2.0 * (pulled @ curves))
