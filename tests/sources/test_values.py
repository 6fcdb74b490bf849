from datetime import date, datetime

import pytest

from tracker.domain.records import Precision, When
from tracker.sources.base import ParseError
from tracker.sources.values import day, expect_percentages, field, number, proportion, required, text


def test_a_missing_field_and_a_null_are_nothing():
    assert field({}, "a", str, "here") is None
    assert field({"a": None}, "a", str, "here") is None
    assert text({}, "a", "here") == ""
    assert number({"a": None}, "a", "here") is None
    assert day({}, "a", "here") is None


def test_a_name_stands_on_one_line():
    assert text({"a": " Example\t1\n"}, "a", "here") == "Example 1"


@pytest.mark.parametrize("row", [None, [], "words", 7])
def test_what_is_no_object_has_no_fields_and_is_not_quoted(row):
    with pytest.raises(ParseError, match=f"here: a {type(row).__name__} stands where an object with a was expected"):
        field(row, "a", str, "here")


def test_a_field_of_another_kind_is_refused():
    with pytest.raises(ParseError, match=r"here: a is '\['x'\]'|here: a is \"\['x'\]\""):
        text({"a": ["x"]}, "a", "here")


def test_a_word_that_must_be_there_is_missed():
    with pytest.raises(ParseError, match="here: there is no a"):
        required({"a": " "}, "a", "here")


@pytest.mark.parametrize("value", [True, "7", float("nan"), float("inf"), 10**400, [7]])
def test_what_no_column_can_hold_is_no_number(value):
    with pytest.raises(ParseError, match="no number"):
        number({"a": value}, "a", "here")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-15", When(date(2026, 1, 15))),
        ("2026-01", When(date(2026, 1, 1), Precision.MONTH)),
        (date(2026, 1, 15), When(date(2026, 1, 15))),
        (datetime(2026, 1, 15, 8, 30), When(date(2026, 1, 15))),  # noqa: DTZ001  as YAML reads it
    ],
)
def test_a_date_is_read_as_json_and_as_yaml_have_it(value, expected):
    assert day({"a": value}, "a", "here") == expected


@pytest.mark.parametrize("value", ["soon", "2026-02-30", 20260115])
def test_what_is_no_date_is_refused(value):
    with pytest.raises(ParseError, match="here: a is"):
        day({"a": value}, "a", "here")


def test_a_percentage_becomes_a_proportion_without_crumbs():
    assert proportion(41.8, "here") == 0.418


@pytest.mark.parametrize("percent", [-0.1, 100.1])
def test_more_than_all_is_no_percentage(percent):
    with pytest.raises(ParseError, match="no percentage"):
        proportion(percent, "here")


def test_fractions_where_percentages_were_are_refused_and_a_table_of_noughts_is_not():
    with pytest.raises(ParseError, match=r"here goes up to 0\.84"):
        expect_percentages(0.84, "here")
    expect_percentages(0.0, "here")
    expect_percentages(1.8, "here")
