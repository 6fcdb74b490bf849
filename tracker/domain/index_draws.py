"""How sure the index is: refits of resampled scores, each of its own seed, and the intervals that they make."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from tracker.domain.index import (
    ANCHOR_HIGH,
    ANCHOR_LOW,
    LEAST_SPREAD,
    Anchors,
    IndexFit,
    IndexInputError,
    Observation,
    names_of,
    problem_of,
)
from tracker.domain.solver import FROM_THE_CENTRE, Floats, Problem, solve

DRAWS: Final = 500
DRAW_SEED: Final = 12345
LEVEL: Final = 0.9
_COLUMNS: Final = 4096  # models whose draws are looked at together
AT_ONCE: Final = 2_000_000  # weights of refits held at once: a refit has one for every score

Float32s = NDArray[np.float32]
Resampling = Literal["rows", "benchmarks", "leave-one-out"]


@dataclass(frozen=True, slots=True)
class Draws:
    """Refits of resampled scores on the public scale, one row a draw, each with its own affine map.

    `labels` names the benchmark left out of each row where `resampling` is "leave-one-out". `dropped` counts draws
    whose anchors changed places: such a draw has no scale. A model without any row in a refit is NaN there.
    """

    models: tuple[str, ...]
    benchmarks: tuple[str, ...]
    ability: Float32s
    difficulty: Float32s
    slope: Float32s
    resampling: Resampling
    anchors: Anchors
    seed: int | None = None
    dropped: int = 0
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """The central share of the draws, of the level that was asked for, in the unit of what was drawn."""

    low: float
    high: float


def bootstrap(
    observations: Sequence[Observation],
    fit: IndexFit,
    *,
    draws: int = DRAWS,
    first: int = 0,
    seed: int = DRAW_SEED,
    resampling: Literal["rows", "benchmarks"] = "rows",
) -> Draws:
    """Refits of resampled scores, started at the central fit, the affine map redone in each: `draws` of them from the
    `first` on. What chance brings a draw follows from the seed and its own number, so that draws made in several goes,
    `joined`, are those of one go.

    "rows" draws each model's own scores anew, as many as it has (the published method). "benchmarks" weighs whole
    benchmarks by exponential weights with mean one, which never takes a model's last score away.
    """
    problem = _problem_of(observations, fit)

    def factors(numbers: range) -> Floats:
        if resampling == "rows":
            return resample_rows(problem.model, problem.models, numbers, seed)
        weights = [np.random.default_rng([seed, draw]).exponential(size=problem.benchmarks) for draw in numbers]
        return np.stack(weights)[:, problem.benchmark]

    return _refit(observations, fit, problem, range(first, first + draws), factors, resampling, seed=seed)


def leave_one_out(
    observations: Sequence[Observation], fit: IndexFit, *, first: int = 0, count: int | None = None
) -> Draws:
    """One refit per benchmark without that benchmark, or for `count` of them from the `first` on; lambda / P stays that
    of the whole fit."""
    problem = _problem_of(observations, fit)

    def factors(numbers: range) -> Floats:
        return np.asarray(problem.benchmark != np.array(numbers)[:, None], dtype=float)

    end = problem.benchmarks if count is None else min(first + count, problem.benchmarks)
    return _refit(observations, fit, problem, range(first, end), factors, "leave-one-out")


def joined(parts: Sequence[Draws]) -> Draws:
    """Draws of one fit that were made in several goes, as one. `parts` are in order and at least one."""
    return replace(
        parts[0],
        ability=np.concatenate([part.ability for part in parts]),
        difficulty=np.concatenate([part.difficulty for part in parts]),
        slope=np.concatenate([part.slope for part in parts]),
        dropped=sum(part.dropped for part in parts),
        labels=tuple(label for part in parts for label in part.labels),
    )


def interval(draws: Draws, level: float = LEVEL) -> dict[str, Interval | None]:
    """The central `level` of each model's draws; None for the anchors, which are fixed by definition, not estimated."""
    tail = (1.0 - level) / 2.0
    found: dict[str, Interval | None] = {}
    if len(draws.ability) < 2:
        return dict.fromkeys(draws.models)
    for first in range(0, len(draws.models), _COLUMNS):
        block = draws.ability[:, first : first + _COLUMNS].astype(float)
        bounds = np.quantile(block, (tail, 1.0 - tail), axis=0).T.tolist()
        for name, (low, high), column in zip(draws.models[first : first + _COLUMNS], bounds, block.T, strict=True):
            # A NaN makes the whole column's quantiles NaN: such a one is looked at alone, without what it lacks.
            known = (low, high) if low == low else _known(column, tail)
            found[name] = None if name in draws.anchors.models or known is None else Interval(*known)
    return found


