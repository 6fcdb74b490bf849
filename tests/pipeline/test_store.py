"""Facts over several vintages of one document: what is written, what is closed, and what was known when."""

import hashlib
from dataclasses import replace

import pytest
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from tests.pipeline.steps import at, content, endpoint, take_in, written_rows
from tests.pipeline.vintages import LINES, NOTABLE, OFFERS, PANEL, PRICES, notable, panel, prices
from tracker.models import DataVersion, Price, Release, Score
from tracker.pipeline import ingest, store

pytestmark = pytest.mark.usefixtures("installed")

DEARER = (replace(OFFERS[0], price=4.0), *OFFERS[1:])


def price(name: str, **where: object) -> list[Price]:
    return list(Price.objects.filter(name=name, **where).order_by("known_from", "pk"))


def known(when, kind=Price) -> dict[str, float]:
    return {fact.name: fact.input for fact in kind.objects.known(when)}


def test_a_first_reading_stores_every_row_that_resolves():
    snapshot = take_in(PRICES, prices(), at(1))
    assert snapshot.state == "ingested", snapshot.message
    assert snapshot.counts["records"] == {"release": 5, "price": 5}
    assert (snapshot.counts["added"], snapshot.counts["unresolved"]) == (10, 0)
    assert set(Price.objects.values_list("first_snapshot", "known_from")) == {(snapshot.pk, at(1))}
    assert endpoint(PRICES).current == snapshot


def test_a_document_read_again_writes_no_row():
    take_in(PRICES, prices(), at(1))
    take_in(PANEL, panel(), at(1))
    before = written_rows()
    assert ingest.reingest(endpoint(PRICES).pk, now=at(2)).changes == 0
    assert ingest.reingest(endpoint(PANEL).pk, now=at(2)).changes == 0
    assert written_rows() == before


def test_a_vintage_that_says_the_same_in_other_bytes_writes_no_fact():
    take_in(PRICES, prices(), at(1))
    facts, version = written_rows()["tracker_price"], DataVersion.objects.get().value
    second = take_in(PRICES, prices() + b"\n", at(2))
    assert second.counts["unchanged"] == 10
    assert written_rows()["tracker_price"] == facts
    assert DataVersion.objects.get().value == version
    assert endpoint(PRICES).current == second


def test_a_changed_row_supersedes_exactly_that_row():
    first = take_in(PRICES, prices(), at(1))
    second = take_in(PRICES, prices(*DEARER), at(2))
    assert (second.counts["superseded"], second.counts["added"], second.counts["closed"]) == (1, 0, 0)
    old, new = price("claude-example-4")
    assert (old.input, old.known_to, old.last_snapshot, old.superseded_by) == (3.0, at(2), first, new)
    assert (new.input, new.known_from, new.first_snapshot, new.known_to) == (4.0, at(2), second, None)
    assert Price.objects.count() == 6
    assert Release.objects.count() == 5


def test_a_row_that_vanished_is_closed_with_the_last_snapshot_that_showed_it():
    take_in(PRICES, prices(), at(1))
    second = take_in(PRICES, prices(*OFFERS[:2], replace(OFFERS[2], context=1), *OFFERS[3:]), at(2))
    third = take_in(PRICES, prices(*OFFERS[:2], replace(OFFERS[2], price=None), *OFFERS[3:]), at(3))
    assert (third.counts["closed"], third.counts["superseded"]) == (1, 1)
    (gone,) = price("deepseek-example")
    assert (gone.known_to, gone.last_snapshot, gone.superseded_by) == (at(3), second, None)


def test_a_row_that_comes_back_is_a_new_fact():
    without = (*OFFERS[:2], replace(OFFERS[2], price=None), *OFFERS[3:])
    take_in(PRICES, prices(), at(1))
    take_in(PRICES, prices(*without), at(2))
    back = take_in(PRICES, prices(), at(3))
    old, new = price("deepseek-example")
    assert (old.known_to, old.superseded_by) == (at(2), None)
    assert (new.known_from, new.first_snapshot, new.known_to) == (at(3), back, None)


