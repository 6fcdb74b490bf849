"""The solver at the size where an objective has too few digits left to tell a last step by."""

from dataclasses import replace

import numpy as np
import pytest

from tracker.domain import solver
from tracker.domain.solver import FROM_AFAR, FROM_THE_CENTRE, GRADIENT_TOLERANCE, Problem, Solution, sigmoid, solve

MODELS, BENCHMARKS, DRAWS = 6_000, 20, 4


@pytest.fixture(scope="module")
def problem() -> Problem:
    """Most models on most benchmarks, with noise."""
    random = np.random.default_rng(2)
    ability, difficulty = random.normal(0, 1.5, MODELS), random.normal(0, 1.5, BENCHMARKS)
    slope = np.exp(random.normal(0, 0.4, BENCHMARKS))
    model, benchmark = np.nonzero(random.random((MODELS, BENCHMARKS)) < 0.8)
    true = sigmoid(slope[benchmark] * (ability[model] - difficulty[benchmark]))
    value = np.clip(true + random.normal(0, 0.1, len(model)), 0.001, 0.999)
    return Problem(model, benchmark, value, MODELS, BENCHMARKS, 0, 0.1 / MODELS)


@pytest.fixture(scope="module")
def drawn(problem: Problem) -> tuple[np.ndarray, Solution]:
    """Weights of scores drawn anew, and the fits around the fit of all."""
    start = np.concatenate([np.zeros(MODELS + BENCHMARKS), np.ones(BENCHMARKS)])
    whole = solve(problem, np.ones((1, len(problem.value))), start)
    centre = np.concatenate([whole.ability[0], whole.difficulty[0], whole.slope[0]])
    count = len(problem.value)
    weights = np.random.default_rng(6).multinomial(count, np.full(count, 1 / count), DRAWS).astype(float)
    return weights, solve(problem, weights, centre, care=FROM_THE_CENTRE)


def test_every_draw_ends_within_the_steps_that_its_way_takes(drawn):
    _, found = drawn
    assert found.converged.all()
    assert found.iterations.max() <= 12, "steps that the objective can no longer judge were refused over and over"


def test_where_it_ends_no_gradient_is_left(problem, drawn):
    weights, found = drawn
    at = solver._At(problem)
    for draw, weight in enumerate(weights):
        theta = np.concatenate([found.ability[draw], found.difficulty[draw], found.slope[draw]])
        _, _, slack = at.step(theta, at.parts(theta), weight, 0.0, curved=False)
        assert slack < GRADIENT_TOLERANCE


def test_from_afar_very_many_scores_take_no_more_steps_than_few(problem):
    starts = [
        np.concatenate([0.1 * np.random.default_rng(seed).standard_normal(MODELS + BENCHMARKS), np.ones(BENCHMARKS)])
        for seed in range(4)
    ]
    found = [solve(problem, np.ones((1, len(problem.value))), start) for start in starts]
    assert max(one.iterations[0] for one in found) <= 28
    assert len({round(one.half_objective[0], 6) for one in found}) == 1, "whatever its first steps, it ends in the same"


def test_the_first_damping_grows_with_the_scores_of_a_benchmark_from_a_crowd_on(problem):
    few = replace(problem, model=problem.model[:100], benchmark=problem.benchmark[:100], value=problem.value[:100])
    assert FROM_AFAR.first(few) == 0.1
    assert FROM_AFAR.first(problem) == pytest.approx(0.1 * len(problem.value) / BENCHMARKS / 800)
    assert FROM_THE_CENTRE.first(problem) == FROM_THE_CENTRE.damping
