"""The posterior of the Beta model of scores: its density, its derivatives, its mode, and the Gaussian at the mode.

As in the index's own solver each score belongs to one model, so the block of the abilities is diagonal and eliminated:
a step costs one dense system in the benchmarks' parameters. The abilities sum to zero throughout.
"""

import math
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.sparse import csr_array
from scipy.special import gammaln, psi, zeta

from tracker.domain.solver import Floats, Ints, indicator, sigmoid

# Priors, as (centre, spread) of a logarithm; abilities and the scaled difficulties are standard normal, the scaled
# slopes half-normal.
NOISE: Final = (math.log(0.05), 0.5)
DIFFICULTY_SCALE: Final = (math.log(3.0), 1.0)
SLOPE_SCALE: Final = (math.log(0.5), 0.5)

# The squared distance to the mode, in standard deviations of the posterior, at which it counts as found.
TOLERANCE: Final = 1e-8
MAX_ITERATIONS: Final = 300
NOISE_TOLERANCE: Final = 1e-4  # of its logarithm
LONGEST_STEP: Final = 2.0
# The sampling error of ten thousand items at even odds; at 0.5 all scores are 0 or 1.
NOISE_BOUNDS: Final = (0.005, 0.45)
_FIRST_DAMPING: Final = 1.0
_WORST_DAMPING: Final = 1e12
_SETTLED: Final = 1e-2  # near enough to the mode to look at the noise again
NOISE_DRAWS: Final = 25  # values of the noise under which the rest is drawn
_RESETTLING: Final = 2  # Newton steps to the mode under another noise, which is near


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores strictly within 0..1 as index arrays, and each benchmark's chance floor on the same scale.

    The parameters are one vector: abilities (models), then per benchmark difficulty, log slope, log noise, then the
    logs of the difficulties' and the slopes' scale.
    """

    model: Ints
    benchmark: Ints
    value: Floats
    floor: Floats
    models: int
    by_model: csr_array = field(init=False, repr=False, compare=False)
    by_benchmark: csr_array = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_model", indicator(self.model, self.models))
        object.__setattr__(self, "by_benchmark", indicator(self.benchmark, self.benchmarks))

    @property
    def benchmarks(self) -> int:
        return len(self.floor)

    @property
    def size(self) -> int:
        return self.models + 3 * self.benchmarks + 2


def objective(x: Any, scores: Scores, xp: Any = np, log_gamma: Any = gammaln) -> Any:
    """Minus the log posterior density at `x`, up to a constant.

    `xp` and `log_gamma` are NumPy's and SciPy's, or another library's of the same meaning: a sampler that needs
    derivatives of its own brings its arrays along and reads the very same formula.
    """
    m, b = scores.models, scores.benchmarks
    ability, difficulty, log_slope = x[:m], x[m : m + b], x[m + b : m + 2 * b]
    log_noise, wide, steep = x[m + 2 * b : m + 3 * b], x[-2], x[-1]
    slope = xp.exp(log_slope)
    at = scores.benchmark
    eta = slope[at] * ability[scores.model] - difficulty[at]
    # The logistic curve by the hyperbolic tangent, which overflows nowhere.
    mean = scores.floor[at] + (1.0 - scores.floor[at]) * 0.5 * (1.0 + xp.tanh(0.5 * eta))
    size = (0.25 * xp.exp(-2.0 * log_noise) - 1.0)[at]
    first, second = mean * size, (1.0 - mean) * size
    likelihood = xp.sum(
        log_gamma(size) - log_gamma(first) - log_gamma(second)
        + (first - 1.0) * np.log(scores.value) + (second - 1.0) * np.log1p(-scores.value)
    )  # fmt: skip
    penalty = (
        0.5 * xp.sum(ability**2) * xp.exp(-2.0 * steep) + (m - 1) * steep
        + 0.5 * xp.sum(difficulty**2) * xp.exp(-2.0 * wide) + b * wide
        + 0.5 * xp.sum(slope**2) - xp.sum(log_slope)
        + 0.5 * xp.sum(((log_noise - NOISE[0]) / NOISE[1]) ** 2)
        + 0.5 * ((wide - DIFFICULTY_SCALE[0]) / DIFFICULTY_SCALE[1]) ** 2
        + 0.5 * ((steep - SLOPE_SCALE[0]) / SLOPE_SCALE[1]) ** 2
    )  # fmt: skip
    return penalty - likelihood


@dataclass(frozen=True, slots=True)
class Curvature:
    """A symmetric matrix in blocks: `diagonal` of the abilities, `coupling` of these with the rest, `rest`."""

    diagonal: Floats
    coupling: Floats
    rest: Floats


@dataclass(frozen=True, slots=True)
class Local:
    """The objective around one point: its gradient, its second derivatives, and what the noise is counted from.

    `observed` and `expected` hold the noise still; `expected` takes the scores' part from Fisher's information, which
    is never negative. `weight` is each score's information about its place on the curve, `jacobian` that place's
    derivatives by ability and log slope.
    """

    gradient: Floats
    given_noise: Floats
    observed: Curvature
    expected: Curvature
    weight: Floats
    jacobian: tuple[Floats, Floats]
    noise_gradient: Floats
    noise_weight: Floats

    @classmethod
    def at(cls, x: Floats, scores: Scores) -> "Local":
        m, b = scores.models, scores.benchmarks
        ability, difficulty, log_slope = x[:m], x[m : m + b], x[m + b : m + 2 * b]
        log_noise, wide, steep = x[m + 2 * b : m + 3 * b], x[-2], x[-1]
        slope, at, floor = np.exp(log_slope), scores.benchmark, scores.floor[scores.benchmark]
        turned = slope[at] * ability[scores.model]
        p = sigmoid(turned - difficulty[at])
        mean = floor + (1.0 - floor) * p
        # The sizes are the benchmarks', few beside the scores: what is asked of them is asked once.
        sizes = 0.25 * np.exp(-2.0 * log_noise) - 1.0
        size, psi_size, tri_size = sizes[at], psi(sizes)[at], zeta(2.0, sizes)[at]
        first, second = mean * size, (1.0 - mean) * size
        psi_first, psi_second = psi(first), psi(second)
        # The trigamma function; SciPy's own name for it makes the digamma beside it each time.
        tri_first, tri_second = zeta(2.0, first), zeta(2.0, second)
        log_y, log_rest = np.log(scores.value), np.log1p(-scores.value)
        by_mean = size * (log_y - log_rest - psi_first + psi_second)
        by_size = psi_size - mean * psi_first - (1.0 - mean) * psi_second + mean * log_y + (1.0 - mean) * log_rest
        size_size = tri_size - mean**2 * tri_first - (1.0 - mean) ** 2 * tri_second
        rise = (1.0 - floor) * p * (1.0 - p)
        shrink = -2.0 * (size + 1.0)  # of the size, as log noise grows
        pull, spring = slope[at], np.exp(-2.0 * np.array([wide, steep]))
        e, weight = by_mean * rise, size**2 * (tri_first + tri_second) * rise**2
        over_model, over = scores.by_model, scores.by_benchmark

        gradient = np.empty(scores.size)
        gradient[:m] = ability * spring[1] - (e * pull) @ over_model
        gradient[m : m + b] = difficulty * spring[0] + e @ over
        gradient[m + b : m + 2 * b] = slope**2 - 1.0 - (e * turned) @ over
        gradient[m + 2 * b : m + 3 * b] = (log_noise - NOISE[0]) / NOISE[1] ** 2 - (by_size * shrink) @ over
        gradient[-2] = b - np.sum(difficulty**2) * spring[0] + (wide - DIFFICULTY_SCALE[0]) / DIFFICULTY_SCALE[1] ** 2
        gradient[-1] = m - 1 - np.sum(ability**2) * spring[1] + (steep - SLOPE_SCALE[0]) / SLOPE_SCALE[1] ** 2
        given_noise = gradient.copy()
        given_noise[m + 2 * b : m + 3 * b] = 0.0

        def curvature(ee: Floats, here: Floats, scales: float) -> Curvature:
            coupling = np.zeros((m, 3 * b + 2))
            coupling[scores.model, at] = -ee * pull
            coupling[scores.model, b + at] = ee * pull * turned - here * pull
            # How a scale bends with what it scales can outweigh all else far from the mode.
            coupling[:, -1] = -2.0 * scales * ability * spring[1]
            rest, each = np.diag(np.ones(3 * b + 2)), np.arange(b)
            _put(rest, each, each, spring[0] + ee @ over)
            _put(rest, each, b + each, -(ee * turned) @ over)
            _put(rest, b + each, b + each, 2.0 * slope**2 + (ee * turned**2 - here * turned) @ over)
            _put(rest, each, 3 * b, -2.0 * scales * difficulty * spring[0])
            rest[-2, -2] = 2.0 * np.sum(difficulty**2) * spring[0] + 1.0 / DIFFICULTY_SCALE[1] ** 2
            rest[-1, -1] = 2.0 * np.sum(ability**2) * spring[1] + 1.0 / SLOPE_SCALE[1] ** 2
            return Curvature(spring[1] + (ee * pull**2) @ over_model, coupling, rest)

        return cls(
            gradient=gradient,
            given_noise=given_noise,
            observed=curvature(weight - by_mean * rise * (1.0 - 2.0 * p), e, 1.0),
            expected=curvature(weight, np.zeros_like(e), 0.0),
            weight=weight,
            jacobian=(pull, turned),
            noise_gradient=gradient[m + 2 * b : m + 3 * b],
            noise_weight=1.0 / NOISE[1] ** 2 - (size_size * shrink**2) @ over,
        )

    def taken(self, gaussian: "Gaussian", scores: Scores) -> Floats:
        """How many of each benchmark's scores the abilities and curves use up."""
        return np.asarray((self.weight * gaussian.of_curves(scores, self.jacobian)) @ scores.by_benchmark)


