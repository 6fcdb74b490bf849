"""Forecasts: what each method says, worked out by hand; proper scores; calibration on series whose law is known."""

import math
import statistics
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from tracker.domain import forecasts
from tracker.domain.forecast_backtest import coverage
from tracker.domain.forecasts import (
    LEVELS,
    Asks,
    Method,
    Prediction,
    brier,
    centre,
    due_days,
    errors,
    hazard,
    log_score,
    observed,
    pinball,
    predictions,
    probability_at_most,
    probability_reached,
    quantile_score,
    quantiles,
)
from tracker.domain.frontier import DAYS_PER_MONTH, Release
from tracker.domain.frontier_history import Standing, history, standing
from tracker.domain.gap import gap

START = date(2024, 1, 1)


def day(number: float) -> date:
    return START + timedelta(days=round(number))


def release(name: str, at: float, value: float, *, is_open: bool) -> Release:
    return Release(name, day(at), is_open, value)


def a_world(months: int = 40) -> list[Release]:
    """Closed models rise a point every two months, open ones follow half a year later."""
    closed = [release(f"closed-{n}", n * DAYS_PER_MONTH, n / 2 + 0.01, is_open=False) for n in range(0, months, 2)]
    opens = [release(f"open-{n}", n * DAYS_PER_MONTH, (n - 6) / 2 + 0.02, is_open=True) for n in range(7, months, 3)]
    return [*closed, *opens]


def standings(gaps: list[float], open_best: list[float] | None = None) -> list[Standing]:
    """A history whose gap and frontiers are given."""
    tops = open_best or [float(n) for n in range(len(gaps))]
    return [
        Standing(
            day(n * DAYS_PER_MONTH), gap, gap, gap, top, top + gap, "top", day((n - 1) * DAYS_PER_MONTH), ((3.0, True),)
        )
        for n, (gap, top) in enumerate(zip(gaps, tops, strict=True))
    ]


# History


def test_a_standing_is_what_the_gap_of_its_day_would_be():
    world = a_world()
    for on in (day(500), day(900), day(1200)):
        found, report = standing(world, on), gap(world, on)
        assert found is not None
        assert found.lag == pytest.approx(report.estimate("L1").value)
        assert found.gap == pytest.approx(report.estimate("L8").value)
        median = report.estimate("L7").value
        assert math.isnan(found.catch_up) if median is None else found.catch_up == pytest.approx(median)
        assert (found.top, found.top_on) == (report.closed_frontier[-1].model, report.closed_frontier[-1].released_on)


def test_a_standing_knows_nothing_of_later_models():
    world = a_world()
    early = [one for one in world if one.released_on <= day(600)]
    assert standing(world, day(600)) == standing(early, day(600))


def test_there_is_no_standing_before_both_sides_have_a_model():
    world = a_world()
    first_open = min(one.released_on for one in world if one.open)
    assert standing(world, first_open - timedelta(days=1)) is None
    assert standing(world, first_open) is not None


def test_the_history_is_a_month_apart_and_ends_on_the_day_asked_for():
    found = history(a_world(), day(1000))
    assert found[-1].on == day(1000)
    apart = [(two.on - one.on).days for one, two in pairwise(found)]
    assert set(apart) <= {30, 31}
    first_open = min(one.released_on for one in a_world() if one.open)
    assert timedelta(0) <= found[0].on - first_open < timedelta(days=31)


# Scores


@pytest.mark.parametrize(
    ("level", "quantile", "came", "loss"), [(0.9, 10, 12, 1.8), (0.9, 10, 8, 0.2), (0.5, 3, 3, 0), (0.05, 1, 0, 0.95)]
)
def test_the_loss_of_a_quantile_is_asymmetric_as_its_level_is(level, quantile, came, loss):
    assert pinball(level, quantile, came) == pytest.approx(loss)


def test_the_quantile_score_of_a_lone_median_is_the_distance():
    assert quantile_score([4.0], 6.5, levels=[0.5]) == pytest.approx(2.5)


def test_the_quantile_score_is_twice_the_mean_loss():
    # Levels 0.25, 0.5, 0.75 at 1, 2, 3, and 2.5 came: losses 0.375, 0.25, 0.125.
    assert quantile_score([1, 2, 3], 2.5, levels=[0.25, 0.5, 0.75]) == pytest.approx(2 * 0.75 / 3)


