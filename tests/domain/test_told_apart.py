"""When the best of several scores is told apart from the others."""

from math import sqrt

import pytest

from tracker.domain.told_apart import Measured, resolved_best, standard_error


def test_a_reported_error_is_taken_before_one_from_the_number_of_items():
    assert standard_error(0.5, reported=0.01, items=100) == 0.01
    assert standard_error(0.5, reported=None, items=100) == pytest.approx(0.05)
    assert standard_error(0.8, reported=None, items=400) == pytest.approx(sqrt(0.8 * 0.2 / 400))


def test_without_items_or_on_another_scale_no_error_is_known():
    assert standard_error(0.5, reported=None, items=None) is None
    assert standard_error(1250.0, reported=None, items=100) is None


def test_a_full_score_still_has_an_error():
    assert standard_error(1.0, reported=None, items=100) == pytest.approx(sqrt(0.005 * 0.995 / 100))
    assert standard_error(0.0, reported=0.0, items=100) == pytest.approx(sqrt(0.005 * 0.995 / 100))


def test_the_best_is_told_apart_from_two_standard_errors_of_the_difference_on():
    other = Measured(0.50, 0.03)
    # 0.05 is the error of the difference of 0.03 and 0.04.
    assert resolved_best([other, Measured(0.601, 0.04)]) == 1
    assert resolved_best([other, Measured(0.599, 0.04)]) is None


def test_it_must_beat_every_other_not_only_the_next():
    near, wide = Measured(0.70, 0.01), Measured(0.60, 0.20)
    best = Measured(0.80, 0.01)
    assert resolved_best([near, best]) == 1
    assert resolved_best([near, best, wide]) is None


def test_an_unknown_error_resolves_nothing_and_one_score_has_no_rival():
    assert resolved_best([Measured(0.9, None), Measured(0.1, 0.01)]) is None
    assert resolved_best([Measured(0.9, 0.01)]) is None
    assert resolved_best([]) is None


def test_equal_scores_are_never_told_apart():
    assert resolved_best([Measured(0.9, 0.0), Measured(0.9, 0.0)]) is None


def test_where_less_is_better_the_least_is_best():
    assert resolved_best([Measured(10.0, 1.0), Measured(20.0, 1.0)], lower_is_better=True) == 0
