from dataclasses import replace
from datetime import date

import pytest

from tests.sources.conftest import document
from tracker.domain.records import Evaluator, ScoreRecord, When
from tracker.sources.aider import SOURCE
from tracker.sources.base import ParseError


@pytest.fixture
def board(example):
    return example("aider/polyglot_leaderboard.yml")


def with_text(page, old, new):
    assert page.body.count(old) >= 1
    return replace(page, body=page.body.replace(old, new))


def test_a_run_is_read_whole(board):
    assert SOURCE.records(board)[1] == ScoreRecord(
        "2025-06-25-10-00-00--example-o-high",
        "example-o (high)",
        "aider_polyglot",
        0.796,
        setting="high",
        scaffold="Aider, diff",
        evaluator=Evaluator.LEADERBOARD,
        evaluated=When(date(2025, 6, 25)),
        url="https://aider.chat/docs/leaderboards/",
    )


def test_the_score_is_that_of_the_second_try_as_a_proportion(board):
    assert [score.value for score in SOURCE.records(board)] == [0.418, 0.796, 0.782, 0.551, 0.08, 0.164]


def test_effort_and_budget_stay_in_the_name(board):
    names = [score.model for score in SOURCE.records(board)]
    assert names[1] == "example-o (high)"
    assert names[3] == "example-flash-preview-05-20 (24k think)"


def test_a_pair_of_models_keeps_the_pairs_name_and_is_given_to_neither(board):
    pair = SOURCE.records(board)[2]
    assert (pair.model, pair.scaffold) == ("example-o (high) + example-1", "Aider, architect")


def test_two_runs_of_one_model_in_two_formats_are_two_facts(board):
    runs = [score for score in SOURCE.records(board) if score.model == "Open-Example-32B"]
    assert {(run.scaffold, run.value) for run in runs} == {("Aider, diff", 0.08), ("Aider, whole", 0.164)}


def test_fractions_are_refused(board):
    body = board.body
    for value in (b"41.8", b"79.6", b"78.2", b"55.1", b"8.0", b"16.4"):
        body = body.replace(b"pass_rate_2: " + value, b"pass_rate_2: 0.5")
    with pytest.raises(ParseError, match=r"pass_rate_2 goes up to 0\.5"):
        SOURCE.records(replace(board, body=body))


@pytest.mark.parametrize("value", [b"418", b"-1", b".nan", b"'41.8'", b"null", b"true"])
def test_what_is_no_percentage_is_refused(board, value):
    with pytest.raises(ParseError, match=r"run 1.*pass_rate_2"):
        SOURCE.records(with_text(board, b"pass_rate_2: 41.8", b"pass_rate_2: " + value))


def test_a_renamed_score_is_refused(board):
    with pytest.raises(ParseError, match=r"run 1 .*there is no pass_rate_2"):
        SOURCE.records(with_text(board, b"pass_rate_2", b"score"))


def test_a_run_twice_is_refused(board):
    with pytest.raises(ParseError, match="two ScoreRecord rows"):
        SOURCE.records(
            with_text(board, b"2024-12-22-10-00-00--open-example-whole", b"2024-12-26-10-00-00--open-example-diff")
        )


def test_what_is_no_list_is_refused(board):
    with pytest.raises(ParseError, match="is not a list of runs"):
        SOURCE.records(replace(board, body=b"runs: []\n"))


def test_the_stored_board_is_read(sample):
    found = SOURCE.records(document((sample("aider") / "polyglot_leaderboard.yml").read_bytes()))
    assert len(found) == 69
    assert [score.model for score in found if " + " in score.model] == [
        "DeepSeek R1 + claude-3-5-sonnet-20241022",
        "QwQ-32B + Qwen 2.5 Coder Instruct",
        "o3 (high) + gpt-4.1",
    ]
    assert max(score.evaluated.on for score in found if score.evaluated) == date(2025, 10, 3)
