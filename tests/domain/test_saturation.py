"""Saturation: the three signals and the state that two months agree on."""

import math
from datetime import date

import pytest

from tracker.domain.saturation import (
    Information,
    Reading,
    State,
    frontier_information,
    headroom,
    seen,
    states,
    top_alike,
)


def months(*readings: tuple[int, State]) -> list[Reading]:
    """Readings whose headroom alone says the wanted state."""
    left = {State.LIVE: 0.5, State.NARROWING: 0.1, State.SATURATED: 0.01}
    return [
        Reading(date(2025, month, 1), None, None, left.get(state, 0.5), withdrawn=state is State.RETIRED)
        for month, state in readings
    ]


L, N, S, R = State.LIVE, State.NARROWING, State.SATURATED, State.RETIRED


def test_information_peaks_where_the_best_closed_model_scores_half():
    found = frontier_information(slope=0.2, difficulty=150, frontier=150, items=100)
    assert found == Information(item=pytest.approx(0.01), total=pytest.approx(1.0), share=1.0, predicted=0.5)
    far = frontier_information(slope=0.2, difficulty=130, frontier=150)
    assert far.total is None
    assert far.share == pytest.approx(4 * far.predicted * (1 - far.predicted))


def test_live_and_saturated_benchmarks_differ_by_an_order_of_magnitude():
    live, used_up = frontier_information(0.2, 150, 152), frontier_information(0.2, 130, 152)
    assert live.item / used_up.item > 10


def test_the_span_of_the_top_five_is_measured_in_margins_of_error():
    scores = [0.9, 0.89, 0.88, 0.87, 0.86, 0.2]
    margin = 1.96 * math.sqrt((0.9 * 0.1 + 0.86 * 0.14) / 200)
    assert top_alike(scores, 200) == pytest.approx(math.exp(-((0.04 / margin) ** 2)))
    assert top_alike(scores, 20) > top_alike(scores, 20000)


def test_without_items_or_without_five_scores_nothing_is_said_of_the_top():
    assert top_alike([0.9] * 5, None) is None
    assert top_alike([0.9] * 4, 100) is None


def test_perfect_scores_are_alike():
    assert top_alike([1.0] * 5, 100) == 1.0
    assert top_alike([1.0, 1.0, 1.0, 1.0, 0.0], 100) == 0.0


def test_wrong_labels_lower_the_ceiling():
    assert headroom([0.9, 0.5]) == pytest.approx(0.1)
    assert headroom([0.9], label_error=0.06) == pytest.approx(0.04)
    assert headroom([0.98], label_error=0.06) == 0
    assert headroom([]) is None


def test_the_middle_signal_decides():
    information = frontier_information(0.2, 130, 152)  # saturated
    assert seen(Reading(date(2025, 1, 1), information, 0.9, 0.5)) is S
    assert seen(Reading(date(2025, 1, 1), information, 0.5, 0.5)) is N
    assert seen(Reading(date(2025, 1, 1), information, 0.1, 0.5)) is L
    assert seen(Reading(date(2025, 1, 1), information, None, 0.1)) is N
    assert seen(Reading(date(2025, 1, 1), None, None, None)) is L


def test_a_benchmark_that_is_too_hard_is_not_saturated():
    assert seen(Reading(date(2025, 1, 1), frontier_information(0.2, 180, 150), None, None)) is L


def test_a_benchmark_that_nobody_runs_any_more_is_retired():
    assert seen(Reading(date(2025, 1, 1), None, None, 0.5, idle_months=12)) is R
    assert seen(Reading(date(2025, 1, 1), None, None, 0.5, withdrawn=True)) is R


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        ([L, N, L, N, L], [L, L, L, L, L]),
        ([L, N, N, N], [L, L, N, N]),
        ([L, S, S, L, S, L, L], [L, L, S, S, S, S, L]),
        ([L, N, S, S], [L, L, L, S]),
        ([N, S, R, R], [N, N, N, R]),
    ],
)
def test_a_state_changes_when_two_months_in_a_row_say_the_same_new_thing(signals, expected):
    found = states(months(*enumerate(signals, start=1)))
    assert [month.state for month in found] == expected
    assert [month.seen for month in found] == signals


def test_a_missing_month_breaks_the_run():
    found = states(months((1, L), (2, S), (4, S), (5, S)))
    assert [month.state for month in found] == [L, L, L, S]


def test_the_first_month_sets_the_state_and_order_does_not_matter():
    readings = months((2, N), (1, S))
    assert [month.state for month in states(readings)] == [S, S]
