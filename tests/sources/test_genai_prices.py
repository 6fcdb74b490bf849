import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.sources.conftest import document
from tracker.domain.names import split
from tracker.domain.records import PriceRecord, When
from tracker.sources.base import ParseError
from tracker.sources.genai_prices import COPIED, HOSTS, SOURCE


@pytest.fixture
def listing(example):
    return example("genai_prices/data.json")


def read(listing, on=None):
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC) if on else listing.fetched_at
    return {price.key: price for price in SOURCE.records(replace(listing, fetched_at=at))}


def changed(listing, provider, model, **fields):
    """The document with some fields of one model replaced."""
    providers = json.loads(listing.body)
    models = next(each["models"] for each in providers if each["id"] == provider)
    next(each for each in models if each["id"] == model).update(fields)
    return replace(listing, body=json.dumps(providers).encode())


def test_a_price_is_what_a_prompt_of_usual_length_costs(listing):
    assert read(listing)["anthropic/claude-example-4"] == PriceRecord(
        "anthropic/claude-example-4",
        "claude-example-4",
        "anthropic",
        input=3.0,  # of the tiers the base: 6 above 200,000 tokens
        output=15.0,
        cache_read=0.3,
        cache_write=3.75,
        url="https://docs.example.org/anthropic/prices",
    )


@pytest.mark.parametrize(
    ("on", "asked", "since"),
    [
        (date(2026, 8, 31), (2.0, 10.0), None),
        (date(2026, 9, 1), (3.0, 15.0), When(date(2026, 9, 1))),
        (date(2026, 12, 31), (3.0, 15.0), When(date(2026, 9, 1))),
        (date(2027, 1, 1), (1.0, 5.0), When(date(2027, 1, 1))),
    ],
)
def test_an_announced_price_holds_from_its_day_and_not_before(listing, on, asked, since):
    price = read(listing, on)["anthropic/claude-example-5"]
    assert ((price.input, price.output), price.since) == (asked, since)


@pytest.mark.parametrize("hour", [0, 3, 12, 20])
def test_a_price_that_depends_on_the_hour_is_told_as_its_default_whatever_the_hour(listing, hour):
    at = replace(listing, fetched_at=datetime(2026, 9, 10, hour, 45, tzinfo=UTC))
    (price,) = [price for price in SOURCE.records(at) if price.host == "deepseek"]
    assert (price.input, price.output, price.cache_read, price.since) == (0.135, 0.55, 0.035, None)


