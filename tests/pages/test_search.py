"""Search over the real catalogue: sixty things that people type, and what they mean by them."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.pages.reading import read
from tests.pages.world import HIDDEN_BENCHMARK, NOW
from tracker.models import Alias
from tracker.pipeline.catalog import load_catalog
from tracker.queries import name_index
from tracker.queries.search import KINDS, search

GOLDEN = {
    # As the thing is called.
    "Claude Opus 4.6": "model/claude-opus-4-6",
    "gpt-5": "model/gpt-5",
    "GPT-4o mini": "model/gpt-4o-mini",
    "o3": "model/o3",
    "DeepSeek-R1": "model/deepseek-r1",
    "Kimi K2 Thinking": "model/kimi-k2-thinking",
    "Llama 3.1 405B": "model/llama-3-1-405b",
    "gpt-oss-120b": "model/gpt-oss-120b",
    "Qwen3.5 9B": "model/qwen3-5-9b",
    "Mixtral 8x22B": "model/mixtral-8x22b",
    "Gemma 4 31B": "model/gemma-4-31b",
    "grok-4-heavy": "model/grok-4-heavy",
    "GLM-130B": "model/glm-130b",
    "Mistral Large 3": "model/mistral-large-3",
    # Another order of the words.
    "claude 4.6 opus": "model/claude-opus-4-6",
    "claude 4.5 sonnet": "model/claude-sonnet-4-5",
    "405b llama 3.1": "model/llama-3-1-405b",
    "thinking kimi k2": "model/kimi-k2-thinking",
    # Slips of the fingers.
    "cluade opus 4.6": "model/claude-opus-4-6",
    "deepseek r11": "model/deepseek-r1",
    "gemni 3 pro": "model/gemini-3-pro",
    "mixtrall 8x7b": "model/mixtral-8x7b",
    "antropic": "lab/anthropic",
    "deepsek": "lab/deepseek",
    "opneai": "lab/openai",
    "misral": "lab/mistral",
    "moonshoot": "lab/moonshot",
    "swebench verified": "benchmark/swe-bench-verified",
    "gpqa dimond": "benchmark/gpqa-diamond",
    "humanitys last exam": "benchmark/hle",
    "apache licence 2": "licence/apache-2-0",
    "yan lecun": "person/yann-lecun",
    "karpathi": "person/andrej-karpathy",
    # A part of the name.
    "scout": "model/llama-4-scout",
    "maverick": "model/llama-4-maverick",
    "behemoth": "model/llama-4-behemoth-preview",
    "zuckerberg": "person/mark-zuckerberg",
    "amodei": "person/dario-amodei",
    "hassabis": "person/demis-hassabis",
    # Labs, by the names people use.
    "Anthropic": "lab/anthropic",
    "OpenAI": "lab/openai",
    "DeepSeek": "lab/deepseek",
    "Moonshot AI": "lab/moonshot",
    "NVIDIA": "lab/nvidia",
    "Hugging Face": "lab/huggingface",
    "xAI": "lab/xai",
    "MiniMax": "lab/minimax",
    # Benchmarks.
    "GPQA Diamond": "benchmark/gpqa-diamond",
    "SWE-bench Verified": "benchmark/swe-bench-verified",
    "FrontierMath": "benchmark/frontiermath",
    "ARC-AGI-2": "benchmark/arc-agi-2",
    "mmlu": "benchmark/mmlu",
    "weirdml": "benchmark/weirdml",
    # Licences.
    "MIT": "licence/mit",
    "apache-2.0": "licence/apache-2-0",
    "llama 3.1 licence": "licence/llama-3-1",
    "cc-by-nc-4.0": "licence/cc-by-nc-4-0",
    # Claims.
    "the gap will not close": "claim/the-gap-will-not-close",
    "parity on 3 december 2026": "claim/doubleword-parity-on-3-december-2026",
    "leanstral beats claude": "claim/leanstral-beats-claude",
}


def place(words: str, wanted: str) -> int:
    """Where the wanted hit stands, from 1; 0: nowhere."""
    found = [f"{hit.kind}/{hit.slug}" for hit in search(words, None)]
    return found.index(wanted) + 1 if wanted in found else 0


def test_people_find_what_they_mean(db: None) -> None:
    load_catalog(now=NOW)
    assert len(GOLDEN) == 60
    places = {words: place(words, wanted) for words, wanted in GOLDEN.items()}
    rank = sum(1 / at if at else 0.0 for at in places.values()) / len(places)
    missed = {words: at for words, at in places.items() if at != 1}
    assert rank >= 0.9, f"mean reciprocal rank {rank:.3f}; not first: {missed}"


@pytest.mark.parametrize(
    "words", ["", "  ", "---", "'", "%", "\\", "\N{COLLISION SYMBOL}", "x" * 4000, "a; DROP TABLE"]
)
def test_whatever_is_typed_is_answered(words: str, world: None, client: Client) -> None:
    response = client.get("/search/", {"q": words})
    assert response.status_code == 200


def test_a_hit_leads_to_a_page(world: None, client: Client) -> None:
    for words in ("birch", "gpt-5", "gpqa", "mit", "ada birchwood"):
        hits = client.get("/search.json", {"q": words}).json()["rows"]
        assert hits, words
        for hit in hits[:5]:
            assert client.get(hit["url"]).status_code == 200, hit


def test_what_may_not_be_shown_is_not_found(world: None, client: Client) -> None:
    assert HIDDEN_BENCHMARK not in str(client.get("/search.json", {"q": HIDDEN_BENCHMARK}).json()["rows"])


def test_a_kind_narrows_the_hits(world: None, client: Client) -> None:
    for kind in KINDS:
        hits = client.get("/search.json", {"q": "birch", "kind": kind}).json()["rows"]
        assert {hit["kind"] for hit in hits} <= {kind}


def test_an_empty_search_suggests_names_and_a_vain_one_says_so(world: None, client: Client) -> None:
    assert "Nothing is called anything like" in " ".join(read(client.get("/search/?q=zzqqxx")).words)


# What PostgreSQL counts of two names: pieces of the first, of the second, of both.
COUNTED = """
SELECT cardinality(show_trgm(%(one)s)), cardinality(show_trgm(%(other)s)),
    (SELECT count(*) FROM (SELECT unnest(show_trgm(%(one)s)) INTERSECT SELECT unnest(show_trgm(%(other)s))) both_have)
