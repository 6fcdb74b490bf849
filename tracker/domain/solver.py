"""How the index's least squares are solved: a bounded Levenberg-Marquardt with a Schur complement, draw by draw.

Each score belongs to one model, so the block of the abilities is diagonal: it is eliminated, and a step costs one dense
system in the benchmarks' difficulties and slopes. Every draw is solved alone: what comes out of it does not depend on
which others are made beside it, and the memory does not grow with their number.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

LOCATION_BOUND: Final = 10.0
SLOPE_BOUNDS: Final = (0.1, 10.0)

# Half the objective's gradient at which a fit counts as converged. The flattest direction curves like lambda / P, about
# 1e-4, so this leaves less than a thousandth of an index point.
GRADIENT_TOLERANCE: Final = 1e-9
MAX_ITERATIONS: Final = 400
_FASTEST_RELIEF: Final = 0.1  # the least factor on the damping after a good step
_WORST_DAMPING: Final = 1e12
_ROUNDING: Final = 16 * float(np.finfo(float).eps)  # of the objective: a smaller change of it is not told apart


@dataclass(frozen=True, slots=True)
class Care:
    """How warily a fit begins: the first damping, and the gradient below which the full Hessian is tried.

    A benchmark's curvature is a sum over its scores. From `crowd` scores a benchmark on the damping grows with them, or
    the first steps of very many scores would be long ones, refused one after another.
    """

    damping: float
    near: float
    crowd: float = math.inf

    def first(self, problem: "Problem") -> float:
        """The damping of the first step."""
        return self.damping * max(1.0, len(problem.value) / (problem.benchmarks * self.crowd))


# Short first steps end in the minimum that scipy's trust region finds.
FROM_AFAR: Final = Care(damping=0.1, near=1e-2, crowd=800)
FROM_THE_CENTRE: Final = Care(
    damping=1e-3, near=1.0
)  # a draw begins where the whole data are fitted: a third fewer steps


@dataclass(frozen=True, slots=True)
class Problem:
    """The scores as index arrays: `value[i]` is model `model[i]` on benchmark `benchmark[i]`, each pair at most once.

    `fixed` is the benchmark whose slope is 1 by definition; `ridge` is lambda / P.
    """

    model: Ints
    benchmark: Ints
    value: Floats
    models: int
    benchmarks: int
    fixed: int
    ridge: float


@dataclass(frozen=True, slots=True)
class Solution:
    """Raw abilities, difficulties and slopes, one row a draw, with half the objective and how the solver ended."""

    ability: Floats
    difficulty: Floats
    slope: Floats
    half_objective: Floats
    iterations: Ints
    converged: NDArray[np.bool_]


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), safe for any x."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -500.0, 500.0))))


def indicator(group: Ints, groups: int) -> "csr_array":
    """The 0/1 matrix with a one where row i belongs to a group: `rows @ indicator` sums the rows of each group."""
    from scipy.sparse import csr_array  # half a second, for who fits and not for every process that shows a fit

    count = len(group)
    return csr_array((np.ones(count), (np.arange(count), group)), shape=(count, groups))


def solve(
    problem: Problem,
    weights: Floats,
    start: Floats,
    *,
    care: Care = FROM_AFAR,
    tolerance: float = GRADIENT_TOLERANCE,
) -> Solution:
    """Minimise sum(w (sigmoid(a (C - D)) - y)^2) + ridge * sum(theta^2) within the bounds, for every row of `weights`.

    `start` is one vector [C, D, a] for all draws; the fixed slope is set to 1 whatever it says.
    """
    draws, at = len(weights), _At(problem)
    theta, half = np.empty((draws, len(start))), np.empty(draws)
    iterations, converged = np.zeros(draws, dtype=np.intp), np.zeros(draws, dtype=bool)
    for draw in range(draws):
        theta[draw], half[draw], iterations[draw], converged[draw] = at.go(weights[draw], start, care, tolerance)
    m, b = problem.models, problem.benchmarks
    return Solution(theta[:, :m], theta[:, m : m + b], theta[:, m + b :], half, iterations, converged)


class _At:
    """What all draws of a problem share: the bounds, and where each score stands in the coupling of abilities with
    curves. That block's zeros stay where they are, so it is cleared once."""

    def __init__(self, problem: Problem) -> None:
        self.problem = p = problem
        both = p.models + p.benchmarks
        self.lower = np.concatenate([np.full(both, -LOCATION_BOUND), np.full(p.benchmarks, SLOPE_BOUNDS[0])])
        self.upper = np.concatenate([np.full(both, LOCATION_BOUND), np.full(p.benchmarks, SLOPE_BOUNDS[1])])
        self.fixed = both + p.fixed
        self.coupling = np.zeros((p.models, 2 * p.benchmarks))
        self.cell = p.model * (2 * p.benchmarks) + p.benchmark

    def go(self, weights: Floats, start: Floats, care: Care, tolerance: float) -> tuple[Floats, float, int, bool]:
        """The point, half its objective, the steps taken, and whether it converged."""
        theta = np.clip(start, self.lower, self.upper)
        theta[self.fixed] = 1.0
        damping, growth, curved, least = care.first(self.problem), 2.0, False, math.inf
        parts = self.parts(theta)
        half = self.objective(theta, parts[2], weights)
        for steps in range(1, MAX_ITERATIONS + 1):
            step, fall, slack = self.step(theta, parts, weights, damping, curved=curved)
            trial = np.clip(theta + step, self.lower, self.upper)
            tried = self.parts(trial)
            lower = self.objective(trial, tried[2], weights)
            better = lower < half and fall > 0
            # The more scores, the fewer digits of the objective are left to tell small steps by: the gradient does.
            blind = 0 < fall <= _ROUNDING * half and abs(lower - half) <= _ROUNDING * half
            # At the limit of double precision neither gradient nor point changes any more: that is convergence too.
            stuck = (blind and slack >= least) or np.abs(trial - theta).max() < 1e-12
            if slack < tolerance or (not better and stuck):
                return theta, half, steps, True
            if better:
                gain = min(max((half - lower) / fall, 0.0), 2.0)
                theta, half, parts = trial, lower, tried
                damping *= max(_FASTEST_RELIEF, 1.0 - (2.0 * gain - 1.0) ** 3)
                growth = 2.0
                # Near the solution the full Hessian ends the fit in a few steps; far from it only Gauss-Newton is safe.
                curved = slack < care.near
            elif blind:
                theta, half, parts, least = trial, lower, tried, slack
            elif curved:
                curved = False
            else:
                damping, growth = damping * growth, growth * 2.0
                if damping >= _WORST_DAMPING:
                    return theta, half, steps, False
        return theta, half, MAX_ITERATIONS, False

    def parts(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        p = self.problem
        distance = theta[p.model] - theta[p.models : p.models + p.benchmarks][p.benchmark]
        slope = theta[p.models + p.benchmarks :][p.benchmark]
        return distance, slope, sigmoid(slope * distance)

    def objective(self, theta: Floats, predicted: Floats, weights: Floats) -> float:
        residual = predicted - self.problem.value
        # The fixed slope is 1 and no parameter.
        return 0.5 * float((weights * residual) @ residual + self.problem.ridge * (theta @ theta - 1.0))

    def step(
        self, theta: Floats, parts: tuple[Floats, Floats, Floats], weights: Floats, damping: float, *, curved: bool
    ) -> tuple[Floats, float, float]:
        """The damped step, the fall of the objective that it promises, and the largest gradient left.

        A parameter at a bound that the descent direction would cross is held. Where `curved`, the Hessian includes the
        residuals' own curvature (Newton), elsewhere not (Gauss-Newton).
        """
        p = self.problem
        distance, slope, predicted = parts
        steep = predicted * (1.0 - predicted)
        pull = weights * (predicted - p.value) * steep
        by_slope = pull * slope
        gradient = p.ridge * theta
        gradient[: p.models] += self.by_model(by_slope)
        gradient[p.models : p.models + p.benchmarks] -= self.by_benchmark(by_slope)
        gradient[p.models + p.benchmarks :] += self.by_benchmark(pull * distance)
        held = ((theta <= self.lower) & (gradient > 0)) | ((theta >= self.upper) & (gradient < 0))
        held[self.fixed] = True
        gradient[held] = 0.0
        core = weights * steep * steep
        if curved:
            core += pull * (1.0 - 2.0 * predicted)
        cc = core * slope * slope
        ca = core * slope * distance
        if curved:
            ca += pull
        diagonal = np.concatenate(
            [self.by_model(cc), self.by_benchmark(cc), self.by_benchmark(core * distance * distance)]
        )
        diagonal += p.ridge + damping
        # A negative curvature cannot be eliminated by a square root; such a draw falls back by its refused step.
        diagonal[: p.models] = np.maximum(diagonal[: p.models], p.ridge)
        step = self.schur(gradient, np.where(held, 1.0, diagonal), -cc, ca, held)
        return step, 0.5 * float(step @ (damping * step - gradient)), float(np.abs(gradient).max())

    def schur(
        self, gradient: Floats, diagonal: Floats, first: Floats, second: Floats, held: NDArray[np.bool_]
    ) -> Floats:
        """Solve [[diag, K], [K', H]] step = -gradient, where a held parameter does not move. `first` and `second` are
        each score's cells of K: its model's ability with its benchmark's difficulty and with its slope."""
        p, b = self.problem, self.problem.benchmarks
        moving = (~held).astype(float)
        cross = -self.by_benchmark(second) * moving[p.models : p.models + b] * moving[p.models + b :]
        able = moving[: p.models][p.model]
        first = first * able * moving[p.models : p.models + b][p.benchmark]
        second = second * able * moving[p.models + b :][p.benchmark]
        root = (1.0 / np.sqrt(diagonal[: p.models]))[p.model]
        cells = self.coupling.reshape(-1)
        cells[self.cell] = first * root
        cells[self.cell + b] = second * root
        system = -(self.coupling.T @ self.coupling)
        here = np.arange(b)
        system[np.arange(2 * b), np.arange(2 * b)] += diagonal[p.models :]
        system[here, here + b] += cross
        system[here + b, here] += cross
        inner = gradient[: p.models] / diagonal[: p.models]
        own = inner[p.model]
        right = np.concatenate([self.by_benchmark(first * own), self.by_benchmark(second * own)])
        outer = np.linalg.solve(system, right - gradient[p.models :])
        back = self.by_model(first * outer[:b][p.benchmark] + second * outer[b:][p.benchmark])
        step = np.concatenate([-inner - back / diagonal[: p.models], outer])
        step[held] = 0.0
        return step

    def by_model(self, rows: Floats) -> Floats:
        return np.bincount(self.problem.model, rows, self.problem.models).astype(float, copy=False)

    def by_benchmark(self, rows: Floats) -> Floats:
        return np.bincount(self.problem.benchmark, rows, self.problem.benchmarks).astype(float, copy=False)
