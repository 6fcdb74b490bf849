import json
from collections import Counter
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sources.conftest import document
from tracker.domain.records import Access, ReleaseRecord
from tracker.sources.base import ParseError
from tracker.sources.hf_hub import FIELDS, ORGANISATIONS, SOURCE


@pytest.fixture
def listing(example):
    return example("hf_hub/models.json")


def by_model(listing):
    return {release.model: release for release in SOURCE.records(listing)}


def test_a_repository_is_read_whole(listing):
    assert SOURCE.records(listing)[0] == ReleaseRecord(
        "zai-org/GLM-Example",
        "zai-org/GLM-Example",
        lab="zai-org",
        access=Access.WEIGHTS,
        licence="mit",
        parameters=34388917248.0,
        weights_url="https://huggingface.co/zai-org/GLM-Example",
        url="https://huggingface.co/zai-org/GLM-Example",
    )


def test_the_day_a_repository_was_made_is_no_release_date(listing):
    assert all(release.released is None for release in SOURCE.records(listing))


def test_copies_in_fewer_bits_adapters_and_embedders_are_no_releases(listing):
    assert list(by_model(listing)) == [
        "zai-org/GLM-Example",
        "moonshotai/Kimi-Example",
        "ExampleAI/MoE-Example",
        "ExampleAI/Two-Licences",
        "ExampleAI/Tagged-Example",
        "ExampleAI/Silent-Example",
    ]


@pytest.mark.parametrize(
    ("model", "licence"),
    [
        ("moonshotai/Kimi-Example", "modified-mit"),
        ("ExampleAI/MoE-Example", "mit"),
        ("ExampleAI/Two-Licences", "apache-2.0 AND cc-by-nc-4.0"),
        ("ExampleAI/Tagged-Example", "apache-2.0"),
        ("ExampleAI/Silent-Example", ""),
    ],
)
def test_a_licence_is_found_where_the_card_has_it_and_never_guessed(listing, model, licence):
    assert by_model(listing)[model].licence == licence


def test_a_gated_model_can_be_downloaded(listing):
    assert by_model(listing)["moonshotai/Kimi-Example"].access is Access.WEIGHTS


def test_an_author_that_is_missing_stands_in_the_id(listing):
    assert by_model(listing)["ExampleAI/Tagged-Example"].lab == "ExampleAI"


def test_one_object_a_line_reads_like_the_list(listing):
    lines = "\n".join(json.dumps(row) for row in json.loads(listing.body)) + "\n"
    assert SOURCE.records(replace(listing, body=lines.encode())) == SOURCE.records(listing)


@pytest.mark.parametrize(
    ("card", "tags", "licence"),
    [
        ({"license": "other", "license_name": "modified-mit"}, ["license:other"], "modified-mit"),
        ({"license": "other"}, ["license:other"], ""),
        ({"license": "unknown"}, ["license:unknown"], ""),
        ({"license": "unknown", "license_name": "falcon-llm-license"}, [], "falcon-llm-license"),
        ({"license": "Other", "license_name": "other"}, [], ""),
        ({"license": ["other"], "license_name": "modified-mit"}, [], "modified-mit"),
        ({"license": ["other"]}, [], ""),
        ({"license": ["apache-2.0", "other"], "license_name": "exaone"}, [], "apache-2.0 AND exaone"),
        ({"license": ["apache-2.0", "other"]}, [], ""),
        ({"license": []}, ["license:mit"], "mit"),
        ({"license_name": "baichuan2-community-license"}, [], "baichuan2-community-license"),
        ({"license": None}, ["license:other"], ""),
    ],
)
def test_a_word_for_no_licence_is_never_taken_for_a_licence(card, tags, licence):
    row = {"id": "ExampleAI/Chat", "cardData": card, "tags": tags}
    (release,) = SOURCE.records(document(json.dumps([row]).encode()))
    assert release.licence == licence


def test_a_line_separator_within_a_card_ends_no_line():
    line = '{"id": "ExampleAI/Chat", "cardData": {"license": "other", "license_name": "our\u2028own"}}\n'
    (release,) = SOURCE.records(document(line.encode()))
    assert release.licence == "our own"


