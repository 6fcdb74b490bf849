"""How able each model is on some benchmarks only: the index's curves stay frozen, every ability is fitted anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tracker.domain.index import CLIP, IndexFit, IndexInputError, Observation
from tracker.domain.index_draws import LEVEL, Draws, Float32s, Interval, resample_rows
from tracker.domain.solver import LOCATION_BOUND, Floats, Ints, sigmoid

ABILITY_BOUNDS: Final = (-100.0, 300.0)  # on the public scale
MIN_SCORES: Final = 2
SCOPE_SEED: Final = 54321
_GRID: Final = 81
_ROWS: Final = 100_000  # scores of draws that are fitted together
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
    centre = scope.solve(fit.difficulty[None], fit.slope[None], weight[None])[0]
    resampled = None
    if draws is not None:
        order = [draws.benchmarks.index(name) for name in fit.benchmarks]
        resampled = np.empty((len(draws.ability), len(models)), dtype=np.float32)
        size = max(1, _ROWS // len(rows))
        for first in range(0, len(resampled), size):
            some = range(first, min(first + size, len(resampled)))
            counts = resample_rows(model, len(models), some, seed)
            difficulty, slope = (
                part[first : some.stop, order].astype(float) for part in (draws.difficulty, draws.slope)
            )
            resampled[first : some.stop] = scope.solve(difficulty.astype(float), slope.astype(float), counts * weight)
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
        """Each model's least-squares ability in each draw, which has a row in the curves and in the weights: the best
        point of a grid, refined by guarded Newton steps. A model in one draw and the same in another are two takers."""
        draws = np.arange(len(weights))[:, None]
        shape = len(weights) * self.models, len(weights) * difficulty.shape[1]
        taker = (self.model + self.models * draws).ravel()
        exam = (self.benchmark + difficulty.shape[1] * draws).ravel()
        value = np.tile(self.value, len(weights))
        takers = _Takers(taker, exam, value, weights.ravel(), difficulty.ravel(), slope.ravel(), shape)
        return takers.abilities(self.bounds).reshape(len(weights), self.models)


@dataclass(frozen=True, slots=True)
class _Takers:
    """The scores of several draws beside each other: `value[i]` is taker `taker[i]` on exam `exam[i]` and counts
    `weights[i]` times; `difficulty` and `slope` are the exams', `shape` says how many takers and exams there are."""

    taker: Ints
    exam: Ints
    value: Floats
    weights: Floats
    difficulty: Floats
    slope: Floats
    shape: tuple[int, int]

    def abilities(self, bounds: tuple[float, float]) -> Floats:
        taker, exam, value, weights, shape = self.taker, self.exam, self.value, self.weights, self.shape
        difficulty, slope = self.difficulty, self.slope
        grid = np.linspace(*bounds, _GRID)
        best = grid[np.argmin(self._losses(grid), axis=1)]
        width = grid[1] - grid[0]
        low, high = np.maximum(best - width, bounds[0]), np.minimum(best + width, bounds[1])
        ability, middle, steepness = best, difficulty[exam], slope[exam]
        for _ in range(_REFINEMENTS):
            predicted = sigmoid(steepness * (ability[taker] - middle))
            rise = predicted * (1.0 - predicted) * steepness
            residual = predicted - value
            pull = weights * residual * rise
            first = np.bincount(taker, pull, shape[0])
            second = np.bincount(taker, weights * rise**2 + pull * steepness * (1.0 - 2.0 * predicted), shape[0])
            high, low = np.where(first > 0, ability, high), np.where(first > 0, low, ability)
            newton = ability - first / np.where(second > 0, second, 1.0)
            inside = (second > 0) & (newton > low) & (newton < high)
            step = np.where(inside, newton, 0.5 * (low + high))
            if np.abs(step - ability).max() < 1e-9:
                return np.asarray(step)
            ability = step
        return np.asarray(ability)

    def _losses(self, grid: Floats) -> Floats:
        """What each taker loses at each point of the grid, less what it loses anywhere. The curves at these points are
        the exams', whatever the number of scores: sum(w (p - y)^2) is w p^2 - 2 w y p, and a constant."""
        from scipy.sparse import csr_array  # here: most processes never refit a scope

        curves = sigmoid(self.slope[:, None] * (grid - self.difficulty[:, None]))
        weighed = csr_array((self.weights, (self.taker, self.exam)), shape=self.shape)
        pulled = csr_array((self.weights * self.value, (self.taker, self.exam)), shape=self.shape)
        return np.asarray(weighed @ curves**2 - 2.0 * (pulled @ curves))
