"""Which sources' documents may be downloaded here, and that it agrees with the licence that each of them states."""

import importlib
import inspect

import pytest

from tracker.sources import SOURCES

# Licences under which anybody may pass the bytes on, with attribution.
OPEN = frozenset({"CC-BY-4.0", "MIT", "Apache-2.0", "CC0-1.0"})
# Sources under such a licence whose documents also hold what is not the publisher's to license, or is personal.
KEPT_ALL_THE_SAME = {
    "epoch_benchmarks": "tables of Artificial Analysis",
    "epoch_panel": "rows of Artificial Analysis",
    "models_dev": "scores of Artificial Analysis",
    "scancode": "the texts of licences",
    "tau2_bench": "people's addresses",
}
each = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


@each
def test_documents_are_handed_on_only_under_a_licence_that_lets_anybody(source):
    assert source.may_hand_on == (source.data_licence in OPEN and source.slug not in KEPT_ALL_THE_SAME)


@each
def test_what_may_not_be_shown_is_not_handed_on(source):
    assert source.may_display or not source.may_hand_on


@each
def test_what_is_kept_here_says_why_in_its_file(source):
    lines = inspect.getsource(importlib.import_module(source.module)).splitlines()
    stated = [number for number, line in enumerate(lines) if line.strip() == "may_hand_on=False,"]
    assert len(stated) == (not source.may_hand_on)
    assert all(lines[number - 1].strip().startswith("# ") for number in stated)


def test_the_exceptions_are_sources_that_would_be_handed_on():
    assert all(SOURCES[slug].data_licence in OPEN for slug in KEPT_ALL_THE_SAME)


def test_prose_of_labs_and_authors_is_kept_here():
    for slug in ("lab_feeds", "lab_pages", "licence_texts", "hf_cards", "github_releases"):
        assert SOURCES[slug].may_hand_on is False


# What sources.md marks A, and what it marks B and the licence lets be shown, by the file that reads it. A source
# without a licence is read and not shown.
WANTED = {
    "releases": {"models_dev", "epoch_models", "hf_hub", "hf_cards", "openrouter"},
    "benchmarks": {
        "epoch_benchmarks", "epoch_panel", "arena", "tau2_bench", "metr", "weirdml", "mmlu_pro", "bfcl", "evalplus",
        "aider", "steel", "vectara",
    },
    "licences and openness": {"licence_texts", "scancode", "spdx", "osai", "mot", "fmti"},
    "prices": {"genai_prices", "litellm", "model_prices"},
    "news": {"lab_feeds", "lab_pages", "arxiv", "github_releases"},
}  # fmt: skip


@pytest.mark.parametrize("purpose", WANTED)
def test_every_source_of_the_list_is_there(purpose):
    assert WANTED[purpose] <= SOURCES.keys()


def test_a_source_without_a_stated_licence_is_not_shown_but_for_the_flags_of_spdx():
    shown = {slug for slug, source in SOURCES.items() if source.data_licence == "none stated" and source.may_display}
    assert shown == {"spdx"}  # which licence OSI has approved is a fact that OSI tells


def test_news_are_twenty_feeds_or_more():
    assert len(SOURCES["lab_feeds"].urls) >= 20
