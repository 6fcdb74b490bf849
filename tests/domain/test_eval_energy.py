"""Accuracy per watt and per joule: by hand, and their errors against simulated runs."""

import math

import numpy as np
import pytest

from tracker.domain.eval_energy import MeteredBatch, Ratio, energy_summary, over, ratio_of_sums
from tracker.domain.evaluation import Energy


def batch(joules, seconds, queries, idle=50.0, watts=()):
    return MeteredBatch(Energy("nvml", joules, seconds, idle, 0.1, watts), queries)


def test_without_a_meter_there_is_nothing():
    assert energy_summary([], 0.5, 0.05) is None


def test_power_and_joules_a_query_by_hand():
    found = energy_summary([batch(1000, 10, 4), batch(3000, 20, 6)], 0.5, 0.05)
    assert (found.joules, found.seconds, found.queries) == (4000, 30, 10)
    assert found.net_joules == pytest.approx(4000 - 50 * 30)
    assert found.watts.value == pytest.approx(4000 / 30)
    assert found.net_watts.value == pytest.approx(2500 / 30)
    assert found.joules_per_query.value == pytest.approx(400)
    assert found.net_joules_per_query.value == pytest.approx(250)
    assert found.per_watt.value == pytest.approx(0.5 / (4000 / 30))
    assert found.per_joule.value == pytest.approx(0.5 / 400)
    assert found.net_per_joule.value == pytest.approx(0.5 / 250)
    # Deviations 1000 - 133.3 * 10 = -333.3 and +333.3: sqrt(2 * 333.3^2 * 2) / 30.
    assert found.watts.error == pytest.approx(math.sqrt(4 * (1000 / 3) ** 2) / 30)


def test_the_error_of_the_ratio_by_the_delta_method_by_hand():
    found = over(0.5, 0.05, Ratio(100.0, 10.0))
    assert found.value == pytest.approx(0.005)
    assert found.error == pytest.approx(math.sqrt((0.05 / 100) ** 2 + (0.5 * 10 / 100**2) ** 2))


def test_the_error_of_the_ratio_is_that_of_simulated_runs():
    random = np.random.default_rng(1)
    ratios = random.normal(0.6, 0.03, 200_000) / random.normal(200, 8, 200_000)
    assert over(0.6, 0.03, Ratio(200.0, 8.0)).error == pytest.approx(ratios.std(), rel=0.02)


def test_the_error_of_a_mean_power_is_that_of_simulated_batches():
    random = np.random.default_rng(2)
    seconds = random.uniform(5, 15, (4000, 30))
    joules = seconds * 100 + random.normal(0, 40, (4000, 30))
    found = ratio_of_sums(joules[0].tolist(), seconds[0].tolist())
    assert found.error == pytest.approx((joules.sum(axis=1) / seconds.sum(axis=1)).std(), rel=0.3)


def test_one_batch_shows_no_spread_and_so_has_no_error():
    found = energy_summary([batch(1000, 10, 4, watts=(90.0, 110.0))], 0.5, 0.05)
    assert found.watts == Ratio(100.0, None)
    assert found.per_watt == Ratio(0.005, None)
    assert found.spread == pytest.approx(math.sqrt(200))


def test_work_that_cannot_be_told_from_idling_has_no_net_ratio():
    found = energy_summary([batch(450, 10, 4)], 0.5, 0.05)
    assert found.net_joules < 0
    assert (found.net_per_watt, found.net_per_joule) == (None, None)
    assert found.per_watt is not None


def test_a_run_without_an_accuracy_still_has_its_energy():
    found = energy_summary([batch(1000, 10, 0)], None, None)
    assert found.joules == 1000
    assert (found.per_watt, found.per_joule, found.joules_per_query) == (None, None, None)
