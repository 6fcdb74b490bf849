"""The gap: each estimator on cases worked out by hand, and laws that hold for any releases."""

import json
import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tracker.domain.clock import BenchmarkScore, clock
from tracker.domain.comparison import Reference
from tracker.domain.estimate import Estimator
from tracker.domain.frontier import DAYS_PER_MONTH, Release
from tracker.domain.gap import GapReport, gap
from tracker.domain.gap_report import to_dict

START = date(2024, 1, 1)


def day(number: int) -> date:
    return START + timedelta(days=number)


def closed(at: int, value: float, **more) -> Release:
    return Release(f"closed{at}", day(at), False, value, **more)


def opened(at: int, value: float, **more) -> Release:
    return Release(f"open{at}", day(at), True, value, **more)


def value(report: GapReport, name: str) -> float | None:
    return report.estimate(name).value


LADDER = [closed(0, 100), closed(100, 110), closed(200, 120), opened(60, 100), opened(150, 110)]


def test_the_backward_lag_is_the_age_of_the_open_level_averaged_over_the_window():
    # Open holds 110 on each of the last ten days, reached by a closed model on day 100: 191 to 200 days ago.
    report = gap(LADDER, day(300), window_days=10)
    assert value(report, "L1") == pytest.approx(np.mean(range(191, 201)) / DAYS_PER_MONTH)
    assert report.estimate("L1").window == (day(291), day(300))
    assert report.estimate("L1").steps == 1


def test_a_record_inside_the_window_changes_the_level_from_its_day_on():
    # Days 141 to 149: level 100, reached on day 0. Day 150: level 110, reached on day 100.
    report = gap(LADDER, day(150), window_days=10)
    assert value(report, "L1") == pytest.approx((sum(range(141, 150)) + 50) / 10 / DAYS_PER_MONTH)
    assert [row.model for row in report.estimate("L1").rows] == ["open60", "open150"]


def test_days_on_which_open_leads_everything_are_left_out_and_counted():
    report = gap([closed(0, 100), opened(10, 100), opened(20, 130)], day(25), window_days=10)
    # Days 16 to 19 only: level 100 since day 0; from day 20 on no closed model has reached 130.
    assert value(report, "L1") == pytest.approx(np.mean([16, 17, 18, 19]) / DAYS_PER_MONTH)
    assert "6 of 10 days are left out" in report.estimate("L1").notes[0]


def test_a_level_that_closed_models_reached_later_counts_negative():
    report = gap([closed(0, 90), opened(10, 100), closed(40, 100)], day(45), window_days=1)
    assert value(report, "L1") == pytest.approx(5 / DAYS_PER_MONTH)
    report = gap(
        [closed(0, 90), opened(10, 100), closed(40, 100), closed(44, 130), opened(42, 125)], day(44), window_days=3
    )
    assert value(report, "L1") == pytest.approx(np.mean([42 - 44, 43 - 44, 0]) / DAYS_PER_MONTH)


def test_when_open_leads_everything_there_is_a_sentence_and_no_number():
    report = gap([closed(0, 100), opened(10, 130)], day(400))
    assert value(report, "L1") is None
    assert "no closed one has reached its level" in report.estimate("L1").reason


def test_tolerance_asks_the_draws_who_is_ahead_beyond_doubt():
    releases = [closed(0, 101), closed(50, 105), opened(80, 100)]
    draws = np.tile([101.0, 105.0, 100.0], (100, 1))
    draws[:10, 0] = 99.0  # the first closed model is ahead in 90 % of the draws only
    report = gap(releases, day(100), draws=draws, window_days=1)
    assert value(report, "L1") == pytest.approx(100 / DAYS_PER_MONTH)
    assert value(report, "L2") == pytest.approx(50 / DAYS_PER_MONTH)
    draws[:10, 0] = 101.0
    assert value(gap(releases, day(100), draws=draws, window_days=1), "L2") == pytest.approx(100 / DAYS_PER_MONTH)


def test_without_draws_the_tolerant_lag_says_that_it_needs_them():
    assert "there are none" in gap(LADDER, day(300)).estimate("L2").reason


def test_the_horizontal_distance_is_averaged_over_levels_both_sides_have_passed():
    # Levels above 100: closed 110 on day 100, open on day 150, over ten points; 110 to 120 is unmatched.
    report = gap(LADDER, day(300))
    assert value(report, "L3") == pytest.approx(50 / DAYS_PER_MONTH)
    assert report.estimate("L3").censored == pytest.approx(0.5)


def test_levels_are_weighed_by_their_height():
    rows = [closed(0, 100), closed(10, 130), closed(20, 140), opened(0, 100), opened(30, 130), opened(100, 140)]
    expected = (30 * 20 + 10 * 80) / 40 / DAYS_PER_MONTH
    assert value(gap(rows, day(120)), "L3") == pytest.approx(expected)


