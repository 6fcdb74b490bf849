from dataclasses import replace

import pytest

from tests.sources.conftest import document
from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import ParseError
from tracker.sources.vectara import BEGIN, END, HOMEPAGE, SOURCE


@pytest.fixture
def board(example):
    return example("vectara/README.md")


def with_text(page, old, new):
    assert page.body.count(old) == 1
    return replace(page, body=page.body.replace(old, new))


def test_a_row_is_the_share_of_summaries_with_something_made_up(board):
    assert SOURCE.records(board)[0] == ScoreRecord(
        "example-lab/example-mini",
        "example-lab/example-mini",
        "vectara_hallucination",
        0.024,
        evaluator=Evaluator.LEADERBOARD,
        lab="example-lab",
        url=HOMEPAGE,
    )


def test_only_the_board_of_the_page_is_read(board):
    assert [score.value for score in SOURCE.records(board)] == [0.024, 0.053, 0.107, 0.082, 0]


def test_an_effort_in_the_middle_of_a_name_is_a_setting_and_one_at_its_end_may_be_a_size(board):
    settings = [(score.model, score.setting) for score in SOURCE.records(board)][2:]
    assert settings == [
        ("openai/example-5-2026-01-01", "high"),
        ("openai/example-5-2026-01-01", "low"),
        ("example-2-max", ""),
    ]


def test_a_name_without_a_publisher_names_no_lab(board):
    assert SOURCE.records(board)[-1].lab == ""


def test_columns_are_found_by_name_in_any_order(board):
    before, begin, rest = board.body.decode().partition(BEGIN)
    table, end, after = rest.partition(END)
    lines = [
        "|" + "|".join(reversed(line.strip("|").split("|"))) + "|" if line.startswith("|") else line
        for line in table.split("\n")
    ]
    turned = before + begin + "\n".join(lines) + end + after
    assert "|Factual Consistency Rate|Hallucination Rate|Model|" in turned
    assert SOURCE.records(replace(board, body=turned.encode())) == SOURCE.records(board)


def test_fractions_are_refused(board):
    with pytest.raises(ParseError, match=r"line 16 .*0\.024 and 0\.976 percent do not make a whole"):
        SOURCE.records(with_text(board, b"2.4 %|97.6 %", b"0.024 %|0.976 %"))


@pytest.mark.parametrize("cell", [b"", b"n/a", b"2.4", b"-2.4 %", b"nan %", b"2.4 % or so"])
def test_what_is_no_percentage_is_refused(board, cell):
    with pytest.raises(ParseError, match=r"line 16 \(example-lab/example-mini\): Hallucination Rate is"):
        SOURCE.records(with_text(board, b"|2.4 %|", b"|" + cell + b"|"))


def test_more_than_the_whole_is_refused(board):
    with pytest.raises(ParseError, match="do not make a whole"):
        SOURCE.records(with_text(board, b"2.4 %|97.6 %", b"102.4 %|97.6 %"))


@pytest.mark.parametrize("column", ["Model", "Hallucination Rate", "Factual Consistency Rate"])
def test_a_renamed_column_is_refused(board, column):
    with pytest.raises(ParseError, match=f"has not one column {column};"):
        SOURCE.records(with_text(board, f"|{column}|".encode(), b"|Other|"))


@pytest.mark.parametrize("mark", [BEGIN, END])
def test_a_board_without_its_marks_or_with_two_of_one_is_refused(board, mark):
    for instead in (b"", f"{mark}\n{mark}".encode()):
        with pytest.raises(ParseError, match="has no board between"):
            SOURCE.records(with_text(board, mark.encode(), instead))


def test_a_second_table_on_the_board_is_refused(board):
    again = "|Model|Rate|\n|---|---|\n|other|1 %|\n\n" + END
    with pytest.raises(ParseError, match="2 cells in 5 columns"):
        SOURCE.records(with_text(board, END.encode(), again.encode()))


def test_a_table_without_a_rule_under_its_heading_is_refused(board):
    with pytest.raises(ParseError, match="no table with a heading"):
        SOURCE.records(with_text(board, b"|----|----:|----:|----:|----:|\n", b""))


def test_a_row_without_a_model_is_refused(board):
    with pytest.raises(ParseError, match="line 16: there is no model"):
        SOURCE.records(with_text(board, b"|example-lab/example-mini|", b"| |"))


def test_a_model_twice_is_refused(board):
    with pytest.raises(ParseError, match="two ScoreRecord rows"):
        SOURCE.records(with_text(board, b"example-5-low", b"example-5-high"))


def test_the_stored_page_is_read(sample):
    page = sample("markdown-leaderboards") / "vectara-hallucination" / "README.md"
    found = SOURCE.records(document(page.read_bytes()))
    assert len(found) == 96
    assert (found[0].model, found[0].value) == ("antgroup/finix_s1_32b", 0.018)
    settings = [(score.model, score.setting) for score in found if "o4-mini" in score.model]
    assert settings == [("openai/o4-mini-2025-04-16", "low"), ("openai/o4-mini-2025-04-16", "high")]
    assert max(score.value for score in found) == 0.242
