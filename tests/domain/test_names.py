"""What names mean: spellings that are one, settings taken off, and the neighbours that must never be swallowed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.names import Known, Match, Reading, Setting, normalise, resolve, split, suggest

ALIASES = {
    normalise(name): Known(slug, released)
    for name, slug, released in [
        ("GPT-4o mini", "gpt-4o-mini", date(2024, 7, 18)),
        ("gpt-4o-2024-08-06", "gpt-4o-aug-2024", date(2024, 8, 6)),
        ("gpt-5-2025-08-07", "gpt-5", date(2025, 8, 7)),
        ("GPT-5", "gpt-5", date(2025, 8, 7)),
        ("gpt-4.1", "gpt-4-1", date(2025, 4, 14)),
        ("claude-opus-4-5", "claude-opus-4-5", date(2025, 11, 24)),
        ("claude-opus-4-5-20251101", "claude-opus-4-5", date(2025, 11, 24)),
        ("Kimi K2", "kimi-k2", date(2025, 7, 11)),
        ("kimi-k2.5", "kimi-k2-5", date(2026, 1, 27)),
        ("DeepSeek-V3.2", "deepseek-v3-2", date(2025, 12, 1)),
        ("deepseek-chat 2025-12-01", "deepseek-v3-2", date(2025, 12, 1)),
        ("Llama-2-7b", "llama-2-7b", date(2023, 7, 18)),
        ("Qwen3-8B", "qwen3-8b", date(2025, 4, 29)),
        ("Qwen3-Max", "qwen3-max", date(2025, 9, 24)),
        ("amazon.nova-lite-v1:0", "nova-lite", date(2024, 12, 3)),
        ("codestral", "codestral-may-2024", None),
    ]
}


def slug(name: str, released: date | None = None) -> str | None:
    match = resolve(name, ALIASES, released)
    return match.slug if match else None


def setting(name: str) -> Setting:
    match = resolve(name, ALIASES)
    assert match is not None
    return match.setting


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GPT-5.3 Codex\n", "gpt-5.3-codex"),
        ("Llama-2-70b-hf ", "Llama-2-70b-hf"),
        ("GPT\u20115\u2011Codex", "GPT-5-Codex"),
        ("Qwen1_8B", "qwen1 8b"),
        ("GPT-4o (Aug 2024)", "gpt-4o-aug-2024"),
        ("Jais-30b\t\t (phase 1)", "jais 30b phase 1"),
        ("Men\u2019s model", "Men's model"),
        ("claude-opus-4-5@20251101", "claude-opus-4-5-20251101"),
        ("ALLaM\u00a0adapted 70B", "ALLaM adapted 70B"),
    ],
)
def test_names_that_differ_only_in_case_blanks_or_separators_share_a_key(one, other):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-4.1", "gpt-4-1"),
        ("gpt-4.1", "gpt-41"),
        ("GPT-3.5", "GPT-35"),
        ("Command R", "Command R+"),
        ("Qwen3-14B", "Qwen3-1.4B"),
        ("gpt-4", "gpt-4o"),
        ("o1-pro", "o1 preview"),
        ("meta/llama", "meta-llama"),
    ],
)
def test_dots_pluses_and_letters_tell_names_apart(one, other):
    assert normalise(one) != normalise(other)


@given(st.text(max_size=60))
def test_a_key_is_its_own_key(name):
    assert normalise(normalise(name)) == normalise(name)


@given(st.text(max_size=300))
def test_the_first_reading_of_any_text_is_the_text_itself(name):
    assert normalise(split(name)[0].base) == normalise(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gpt-5-2025-08-07_high", Setting(effort="high")),
        ("gpt-5-2025-08-07_xhigh", Setting(effort="xhigh")),
        ("gpt-5-2025-08-07_unknown", Setting(effort="unknown")),
        ("gpt-5-2025-08-07_none", Setting(effort="none")),
        ("gpt-5-2025-08-07_promax", Setting(effort="max", mode="pro")),
        ("gpt-5-2025-08-07-nothinking", Setting(mode="non-thinking")),
        ("gpt-5-2025-08-07-medium", Setting(effort="medium")),
        ("GPT-5 (Low)", Setting(effort="low")),
        ("GPT-5 (unknown thinking)", Setting(effort="unknown")),
        ("gpt-5-minimal", Setting(effort="minimal")),
        ("gpt-5:max", Setting(effort="max")),
        ("gpt-5-webapp", Setting(host="web app")),
        ("gpt-5-web-app", Setting(host="web app")),
        ("claude-opus-4-5-20251101_32K", Setting(budget=32_000)),
        ("claude-opus-4-5-20251101_16k", Setting(budget=16_000)),
        ("claude-opus-4-5-20251101 (24K thinking)", Setting(budget=24_000)),
        ("claude-opus-4-5-20251101 (32k thinking tokens)", Setting(budget=32_000)),
        ("claude-opus-4-5-20251101 (no thinking)", Setting(mode="non-thinking")),
        ("claude-opus-4-5-20251101-thinking-64k-high-effort", Setting(effort="high", budget=64_000)),
        ("claude-opus-4-5-thinking-auto-low-effort", Setting(effort="low", mode="thinking")),
        ("claude-opus-4-5@20251101", Setting(host="vertex")),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", Setting(host="bedrock")),
        ("anthropic.claude-opus-4-5-v1", Setting(host="bedrock")),
        ("DeepSeek-V3.2 (Reasoner)", Setting(mode="thinking")),
        ("DeepSeek-V3.2_thinking", Setting(mode="thinking")),
        ("deepseek/deepseek-v3.2:free", Setting(host="openrouter")),
        ("fireworks/deepseek-v3p2", Setting(host="fireworks")),
        ("accounts/fireworks/models/kimi-k2p5", Setting(host="fireworks")),
        ("together/deepseek-ai/DeepSeek-V3.2", Setting(host="together")),
        ("chutes/Qwen3-8B", Setting(host="chutes")),
        ("parasail-qwen3-8b", Setting(host="parasail")),
        ("Qwen/Qwen3-8B", Setting()),
        ("Llama-2-7b (8-shot)", Setting(shots="8")),
        ("Llama-2-7b (One-shot)", Setting(shots="1")),
        ("Qwen3-8B (100 steps)", Setting(mode="100 steps")),
    ],
)
def test_the_setting_is_taken_out_of_the_name(name, expected):
    assert setting(name) == expected


def test_readings_go_from_the_most_literal_to_the_most_stripped():
    assert split("openai/gpt-oss-120b_high") == [
        Reading("openai/gpt-oss-120b_high"),
        Reading("gpt-oss-120b_high"),
        Reading("openai/gpt-oss-120b", Setting(effort="high")),
        Reading("gpt-oss-120b", Setting(effort="high")),
    ]


def test_a_name_that_is_an_alias_as_it_stands_is_not_taken_apart():
    assert resolve("amazon.nova-lite-v1:0", ALIASES) == Match("nova-lite", Setting(), "amazon.nova-lite-v1-0")


@pytest.mark.parametrize("name", ["gpt-4o-mini-2024-07-18", "gpt-4o-mini-20240718", "gpt-4o-mini-07-18-2024"])
def test_a_date_is_taken_off_where_the_model_was_released_on_it(name):
    assert slug(name) == "gpt-4o-mini"


def test_a_date_without_a_day_or_a_year_must_agree_as_far_as_it_goes():
    assert slug("kimi-k2-0711") == "kimi-k2"
    assert slug("kimi-k2-2507") == "kimi-k2"
    assert slug("kimi-k2-07-2025") == "kimi-k2"
    assert slug("kimi-k2-0905") is None


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o-mini-2025-01-01",  # another snapshot
        "gpt-4o-2024-11-20",  # the catalogue knows the August one only
        "gpt-4o",  # names whichever snapshot is current
        "gpt-5-2025-10-03",
        "claude-opus-4-5-20260101",
        "gpt-4-1",  # not 4.1
        "gpt-5-mini",
        "gpt-5-pro",
        "gpt-5-pre-release_xhigh",
        "kimi-k2-thinking",  # other weights than Kimi K2
        "Qwen3-8B-Base",
        "Qwen3-80B",
        "Qwen3-8B-FP8",
        "qwen3",  # "-max" behind a bare hyphen is no effort
        "someone/llama-2-7b",
        "llama-2-7b-someones-tune",
        "Llama-2-7b + gpt-4.1",
        "OpenHands with GPT-5",
        "codestral-2405",  # the alias's model states no date
        "",
        "   ",
    ],
)
def test_a_neighbour_is_not_swallowed(name):
    assert resolve(name, ALIASES) is None


def test_an_effort_behind_a_hyphen_leaves_sizes_alone():
    assert setting("Qwen3-Max") == Setting()
    assert resolve("Qwen3-medium", {normalise("Qwen3"): Known("qwen3")}) is None


def test_the_date_beside_a_name_tells_which_model_it_stood_for():
    assert slug("deepseek-chat") is None
    assert slug("deepseek-chat", date(2025, 12, 1)) == "deepseek-v3-2"
    assert slug("deepseek-chat", date(2024, 12, 26)) is None
    assert slug("gpt-4o", date(2024, 8, 6)) == "gpt-4o-aug-2024"
    assert slug("deepseek-chat_high", date(2025, 12, 1)) == "deepseek-v3-2"


def test_the_date_beside_a_name_never_overrules_the_name():
    assert slug("gpt-4o-2024-11-20", date(2024, 8, 6)) is None


def test_a_host_writes_points_as_p_only_where_it_must():
    assert slug("fireworks/kimi-k2p5") == "kimi-k2-5"
    assert slug("kimi-k2p5") is None


def test_a_very_long_name_is_read_once():
    assert split("-" * 50_000 + "x") == [Reading("-" * 50_000 + "x")]


def test_suggestions_are_ranked_and_bounded():
    found = suggest("claude-opus-4.5 (thinking)", ALIASES)
    assert found[0][0] == "claude-opus-4-5"
    assert len(found) == 3
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert all(0 <= score <= 1 for _, score in found)


def test_other_numbers_make_a_suggestion_weaker():
    aliases = {"qwen3-8b": Known("qwen3-8b"), "qwen3-4b": Known("qwen3-4b")}
    (first, best), (second, other) = suggest("Qwen3 8B Chat", aliases)
    assert (first, second) == ("qwen3-8b", "qwen3-4b")
    assert best > other


def test_nothing_is_suggested_without_a_shared_trigram():
    assert suggest("###", ALIASES) == []
    assert suggest("", ALIASES) == []
