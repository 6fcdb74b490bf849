"""One snapshot becomes facts or nothing at all: guards, order, doubled work, and names explained afterwards."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.pipeline.catalogue import change
from tests.pipeline.steps import at, content, endpoint, in_threads, take_in, written_rows
from tests.pipeline.vintages import LINES, OFFERS, PANEL, PRICES, Line, Offer, panel, prices, records
from tracker.domain.records import PriceRecord
from tracker.models import DataVersion, Price, Release, Score, Snapshot
from tracker.pipeline import collect, ingest, leases
from tracker.pipeline.catalog import load_catalog
from tracker.sources import record_file

pytestmark = pytest.mark.usefixtures("installed")

DEARER = (replace(OFFERS[0], price=4.0), *OFFERS[1:])


def kept(url: str, body: bytes, when, media_type: str = "") -> Snapshot:
    snapshot, _ = collect.keep(endpoint(url), body, fetched_at=when, media_type=media_type)
    return snapshot


def version() -> int:
    return DataVersion.objects.get().value


def test_a_document_that_fails_its_guards_is_kept_with_the_reason_and_the_last_good_facts_stay():
    good = take_in(PRICES, prices(), at(1))
    facts, before = content(), version()
    bad = take_in(PRICES, b'{"openai": {"models": {}}}', at(2))
    assert bad.state == "quarantined"
    assert "not both openai and anthropic" in bad.message
    assert ingest.document_of(bad).body == b'{"openai": {"models": {}}}'
    assert content() == facts
    assert version() == before
    assert endpoint(PRICES).current == good


def test_a_document_that_shrank_is_quarantined_and_closes_nothing():
    take_in(PRICES, prices(), at(1))
    facts = content()
    bad = take_in(PRICES, prices(*OFFERS[:3]), at(2))
    assert bad.state == "quarantined"
    assert re.match("3 (price|release) rows, where the last good document had 5: 60 % of them, and under", bad.message)
    assert "accept the document on the curator's desk" in bad.message
    assert "reject it" in bad.message
    assert content() == facts


def test_one_kind_of_rows_cannot_vanish_behind_the_others():
    """All models are still there, and none has a price any more."""
    take_in(PRICES, prices(), at(1))
    bad = take_in(PRICES, prices(*(replace(offer, price=None) for offer in OFFERS)), at(2))
    assert bad.message.startswith("0 price rows, where the last good document had 5: 0 % of them")


def test_after_a_bad_document_the_next_good_one_is_compared_with_the_last_good_one():
    good = take_in(PRICES, prices(), at(1))
    take_in(PRICES, prices(*OFFERS[:3]), at(2))
    healed = take_in(PRICES, prices(*DEARER), at(3))
    assert healed.state == "ingested"
    old = Price.objects.get(name="claude-example-4", known_to=at(3))
    assert old.last_snapshot == good


def test_a_document_older_than_what_was_read_changes_nothing():
    take_in(PRICES, prices(*DEARER), at(5))
    facts, before = content(), version()
    late = take_in(PRICES, prices(), at(2), now=at(6))
    assert late.state == "outdated"
    assert late.message == "A document of 2026-09-05 06:00 UTC was read before this one."
    assert content() == facts
    assert version() == before


def test_documents_that_wait_together_are_read_in_the_order_they_came():
    """A worker that takes up the newer one first reads the older one before it."""
    older, newer = kept(PRICES, prices(), at(1)), kept(PRICES, prices(*DEARER), at(2))
    assert ingest.ingest(newer.pk, now=at(3), by="one") is not None
    assert set(Snapshot.objects.values_list("state", flat=True)) == {"ingested"}
    chain = Price.objects.filter(name="claude-example-4").order_by("known_from")
    assert [(fact.input, fact.known_from, fact.last_snapshot) for fact in chain] == [
        (3.0, at(1), older),
        (4.0, at(2), None),
    ]


def test_a_document_waits_while_another_worker_reads_the_one_before_it():
    older, newer = kept(PRICES, prices(), at(1)), kept(PRICES, prices(*DEARER), at(2))
    leases.claim(Snapshot.objects.filter(pk=older.pk), now=at(3), lease=ingest.LEASE, by="other")
    assert ingest.ingest(newer.pk, now=at(3), by="one") is None
    assert Snapshot.objects.get(pk=newer.pk).state == "stored"
    assert ingest.ingest(newer.pk, now=at(3) + ingest.LEASE, by="one").state == "ingested"
    assert Price.objects.filter(name="claude-example-4").count() == 2


def test_a_snapshot_that_was_read_is_not_read_again():
    snapshot = take_in(PRICES, prices(), at(1))
    before = written_rows()
    assert ingest.ingest(snapshot.pk, now=at(2), by="two") is None
    assert written_rows() == before


def test_a_worker_that_lost_its_lease_changes_nothing():
    """It read the document before another took over, and comes to store it afterwards."""
    snapshot = kept(PRICES, prices(), at(1))
    late = leases.claim(Snapshot.objects.all(), now=at(1), lease=ingest.LEASE, by="late")
    read = ingest.batches_of(late)
    leases.claim(Snapshot.objects.all(), now=at(1) + ingest.LEASE, lease=ingest.LEASE, by="quick")
    before, rows = version(), written_rows()
    ingest._store(late, read, now=at(1), by="late")
    assert written_rows() == rows
    assert version() == before
    assert (endpoint(PRICES).current, Snapshot.objects.get(pk=snapshot.pk).lease_by) == (None, "quick")


def test_a_worker_knows_its_own_lease_from_its_next_one():
    """The same process, with the same name, took the snapshot a second time after its first lease had run out."""
    kept(PRICES, prices(), at(1))
    first = leases.claim(Snapshot.objects.all(), now=at(1), lease=ingest.LEASE, by="one")
    second = leases.claim(Snapshot.objects.all(), now=at(2), lease=ingest.LEASE, by="one")
    assert not leases.done(first, by="one", state="quarantined")
    assert leases.done(second, by="one", state="quarantined")


def test_a_document_that_breaks_off_every_reading_is_quarantined_in_the_end():
    snapshot = kept(PRICES, prices(), at(1))
    now = at(1)
    for _ in range(ingest.MOST_ATTEMPTS):  # as workers do that are killed by what they read
        assert leases.claim(Snapshot.objects.all(), now=now, lease=ingest.LEASE, by="killed")
        now += ingest.LEASE
    read = ingest.ingest(snapshot.pk, now=now, by="last")
    assert (read.state, read.message) == ("quarantined", "reading it broke off 5 times")


def test_a_number_that_the_database_refuses_quarantines_the_document():
    take_in(PRICES, prices(), at(1))
    facts = content()
    said = [PriceRecord(f"row{n}", "gpt-example", "host", input=-0.5, output=1.0) for n in range(5)]
    said += [
        record for record in ingest.records_of(endpoint(PRICES).current) if record_file.NAMES[type(record)] == "release"
    ]
    bad = take_in(PRICES, records(*said, url=PRICES), at(2), record_file.MEDIA_TYPE)
    assert bad.state == "quarantined"
    assert "price_not_negative" in bad.message
    assert content() == facts


def test_a_setting_too_large_for_its_column_quarantines_the_document():
    bad = take_in(PANEL, panel(*LINES, Line("claude-example-4_99999999k", "gpqa_diamond", 0.5)), at(1))
    assert bad.state == "quarantined"
    assert "out of range" in bad.message
    assert not Score.objects.exists()


def test_names_explained_afterwards_bring_their_rows_in_and_these_are_known_from_then_on(root):
    strange = Offer("openai", "oracle-example", released="2026-02-02", price=7.0)
    first = take_in(PRICES, prices(*OFFERS, strange), at(1))
    assert first.counts["unresolved"] == 2
    change(root, "labs/openai.toml", 'name = "GPT Example"\n', 'name = "GPT Example"\naliases = ["oracle-example"]\n')
    load_catalog(now=at(3), root=root)
    written = ingest.reingest(endpoint(PRICES).pk, now=at(4))
    assert (written.added, written.closed, written.superseded) == (2, 0, 0)
    fact = Price.objects.get(name="oracle-example")
    assert (fact.model.slug, fact.known_from, fact.first_snapshot) == ("gpt-example", at(4), first)
    assert not Price.objects.known(at(3)).filter(name="oracle-example").exists()
    assert Price.objects.known(at(4)).filter(name="oracle-example").exists()


def test_a_document_fetched_before_a_second_reading_and_read_after_it_is_stored_all_the_same(root):
    """Its facts end others that were learned, by the second reading, after it was fetched."""
    strange = Offer("openai", "oracle-example", price=7.0)
    take_in(PRICES, prices(*OFFERS, strange), at(1))
    waiting = kept(PRICES, prices(*OFFERS, replace(strange, price=8.0)), at(4, 6, 0))
    change(root, "labs/openai.toml", 'name = "GPT Example"\n', 'name = "GPT Example"\naliases = ["oracle-example"]\n')
    load_catalog(now=at(4, 6, 1), root=root)
    ingest.reingest(endpoint(PRICES).pk, now=at(4, 6, 2))
    read = ingest.ingest(waiting.pk, now=at(4, 6, 3), by="one")
    assert read.state == "ingested", read.message
    assert [fact.input for fact in Price.objects.known(at(4, 6, 4)).filter(name="oracle-example")] == [8.0]
    assert [fact.input for fact in Price.objects.known(at(4, 6, 1)).filter(name="oracle-example")] == [8.0]


def test_a_second_reading_does_not_bring_back_what_a_newer_document_replaced():
    """It reads whichever document is current when it has the endpoint, not the one it started from."""
    take_in(PRICES, prices(), at(1))
    old = endpoint(PRICES)
    take_in(PRICES, prices(*DEARER), at(2))
    assert ingest.reingest(old.pk, now=at(3)).changes == 0
    assert Price.objects.known().get(name="claude-example-4").input == 4.0


def test_a_second_reading_of_an_endpoint_that_was_never_read_writes_nothing():
    assert ingest.reingest(endpoint(PRICES).pk, now=at(3)).changes == 0


def test_what_waits_is_listed_oldest_first_and_without_what_somebody_reads():
    newer, older, taken = (kept(url, body, when) for url, body, when in (
        (PRICES, prices(), at(3)), (PANEL, panel(), at(2)), (PRICES, prices(*DEARER), at(4)),
    ))  # fmt: skip
    leases.claim(Snapshot.objects.filter(pk=taken.pk), now=at(5), lease=ingest.LEASE, by="other")
    assert ingest.waiting(now=at(5)) == [older.pk, newer.pk]
    assert ingest.waiting(now=at(5) + ingest.LEASE) == [older.pk, newer.pk, taken.pk]


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_one_reads_a_snapshot():
    snapshot = kept(PRICES, prices(), at(1))
    read = in_threads(4, lambda number: ingest.ingest(snapshot.pk, now=at(1), by=f"worker {number}"))
    assert sum(result is not None for result in read) == 1
    assert (Price.objects.count(), Release.objects.count()) == (5, 5)
    assert Snapshot.objects.get().attempts == 0


@pytest.mark.django_db(transaction=True)
def test_two_documents_of_one_endpoint_read_at_once_end_as_if_read_in_turn():
    older, newer = kept(PRICES, prices(), at(1)), kept(PRICES, prices(*DEARER), at(2))
    in_threads(2, lambda number: ingest.ingest((older, newer)[number].pk, now=at(3), by=f"worker {number}"))
    for pk in ingest.waiting(now=at(3)):  # as beat does
        ingest.ingest(pk, now=at(3), by="beat")
    assert [fact.input for fact in Price.objects.filter(name="claude-example-4").order_by("known_from")] == [3.0, 4.0]
    assert endpoint(PRICES).current == newer


@pytest.mark.django_db(transaction=True)
def test_the_data_version_counts_every_change_however_many_work_at_once():
    before = version()
    bodies = {PRICES: prices(), PANEL: panel()}
    waiting = [kept(url, body, at(1)) for url, body in bodies.items()]
    in_threads(2, lambda number: ingest.ingest(waiting[number].pk, now=at(1), by=f"worker {number}"))
    assert version() == before + 2


def test_the_lease_is_longer_than_a_task_may_last(settings):
    """Else a snapshot is taken from a worker that is still reading it."""
    assert timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT) < min(ingest.LEASE, collect.LEASE)