def test_over_many_levels_the_quantile_score_is_the_crps_of_a_normal_forecast():
    levels = [(n + 0.5) / 2000 for n in range(2000)]
    edges = [statistics.NormalDist().inv_cdf(level) for level in levels]
    z, normal = 0.7, statistics.NormalDist()
    exact = z * (2 * normal.cdf(z) - 1) + 2 * normal.pdf(z) - 1 / math.sqrt(math.pi)
    assert quantile_score(edges, z, levels) == pytest.approx(exact, abs=1e-3)


def test_events_are_scored_by_brier_and_by_the_logarithm():
    assert brier(0.7, True) == pytest.approx(0.09)
    assert brier(0.7, False) == pytest.approx(0.49)
    assert log_score(0.25, True) == pytest.approx(math.log(4))
    assert log_score(0.25, False) == pytest.approx(-math.log(0.75))
    assert log_score(0.0, True) == math.inf


@pytest.mark.parametrize("rule", [brier, log_score])
def test_who_says_what_he_believes_scores_best_on_average(rule):
    def expected(said, truth):
        return truth * rule(said, True) + (1 - truth) * rule(said, False)

    for truth in (0.2, 0.5, 0.85):
        said = [n / 100 for n in range(1, 100)]
        assert min(said, key=lambda p: expected(p, truth)) == pytest.approx(truth)


def test_the_true_quantiles_score_better_than_narrower_wider_and_shifted_ones():
    draws = np.random.default_rng(3).normal(size=4000)
    true = np.array([statistics.NormalDist().inv_cdf(level) for level in LEVELS])

    def mean(edges):
        return statistics.fmean(quantile_score(edges.tolist(), float(one)) for one in draws)

    assert mean(true) < min(mean(true * 0.5), mean(true * 2), mean(true + 0.5), mean(true - 0.5))


# Figures


def test_persistence_says_todays_figure_and_the_line_carries_on():
    past = np.array([1.0, 2, 3, 4, 5, 6, 7, 8])
    assert centre(Method.PERSISTENCE, past, 3) == 8
    assert centre(Method.LINEAR, past, 3) == pytest.approx(11)
    assert centre(Method.LINEAR, past, 0.5) == pytest.approx(8.5)


def test_the_line_is_that_of_the_last_year_and_ignores_months_without_a_figure():
    old, recent = [90.0] * 20, [float(n) for n in range(13)]
    assert centre(Method.LINEAR, np.array(old + recent), 2) == pytest.approx(14)
    holed = [math.nan if n in (3, 4) else value for n, value in enumerate(recent)]
    assert centre(Method.LINEAR, np.array(old + holed), 2) == pytest.approx(14)


def test_a_method_says_nothing_where_it_has_too_little_to_go_by():
    assert math.isnan(centre(Method.LINEAR, np.arange(5.0), 1))
    assert math.isnan(centre(Method.PERSISTENCE, np.array([1.0, math.nan]), 1))
    assert quantiles(Method.PERSISTENCE, np.arange(8.0), 1) == ()
    assert quantiles(Method.PERSISTENCE, np.arange(9.0), 1) != ()
    assert probability_at_most(Method.PERSISTENCE, np.arange(8.0), 1, 0) is None


def test_errors_are_what_came_minus_what_was_said_that_many_months_before():
    past = np.array([0.0, 1, 3, 6, 10])
    assert errors(Method.PERSISTENCE, past, 2).tolist() == [3, 5, 7]
    assert errors(Method.LINEAR, np.arange(9.0), 2) == pytest.approx([0, 0])


def test_the_interval_is_that_of_past_changes_and_their_mirror_images():
    past = np.cumsum([0.0] + [1.0, -3.0] * 6)
    edges = quantiles(Method.PERSISTENCE, past, 1)
    # Changes of 1 and of -3, and their mirror images: half of the eight tenths within lies at 1 or nearer.
    assert edges == pytest.approx([past[-1] + offset for offset in (-3, -3, -1.5, 0, 1.5, 3, 3)], abs=0.6)
    assert edges[3] == pytest.approx(past[-1])
    assert [edges[3] - low for low in edges[:3]] == pytest.approx([high - edges[3] for high in edges[:3:-1]])


def test_part_of_a_month_has_the_root_of_the_months_interval():
    past = np.cumsum(np.random.default_rng(1).normal(size=40))
    month, week = (np.array(quantiles(Method.PERSISTENCE, past, ahead)) - past[-1] for ahead in (1.0, 0.25))
    assert week == pytest.approx(month / 2)


def walks(kind: str, many: int, months: int):
    rng = np.random.default_rng(11)
    for _ in range(many):
        steps = rng.normal(size=months)
        yield np.cumsum(steps) if kind == "walk" else 0.8 * np.arange(months) + steps


