from dataclasses import replace

import pytest

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import ParseError
from tracker.sources.mmlu_pro import HOMEPAGE, SOURCE


@pytest.fixture
def board(example):
    return example("mmlu_pro/results.csv")


def with_text(page, old, new):
    assert page.body.count(old) >= 1
    return replace(page, body=page.body.replace(old, new))


def test_a_row_is_read_whole_behind_a_byte_order_mark(board):
    assert board.body.startswith(b"\xef\xbb\xbf")
    assert SOURCE.records(board)[0] == ScoreRecord(
        "Example-1-chat:leaderboard",
        "Example-1-chat",
        "mmlu_pro",
        0.7255,
        evaluator=Evaluator.LEADERBOARD,
        url=HOMEPAGE,
    )


def test_who_measured_is_read_through_the_typing_errors(board):
    assert [(score.model, score.evaluator) for score in SOURCE.records(board)] == [
        ("Example-1-chat", Evaluator.LEADERBOARD),
        ("Open-Example-70B-Instruct", Evaluator.LEADERBOARD),
        ("Open-Example-70B-Instruct", Evaluator.FIRST_PARTY),
        ("Example-4.6(Thinking)", Evaluator.FIRST_PARTY),
        ("Diffusion-Example", Evaluator.LEADERBOARD),
        ("Open-Example-7B", Evaluator.LEADERBOARD),
    ]


def test_a_dash_is_no_score(board):
    assert not any(score.model == "Unmeasured-Example" for score in SOURCE.records(board))


def test_the_same_row_twice_is_one_fact_and_two_scores_are_two(board):
    assert [score.key for score in SOURCE.records(board) if score.model == "Diffusion-Example"] == [
        "Diffusion-Example:leaderboard"
    ]
    other = replace(
        board, body=board.body.replace(b"Diffusion-Example,8,TIGER-Lab,0.37", b"Diffusion-Example,8,TIGER-Lab,0.38", 1)
    )
    assert [(score.key, score.value) for score in SOURCE.records(other) if score.model == "Diffusion-Example"] == [
        ("Diffusion-Example:leaderboard", 0.38),
        ("Diffusion-Example:leaderboard#2", 0.37),
    ]


def test_a_row_without_its_last_subject_is_read_and_one_that_was_cut_off_is_not(board):
    assert any(score.model == "Open-Example-7B" for score in SOURCE.records(board))
    cut = board.body[: board.body.index(b"Open-Example-7B") + len(b"Open-Example-7B,7,TIGER-Lab,0.28")]
    with pytest.raises(ParseError, match="line 8: 4 cells for 18 columns"):
        SOURCE.records(replace(board, body=cut))


def test_a_third_data_source_is_refused(board):
    with pytest.raises(ParseError, match="'Vendor' is no data source"):
        SOURCE.records(with_text(board, b"Sefl-Reported", b"Vendor"))


@pytest.mark.parametrize("value", [b"72.55", b"-0.1", b"nan", b"inf", b"high"])
def test_what_is_no_fraction_is_refused(board, value):
    with pytest.raises(ParseError, match=r"line 2 \(Example-1-chat\): Overall is"):
        SOURCE.records(with_text(board, b"0.7255", value))


@pytest.mark.parametrize("column", [b"Models", b"Data Source", b"Overall"])
def test_a_renamed_column_is_refused(board, column):
    with pytest.raises(ParseError, match=f"has no column {column.decode()}"):
        SOURCE.records(replace(board, body=board.body.replace(column, b"Other name", 1)))


def test_a_page_and_an_empty_answer_are_refused(board):
    with pytest.raises(ParseError, match="web page"):
        SOURCE.records(replace(board, body=b"<!doctype html><p>moved</p>"))
    with pytest.raises(ParseError, match="has no column Models"):
        SOURCE.records(replace(board, body=b""))
