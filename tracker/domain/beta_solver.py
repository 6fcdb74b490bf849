"""The posterior of the Beta model of scores: its mode, the Gaussian at the mode, and draws from it.

As in the index's own solver each score belongs to one model, so the block of the abilities is diagonal and eliminated:
a step costs one dense system in the benchmarks' parameters. The abilities sum to zero throughout.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular

from tracker.domain.beta_density import Curvature, Local, Scores, objective
from tracker.domain.beta_terms import NOISE, NOISE_BOUNDS, NOISE_DRAWS
from tracker.domain.solver import Floats

# The squared distance to the mode, in standard deviations of the posterior, at which it counts as found.
TOLERANCE: Final = 1e-8
MAX_ITERATIONS: Final = 300
NOISE_TOLERANCE: Final = 1e-4  # of its logarithm
LONGEST_STEP: Final = 2.0
_FIRST_DAMPING: Final = 1.0
_WORST_DAMPING: Final = 1e12
_SETTLED: Final = 1e-2  # near enough to the mode to look at the noise again
_RESETTLING: Final = 2  # Newton steps to the mode under another noise, which is near


class NotPositiveError(ArithmeticError):
    """The curvature is not that of a minimum."""


@dataclass(frozen=True, slots=True)
class Gaussian:
    """The normal distribution around zero with a curvature as its precision, on abilities that sum to zero."""

    diagonal: Floats
    coupling: Floats
    factor: Floats  # upper Cholesky factor of the rest's precision, the abilities eliminated

    @classmethod
    def of(
        cls, curvature: Curvature, damping: float = 0.0, stiffness: tuple[Floats, Floats] | None = None
    ) -> "Gaussian":
        """Raises NotPositiveError. `damping` adds that share of `stiffness`, or of the curvature's own diagonal."""
        extra, extra_rest = stiffness or (curvature.diagonal, np.diag(curvature.rest))
        diagonal, rest = curvature.diagonal + damping * extra, curvature.rest.copy()
        rest[np.diag_indices_from(rest)] += damping * extra_rest
        if not (diagonal > 0).all():
            raise NotPositiveError
        scaled = curvature.coupling / np.sqrt(diagonal)[:, None]
        # What the sum of the abilities would have told about the rest, had it been free.
        along = (1.0 / np.sqrt(diagonal)) @ scaled / math.sqrt(np.sum(1.0 / diagonal))
        try:
            factor = cholesky(rest - scaled.T @ scaled + np.outer(along, along))
        except np.linalg.LinAlgError:
            raise NotPositiveError from None
        return cls(diagonal, curvature.coupling, factor)

    def _level(self, abilities: Floats) -> Floats:
        """Abilities (or rows of them) moved to a sum of zero, each by its own variance."""
        free = 1.0 / self.diagonal
        return np.asarray(abilities - np.multiply.outer(abilities.sum(axis=-1) / free.sum(), free))

    def solve(self, right: Floats) -> Floats:
        """The precision's inverse times `right`, by the Schur complement."""
        m = len(self.diagonal)
        inner = self._level(right[:m] / self.diagonal)
        outer = cho_solve((self.factor, False), right[m:] - self.coupling.T @ inner)
        return np.concatenate([inner - self._level(self.coupling @ outer / self.diagonal), outer])

    def of_curves(self, scores: Scores, jacobian: tuple[Floats, Floats]) -> Floats:
        """The variance of each score's place on its curve: slope times ability minus difficulty."""
        b, free = scores.benchmarks, 1.0 / self.diagonal
        m, at = scores.model, scores.benchmark
        rest = cho_solve((self.factor, False), np.eye(len(self.factor)))
        moved = self._level((self.coupling / self.diagonal[:, None]).T).T
        across = -moved @ rest
        own = free - free**2 / free.sum() - np.einsum("mk,mk->m", across, moved)
        pull, turned = jacobian
        return np.asarray(
            pull**2 * own[m] + rest[at, at] + turned**2 * rest[b + at, b + at]
            + 2.0 * pull * (turned * across[m, b + at] - across[m, at]) - 2.0 * turned * rest[at, b + at]
        )  # fmt: skip

    def draw(self, draws: int, rng: np.random.Generator) -> Floats:
        """Draws around zero, one a row."""
        outer = solve_triangular(self.factor, rng.standard_normal((len(self.factor), draws))).T
        inner = rng.standard_normal((draws, len(self.diagonal))) / np.sqrt(self.diagonal)
        return np.concatenate([self._level(inner - outer @ self.coupling.T / self.diagonal), outer], axis=1)


