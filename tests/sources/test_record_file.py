import json
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time
from types import NoneType
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.conftest import DOCUMENTS
from tracker.domain.records import (
    Access,
    Evaluator,
    EventRecord,
    Precision,
    PriceRecord,
    ReleaseRecord,
    ScoreRecord,
    When,
)
from tracker.sources import hf_hub
from tracker.sources.base import Document, ParseError
from tracker.sources.record_file import KINDS, MEDIA_TYPE, read, write

URL = "https://example.org/benchmark_data.zip"
RETRIEVED_ON = date(2026, 9, 10)
RELEASE = ReleaseRecord(
    "release:example-1",
    "example-1",
    lab="Example Lab",
    released=When(date(2026, 1, 1), Precision.MONTH),
    access=Access.API,
    context=200_000,
    url="https://example.org/example-1",
)
SCORE = ScoreRecord("bench:example-1", "example-1", "bench", 0.5, evaluator=Evaluator.FIRST_PARTY)
PRICE = PriceRecord("host/example-1", "example-1", "host", 1.25, None)
EVENT = EventRecord("event:1", "Example Lab", "release", "Offers “example-1”", When(date(2026, 1, 15)))
ALL = (RELEASE, SCORE, PRICE, EVENT)


def written(*records):
    return write(records, source="example", url=URL, retrieved_on=RETRIEVED_ON)


def kept(body):
    return Document(URL, body, datetime.combine(RETRIEVED_ON, time(6), UTC), MEDIA_TYPE)


def read_back(body):
    return list(read(kept(body)))


def line_of(record, **changes):
    row = json.loads(written(record)) | changes
    return (json.dumps({name: value for name, value in row.items() if value is not ...}) + "\n").encode()


texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
whens = st.builds(lambda on, precision: When.parse(str(When(on, precision))), st.dates(), st.sampled_from(Precision))
VALUES = {
    str: texts,
    float: st.floats(allow_nan=False, allow_infinity=False),
    int: st.integers(0, 2**63 - 1),
    bool: st.booleans(),
    When: whens,
    Access: st.sampled_from(Access),
    Evaluator: st.sampled_from(Evaluator),
}


def any_value(annotation):
    kinds = get_args(annotation) or (annotation,)
    return VALUES[kinds[0]] | st.none() if NoneType in kinds else VALUES[kinds[0]]


any_record = st.one_of(
    [st.builds(kind, **{field.name: any_value(field.type) for field in fields(kind)}) for kind in KINDS.values()]
)
many = st.lists(any_record, unique_by=lambda record: (type(record), record.key), max_size=8)


@given(many)
def test_what_was_written_is_read_back_whatever_it_is(records):
    found = read_back(written(*records))
    assert len(found) == len(records)
    assert all(record in found for record in records)


@given(many, st.randoms(use_true_random=False))
def test_the_same_records_give_the_same_bytes_in_any_order(records, random):
    shuffled = list(records)
    random.shuffle(shuffled)
    assert written(*shuffled) == written(*records)
    assert written(*read_back(written(*records))) == written(*records)


@given(many)
def test_every_line_says_where_it_comes_from_and_stands_in_order(records):
    rows = [json.loads(line) for line in written(*records).decode().split("\n")[:-1]]
    assert len(rows) == len(records)
    for row in rows:
        assert (row["source"], row["retrieved_on"]) == ("example", "2026-09-10")
        assert row["url"]
    assert [(row["kind"], row["key"]) for row in rows] == sorted((row["kind"], row["key"]) for row in rows)


def test_numbers_that_are_equal_are_written_alike():
    assert written(replace(SCORE, value=0), PRICE) == written(replace(SCORE, value=-0.0), PRICE)
    assert written(replace(RELEASE, parameters=10**9)) == written(replace(RELEASE, parameters=1e9))


def test_a_line_is_plain_json_without_what_is_not_stated():
    assert [json.loads(line) for line in written(RELEASE, PRICE).splitlines()] == [
        {
            "kind": "price",
            "key": "host/example-1",
            "model": "example-1",
            "host": "host",
            "input": 1.25,
            "output": None,
            "url": URL,
            "source": "example",
            "retrieved_on": "2026-09-10",
        },
        {
            "kind": "release",
            "key": "release:example-1",
            "model": "example-1",
            "lab": "Example Lab",
            "released": "2026-01",
            "access": "api",
            "context": 200000,
            "url": "https://example.org/example-1",
            "source": "example",
            "retrieved_on": "2026-09-10",
        },
    ]


