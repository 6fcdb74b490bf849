import json
from dataclasses import replace

import pytest

from tests.sources.conftest import document
from tracker.domain.records import ReleaseRecord
from tracker.sources.base import ParseError
from tracker.sources.openrouter import SOURCE


@pytest.fixture
def listing(example):
    return example("openrouter/models.json")


def read(listing):
    return {release.key: release for release in SOURCE.records(listing)}


def test_an_id_is_tied_to_its_repository_of_weights_and_to_nothing_else(listing):
    # No date (`created` is when it was listed), no price, no access, no context.
    assert read(listing)["zai-example/glm-example"] == ReleaseRecord(
        "zai-example/glm-example",
        "zai-example/glm-example",
        weights_url="https://huggingface.co/zai-org/GLM-Example",
        url="https://openrouter.ai/zai-example/glm-example",
    )


def test_nothing_of_the_list_may_be_shown():
    assert SOURCE.may_display is False


def test_no_value_of_artificial_analysis_gets_through(listing):
    assert b"41.234" in listing.body
    assert not [record for record in SOURCE.records(listing) if "41.23" in repr(record) or "artificial" in repr(record)]


def test_a_free_copy_of_a_listed_id_is_left_out_and_one_that_stands_alone_is_kept(listing):
    assert "zai-example/glm-example:free" not in read(listing)
    assert read(listing)["poolside/only-free:free"].url == "https://openrouter.ai/poolside/only-free"


def test_routers_moving_signs_and_models_without_weights_are_left_out(listing):
    assert set(read(listing)) == {"cohere/command-example", "poolside/only-free:free", "zai-example/glm-example"}


def test_an_organisation_that_took_another_name_goes_by_the_new_one(listing):
    command = read(listing)["cohere/command-example"]
    assert command.weights_url == "https://huggingface.co/CohereLabs/c4ai-command-example"


def test_the_same_bytes_give_the_same_records(listing):
    assert SOURCE.records(listing) == SOURCE.records(listing)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"zai-org/GLM-Example"', b'"GLM-Example"', "glm-example: hugging_face_id 'GLM-Example' is no repository"),
        (b'"zai-org/GLM-Example"', b"17", "glm-example: hugging_face_id is '17'"),
        (b'"openai/gpt-example"', b'"gpt-example"', "lists 'gpt-example', which is no id such as lab/model"),
        (b'"openai/gpt-example"', b"null", "lists '', which is no id"),
    ],
)
def test_what_is_not_recognised_is_refused_by_name(listing, old, new, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(replace(listing, body=listing.body.replace(old, new)))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"<!doctype html><script src=/app.js></script>", "web page"),
        (b"[]", "not a table"),
        (b'{"error": {"code": 429}}', "data is 'None', not a list"),
        (b'{"data": []}', "0 records"),
    ],
)
def test_what_is_no_list_of_models_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(document(body))


def test_a_model_listed_twice_is_refused(listing):
    rows = json.loads(listing.body)["data"]
    with pytest.raises(ParseError, match="zai-example/glm-example"):
        SOURCE.records(replace(listing, body=json.dumps({"data": [*rows, rows[0]]}).encode()))


def test_half_a_list_is_refused(listing):
    with pytest.raises(ParseError, match="not JSON"):
        SOURCE.records(replace(listing, body=listing.body[: len(listing.body) // 2]))


def test_the_list_of_may_2026_is_read_whole(sample):
    rows = json.loads(sample("openrouter/models.json").read_bytes())["data"]
    found = read(document(json.dumps({"data": rows}).encode()))
    assert len(found) == 157
    assert len([row for row in rows if row["hugging_face_id"]]) == 173  # the rest are free copies
    assert found["deepseek/deepseek-v4-pro"].weights_url == "https://huggingface.co/deepseek-ai/DeepSeek-V4-Pro"
    assert not [key for key in found if key.startswith(("openrouter/", "~"))]
    assert all(release.released is None and release.access is None for release in found.values())
