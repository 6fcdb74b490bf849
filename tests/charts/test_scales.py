"""Ticks fall where a reader expects them and never closer together than there is room."""

from datetime import date
from itertools import pairwise

import pytest

from tracker.charts.scales import Scale, day_number, nice_step, scale, ticks

ROOM = 58


def on_dates(low, high, width):
    return Scale("date", day_number(low), day_number(high), 0, width)


@pytest.mark.parametrize(
    ("low", "high", "width", "expected"),
    [
        ("2023-02-10", "2026-04-22", 300, ["2024", "2025", "2026"]),
        ("2025-02-10", "2025-12-20", 300, ["Apr 2025", "Jul", "Oct"]),
        ("2025-10-20", "2026-04-02", 800, ["Nov", "Dec", "2026", "Feb", "Mar", "Apr"]),
        ("2025-01-01", "2025-03-05", 800, ["2025", "Feb", "Mar"]),
    ],
)
def test_dates_are_marked_by_months_and_years(low, high, width, expected):
    assert [name for _, name in ticks({"type": "date"}, on_dates(low, high, width), ROOM)] == expected


@pytest.mark.parametrize("years", range(1, 40, 3))
@pytest.mark.parametrize("width", [260, 500, 900])
def test_ticks_keep_their_distance(years, width):
    on = on_dates("2000-03-03", date(2000 + years, 7, 9).isoformat(), width)
    pixels = [on.pixel(number) for number, _ in ticks({"type": "date"}, on, ROOM)]
    assert all(two - one > ROOM * 0.8 for one, two in pairwise(pixels))


@pytest.mark.parametrize(("rough", "step"), [(0.7, 1), (1, 1), (1.1, 2), (2.2, 2.5), (3, 5), (6, 10), (0.013, 0.02)])
def test_steps_are_round_numbers(rough, step):
    assert nice_step(rough) == pytest.approx(step)


def test_a_percentage_is_written_as_one():
    axis = {"type": "linear", "tickformat": ".0%"}
    assert [name for _, name in ticks(axis, Scale("linear", 0, 1, 0, 150), 40)] == ["0 %", "50 %", "100 %"]


def test_a_logarithmic_axis_has_powers_and_no_place_for_nothing():
    on = scale({"type": "log"}, [0.1, 1000], 0, 400)
    assert on.at(0) is None
    assert {"0.1", "1", "10", "100", "1,000"} <= {name for _, name in ticks({"type": "log"}, on, 50)}


def test_categories_keep_their_order_and_may_be_reversed():
    on = scale({"type": "category", "autorange": "reversed"}, ["a", "b", "a"], 100, 0)
    assert on.at("a") < on.at("b")
    assert [name for _, name in ticks({"type": "category"}, on, 20)] == ["a", "b"]


@pytest.mark.parametrize("values", [[], [5.0], [0.0, 0.0]])
def test_an_axis_of_one_value_or_none_still_has_a_length(values):
    on = scale({"type": "linear"}, values, 0, 100)
    assert on.high > on.low
