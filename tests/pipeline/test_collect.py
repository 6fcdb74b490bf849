"""Asking a publisher: what is due, who asks, what is kept of an answer, and how politely."""

import threading
import zlib
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connections
from django.utils import timezone

from tests.pipeline.conftest import AGENT
from tests.pipeline.steps import at, endpoint, in_threads, written_rows
from tests.pipeline.vintages import NOTABLE, OFFERS, PANEL, PRICES, notable, prices
from tracker.fetch import Fetcher, Limits
from tracker.models import Blob, Endpoint, Fetch, HostPace, Price, Snapshot, Source
from tracker.pipeline import collect, ingest

pytestmark = pytest.mark.usefixtures("installed")

DAY = timedelta(days=1)
DEARER = (replace(OFFERS[0], price=4.0), *OFFERS[1:])


@pytest.fixture
def asked(publisher, fetching):
    """Collects models.dev's prices at a time, and reads what came."""
    publisher.put(PRICES, prices())

    def ask(when, *, url=PRICES, force=False) -> Fetch | None:
        attempt = collect.collect(endpoint(url).pk, now=when, by="asker", fetching=fetching, force=force)
        if attempt is not None and attempt.snapshot_id:
            ingest.ingest(attempt.snapshot_id, now=when, by="reader")
        return attempt

    return ask


def test_the_first_answer_is_kept_with_its_time_type_and_validators(asked, publisher):
    attempt = asked(at(2))
    row = endpoint(PRICES)
    assert (attempt.outcome, attempt.snapshot.fetched_at) == ("changed", at(2))
    assert attempt.snapshot.media_type == "application/json"
    assert row.etag == publisher.documents["models.dev/api.json"].etag
    assert (row.due_at, row.checked_at, row.lease_by) == (at(3), at(2), "")
    assert publisher.requests[0].headers["user-agent"] == AGENT
    assert Price.objects.count() == len(OFFERS)


def test_a_document_that_has_not_changed_is_not_sent_again_and_writes_no_fact(asked, publisher):
    asked(at(2))
    before = written_rows()
    attempt = asked(at(3))
    assert publisher.statuses() == [200, 304]
    assert (attempt.outcome, attempt.snapshot) == ("unchanged", None)
    assert written_rows() == before
    assert (endpoint(PRICES).confirmed_at, endpoint(PRICES).due_at) == (at(3), at(4))


def test_equal_bytes_of_a_host_without_validators_write_no_snapshot_either(asked, publisher):
    publisher.put(PRICES, prices(), validators=False)
    first = asked(at(2))
    before = written_rows()
    attempt = asked(at(3))
    assert publisher.statuses() == [200, 200]
    assert (attempt.outcome, attempt.snapshot) == ("unchanged", first.snapshot)
    assert written_rows() == before
    assert endpoint(PRICES).confirmed_at == at(3)


def test_a_second_vintage_supersedes_exactly_what_changed(asked, publisher):
    asked(at(2))
    publisher.put(PRICES, prices(*DEARER))
    attempt = asked(at(3))
    assert attempt.outcome == "changed"
    attempt.snapshot.refresh_from_db()
    assert (attempt.snapshot.counts["superseded"], attempt.snapshot.counts["unchanged"]) == (1, 9)


def test_a_document_that_goes_back_to_an_earlier_state_is_three_snapshots_and_two_stored_bodies(asked, publisher):
    for day, offers in ((2, OFFERS), (3, DEARER), (4, OFFERS)):
        publisher.put(PRICES, prices(*offers))
        asked(at(day))
    snapshots = Snapshot.objects.order_by("fetched_at")
    assert [snapshot.state for snapshot in snapshots] == ["ingested"] * 3
    assert snapshots[0].blob == snapshots[2].blob
    assert Blob.objects.count() == 2
    told = Price.objects.filter(name="claude-example-4").order_by("known_from")
    assert [fact.input for fact in told] == [3.0, 4.0, 3.0]


def test_bytes_are_stored_once_and_compressed(asked, publisher):
    body = prices() + b" " * 100_000
    publisher.put(PRICES, body)
    publisher.put(NOTABLE, body, "text/csv")
    asked(at(2))
    asked(at(2), url=NOTABLE)
    blob = Blob.objects.get()
    assert blob.snapshots.count() == 2
    assert (zlib.decompress(blob.packed), blob.size) == (body, len(body))
    assert len(blob.packed) < len(body) / 50


def test_a_bad_document_that_stays_confirms_nothing(asked, publisher):
    """Lags are counted to the last day on which the facts were known to be the publisher's."""
    asked(at(2))
    publisher.put(PRICES, b'{"openai": {}}')
    assert asked(at(3)).outcome == "changed"
    assert endpoint(PRICES).current.fetched_at == endpoint(PRICES).confirmed_at == at(2)
    assert asked(at(4)).outcome == "unchanged"
    assert endpoint(PRICES).confirmed_at == at(2)
    publisher.put(PRICES, prices())
    asked(at(5))
    assert endpoint(PRICES).confirmed_at == at(5)


def test_an_endpoint_is_not_asked_before_it_is_due(asked, publisher):
    asked(at(2))
    assert asked(at(2, 23)) is None
    assert len(publisher.requests) == 1
    assert asked(at(2, 23), force=True).outcome == "unchanged"