def test_the_kind_of_an_event_is_not_mixed_up_with_the_kind_of_its_line():
    line = json.loads(written(EVENT))
    assert (line["kind"], line["event"]) == ("event", "release")
    assert read_back(written(EVENT)) == [EVENT]


def test_a_record_without_evidence_of_its_own_names_the_document_and_comes_back_without():
    assert json.loads(written(SCORE))["url"] == URL
    assert read_back(written(SCORE)) == [SCORE]
    assert read_back(written(replace(SCORE, url="https://example.org/log")))[0].url == "https://example.org/log"


def test_blank_lines_are_no_records():
    assert read_back(b"\n" + written(SCORE) + b"\r\n\n") == [SCORE]


def test_a_publishers_document_comes_back_from_our_schema_as_it_was_read():
    published = hf_hub.SOURCE.records(
        Document(URL, (DOCUMENTS / "hf_hub" / "models.json").read_bytes(), datetime.now(UTC))
    )
    found = hf_hub.SOURCE.check(kept(b""), read(kept(written(*published))))
    assert sorted(found, key=lambda release: release.key) == sorted(published, key=lambda release: release.key)


def refusal(line, body=b""):
    """The message of the refusal of `line` behind `body`."""
    with pytest.raises(ParseError) as refused:
        read_back(body + line)
    return str(refused.value)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b'"text"',
        b"[]",
        b"null",
        b"7",
        b"[" * 100_000,
        b'{"kind": "score"}',
        b'{"kind": []}',
        line_of(SCORE)[:-20],
        line_of(SCORE).strip() + line_of(SCORE),
        line_of(SCORE, kind="opinion"),
        line_of(SCORE, kind=...),
        line_of(SCORE, key=...),
        line_of(SCORE, value=...),
        line_of(PRICE, output=...),
        line_of(SCORE, url=...),
        line_of(SCORE, url=""),
        line_of(SCORE, source=...),
        line_of(SCORE, source=""),
        line_of(SCORE, retrieved_on=...),
        line_of(SCORE, retrieved_on=""),
        line_of(SCORE, retrieved_on="September"),
    ],
)
def test_a_damaged_line_is_refused_with_its_number(line):
    assert refusal(line, written(RELEASE) + b"\n").startswith(f"{URL}, line 3 is not a record: ")


@pytest.mark.parametrize("record", ALL, ids=lambda record: type(record).__name__)
def test_an_unknown_field_is_refused(record):
    assert "records have no speed, weight" in refusal(line_of(record, weight=1, speed=2))


NOT_TEXTS = [None, True, 7, 0.5, [], ["x"], {}]
NOT_NUMBERS = ["0.5", "", True, False, [], [1], {}]
WRONG = {
    str: NOT_TEXTS,
    float: [*NOT_NUMBERS, None, 10**400],
    float | None: NOT_NUMBERS,
    int | None: [*NOT_NUMBERS, 0.5, 7.0],
    When: [None, "", "x", "2026-13", "2026-01-32", 2026, True, []],
    When | None: ["", "x", "2026-13", "2026-01-32", 2026, True, []],
    Access | None: ["", "open", True, 1, []],
    Evaluator: [None, "", "nobody", True, 1, []],
}


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        (record, "event" if field.name == "kind" else field.name, value)
        for record in ALL
        for field in fields(record)
        for value in WRONG[field.type]
    ],
    ids=lambda value: str(getattr(value, "key", value))[:12],
)
def test_a_value_of_another_kind_than_its_field_is_refused(record, field, value):
    assert refusal(line_of(record, **{field: value})).startswith(f"{URL}, line 1 is not a record: ")


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999"])
@pytest.mark.parametrize(
    ("record", "field"),
    [(SCORE, "value"), (SCORE, "stderr"), (PRICE, "input"), (RELEASE, "parameters"), (RELEASE, "context")],
)
def test_a_number_that_is_none_is_refused(record, field, number):
    line = line_of(record, **{field: 12345}).replace(b"12345", number)
    assert refusal(line).startswith(f"{URL}, line 1 is not a record: ")


@pytest.mark.parametrize(
    ("field", "value"), [("value", float("nan")), ("value", True), ("model", None), ("stderr", "0.1")]
)
def test_what_could_not_be_read_back_is_not_written(field, value):
    with pytest.raises(ValueError, match="is not"):
        written(replace(SCORE, **{field: value}))


@given(st.data())
def test_whatever_happens_to_its_bytes_a_record_file_is_read_or_refused(data):
    body = written(*ALL)
    at, length = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 40))
    body = body[:at] + data.draw(st.binary(max_size=12)) + body[at + length :]
    with suppress(ParseError):
        assert all(type(record) in KINDS.values() for record in read_back(body))
