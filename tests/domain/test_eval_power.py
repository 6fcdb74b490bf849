"""How many questions a difference needs: by hand, each formula against its inverse, and against simulated runs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.eval_power import (
    Design,
    between_variance,
    detectable,
    from_accuracy,
    power_with,
    questions_needed,
)

designs = st.builds(
    Design,
    between=st.floats(0.001, 0.5),
    within_a=st.floats(0, 0.25),
    within_b=st.floats(0, 0.25),
    repeats_a=st.integers(1, 20),
    repeats_b=st.integers(1, 20),
    effect=st.floats(1, 5),
    significance=st.floats(0.001, 0.2),
    power=st.floats(0.5, 0.99),
)


def test_the_number_by_hand():
    once = Design(1 / 9, 1 / 6, 1 / 6)
    z = 1.959963984540054 + 0.8416212335729143
    assert questions_needed(0.03, once) == math.ceil(z**2 * (1 / 9 + 1 / 3) / 0.03**2)
    # With any number of repeats only the variance between questions is left: 7.849 / 9 / 0.0009.
    assert questions_needed(0.03, Design(1 / 9, 1 / 6, 1 / 6, 10**9, 10**9)) == pytest.approx(969, abs=1)


@given(designs, st.floats(0.01, 0.5))
def test_the_number_is_the_least_that_has_the_power(design, difference):
    n = questions_needed(difference, design)
    assert power_with(n, difference, design) >= design.power - 1e-6
    if n > 2:
        assert power_with(n - 1, difference, design) < design.power + 1e-6


@given(designs, st.integers(2, 10**6))
def test_the_least_difference_is_the_inverse_of_the_number(design, n):
    assert questions_needed(detectable(n, design) * (1 + 1e-9), design) <= n
    assert power_with(n, detectable(n, design), design) == pytest.approx(design.power)


@given(designs, st.floats(0.01, 0.5), st.integers(1, 10))
def test_more_repeats_never_need_more_questions(design, difference, more):
    often = Design(
        design.between, design.within_a, design.within_b, design.repeats_a + more, design.repeats_b + more,
        design.effect, design.significance, design.power,
    )  # fmt: skip
    assert questions_needed(difference, often) <= questions_needed(difference, design)


def test_two_models_that_answer_alike_need_fewer_questions():
    apart, alike = (from_accuracy(0.7, 0.68, correlation, 0) for correlation in (0, 0.6))
    assert questions_needed(0.02, Design(*alike)) < 0.45 * questions_needed(0.02, Design(*apart))
    # Unpaired and greedy: z^2 (p(1-p) + q(1-q)) / d^2 by hand.
    assert questions_needed(0.02, Design(*apart)) == math.ceil(2.8015852**2 * (0.21 + 0.2176) / 0.0004)


def test_no_number_of_questions_shows_a_difference_of_nought():
    with pytest.raises(ValueError, match="nought"):
        questions_needed(0, Design(0.1))


def test_the_power_is_that_of_simulated_runs():
    random = np.random.default_rng(7)
    n, k, difference = 150, 3, 0.06
    skill = random.beta(2, 2, (3000, n))
    answers_a = random.binomial(k, np.clip(skill + difference / 2, 0, 1)) / k
    answers_b = random.binomial(k, np.clip(skill - difference / 2, 0, 1)) / k
    apart = answers_a - answers_b
    seen = np.mean(np.abs(apart.mean(axis=1)) > 1.96 * apart.std(axis=1, ddof=1) / math.sqrt(n))
    within = float(np.mean(skill * (1 - skill)))
    assert power_with(n, float(apart.mean()), Design(0.0, within, within, k, k)) == pytest.approx(seen, abs=0.03)


def test_the_variance_between_is_found_again_from_runs():
    random = np.random.default_rng(8)
    n, k = 4000, 4
    a, b = random.beta(3, 2, n), random.beta(2, 3, n)
    truth = float(np.var(a - b, ddof=1))
    means = [{str(at): float(value) for at, value in enumerate(random.binomial(k, skill) / k)} for skill in (a, b)]
    within = [float(np.mean(skill * (1 - skill))) for skill in (a, b)]
    found = between_variance(*means, within_a=within[0], within_b=within[1], repeats_a=k, repeats_b=k)
    assert found == pytest.approx(truth, rel=0.1)
    assert between_variance({"a": 1.0}, {"a": 0.0}, within_a=0, within_b=0, repeats_a=1, repeats_b=1) is None
