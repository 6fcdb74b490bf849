"""How able each model is on some benchmarks only: the index's curves stay frozen, every ability is fitted anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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
from tracker.domain.solver import LOCATION_BOUND, Floats, Ints, indicator, sigmoid

if TYPE_CHECKING:
    from scipy.sparse import csr_array

ABILITY_BOUNDS: Final = (-100.0, 300.0)  # on the public scale
MIN_SCORES: Final = 2
SCOPE_SEED: Final = 54321
_GRID: Final = 81
_REFINEMENTS: Final = 40
_CHUNK_CELLS: Final = 2_000_000


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
        bounds = np.quantile(self.draws.astype(float), (tail, 1.0 - tail), axis=0).T
        return {name: Interval(float(low), float(high)) for name, (low, high) in zip(self.models, bounds, strict=True)}


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
    scope = _Scope(model, value, indicator(model, len(models)), bounds)
    centre = scope.solve(fit.difficulty[None, benchmark], fit.slope[None, benchmark], weight[None, :])[0]
    resampled = None
    if draws is not None:
        columns = np.array([draws.benchmarks.index(row.benchmark) for row in rows], dtype=np.intp)
        counts = resample_rows(model, len(models), len(draws.ability), np.random.default_rng(seed)) * weight
        curves = draws.difficulty[:, columns].astype(float), draws.slope[:, columns].astype(float)
        resampled = scope.solve(*curves, counts).astype(np.float32)
    return Scoped(models, tuple(counted[name] for name in models), centre, resampled)


@dataclass(frozen=True, slots=True)
class _Scope:
    model: Ints
    value: Floats
    by_model: "csr_array"
    bounds: tuple[float, float]

    def solve(self, difficulty: Floats, slope: Floats, weights: Floats) -> Floats:
        """The least-squares ability by draw and model: the best point of a grid, refined by guarded Newton steps."""
        size = max(1, _CHUNK_CELLS // (_GRID * len(self.model)))
        parts = []
        for first in range(0, len(weights), size):
            part = slice(first, first + size)
            parts.append(self._chunk(difficulty[part], slope[part], weights[part]))
        return np.concatenate(parts)

    def _chunk(self, difficulty: Floats, slope: Floats, weights: Floats) -> Floats:
        grid = np.linspace(*self.bounds, _GRID)
        losses = np.stack(
            [(weights * (sigmoid(slope * (c - difficulty)) - self.value) ** 2) @ self.by_model for c in grid]
        )
        best = grid[np.argmin(losses, axis=0)]
        width = grid[1] - grid[0]
        low, high = np.maximum(best - width, self.bounds[0]), np.minimum(best + width, self.bounds[1])
        ability = best
        for _ in range(_REFINEMENTS):
            predicted = sigmoid(slope * (ability[:, self.model] - difficulty))
            rise = predicted * (1.0 - predicted) * slope
            residual = predicted - self.value
            first = (weights * residual * rise) @ self.by_model
            second = (weights * (rise**2 + residual * rise * slope * (1.0 - 2.0 * predicted))) @ self.by_model
            high, low = np.where(first > 0, ability, high), np.where(first > 0, low, ability)
            newton = ability - first / np.where(second > 0, second, 1.0)
            inside = (second > 0) & (newton > low) & (newton < high)
            step = np.where(inside, newton, 0.5 * (low + high))
            if np.abs(step - ability).max() < 1e-9:
                return np.asarray(step)
            ability = step
        return np.asarray(ability)
