"""A difference between two definitions is taken apart without remainder."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.domain.reconcile import (
    ALLOWED,
    AXES,
    ORDER,
    PUBLISHED,
    WINDOWS,
    Definition,
    averaged,
    combinations,
    place,
    waterfall,
)

definitions = st.builds(Definition, **{name: st.sampled_from(levels) for name, levels in ALLOWED.items()})
# Months with two decimals, as they are printed; None is a definition without an answer.
months = st.integers(-3000, 9000).map(lambda hundredths: hundredths / 100)


def table(values):
    """A made-up world: one value per definition, the same each time it is asked for."""
    known = {}
    drawn = iter(values)

    def value(definition):
        if definition not in known:
            known[definition] = next(drawn, 1.0)
        return known[definition]

    return value


@settings(max_examples=300)
@given(definitions, definitions, st.lists(st.none() | months, min_size=9, max_size=9))
def test_the_steps_add_up_to_the_difference_between_any_two_definitions(a, b, values):
    value = table(values)
    found = waterfall(a, b, value)
    if value(a) is None or value(b) is None:
        assert found is None
        return
    assert sum(step.months for step in found.steps) == pytest.approx(value(b) - value(a), abs=1e-9)
    ends = [found.first, *(step.after for step in found.steps)]
    assert [step.before for step in found.steps] == ends[:-1]
    assert ends[-1] == found.last
    assert [name for step in found.steps for name in step.choices] == list(a.differs(b))


@settings(max_examples=60, deadline=None)
@given(definitions, definitions, st.data())
def test_the_mean_over_all_orders_adds_up_too(a, b, data):
    count = 2 ** len(a.differs(b))
    value = table(data.draw(st.lists(months, min_size=count, max_size=count)))
    found = averaged(a, b, value)
    assert sum(step.months for step in found.steps) == pytest.approx(value(b) - value(a), abs=1e-6)


def test_choices_that_act_by_themselves_get_the_same_share_in_every_order():
    a = Definition()
    b = replace(a, estimator="L4", benchmarks="private")

    def value(definition):
        return 4.0 + 1.5 * (definition.estimator == "L4") + 3.0 * (definition.benchmarks == "private")

    for found in (waterfall(a, b, value), averaged(a, b, value)):
        assert {step.choices: step.months for step in found.steps} == {("estimator",): 1.5, ("benchmarks",): 3.0}


def test_the_mean_over_orders_halves_what_two_choices_do_only_together():
    a = Definition()
    b = replace(a, estimator="L4", benchmarks="private")

    def value(definition):
        return 10.0 if definition == b else 4.0

    assert [step.months for step in waterfall(a, b, value).steps] == [0.0, 6.0]
    assert [step.months for step in averaged(a, b, value).steps] == [3.0, 3.0]


def test_where_the_data_tell_nothing_halfway_two_choices_are_changed_together():
    a = Definition()
    b = replace(a, window="2026-05", estimator="L5")
    found = waterfall(a, b, lambda one: None if one == replace(a, window="2026-05") else float(one == b))
    assert [step.choices for step in found.steps] == [("window", "estimator")]
    assert found.skipped == ("window",)
    assert averaged(a, b, lambda one: None if one == replace(a, window="2026-05") else 1.0) is None


def test_a_definition_against_itself_has_no_steps():
    found = waterfall(Definition(), Definition(), lambda _: 5.0)
    assert (found.steps, found.first, found.last) == ((), 5.0, 5.0)


def test_the_documented_order_is_window_estimator_tolerance_benchmarks_openness_dates_censoring():
    assert ORDER == ("window", "estimator", "tolerance", "benchmarks", "openness", "vintage", "censoring")


def test_every_combination_has_its_own_place_among_the_stored_values():
    every = combinations()
    assert len(every) == len(set(every))
    for nth in range(0, len(every), 97):
        assert place(Definition(**dict(zip(AXES, every[nth], strict=True)))) == nth


def test_every_published_result_is_replayed_under_choices_that_exist():
    for one in PUBLISHED:
        for name, levels in ALLOWED.items():
            assert getattr(one.definition, name) in levels, one.slug
        assert one.value is None or one.apart, one.slug
    assert len({one.slug for one in PUBLISHED}) == len(PUBLISHED)


def test_no_two_definitions_share_a_place():
    some = [
        Definition(window, estimator, tolerance)
        for window, estimator, tolerance in product(*(ALLOWED[name] for name in ("window", "estimator", "tolerance")))
    ]
    assert len({place(one) for one in some}) == len(some)


def test_the_first_two_windows_are_the_last_year_and_the_whole_history_to_any_day():
    latest, whole = WINDOWS[:2]
    day = date(2026, 8, 9)
    assert (latest.begins(day), latest.ends(day)) == (date(2025, 8, 10), day)
    assert (whole.begins(day), whole.ends(day)) == (date(2023, 1, 1), day)


def test_a_window_that_ends_after_the_data_ends_with_them():
    window = next(window for window in WINDOWS if window.slug == "2026-09")
    assert window.ends(date(2026, 8, 9)) == date(2026, 8, 9)
    assert window.ends(date(2026, 11, 1)) == date(2026, 9, 29)


def test_a_value_is_found_among_those_of_a_run_that_knew_other_windows():
    axes = {**{name: ALLOWED[name] for name in AXES}, "window": ("2026-05", "latest")}
    size = place(Definition("2026-05")) - place(Definition("2023-2025-10"))
    assert place(Definition("2026-05"), axes) == place(Definition())
    assert place(Definition("latest"), axes) == size
    assert place(Definition("2026-09"), axes) is None
