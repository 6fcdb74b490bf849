"""Reading a table of scores, and saying precisely why it cannot be read."""

from datetime import date

import pytest

from tracker.domain.score_table import ScoreTableError, TableModel, TableScore, read_score_table

HEAD = "model,benchmark,score,released_on,open\n"


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(ScoreTableError) as caught:
        read_score_table(text)
    return caught.value.problems


def test_models_and_scores_are_read_in_the_order_of_the_file():
    table = read_score_table(HEAD + "b,x,0.5,2025-01-02,true\na,x,0,2024-01-02,0\n")
    assert table.models == (TableModel("b", date(2025, 1, 2), True), TableModel("a", date(2024, 1, 2), False))
    assert table.scores == (TableScore("b", "x", 0.5), TableScore("a", "x", 0.0))


def test_columns_may_stand_in_any_order_beside_others_with_a_byte_order_mark():
    text = "\ufeffOpen, Score ,note,benchmark,model,released_on\r\nYes,1,hello,x,a,2025-01-02\r\n\r\n"
    table = read_score_table(text)
    assert table.scores == (TableScore("a", "x", 1.0),)
    assert table.models[0].open


def test_a_name_may_hold_a_quoted_comma_or_line_break_and_lines_are_still_counted():
    text = HEAD + '"a, b","x\ny",0.5,2025-01-02,false\nc,x,2,2025-01-02,false\n'
    assert problems(text) == ("line 4: score 2 is not within 0..1; is it a percentage?",)


def test_the_best_of_several_scores_counts():
    rows = "".join(f"a,x,{score},2025-01-02,false\n" for score in (0.3, 0.7, 0.5))
    table = read_score_table(HEAD + rows)
    assert table.scores == (TableScore("a", "x", 0.7),)
    assert table.repeated == 2


def test_conflicting_dates_and_access_name_both_lines():
    text = HEAD + "a,x,0.5,2025-01-02,true\nb,x,0.5,2025-01-02,true\na,y,0.5,2025-01-03,false\n"
    assert problems(text) == (
        "line 4: a is released on 2025-01-03 here, on 2025-01-02 in line 2",
        "line 4: a is closed here and open in line 2",
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,x,high,2025-01-02,true", "line 2: score 'high' is not a number"),
        ("a,x,nan,2025-01-02,true", "line 2: score nan is not within 0..1"),
        ("a,x,-0.1,2025-01-02,true", "line 2: score -0.1 is not within 0..1"),
        ("a,x,55,2025-01-02,true", "line 2: score 55 is not within 0..1; is it a percentage?"),
        ("a,x,0.5,2025-1-2,true", "line 2: released_on '2025-1-2' is not a date such as 2025-04-16"),
        ("a,x,0.5,2025-02-30,true", "line 2: released_on '2025-02-30' is not a date such as 2025-04-16"),
        ("a,x,0.5,,true", "line 2: released_on '' is not a date such as 2025-04-16"),
        ("a,x,0.5,2025-01-02,maybe", "line 2: open 'maybe' is neither true nor false"),
        (" ,x,0.5,2025-01-02,true", "line 2: model is blank"),
        ("a,,0.5,2025-01-02,true", "line 2: benchmark is blank"),
        ("a,x,0.5,2025-01-02", "line 2: 4 cells under 5 columns"),
        ("a,x,0.5,2025-01-02,true,more", "line 2: 6 cells under 5 columns"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_with_its_line(row, message):
    assert problems(HEAD + row + "\n") == (message,)


def test_every_problem_is_listed_and_a_long_list_is_cut_in_the_message():
    found = problems(HEAD + "a,x,9,2025-01-02,true\n" * 14)
    assert len(found) == 14
    with pytest.raises(ScoreTableError, match="and 4 more"):
        read_score_table(HEAD + "a,x,9,2025-01-02,true\n" * 14)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the table is empty"),
        (HEAD, "line 2: the table has no rows"),
        ("model,score\na,1\n", "line 1: no column benchmark, released_on, open"),
        ("model,model,benchmark,score,released_on,open\n", "line 1: the column model stands twice"),
        (HEAD + '"a,x\n', "line 2: unexpected end of data"),
    ],
)
def test_a_table_without_its_columns_or_rows_is_refused(text, message):
    assert problems(text)[0].startswith(message)


def test_what_was_released_later_can_be_left_out():
    table = read_score_table(HEAD + "a,x,0.5,2025-01-02,true\nb,x,0.5,2025-03-01,true\n")
    assert [model.name for model in table.released_by(date(2025, 1, 2)).models] == ["a"]
    assert [score.model for score in table.released_by(date(2025, 1, 2)).scores] == ["a"]
