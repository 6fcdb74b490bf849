"""The specification curve counts definitions rightly and says which choice moves them."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.specification import (
    CHOICES,
    LEAST_MODELS,
    Specification,
    curve,
    default_effort,
    from_reports,
    main_effects,
)


def definition(value, *, estimator="L1", scope="all", means="weights", effort="best", tolerance="plain", at_least=None):
    return Specification(estimator, scope, means, effort, tolerance, value, at_least=at_least)


def test_the_share_counts_what_says_more_than_six_months_among_what_says_anything():
    found = curve([definition(5.9), definition(6.0), definition(6.1), definition(12.0)], unknown=3)
    assert (found.longer, found.told, found.unknown) == (2, 4, 3)


def test_an_unmatched_median_after_more_than_six_months_says_more_than_six_months():
    found = curve([definition(None, estimator="L7", at_least=8.0), definition(3.0)])
    assert (found.longer, found.told) == (1, 2)


def test_an_unmatched_median_after_four_months_says_nothing_of_six():
    found = curve([definition(None, estimator="L7", at_least=4.0), definition(3.0)])
    assert (found.longer, found.told, len(found.definitions)) == (0, 1, 2)


def test_the_definitions_are_sorted_by_their_answer():
    found = curve([definition(7.0), definition(-2.0), definition(None, at_least=5.0), definition(1.0)])
    assert [one.place for one in found.definitions] == [-2.0, 1.0, 5.0, 7.0]
    assert found.median == 3.0


@given(st.lists(st.floats(-50, 200), max_size=40))
def test_no_definition_is_lost_or_counted_twice(values):
    found = curve([definition(value) for value in values])
    assert len(found.definitions) == found.told == len(values)
    assert found.longer == sum(value > 6 for value in values)


def grid(effect):
    """Every combination of three estimators, two scopes, two efforts; its value as `effect` says."""
    return [
        definition(effect(estimator, scope, effort), estimator=estimator, scope=scope, effort=effort)
        for estimator, scope, effort in product(("L1", "L3", "L7"), ("all", "coding"), ("best", "default"))
    ]


def test_a_choice_that_alone_moves_the_answer_explains_all_of_it():
    choices, rest = main_effects(grid(lambda estimator, scope, effort: 4.0 if scope == "all" else 9.0))
    assert choices[0].name == "scope"
    assert choices[0].share == pytest.approx(1.0)
    assert (choices[0].low_level, choices[0].low_mean, choices[0].high_level) == ("all", 4.0, "coding")
    assert {choice.share for choice in choices[1:]} == {0.0}
    assert rest == pytest.approx(0.0, abs=1e-12)


def test_on_a_full_grid_the_shares_are_those_of_the_sums_of_squares():
    # Means 0/1/2 by estimator: sum of squares 12 * 2/3 = 8. Means 0/3 by scope: 12 * 2.25 = 27.
    weights = {"L1": 0, "L3": 1, "L7": 2, "all": 0, "coding": 3}
    choices, rest = main_effects(grid(lambda estimator, scope, effort: weights[estimator] + weights[scope]))
    shares = {choice.name: choice.share for choice in choices}
    assert shares["scope"] == pytest.approx(27 / 35)
    assert shares["estimator"] == pytest.approx(8 / 35)
    assert rest == pytest.approx(0.0, abs=1e-12)


def test_what_two_choices_do_only_together_is_in_the_rest():
    choices, rest = main_effects(
        grid(lambda estimator, scope, effort: 5.0 if (scope == "all") == (effort == "best") else 1.0)
    )
    assert rest == pytest.approx(1.0)
    assert all(choice.share == pytest.approx(0.0, abs=1e-12) for choice in choices)


def test_definitions_that_all_say_the_same_have_nothing_to_explain():
    assert main_effects(grid(lambda *_: 5.0)) == ((), None)


def row(value, low=None, high=None):
    return {"value": value, "low": low, "high": high}


def report(opens=LEAST_MODELS, **estimates):
    return {
        "models": {"open": opens, "closed": 50},
        "estimates": {name: row(value) for name, value in estimates.items()},
        "tolerant": {"L3": row(2.0), "L5": row(None), "L7": row(3.0)},
        "survival": {"follow_up": 14.0},
    }


def test_every_estimator_stands_once_under_each_tolerance_it_has():
    whole = report(L1=6.0, L2=4.0, L3=5.0, L4=5.5, L5=7.0, L6=8.0, L7=None, L8=11.0)
    found = from_reports([("coding", "osi", "default", whole)])
    told = {(one.estimator, one.tolerance): one.place for one in found.definitions}
    assert told == {
        ("L1", "plain"): 6.0,
        ("L3", "plain"): 5.0,
        ("L4", "plain"): 5.5,
        ("L5", "plain"): 7.0,
        ("L6", "plain"): 8.0,
        ("L7", "plain"): 14.0,  # more than half is unmatched after 14 months
        ("L1", "95"): 4.0,  # L2 is L1 with tolerance
        ("L3", "95"): 2.0,
        ("L7", "95"): 3.0,
    }
    assert found.unknown == 1
    assert {(one.scope, one.open_means, one.effort) for one in found.definitions} == {("coding", "osi", "default")}


def test_a_definition_that_rests_on_a_handful_of_models_is_set_aside_and_counted():
    found = from_reports([("all", "osaid", "best", report(LEAST_MODELS - 1, L1=6.0)), ("all", "osi", "best", {})])
    assert (found.definitions, found.thin) == ((), 2)


def test_scopes_that_only_repeat_others_are_left_out():
    assert from_reports([("non-public", "weights", "best", report(L1=6.0))]).definitions == ()


@pytest.mark.parametrize(
    ("effort", "budget", "mode", "default"),
    [
        ("", 0, "", True),
        ("medium", 0, "", True),
        ("unknown", 0, "15 steps", True),
        ("high", 0, "", False),
        ("none", 0, "", False),
        ("", 16_000, "", False),
        ("", 0, "thinking", False),
    ],
)
def test_the_default_effort_is_what_nobody_asked_for(effort, budget, mode, default):
    assert default_effort(effort, budget, mode) is default


def test_every_choice_has_a_name():
    assert set(CHOICES) == {"estimator", "scope", "open_means", "effort", "tolerance"}