def test_first_and_last_snapshot_are_right_over_three_vintages():
    one = take_in(PRICES, prices(), at(1))
    two = take_in(PRICES, prices(*DEARER), at(2))
    three = take_in(PRICES, prices(*DEARER[:2], replace(DEARER[2], price=9.0), *DEARER[3:]), at(3))
    seen = {
        (fact.name, fact.input): (fact.first_snapshot, fact.last_snapshot)
        for fact in Price.objects.select_related("first_snapshot", "last_snapshot")
    }
    assert seen == {
        ("gpt-example-mini", 0.1): (one, None),
        ("claude-example-3", 2.0): (one, None),
        ("claude-example-4", 3.0): (one, one),
        ("claude-example-4", 4.0): (two, None),
        ("gpt-example", 1.25): (one, None),
        ("deepseek-example", 0.3): (one, two),
        ("deepseek-example", 9.0): (three, None),
    }


def test_what_was_known_between_two_vintages_is_what_the_earlier_one_said():
    take_in(PRICES, prices(), at(1))
    take_in(PRICES, prices(*DEARER[:4]), at(5))
    first = {offer.name: offer.price for offer in OFFERS}
    second = {offer.name: offer.price for offer in DEARER[:4]}
    assert known(at(1, 5)) == {}
    assert known(at(1)) == known(at(4, 23)) == first
    assert known(at(5)) == known(None) == second


def test_later_vintages_do_not_change_what_was_known_before():
    take_in(PRICES, prices(), at(1))
    take_in(PRICES, prices(*DEARER), at(5))
    as_known = {day: known(at(day)) for day in (1, 3, 5, 6)}
    take_in(PRICES, prices(*OFFERS[:2], replace(OFFERS[2], price=0.9), *OFFERS[3:]), at(7))
    take_in(PANEL, panel(), at(7))
    assert {day: known(at(day)) for day in (1, 3, 5, 6)} == as_known


def test_a_fact_is_known_at_every_time_from_its_first_to_its_successor_and_at_no_other():
    for day, value in ((1, 3.0), (3, 4.0), (4, 3.0), (8, 5.0)):
        take_in(PRICES, prices(replace(OFFERS[0], price=value), *OFFERS[1:]), at(day))
    told = [known(at(day))["claude-example-4"] for day in range(1, 10)]
    assert told == [3.0, 3.0, 4.0, 3.0, 3.0, 3.0, 3.0, 5.0, 5.0]
    chain = price("claude-example-4")
    assert [fact.superseded_by for fact in chain] == [*chain[1:], None]


def test_every_current_key_has_one_fact_and_every_closed_one_an_end():
    for day, value in ((1, 3.0), (3, 4.0), (4, 3.0)):
        take_in(PRICES, prices(replace(OFFERS[0], price=value), *OFFERS[1:]), at(day))
    current = list(Price.objects.known().values_list("key", flat=True))
    assert sorted(current) == sorted(set(current))
    assert not Price.objects.filter(known_to=None, last_snapshot__isnull=False).exists()
    assert not Price.objects.exclude(known_to=None).filter(known_from__gte=F("known_to")).exists()


def test_numbers_come_back_as_the_document_wrote_them():
    take_in(PANEL, panel(replace(LINES[0], score=0.1 + 0.2), *LINES[1:]), at(1))
    assert Score.objects.get(name="claude-example-4_high").value == 0.1 + 0.2
    assert ingest.reingest(endpoint(PANEL).pk, now=at(2)).changes == 0


def test_documents_of_one_source_are_superseded_apart():
    """The same key at two addresses is two facts: a vintage of the one closes nothing of the other."""
    take_in(PRICES, prices(), at(1))
    take_in(
        NOTABLE, notable(("Claude Example 4", "2026-01-15", "API access"), ("GPT Example", "2025-08-07", "")), at(1)
    )
    before = content()["Price"]
    take_in(
        NOTABLE, notable(("Claude Example 4", "2026-01-16", "API access"), ("GPT Example", "2025-08-07", "")), at(2)
    )
    assert content()["Price"] == before
    assert Release.objects.known().filter(endpoint__url=NOTABLE).count() == 2


VALUES = {
    "texts": st.text(max_size=8),
    "numbers": st.floats(allow_nan=False) | st.integers(),
    "days": st.dates() | st.none(),
    "flags": st.booleans() | st.none() | st.integers(0, 1),
    "anything": st.sampled_from([0, 0.0, -0.0, False, 1, 1.0, True, "1", None, ""]),
}


@given(st.lists(st.tuples(*VALUES.values()), min_size=1, max_size=12))
def test_a_digest_is_of_the_row_as_it_is_written_whatever_rows_stand_beside_it(rows):
    """It stands in every fact: were it another one for the same content, every fact would be superseded."""
    expected = [hashlib.md5(repr(row).encode(), usedforsecurity=False).digest() for row in rows]
    assert store._digests(list(zip(*rows, strict=True))) == expected
