"""What stands at a publisher's address on a bad day is refused by every source, or read for what it is."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.conftest import DOCUMENTS, FETCHED_AT, arena_rows, files, parquet, tarred, zipped
from tests.sources.test_damage import JUNK, places, with_value
from tracker.sources import SOURCES
from tracker.sources.base import Document, ParseError
from tracker.sources.fmti import EDITIONS


def own(name: str) -> bytes:
    return (DOCUMENTS / name).read_bytes()


def at(slug: str, words: str = "") -> str:
    """The live address of a source's document that has these words in it."""
    return next(url for url in SOURCES[slug].urls if words in url)


# A whole document of each source at its live address.
WHOLE: dict[str, tuple[str, bytes]] = {
    "aider": (at("aider"), own("aider/polyglot_leaderboard.yml")),
    "arena": (at("arena", "webdev"), parquet([row for row in arena_rows() if row["category"] == "overall"][:101])),
    "arxiv": (at("arxiv", "cs.CL"), own("arxiv/cs.CL.xml")),
    "bfcl": (at("bfcl"), own("bfcl/data_overall.csv")),
    "curated_events": (at("curated_events"), own("curated_events/2026-11-22.csv")),
    "curated_releases": (at("curated_releases"), own("curated_releases/2026-11-22.csv")),
    "curated_statements": (at("curated_statements"), own("curated_statements/2026-11-22.csv")),
    "epoch_benchmarks": (at("epoch_benchmarks"), zipped(files(DOCUMENTS / "epoch_benchmarks" / "new"))),
    "epoch_models": (at("epoch_models", "notable"), own("epoch_models/notable_ai_models.csv")),
    "epoch_panel": (at("epoch_panel"), own("epoch_panel/benchmark_scores.csv")),
    "evalplus": (at("evalplus"), own("evalplus/results.json")),
    "fmti": (at("fmti", next(iter(EDITIONS))), own("fmti/October2023_scores.csv")),
    "genai_prices": (at("genai_prices"), own("genai_prices/data.json")),
    "github_releases": (at("github_releases", "mistral-inference"), own("github_releases/releases.json")),
    "hf_cards": (at("hf_cards"), own("hf_cards/named.md")),
    "hf_hub": (at("hf_hub"), own("hf_hub/models.json")),
    "lab_feeds": (at("lab_feeds", "openai.com/news"), own("lab_feeds/rss.xml")),
    "lab_pages": (at("lab_pages", "anthropic.com"), own("lab_pages/anthropic.html")),
    "licence_texts": (at("licence_texts", "Kimi-K2-Instruct"), own("licence_texts/modified-mit.txt")),
    "litellm": (at("litellm"), own("litellm/model_prices_and_context_window.json")),
    "metr": (at("metr", "1_1"), own("metr/suite_1_1.yaml")),
    "mmlu_pro": (at("mmlu_pro"), own("mmlu_pro/results.csv")),
    "model_prices": (at("model_prices"), own("model_prices/latest.json")),
    "models_dev": (at("models_dev", "api.json"), own("models_dev/api.json")),
    "mot": (at("mot"), tarred(files(DOCUMENTS / "mot" / "repository"), "top/")),
    "openrouter": (at("openrouter"), own("openrouter/models.json")),
    "osai": (at("osai"), tarred(files(DOCUMENTS / "osai" / "twelve"), "top/")),
    "own_evaluations": ("evaluation:1", own("own_evaluations/log.json")),
    "scancode": (at("scancode", "index.json"), own("scancode/index.json")),
    "spdx": (at("spdx"), own("spdx/licenses.json")),
    "steel": (at("steel", "sweBenchVerified"), own("steel/sweBenchVerified.json")),
    "tau2_bench": (
        at("tau2_bench"),
        tarred(files(DOCUMENTS / "tau2_bench"), "tau2-bench-main/web/leaderboard/public/"),
    ),
    "vectara": (at("vectara"), own("vectara/README.md")),
    "weirdml": (at("weirdml"), own("weirdml/weirdml_data.csv")),
}
LOGIN = b"""<!DOCTYPE html>
<html lang="en"><head><title>Sign in</title></head><body><main><h1>Sign in to continue</h1>
<form action="/login" method="post"><input name="user"><input name="password" type="password"></form>
<p>No account yet? <a href="/join">Join</a></p></main></body></html>"""
SHELL = b"<!doctype html><div id=root></div><script src=/app.js></script>"
IN_ITS_PLACE = {
    "nothing": b"",
    "blanks": b"\n \n",
    "login page": LOGIN,
    "shell that a script fills": SHELL,
    "shell behind a mark": b"\xef\xbb\xbf\n" + SHELL,
    "picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "error in JSON": b'{"error": "Not found", "status": 404}',
    "null": b"null",
    "word": b"unavailable",
    "number": b"404",
    "start of a zip": b"PK\x03\x04\x14\x00",
    "start of a gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "latin-1": "modèle,score\né,1\n".encode("latin-1"),
}
each = pytest.mark.parametrize("slug", WHOLE)