def test_frontiers_without_a_common_level_have_no_horizontal_distance():
    report = gap([closed(0, 120), closed(50, 130), opened(10, 100)], day(100))
    assert value(report, "L3") is None
    assert "no level in common" in report.estimate("L3").reason


def scores(*rows: tuple[str, int, bool, float]) -> list[BenchmarkScore]:
    return [
        BenchmarkScore(bench, f"{'open' if side else 'closed'}{at}", day(at), side, level)
        for bench, at, side, level in rows
    ]


def test_the_clock_compares_first_crossings_of_every_twentieth():
    rows = scores(("b", 0, False, 0.1), ("b", 10, False, 0.15), ("b", 40, True, 0.12), ("b", 100, True, 0.16))
    found = clock(rows)
    # 5 and 10 % are one pair (open40, closed0), 15 % another (open100, closed10); nobody passed 20 %.
    assert [(c.threshold, c.open_model, c.closed_model) for c in found.crossings] == [
        (0.05, "open40", "closed0"),
        (0.15, "open100", "closed10"),
    ]
    assert found.mean == pytest.approx((40 + 90) / 2 / DAYS_PER_MONTH)
    assert [c.first_measured for c in found.crossings] == [True, False]
    assert (found.unmatched, found.passed) == (0, 3)


def test_thresholds_that_open_models_have_not_passed_are_counted_as_unmatched():
    found = clock(scores(("b", 0, False, 0.3), ("b", 9, True, 0.1)))
    assert (found.unmatched, found.passed) == (4, 6)
    report = gap(LADDER, day(300), scores=scores(("b", 0, False, 0.3), ("b", 9, True, 0.1)))
    assert report.estimate("L4").censored == pytest.approx(4 / 6)


def test_the_smoothed_clock_follows_the_crossings_near_a_day():
    found = clock(scores(("b", 0, False, 0.1), ("b", 10, True, 0.1), ("c", 2000, False, 0.1), ("c", 2100, True, 0.1)))
    early, between, late = found.smoothed([day(10), day(1000), day(2100)])
    assert early == pytest.approx(10 / DAYS_PER_MONTH, rel=1e-3)
    assert between is None
    assert late == pytest.approx(100 / DAYS_PER_MONTH, rel=1e-3)


def test_the_clocks_interval_is_over_benchmarks():
    one = scores(("b", 0, False, 0.1), ("b", 10, True, 0.1))
    assert gap(LADDER, day(300), scores=one).estimate("L4").low is None
    two = one + scores(("c", 0, False, 0.1), ("c", 40, True, 0.1))
    found = gap(LADDER, day(300), scores=two).estimate("L4")
    assert (found.low, found.high) == (pytest.approx(10 / DAYS_PER_MONTH), pytest.approx(40 / DAYS_PER_MONTH))
    assert found.interval_over == "benchmarks"


def test_a_records_lag_is_fixed_on_its_day():
    report = gap([*LADDER, opened(250, 115)], day(300))
    # open150 against closed100: 50 days. open250 at 115 against closed200: 50 days. open60 is dated back, see below.
    rows = {row.model: row for row in report.estimate("L5").rows}
    assert rows["open150"].months == rows["open250"].months == pytest.approx(50 / DAYS_PER_MONTH)


def test_a_record_that_was_passed_before_closed_models_were_measured_is_dated_back_and_dropped():
    # Closed starts at 100 on day 0 and grows 20 points in 200 days: 95 is put 50 days before its start.
    rows = [closed(0, 100), closed(200, 120), opened(30, 95), opened(150, 110)]
    report = gap(rows, day(220))
    found = {row.model: row for row in report.estimate("L5").rows}
    assert found["open30"].months == pytest.approx(80 / DAYS_PER_MONTH)
    assert "lag dated back" in found["open30"].flags
    assert "dropped: dated back in most draws" in found["open30"].flags
    assert value(report, "L5") == pytest.approx((150 - 200) / DAYS_PER_MONTH)
    assert report.estimate("L5").steps == 1


def test_a_record_passed_before_closed_models_were_measured_borrows_its_lag_from_all_benchmarks():
    rows = [
        closed(0, 100, overall=100),
        closed(200, 120, overall=120),
        opened(30, 95, overall=100),
        opened(150, 110, overall=110),
    ]
    report = gap(rows, day(220))
    found = {row.model: row for row in report.estimate("L5").rows}
    assert found["open30"].months == pytest.approx(30 / DAYS_PER_MONTH)
    assert "lag borrowed from all benchmarks" in found["open30"].flags
    assert report.estimate("L5").steps == 2


