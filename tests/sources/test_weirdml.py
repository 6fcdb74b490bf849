from dataclasses import replace
from datetime import date

import pytest

from tests.sources.conftest import document
from tracker.domain.records import Evaluator, ScoreRecord, When
from tracker.sources.base import ParseError
from tracker.sources.weirdml import SOURCE


@pytest.fixture
def table(example):
    return example("weirdml/weirdml_data.csv")


def with_text(page, old, new):
    assert page.body.count(old) >= 1
    return replace(page, body=page.body.replace(old, new))


def test_a_row_is_read_whole(table):
    assert SOURCE.records(table)[0] == ScoreRecord(
        "example-5:max",
        "example-5 (max)",
        "weirdml",
        0.9125,
        stderr=0.0025,
        evaluator=Evaluator.LEADERBOARD,
        released=When(date(2026, 6, 9)),
        url="https://htihle.github.io/weirdml.html",
    )


def test_the_effort_stays_in_the_display_name_and_a_quoted_comma_is_no_new_cell(table):
    assert [score.model for score in SOURCE.records(table)] == [
        "example-5 (max)",
        "example-5 (no thinking)",
        "example-small-4.5 (high, 16k)",
        "open-example-120b (high)",
        "open-example-27b",
    ]


def test_blank_cells_are_not_stated(table):
    *_, fourth, fifth = SOURCE.records(table)
    assert fourth.stderr is None
    assert fifth.released is None


def test_a_mean_over_other_tasks_is_another_benchmark(table):
    with pytest.raises(ParseError, match="has 16 tasks, where WeirdML has 17"):
        SOURCE.records(with_text(table, b"task_q_acc", b"task_q_score"))


def test_a_mean_that_is_not_its_tasks_mean_is_refused(table):
    with pytest.raises(ParseError, match=r"row 2: avg_acc is 0\.5"):
        SOURCE.records(with_text(table, b"0.9125,0.0025", b"0.5,0.0025"))


@pytest.mark.parametrize("value", [b"91.25", b"-0.1", b"NaN", b"inf", b"ninety"])
def test_what_is_no_fraction_is_refused(table, value):
    with pytest.raises(ParseError, match=r"row 2: avg_acc is"):
        SOURCE.records(with_text(table, b"0.9125,0.0025", value + b",0.0025"))


def test_a_renamed_column_is_refused(table):
    with pytest.raises(ParseError, match="has no column display_name"):
        SOURCE.records(with_text(table, b"display_name", b"Name"))


def test_a_model_twice_is_refused(table):
    with pytest.raises(ParseError, match="two ScoreRecord rows"):
        SOURCE.records(with_text(table, b"example-5:no_thinking", b"example-5:max"))


def test_scores_are_kept_and_not_shown():
    assert not SOURCE.may_display  # no licence is stated


def test_the_stored_table_is_read(sample):
    found = SOURCE.records(document((sample("weirdml") / "weirdml_data.csv").read_bytes()))
    assert len(found) == 155
    assert (found[0].model, found[0].value) == ("claude-fable-5 (max)", 0.91945)
    assert max(score.released.on for score in found if score.released) == date(2026, 8, 13)
