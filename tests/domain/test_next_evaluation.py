"""What to measure next: the update by hand, against a whole Gaussian posterior, and what must hold of any list."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.next_evaluation import (
    AT_ONCE,
    BANDWIDTH,
    SHARE_REACHED,
    Instrument,
    Subject,
    Throughput,
    dollars,
    gpu_hours,
    moments,
    proposals,
    reduction,
)


def draws(seed=0, n=4000):
    """Abilities of three models and a gap that rests on the first two."""
    random = np.random.default_rng(seed)
    ability = random.multivariate_normal([140, 145, 120], [[9, 2, 0], [2, 4, 0], [0, 0, 25]], n)
    return ability[:, 1] - ability[:, 0] + random.normal(0, 0.5, n), ability


def instrument(**more):
    return Instrument(**{"suite": "s", "difficulty": 140, "slope": 0.1, "questions": 100, "scatter": 0.05,
                         "borrowed": False, **more})  # fmt: skip


def subject(model, column, **more):
    return Subject(model, float(np.mean(column)), column.tolist(), **{"runnable": True, "parameters": 70e9, **more})


def test_the_noise_of_a_suite_by_hand():
    # At its difficulty p = 1/2: (0.25/100 + 0.0025) / (0.1 * 0.25)^2 = 0.005 / 0.000625.
    assert instrument().noise(140) == pytest.approx(8)
    assert instrument(scatter=0).noise(140) == pytest.approx(4)
    assert instrument().noise(1e6) == math.inf
    # With guesses at 1/2 the score there is 3/4: (0.1875/100/0.25 + 0.0025) / 0.000625.
    assert instrument(floor=0.5).score(140) == pytest.approx(0.75)
    assert instrument(floor=0.5).noise(140) == pytest.approx(16)


def test_the_noise_is_that_of_simulated_suites():
    random, suite = np.random.default_rng(9), instrument(floor=0.25, scatter=0, questions=4000)
    scores = random.binomial(4000, suite.score(145), 20_000) / 4000
    above = (scores - 0.25) / 0.75
    abilities = 140 + np.log(above / (1 - above)) / 0.1
    assert abilities.var() == pytest.approx(suite.noise(145), rel=0.05)


def test_a_suite_tells_most_where_half_is_right():
    assert instrument().noise(140) < instrument().noise(150) < instrument().noise(165)


def test_what_a_measurement_takes_is_what_the_whole_gaussian_posterior_says():
    """Second implementation: the joint covariance of gap and abilities, updated as a whole by Kalman's formula."""
    gap, ability = draws()
    joint = np.cov(np.column_stack([gap, ability]).T, ddof=1)
    watched, noise = np.array([0, 1.0, 0, 0]), 8.0
    gain = joint @ watched / (watched @ joint @ watched + noise)
    after = joint - np.outer(gain, watched @ joint)
    assert reduction(*moments(gap, ability[:, 0]), noise) == pytest.approx(joint[0, 0] - after[0, 0])


def test_what_a_measurement_takes_is_what_simulated_measurements_take():
    gap, ability = draws(n=200_000)
    seen = ability[:, 0] + np.random.default_rng(1).normal(0, math.sqrt(8), len(gap))
    line = np.polyfit(seen, gap, 1)
    left = np.var(gap - np.polyval(line, seen))
    assert reduction(*moments(gap, ability[:, 0]), 8.0) == pytest.approx(np.var(gap) - left, rel=0.02)


@given(st.integers(0, 50), st.floats(0.001, 1000))
def test_a_measurement_takes_no_more_than_there_is_and_less_with_more_noise(seed, noise):
    gap, ability = draws(seed, 100)
    less = reduction(*moments(gap, ability[:, 0]), noise)
    assert 0 <= less <= np.var(gap, ddof=1) + 1e-9
    assert reduction(*moments(gap, ability[:, 0]), 2 * noise) <= less


def test_draws_that_do_not_know_a_model_are_left_out():
    gap, ability = draws(n=200)
    holes = ability[:, 0].copy()
    holes[:50] = np.nan
    assert reduction(*moments(gap, holes), 8) == pytest.approx(reduction(*moments(gap[50:], ability[50:, 0]), 8))
    assert reduction(*moments(gap, np.full(200, np.nan)), 8) == 0
    assert reduction(*moments(gap, ability[:, 0]), math.inf) == 0


def test_models_are_proposed_as_far_as_the_gap_rests_on_them_however_badly_others_are_told():
    gap, ability = draws()
    found = proposals(gap, [subject(name, ability[:, at]) for at, name in enumerate("abc")], [instrument()])
    assert [one.model for one in found] == ["a", "b"]
    assert found[0].correlation < 0 < found[1].correlation
    assert found[0].share > found[1].share > 0.01


def test_a_correlation_that_draws_make_by_chance_proposes_nothing():
    random = np.random.default_rng(4)
    gap, unrelated = random.normal(0, 1, 400), random.normal(0, 5, (300, 400))
    proposed = [proposals(gap, [subject("m", column)], [instrument()]) for column in unrelated]
    assert sum(map(bool, proposed)) / 300 == pytest.approx(0.05, abs=0.03)


def test_an_anchor_and_what_is_done_are_not_proposed():
    gap, ability = draws(n=100)
    subjects = [subject("anchor", np.full(100, 150.0)), subject("a", ability[:, 0])]
    assert {one.model for one in proposals(gap, subjects, [instrument()])} == {"a"}
    assert proposals(gap, subjects, [instrument()], done=frozenset({("a", "s")})) == []
    assert proposals(np.full(100, 3.0), subjects, [instrument()]) == []


def test_the_worth_is_the_reduction_for_its_cost():
    gap, ability = draws(n=500)
    small, large = (subject(f"{size}", ability[:, 0], parameters=size * 1e9) for size in (7, 400))
    found = proposals(gap, [large, small], [instrument()])
    assert [one.model for one in found] == ["7", "400"]
    assert found[0].reduction == found[1].reduction
    assert found[0].per_hour == pytest.approx(found[0].reduction / found[0].gpu_hours)


def test_models_behind_an_api_are_listed_apart_by_the_dollar():
    gap, ability = draws(n=500)
    api = {"runnable": False, "parameters": None}
    found = proposals(
        gap,
        [
            subject("unpriced", ability[:, 0], **api),
            subject("dear", ability[:, 0], **api, price_in=10.0, price_out=50.0),
            subject("cheap", ability[:, 0], **api, price_in=1.0, price_out=5.0),
            subject("weights", ability[:, 0]),
        ],
        [instrument()],
    )
    assert [one.model for one in found if one.gpu_hours] == ["weights"]
    assert [one.model for one in found if one.dollars] == ["cheap", "dear"]
    assert {one.model for one in found if one.per_hour is None and one.per_dollar is None} == {"unpriced"}


def test_gpu_hours_by_hand():
    rate = AT_ONCE * SHARE_REACHED * BANDWIDTH / 140e9
    assert gpu_hours(70e9, 300, Throughput()) == pytest.approx((70 + 300 * 400 / rate) / 3600)
    measured = Throughput(tokens_a_second=1000, parameters=35e9, tokens_a_question=100)
    assert gpu_hours(70e9, 300, measured) == pytest.approx((70 + 300 * 100 / 500) / 3600)


def test_dollars_by_hand():
    assert dollars(2.0, 10.0, 100, Throughput()) == pytest.approx(100 * (200 * 2 + 400 * 10) / 1e6)
