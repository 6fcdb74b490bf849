"""What an estimate says beside its value: its reason, its rows and their flags, how many steps it rests on."""

import numpy as np
import pytest

from tests.domain.test_gap import LADDER, closed, day, opened, scores
from tracker.domain.estimate import Estimator
from tracker.domain.frontier import DAYS_PER_MONTH, Point
from tracker.domain.gap import gap


def test_one_side_alone_rests_on_nothing_whether_drawn_or_not():
    rows = [closed(0, 100), closed(10, 110)]
    for draws in (None, np.tile([100.0, 110.0], (50, 1))):
        found = gap(rows, day(20), draws=draws).estimates
        assert [(one.id, one.value, one.steps, one.window) for one in found] == [
            (name, None, 0, None) for name in Estimator
        ]
        assert {one.reason for one in found} == {"No open model in this scope was released by 2024-01-21."}
    (first, *_) = gap([opened(0, 100)], day(20)).estimates
    assert first.reason.startswith("No closed model")


def test_the_clock_has_a_reason_where_it_has_no_pair_and_none_where_it_has_one():
    alone = gap(LADDER, day(300), scores=scores(("b", 0, False, 0.3))).estimate("L4")
    assert (alone.value, alone.rows) == (None, ())
    assert alone.reason == "No benchmark has a threshold that both sides have passed."
    paired = gap(LADDER, day(300), scores=scores(("b", 0, False, 0.3), ("b", 9, True, 0.1))).estimate("L4")
    assert (paired.reason, paired.steps) == ("", 1)


def test_a_level_that_open_models_reached_first_is_flagged_where_it_stands():
    rows = [closed(0, 100), opened(0, 100), opened(50, 110), closed(80, 110), closed(100, 120), opened(160, 120)]
    rows += [closed(200, 130), opened(210, 130), closed(220, 140), opened(220, 140)]
    found = gap(rows, day(300)).estimate("L3")
    assert [(row.model, row.months, row.flags) for row in found.rows] == [
        ("closed80", pytest.approx(-30 / DAYS_PER_MONTH), ("open first",)),
        ("closed100", pytest.approx(60 / DAYS_PER_MONTH), ()),
        ("closed200", pytest.approx(10 / DAYS_PER_MONTH), ()),
        ("closed220", 0.0, ()),
    ]


def test_beside_the_mean_of_the_window_stands_the_lag_of_its_last_day():
    draws = np.tile([release.value for release in LADDER], (50, 1))
    report = gap(LADDER, day(300), draws=draws, window_days=10)
    # Open holds 110 since day 150, which a closed model first reached on day 100 and passed beyond doubt on day 200.
    for name, first in (("L1", 100), ("L2", 200)):
        (today,) = report.estimate(name).figures
        assert (today.label, today.value) == ("on 2024-10-27", pytest.approx((300 - first) / DAYS_PER_MONTH))


def test_draws_that_all_agree_give_every_estimate_of_theirs_an_interval_of_nothing():
    draws = np.tile([release.value for release in LADDER], (50, 1))
    report = gap(LADDER, day(300), draws=draws)
    for name in ("L1", "L2", "L3", "L5", "L6", "L8"):
        found = report.estimate(name)
        assert (found.low, found.high, found.undefined) == (pytest.approx(found.value), pytest.approx(found.value), 0.0)
    assert (report.estimate("L8").steps, report.estimate("L8").window) == (2, (day(300), day(300)))


WAITING = "No unevaluated open model is known, so the sensitivity run repeats the curve."


def test_beside_the_median_to_catch_up_stand_the_share_and_the_run_that_doubts_it():
    # closed0 was matched after 60 days, closed100 after 50, closed200 is not matched yet.
    found = gap(LADDER, day(300)).estimate("L7")
    assert found.censored == pytest.approx(1 / 3)
    assert [row.flags for row in found.rows] == [(), (), ("not matched yet",)]
    figures = {figure.key: figure for figure in found.figures}
    assert list(figures) == ["rmst", "within_6", "within_12", "turnbull"]
    assert figures["within_6"].value == pytest.approx(2 / 3)
    turnbull = figures["turnbull"]
    assert (turnbull.low, turnbull.high, turnbull.value) == tuple(
        pytest.approx(days / DAYS_PER_MONTH) for days in (59, 60, 60)
    )
    assert found.notes == ("The interval has no upper end: too much is unmatched.", WAITING)
    asked = gap(LADDER, day(300), unevaluated=[Point(day(210), 0.0, "new")]).estimate("L7")
    assert WAITING not in asked.notes
