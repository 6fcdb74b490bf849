"""Correcting for many tests, by hand and by counting false findings."""

import numpy as np
import pytest
from scipy import stats

from tracker.domain.many_tests import FAMILY_ERROR, holm, quantile, two_sided


def test_each_p_value_is_multiplied_by_the_tests_that_are_left():
    # Sorted 0.01, 0.02, 0.03, 0.5: times 4, 3, 2, 1 is 0.04, 0.06, 0.06, 0.5; none falls below the one before.
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])


def test_a_corrected_p_value_is_never_more_than_one_nor_less_than_the_one_before_it():
    assert holm([0.9, 0.4, 0.6]) == pytest.approx([1.0, 1.0, 1.0])
    assert holm([0.01, 0.0101]) == pytest.approx([0.02, 0.02])
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


def test_among_tests_of_nothing_any_finding_is_as_rare_as_promised():
    random = np.random.default_rng(7)
    families = [holm(random.uniform(size=12).tolist()) for _ in range(4000)]
    found = np.mean([min(family) < FAMILY_ERROR for family in families])
    plain = np.mean([random.uniform(size=12).min() < FAMILY_ERROR for _ in range(4000)])
    assert 0.035 < found < 0.065
    assert plain > 0.4  # which is why it is corrected at all


def test_a_real_effect_is_still_found_beside_others():
    assert holm([0.0001, *[0.5] * 11])[0] < FAMILY_ERROR


@pytest.mark.parametrize(("value", "error", "freedom"), [(2.0, 1.0, 5), (-2.0, 1.0, 5), (0.3, 0.1, 2)])
def test_the_chance_of_a_value_is_students(value, error, freedom):
    expected = 2 * (1 - stats.t.cdf(abs(value) / error, freedom))
    assert two_sided(value, error, freedom) == pytest.approx(expected)
    assert two_sided(value, error, freedom) == pytest.approx(two_sided(-value, error, freedom))


def test_without_an_error_or_a_degree_of_freedom_nothing_is_found():
    assert two_sided(5.0, 0.0, 9) == two_sided(5.0, 1.0, 0) == 1.0


def test_a_quantile_is_wider_the_less_is_known():
    assert quantile(0.95, 2) == pytest.approx(2.919986)
    assert quantile(0.95, 200) == pytest.approx(1.652508)
