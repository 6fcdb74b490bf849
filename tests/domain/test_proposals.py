"""Titles and repositories of ours: which of them speak of a model that the catalogue does not have."""

import time

import pytest

from tracker.domain.names import Known, normalise
from tracker.domain.proposals import Pattern, Proposal, families, from_repository, from_title, merged

MODELS = {
    "Claude Opus 4": "Anthropic",
    "Claude Sonnet 4": "Anthropic",
    "GPT-5": "OpenAI",
    "GPT-5 mini": "OpenAI",
    "o3": "OpenAI",
    "Gemini 2.5 Pro": "Google",
    "Gemma 3 27B": "Google",
    "DeepSeek-V3.2": "DeepSeek",
    "Qwen3-32B": "Alibaba (Qwen)",
    "Kimi K2": "Moonshot AI",
    "Mistral Medium 3": "Mistral AI",
    "Codestral 2": "Mistral AI",
    "Step 3": "StepFun",
    "Muse Light": "Meta",
    "Spark 4": "iFlytek",
    "A.X 3.1": "SK Telecom",
}
ALIASES = {normalise(name): Known(normalise(name)) for name in MODELS} | {"gpt-5-high": Known("gpt-5")}
FAMILIES = families(MODELS.items())


def proposed(title: str, lab: str = "Example Lab") -> list[tuple[str, str, str]]:
    found = from_title(title, lab=lab, families=FAMILIES, aliases=ALIASES)
    return [(proposal.name, proposal.lab, proposal.pattern.value) for proposal in found]


@pytest.mark.parametrize(
    ("title", "name", "lab", "pattern"),
    [
        ("Introducing Claude Opus 5", "Claude Opus 5", "Anthropic", "introduces"),
        ("Introducing: GPT-6", "GPT-6", "OpenAI", "introduces"),
        ("Meet Gemma 4: small and open", "Gemma 4", "Google", "introduces"),
        ("GPT-6 is here", "GPT-6", "OpenAI", "introduces"),
        ("GPT-6 mini is now available in the API", "GPT-6 mini", "OpenAI", "introduces"),
        ("Gemini 4 Ultra: what is new", "Gemini 4 Ultra", "Google", "introduces"),
        ("Qwen4 Technical Report", "Qwen4", "Alibaba (Qwen)", "introduces"),
        ("DeepSeek-V5 正式版发布 2026/12/01", "DeepSeek-V5", "DeepSeek", "introduces"),
        ("DeepSeek-V5-Exp 发布", "DeepSeek-V5-Exp", "DeepSeek", "introduces"),
        ("Kimi K4 Official Launch", "Kimi K4", "Moonshot AI", "introduces"),
        ("Announcing Qwen4-235B-A22B", "Qwen4-235B-A22B", "Alibaba (Qwen)", "introduces"),
        ("Introducing Muse Spark 2", "Muse Spark 2", "Meta", "introduces"),
        ("Mistral Large 4", "Mistral Large 4", "Mistral AI", "title"),
        ("Codestral 26.11", "Codestral 26.11", "Mistral AI", "title"),
        ("Step 5 Flash", "Step 5 Flash", "StepFun", "title"),
        ("Remote agents, powered by Mistral Medium 4.", "Mistral Medium 4", "Mistral AI", "mentions"),
        ("How we tested “Claude Sonnet 6”", "Claude Sonnet 6", "Anthropic", "mentions"),
        ("GPT-6’s new voice", "GPT-6", "OpenAI", "mentions"),
        ("Introducing Zephyrine", "Zephyrine", "Example Lab", "introduces"),
        ("Introducing Zephyrine 2: a model for the sea", "Zephyrine 2", "Example Lab", "introduces"),
        ("Zephyrine 2.5 Mini", "Zephyrine 2.5 Mini", "Example Lab", "title"),
    ],
)
def test_a_title_that_speaks_of_a_new_model_proposes_it_for_the_lab_that_makes_it(title, name, lab, pattern):
    assert proposed(title) == [(name, lab, pattern)]