@dataclass(frozen=True, slots=True)
class Mode:
    """The parameters found, and the Gaussian of the curvature there, given the noise.

    `exact` tells the observed information from the expected one, which stands in where the former is no minimum's.
    """

    x: Floats
    objective: float
    gaussian: Gaussian
    noise_spread: Floats  # standard deviation of each benchmark's log noise
    iterations: int
    converged: bool
    exact: bool


def start(scores: Scores) -> Floats:
    """A rough beginning: each model's mean logit over its benchmarks, theirs taken off."""
    logit = np.log(scores.value) - np.log1p(-scores.value)
    count_b = np.maximum(np.bincount(scores.benchmark, minlength=scores.benchmarks), 1)
    middle = (logit @ scores.by_benchmark) / count_b
    count_m = np.maximum(np.bincount(scores.model, minlength=scores.models), 1)
    ability = ((logit - middle[scores.benchmark]) @ scores.by_model) / (count_m + 1.0)
    scales = np.log([max(float(middle.std()), 0.1), max(float(ability.std()), 0.1)])
    b = scores.benchmarks
    return np.concatenate([ability - ability.mean(), -middle, np.zeros(b), np.full(b, NOISE[0]), scales])


@dataclass(frozen=True, slots=True)
class Climb:
    """How far the way to the mode has come. Where it goes from there follows from this and the scores alone."""

    x: Floats
    damping: float = _FIRST_DAMPING
    steps: int = 0
    near: float = math.inf  # the squared distance to the mode, in standard deviations of the posterior
    moved: float = math.inf  # how far the noise went the last time
    ended: bool = False


def maximise(scores: Scores) -> Mode:
    """The most probable abilities and curves given each benchmark's noise, and the noise that is the most probable once
    abilities and curves are integrated out.

    All at once the density has no useful peak: a benchmark that few have taken would be hit exactly, its noise sinking
    to nothing. So the noise is counted on the freedom that the curves have left, as in restricted maximum likelihood.
    """
    return mode_at(scores, climb(scores))


def climb(scores: Scores, so_far: Climb | None = None, most: int = MAX_ITERATIONS) -> Climb:
    """The way to the mode from its beginning or from where it was left, `most` steps at once."""
    so_far = so_far or Climb(start(scores))
    x, damping, steps, near, moved = so_far.x.copy(), so_far.damping, so_far.steps, so_far.near, so_far.moved
    noise = slice(scores.models + 2 * scores.benchmarks, scores.models + 3 * scores.benchmarks)
    local, value, last, found = Local.at(x, scores), _finite(x, scores), min(steps + most, MAX_ITERATIONS), so_far.ended
    while not found and steps < last and damping < _WORST_DAMPING:
        steps += 1
        gaussian = _positive(local.observed, damping, local.stiffness)
        gaussian = gaussian or Gaussian.of(local.expected, damping)
        step = gaussian.solve(-local.given_noise)
        near = -float(local.given_noise @ step)
        step *= min(1.0, LONGEST_STEP / float(np.abs(step).max()))
        lower = _finite(x + step, scores)
        if lower < value:
            x, value, damping = x + step, lower, damping / 10.0
            local = Local.at(x, scores)
        elif near > TOLERANCE:
            damping *= 4.0
            continue
        if near < _SETTLED:
            if moved < NOISE_TOLERANCE and near < TOLERANCE:
                found = True
                break
            gaussian = _positive(local.observed) or Gaussian.of(local.expected)
            taken = _taken(local, gaussian, scores)
            change = np.clip((taken - local.noise_gradient) / local.noise_weight, -0.5, 0.5)
            before = x[noise].copy()
            x[noise] = np.clip(before + change, *np.log(NOISE_BOUNDS))
            moved = float(np.abs(x[noise] - before).max())
            local, value = Local.at(x, scores), _finite(x, scores)
    return Climb(x, damping, steps, near, moved, found or steps >= MAX_ITERATIONS or damping >= _WORST_DAMPING)


