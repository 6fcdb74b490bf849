"""Frontiers and lags: what counts as a step, when a level was reached."""

import itertools
from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.frontier import Point, Release, field, frontier, lag

DAY = date(2024, 1, 1)


def points(*pairs: tuple[int, float]) -> list[Point]:
    return [Point(DAY + timedelta(days=day), value, f"m{at}") for at, (day, value) in enumerate(pairs)]


drawn = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8).map(float)), min_size=1, max_size=20)


def test_a_tie_is_left_to_the_earlier_model():
    assert [p.model for p in frontier(points((0, 1.0), (10, 1.0), (20, 2.0)))] == ["m0", "m2"]


def test_only_the_best_model_of_a_day_is_a_step():
    assert [p.model for p in frontier(points((0, 1.0), (5, 2.0), (5, 3.0)))] == ["m0", "m2"]


def test_a_day_of_equals_has_one_step_and_it_does_not_depend_on_the_order():
    rows = points((5, 3.0), (5, 3.0))
    assert frontier(rows) == frontier(rows[::-1])
    assert len(frontier(rows)) == 1


def test_a_level_reached_later_by_the_other_side_is_a_negative_lag():
    own = Point(DAY, 2.0, "own")
    assert lag(own, points((30, 2.0))) == timedelta(days=-30)


def test_a_level_that_the_other_side_has_not_reached_has_no_lag():
    assert lag(Point(DAY, 2.0, "own"), points((0, 1.9))) is None


@given(drawn)
def test_a_frontier_rises_strictly_in_time_and_value_and_ends_at_the_best(rows):
    found = frontier(points(*rows))
    assert all(a.on < b.on and a.value < b.value for a, b in itertools.pairwise(found))
    assert found[-1].value == max(value for _, value in rows)
    assert frontier(found) == found


@given(drawn, drawn)
def test_the_field_reads_off_the_same_steps_and_lags_as_the_definition(opens, closeds):
    own, other = points(*opens), points(*closeds)
    releases = [Release(p.model, p.on, True, p.value) for p in own]
    releases += [Release(p.model, p.on, False, p.value) for p in other]
    values = np.array([[r.value for r in releases]])
    mine, theirs = field(releases, values, open_side=True), field(releases, values, open_side=False)
    found = frontier(own)
    assert mine.days[mine.steps()[0]].tolist() == [p.on.toordinal() for p in found]
    reached = theirs.first(mine.best)[0][mine.steps()[0]]
    for step, day in zip(found, reached, strict=True):
        expected = lag(step, other)
        assert (expected is None and np.isnan(day)) or step.on.toordinal() - day == expected.days


def test_a_release_that_a_draw_does_not_know_moves_nothing():
    releases = [Release("a", DAY, True, 1.0), Release("b", DAY + timedelta(days=9), True, 2.0)]
    side = field(releases, np.array([[1.0, np.nan], [np.nan, 2.0]]), open_side=True)
    assert side.steps().tolist() == [[True, False], [False, True]]
    assert np.isnan(side.at(np.array([DAY.toordinal()]))).tolist() == [[False], [True]]