@pytest.mark.parametrize(
    "title",
    [
        "Introducing GPT-5",  # the catalogue has it
        "GPT-5 (high) on your desk",
        "Gemma 3 is now available",  # as one of its sizes
        "What Claude Opus 4 changed",
        "Claude is now available in Europe",
        "Introducing Claude to Canada",
        "Claude for Life Sciences",
        "Introducing Agent Skills",
        "Introducing the Example Index",
        "Introducing Example Bench",
        "Introducing SeaBench 2",
        "Introducing ShoreQA",
        "Announcing the first Example cohort",
        "Announcing PromptIDE",
        "Hello from our new office",
        "Example Lab raises 3 billion in Series F",
        "Example Lab and GPT partner on 5 things",
        "Three steps to a better prompt: step 4",
        "Gemini in 2026",
        "Claude 2026 recap",
        "Redeploying Example 5",
        "A2C and other baselines",  # a letter is a family for its own lab alone
        "Speech 3",
        "Our approach to safety",
        "2026",
        "发布会",
        "API 升级 2026/07/25",
        "",
        "🤖",
    ],
)
def test_a_title_that_speaks_of_no_new_model_proposes_nothing(title):
    assert proposed(title) == []


def test_a_title_may_speak_of_two_models():
    assert proposed("GPT-6 and Claude Opus 5 compared") == [
        ("GPT-6", "OpenAI", "mentions"),
        ("Claude Opus 5", "Anthropic", "mentions"),
    ]


def test_a_family_of_one_letter_is_known_at_home():
    assert proposed("OpenAI o7-mini", "OpenAI") == [("o7-mini", "OpenAI", "mentions")]
    assert proposed("We ran o7-mini for a day", "Example Lab") == []


def test_the_lab_with_most_models_has_the_family():
    assert families([("Llama 3", "Meta"), ("Llama 4", "Meta"), ("Llama-3-Hermes", "Nous")]) == {"llama": "Meta"}


@pytest.mark.parametrize(
    ("repository", "name"),
    [
        ("Qwen/Qwen4-32B-Instruct", "Qwen4-32B"),
        ("Qwen/Qwen4-32B-Base", "Qwen4-32B"),
        ("example/zephyrine-7b-sft-hf", "zephyrine-7b"),
        ("Qwen/Qwen3-32B", None),
        ("Qwen/Qwen3-32B-Instruct", None),
        ("example/zephyrine-embed-7b", None),
        ("example/tts-1b", None),
    ],
)
def test_a_repository_that_no_alias_explains_is_proposed_without_its_edition(repository, name):
    found = from_repository(repository, lab="Example Lab", aliases=ALIASES)
    assert found == (name and Proposal(name, "Example Lab", Pattern.REPOSITORY, (repository,)))


def test_the_same_name_is_one_proposal_with_all_that_say_so_and_the_surest_reason():
    titles = ("GPT-6’s new voice", "Introducing GPT-6", "gpt-6 in practice", "Zephyrine 2")
    rows = merged(
        proposal for title in titles for proposal in from_title(title, lab="OpenAI", families=FAMILIES, aliases=ALIASES)
    )
    assert [(row.name, row.pattern, row.seen_in) for row in rows] == [
        ("GPT-6", Pattern.INTRODUCES, ("Introducing GPT-6", "GPT-6’s new voice", "gpt-6 in practice")),
        ("Zephyrine 2", Pattern.TITLE, ("Zephyrine 2",)),
    ]
    assert rows[0].reason == "“Introducing GPT-6” introduces it, and 2 more."


def test_a_reason_can_be_read_without_its_pattern():
    found = from_repository("Qwen/Qwen4-32B", lab="Alibaba (Qwen)", aliases=ALIASES)
    assert found is not None
    assert found.reason == "“Qwen/Qwen4-32B” is a repository of weights."


@pytest.mark.parametrize("title", ["GPT-" * 50_000, "Claude " * 50_000, "GPT-9." * 50_000, "Introducing A" * 50_000])
def test_a_title_that_goes_on_for_ever_costs_no_time(title):
    began = time.perf_counter()
    proposed(title)
    assert time.perf_counter() - began < 0.5
