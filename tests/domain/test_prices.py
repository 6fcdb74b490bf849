import gzip
import json
from collections import Counter
from dataclasses import replace
from datetime import date
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.prices import (
    TRUST,
    Disagreement,
    Evidence,
    Quote,
    disagreements,
    in_force,
    unit_flip,
)

LEDGER = Path(__file__).parents[2] / ".." / "shared" / "samples" / "llmledger" / "snapshot.json.gz"
QUOTE = Quote("claude-example-4", "anthropic", "genai_prices", 1, 3.0, 15.0, "claude-example-4")


def quote(source, fact, asked=3.0, output=15.0, **more):
    return replace(QUOTE, source=source, fact=fact, input=asked, output=output, **more)


def test_a_price_that_departs_by_more_than_a_tenth_is_flagged_with_both_evidences():
    assert disagreements([QUOTE, quote("litellm", 2, output=20.0)]) == [
        Disagreement(
            "claude-example-4",
            "anthropic",
            "output",
            Evidence("genai_prices", 15.0, 1),
            Evidence("litellm", 20.0, 2),
            pytest.approx(1 / 3),
        )
    ]


@pytest.mark.parametrize(("value", "flagged"), [(3.3, False), (3.31, True), (2.7, False), (2.69, True)])
def test_a_tenth_of_the_trusted_price_is_still_agreement(value, flagged):
    assert bool(disagreements([QUOTE, quote("litellm", 2, value)])) is flagged


def test_the_tenth_is_of_the_more_trusted_price_whatever_the_order():
    ours, theirs = quote("models_dev", 1, 10.0), quote("litellm", 2, 11.05)
    (found,) = disagreements([theirs, ours])
    assert (found.trusted.source, found.other.source, found.difference) == ("models_dev", "litellm", 0.105)
    assert disagreements([replace(ours, source="litellm"), replace(theirs, source="models_dev")]) == []


def test_each_source_is_held_against_the_most_trusted_that_states_the_price():
    found = disagreements([quote("model_prices", 4, 6.0), quote("litellm", 3, 9.0), quote("models_dev", 2, None, None)])
    assert [(each.trusted.source, each.other.source, each.difference) for each in found] == [
        ("litellm", "model_prices", pytest.approx(1 / 3))
    ]
    assert TRUST == ("genai_prices", "models_dev", "litellm", "model_prices")


def test_a_source_nobody_knows_is_trusted_least():
    (found,) = disagreements([quote("a_new_source", 9, 6.0), quote("model_prices", 4)])
    assert (found.trusted.source, found.other.source) == ("model_prices", "a_new_source")


def test_a_price_beside_a_free_one_is_flagged_without_bound_and_two_free_ones_agree():
    free = quote("genai_prices", 1, 0.0, 0.0)
    assert [each.difference for each in disagreements([free, quote("litellm", 2)])] == [inf, inf]
    assert disagreements([free, quote("litellm", 2, 0.0, 0.0)]) == []


def test_other_models_other_hosts_and_one_source_alone_cannot_disagree():
    others = [quote("litellm", 2, 9.0, host="azure"), quote("litellm", 3, 9.0, model="claude-example-5")]
    assert disagreements([QUOTE, *others]) == []
    assert disagreements([QUOTE, quote("genai_prices", 2, 9.0)]) == []


def test_a_faster_offer_under_another_name_is_no_contradiction_and_the_nearest_is_the_evidence():
    fast = quote("litellm", 3, 6.0, 30.0, name="claude-example-4-fast")
    assert disagreements([QUOTE, quote("litellm", 2), fast]) == []
    found = disagreements([QUOTE, quote("litellm", 2, 4.0, 20.0), fast])
    assert [(each.field, each.other.fact) for each in found] == [("input", 2), ("output", 2)]


def test_the_last_step_that_has_begun_is_in_force():
    steps = [quote("model_prices", 1, 5.0)] + [
        quote("model_prices", fact, price, since=day)
        for fact, price, day in [(3, 1.0, date(2026, 12, 1)), (2, 3.0, date(2026, 3, 1))]
    ]
    on = {date(2026, 2, 28): 5.0, date(2026, 3, 1): 3.0, date(2026, 11, 30): 3.0, date(2026, 12, 1): 1.0}
    assert {day: [each.input for each in in_force(steps, day)] for day in on} == {day: [on[day]] for day in on}


def test_what_is_in_force_is_told_apart_by_offer_host_and_source():
    quotes = [QUOTE, quote("litellm", 2), quote("litellm", 3, host="azure"), quote("litellm", 4, name="fast")]
    assert in_force(quotes, date(2026, 1, 1)) == quotes
    assert in_force([quote("litellm", 5, since=date(2026, 6, 1))], date(2026, 1, 1)) == []


@pytest.mark.parametrize(
    ("old", "new", "flipped"),
    [
        (3.0, 300.0, True),  # cents
        (0.0025, 2.5, True),  # a thousand tokens
        (2_900.0, 1.73, True),  # put right, and lowered at the same time
        (0.5, 0.05, False),  # a dear model made cheap
        (20.0, 0.5, False),
        (0.0, 3.0, False),  # no free tier is a unit
        (3.0, 0.0, False),
        (3.0, 3.0, False),
    ],
)
def test_a_hundredfold_step_is_a_change_of_unit(old, new, flipped):
    assert unit_flip(old, new) is unit_flip(new, old) is flipped


@given(price=st.floats(1e-4, 1e3), factor=st.sampled_from([100, 1_000, 1e6]))
def test_every_price_in_another_unit_is_seen(price, factor):
    assert unit_flip(price, price * factor)
    assert unit_flip(price, price / factor)


def test_units_are_told_as_the_keeper_of_litellms_ledger_told_them():
    if not LEDGER.is_file():
        pytest.skip("the stored sample llmledger is not on this machine")
    changes = [
        (old, new, flag)
        for events in json.loads(gzip.decompress(LEDGER.read_bytes()))["events"].values()
        for _, kind, _, old, new, flag, _ in events
        if kind == "price" and isinstance(old, int | float) and isinstance(new, int | float)
    ]
    seen = Counter((unit_flip(old, new), flag == "unit") for old, new, flag in changes)
    assert seen == {(True, True): 255, (False, False): 1637}
