"""A benchmark's months: the frontier at each month's end, the signals, the state, and how sure the information is."""

import math
from datetime import date

import numpy as np
import pytest

from tracker.domain.benchmark_health import Curve, Levels, health, levels, month_ends, resolution
from tracker.domain.saturation import State, frontier_information

MONTHS = month_ends(date(2025, 1, 5), date(2025, 6, 9))


def test_months_end_on_their_last_days_and_the_last_one_on_the_day_itself():
    assert [str(day) for day in MONTHS] == [
        "2025-01-31",
        "2025-02-28",
        "2025-03-31",
        "2025-04-30",
        "2025-05-31",
        "2025-06-09",
    ]
    assert month_ends(date(2025, 3, 31), date(2025, 3, 31)) == [date(2025, 3, 31)]
    assert month_ends(date(2024, 12, 31), date(2025, 1, 1)) == [date(2024, 12, 31), date(2025, 1, 1)]


def test_the_frontier_of_a_month_knows_what_had_been_released_by_its_end():
    released = [date(2025, 2, 28), date(2025, 3, 1), date(2025, 5, 2)]
    found = levels(released, [140.0, 138.0, 151.0], MONTHS)
    assert found.level == (None, 140.0, 140.0, 140.0, 151.0, 151.0)
    assert found.drawn is None


def test_in_every_draw_the_frontier_is_that_draws_own_best():
    released = [date(2025, 2, 1), date(2025, 3, 1)]
    drawn = np.array([[140.0, 138.0], [139.0, 145.0], [np.nan, 137.0]])
    found = levels(released, [140.0, 139.0], month_ends(date(2025, 2, 1), date(2025, 3, 31)), drawn)
    np.testing.assert_array_equal(found.drawn, [[140.0, 140.0], [139.0, 145.0], [np.nan, 137.0]])


def frontier(*level: float | None, drawn: np.ndarray | None = None) -> Levels:
    return Levels(tuple(MONTHS[: len(level)]), level, drawn)


def test_a_month_has_the_information_at_that_months_frontier():
    curve = Curve(difficulty=145.0, slope=0.2)
    rows = health([(date(2025, 1, 2), 0.3)], frontier(None, 140.0, 145.0, 160.0), curve, items=100)
    assert rows[0].information is None
    for row, level in zip(rows[1:], (140.0, 145.0, 160.0), strict=True):
        assert row.information == frontier_information(0.2, 145.0, level, 100)
        assert row.frontier == level
    # At its difficulty half is solved: 0.2^2 * 1/4.
    assert rows[2].information.item == pytest.approx(0.01)
    assert rows[2].information.item > rows[1].information.item > rows[3].information.item


def test_a_month_counts_the_models_released_by_then_and_their_best_score():
    scores = [(date(2025, 2, 10), 0.4), (date(2025, 2, 28), 0.6), (date(2025, 4, 1), 0.5)]
    rows = health(scores, frontier(150.0, 150.0, 150.0, 150.0), None, items=None)
    assert [row.month for row in rows] == MONTHS[1:4]
    assert [(row.models, row.best) for row in rows] == [(2, 0.6), (2, 0.6), (3, 0.6)]
    assert [row.reading.headroom for row in rows] == pytest.approx([0.4, 0.4, 0.4])
    assert all(row.information is None and row.reading.alike is None for row in rows)


def test_a_state_changes_in_the_second_month_that_says_so():
    scores = [(date(2025, 1, 2), 0.5), (date(2025, 3, 3), 0.97)]
    rows = health(scores, frontier(*[150.0] * 6), None, items=None)
    assert [row.seen for row in rows] == [State.LIVE] * 2 + [State.SATURATED] * 4
    assert [row.state for row in rows] == [State.LIVE] * 3 + [State.SATURATED] * 3


def test_a_lower_ceiling_leaves_less_room():
    (row,) = health([(date(2025, 1, 2), 0.5)], frontier(150.0), None, items=None, ceiling=0.57)
    assert row.reading.headroom == pytest.approx(0.07)


def test_without_new_models_for_a_year_a_benchmark_retires():
    months = month_ends(date(2025, 1, 31), date(2026, 4, 30))
    rows = health([(date(2025, 1, 31), 0.3)], Levels(tuple(months), (150.0,) * len(months)), None, items=None)
    states = {row.month: row.state for row in rows}
    assert states[date(2025, 12, 31)] is State.LIVE
    assert states[date(2026, 4, 30)] is State.RETIRED


def test_the_interval_is_that_of_curve_and_frontier_drawn_together():
    random = np.random.default_rng(3)
    difficulty, slope = random.normal(145, 2, 400), np.exp(random.normal(math.log(0.2), 0.1, 400))
    drawn = random.normal(150, 1.5, (400, 1))
    (row,) = health(
        [(date(2025, 1, 2), 0.3)],
        frontier(150.0, drawn=drawn),
        Curve(145.0, 0.2, (difficulty, slope)),
        items=10,
    )
    each = [frontier_information(s, d, f).item for d, s, f in zip(difficulty, slope, drawn[:, 0], strict=True)]
    assert (row.low, row.high) == pytest.approx(tuple(np.quantile(each, (0.05, 0.95))))
    assert row.low < row.information.item < row.high


def test_without_draws_there_is_no_interval():
    (row,) = health([(date(2025, 1, 2), 0.3)], frontier(150.0), Curve(145.0, 0.2), items=10)
    assert (row.low, row.high) == (None, None)


def test_what_all_items_resolve_shrinks_with_the_root_of_their_number():
    one, four = (resolution(frontier_information(0.2, 150.0, 150.0, items)) for items in (100, 400))
    assert one == pytest.approx(1.0)  # 100 items of 0.01 each
    assert four == pytest.approx(0.5)
    assert resolution(frontier_information(0.2, 150.0, 150.0)) is None
    assert resolution(None) is None


def test_many_simulated_runs_scatter_as_much_as_the_items_allow():
    """The information is worth what it says: abilities read off runs of n items scatter by its inverse root."""
    random = np.random.default_rng(11)
    slope, difficulty, ability, items = 0.25, 150.0, 153.0, 500
    solved = random.binomial(items, 1 / (1 + math.exp(-slope * (ability - difficulty))), 4000) / items
    placed = difficulty + np.log(solved / (1 - solved)) / slope
    assert placed.std() == pytest.approx(resolution(frontier_information(slope, difficulty, ability, items)), rel=0.05)