def mode_at(scores: Scores, end: Climb) -> Mode:
    """What is to be known of the place where the way has ended."""
    local = Local.at(end.x, scores)
    at_mode = _positive(local.observed)
    gaussian = at_mode or Gaussian.of(local.expected)
    # Each freedom that a curve takes is one score less to judge the noise by.
    known = local.noise_weight - 2.0 * _taken(local, gaussian, scores)
    return Mode(
        x=end.x,
        objective=_finite(end.x, scores),
        gaussian=gaussian,
        noise_spread=1.0 / np.sqrt(np.maximum(known, 1.0 / NOISE[1] ** 2)),
        iterations=end.steps,
        converged=end.near < TOLERANCE and end.moved < NOISE_TOLERANCE,
        exact=at_mode is not None,
    )


def posterior(
    scores: Scores, mode: Mode, draws: int, rng: np.random.Generator, parts: range = range(NOISE_DRAWS)
) -> Floats:
    """Draws of all parameters, one a row: of the noise first, then of the rest from the Gaussian at its mode given that
    noise. `parts` are those of the noise's values that are wanted, each with its share of the `draws`; what chance
    brings them is the same whichever are made together."""
    m, b = scores.models, scores.benchmarks
    noise = slice(m + 2 * b, m + 3 * b)
    found = [np.empty((0, scores.size))]
    for at, size in enumerate(shared_out(draws)):
        if at not in parts:
            rng.standard_normal(b + size * (3 * b + 2 + m))  # what this part would have used up of chance
            continue
        x = mode.x.copy()
        x[noise] += mode.noise_spread * rng.standard_normal(b)
        x[noise] = np.clip(x[noise], *np.log(NOISE_BOUNDS))
        gaussian = mode.gaussian
        for _ in range(_RESETTLING):
            local = Local.at(x, scores)
            gaussian = _positive(local.observed) or Gaussian.of(local.expected)
            step = gaussian.solve(-local.given_noise)
            trial = x + step * min(1.0, 0.5 / float(np.abs(step).max()))
            if not _finite(trial, scores) < _finite(x, scores):
                break
            x = trial
        found.append(x + gaussian.draw(size, rng))
    return np.concatenate(found)


def shared_out(draws: int) -> list[int]:
    """How many of the draws are made under each value of the noise."""
    return [len(part) for part in np.array_split(np.arange(draws), min(NOISE_DRAWS, draws))]


def _taken(local: Local, gaussian: Gaussian, scores: Scores) -> Floats:
    """How many of each benchmark's scores the abilities and curves use up."""
    return np.asarray((local.weight * gaussian.of_curves(scores, local.jacobian)) @ scores.by_benchmark)


def _finite(x: Floats, scores: Scores) -> float:
    """The objective; infinite where the noise is so large that no Beta distribution has it."""
    noise = x[scores.models + 2 * scores.benchmarks : scores.models + 3 * scores.benchmarks]
    if not (np.isfinite(x).all() and (noise <= math.log(NOISE_BOUNDS[1])).all()):
        return math.inf
    value = float(objective(x, scores))
    return value if math.isfinite(value) else math.inf


def _positive(
    curvature: Curvature, damping: float = 0.0, stiffness: tuple[Floats, Floats] | None = None
) -> Gaussian | None:
    try:
        return Gaussian.of(curvature, damping, stiffness)
    except NotPositiveError:
        return None