def test_a_source_that_is_switched_off_is_not_asked(asked, publisher):
    Source.objects.filter(slug="models_dev").update(enabled=False)
    assert endpoint(PRICES).pk not in collect.due(now=at(9))
    assert endpoint(PRICES).pk not in collect.due(now=at(9), sources=["models_dev"])
    assert asked(at(9)) is None
    assert asked(at(9), force=True) is None
    assert publisher.requests == []
    assert not Fetch.objects.exists()


def test_what_was_published_once_is_never_due():
    assert endpoint(PANEL).due_at is None
    assert endpoint(PANEL).pk not in collect.due(now=at(30))


def test_naming_a_source_makes_its_addresses_due_at_once(asked):
    asked(at(2))
    assert endpoint(PRICES).pk not in collect.due(now=at(2, 7))
    named = collect.due(now=at(2, 7), sources=["models_dev"])
    assert set(Endpoint.objects.filter(pk__in=named).values_list("source__slug", flat=True)) == {"models_dev"}
    assert endpoint(PRICES).pk in named


def test_enrolling_twice_writes_nothing_and_makes_scheduled_addresses_due():
    before = list(Endpoint.objects.order_by("pk").values())
    collect.enrol(now=at(9))
    assert list(Endpoint.objects.order_by("pk").values()) == before
    assert {row["due_at"] for row in before} == {at(1, 0), None}


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_comes_after_its_lease_was_lost_is_dropped_whole(asked, publisher):
    """The publisher keeps the first worker waiting until the second, after the lease, has the next vintage."""
    publisher.put(PRICES, prices())
    publisher.pause = 1.0
    number = endpoint(PRICES).pk

    def late(_: int) -> Fetch | None:
        with Fetcher(AGENT, mirror=publisher.url) as fetcher:
            return collect.collect(number, now=at(2), by="late", fetching=lambda: fetcher)

    def quick(_: int) -> Fetch | None:
        assert publisher.arrived.wait(10)
        publisher.pause = 0.0
        publisher.put(PRICES, prices(*DEARER))
        attempt = asked(at(2) + collect.LEASE)
        publisher.put(PRICES, prices())  # what the first worker gets is another document
        return attempt

    first, second = in_threads(2, lambda worker: (late, quick)[worker](worker))
    assert (first, second.outcome) == (None, "changed")
    assert publisher.statuses() == [200, 200]
    assert [snapshot.fetched_at for snapshot in Snapshot.objects.all()] == [at(2) + collect.LEASE]
    assert Blob.objects.count() == Fetch.objects.count() == 1
    assert Price.objects.known().get(name="claude-example-4").input == 4.0


@pytest.mark.django_db(transaction=True)
def test_ten_workers_with_one_address_ask_once(publisher):
    publisher.put(PRICES, prices())
    publisher.pause = 0.2
    number = endpoint(PRICES).pk

    def ask(worker: int) -> Fetch | None:
        with Fetcher(AGENT, mirror=publisher.url) as fetcher:
            return collect.collect(number, now=at(2), by=f"worker {worker}", fetching=lambda: fetcher)

    attempts = in_threads(10, ask)
    assert len(publisher.requests) == 1, [(attempt.outcome, attempt.message) for attempt in Fetch.objects.all()]
    assert sum(attempt is not None for attempt in attempts) == Fetch.objects.count() == Snapshot.objects.count() == 1


@contextmanager
def paced(publisher, gap: timedelta):
    pace = collect.database_pace(gap, clock=timezone.now)
    with Fetcher(AGENT, mirror=publisher.url, limits=Limits(seconds=5), pace=pace) as fetcher:
        yield fetcher


@pytest.mark.django_db(transaction=True)
def test_requests_of_several_workers_to_one_host_never_overlap(publisher):
    publisher.pause = 0.1
    urls = [PRICES, "https://models.dev/one.json", "https://models.dev/two.json", "https://models.dev/three.json"]
    for url in urls:
        publisher.put(url, prices())

    def ask(worker: int) -> None:
        with paced(publisher, timedelta(seconds=0.15)) as fetcher:
            fetcher.fetch(urls[worker])

    in_threads(4, ask)
    times = sorted((request.began, request.ended) for request in publisher.requests)
    assert len(times) == 4
    assert publisher.overlaps() == 0
    assert min(later[0] - earlier[1] for earlier, later in pairwise(times)) >= 0.15
    assert HostPace.objects.get().host == "models.dev"


@pytest.mark.django_db(transaction=True)
def test_requests_to_different_hosts_do_not_wait_for_each_other(publisher):
    publisher.pause = 0.3
    publisher.put(PRICES, prices())
    publisher.put(NOTABLE, notable(("A", "2025-01-01", "")), "text/csv")

    def ask(worker: int) -> None:
        with paced(publisher, timedelta(0)) as fetcher:
            fetcher.fetch((PRICES, NOTABLE)[worker])

    in_threads(2, ask)
    assert publisher.overlaps() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_during_its_turn_does_not_block_the_host(publisher):
    """The lock belongs to its connection, which ends with it."""
    publisher.put(PRICES, prices())
    turn = collect.database_pace(timedelta(0), clock=timezone.now)
    dead = threading.Thread(target=lambda: (turn("models.dev", 0.0).__enter__(), connections.close_all()))
    dead.start()
    dead.join()
    with paced(publisher, timedelta(0)) as fetcher:
        assert fetcher.fetch(PRICES).body == prices()
