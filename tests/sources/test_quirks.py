"""Quirks that belong to no one source, and to sources whose own tests are about something else."""

import json
import re
from datetime import date

import pytest

from tests.sources.conftest import DOCUMENTS, document, files, zipped
from tracker.domain.names import Setting, split
from tracker.domain.records import Precision, PriceRecord, ReleaseRecord, ScoreRecord, When
from tracker.sources import SOURCES
from tracker.sources.base import ParseError
from tracker.sources.notices import day as notice_day
from tracker.sources.values import day

NEW = DOCUMENTS / "epoch_benchmarks" / "new"


def own(name: str) -> bytes:
    return (DOCUMENTS / name).read_bytes()


# Dates.


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ("2025-04", When(date(2025, 4, 1), Precision.MONTH)),  # models.dev, OSAI
        ("2025", When(date(2025, 1, 1), Precision.YEAR)),
        (date(2025, 10, 3), When(date(2025, 10, 3))),  # YAML's own dates: Aider, METR
        (None, None),
    ],
)
def test_a_date_is_as_precise_as_its_source_has_it(stated, read):
    assert day({"released": stated}, "released", "here") == read


@pytest.mark.parametrize("stated", [{"explanation": "announced", "value": "2023-07-18"}, 1767225600, ["2025-04"]])
def test_a_date_that_is_an_object_or_a_count_of_seconds_is_refused_and_not_guessed(stated):
    with pytest.raises(ParseError, match="released is"):
        day({"released": stated}, "released", "here")


@pytest.mark.parametrize(
    ("words", "on"),
    [
        ("Thu, 20 Aug 2026 21:30:00 -0400", date(2026, 8, 20)),
        ("Thu, 20 Aug 2026 00:00:00 GMT", date(2026, 8, 20)),
        ("2026-08-20T07:30:00+08:00", date(2026, 8, 20)),
    ],
)
def test_a_feeds_day_is_the_one_where_it_was_written(words, on):
    assert notice_day(words, seen=document(b"").fetched_at) == When(on)


def test_the_seconds_at_which_openrouter_listed_a_model_are_no_release_date():
    assert re.search(rb'"created": ?1\d{9}\b', own("openrouter/models.json"))
    assert {release.released for release in SOURCES["openrouter"].records(document(own("openrouter/models.json")))} == {
        None
    }


# Scales.


def test_epochs_ceilings_and_baselines_move_no_score():
    members = files(NEW)
    before = SOURCES["epoch_benchmarks"].records(document(zipped(members)))
    header, *rows = members["benchmark_metadata.csv"].decode().splitlines()
    place = header.split(",").index("random_baseline")
    assert header.split(",")[place + 1] == "score_ceiling"
    cells = [row.split(",") for row in rows]
    for row in cells:
        row[place], row[place + 1] = "0.1", "0.97"
    members["benchmark_metadata.csv"] = "\n".join([header, *map(",".join, cells), ""]).encode()
    assert SOURCES["epoch_benchmarks"].records(document(zipped(members))) == before


# Prices.


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("litellm", "litellm/model_prices_and_context_window.json"),
        ("genai_prices", "genai_prices/data.json"),
        ("model_prices", "model_prices/latest.json"),
        ("models_dev", "models_dev/api.json"),
    ],
)
def test_no_list_tells_a_price_below_nothing_or_as_a_text(slug, name):
    prices = [record for record in SOURCES[slug].records(document(own(name))) if isinstance(record, PriceRecord)]
    assert prices
    for price in prices:
        for asked in (price.input, price.output, price.cache_read, price.cache_write):
            assert asked is None or (isinstance(asked, float) and asked >= 0)


def test_the_minus_one_of_openrouters_router_is_never_a_price():
    body = own("openrouter/models.json")
    assert b'"-1"' in body
    assert {type(record) for record in SOURCES["openrouter"].records(document(body))} == {ReleaseRecord}


# Names.


