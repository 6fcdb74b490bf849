"""How the index's least squares are solved: a bounded Levenberg-Marquardt with a Schur complement, many draws at once.

Each score belongs to one model, so the block of the abilities is diagonal: it is eliminated, and a step costs one dense
system in the benchmarks' difficulties and slopes. Draws that differ only in their weights are stepped together.
"""

from collections.abc import Iterator
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
_FIRST_DAMPING: Final = 0.1  # short first steps end in the minimum that scipy's trust region finds
_FASTEST_RELIEF: Final = 0.1  # the least factor on the damping after a good step
_NEAR: Final = 1e-2  # the gradient below which the full Hessian is tried
_WORST_DAMPING: Final = 1e12
_CHUNK_CELLS: Final = 400_000  # cells of the coupling block held at once: keeps the working set in cache


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


def solve(problem: Problem, weights: Floats, start: Floats, *, tolerance: float = GRADIENT_TOLERANCE) -> Solution:
    """Minimise sum(w (sigmoid(a (C - D)) - y)^2) + ridge * sum(theta^2) within the bounds, for every row of `weights`.

    `start` is one vector [C, D, a] for all draws; the fixed slope is set to 1 whatever it says.
    """
    draws = weights.shape[0]
    theta = np.repeat(start[None, :], draws, axis=0)
    half, iterations = np.empty(draws), np.zeros(draws, dtype=np.intp)
    converged = np.zeros(draws, dtype=bool)
    for chunk in _chunks(draws, problem):
        run = _Run(problem, weights[chunk], theta[chunk], tolerance)
        run.go()
        theta[chunk], half[chunk], iterations[chunk], converged[chunk] = run.theta, run.half, run.steps, run.done
    m, b = problem.models, problem.benchmarks
    return Solution(theta[:, :m], theta[:, m : m + b], theta[:, m + b :], half, iterations, converged)


