"""Catch-up survival: subjects, Kaplan-Meier, Greenwood, pooling, Turnbull."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

from tracker.domain.frontier import DAYS_PER_MONTH, Point, Release
from tracker.domain.gap import gap
from tracker.domain.survival import pooled_variance, product_limit, subjects, survive, turnbull

START = date(2024, 1, 1)


def day(number: int) -> date:
    return START + timedelta(days=number)


def point(at: int, value: float) -> Point:
    return Point(day(at), value, f"m{at}")


CLOSED = [point(0, 100), point(100, 110), point(200, 120), point(300, 130)]
OPEN = [point(30, 100), point(90, 115), point(260, 120)]
DURATIONS = np.array([1.0, 2.0, 2.0, 3.0, 5.0, 5.0, 8.0, 9.0])
MATCHED = np.array([1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0])


def test_each_closed_record_waits_for_the_first_open_model_at_its_level():
    found = subjects(CLOSED, OPEN, day(400))
    assert [(s.matched, s.matched_by) for s in found] == [(True, "m30"), (True, "m90"), (True, "m260"), (False, None)]
    assert [s.months * DAYS_PER_MONTH for s in found] == [30, 0, 60, 100]


def test_where_open_models_were_first_the_record_is_matched_at_once_and_the_lead_is_kept():
    second = subjects(CLOSED, OPEN, day(400))[1]
    assert (second.months, second.matched) == (0.0, True)
    assert second.signed == pytest.approx(-10 / DAYS_PER_MONTH)


def test_the_curve_is_lifelines_curve():
    curve = product_limit(DURATIONS, MATCHED)
    direct = KaplanMeierFitter().fit(DURATIONS, MATCHED)
    np.testing.assert_allclose(curve.at(DURATIONS)[0], direct.predict(DURATIONS))
    assert curve.median() == direct.median_survival_time_
    assert curve.rmst(6.0)[0] == pytest.approx(restricted_mean_survival_time(direct, t=6.0))


def test_the_variance_is_greenwoods_formula():
    curve = product_limit(DURATIONS, MATCHED)
    # at risk 8, 7, 5, 4: S(5) = 7/8 * 6/7 * 4/5 * 2/4
    survival = 7 / 8 * 6 / 7 * 4 / 5 * 2 / 4
    total = 1 / (8 * 7) + 1 / (7 * 6) + 1 / (5 * 4) + 2 / (4 * 2)
    assert curve.at(np.array([5.0]))[0][0] == pytest.approx(survival)
    assert curve.at(np.array([5.0]))[1][0] == pytest.approx(survival**2 * total)


def test_the_variance_of_the_restricted_mean_is_the_textbook_sum():
    curve = product_limit(DURATIONS, MATCHED)
    limit, expected = 6.0, 0.0
    for at, risk, events in ((1.0, 8, 1), (2.0, 7, 1), (3.0, 5, 1), (5.0, 4, 2)):
        grid = np.linspace(at, limit, 200_001)
        area = np.trapezoid(curve.at(grid)[0], grid)
        expected += area**2 * events / (risk * (risk - events))
    assert curve.rmst(limit)[1] == pytest.approx(expected, rel=1e-3)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=30))
def test_the_curve_of_each_draw_is_lifelines_curve_of_what_it_counts(rows):
    durations, matched = np.array([float(t) for t, _ in rows]), np.array([float(m) for _, m in rows])
    counted = np.array([[True] * len(rows), [at % 3 != 1 for at in range(len(rows))]])
    curves = product_limit(durations, matched, counted)
    grid = np.arange(0.0, 25.0, 0.5)
    for at, chosen in enumerate(counted):
        direct = KaplanMeierFitter().fit(durations[chosen], matched[chosen])
        alone = product_limit(durations[chosen], matched[chosen])
        np.testing.assert_allclose(curves.at(grid)[0][at], direct.predict(grid), atol=1e-12)
        np.testing.assert_array_equal(curves.at(grid)[0][at], alone.at(grid)[0])
        np.testing.assert_array_equal(curves.at(grid)[1][at], alone.at(grid)[1])
        np.testing.assert_allclose([part[at] for part in curves.rmst()], alone.rmst(), atol=1e-12)
        assert curves.median()[at] == alone.median()


def test_the_reported_median_is_lifelines_median_of_the_hand_made_durations():
    releases = [Release(p.model, p.on, False, p.value) for p in CLOSED]
    releases += [Release(f"o{p.model}", p.on, True, p.value) for p in OPEN]
    report = gap(releases, day(400))
    direct = KaplanMeierFitter().fit(np.array([30, 0, 60, 100]) / DAYS_PER_MONTH, [1, 1, 1, 0])
    found = report.estimate("L7")
    assert found.value == pytest.approx(direct.median_survival_time_)
    assert found.censored == 0.25
    figures = {figure.key: figure for figure in found.figures}
    assert figures["rmst"].value == pytest.approx(restricted_mean_survival_time(direct, t=12))
    assert figures["within_6"].value == pytest.approx(1 - direct.predict(6.0))


def test_fewer_than_half_matched_is_a_sentence_and_no_number():
    releases = [Release(f"c{k}", day(100 * k), False, 100 + 10 * k) for k in range(4)]
    report = gap([*releases, Release("o", day(50), True, 100)], day(400))
    found = report.estimate("L7")
    assert found.value is None
    assert "Fewer than half" in found.reason
    assert found.high is None


def test_rubins_rule_adds_the_spread_between_draws():
    within = np.array([[1.0], [3.0]])
    estimates = np.array([[10.0], [14.0]])
    assert pooled_variance(within, estimates)[0] == pytest.approx(2.0 + 1.5 * 8.0)
    assert pooled_variance(within[:1], estimates[:1])[0] == 1.0


def test_the_band_of_one_curve_is_the_symmetric_one_in_log_minus_log():
    found = survive(subjects(CLOSED, OPEN, day(400)), None)
    durations, matched = np.array([30, 0, 60, 100]) / DAYS_PER_MONTH, np.array([1, 1, 1, 0])
    direct = KaplanMeierFitter(alpha=0.1).fit(durations, matched).confidence_interval_
    for row in found.band:
        low, high = direct.loc[row.months].to_numpy() if row.months in direct.index else (None, None)
        assert row.low == pytest.approx(low, rel=1e-6)
        assert row.high == pytest.approx(high, rel=1e-6)
    assert found.median_low <= found.median
    assert found.median_high is None or found.median <= found.median_high


def test_draws_that_disagree_widen_the_band():
    found = subjects(CLOSED, OPEN, day(400))
    draws = np.array([[0.0, 0.0, 0.0, 1.0], [3.0, 3.0, 9.0, 9.0]] * 10)
    curves = product_limit(draws, np.ones(4), np.ones(draws.shape, bool))
    alone, pooled = survive(found, None), survive(found, curves)
    assert pooled.rmst_high - pooled.rmst_low > alone.rmst_high - alone.rmst_low


def test_turnbull_repeats_kaplan_meier_when_every_match_is_known_to_the_day():
    found = subjects(CLOSED, OPEN, day(400))
    low, high = turnbull(found)
    direct = KaplanMeierFitter().fit([s.months for s in found], [1, 1, 1, 0])
    assert high == pytest.approx(direct.median_survival_time_)
    assert high - low <= 1 / DAYS_PER_MONTH + 1e-9


def test_an_unevaluated_open_model_may_have_matched_earlier():
    closed = [point(0, 100), point(10, 110), point(20, 120)]
    opens = [point(200, 100), point(210, 110), point(220, 120)]
    found = subjects(closed, opens, day(400), unevaluated=[Point(day(50), math.nan, "never run")])
    assert [s.since * DAYS_PER_MONTH for s in found] == [50, 40, 30]
    low, high = turnbull(found)
    assert low < 60 / DAYS_PER_MONTH
    assert high <= 200 / DAYS_PER_MONTH + 1e-9


def test_turnbull_of_unmatched_records_has_no_median():
    assert turnbull(subjects(CLOSED, [], day(400))) is None
