import json
from dataclasses import replace

import pytest

from tests.sources.conftest import document
from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import ParseError
from tracker.sources.evalplus import HOMEPAGE, SOURCE


@pytest.fixture
def board(example):
    return example("evalplus/results.json")


def changed(page, change):
    table = json.loads(page.body)
    change(table)
    return replace(page, body=json.dumps(table).encode())


def test_a_model_is_one_score_for_each_benchmark(board):
    found = SOURCE.records(board)
    assert found[1] == ScoreRecord(
        "humaneval+:Open-Example-8B-Instruct",
        "Open-Example-8B-Instruct",
        "humaneval+",
        0.774,
        evaluator=Evaluator.LEADERBOARD,
        lab="open-example",
        url=HOMEPAGE,
    )
    assert [score.benchmark for score in found[:4]] == ["humaneval", "humaneval+", "mbpp", "mbpp+"]


def test_what_was_not_measured_is_no_nought(board):
    found = [score for score in SOURCE.records(board) if score.model == "Code-Example+-2B"]
    assert [score.benchmark for score in found] == ["humaneval", "humaneval+"]


def test_a_link_to_a_paper_or_a_product_names_no_lab(board):
    labs = {score.model: score.lab for score in SOURCE.records(board)}
    assert labs == {"Open-Example-8B-Instruct": "open-example", "Example-2 (June 2024)": "", "Code-Example+-2B": ""}


def test_a_model_twice_is_refused_and_not_lost(board):
    twice = replace(board, body=board.body.replace(b"Example-2 (June 2024)", b"Open-Example-8B-Instruct"))
    assert len(json.loads(twice.body)) == 2  # what a plain reader makes of it
    with pytest.raises(ParseError, match="holds 'Open-Example-8B-Instruct' twice"):
        SOURCE.records(twice)


def test_fractions_are_refused(board):
    def divide(table):
        for row in table.values():
            row["pass@1"] = {name: value and value / 100 for name, value in row["pass@1"].items()}

    with pytest.raises(ParseError, match=r"pass@1 goes up to 0\.894"):
        SOURCE.records(changed(board, divide))


@pytest.mark.parametrize("value", [101, -1, "81.7", True, [81.7]])
def test_what_is_no_percentage_is_refused(board, value):
    with pytest.raises(ParseError, match=r"Open-Example-8B-Instruct.*humaneval"):
        SOURCE.records(
            changed(board, lambda table: table["Open-Example-8B-Instruct"]["pass@1"].update(humaneval=value))
        )


@pytest.mark.parametrize("body", [b"[]", b"7", b'{"a": {}}', b'{"a": 7}', b"{", b"", b"[" * 100_000])
def test_what_is_no_board_is_refused(board, body):
    with pytest.raises(ParseError, match=r"https://example\.org/"):
        SOURCE.records(replace(board, body=body))


def test_the_stored_board_is_read(sample):
    found = SOURCE.records(document((sample("evalplus") / "results.json").read_bytes()))
    assert len(found) == 4 * 125 - 72
    assert len({score.model for score in found}) == 125
