"""The density of the Beta model of scores: what a set of abilities and curves is worth, its slope and its curvature."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.special import gammaln, psi

from tracker.domain.beta_terms import DIFFICULTY_SCALE, NOISE, SLOPE_SCALE
from tracker.domain.solver import Floats, Ints, indicator, sigmoid

_FAR: Final = 10  # from here on Stirling's series has all the digits of a float
_BERNOULLI: Final = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)  # B2 to B14


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


def trigamma(x: Floats) -> Floats:
    """The second derivative of the log gamma function for x above nothing: Stirling's series, from ten on. SciPy's own
    is right for any order and took two fifths of a fit."""
    low = x < _FAR
    small = x[low]
    inverse = 1.0 / np.where(low, x + _FAR, x)
    square, series = inverse * inverse, np.zeros_like(inverse)
    for number in reversed(_BERNOULLI):
        series = series * square + number
    found = inverse + square * (0.5 + inverse * series)
    with np.errstate(over="ignore", divide="ignore"):
        found[low] += sum(1.0 / (small + step) ** 2 for step in range(_FAR))
    return np.asarray(found)


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
    is never negative. Mostly its diagonal, the `stiffness`, is enough: the rest is made when asked for. `weight` is
    each score's information about its place on the curve, `jacobian` that place's derivatives by ability and log slope.
    """

    gradient: Floats
    given_noise: Floats
    observed: Curvature
    stiffness: tuple[Floats, Floats]  # of the abilities, and of the rest
    informed: Callable[[], Curvature]
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
        size, psi_size, tri_size = sizes[at], psi(sizes)[at], trigamma(sizes)[at]
        first, second = mean * size, (1.0 - mean) * size
        psi_first, psi_second = psi(first), psi(second)
        tri_first, tri_second = trigamma(first), trigamma(second)
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

        def coupled(ee: Floats, here: Floats, scales: float) -> Floats:
            coupling = np.zeros((m, 3 * b + 2))
            coupling[scores.model, at] = -ee * pull
            coupling[scores.model, b + at] = ee * pull * turned - here * pull
            # How a scale bends with what it scales can outweigh all else far from the mode.
            coupling[:, -1] = -2.0 * scales * ability * spring[1]
            return coupling

        def own(ee: Floats, here: Floats, scales: float) -> tuple[Floats, Floats]:
            rest, each = np.diag(np.ones(3 * b + 2)), np.arange(b)
            _put(rest, each, each, spring[0] + ee @ over)
            _put(rest, each, b + each, -(ee * turned) @ over)
            _put(rest, b + each, b + each, 2.0 * slope**2 + (ee * turned**2 - here * turned) @ over)
            _put(rest, each, 3 * b, -2.0 * scales * difficulty * spring[0])
            rest[-2, -2] = 2.0 * np.sum(difficulty**2) * spring[0] + 1.0 / DIFFICULTY_SCALE[1] ** 2
            rest[-1, -1] = 2.0 * np.sum(ability**2) * spring[1] + 1.0 / SLOPE_SCALE[1] ** 2
            return spring[1] + (ee * pull**2) @ over_model, rest

        def curvature(*of: Any) -> Curvature:
            diagonal, rest = own(*of)
            return Curvature(diagonal, coupled(*of), rest)

        information = (weight, np.zeros_like(e), 0.0)
        stiff, stiff_rest = own(*information)
        return cls(
            gradient=gradient,
            given_noise=given_noise,
            observed=curvature(weight - by_mean * rise * (1.0 - 2.0 * p), e, 1.0),
            stiffness=(stiff, np.diag(stiff_rest)),
            informed=partial(curvature, *information),
            weight=weight,
            jacobian=(pull, turned),
            noise_gradient=gradient[m + 2 * b : m + 3 * b],
            noise_weight=1.0 / NOISE[1] ** 2 - (size_size * shrink**2) @ over,
        )

    @property
    def expected(self) -> Curvature:
        """By Fisher's information."""
        return self.informed()


def _put(matrix: Floats, row: Ints, column: Ints | int, values: Floats) -> None:
    matrix[row, column] = values
    matrix[column, row] = values
