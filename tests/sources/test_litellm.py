import json
from dataclasses import replace

import pytest

from tests.sources.conftest import document
from tracker.domain.records import PriceRecord
from tracker.sources.base import ParseError
from tracker.sources.litellm import SOURCE


@pytest.fixture
def listing(example):
    return example("litellm/model_prices_and_context_window.json")


def read(listing):
    return {price.key: price for price in SOURCE.records(listing)}


def changed(listing, key, **fields):
    rows = json.loads(listing.body)
    rows[key] = rows.get(key, {}) | fields
    return replace(listing, body=json.dumps(rows).encode())


def test_a_price_for_a_token_is_told_for_a_million(listing):
    assert read(listing)["gpt-example"] == PriceRecord(
        "gpt-example",
        "gpt-example",
        "openai",
        input=1.25,  # neither a batch, nor flex or priority, nor above 272,000 tokens
        output=10.0,
        cache_read=0.125,
        url="https://docs.example.org/openai/prices",
    )


def test_a_cached_tokens_prices_are_kept_and_a_remark_is_no_address(listing):
    claude = read(listing)["claude-example-4"]
    assert (claude.cache_read, claude.cache_write, claude.url) == (0.3, 3.75, "")


def test_the_row_that_explains_the_others_is_no_model(listing):
    assert "sample_spec" not in read(changed(listing, "sample_spec", litellm_provider="openai", mode="chat"))


def test_a_free_tier_is_zero(listing):
    flash = read(listing)["zai/glm-example-flash"]
    assert (flash.input, flash.output, flash.cache_read) == (0.0, 0.0, None)


def test_of_one_model_in_several_regions_one_is_told(listing):
    bedrock = [price.key for price in read(listing).values() if price.host == "amazon-bedrock"]
    assert bedrock == ["anthropic.claude-example-4-v1:0", "us.anthropic.claude-example-5"]
    assert [price.key for price in read(listing).values() if price.host == "azure"] == ["azure/gpt-example"]


def test_a_bare_key_beside_its_full_one_is_the_same_offer(listing):
    assert [price.key for price in read(listing).values() if price.host == "deepseek"] == ["deepseek/deepseek-example"]


def test_what_a_host_puts_around_a_name_is_taken_off(listing):
    names = {key: price.model for key, price in read(listing).items()}
    assert names["vertex_ai/claude-example-4@20260115"] == "claude-example-4@20260115"
    assert names["vertex_ai/openai/gpt-oss-example-maas"] == "openai/gpt-oss-example"
    assert names["fireworks_ai/accounts/fireworks/models/glm-4p9"] == "fireworks/glm-4p9"


def test_resellers_sizes_images_tuned_copies_and_moving_signs_are_left_out(listing):
    assert set(read(listing)) == {
        "anthropic.claude-example-4-v1:0",
        "azure/gpt-example",
        "claude-example-4",
        "deepseek/deepseek-example",
        "fireworks_ai/accounts/fireworks/models/glm-4p9",
        "gpt-example",
        "perplexity/sonar-example",
        "us.anthropic.claude-example-5",
        "vertex_ai/claude-example-4@20260115",
        "vertex_ai/openai/gpt-oss-example-maas",
        "zai/glm-example-flash",
    }


def test_the_one_row_that_has_always_been_wrong_does_not_hold_up_the_others(listing):
    assert "azure_ai/jais-30b-chat" not in read(listing)
    another = {"litellm_provider": "azure_ai", "mode": "chat", "input_cost_per_token": 0.0025}
    with pytest.raises(ParseError, match=r"azure_ai/another.*0\.0025 dollars for 1 tokens, above 1000 a million"):
        SOURCE.records(changed(listing, "azure_ai/another", **another))


@pytest.mark.parametrize("factor", [1e-3, 30])
def test_a_list_in_another_unit_is_refused(listing, factor):
    rows = json.loads(listing.body)
    for row in rows.values():
        for field in ("input_cost_per_token", "output_cost_per_token"):
            if field in row:
                row[field] *= factor
    with pytest.raises(ParseError, match="the middle input price is"):
        SOURCE.records(replace(listing, body=json.dumps(rows).encode()))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("0.00000125", "'0.00000125', no price"),
        (-1, "'-1', no price"),
        (1.25, "above 1000 a million: the unit changed"),
        (True, "'True', no price"),
    ],
)
def test_a_price_that_is_not_recognised_is_refused_by_name(listing, value, reason):
    with pytest.raises(ParseError, match=f"gpt-example: input_cost_per_token is .*{reason}"):
        SOURCE.records(changed(listing, "gpt-example", input_cost_per_token=value))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"<!doctype html><script src=/app.js></script>", "web page"),
        (b"[]", "not a table"),
        (b'{"gpt-example": 1}', "gpt-example is '1', not a table"),
        (b'{"sample_spec": {}}', "0 records"),
    ],
)
def test_what_is_no_price_map_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(document(body))


def test_half_a_map_is_refused(listing):
    with pytest.raises(ParseError, match="not JSON"):
        SOURCE.records(replace(listing, body=listing.body[: len(listing.body) // 2]))


def test_the_order_of_the_keys_does_not_matter(listing):
    rows = json.loads(listing.body)
    backwards = json.dumps(dict(reversed(rows.items()))).encode()
    assert SOURCE.records(replace(listing, body=backwards)) == SOURCE.records(listing)


def test_the_map_of_autumn_2026_is_read_whole(sample):
    rows = json.loads(sample("litellm/model_prices_and_context_window.json").read_bytes())
    prices = read(document(json.dumps(rows).encode()))
    assert len(prices) == 1230
    assert (prices["gpt-5"].input, prices["gpt-5"].output, prices["gpt-5"].cache_read) == (1.25, 10.0, 0.125)
    assert prices["claude-sonnet-4-5"].input == rows["claude-sonnet-4-5"]["input_cost_per_token"] * 1e6
    assert max(price.output for price in prices.values()) == 600
    assert sum(price.input == 0 == price.output for price in prices.values()) == 20
    assert not [key for key in prices if key.startswith(("us.anthropic.claude-sonnet", "azure/eu/", "bedrock/eu-"))]
    assert not [key for key in prices if key.startswith(("novita/", "wandb/", "watsonx/"))]
