from dataclasses import replace
from datetime import date

import pytest

from tracker.domain.events import Topic
from tracker.domain.records import Precision, StatementRecord, When
from tracker.sources.base import ParseError
from tracker.sources.curated_statements import LONGEST_QUOTE, SOURCE


@pytest.fixture
def table(example):
    return example("curated_statements/2026-11-22.csv")


def test_a_statement_is_read_whole(table):
    assert SOURCE.records(table)[0] == StatementRecord(
        "hand:open-until",
        "Ada Example",
        Topic.OPENNESS,
        "Weights should be open until they are dangerous, and nobody knows when that is.",
        When(date(2026, 9, 3)),
        quote='open up to a "point", and not after it',
        venue="Example Talks 12",
        lab="Example Lab",
        url="https://example.org/talks/12",
    )


def test_a_month_and_a_year_stay_as_precise_as_they_are(table):
    assert [statement.said for statement in SOURCE.records(table)[1:]] == [
        When(date(2026, 9, 1), Precision.MONTH),
        When(date(2025, 1, 1), Precision.YEAR),
    ]


def test_what_was_told_without_words_of_the_speaker_has_no_quote(table):
    told = SOURCE.records(table)[1]
    assert (told.quote, told.lab, told.venue) == ("", "", "A conference")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"https://example.org/conference,", b","),
        (b'"Example News, 2026-09-30"', b""),
        (b",2026-11-20,", b",,"),
    ],
    ids=["url", "source", "retrieved_on"],
)
def test_a_row_that_nobody_can_trace_is_refused(table, old, new):
    assert table.body.count(old) == 1
    with pytest.raises(ParseError, match="hand:months-behind lacks its source, its URL or the day it was read"):
        SOURCE.records(replace(table, body=table.body.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b",2026-11-20,", b",20 November,", "hand:months-behind: Invalid isoformat string"),
        (b",gap,", b",weather,", "hand:months-behind: 'weather' is not a valid Topic"),
        (b",gap,", b",,", "hand:months-behind: '' is not a valid Topic"),
        (b",2026-09,", b",September 2026,", "hand:months-behind: 'September 2026' is not a date"),
        (b",2026-09,", b",2026-13,", "hand:months-behind: month must be in 1..12"),
        (b",2026-09,", b",,", "hand:months-behind: no date; a month or a year is enough"),
        (b"Ben Example,", b",", "hand:months-behind does not say who said what"),
        (b"Prices will fall for a long time.", b"", "hand:too-cheap does not say who said what"),
        (b"hand:too-cheap,", b"hand:open-until,", "two StatementRecord rows with the key 'hand:open-until'"),
        (b",retrieved_on,", b",read_on,", "no column retrieved_on"),
    ],
)
def test_what_is_not_recognised_is_refused_by_name(table, old, new, reason):
    assert table.body.count(old) == 1
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(replace(table, body=table.body.replace(old, new)))


def test_more_words_of_somebody_else_than_a_short_quotation_are_refused(table):
    def quoting(words):
        return replace(table, body=table.body.replace(b"too cheap to count", b"so " * words))

    assert len(SOURCE.records(quoting(LONGEST_QUOTE))) == 3
    with pytest.raises(ParseError, match="hand:too-cheap quotes 26 words; 25 may be quoted"):
        SOURCE.records(quoting(LONGEST_QUOTE + 1))