def _known(column: Floats, tail: float) -> tuple[float, float] | None:
    known = column[np.isfinite(column)]
    if len(known) < 2:
        return None
    low, high = np.quantile(known, (tail, 1.0 - tail)).tolist()
    return low, high


def resample_rows(model: NDArray[np.intp], models: int, draws: Sequence[int], seed: int) -> Floats:
    """How often each row is drawn in each of `draws` when every model's rows are drawn with replacement, as many as it
    has. A draw's row depends on the seed and its number alone."""
    size = np.bincount(model, minlength=models)
    order = np.argsort(model, kind="stable")
    group = model[order]
    start, many = (np.cumsum(size) - size)[group], size[group]
    counts = np.empty((len(draws), len(model)))
    for at, draw in enumerate(draws):
        chance = np.random.default_rng([seed, draw]).random(len(model))
        taken = start + np.minimum((chance * many).astype(np.intp), many - 1)
        counts[at, order] = np.bincount(taken, minlength=len(model))
    return counts


def _problem_of(observations: Sequence[Observation], fit: IndexFit) -> Problem:
    models, benchmarks = names_of(observations)
    if set(models) != set(fit.models) or set(benchmarks) != set(fit.benchmarks):
        raise IndexInputError("the scores to resample are not those of the fit")
    return problem_of(observations, fit.models, fit.benchmarks, fit.anchors, fit.regularisation)


def _refit(
    observations: Sequence[Observation],
    fit: IndexFit,
    problem: Problem,
    numbers: range,
    factors: Callable[[range], Floats],
    resampling: Resampling,
    *,
    seed: int | None = None,
) -> Draws:
    """`factors` gives the weights of some of the refits: never more of them than are solved at once, since a row of
    weights is as long as the data."""
    own = np.array([row.weight for row in observations])
    size = max(1, AT_ONCE // len(own))
    parts = [
        _refit_some(fit, problem, factors(numbers[at : at + size]) * own, numbers[at : at + size], resampling, seed)
        for at in range(0, len(numbers), size)
    ]
    return joined(parts)


def _refit_some(
    fit: IndexFit, problem: Problem, weights: Floats, numbers: range, resampling: Resampling, seed: int | None
) -> Draws:
    centre = np.concatenate([fit.raw_ability, fit.raw_difficulty, fit.raw_slope])
    solution = solve(problem, weights, centre, care=FROM_THE_CENTRE)
    shift = solution.difficulty[:, [problem.fixed]]
    ability, difficulty = solution.ability - shift, solution.difficulty - shift
    for draw, weight in enumerate(weights):
        ability[draw, np.bincount(problem.model, weight, problem.models) == 0] = np.nan
    if fit.scale == "eci" and fit.anchors.low and fit.anchors.high:
        low = ability[:, [fit.models.index(fit.anchors.low)]]
        spread = ability[:, [fit.models.index(fit.anchors.high)]] - low
        usable = spread[:, 0] > LEAST_SPREAD
        factor = (ANCHOR_HIGH[1] - ANCHOR_LOW[1]) / np.where(usable[:, None], spread, 1.0)
        offset = ANCHOR_LOW[1] - factor * low
    else:
        # Without its own rows the anchor benchmark holds nothing: on the logit scale such a refit has no place.
        usable = np.stack([w[problem.benchmark == problem.fixed].sum() for w in weights]) > 0
        factor, offset = np.ones((len(weights), 1)), np.zeros((len(weights), 1))
    kept = np.flatnonzero(usable)
    return Draws(
        models=fit.models,
        benchmarks=fit.benchmarks,
        ability=(offset + factor * ability)[kept].astype(np.float32),
        difficulty=(offset + factor * difficulty)[kept].astype(np.float32),
        slope=(solution.slope / factor)[kept].astype(np.float32),
        resampling=resampling,
        anchors=fit.anchors,
        seed=seed,
        dropped=len(usable) - len(kept),
        labels=tuple(fit.benchmarks[numbers[at]] for at in kept) if resampling == "leave-one-out" else (),
    )
