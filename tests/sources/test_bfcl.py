from dataclasses import replace

import pytest

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import ParseError
from tracker.sources.bfcl import SOURCE


@pytest.fixture
def board(example):
    return example("bfcl/data_overall.csv")


def with_text(page, old, new):
    assert page.body.count(old) >= 1
    return replace(page, body=page.body.replace(old, new))


def test_a_row_is_read_whole(board):
    assert SOURCE.records(board)[0] == ScoreRecord(
        "Example-Opus-5-20260115 (FC)",
        "Example-Opus-5-20260115",
        "bfcl_v4",
        0.7747,
        setting="function calling",
        evaluator=Evaluator.LEADERBOARD,
        lab="Example Lab",
        url="https://gorilla.cs.berkeley.edu/leaderboard.html",
    )


def test_two_ways_of_calling_are_two_settings_of_one_model(board):
    opus = [score for score in SOURCE.records(board) if score.model == "Example-Opus-5-20260115"]
    assert [(score.setting, score.value) for score in opus] == [("function calling", 0.7747), ("prompted", 0.3347)]
    assert len({score.key for score in opus}) == 2


def test_a_mode_with_more_words_keeps_them_and_a_name_without_one_stays_whole(board):
    settings = {score.model: score.setting for score in SOURCE.records(board)}
    assert settings["Open-Example-V3.2-Exp"] == "prompt + thinking"
    assert settings["BitExample-8B"] == ""


def test_a_bracket_that_is_no_mode_belongs_to_the_name(board):
    other = with_text(board, b"BitExample-8B", b"BitExample-8B (Base)")
    assert "BitExample-8B (Base)" in {score.model for score in SOURCE.records(other)}


def test_a_model_that_was_not_run_gives_no_fact(board):
    assert not any("codex" in score.model for score in SOURCE.records(board))


def test_percentages_may_stand_without_their_sign(board):
    bare = SOURCE.records(with_text(board, b"%", b""))
    assert bare == SOURCE.records(board)


def test_fractions_are_refused(board):
    body = board.body
    for value in (b"77.47%", b"62.5%", b"35.68%", b"33.47%", b"21.95%"):
        body = body.replace(b"," + value, b",0.5", 1)
    with pytest.raises(ParseError, match=r"Overall Acc goes up to 0\.5"):
        SOURCE.records(replace(board, body=body))


@pytest.mark.parametrize("value", [b"774.7%", b"-1%", b"nan", b"abc", b"77.47 of 100"])
def test_what_is_no_percentage_is_refused(board, value):
    with pytest.raises(ParseError, match=r"row 2 .*Overall Acc is"):
        SOURCE.records(with_text(board, b"77.47%", value))


@pytest.mark.parametrize("column", ["Overall Acc", "Model", "Model Link", "Organization", "License"])
def test_a_renamed_column_is_refused(board, column):
    header, _, rows = board.body.decode().partition("\n")
    renamed = ",".join("Other" if name == column else name for name in header.split(","))
    with pytest.raises(ParseError, match=f"has no column {column};"):
        SOURCE.records(replace(board, body=f"{renamed}\n{rows}".encode()))


def test_a_model_twice_in_one_mode_is_refused(board):
    with pytest.raises(ParseError, match="two ScoreRecord rows"):
        SOURCE.records(with_text(board, b"Example-Opus-5-20260115 (Prompt)", b"Example-Opus-5-20260115 (FC)"))


def test_scores_are_kept_and_not_shown():
    assert not SOURCE.may_display  # nobody says under which licence the table stands
