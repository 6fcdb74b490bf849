"""A record file is read by many lines at once: what is read, and what is refused where, is as by one line at a time."""

import random
from dataclasses import replace
from datetime import date

import pytest

from tracker.domain.records import Access, Evaluator, PriceRecord, ReleaseRecord, ScoreRecord, When
from tracker.sources import record_file
from tracker.sources.base import ParseError

URL = "https://example.org/records.jsonl"
ROWS = 3 * record_file.BATCH // 2
SCORES = [
    ScoreRecord(
        f"score:{n}",
        f"example-{n % 7}",
        "exam",
        n / ROWS if n % 3 else -0.0,
        stderr=None if n % 2 else 0.25,
        evaluator=list(Evaluator)[n % 4],
        evaluated=When.parse("2026-03") if n % 5 else None,
        url="" if n % 11 else f"https://example.org/{n}",
    )
    for n in range(ROWS)
]
OTHERS = [
    *(PriceRecord(f"price:{n}", "example-1", "host", None if n % 2 else 1.5, 2.0) for n in range(40)),
    *(
        ReleaseRecord(f"release:{n}", "example-1", access=Access.API if n % 2 else None, context=n)
        for n in range(1, 40)
    ),
]


def lines(*records, shuffled=True):
    body = record_file.write(records, source="example", url=URL, retrieved_on=date(2026, 9, 1))
    found = body.split(b"\n")[:-1]
    if shuffled:
        random.Random(7).shuffle(found)  # noqa: S311  no secret is made of it
    return found


def by_line(found):
    return list(record_file._one_by_one(enumerate(found, 1), URL))


def test_records_of_several_kinds_and_layouts_come_in_the_order_of_their_lines():
    found = lines(*SCORES, *OTHERS)
    read = list(record_file.read_lines(found, URL))
    assert read == by_line(found)
    assert {record.key: record for record in read} == {record.key: record for record in (*SCORES, *OTHERS)}


def test_every_field_is_filled_as_the_records_own_constructor_does():
    for record in record_file.read_lines(lines(*SCORES, *OTHERS), URL):
        again = replace(record)
        assert repr(again) == repr(record)
        assert hash(again) == hash(record)


@pytest.mark.parametrize("at", [0, record_file.BATCH - 1, record_file.BATCH, ROWS - 1])
def test_a_wrong_line_is_named_wherever_it_stands(at):
    found = lines(*SCORES, shuffled=False)
    found[at] = found[at].replace(b'"exam"', b"7")
    with pytest.raises(ParseError, match=f"line {at + 1} is not a record: ValueError"):
        list(record_file.read_lines(found, URL))


def test_blank_lines_count_as_lines():
    found = [b"", *lines(*SCORES[:3]), b" ", b"\xef\xbb\xbf{"]
    with pytest.raises(ParseError, match="line 6 is not a record"):
        list(record_file.read_lines(found, URL))