def test_a_model_whose_only_price_lies_ahead_has_none_yet(listing):
    ahead = [{"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 1, "output_mtok": 5}}]
    assert "openai/gpt-example" not in read(changed(listing, "openai", "gpt-example", prices=ahead))


def test_a_free_tier_is_zero_and_a_model_without_a_stated_price_has_none(listing):
    prices = read(listing)
    assert (prices["google/gemini-example"].input, prices["google/gemini-example"].output) == (0.0, 0.0)
    assert "google/gemma-example" not in prices


def test_a_region_with_a_premium_is_left_out_beside_the_price_for_all(listing):
    bedrock = {key: price for key, price in read(listing).items() if price.host == "amazon-bedrock"}
    assert bedrock["aws/global.anthropic.claude-example-4-v1:0"].input == 3.0
    assert "aws/regional.anthropic.claude-example-4-v1:0" not in bedrock
    assert bedrock["aws/regional.anthropic.claude-example-3-v1:0"].model == "anthropic.claude-example-3-v1:0"


def test_a_sign_that_is_moved_on_is_what_its_rules_say_or_nothing(listing):
    prices = read(listing)
    assert prices["anthropic/claude-example-3-latest"].model == "claude-example-3"
    assert "anthropic/claude-latest" not in prices


def test_each_host_goes_by_its_one_name(listing):
    hosts = {key: price.host for key, price in read(listing).items()}
    assert hosts["google/gemini-example"] == "google"
    assert hosts["google/claude-example-4"] == "google-vertex"
    assert hosts["zhipuai/GLM-Example-Air"] == "zhipuai"
    assert read(listing)["fireworks/glm-4p9"].model == "fireworks/glm-4p9"


def test_embeddings_painters_tuned_copies_and_openrouters_list_are_left_out(listing):
    assert set(read(listing)) == {
        "anthropic/claude-example-3-latest",
        "anthropic/claude-example-4",
        "anthropic/claude-example-5",
        "aws/global.anthropic.claude-example-4-v1:0",
        "aws/regional.anthropic.claude-example-3-v1:0",
        "deepseek/deepseek-example",
        "fireworks/glm-4p9",
        "google/claude-example-4",
        "google/gemini-example",
        "openai/gpt-example",
        "zhipuai/GLM-Example-Air",
    }


def with_weights(listing, prices):
    """The document with an open model of OpenAI's at its own shop, at the router and at a host."""
    providers = json.loads(listing.body)
    for each in providers:
        names = {"openai": "gpt-oss-9b", "openrouter": "openai/gpt-oss-9b", "fireworks": "gpt-oss-9b"}
        if each["id"] in names:
            asked = prices if each["id"] == "openai" else {"input_mtok": 0.04, "output_mtok": 0.18}
            name = names[each["id"]]
            each["models"].append({"id": name, "match": {"equals": name}, "prices": asked})
    return replace(listing, body=json.dumps(providers).encode())


def test_the_routers_price_of_open_weights_under_their_makers_name_waits_for_a_person(listing):
    prices = read(with_weights(listing, {"input_mtok": 0.04, "output_mtok": 0.18}))
    listed = prices["openai/gpt-oss-9b"]
    assert (listed.model, listed.host) == (f"gpt-oss-9b ({COPIED})", "openai")
    assert prices["fireworks/gpt-oss-9b"].model == "fireworks/gpt-oss-9b"
    # Words in brackets are no setting and no other spelling: nothing goes by such a name.
    assert "gpt-oss-9b" not in {reading.base for reading in split(listed.model)}


def test_a_price_of_its_own_that_a_maker_asks_for_open_weights_is_its_price(listing):
    prices = read(with_weights(listing, {"input_mtok": 0.10, "output_mtok": 0.40}))
    assert prices["openai/gpt-oss-9b"].model == "gpt-oss-9b"


def test_the_same_bytes_give_the_same_records(listing):
    assert SOURCE.records(listing) == SOURCE.records(listing)


@pytest.mark.parametrize(
    ("prices", "reason"),
    [
        ({"input_mtok": -1, "output_mtok": 10}, "input_mtok is '-1', no price"),
        ({"input_mtok": "1.25", "output_mtok": 10}, "input_mtok is '1.25', no price"),
        ({"input_mtok": True, "output_mtok": 10}, "input_mtok is 'True', no price"),
        ({"input_mtok": 1250, "output_mtok": 10_000}, "1250 dollars for 1e[+]06 tokens, above 1000 a million"),
        ({"input_mtok": {"tiers": []}, "output_mtok": 10}, "input_mtok has no base"),
        ([{"constraint": {"plan": "batch"}, "prices": {}}], r"under the condition \['plan'\]"),
        ([{"constraint": {"start_date": "soon"}, "prices": {}}], "start_date 'soon' is not a date"),
        (["1.25"], "price 0 is '1.25', not a table"),
        ("1.25", "prices is '1.25', not a list"),
    ],
)
def test_a_price_that_is_not_recognised_is_refused_by_name(listing, prices, reason):
    with pytest.raises(ParseError, match=f"openai/gpt-example.*{reason}"):
        SOURCE.records(changed(listing, "openai", "gpt-example", prices=prices))


@pytest.mark.parametrize("factor", [100, 1e-6])
def test_a_list_in_another_unit_is_refused(listing, factor):
    providers = json.loads(listing.body)
    for model in (model for provider in providers for model in provider["models"]):
        if isinstance(model["prices"], dict):
            model["prices"] = dict.fromkeys(("input_mtok", "output_mtok"), 0.5 * factor)
    with pytest.raises(ParseError, match="the middle input price is"):
        SOURCE.records(replace(listing, body=json.dumps(providers).encode()))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"<!doctype html><script src=/app.js></script>", "web page"),
        (b'{"providers": []}', "not a list"),
        (b'[{"id": "openai", "models": []}]', "1 providers, and not both openai and anthropic"),
        (b'[{"id": "openai", "models": []}, {"id": "anthropic", "models": []}]', "0 records"),
        (b'[{"id": "openai"}, {"id": "anthropic", "models": []}]', "openai, models is 'None', not a list"),
    ],
)
def test_what_is_no_price_list_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(document(body))


def test_half_a_list_is_refused(listing):
    with pytest.raises(ParseError, match="not JSON"):
        SOURCE.records(replace(listing, body=listing.body[: len(listing.body) // 2]))


def test_the_list_of_august_2026_is_read_whole(sample):
    body = sample("genai-prices/prices/new_data/v2/data.json").read_bytes()
    august, september, next_year = (
        read(document(body), on) for on in (date(2026, 8, 21), date(2026, 9, 1), date(2027, 1, 1))
    )
    assert len(august) == len(september) == len(next_year) == 498
    assert {price.host for price in august.values()} == {*HOSTS.values(), "google-vertex"} - {"voyageai"}
    assert max(price.output for price in august.values()) == 600
    sonnet = "anthropic/claude-sonnet-5"
    assert [(each[sonnet].input, each[sonnet].output) for each in (august, september)] == [(2.0, 10.0), (3.0, 15.0)]
    flash = "google/gemini-3.6-flash"
    assert [(each[flash].input, each[flash].output) for each in (september, next_year)] == [(0.75, 3.75), (1.5, 7.5)]
    waiting = {price.key for price in august.values() if price.model.endswith(f"({COPIED})")}
    assert waiting == {"openai/gpt-oss-120b", "openai/gpt-oss-20b", "openai/gpt-oss-safeguard-20b"}
    assert (august["openai/gpt-5.6-luna"].input, str(august["openai/gpt-5.6-luna"].since)) == (0.2, "2026-07-30")
    assert august["anthropic/claude-sonnet-4-5"].input == 3.0  # 6 above 200,000 tokens
    assert (august["deepseek/deepseek-chat"].input, august["deepseek/deepseek-chat"].output) == (0.135, 0.55)


def test_the_first_format_has_the_same_shape(sample):
    found = SOURCE.records(document(sample("genai-prices/prices/data.json").read_bytes()))
    assert len(found) == 479
    assert Counter(price.host for price in found)["openai"] == 57