@pytest.mark.parametrize(("kind", "method"), [("walk", Method.PERSISTENCE), ("line", Method.LINEAR)])
@pytest.mark.parametrize("ahead", [1, 3])
def test_nine_in_ten_outcomes_lie_within_the_interval_on_series_that_suit_the_method(kind, method, ahead):
    said = [(quantiles(method, past[:-ahead], ahead), float(past[-1])) for past in walks(kind, 250, 60)]
    edges, came = [one for one, _ in said], [one for _, one in said]
    assert 0.83 <= coverage(edges, came) <= 0.95
    assert 0.40 <= coverage(edges, came, 0.25, 0.75) <= 0.60
    narrow = [tuple(one[3] + (edge - one[3]) / 2 for edge in one) for one in edges]
    assert coverage(narrow, came) < 0.75


@pytest.mark.parametrize(("kind", "best"), [("walk", Method.PERSISTENCE), ("line", Method.LINEAR)])
def test_the_method_that_suits_a_series_scores_better_on_it(kind, best):
    (other,) = {Method.PERSISTENCE, Method.LINEAR} - {best}

    def mean(method):
        pairs = [(quantiles(method, past[:-6], 6), float(past[-1])) for past in walks(kind, 100, 60)]
        return statistics.fmean(quantile_score(edges, came) for edges, came in pairs)

    assert mean(best) < 0.9 * mean(other)


# Events


def test_the_probability_of_a_low_value_is_its_share_of_past_changes_and_never_certain():
    past = np.cumsum([0.0] + [1.0, -1.0] * 10)  # ends at 0; twenty changes of one up or down
    # Half of the changes end at or below zero, and half of them is what is added on both sides too.
    assert probability_at_most(Method.PERSISTENCE, past, 1, 0.0) == pytest.approx(0.5)
    assert probability_at_most(Method.PERSISTENCE, past, 1, -2.0) == pytest.approx(0.5 / 21)
    assert probability_at_most(Method.PERSISTENCE, past, 1, 2.0) == pytest.approx(20.5 / 21)


def test_stretches_that_overlap_count_once():
    past = np.cumsum([0.0] + [1.0, -1.0] * 10)
    # Sixteen stretches of five months, all of them changes of one, are little more than three.
    many = 16 / 5
    assert probability_at_most(Method.PERSISTENCE, past, 5, -2.0) == pytest.approx(0.5 / (many + 1))


def test_a_level_is_reached_as_often_as_the_frontier_rose_as_far():
    past = np.array([0.0, 0, 2, 2, 4, 4, 6, 6, 8])  # eight changes, four of them of two
    assert probability_reached(Method.PERSISTENCE, past, 1, 10.0) == pytest.approx(0.5)
    assert probability_reached(Method.PERSISTENCE, past, 1, 10.5) == pytest.approx(0.5 / 9)
    assert probability_reached(Method.PERSISTENCE, past, 1, 8.0) == pytest.approx(8.5 / 9)


def test_a_line_that_passes_the_level_makes_it_likely():
    past = np.arange(30.0)
    assert probability_reached(Method.LINEAR, past, 3, 31.5) > 0.8
    assert probability_reached(Method.LINEAR, past, 3, 33.5) < 0.2


WAITS = [(2.0, True), (4.0, True), (6.0, True), (8.0, False)]


def test_the_hazard_is_that_of_the_records_that_stood_as_long():
    # Kaplan-Meier: 3/4 after 2 months, 1/2 after 4, 1/4 after 6. Of those that stood 3 months a third is matched by 5.
    assert hazard(WAITS, 3, 2) == pytest.approx((1 / 3 * 3 + 0.5) / 4)
    # Fresh records: half within 4 months.
    assert hazard(WAITS, 0, 4) == pytest.approx(0.5)


def test_past_the_end_of_the_curve_records_are_matched_at_their_mean_rate():
    rate = 3 / 20
    chance = 1 - math.exp(-rate * 5)
    assert hazard(WAITS, 8, 5) == pytest.approx((chance + 0.5) / 2)
    # No record stood that long: one case's worth is added to what the rate says.
    assert hazard(WAITS, 30, 5) == pytest.approx((chance + 0.5) / 2)


def test_the_hazard_grows_with_the_time_and_is_never_certain():
    chances = [hazard(WAITS, 1, ahead) for ahead in (0.5, 1, 2, 4, 8, 100)]
    assert chances == sorted(chances)
    assert chances[0] > 0
    assert chances[-1] < 1


