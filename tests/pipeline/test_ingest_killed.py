"""A process that is killed in the middle of its work leaves nothing half done: real processes, real kill -9."""

import pytest

from tests.pipeline.steps import at, content, endpoint, stopped_at, take_in
from tests.pipeline.vintages import OFFERS, PRICES, prices
from tracker.models import Price, Release, Snapshot
from tracker.pipeline import collect, ingest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("installed")]

READ = """
from tracker.pipeline import ingest
ingest.ingest({pk}, now=datetime(2026, 9, 2, 6, tzinfo=UTC), by="doomed")
"""
CHANGED = tuple(OFFERS[:-1])


def test_a_reading_that_is_killed_leaves_no_fact_and_is_done_again_after_its_lease():
    take_in(PRICES, prices(), at(1))
    before = content()
    snapshot, _ = collect.keep(endpoint(PRICES), prices(*CHANGED), fetched_at=at(2), media_type="")
    # Releases are written first, so one row of theirs is closed already when it comes to the prices.
    with stopped_at("tracker_price", READ.format(pk=snapshot.pk)) as process:
        process.kill()
        process.wait()
    assert content() == before
    assert Snapshot.objects.get(pk=snapshot.pk).lease_by == "doomed"
    assert ingest.ingest(snapshot.pk, now=at(2, 6, 4), by="too early") is None
    assert content() == before
    assert ingest.ingest(snapshot.pk, now=at(2, 6, 5), by="heir").state == "ingested"
    after = content()

    # One clean run of the same two documents, from nothing.
    Price.objects.all().delete()
    Release.objects.all().delete()
    for state in Snapshot.objects.order_by("fetched_at"):
        Snapshot.objects.filter(pk=state.pk).update(state="stored", ingested_at=None)
    type(endpoint(PRICES)).objects.update(current=None)
    for pk in ingest.waiting(now=at(3)):
        ingest.ingest(pk, now=at(3), by="clean")
    assert content() == after


def test_a_reading_that_only_lost_its_broker_message_is_taken_up_by_whoever_looks():
    snapshot, _ = collect.keep(endpoint(PRICES), prices(), fetched_at=at(1), media_type="")
    assert ingest.waiting(now=at(1)) == [snapshot.pk]
    assert ingest.ingest(snapshot.pk, now=at(1), by="beat").state == "ingested"
    assert ingest.waiting(now=at(9)) == []