def test_a_scopes_record_far_below_the_open_record_on_all_benchmarks_does_not_count():
    rows = [
        closed(0, 90, overall=90),
        closed(1, 100, overall=120),
        opened(20, 80, overall=130),
        opened(30, 95, overall=124),
        opened(40, 99, overall=126),
    ]
    assert [row.model for row in gap(rows, day(50)).estimate("L5").rows] == ["open20", "open40"]


def test_records_before_the_window_do_not_count():
    report = gap(LADDER, day(700), window_days=365)
    assert value(report, "L5") is None
    assert "No open record fell between" in report.estimate("L5").reason


def test_parallel_lines_lie_as_far_apart_in_time_as_in_points():
    # Both sides rise a point a day; open runs 40 points below.
    rows = [closed(at, 100 + at) for at in (0, 10, 35)] + [opened(at, 60 + at) for at in (5, 20, 30)]
    found = gap(rows, day(50)).estimate("L6")
    assert found.value == pytest.approx(40 / DAYS_PER_MONTH)
    assert found.figures[0].value == pytest.approx(40 / DAYS_PER_MONTH)
    assert found.steps == 6


def test_the_two_slopes_give_two_answers():
    rows = [closed(0, 100), closed(100, 200), opened(0, 50), opened(100, 100)]
    found = gap(rows, day(100)).estimate("L6")
    assert found.value == pytest.approx(100 / DAYS_PER_MONTH)
    assert found.figures[0].value == pytest.approx(200 / DAYS_PER_MONTH)


def test_one_record_makes_no_line():
    report = gap([closed(0, 100), opened(10, 90), opened(20, 95)], day(50))
    assert value(report, "L6") is None
    assert "two records on each side" in report.estimate("L6").reason


def test_uncertain_records_pull_a_line_less():
    rows = [closed(0, 100), closed(50, 150), closed(100, 230), opened(0, 50), opened(50, 100), opened(100, 150)]
    sure = np.array([r.value for r in rows]) + np.random.default_rng(0).normal(0, 0.5, (200, 6))
    doubtful = sure.copy()
    doubtful[:, 2] += np.random.default_rng(1).normal(0, 8, 200)
    assert value(gap(rows, day(100), draws=doubtful), "L6") != pytest.approx(
        value(gap(rows, day(100), draws=sure), "L6")
    )


def test_the_vertical_gap_is_told_in_points_in_scores_and_in_odds():
    report = gap(LADDER, day(300), reference=Reference("GPQA", 115.0, 0.1))
    found = report.estimate("L8")
    assert (found.value, found.unit) == (10, "points")
    figures = {figure.key: figure.value for figure in found.figures}
    assert figures["closed_score"] == pytest.approx(1 / (1 + math.exp(-0.5)))
    assert figures["open_score"] == pytest.approx(1 / (1 + math.exp(0.5)))
    assert figures["odds_ratio"] == pytest.approx(math.e)


def test_models_released_after_the_day_asked_about_are_not_used():
    later = [*LADDER, opened(310, 500), closed(320, 600)]
    late_scores = scores(("b", 400, True, 0.9))
    assert gap(later, day(300), scores=late_scores).closed_frontier == gap(LADDER, day(300)).closed_frontier
    assert to_dict(gap(later, day(300)))["lags"] == to_dict(gap(LADDER, day(300)))["lags"]


def test_one_side_alone_gives_reasons_and_no_numbers():
    report = gap([closed(0, 100), closed(10, 110)], day(20))
    assert all(estimate.value is None and "No open model" in estimate.reason for estimate in report.estimates)
    assert report.spread is None
    assert len(report.closed_frontier) == 2
    assert gap([], day(20)).estimates[0].reason.startswith("No open model")


def test_the_spread_runs_from_the_least_to_the_most_lag_and_leaves_points_out():
    report = gap(LADDER, day(300))
    months = [e.value for e in report.estimates if e.value is not None and e.id is not Estimator.L8]
    assert report.spread == (min(months), max(months))


def test_an_interval_comes_from_the_draws_and_an_anchor_has_none():
    draws = np.tile([r.value for r in LADDER], (200, 1)).astype(np.float32)
    draws[:, 1] += np.random.default_rng(0).normal(0, 3, 200)
    report = gap(LADDER, day(300), draws=draws, window_days=1)
    steps = {step.model: step for step in report.closed_frontier}
    assert steps["closed0"].low is None
    assert steps["closed100"].low < 110 < steps["closed100"].high
    found = report.estimate("L1")
    # In draws where closed100 falls below 110 the level is as old as closed200 only.
    assert found.low == pytest.approx(found.value - 100 / DAYS_PER_MONTH)
    assert found.high == pytest.approx(found.value)


