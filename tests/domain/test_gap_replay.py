"""A replayed definition says what the estimator says, and what windows, tolerance and censoring do to it."""

from datetime import date, timedelta

import numpy as np
import pytest

from tracker.domain.clock import BenchmarkScore
from tracker.domain.frontier import DAYS_PER_MONTH, Release
from tracker.domain.gap import gap
from tracker.domain.gap_replay import replay
from tracker.domain.reconcile import Window

START = date(2024, 1, 1)


def day(number):
    return START + timedelta(days=number)


def closed(at, value):
    return Release(f"closed{at}", day(at), False, value)


def opened(at, value):
    return Release(f"open{at}", day(at), True, value)


# Closed steps on days 0, 100, 200, 400; open models match the second on day 150, the third on day 260.
CLOSEDS = [closed(0, 100), closed(100, 110), closed(200, 120), closed(400, 140)]
LADDER = [*CLOSEDS, opened(60, 95), opened(150, 112), opened(260, 122)]
WHOLE = Window("whole", "", START, None)


def steady(releases, spread=0.0):
    """Draws that wobble by `spread` on each model, alternately up and down."""
    signs = np.array([[1.0 if (draw + at) % 2 else -1.0 for at in range(len(releases))] for draw in range(40)])
    return np.array([release.value for release in releases]) + spread * signs


def told(releases, as_of, window=WHOLE, *, spread=0.0, scores=()):
    return replay(releases, as_of, window, drawn=steady(releases, spread), scores=scores, scale="logit")


def test_over_the_whole_history_a_replay_is_the_estimator_itself():
    as_of = day(500)
    scores = [
        BenchmarkScore("exam", release.model, release.released_on, release.open, (release.value - 80) / 70)
        for release in LADDER
    ]
    found = told(LADDER, as_of, scores=scores)
    window = (as_of - START).days + 1
    report = gap(LADDER, as_of, draws=steady(LADDER), scores=scores, scale="logit", window_days=window)
    for name in ("L1", "L3", "L4", "L5", "L6"):
        assert found[name, "plain", "matched"] == pytest.approx(report.estimate(name).value), name
    assert found["L7", "plain", "waiting"] == pytest.approx(report.estimate("L7").value)
    assert found["L1", "95", "matched"] == pytest.approx(report.estimate("L2").value)


def test_a_window_ends_before_what_was_released_later():
    early = Window("early", "", START, day(250))
    found = told(LADDER, day(500), early)
    only = told([release for release in LADDER if release.released_on <= day(250)], day(250), WHOLE)
    assert found == only


def test_counting_what_still_waits_lengthens_a_matching_time():
    # Matched after 50, 60 and 150 days; two wait.
    found = told([*LADDER, closed(500, 150)], day(1000))
    assert found["L7", "plain", "matched"] == pytest.approx(60 / DAYS_PER_MONTH)
    assert found["L7", "plain", "waiting"] == pytest.approx(150 / DAYS_PER_MONTH)
    for name in ("L3", "L7"):
        assert found[name, "plain", "waiting"] > found[name, "plain", "matched"]


def test_backward_estimators_have_nothing_to_censor():
    found = told(LADDER, day(500))
    for name in ("L1", "L5", "L6"):
        assert found[name, "plain", "waiting"] == found[name, "plain", "matched"]


def test_without_doubt_about_anything_a_tolerance_changes_nothing():
    ladder = [closed(0, 100), closed(100, 110), closed(200, 120), opened(150, 110.5), opened(260, 120.5)]
    found = told(ladder, day(500))
    assert found["L7", "95", "waiting"] == found["L7", "plain", "waiting"]


def test_with_doubt_an_open_model_matches_what_it_does_not_surely_trail():
    # Neighbours in this list wobble against each other.
    ladder = [closed(0, 100), closed(100, 110), opened(160, 109), opened(50, 90), opened(400, 111)]
    found = told(ladder, day(500), spread=5.0)
    # Nine tenths of the rise from 100 to 110 are matched on day 160, the rest on day 400; but 110 is not surely more
    # than 109, so with a tolerance all of it is matched on day 160.
    assert found["L3", "plain", "matched"] == pytest.approx((0.9 * 60 + 0.1 * 300) / DAYS_PER_MONTH)
    assert found["L3", "95", "matched"] == pytest.approx(60 / DAYS_PER_MONTH)
    assert found["L7", "95", "waiting"] < found["L7", "plain", "waiting"]


def test_without_one_side_there_is_no_answer():
    assert told([closed(0, 100), closed(10, 110)], day(50)) == {}
    assert told(LADDER, day(50), Window("later", "", day(60), day(90))) == {}


def test_a_level_that_only_closed_models_passed_waits_from_the_day_it_was_passed():
    scores = [
        BenchmarkScore("exam", "closed0", day(0), False, 0.52),
        BenchmarkScore("exam", "closed100", day(100), False, 0.91),
        BenchmarkScore("exam", "open60", day(60), True, 0.53),
    ]
    found = told([closed(0, 100), closed(100, 110), opened(60, 101)], day(300), scores=scores)
    assert found["L4", "plain", "matched"] == pytest.approx(60 / DAYS_PER_MONTH)
    assert found["L4", "plain", "waiting"] == pytest.approx((60 + 200) / 2 / DAYS_PER_MONTH)
