import json
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sources.conftest import document
from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import ParseError
from tracker.sources.steel import BOARDS, SOURCE

BENCHMARKS = Path(__file__).parents[2] / "tracker" / "catalog" / "benchmarks"


@pytest.fixture
def coding(example):
    return example("steel/sweBenchVerified.json")


@pytest.fixture
def browsing(example):
    return example("steel/mind2web.json")


def changed(page, place=0, **values):
    """The page with other values in one row; None takes a field away."""
    table = json.loads(page.body)
    (rows,) = table.values()
    rows[place] = {name: value for name, value in (rows[place] | values).items() if value is not None}
    return replace(page, body=json.dumps(table).encode())


def of(page, model):
    (found,) = [score for score in SOURCE.records(page) if score.model == model]
    return found


def test_a_row_is_read_whole_with_the_page_it_stands_on(coding):
    assert SOURCE.records(coding)[0] == ScoreRecord(
        "sweBenchVerified:GPT-9",
        "GPT-9",
        "steel_swe_bench_verified",
        0.815,
        setting="xhigh",
        evaluator=Evaluator.FIRST_PARTY,
        lab="OpenAI",
        url="https://openai.com/index/an-example/",
    )


def test_who_measured_it_is_told_by_the_page_and_the_rows_own_words(coding):
    assert {score.model: score.evaluator.value for score in SOURCE.records(coding)} == {
        "GPT-9": "first-party",
        "Claude Sonnet 9": "unstated",  # independently, says the row, and points to the maker's own page
        "Qwen9-40B": "first-party",  # the maker's folder on a hub
        "GLM-9": "unstated",
        "Example-12B": "third-party",
    }


def test_another_publishers_folder_on_a_hub_is_not_the_labs(coding):
    moved = changed(coding, 2, sourceUrl="https://huggingface.co/Qwen-fans/Qwen9-40B")
    assert of(moved, "Qwen9-40B").evaluator is Evaluator.UNSTATED


def test_a_host_that_only_ends_like_a_labs_is_not_the_labs(coding):
    moved = changed(coding, 0, sourceUrl="https://notopenai.com/index/an-example/")
    assert of(moved, "GPT-9").evaluator is Evaluator.UNSTATED


def test_a_verification_that_is_awaited_is_none(coding):
    awaited = changed(coding, 3, notesShort="Self-reported; awaiting independent verification.")
    assert of(awaited, "GLM-9").evaluator is Evaluator.FIRST_PARTY


def test_what_stands_on_a_benchmarks_own_site_is_the_boards(coding):
    (rows,) = json.loads(coding.body).values()
    rows[0]["sourceUrl"] = "https://taubench.com/"
    board = replace(coding, body=json.dumps({"tauBench": rows}).encode())
    assert of(board, "GPT-9").evaluator is Evaluator.LEADERBOARD


def test_a_page_with_models_of_several_labs_is_a_third_partys(browsing):
    compared = {name: of(browsing, name).evaluator for name in ("GPT-8 (All Tools)", "Claude Sonnet 8")}
    assert set(compared.values()) == {Evaluator.THIRD_PARTY}
    alone = changed(browsing, 4, sourceUrl="https://another.example/page")
    assert of(alone, "Claude Sonnet 8").evaluator is Evaluator.UNSTATED


def test_an_agent_around_a_model_is_the_scaffold_and_its_maker_a_third_party(browsing):
    found = of(browsing, "Claude Opus 9")
    assert (found.scaffold, found.lab, found.evaluator) == ("Clicker", "Anthropic", Evaluator.THIRD_PARTY)
    assert (of(browsing, "gemini 9").scaffold, of(browsing, "gemini 9").lab) == ("Walker", "Google")


def test_a_tool_behind_a_model_is_the_scaffold_and_its_figure_the_labs_own(browsing):
    found = of(browsing, "GPT-9")
    assert (found.scaffold, found.evaluator) == ("browsing", Evaluator.FIRST_PARTY)


def test_a_bracket_behind_a_model_stays_in_its_name(browsing):
    assert of(browsing, "GPT-8 (All Tools)").scaffold == ""


def test_a_product_whose_model_nobody_knows_gives_no_score_on_a_board_of_systems(browsing):
    assert [score.key for score in SOURCE.records(browsing)] == [
        "mind2web:Clicker + Claude Opus 9",
        "mind2web:GPT-9 + browsing",
        "mind2web:Walker (gemini 9)",
        "mind2web:GPT-8 (All Tools)",
        "mind2web:Claude Sonnet 8",
    ]


def test_a_pair_of_two_models_is_neither_ones(coding):
    pair = changed(coding, 0, systemName="GPT-9 + Claude Opus 9")
    assert of(pair, "GPT-9 + Claude Opus 9").scaffold == ""


@pytest.mark.parametrize(
    ("name", "model", "setting"),
    [
        ("Claude Opus 9 Thinking", "Claude Opus 9", "thinking"),
        ("DeepSeek-V4-Flash-Max", "DeepSeek-V4-Flash", "max"),
        ("Qwen9-Max", "Qwen9-Max", "xhigh"),  # a size; the effort is of the note
        ("Kimi K9 Thinking", "Kimi K9 Thinking", "xhigh"),  # weights of their own
    ],
)
def test_a_mode_in_a_name_is_a_setting_where_it_is_no_other_model(coding, name, model, setting):
    found = SOURCE.records(changed(coding, 0, systemName=name, organization="Example"))[0]
    assert (found.model, found.setting) == (model, setting)


