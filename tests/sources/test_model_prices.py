import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.sources.conftest import document
from tracker.domain.records import PriceRecord, When
from tracker.sources.base import ParseError
from tracker.sources.model_prices import SOURCE

CLAUDE = ("prices", "anthropic", "claude-example-4", "standard", 0)


@pytest.fixture
def listing(example):
    return example("model_prices/latest.json")


def steps(listing, model):
    """Since when, and how much: each step of one model."""
    found = [price for price in SOURCE.records(listing) if price.model == model]
    return [(str(price.since or ""), price.input, price.output) for price in found]


def changed(listing, path, value):
    whole = json.loads(listing.body)
    target = whole
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = value
    return replace(listing, body=json.dumps(whole).encode())


def test_a_step_is_a_price_with_the_day_from_which_it_held(listing):
    assert next(price for price in SOURCE.records(listing) if price.since) == PriceRecord(
        "anthropic/claude-example-4@2026-03-01",
        "claude-example-4",
        "anthropic",
        input=2.0,
        output=10.0,
        cache_read=0.2,
        cache_write=2.5,
        since=When(date(2026, 3, 1)),
        url="https://docs.example.org/prices",
    )


def test_a_step_that_changes_no_price_is_none_and_the_last_of_a_day_is_the_days(listing):
    assert steps(listing, "claude-example-4") == [("", 3.0, 15.0), ("2026-03-01", 2.0, 10.0)]


def test_a_price_of_the_future_is_told_when_it_has_come(listing):
    winter = replace(listing, fetched_at=datetime(2026, 12, 1, 0, 0, tzinfo=UTC))
    assert steps(winter, "claude-example-4")[-1] == ("2026-12-01", 1.0, 5.0)
    assert steps(replace(winter, fetched_at=datetime(2026, 11, 30, 23, 59, tzinfo=UTC)), "claude-example-4")[-1] == (
        "2026-03-01",
        2.0,
        10.0,
    )


def test_where_there_are_no_rates_there_was_no_offer_and_its_return_is_a_step(listing):
    assert steps(listing, "gpt-example") == [("2026-02-01", 1.25, 10.0), ("2026-06-01", 1.25, 10.0)]


def test_an_id_that_moved_to_another_model_is_told_under_the_model_of_each_time(listing):
    assert steps(listing, "gpt-example-mini-1") == [("", 0.4, 1.6)]
    assert steps(listing, "gpt-example-mini-2") == [("2026-05-10", 0.4, 1.6)]


def test_an_id_that_stands_for_a_listed_model_or_for_nobody_knows_which_is_left_out(listing):
    keys = {price.key for price in SOURCE.records(listing)}
    assert not [key for key in keys if "newest" in key or "latest" in key]


def test_batches_fast_modes_peaks_and_long_prompts_are_no_price_of_their_own(listing):
    assert {price.input for price in SOURCE.records(listing)} == {0.0, 0.4, 1.25, 2.0, 3.0}


def test_a_free_offer_is_zero_its_host_goes_by_its_one_name_and_a_remark_is_no_address(listing):
    (step,) = [price for price in SOURCE.records(listing) if price.model == "step-example"]
    assert (step.host, step.input, step.output, step.since, step.url) == ("stepfun", 0.0, 0.0, None, "")


def test_the_same_bytes_give_the_same_records(listing):
    assert SOURCE.records(listing) == SOURCE.records(listing)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("schema",), 2, "has schema 2, and 1 is known"),
        (("prices",), [], "prices is '\\[\\]', not a table"),
        (("prices",), {"openai": {}}, "1 providers, and not both openai and anthropic"),
        ((*CLAUDE, "rates", "input"), -1, "claude-example-4, step 0: input is '-1', no price"),
        ((*CLAUDE, "rates", "input"), "3.00", "step 0: input is '3.00', no price"),
        ((*CLAUDE, "rates", "input"), 3_000, "step 0: input is 3000 dollars .* above 1000 a million"),
        ((*CLAUDE, "rates"), 3, "step 0, rates is '3', not a table"),
        ((*CLAUDE, "start"), "in spring", "step 0: start Invalid isoformat string"),
        (CLAUDE[:-1], {}, "standard is '{}', not a list"),
    ],
)
def test_what_is_not_recognised_is_refused_by_name(listing, path, value, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(changed(listing, path, value))


def test_a_list_in_another_unit_is_refused(listing):
    body = listing.body
    for price in (b"0.4", b"1.25", b"3.0", b"2.0"):
        body = body.replace(b'"input": ' + price, b'"input": ' + str(float(price) * 100).encode())
    with pytest.raises(ParseError, match="the middle input price is"):
        SOURCE.records(replace(listing, body=body))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"<!doctype html><script src=/app.js></script>", "web page"),
        (b"[]", "not a table"),
        (b'{"sha256": "abc", "published_at": "2026-10-08T17:48:30Z"}', "only names the current list, v1/abc.json"),
        (b'{"schema": 1, "prices": {"openai": {}, "anthropic": {}}}', "0 records"),
    ],
)
def test_what_is_no_price_list_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(document(body))


def test_the_file_that_only_names_the_current_list_leads_to_it():
    named = b'{"sha256": "%s", "published_at": "2026-10-08T17:48:30Z"}' % (b"0f" * 32)
    (latest,) = SOURCE.urls
    assert SOURCE.onward(named) == latest.replace("latest.json", "0f" * 32 + ".json")
    assert latest.endswith("/data/v1/latest.json")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'"\xff',
        b'{"sha256": "../../evil", "published_at": ""}',
        b'{"sha256": null, "published_at": ""}',
        b'{"sha256": "%s"}' % (b"0f" * 32),
        b"[" * 100_000,
        b"<!doctype html><script src=/app.js></script>",
    ],
)
def test_what_names_no_list_leads_nowhere(body):
    assert SOURCE.onward(body) == ""


def test_the_list_itself_leads_nowhere(listing):
    assert SOURCE.onward(listing.body) == ""


def test_half_a_list_is_refused(listing):
    with pytest.raises(ParseError, match="not JSON"):
        SOURCE.records(replace(listing, body=listing.body[: len(listing.body) // 2]))


def test_the_history_of_october_2026_is_read_whole(sample):
    body = sample("model-prices/snapshot.json").read_bytes()
    found = SOURCE.records(replace(document(body), fetched_at=datetime(2026, 10, 27, tzinfo=UTC)))
    assert len(found) == 655
    hosts = Counter(price.host for price in found)
    assert (hosts["openai"], hosts["anthropic"], hosts["amazon-bedrock"]) == (83, 44, 12)
    assert not [price for price in found if price.since and price.since.on > date(2026, 10, 26)]
    chat = [price for price in found if price.key.startswith("deepseek/deepseek-chat")]
    assert [(str(price.since or ""), price.input, price.output, price.cache_read) for price in chat] == [
        ("", 0.27, 1.1, None),
        ("2025-06-10", 0.27, 1.1, 0.07),
        ("2025-08-25", 0.57, 1.68, 0.07),
        ("2025-11-17", 0.28, 0.42, 0.028),
        ("2026-04-25", 0.14, 0.28, 0.028),
        ("2026-06-06", 0.14, 0.28, 0.0028),
    ]
    # Read a year earlier, the same document holds what had begun by then and nothing of what came.
    earlier = SOURCE.records(replace(document(body), fetched_at=datetime(2025, 10, 27, tzinfo=UTC)))
    assert {price.key for price in earlier} < {price.key for price in found}
    assert max(price.since.on for price in earlier if price.since) <= date(2025, 10, 27)
