"""What capability costs, on offers small enough to be worked out by hand."""

from datetime import date

import numpy as np
import pytest

from tracker.domain.price_frontier import (
    Offer,
    Placed,
    Told,
    blended,
    by_model,
    cost_of_closed,
    levels,
    month_ends,
    offers,
    pareto,
    price_of_level,
)
from tracker.domain.prices import Quote

DAY = date(2026, 1, 15)


def told(
    model="m", host="h", source="models_dev", fact=1, asked=1.0, answered=5.0, *, since=None, begins=None, ends=None
) -> Told:
    quote = Quote(model, host, source, fact, asked, answered, name=model, since=since)
    return Told(quote, begins or since or date(2025, 1, 1), ends)


def placed(model, price, value, is_open=True) -> Placed:
    return Placed(model, price, value, is_open, date(2025, 1, 1))


def test_three_input_tokens_are_weighed_to_one_of_output():
    assert blended(1.0, 5.0) == 2.0
    assert blended(4.0, 4.0) == 4.0


def test_a_free_tier_is_no_offer():
    free = told(host="free", fact=1, asked=0.0, answered=0.0)
    half = told(host="half", fact=2, asked=0.0, answered=3.0)
    unknown = told(host="untold", fact=3, asked=1.0, answered=None)
    assert [offer.host for offer in offers([free, half, unknown, told(fact=4)], DAY)] == ["h"]


def test_a_free_tier_does_not_hide_the_paid_offer_of_the_same_host():
    free = told(source="genai_prices", fact=1, asked=0.0, answered=0.0)
    assert [offer.fact for offer in offers([free, told(fact=2)], DAY)] == [2]


def test_of_one_host_the_most_trusted_source_is_believed():
    wide = told(source="models_dev", fact=1, asked=1.0)
    bills = told(source="genai_prices", fact=2, asked=2.0)
    stranger = told(source="a_blog", fact=3, asked=0.1)
    assert [(offer.fact, offer.input) for offer in offers([wide, stranger, bills], DAY)] == [(2, 2.0)]


def test_what_a_curator_chose_goes_before_trust_field_by_field_while_it_holds():
    first, second = told(source="genai_prices", fact=1, asked=2.0), told(fact=2, asked=1.0, answered=4.0)
    chosen = {("m", "h", "output"): 2, ("m", "h", "input"): 99}
    (offer,) = offers([first, second], DAY, chosen)
    assert (offer.input, offer.output, offer.fact) == (2.0, 4.0, 1)


def test_a_price_counts_from_its_day_until_the_next_one_and_no_longer_than_it_was_seen():
    launch, cut = told(fact=1, since=date(2025, 6, 1)), told(fact=2, asked=0.5, since=date(2026, 1, 15))
    gone = told(host="gone", fact=3, begins=date(2025, 3, 1), ends=date(2025, 9, 1))

    def facts(on):
        return [offer.fact for offer in offers([launch, cut, gone], on)]

    assert facts(date(2025, 5, 31)) == [3]
    assert facts(date(2025, 8, 31)) == [3, 1]
    assert facts(date(2025, 9, 1)) == facts(date(2026, 1, 14)) == [1]
    assert facts(date(2026, 1, 15)) == [2]


def test_hosts_of_a_model_stand_cheapest_first():
    found = offers([told(host="dear", fact=1, asked=9.0), told(host="b", fact=2), told(host="a", fact=3)], DAY)
    assert [offer.host for offer in by_model(found)["m"]] == ["a", "b", "dear"]


def test_the_frontier_holds_what_no_other_model_beats():
    cheap, middle, best = placed("cheap", 0.1, 100), placed("middle", 1.0, 120), placed("best", 10.0, 130)
    dearer = placed("dearer", 2.0, 120)  # as able, for more
    weaker = placed("weaker", 1.0, 119)  # less able, for the same
    assert pareto([best, weaker, dearer, middle, cheap]) == [cheap, middle, best]


def test_two_models_of_one_price_and_place_are_both_on_it():
    assert [one.model for one in pareto([placed("b", 1, 100), placed("a", 1, 100), placed("c", 2, 100)])] == ["a", "b"]


def test_levels_lie_between_the_least_and_the_most_able_model():
    assert levels([97.0, 131.0, 120.0]) == [100.0, 110.0, 120.0, 130.0]
    assert levels([100.0]) == [100.0]
    assert levels([101.0, 109.0]) == []
    assert levels([]) == []


def test_months_end_on_their_last_day_and_the_last_one_on_the_day_of_the_data():
    ends = list(month_ends(date(2025, 11, 7), date(2026, 2, 10)))
    assert ends == [date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 10)]
    assert list(month_ends(date(2026, 2, 1), date(2026, 2, 28))) == [date(2026, 2, 28)]
    assert next(month_ends(date(2024, 2, 1), date(2024, 3, 1))) == date(2024, 2, 29)


def test_the_price_of_a_level_is_that_of_the_cheapest_model_of_the_side_that_reaches_it():
    def offer(model, price):
        return Offer(model, "h", price, price, 1, "s")

    days = {
        date(2025, 1, 31): [offer("strong", 8.0)],
        date(2025, 2, 28): [offer("strong", 8.0), offer("weak", 0.1), offer("new", 2.0)],
        date(2024, 12, 31): [offer("weak", 0.1)],
    }
    values = {"strong": 130.0, "new": 120.0, "weak": 110.0}
    found = price_of_level(days, values, {"strong", "new", "weak"}, 120)
    assert [(one.on, one.price, one.offer.model) for one in found] == [
        (date(2025, 1, 31), 8.0, "strong"),
        (date(2025, 2, 28), 2.0, "new"),
    ]
    assert price_of_level(days, values, {"weak"}, 120) == []


def test_staying_closed_costs_the_ratio_of_the_cheapest_of_each_side_at_one_level():
    models = [placed("o", 0.5, 121), placed("weak", 0.1, 119), placed("c", 4.0, 125, False), placed("d", 9, 150, False)]
    found = cost_of_closed(models, 120)
    assert (found.open, found.closed, found.value, found.low) == (0.5, 4.0, 8.0, None)
    assert cost_of_closed(models, 130) is None


def test_models_that_nobody_told_how_to_get_are_on_neither_side():
    assert cost_of_closed([placed("o", 1, 120), placed("u", 2, 120, None)], 120) is None


def test_the_interval_of_the_ratio_is_that_of_the_draws_in_which_both_sides_reach_the_level():
    models = [placed("o", 0.5, 121), placed("cheap", 0.1, 119), placed("c", 4.0, 125, False)]
    # In one draw of ten the cheap model reaches the level too, in one of ten no closed model does.
    drawn = np.tile([121.0, 119.0, 125.0], (100, 1))
    drawn[:10, 1] = 121.0
    drawn[10:20, 2] = 119.0
    found = cost_of_closed(models, 120, drawn)
    assert found.held == pytest.approx(0.9)
    assert (found.low, found.high) == (pytest.approx(8.0), pytest.approx(40.0))


def test_a_model_without_a_place_in_a_draw_does_not_reach_the_level_there():
    models = [placed("o", 0.5, 121), placed("c", 4.0, 125, False)]
    drawn = np.tile([np.nan, 125.0], (50, 1))
    found = cost_of_closed(models, 120, drawn)
    assert (found.value, found.low, found.high, found.held) == (8.0, None, None, 0.0)