def _chunks(draws: int, problem: Problem) -> Iterator[slice]:
    size = max(1, _CHUNK_CELLS // max(1, 2 * problem.models * problem.benchmarks))
    for first in range(0, draws, size):
        yield slice(first, min(draws, first + size))


class _Run:
    """The iterations over one chunk of draws; a draw leaves the working set as soon as it has converged."""

    def __init__(self, problem: Problem, weights: Floats, theta: Floats, tolerance: float) -> None:
        self.problem, self.weights, self.theta, self.tolerance = problem, weights, theta, tolerance
        p = problem
        self.lower = np.concatenate(
            [np.full(p.models + p.benchmarks, -LOCATION_BOUND), np.full(p.benchmarks, SLOPE_BOUNDS[0])]
        )
        self.upper = np.concatenate(
            [np.full(p.models + p.benchmarks, LOCATION_BOUND), np.full(p.benchmarks, SLOPE_BOUNDS[1])]
        )
        self.free = np.ones(p.models + 2 * p.benchmarks, dtype=bool)
        self.free[p.models + p.benchmarks + p.fixed] = False
        np.clip(self.theta, self.lower, self.upper, out=self.theta)
        self.theta[:, ~self.free] = 1.0
        # Sums over a model's or a benchmark's rows are products with 0/1 matrices: one call for all draws.
        self.by_model, self.by_benchmark = indicator(p.model, p.models), indicator(p.benchmark, p.benchmarks)
        self.half = self.objective(theta, weights)
        self.steps = np.zeros(len(theta), dtype=np.intp)
        self.done = np.zeros(len(theta), dtype=bool)

    def go(self) -> None:
        damping = np.full(len(self.theta), _FIRST_DAMPING)
        growth = np.full(len(self.theta), 2.0)
        curved = np.zeros(len(self.theta), dtype=bool)
        for _ in range(MAX_ITERATIONS):
            live = np.flatnonzero(~self.done & (damping < _WORST_DAMPING))
            if not live.size:
                return
            theta = self.theta[live]
            step, fall, slack = self.step(theta, self.weights[live], damping[live], curved[live])
            trial = np.clip(theta + step, self.lower, self.upper)
            half = self.objective(trial, self.weights[live])
            better = (half < self.half[live]) & (fall > 0)
            # At the limit of double precision neither objective nor point changes any more: that is convergence too.
            settled = (slack < self.tolerance) | (~better & (np.abs(trial - theta).max(axis=1) < 1e-12))
            self.done[live[settled]] = True
            self.steps[live] += 1
            taken, missed = better & ~settled, ~better & ~settled
            take, miss = live[taken], live[missed]
            gain = np.clip((self.half[take] - half[taken]) / fall[taken], 0.0, 2.0)
            self.theta[take], self.half[take] = trial[taken], half[taken]
            damping[take] *= np.maximum(_FASTEST_RELIEF, 1.0 - (2.0 * gain - 1.0) ** 3)
            growth[take] = 2.0
            damping[miss] *= np.where(curved[miss], 1.0, growth[miss])
            growth[miss] *= np.where(curved[miss], 1.0, 2.0)
            # Near the solution the full Hessian ends the fit in a few steps; far from it only Gauss-Newton is safe.
            curved[take] = slack[taken] < _NEAR
            curved[miss] = False

    def parts(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        p = self.problem
        distance = theta[:, p.model] - theta[:, p.models + p.benchmark]
        slope = theta[:, p.models + p.benchmarks + p.benchmark]
        return distance, slope, sigmoid(slope * distance)

    def objective(self, theta: Floats, weights: Floats) -> Floats:
        residual = self.parts(theta)[2] - self.problem.value
        penalty = np.einsum("ij,ij->i", theta[:, self.free], theta[:, self.free])
        return np.asarray(0.5 * (np.einsum("ij,ij,ij->i", weights, residual, residual) + self.problem.ridge * penalty))

    def step(
        self, theta: Floats, weights: Floats, damping: Floats, curved: NDArray[np.bool_]
    ) -> tuple[Floats, Floats, Floats]:
        """The damped step, the fall of the objective that it promises, and the largest gradient left.

        A parameter at a bound that the descent direction would cross is held. Where `curved`, the Hessian includes the
        residuals' own curvature (Newton), elsewhere not (Gauss-Newton).
        """
        p = self.problem
        first, second = slice(p.models, p.models + p.benchmarks), slice(p.models + p.benchmarks, None)
        distance, slope, predicted = self.parts(theta)
        steep = predicted * (1.0 - predicted)
        pull = weights * (predicted - p.value) * steep
        by_slope = pull * slope
        gradient = p.ridge * theta
        gradient[:, : p.models] += by_slope @ self.by_model
        gradient[:, first] -= by_slope @ self.by_benchmark
        gradient[:, second] += (pull * distance) @ self.by_benchmark
        held = ((theta <= self.lower) & (gradient > 0)) | ((theta >= self.upper) & (gradient < 0)) | ~self.free
        gradient[held] = 0.0
        bend = np.where(curved[:, None], pull, 0.0)
        core = weights * steep * steep + bend * (1.0 - 2.0 * predicted)
        cc = core * slope * slope
        ca = core * slope * distance + bend
        diagonal = np.concatenate(
            [cc @ self.by_model, cc @ self.by_benchmark, (core * distance * distance) @ self.by_benchmark], axis=1
        )
        diagonal += p.ridge + damping[:, None]
        coupling = np.zeros((len(theta), p.models, 2 * p.benchmarks))
        coupling[:, p.model, p.benchmark] = -cc
        coupling[:, p.model, p.benchmarks + p.benchmark] = ca
        # A negative curvature cannot be eliminated by a square root; such a draw falls back by its refused step.
        diagonal[:, : p.models] = np.maximum(diagonal[:, : p.models], p.ridge)
        step = _schur(gradient, diagonal, -(ca @ self.by_benchmark), coupling, held, p.models)
        fall = 0.5 * np.einsum("ij,ij->i", step, damping[:, None] * step - gradient)
        return step, fall, np.abs(gradient).max(axis=1)


def _schur(
    gradient: Floats, diagonal: Floats, cross: Floats, coupling: Floats, held: NDArray[np.bool_], models: int
) -> Floats:
    """Solve [[diag, K], [K', H]] step = -gradient for each draw, where a held parameter does not move."""
    draws, both = len(gradient), coupling.shape[2]
    benchmarks = both // 2
    diagonal = np.where(held, 1.0, diagonal)
    moving = ~held
    coupling *= moving[:, models:][:, None, :]
    coupling *= moving[:, :models, None]
    cross = cross * moving[:, models : models + benchmarks] * moving[:, models + benchmarks :]
    scaled = coupling / np.sqrt(diagonal[:, :models, None])
    system = -(scaled.transpose(0, 2, 1) @ scaled)
    here = np.arange(both)
    system[:, here, here] += diagonal[:, models:]
    system[:, here[:benchmarks], here[benchmarks:]] += cross
    system[:, here[benchmarks:], here[:benchmarks]] += cross
    inner = gradient[:, :models] / diagonal[:, :models]
    right = np.einsum("imk,im->ik", coupling, inner) - gradient[:, models:]
    outer = np.linalg.solve(system, right[:, :, None])[:, :, 0]
    ability = -inner - np.einsum("imk,ik->im", coupling, outer) / diagonal[:, :models]
    step = np.concatenate([ability, outer], axis=1)
    step[held] = 0.0
    return step.reshape(draws, -1)