@pytest.mark.parametrize(
    ("name", "base", "setting"),
    [
        ("gpt-5 (high)", "gpt-5", Setting(effort="high")),
        ("gpt-5.4_xhigh", "gpt-5.4", Setting(effort="xhigh")),
        ("claude-sonnet-4-6_32K", "claude-sonnet-4-6", Setting(budget=32_000)),
        ("gpt-5:max", "gpt-5", Setting(effort="max")),
        ("claude-x-thinking-64k-high-effort", "claude-x", Setting(effort="high", budget=64_000)),
        ("gpt-5-nothinking", "gpt-5", Setting(mode="non-thinking")),
        ("gpt-5_unknown", "gpt-5", Setting(effort="unknown")),
        ("DeepSeek-V3.2 (Reasoner)", "DeepSeek-V3.2", Setting(mode="thinking")),
        ("us.xai.grok-example-v1:0", "grok-example", Setting(host="bedrock")),
        ("us.anthropic.claude-x-v1:0", "claude-x", Setting(host="bedrock")),
        ("accounts/fireworks/models/glm-4p6", "glm-4.6", Setting(host="fireworks")),
        ("fireworks/kimi-k2p5", "kimi-k2.5", Setting(host="fireworks")),
    ],
)
def test_effort_mode_budget_and_host_are_told_from_the_model(name, base, setting):
    assert (base, setting) in {(reading.base, reading.setting) for reading in split(name)}


# Silent failures.


@pytest.mark.parametrize("slug", ["litellm", "openrouter", "model_prices", "models_dev", "spdx", "evalplus"])
def test_a_key_twice_in_one_object_is_refused(slug):
    with pytest.raises(ParseError, match=r"(has the key|holds) 'x' twice"):
        SOURCES[slug].records(document(b'{"data": {"x": 1, "x": 2}}'))


@pytest.mark.parametrize("body", [b'{"a": 1,}', b"[1,]"])
def test_a_comma_behind_the_last_value_is_no_json(body):
    with pytest.raises(ParseError, match="not JSON"):
        document(body).json()


def test_a_mark_at_the_beginning_and_line_breaks_in_cells_are_read():
    body = '\ufeffmodel,notes\n"example\n-1","two\r\nlines, one cell"\nother,\n'.encode()
    assert list(document(body).csv("model", "notes")) == [
        {"model": "example\n-1", "notes": "two\r\nlines, one cell"},
        {"model": "other", "notes": ""},
    ]


def test_a_column_that_is_new_does_not_keep_a_table_from_being_read():
    """SWE-bench's file grew a column of details overnight and was twice as long."""
    for slug, name in (("weirdml", "weirdml/weirdml_data.csv"), ("epoch_models", "epoch_models/notable_ai_models.csv")):
        before = SOURCES[slug].records(document(own(name)))
        rows = list(document(own(name)).csv())
        wider = [[*row.values(), '"' + "x" * 500 + '"'] for row in rows]
        text = ",".join([*rows[0], "per_instance_details"]) + "\n"
        text += "".join(
            ",".join('"' + cell.strip('"').replace('"', '""') + '"' for cell in row) + "\n" for row in wider
        )
        assert SOURCES[slug].records(document(text.encode())) == before


# Licences, where the documents of two sources meet.


def test_the_same_words_for_a_licence_come_out_of_a_card_and_of_the_hubs_listing():
    card = b"---\nlicense: other\nlicense_name: modified-mit\nlicense_link: LICENSE\nbase_model:\n- lab/base\n---\n"
    values = {"license": "other", "license_name": "modified-mit", "license_link": "LICENSE", "base_model": ["lab/base"]}
    listing = json.dumps([{"id": "lab/model", "cardData": values, "tags": ["license:other"]}]).encode()
    url = "https://huggingface.co/lab/model/raw/main/README.md"
    (of_card, *_) = SOURCES["hf_cards"].records(type(document(b""))(url, card, document(b"").fetched_at))
    (of_hub,) = SOURCES["hf_hub"].records(document(listing))
    assert of_card == of_hub
    assert (of_hub.licence, of_hub.base) == ("modified-mit", "lab/base")


def test_scores_are_in_the_unit_that_each_source_declares():
    """A fraction, a percent number, a percent text, minutes: one number between nought and one, or minutes."""
    found = {
        slug: [record for record in SOURCES[slug].records(document(own(name))) if isinstance(record, ScoreRecord)]
        for slug, name in {
            "weirdml": "weirdml/weirdml_data.csv",
            "aider": "aider/polyglot_leaderboard.yml",
            "bfcl": "bfcl/data_overall.csv",
            "evalplus": "evalplus/results.json",
            "metr": "metr/suite_1_1.yaml",
        }.items()
    }
    for slug, scores in found.items():
        assert scores, slug
        assert slug == "metr" or all(0 <= score.value <= 1 for score in scores), slug
    assert max(score.value for score in found["metr"]) > 1