def test_leaving_benchmarks_out_is_a_layer_of_its_own():
    refits = np.array([[r.value for r in LADDER]] * 2, dtype=float)
    refits[1, 4] = 120.0  # without "y" the second open record equals the best closed model
    rows = scores(("x", 0, False, 0.1), ("x", 10, True, 0.1), ("y", 0, False, 0.1), ("y", 40, True, 0.1))
    report = gap(LADDER, day(300), refits=(["x", "y"], refits), scores=rows)
    layers = {layer.id: layer for layer in report.benchmarks}
    assert layers[Estimator.L8].values == (("x", 10.0), ("y", 0.0))
    assert (layers[Estimator.L8].low, layers[Estimator.L8].high) == (0.0, 10.0)
    assert layers[Estimator.L4].values[0] == ("x", pytest.approx(40 / DAYS_PER_MONTH))
    assert report.estimate("L8").value == 10


def test_the_series_start_when_both_sides_exist_and_end_today():
    report = gap(LADDER, day(300))
    assert report.lag_series[0].on == day(60)
    assert report.lag_series[-1].on == day(300)
    assert report.lag_series[-1].value == pytest.approx(200 / DAYS_PER_MONTH)
    assert report.gap_series[0].value == 0
    assert report.gap_series[-1].value == 10
    assert all(point.on.day == 1 for point in report.lag_series[1:-1])


def test_a_report_is_plain_json():
    draws = np.array([r.value for r in LADDER]) + np.random.default_rng(0).normal(0, 2, (50, 5))
    text = json.dumps(to_dict(gap(LADDER, day(300), draws=draws, scores=scores(("b", 0, False, 0.3)))), allow_nan=False)
    assert list(json.loads(text)["lags"]) == [f"L{k}" for k in range(1, 9)]


levels = st.integers(0, 40).map(float)
sides = st.lists(st.tuples(st.integers(0, 500), levels), min_size=1, max_size=15, unique=True)
quick = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def releases_of(opens: list[tuple[int, float]], closeds: list[tuple[int, float]], shift: int = 0) -> list[Release]:
    rows = [Release(f"o{k}", day(at + shift), True, level) for k, (at, level) in enumerate(opens)]
    return rows + [Release(f"c{k}", day(at), False, level) for k, (at, level) in enumerate(closeds)]


@quick
@given(sides, sides, st.integers(1, 300))
def test_open_models_that_come_later_by_some_days_trail_by_as_many_more(opens, closeds, shift):
    early, late = (gap(releases_of(opens, closeds, by), day(1000), window_days=1) for by in (0, shift))
    # The level today is as old as before, each level was matched that much later.
    assert value(early, "L1") == pytest.approx(value(late, "L1")) if value(early, "L1") is not None else True
    if value(early, "L3") is not None:
        assert value(late, "L3") == pytest.approx(value(early, "L3") + shift / DAYS_PER_MONTH)
    for before, after in zip(early.survival.subjects, late.survival.subjects, strict=True):
        assert before.matched == after.matched
        if before.matched:
            assert after.signed == pytest.approx(before.signed + shift / DAYS_PER_MONTH)


@quick
@given(sides, sides, st.integers(1, 300))
def test_asking_later_without_news_makes_the_level_older_by_as_much(opens, closeds, wait):
    rows = releases_of(opens, closeds)
    now, later = (gap(rows, day(600 + by), window_days=1) for by in (0, wait))
    assume(value(now, "L1") is not None)
    assert value(later, "L1") == pytest.approx(value(now, "L1") + wait / DAYS_PER_MONTH)
    for name in ("L3", "L8"):
        assert value(later, name) == (pytest.approx(value(now, name)) if value(now, name) is not None else None)


@quick
@given(sides, sides, st.floats(0.5, 3.0), st.integers(-50, 50))
def test_lags_do_not_depend_on_the_scale_of_the_index(opens, closeds, factor, offset):
    plain = gap(releases_of(opens, closeds), day(600))
    mapped = [Release(r.model, r.released_on, r.open, offset + factor * r.value) for r in releases_of(opens, closeds)]
    other = gap(mapped, day(600))
    for name in ("L1", "L5", "L6", "L7"):
        assert value(other, name) == (
            pytest.approx(value(plain, name), abs=1e-6) if value(plain, name) is not None else None
        )
    assert value(other, "L8") == pytest.approx(factor * value(plain, "L8"), abs=1e-6)


@quick
@given(sides)
def test_a_side_compared_with_itself_trails_by_nothing(rows):
    report = gap(releases_of(rows, rows), day(600))
    assert value(report, "L8") == 0
    assert value(report, "L7") == 0
    assert value(report, "L3") in (None, pytest.approx(0.0))


@quick
@given(sides, sides)
def test_the_order_of_the_releases_does_not_matter(opens, closeds):
    rows = releases_of(opens, closeds)
    assert to_dict(gap(rows, day(600)))["lags"] == to_dict(gap(rows[::-1], day(600)))["lags"]