def test_an_effort_before_the_words_is_read_too(browsing):
    assert of(browsing, "Claude Sonnet 8").setting == "max"


def test_a_score_that_the_board_calls_about_so_much_is_no_score(coding):
    assert "Gemini 9 Pro" not in {score.model for score in SOURCE.records(coding)}
    assert of(changed(coding, 5, scoreDisplay="30%"), "Gemini 9 Pro").value == 0.3


@pytest.mark.parametrize(
    "words",
    [
        {"notesShort": "As Artificial Analysis has it."},
        {"sourceUrl": "https://artificialanalysis.ai/models/gpt-9"},
        {"sourceUrl": "https://llm-stats.com/models/gpt-9"},
    ],
)
def test_a_row_from_where_figures_may_not_be_published_again_is_dropped(coding, words):
    found = {score.model for score in SOURCE.records(changed(coding, 0, **words))}
    assert found == {score.model for score in SOURCE.records(coding)} - {"GPT-9"}


@pytest.mark.parametrize(
    ("shown", "value"),
    [("81.5", 81.5), ("1240 Elo", 1240), ("81.5%", 18.5), ("0.815", 0.815), ("81.5%", "81.5"), ("81.5%", True)],
)
def test_what_is_no_percentage_or_shown_as_another_is_refused(coding, shown, value):
    with pytest.raises(ParseError, match=r"row 1.*score"):
        SOURCE.records(changed(coding, 0, scoreDisplay=shown, scoreValue=value))


def test_more_than_a_hundred_percent_is_refused(coding):
    with pytest.raises(ParseError, match=r"row 1 \(GPT-9\): scoreValue is 101, which is no percentage"):
        SOURCE.records(changed(coding, 0, scoreDisplay="101%", scoreValue=101))


def test_fractions_are_refused(coding):
    page = coding
    for place in range(6):
        page = changed(page, place, scoreDisplay=f"0.{place + 1}%", scoreValue=(place + 1) / 10)
    with pytest.raises(ParseError, match=r"scoreValue goes up to 0\.6"):
        SOURCE.records(page)


@pytest.mark.parametrize(
    "name", ["systemName", "organization", "scoreDisplay", "scoreValue", "sourceUrl", "notesShort"]
)
def test_a_row_without_what_the_board_promises_is_refused(coding, name):
    with pytest.raises(ParseError, match="row 1"):
        SOURCE.records(changed(coding, 0, **{name: None}))


@pytest.mark.parametrize("address", ["n/a", "ftp://example.org/x", "https://", "https://[::1/x"])
def test_a_source_that_is_no_address_is_refused(coding, address):
    with pytest.raises(ParseError, match=r"row 1.*sourceUrl is"):
        SOURCE.records(changed(coding, 0, sourceUrl=address))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"[]", "not an object of one board"),
        (b"{}", "not an object of one board"),
        (b'{"osworld": [], "gaia": []}', "not an object of one board"),
        (b'{"gaia": []}', "is the board 'gaia'; known are"),
        (b'{"osworld": {}}', "osworld is not a list of rows"),
        (b'{"osworld": [7]}', "row 1: a int stands where an object"),
        (b'{"osworld": []}', "holds 0 records"),
    ],
)
def test_what_is_no_board_is_refused(coding, body, why):
    with pytest.raises(ParseError, match=why):
        SOURCE.records(replace(coding, body=body))


def test_a_system_twice_is_refused(coding):
    with pytest.raises(ParseError, match="two ScoreRecord rows"):
        SOURCE.records(changed(coding, 1, systemName="GPT-9"))


def test_every_board_is_a_benchmark_of_the_catalogue_outside_the_index():
    tables = [tomllib.loads(path.read_text("utf-8")) for path in BENCHMARKS.glob("steel-*.toml")]
    in_index = {alias: table["in_index"] for table in tables for alias in table["aliases"]}
    assert in_index == dict.fromkeys(BOARDS.values(), False)


def test_the_stored_boards_are_read(sample):
    folder = sample("steel-leaderboard")
    found = [
        score
        for url in SOURCE.urls
        for score in SOURCE.records(document((folder / url.rpartition("/")[2]).read_bytes()))
    ]
    assert Counter(score.benchmark for score in found) == {
        "steel_agentbench": 10,
        "steel_browsecomp": 48,
        "steel_clawbench": 7,
        "steel_mind2web": 8,
        "steel_osworld": 13,
        "steel_swe_bench_verified": 15,
        "steel_tau_bench": 12,
        "steel_webarena": 3,
        "steel_webvoyager": 2,
    }
    assert {score.evaluator for score in found} == set(Evaluator) - {Evaluator.OWN}
    assert {(score.scaffold, score.model) for score in found if score.scaffold} == {
        ("ABP", "Claude Opus 4.6"),
        ("Agent S2", "Claude 3.7"),
        ("Agent-E", "gpt-4o"),
        ("Browser Use", "gpt-4o"),
        ("SeeAct", "gpt-4o"),
        ("WebOperator", "GPT-4o"),
        ("browsing", "GPT-4o"),
    }