def _put(matrix: Floats, row: Ints, column: Ints | int, values: Floats) -> None:
    matrix[row, column] = values
    matrix[column, row] = values


class NotPositiveError(ArithmeticError):
    """The curvature is not that of a minimum."""


@dataclass(frozen=True, slots=True)
class Gaussian:
    """The normal distribution around zero with a curvature as its precision, on abilities that sum to zero."""

    diagonal: Floats
    coupling: Floats
    factor: Floats  # upper Cholesky factor of the rest's precision, the abilities eliminated

    @classmethod
    def of(cls, curvature: Curvature, damping: float = 0.0, stiffness: Curvature | None = None) -> "Gaussian":
        """Raises NotPositiveError. `damping` adds that share of the diagonal of `stiffness`, or of the curvature."""
        extra = stiffness or curvature
        diagonal, rest = curvature.diagonal + damping * extra.diagonal, curvature.rest.copy()
        rest[np.diag_indices_from(rest)] += damping * np.diag(extra.rest)
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


def maximise(scores: Scores) -> Mode:
    """The most probable abilities and curves given each benchmark's noise, and the noise that is the most probable once
    abilities and curves are integrated out.

    All at once the density has no useful peak: a benchmark that few have taken would be hit exactly, its noise sinking
    to nothing. So the noise is counted on the freedom that the curves have left, as in restricted maximum likelihood.
    """
    x = start(scores)
    noise = slice(scores.models + 2 * scores.benchmarks, scores.models + 3 * scores.benchmarks)
    steps, moved, near = 0, math.inf, math.inf
    local, damping = Local.at(x, scores), _FIRST_DAMPING
    value = _finite(x, scores)
    while steps < MAX_ITERATIONS and damping < _WORST_DAMPING:
        steps += 1
        gaussian = _positive(local.observed, damping, local.expected)
        gaussian = gaussian or Gaussian.of(local.expected, damping)
        step = gaussian.solve(-local.given_noise)
        # The squared distance to the mode, in standard deviations of the posterior.
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
                break
            gaussian = _positive(local.observed) or Gaussian.of(local.expected)
            taken = local.taken(gaussian, scores)
            change = np.clip((taken - local.noise_gradient) / local.noise_weight, -0.5, 0.5)
            before = x[noise].copy()
            x[noise] = np.clip(before + change, *np.log(NOISE_BOUNDS))
            moved = float(np.abs(x[noise] - before).max())
            local, value = Local.at(x, scores), _finite(x, scores)
    at_mode = _positive(local.observed)
    gaussian = at_mode or Gaussian.of(local.expected)
    # Each freedom that a curve takes is one score less to judge the noise by.
    known = local.noise_weight - 2.0 * local.taken(gaussian, scores)
    return Mode(
        x=x,
        objective=value,
        gaussian=gaussian,
        noise_spread=1.0 / np.sqrt(np.maximum(known, 1.0 / NOISE[1] ** 2)),
        iterations=steps,
        converged=near < TOLERANCE and moved < NOISE_TOLERANCE,
        exact=at_mode is not None,
    )


