"""Upstreams that forbid republishing: what a source took from them is dropped before it is a record."""

import json
from dataclasses import replace

import pytest

from tests.sources.conftest import DOCUMENTS, FETCHED_AT, document, files, tarred, zipped
from tracker.sources import SOURCES
from tracker.sources.base import Document
from tracker.sources.withheld import is_withheld

ADDRESSES = (
    "https://artificialanalysis.ai/models/example-1",
    "https://llm-stats.com/models/example-1",
    "https://api.llm-stats.com/stats/v1/models",
    "https://arcprize.org/media/data/evaluations.json",
    "https://arcprize.org/leaderboard/evaluations.json",
)
upstream = pytest.mark.parametrize("address", ADDRESSES)


@pytest.mark.parametrize("words", [*ADDRESSES, "Artificial Analysis", "ARTIFICIAL ANALYSIS Index v4", "LLM Stats"])
def test_an_upstream_is_known_by_its_name_and_by_its_address(words):
    assert is_withheld("", words)


@pytest.mark.parametrize(
    "words", ["", "https://arcprize.org/leaderboard", "https://example.org/analysis", "LLM statistics", "artificial"]
)
def test_others_are_not_taken_for_them(words):
    assert not is_withheld(words)


@upstream
def test_rows_of_epochs_archive(address):
    members = files(DOCUMENTS / "epoch_benchmarks" / "old")
    table = members["gsm8k_external.csv"].decode()
    assert "http" in table
    before = SOURCES["epoch_benchmarks"].records(document(zipped(members)))
    header, *rows = table.splitlines()
    link = next(cell for cell in rows[0].split(",") if cell.startswith("http"))
    members["gsm8k_external.csv"] = "\n".join([header, rows[0].replace(link, address), *rows[1:], ""]).encode()
    after = SOURCES["epoch_benchmarks"].records(document(zipped(members)))
    assert not [record for record in after if address in record.url]
    assert len(_scores(after)) == len(_scores(before)) - 1


@upstream
def test_rows_of_the_panel(address):
    body = (DOCUMENTS / "epoch_panel" / "benchmark_scores.csv").read_bytes()
    before = _scores(SOURCES["epoch_panel"].records(document(body)))
    link = next(score.url for score in before if score.url)
    touched = sum(score.url == link for score in before)
    after = _scores(SOURCES["epoch_panel"].records(document(body.replace(link.encode(), address.encode()))))
    assert len(after) == len(before) - touched
    assert not [score for score in after if is_withheld(score.url)]


@upstream
def test_rows_of_models_dev(address):
    members = files(DOCUMENTS / "models_dev" / "repository")
    whole = Document(SOURCES["models_dev"].urls[1], tarred(members), FETCHED_AT)
    before = _scores(SOURCES["models_dev"].records(whole))
    link = next(score.url for score in before)
    touched = sum(score.url == link for score in before)
    changed = {name: body.replace(link.encode(), address.encode()) for name, body in members.items()}
    after = _scores(SOURCES["models_dev"].records(replace(whole, body=tarred(changed))))
    assert len(after) == len(before) - touched
    assert not [score for score in after if is_withheld(score.url, score.benchmark)]


@upstream
def test_prices_of_litellm(address):
    rows = json.loads((DOCUMENTS / "litellm" / "model_prices_and_context_window.json").read_bytes())
    before = SOURCES["litellm"].records(document(json.dumps(rows).encode()))
    rows[before[0].key]["source"] = address
    after = SOURCES["litellm"].records(document(json.dumps(rows).encode()))
    assert [price.key for price in after] == [price.key for price in before[1:]]


@upstream
def test_prices_of_model_prices(address):
    rows = json.loads((DOCUMENTS / "model_prices" / "latest.json").read_bytes())
    before = SOURCES["model_prices"].records(document(json.dumps(rows).encode()))
    rows["prices"]["stepfun-ai"]["step-example"]["standard"][0]["rates"]["source"] = address
    after = SOURCES["model_prices"].records(document(json.dumps(rows).encode()))
    assert {price.key for price in before} - {price.key for price in after} == {"stepfun-ai/step-example"}


def test_openrouters_list_is_never_read_for_them():
    """It carries their values in fields of every row, so that dropping rows would leave none."""
    body = (DOCUMENTS / "openrouter" / "models.json").read_bytes()
    assert b"artificial" in body.lower()
    assert not [record for record in SOURCES["openrouter"].records(document(body)) if is_withheld(repr(record))]


def test_no_stored_row_of_theirs_gets_through(sample):
    """LiteLLM's map of autumn 2026 has a price that somebody copied from there."""
    body = sample("litellm/model_prices_and_context_window.json").read_bytes()
    assert b"artificialanalysis.ai" in body
    assert not [price for price in SOURCES["litellm"].records(document(body)) if is_withheld(price.url)]


def _scores(records):
    return [record for record in records if type(record).__name__ == "ScoreRecord"]
