"""The broker and the database may go away at any moment: what was done stays, and what was not is done again."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection

from tests.pipeline.steps import ROOT, at, content, endpoint, in_threads, same_database, stopped_at, take_in
from tests.pipeline.test_tasks import broker, live
from tests.pipeline.vintages import OFFERS, PRICES, prices
from tracker import tasks
from tracker.models import Endpoint, Fetch, Price, Snapshot
from tracker.pipeline import collect, ingest

__all__ = ["broker", "live"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("installed")]


def test_two_beats_and_ten_workers_collect_and_read_a_document_once(live, broker):
    live.pause = 0.1
    in_threads(2, lambda number: tasks.collect_due())
    messages = broker()
    assert [message["args"] for message in messages] == [[endpoint(PRICES).pk]] * 2, "both beats found it due"
    in_threads(10, lambda number: tasks.collect_endpoint(*messages[number % 2]["args"]))
    assert (len(live.requests), Fetch.objects.count(), Snapshot.objects.count()) == (1, 1, 1)
    snapshot = Snapshot.objects.get().pk
    in_threads(2, lambda number: tasks.ingest_due())
    in_threads(10, lambda number: tasks.ingest_snapshot(snapshot))
    assert Price.objects.count() == 5
    assert Snapshot.objects.get().counts["added"] == 10  # releases and prices, each once


def test_a_broker_that_is_emptied_between_any_two_steps_loses_nothing(live, broker):
    """Whatever beat sent is thrown away; only its next question goes through."""
    tasks.collect_due()
    assert broker() != []
    tasks.collect_due()
    (sent,) = broker()
    tasks.collect_endpoint(*sent["args"])
    assert broker() != []  # the message to read it, gone as well
    tasks.ingest_due()
    assert broker() != []
    tasks.ingest_due()
    (sent,) = broker()
    tasks.ingest_snapshot(*sent["args"])
    assert Price.objects.count() == 5
    assert len(live.requests) == 1
    broker()


COLLECT = """
import django; django.setup()
from tracker import tasks
tasks.collect_endpoint({pk})
"""


def test_a_broker_that_is_away_costs_no_document(publisher, state_folder):
    publisher.put(PRICES, prices())
    pk = endpoint(PRICES).pk
    Endpoint.objects.filter(pk=pk).update(due_at=at(1))
    nowhere = {"BROKER_URL": f"redis+socket://{state_folder}/nobody", "SOURCE_MIRROR": publisher.url}
    done = subprocess.run(
        [sys.executable, "-c", COLLECT.format(pk=pk)],
        cwd=ROOT,
        env=same_database() | nowhere,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "OperationalError" in done.stderr, "the message to read it could not be sent"
    snapshot = Snapshot.objects.get()
    assert (Fetch.objects.get().outcome, snapshot.state, snapshot.endpoint_id) == ("changed", "stored", pk)
    assert endpoint(PRICES).lease_until is None
    late = snapshot.fetched_at + timedelta(minutes=1)
    assert ingest.waiting(now=late) == [snapshot.pk]
    assert ingest.ingest(snapshot.pk, now=late, by="beat's next question").state == "ingested"


READ = """
from tracker.pipeline import ingest
ingest.ingest({pk}, now=datetime(2026, 9, 2, 6, tzinfo=UTC), by="cut off")
"""


def test_a_database_that_ends_every_connection_in_the_middle_of_a_reading_leaves_no_half_of_it():
    """What a restart does to whoever is at work. Releases are written first, so half was there when it came."""
    take_in(PRICES, prices(), at(1))
    before = content()
    snapshot, _ = collect.keep(endpoint(PRICES), prices(*OFFERS[:-1]), fetched_at=at(2), media_type="")
    with stopped_at("tracker_price", READ.format(pk=snapshot.pk)) as process:
        assert ended_connections_that_wait_for("tracker_price") == 1
        assert process.wait(20) != 0, "the reading broke off"
    assert content() == before
    row = Snapshot.objects.get(pk=snapshot.pk)
    assert (row.state, row.lease_by) == ("stored", "cut off")
    assert ingest.ingest(snapshot.pk, now=at(2, 6, 4), by="too early") is None
    assert ingest.ingest(snapshot.pk, now=at(2) + 2 * ingest.LEASE, by="heir").state == "ingested"
    assert len(content()["Price"]) == len(before["Price"])
    assert Price.objects.known().count() < len(before["Price"])


def ended_connections_that_wait_for(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE NOT granted AND relation = %s::regclass",
            [table],
        )
        return int(cursor.fetchone()[0])
