"""A replayed definition says what the estimator says, and what windows, tolerance and censoring do to it."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.domain.clock import BenchmarkScore, clock, telling
from tracker.domain.frontier import DAYS_PER_MONTH, Release
from tracker.domain.gap import compared, gap
from tracker.domain.gap_replay import replay
from tracker.domain.gap_replay_draws import drawn_lags, interval
from tracker.domain.gap_tolerance import Matches
from tracker.domain.lags import ALPHA
from tracker.domain.reconcile import PUBLISHED, Window, between_published, waterfall
from tracker.domain.timeline import Timeline
from tracker.domain.tolerance import tolerant

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


def line(releases, as_of, *, drawn, scores=()):
    return Timeline(releases, as_of, drawn=drawn, scores=scores, scale="logit")


def told(releases, as_of, window=WHOLE, *, spread=0.0, scores=()):
    return replay(line(releases, as_of, drawn=steady(releases, spread), scores=scores), as_of, window)


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


# Drawn again

PLAIN = [("L1", "plain", "matched"), ("L3", "plain", "matched"), ("L3", "plain", "waiting")]
RECORDS = ("L5", "plain", "matched")
RECENT = Window("recent", "", day(140), day(420))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_who_is_surely_ahead_is_what_comparing_every_pair_says(data):
    """The models that matter are found without looking at every pair of them."""
    many = data.draw(st.integers(2, 14))
    days = data.draw(st.lists(st.integers(0, 30), min_size=many, max_size=many))
    sides = [True, False, *data.draw(st.lists(st.booleans(), min_size=many - 2, max_size=many - 2))]
    drawn = np.random.default_rng(data.draw(st.integers(0, 10**6))).normal(0, 1, (25, many)).round(1)
    drawn[:, :many] += np.array(days) * data.draw(st.sampled_from([0.0, 0.1]))
    releases = [Release(f"m{at}", day(on), sides[at], float(drawn[0, at])) for at, on in enumerate(days)]
    found = compared(releases, day(40), draws=drawn.astype(np.float32))
    matches = Matches(found, found.drawn)
    exact = drawn.astype(np.float32).astype(float)

    def surely(one: int, other: int) -> bool:
        return bool((exact[:, one] > exact[:, other]).mean() > 1 - ALPHA)

    place = {release.model: at for at, release in enumerate(releases)}
    opens = sorted((r for r in releases if r.open), key=lambda r: (r.released_on, -r.value))
    for at, (own, release) in enumerate(matches.closed):
        first = next((nth for nth, one in enumerate(opens) if not surely(own, place[one.model])), -1)
        assert matches.match[at] == first, release
    kept = {release.model for _, release in matches.closed}
    ordered = sorted((r for r in releases if not r.open), key=lambda r: (r.released_on, -r.value))
    for row in (np.array([[r.value for r in releases]]), exact):
        best = np.full(len(row), -np.inf)
        for release in ordered:
            led = row[:, place[release.model]] > best
            assert release.model in kept or not led.any()
            best = np.maximum(best, row[:, place[release.model]])
    window = np.arange(day(0).toordinal(), day(41).toordinal())
    for row in exact[:5]:
        lagged = tolerant(releases, row[None, :], exact, window)[0]
        for nth, now in enumerate(window.tolist()):
            out = [r for r in sorted(opens, key=lambda r: (r.released_on, r.model)) if r.released_on.toordinal() <= now]
            leader = max(out, key=lambda r: row[place[r.model]], default=None)
            ahead = [
                r.released_on.toordinal()
                for r in ordered
                if leader is not None and surely(place[r.model], place[leader.model])
            ]
            assert lagged[nth] == now - min(ahead) if ahead else math.isnan(lagged[nth])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_an_earlier_day_is_the_same_cut_out_of_later_data_as_on_its_own(data):
    many = data.draw(st.integers(2, 12))
    days = data.draw(st.lists(st.integers(0, 60), min_size=many, max_size=many))
    chance = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    drawn = chance.normal(0, 2, (12, many)) + 0.1 * np.array(days)
    releases = [
        Release(f"m{at}", day(on), bool(chance.integers(2)), float(drawn[0, at]), overall=float(drawn[1, at]))
        for at, on in enumerate(days)
    ]
    scores = [
        BenchmarkScore(exam, one.model, one.released_on, one.open, round(float(chance.uniform(0, 1)), 2))
        for exam in ("exam", "test")
        for one in releases
    ]
    today = data.draw(st.integers(0, 60))
    kept = [at for at, on in enumerate(days) if on <= today]
    later = line(releases, day(70), drawn=drawn, scores=scores)
    alone = line(
        [releases[at] for at in kept],
        day(today),
        drawn=drawn[:, kept],
        scores=[one for one in scores if one.released_on <= day(today)],
    )
    wanted = [*PLAIN, RECORDS, ("L1", "95", "matched"), ("L3", "95", "waiting"), ("L4", "plain", "matched")]
    for window in (Window("last", "", day(today - 30), None), Window("whole", "", day(-5), None)):
        assert replay(later, day(today), window) == replay(alone, day(today), window)
        one, other = (drawn_lags(at, day(today), window, wanted) for at in (later, alone))
        assert one.keys() == other.keys()
        for key, rows in one.items():
            np.testing.assert_array_equal(rows, other[key])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_scores_that_a_clock_reads_are_all_that_it_needs_on_any_day(data):
    many = data.draw(st.integers(0, 40))
    chance = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    scores = [
        BenchmarkScore(
            f"exam {chance.integers(3)}",
            f"m{chance.integers(9)}",
            day(int(chance.integers(12))),
            bool(chance.integers(2)),
            round(float(chance.uniform(0, 1)) * 20) / 20,
        )
        for _ in range(many)
    ]
    group, name = ([one.benchmark for one in scores], [one.model for one in scores])
    chosen = telling(
        np.array([2 * int(exam[-1]) + one.open for exam, one in zip(group, scores, strict=True)], dtype=np.intp),
        np.array([one.released_on.toordinal() for one in scores], dtype=np.intp),
        np.array([one.value for one in scores]),
        np.array([int(model[1:]) for model in name], dtype=np.intp),
    )
    few = [scores[at] for at in chosen.tolist()]
    assert len(few) <= len(scores)
    for today in (day(4), day(12)):
        assert clock([one for one in few if one.released_on <= today]) == clock(
            [one for one in scores if one.released_on <= today]
        )


def redrawn(drawn, window=WHOLE, *, scores=(), wanted=PLAIN):
    return drawn_lags(line(LADDER, day(500), drawn=drawn, scores=scores), day(500), window, wanted)


@pytest.mark.parametrize("window", [WHOLE, RECENT])
def test_a_row_is_what_a_replay_of_that_draw_alone_says(window):
    drawn = np.array([release.value for release in LADDER]) + np.random.default_rng(5).normal(0, 6, (30, len(LADDER)))
    found = redrawn(drawn, window)
    several = set()
    for nth, values in enumerate(drawn):
        releases = [replace(release, value=value) for release, value in zip(LADDER, values, strict=True)]
        alone = replay(line(releases, day(500), drawn=np.tile(values, (2, 1))), day(500), window)
        for key in PLAIN:
            value = found[key][nth]
            assert (None if np.isnan(value) else pytest.approx(value)) == alone[key], (nth, key)
            several.add((key, round(float(value), 6)))
    assert len(several) > 8 * len(PLAIN)


def test_over_the_whole_history_the_intervals_are_the_estimators_own():
    drawn = np.array([release.value for release in LADDER]) + np.random.default_rng(5).normal(0, 4, (60, len(LADDER)))
    found = redrawn(drawn, wanted=[PLAIN[0], PLAIN[1], RECORDS])
    report = gap(LADDER, day(500), draws=drawn, scale="logit", window_days=501)
    for key, rows in found.items():
        own = report.estimate(key[0])
        assert interval(rows) == pytest.approx((own.low, own.high)), key
        assert own.low < own.high, key


def test_without_any_doubt_every_row_is_the_number_itself():
    sure = [*PLAIN, RECORDS, ("L1", "95", "matched"), ("L3", "95", "matched")]
    central, found = told(LADDER, day(500)), redrawn(steady(LADDER), wanted=sure)
    for key in sure:
        assert found[key] == pytest.approx(np.full(40, central[key])), key


def test_the_clock_is_drawn_over_benchmarks():
    two = [
        BenchmarkScore(exam, release.model, release.released_on, release.open, (release.value - low) / 70)
        for exam, low in (("exam", 80), ("test", 88))
        for release in LADDER
    ]
    key = ("L4", "plain", "matched")
    rows = redrawn(steady(LADDER), scores=two, wanted=[key])[key]
    centre = replay(line(LADDER, day(500), drawn=None, scores=two), day(500), WHOLE)[key]
    assert len(set(rows.round(6))) > 1
    assert rows.min() <= centre <= rows.max()


def test_what_all_draws_tell_together_is_not_drawn_again():
    none = [("L5", "95", "matched"), ("L4", "plain", "waiting"), ("L7", "plain", "matched")]
    assert redrawn(steady(LADDER, 1.0), wanted=none) == {}


def test_a_change_has_the_interval_of_its_differences_draw_by_draw():
    before, after = [1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 5.0]
    assert interval(after, before) == pytest.approx((1.0, 1.0))
    assert interval(after, after) == (0.0, 0.0)
    assert interval(after) == pytest.approx((2.15, 4.85))
    assert interval(after, before[::-1])[0] < 0


def test_what_half_of_the_draws_do_not_tell_has_no_interval():
    assert interval([1.0, None, 2.0, None]) is None
    assert interval([1.0, 1.5, 2.0, None], [None, 1.0, 1.0, 1.0]) is None
    assert interval([1.0, 1.5, 2.0, None]) is not None


def test_every_step_between_published_answers_is_drawn_again():
    again = between_published()
    for a in PUBLISHED:
        for b in PUBLISHED:
            at = a.definition
            found = waterfall(at, b.definition, lambda definition: 1.0)
            for step in found.steps:
                assert at in again
                at = at.towards(b.definition, step.choices)
            assert at == b.definition