def posterior(scores: Scores, mode: Mode, draws: int, rng: np.random.Generator) -> Floats:
    """Draws of all parameters, one a row: of the noise first, then of the rest from the Gaussian at its mode given that
    noise."""
    noise = slice(scores.models + 2 * scores.benchmarks, scores.models + 3 * scores.benchmarks)
    parts = []
    for size in (len(part) for part in np.array_split(np.arange(draws), min(NOISE_DRAWS, draws))):
        x = mode.x.copy()
        x[noise] += mode.noise_spread * rng.standard_normal(scores.benchmarks)
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
        parts.append(x + gaussian.draw(size, rng))
    return np.concatenate(parts)


def _finite(x: Floats, scores: Scores) -> float:
    """The objective; infinite where the noise is so large that no Beta distribution has it."""
    noise = x[scores.models + 2 * scores.benchmarks : scores.models + 3 * scores.benchmarks]
    if not (np.isfinite(x).all() and (noise <= math.log(NOISE_BOUNDS[1])).all()):
        return math.inf
    value = float(objective(x, scores))
    return value if math.isfinite(value) else math.inf


def _positive(curvature: Curvature, damping: float = 0.0, stiffness: Curvature | None = None) -> Gaussian | None:
    try:
        return Gaussian.of(curvature, damping, stiffness)
    except NotPositiveError:
        return None