def read(slug: str, body: bytes) -> Document:
    return Document(WHOLE[slug][0], body, FETCHED_AT)


def outcome(slug: str, body: bytes):
    """Records, or what is wrong; anything else than a ParseError is a bug and rises here."""
    try:
        return SOURCES[slug].records(read(slug, body))
    except ParseError as error:
        refusal = str(error)
    assert WHOLE[slug][0] in refusal  # it says of which document
    assert refusal.encode()  # and can be stored beside it
    return refusal


def test_every_source_has_its_row():
    assert WHOLE.keys() == SOURCES.keys()


@each
def test_a_whole_document_is_read(slug):
    assert isinstance(outcome(slug, WHOLE[slug][1]), list)


@pytest.mark.parametrize("what", IN_ITS_PLACE)
@each
def test_what_stands_in_a_documents_place_is_refused(slug, what):
    if slug == "hf_cards" and what == "word":
        assert outcome(slug, IN_ITS_PLACE[what])[0].licence == ""  # a card may be a line of prose
        return
    assert isinstance(outcome(slug, IN_ITS_PLACE[what]), str)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
@each
def test_a_document_that_was_cut_off_is_refused_or_tells_no_more_than_it_did(slug, share):
    body = WHOLE[slug][1]
    found = outcome(slug, body[: int(len(body) * share)])
    assert isinstance(found, str) or len(found) <= len(outcome(slug, body))


# Their shapes tell where they end. A table or a list of lines does not: that it was cut off is the fetcher's to notice.
CLOSED = sorted(slug for slug, (_, body) in WHOLE.items() if body.lstrip()[:1] in b"[{<P\x1f")


@each
def test_half_a_document_of_a_shape_with_an_end_is_refused(slug):
    if slug in CLOSED:
        assert isinstance(outcome(slug, WHOLE[slug][1][: len(WHOLE[slug][1]) // 2]), str)
    else:
        assert slug in {
            "aider", "bfcl", "curated_events", "curated_releases", "curated_statements", "epoch_models",
            "epoch_panel", "fmti", "hf_cards", "licence_texts", "metr", "mmlu_pro", "vectara", "weirdml",
        }  # fmt: skip


@each
def test_a_document_of_another_source_is_refused(slug):
    others = [name for name in ("litellm", "epoch_panel", "mot", "spdx", "lab_feeds") if name != slug]
    for other in others:
        # Any text of another may be a model card: it then states no licence.
        found = outcome(slug, WHOLE[other][1])
        assert isinstance(found, str) or (slug == "hf_cards" and found[0].licence == ""), other


# The other sources are damaged at random beside their own shapes, in test_damage and its neighbours.
NEWS_AND_PRICES = [
    "arxiv", "genai_prices", "github_releases", "lab_feeds", "lab_pages", "litellm", "model_prices", "openrouter",
]  # fmt: skip


@pytest.mark.parametrize("slug", NEWS_AND_PRICES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_bytes_that_changed_on_the_way_are_read_or_refused(slug, data):
    body = WHOLE[slug][1]
    start = data.draw(st.integers(0, len(body) - 1))
    length = data.draw(st.integers(0, 40))
    outcome(slug, body[:start] + data.draw(st.binary(max_size=12)) + body[start + length :])


@pytest.mark.parametrize("slug", ["genai_prices", "github_releases", "litellm", "model_prices", "openrouter"])
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_a_value_of_another_kind_is_read_or_refused(slug, data):
    value = json.loads(WHOLE[slug][1])
    path = data.draw(st.sampled_from(list(places(value))))
    outcome(slug, json.dumps(with_value(value, path, data.draw(JUNK))).encode())


@each
def test_the_same_bytes_give_the_same_records_at_any_later_hour(slug):
    whole = read(slug, WHOLE[slug][1])
    later = replace(whole, fetched_at=FETCHED_AT.replace(hour=23))
    assert SOURCES[slug].records(whole) == SOURCES[slug].records(later)
