from dataclasses import replace
from datetime import date

import pytest

from tracker.domain.events import EventKind
from tracker.domain.records import EventRecord, Precision, When
from tracker.sources.base import ParseError
from tracker.sources.curated_events import SOURCE


@pytest.fixture
def table(example):
    return example("curated_events/2026-11-22.csv")


def test_an_event_is_read_whole(table):
    assert SOURCE.records(table)[0] == EventRecord(
        "hand:example-4-closed",
        "Example Lab",
        "closed-release",
        'Example 4 comes through an API only, with "thinking"',
        When(date(2026, 9, 1), Precision.MONTH),
        model="Example 4",
        detail="The lab's first model without weights, at 2 dollars per million tokens.",
        url="https://example.org/example-4",
    )


def test_a_promise_kept_names_the_promise(table):
    promise, kept = SOURCE.records(table)[1:3]
    assert (promise.kind, kept.kind) == (EventKind.PROMISE, EventKind.PROMISE_KEPT)
    assert kept.about == promise.key


def test_a_year_stays_as_precise_as_it_is(table):
    assert SOURCE.records(table)[3].occurred == When(date(2025, 1, 1), Precision.YEAR)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"https://example.org/talk,", b","),
        (b'"Example News, 2026-08-31"', b""),
        (b",2026-11-22,reported", b",,reported"),
    ],
    ids=["url", "source", "retrieved_on"],
)
def test_a_row_that_nobody_can_trace_is_refused(table, old, new):
    assert table.body.count(old) == 1
    with pytest.raises(
        ParseError, match="hand:older-weights-promised lacks its source, its URL or the day it was read"
    ):
        SOURCE.records(replace(table, body=table.body.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b",2026-11-20,", b",20 November,", "hand:example-4-closed: Invalid isoformat string"),
        (b",closed-release,", b",secret-release,", "'secret-release' is not a valid EventKind"),
        (b",2026-09,", b",September 2026,", "hand:example-4-closed: 'September 2026' is not a date"),
        (b",2026-09,", b",2026-13,", "hand:example-4-closed: month must be in 1..12"),
        (b",2026-09,", b",,", "hand:example-4-closed: no date; a month or a year is enough"),
        (b",A rule for models starts to apply,", b",,", "hand:rule does not say what happened"),
        (b",hand:older-weights-promised,", b",hand:nothing,", "'hand:nothing', which is no promise in this file"),
        (b",hand:older-weights-promised,", b",hand:rule,", "'hand:rule', which is no promise in this file"),
        (b",hand:older-weights-promised,", b",,", "'', which is no promise in this file"),
        (b",2026-10-02,", b",2026-08-01,", "before that was promised on 2026-08-30"),
        (b"tokens.,,", b"tokens.,hand:rule,", "only a promise kept or broken is about another row"),
        (b"hand:rule,", b"hand:example-4-closed,", "two EventRecord rows with the key 'hand:example-4-closed'"),
        (b",retrieved_on,", b",read_on,", "no column retrieved_on"),
    ],
)
def test_what_is_not_recognised_is_refused_by_name(table, old, new, reason):
    body = table.body.replace(b'tokens.",', b"tokens.,").replace(b"\"The lab's first model without weights, at", b"At")
    assert body.count(old) == 1
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(replace(table, body=body.replace(old, new)))