def test_before_anything_was_matched_there_is_no_hazard():
    assert hazard([(3.0, False)], 1, 2) is None
    assert hazard([], 1, 2) is None


def test_the_hazard_is_calibrated_where_records_are_matched_at_random():
    rng = np.random.default_rng(5)
    said, came = [], []
    for _ in range(300):
        lives, follow = rng.exponential(6.0, 25), rng.uniform(2, 20, 25)
        waits = [(float(min(life, end)), bool(life <= end)) for life, end in zip(lives, follow, strict=True)]
        said.append(hazard(waits, 2, 4))
        came.append(rng.exponential(6.0) <= 4)  # without memory: having stood two months tells nothing
    assert statistics.fmean(said) == pytest.approx(1 - math.exp(-4 / 6), abs=0.03)
    assert statistics.fmean(came) == pytest.approx(1 - math.exp(-4 / 6), abs=0.06)


# Questions


def test_a_forecast_is_due_at_the_next_three_month_ends_and_four_quarter_ends():
    assert due_days(date(2026, 11, 22)) == (
        date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31), date(2027, 3, 31), date(2027, 6, 30),
        date(2027, 9, 30),
    )  # fmt: skip


@pytest.mark.parametrize("made_on", [date(2027, 2, 27), date(2026, 12, 31), date(2028, 2, 1), date(2026, 1, 15)])
def test_days_due_are_month_ends_well_after_the_day_of_making(made_on):
    days = due_days(made_on)
    assert all((end + timedelta(days=1)).day == 1 and (end - made_on).days >= 5 for end in days)
    assert sum(end.month % 3 == 0 for end in days) == 4
    assert days == tuple(sorted(set(days)))


def test_every_method_answers_what_it_can():
    past = standings([6.0 + (n % 3) for n in range(30)])
    found = predictions(past, past[-1].on + timedelta(days=91))
    assert {(one.method, one.asks) for one in found} == {
        *((method, asked) for method in (Method.PERSISTENCE, Method.LINEAR) for asked in Asks if asked != Asks.CLAIM),
        (Method.HAZARD, Asks.MATCHED),
    }
    for one in found:
        assert (one.probability is None) == (len(one.quantiles) == len(LEVELS))
        assert (one.subject == "top") == (one.asks is Asks.MATCHED)
        assert list(one.quantiles) == sorted(one.quantiles)
        assert one.probability is None or 0 < one.probability < 1


def test_where_open_models_lead_there_is_no_level_left_to_reach():
    past = standings([3.0 - 0.2 * n for n in range(30)])
    assert past[-1].gap < 0
    assert Asks.MATCHED not in {one.asks for one in predictions(past, past[-1].on + timedelta(days=91))}


def test_a_wait_is_never_forecast_below_nothing():
    past = standings([8.0 - 0.3 * n if n < 26 else 0.3 for n in range(30)])
    waits = [one for one in predictions(past, past[-1].on + timedelta(days=180)) if one.asks is Asks.L7]
    assert waits
    assert min(min(one.quantiles) for one in waits) == 0
    gaps = [one for one in predictions(past, past[-1].on + timedelta(days=180)) if one.asks is Asks.L8]
    assert min(min(one.quantiles) for one in gaps) < 0


def test_a_day_that_is_known_cannot_be_forecast():
    past = standings([6.0] * 20)
    with pytest.raises(ValueError, match="is not after"):
        predictions(past, past[-1].on)


def test_what_came_is_a_figure_or_whether_it_came():
    (then,) = standings([2.0], [100.0])
    assert observed(Asks.L8, then) == 2.0
    assert observed(Asks.PARITY, then) == 0
    assert observed(Asks.MATCHED, then, 100.0) == 1
    assert observed(Asks.MATCHED, then, 100.5) == 0
    assert observed(Asks.MATCHED, then) is None
    (level,) = standings([0.0])
    assert observed(Asks.PARITY, level) == 1
    (unknown,) = standings([math.nan])
    assert observed(Asks.L7, unknown) is None


def test_a_prediction_is_scored_by_its_own_rule():
    flat = Prediction(Method.PERSISTENCE, Asks.L8, START, quantiles=(4.0,) * 7)
    assert forecasts.score(flat, 6.0) == pytest.approx(2 * statistics.fmean(level * 2 for level in LEVELS))
    assert forecasts.score(Prediction(Method.HAZARD, Asks.MATCHED, START, probability=0.2), 1.0) == pytest.approx(0.64)