"""


@pytest.mark.parametrize(
    "words",
    ["gpt-4o-mini", "o3", "cluade-opus-4.6", "llama_3--70b", "meta-llama/llama-3.1", "r1 r1 r1", "mistral-médium", "4"],
)
def test_names_are_as_near_as_postgresql_has_it(words: str, db: None) -> None:
    load_catalog(now=NOW)
    found = name_index.names().nearest(words, 40)
    assert found
    assert [near for _, near in found] == sorted((near for _, near in found), reverse=True)
    keys = dict(Alias.objects.values_list("pk", "key"))
    with connection.cursor() as cursor:
        for number, near in found:
            cursor.execute(COUNTED, {"one": words, "other": keys[number]})
            own, other, both = cursor.fetchone()
            assert near == pytest.approx(max(both / (own + other - both), name_index.IN_PART * both / own))


def test_no_near_name_is_left_out(db: None) -> None:
    load_catalog(now=NOW)
    words, most = "claude-sonnet", Alias.objects.count()
    found = {number for number, _ in name_index.names().nearest(words, most)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM tracker_alias WHERE similarity(key, %s) >= 0.3 OR word_similarity(%s, key) >= 0.6",
            [words] * 2,
        )
        near = {row[0] for row in cursor.fetchall()}
    assert len(near) > 5
    assert near <= found


def test_a_name_that_only_begins_so_is_found(db: None) -> None:
    load_catalog(now=NOW)
    found = dict(name_index.names().nearest("g", Alias.objects.count()))
    assert {number for number, key in Alias.objects.values_list("pk", "key") if key.startswith("g")} <= found.keys()


def test_a_search_costs_as_much_with_ten_times_the_names(db: None, django_assert_max_num_queries: Any) -> None:
    load_catalog(now=NOW)
    with django_assert_max_num_queries(4):
        search("claude opus", None)
    like = Alias.objects.filter(kind="model").first()
    Alias.objects.bulk_create(
        Alias(kind="model", key=f"claude-opus-x{number}", name=f"Claude Opus X{number}", model_id=like.model_id)
        for number in range(1000)
    )
    with django_assert_max_num_queries(4):
        search("claude opus", None)