@pytest.mark.parametrize(
    ("card", "tags", "made_from"),
    [
        ({"base_model": "zai-org/Base"}, [], ("zai-org/Base", "")),
        ({"base_model": ["zai-org/Base"]}, ["base_model:zai-org/Base", "base_model:finetune:zai-org/Base"],
         ("zai-org/Base", "finetune")),
        ({"base_model": ["a/One", "b/Two"]}, ["base_model:merge:a/One", "base_model:merge:b/Two"],
         ("a/One, b/Two", "merge")),
        ({"base_model": "a/One", "base_model_relation": "quantized"}, ["base_model:finetune:a/One"],
         ("a/One", "quantized")),
        ({"base_model": "a/One", "base_model_relation": "grandchild"}, [], ("a/One", "")),
        ({}, ["base_model:a/One", "base_model:finetune:a/One"], ("a/One", "finetune")),
        ({}, ["base_model:a/One"], ("a/One", "")),
        ({"base_model": {"name": "a/One"}}, [], ("", "")),
        ({"base_model_relation": "finetune"}, [], ("", "")),
        ({"base_model": None}, ["license:mit"], ("", "")),
    ],
)  # fmt: skip
def test_what_a_model_was_made_from_and_how_is_told_by_the_card_else_by_the_hubs_tags(card, tags, made_from):
    row = {"id": "ExampleAI/Chat", "cardData": card, "tags": tags}
    (release,) = SOURCE.records(document(json.dumps([row]).encode()))
    assert (release.base, release.base_relation) == made_from


def test_the_same_bytes_give_the_same_records(listing):
    assert SOURCE.records(listing) == SOURCE.records(listing)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b"[]", "0 records"),
        (b"<!doctype html><html></html>", "web page"),
        (b'{"error": "Rate limited"}', "which has no id"),
        (b'[{"modelId": "zai-org/GLM"}]', "which has no id"),
        (b'[{"id": "zai-org/GLM", "safetensors": {"total": "9B"}}]', "zai-org/GLM: '9B' is not a number"),
        (b'[{"id": "zai-org/GLM", "safetensors": {"total": 1%s}}]' % (b"0" * 400), "is not a number of parameters"),
        (b'"text"', "not a list"),
    ],
)
def test_what_is_no_list_of_models_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(document(body))


def test_half_a_list_is_refused(listing):
    with pytest.raises(ParseError, match="not JSON"):
        SOURCE.records(replace(listing, body=listing.body[: len(listing.body) // 2]))


def test_a_model_listed_twice_is_refused(listing):
    rows = json.loads(listing.body)
    with pytest.raises(ParseError, match="zai-org/GLM-Example"):
        SOURCE.records(replace(listing, body=json.dumps([*rows, rows[0]]).encode()))


def test_each_lab_is_asked_for_once():
    assert len(SOURCE.urls) == len(set(SOURCE.urls)) == 51


def test_the_hub_is_asked_in_the_words_it_documents():
    for url in SOURCE.urls:
        address = urlsplit(url)
        assert (address.hostname, address.path) == ("huggingface.co", "/api/models")
        asked = parse_qs(address.query)
        assert asked.pop("expand[]") == list(FIELDS)
        assert asked.pop("author")[0] in ORGANISATIONS
        assert asked == {"sort": ["createdAt"], "direction": ["-1"], "limit": ["1000"]}


def test_the_stored_extract_is_read_whole(sample):
    found = SOURCE.records(document(sample("hf-hub-stats/derived/hub_stats_labs.jsonl").read_bytes()))
    assert len(found) == 546
    licences = Counter(release.licence for release in found)
    assert (licences["apache-2.0"], licences["modified-mit"], licences["mrl"]) == (230, 8, 4)
    assert (licences[""], licences["other"], licences["unknown"]) == (32, 0, 0)
    by_id = {release.key: release for release in found}
    assert by_id["01-ai/Yi-1.5-34B"].parameters == 34388917248.0
    assert by_id["zai-org/glm-4-9b"].licence == "glm-4"


def test_the_stored_extract_tells_what_its_models_were_made_from(sample):
    found = SOURCE.records(document(sample("hf-hub-stats/derived/hub_stats_labs.jsonl").read_bytes()))
    assert Counter(release.base_relation for release in found) == {"": 390, "finetune": 149, "quantized": 7}
    assert sum(release.base != "" for release in found) == 157
