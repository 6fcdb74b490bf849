import math
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.conftest import document
from tracker.domain.records import EventRecord, PriceRecord, ReleaseRecord, ScoreRecord, StatementRecord, When
from tracker.sources.base import ParseError, Source

SOURCE = Source(
    "tests.example",
    title="Example",
    publisher="Example",
    homepage="https://example.org",
    data_licence="CC0-1.0",
    urls=("https://example.org/document",),
    parse=lambda document: RECORDS,
    at_least=2,
)
RECORDS = [
    ReleaseRecord("release", "Modèle 例", parameters=7e9, context=131072, url="https://example.org/a\tb\nc"),
    ScoreRecord("score", "example-1", "bench", -0.0, stderr=5e-324),
    PriceRecord("price", "example-1", "host", 0, None),
    EventRecord("event", "Example Lab", "release", "Offers its 🤖", When(date(2026, 11, 22))),
    StatementRecord("statement", "Ana Example", "openness", "Weights will follow.", When(date(2026, 11, 21))),
]
TEXTS = [(record, field.name) for record in RECORDS for field in fields(record) if field.type is str]
NUMBERS = [
    (record, field.name)
    for record in RECORDS
    for field in fields(record)
    if field.type in (float, float | None, int | None)
]


def check(*records):
    return SOURCE.check(document(b""), records)


def test_records_of_every_kind_pass_as_they_are():
    assert check(*RECORDS) == RECORDS


def test_there_is_a_text_and_a_number_of_every_kind_to_be_tried():
    assert len(TEXTS) == 10 + 8 + 4 + 8 + 8
    assert len(NUMBERS) == 3 + 2 + 4


@pytest.mark.parametrize("bad", ["\0", "\ud800"])
@pytest.mark.parametrize(("record", "field"), TEXTS, ids=lambda value: getattr(value, "key", value))
def test_a_text_that_no_database_keeps_is_refused_with_its_key_and_field(record, field, bad):
    broken = replace(record, **{field: f"a{bad}b"})
    with pytest.raises(ParseError) as refusal:
        check(*(broken if each is record else each for each in RECORDS))
    told = f"{type(record).__name__} {broken.key!r}: {field} is {getattr(broken, field)!r}"
    assert str(refusal.value).endswith(told)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 2**63, -(10**400)], ids=lambda bad: str(bad)[:8])
@pytest.mark.parametrize(("record", "field"), NUMBERS, ids=lambda value: getattr(value, "key", value))
def test_a_number_that_no_database_keeps_is_refused_with_its_key_and_field(record, field, bad):
    with pytest.raises(ParseError, match=f"{type(record).__name__} '{record.key}': {field} is "):
        check(*(replace(record, **{field: bad}) if each is record else each for each in RECORDS))


def test_two_records_of_one_kind_under_one_key_are_refused():
    with pytest.raises(ParseError, match="two ScoreRecord rows with the key 'score'"):
        check(*RECORDS, RECORDS[1])


@pytest.mark.parametrize(("key", "stored"), [("x" * 500, True), ("x" * 501, False), ("\u4f8b" * 167, False)])
def test_a_key_longer_than_an_index_holds_is_refused(key, stored):
    records = [replace(RECORDS[0], key=key), RECORDS[1]]
    if stored:
        assert check(*records) == records
    else:
        with pytest.raises(ParseError, match="a ReleaseRecord key is longer than 500 bytes"):
            check(*records)


def test_records_of_two_kinds_may_share_a_key():
    both = [replace(RECORDS[0], key="one"), replace(RECORDS[1], key="one")]
    assert check(*both) == both


def test_too_few_records_are_refused():
    with pytest.raises(ParseError, match="holds 1 records; Example never has fewer than 2"):
        check(RECORDS[0])


@given(st.text(st.characters(exclude_categories=())))
def test_a_refusal_can_be_stored_whatever_it_quotes(text):
    message = str(ParseError(f"https://example.org: {text}"))
    assert "\0" not in message
    assert message.encode().decode() == message
    if "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text):
        assert message == f"https://example.org: {text}"


@pytest.mark.parametrize("field", ["parameters", "active_parameters", "context"])
@pytest.mark.parametrize("value", [0, -8])
def test_a_size_that_is_not_positive_is_refused_before_the_database_would(field, value):
    release = replace(ReleaseRecord("row 1", "Example 1"), **{field: value})
    with pytest.raises(ParseError, match=f"'row 1': {field} is {value}"):
        check(release, ReleaseRecord("row 2", "Example 2"))
