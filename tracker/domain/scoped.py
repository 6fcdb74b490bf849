"""How able each model is on some benchmarks only: the index's curves stay frozen, every ability is fitted anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.index import CLIP, IndexFit, IndexInputError, Observation
from tracker.domain.index_draws import LEVEL, Draws, Float32s, Interval, resample_rows
from tracker.domain.solver import LOCATION_BOUND, Floats, Ints, sigmoid

ABILITY_BOUNDS: Final = (-100.0, 300.0)  # on the public scale
MIN_SCORES: Final = 2
SCOPE_SEED: Final = 54321
_GRID: Final = 81
_ROWS: Final = 100_000  # scores of draws that are fitted together
_BESIDE: Final = 65_536  # of these beside each other at a time
_REFINEMENTS: Final = 40
_SETTLED: Final = 1e-9  # a step shorter than this is the last
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
    scope = scope_of(fit, observations, min_scores=min_scores)
    centre = scope.solve(fit.difficulty[None], fit.slope[None], scope.weight[None])[0]
    resampled = None
    if draws is not None:
        order = [draws.benchmarks.index(name) for name in fit.benchmarks]
        resampled = np.empty((len(draws.ability), len(scope.models)), dtype=np.float32)
        size = max(1, _ROWS // len(scope.model))
        for first in range(0, len(resampled), size):
            some = range(first, min(first + size, len(resampled)))
            counts = resample_rows(scope.model, len(scope.models), some, seed)
            difficulty, slope = (
                part[first : some.stop, order].astype(float) for part in (draws.difficulty, draws.slope)
            )
            resampled[first : some.stop] = scope.solve(difficulty, slope, counts * scope.weight)
    return Scoped(scope.models, scope.counts, centre, resampled)


@dataclass(frozen=True, slots=True)
class Scope:
    """The scores of a scope: `value[i]` is model `model[i]` on the fit's benchmark `benchmark[i]` and has `weight[i]`.
    Refits that only weigh them otherwise, or have other curves, share it."""

    models: tuple[str, ...]
    counts: tuple[int, ...]
    model: Ints
    benchmark: Ints
    value: Floats
    weight: Floats
    bounds: tuple[float, float]

    def solve(self, difficulty: Floats, slope: Floats, weights: Floats) -> Floats:
        """Each model's least-squares ability in each draw, which has a row in the curves and in the weights: the best
        point of a grid, refined by guarded Newton steps. A model in one draw and the same in another are two takers."""
        models, exams = len(self.models), difficulty.shape[1]
        found = np.empty(len(weights) * models)
        # Over a third of the rows are not drawn: they would add nothing to any sum.
        draw, row = np.nonzero(weights)
        taker = self.model[row] + models * draw
        if (np.diff(taker) < 0).any():
            order = np.argsort(taker, kind="stable")
            draw, row, taker = draw[order], row[order], taker[order]
        # So many takers beside each other that their scores stay in the processor's cache; each is solved for itself.
        ends = np.searchsorted(taker, np.arange(len(found) + 1))
        first = 0
        while first < len(found):
            end = max(first + 1, int(np.searchsorted(ends, ends[first] + _BESIDE, side="right")) - 1)
            some = slice(ends[first], ends[end])
            begin = int(draw[some.start]) if some.start < some.stop else 0
            drawn = slice(begin, int(draw[some.stop - 1]) + 1 if some.start < some.stop else 1)
            takers = _Takers(
                taker[some] - first,
                self.benchmark[row[some]] + exams * (draw[some] - begin),
                self.value[row[some]],
                weights[draw[some], row[some]],
                difficulty[drawn].ravel(),
                slope[drawn].ravel(),
                (end - first, exams * (drawn.stop - begin)),
            )
            found[first:end] = takers.abilities(self.bounds)
            first = end
        return found.reshape(len(weights), models)


def scope_of(fit: IndexFit, observations: Sequence[Observation], *, min_scores: int = MIN_SCORES) -> Scope:
    """The scores in scope of models with `min_scores` of them, on benchmarks that the fit knows. Raises IndexInputError
    if none is left."""
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
    return Scope(
        models=models,
        counts=tuple(counted[name] for name in models),
        model=np.array([at[row.model] for row in rows], dtype=np.intp),
        benchmark=np.array([known[row.benchmark] for row in rows], dtype=np.intp),
        value=clipped([row.value for row in rows]),
        weight=np.array([row.weight for row in rows]),
        bounds=bounds_of(fit),
    )


def clipped(values: Sequence[float]) -> Floats:
    """Prepared scores as the curves take them, off their ends."""
    found: Floats = np.clip(np.array(values, dtype=float), CLIP, 1.0 - CLIP)
    return found


def bounds_of(fit: IndexFit) -> tuple[float, float]:
    """Between which abilities one is looked for, on the fit's scale."""
    return ABILITY_BOUNDS if fit.scale == "eci" else (-LOCATION_BOUND, LOCATION_BOUND)


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
        """Each taker's ability. One that has settled moves no more, whoever is solved beside it: who stands at a bound
        halves its way there in forty steps, all others are done after a few."""
        grid = np.linspace(*bounds, _GRID)
        best = grid[np.argmin(self._losses(grid), axis=1)]
        width = grid[1] - grid[0]
        low, high = np.maximum(best - width, bounds[0]), np.minimum(best + width, bounds[1])
        found: Floats = best.copy()
        ability, who = best, np.arange(len(best))
        taker, rows = self.taker, (self.difficulty[self.exam], self.slope[self.exam], self.value, self.weights)
        for _ in range(_REFINEMENTS):
            ability, low, high, moving = _refined(taker, rows, ability, low, high)
            found[who] = ability
            if not moving.any():
                break
            stay = moving[taker]
            taker = (np.cumsum(moving) - 1)[taker[stay]]
            middle, steepness, value, weights = (column[stay] for column in rows)
            rows = middle, steepness, value, weights
            ability, low, high, who = ability[moving], low[moving], high[moving], who[moving]
        return found

    def _losses(self, grid: Floats) -> Floats:
        """What each taker loses at each point of the grid, less what it loses anywhere. The curves at these points are
        the exams', whatever the number of scores: sum(w (p - y)^2) is w p^2 - 2 w y p, and a constant."""
        from scipy.sparse import csr_array  # here: most processes never refit a scope

        curves = sigmoid(self.slope[:, None] * (grid - self.difficulty[:, None]))
        weighed = csr_array((self.weights, (self.taker, self.exam)), shape=self.shape)
        pulled = csr_array((self.weights * self.value, (self.taker, self.exam)), shape=self.shape)
        return np.asarray(weighed @ curves**2 - 2.0 * (pulled @ curves))


def _refined(
    taker: Ints, rows: tuple[Floats, Floats, Floats, Floats], ability: Floats, low: Floats, high: Floats
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """One guarded Newton step of every taker, the bounds that it leaves, and who is still on the way. `rows` are the
    difficulty, slope, value and weight of each score."""
    middle, steepness, value, weights = rows
    predicted = sigmoid(steepness * (ability[taker] - middle))
    rise = predicted * (1.0 - predicted) * steepness
    pull = weights * (predicted - value) * rise
    first = np.bincount(taker, pull, len(ability))
    second = np.bincount(taker, weights * rise**2 + pull * steepness * (1.0 - 2.0 * predicted), len(ability))
    high, low = np.where(first > 0, ability, high), np.where(first > 0, low, ability)
    newton = ability - first / np.where(second > 0, second, 1.0)
    inside = (second > 0) & (newton > low) & (newton < high)
    step = np.where(inside, newton, 0.5 * (low + high))
    return step, low, high, np.abs(step - ability) >= _SETTLED
