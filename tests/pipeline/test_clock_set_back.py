"""A machine's clock that ran an hour ahead and was set right: work goes on now, and not an hour later."""

from datetime import timedelta

import pytest

from tests.digest.sending import MONDAY, addressed, states
from tests.pipeline.conftest import AGENT
from tests.pipeline.steps import at, endpoint
from tests.pipeline.vintages import OFFERS, PRICES, prices
from tracker.digest import outbox
from tracker.fetch import Fetcher, FetchError
from tracker.models import HostPace, Price, Snapshot
from tracker.pipeline import collect, ingest, leases

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
pytestmark = pytest.mark.usefixtures("installed")


def ask(publisher, when):
    with Fetcher(AGENT, mirror=publisher.url) as fetcher:
        attempt = collect.collect(endpoint(PRICES).pk, now=when, by="asker", fetching=lambda: fetcher, force=True)
    if attempt is not None and attempt.snapshot_id:
        ingest.ingest(attempt.snapshot_id, now=when, by="reader")
    return attempt


def test_what_was_published_since_is_believed_although_it_comes_before_the_last_document(publisher):
    publisher.put(PRICES, prices())
    ask(publisher, at(2) + HOUR)
    publisher.put(PRICES, prices(*OFFERS[1:], OFFERS[0].__class__("anthropic", "claude-example-4", price=4.0)))
    ask(publisher, at(2))
    assert list(Snapshot.objects.order_by("pk").values_list("state", flat=True)) == ["ingested", "ingested"]
    assert Price.objects.known().get(name="claude-example-4").input == 4.0
    assert ask(publisher, at(2, 6, 1)).outcome == "unchanged"


def test_an_address_that_was_asked_in_the_future_is_due(publisher):
    publisher.put(PRICES, prices())
    ask(publisher, at(2) + HOUR)
    row = endpoint(PRICES)
    assert row.due_at == at(3) + HOUR
    assert row.pk in collect.due(now=at(2))
    assert row.pk not in collect.due(now=at(2) + HOUR)
    with Fetcher(AGENT, mirror=publisher.url) as fetcher:
        again = collect.collect(row.pk, now=at(2), by="asker", fetching=lambda: fetcher)
    assert again is not None
    assert endpoint(PRICES).due_at == at(3)


def test_a_lease_taken_in_the_future_by_a_worker_that_died_is_free_and_a_living_ones_is_not():
    snapshot, _ = collect.keep(endpoint(PRICES), prices(), fetched_at=at(2), media_type="")
    assert leases.claim(Snapshot.objects.all(), now=at(2) + HOUR, lease=ingest.LEASE, by="dead")
    assert ingest.waiting(now=at(2)) == [snapshot.pk]
    assert ingest.ingest(snapshot.pk, now=at(2), by="heir").state == "ingested"
    Snapshot.objects.update(state="stored", ingested_at=None)
    assert leases.claim(Snapshot.objects.all(), now=at(2), lease=ingest.LEASE, by="alive")
    assert ingest.waiting(now=at(2)) == []
    assert leases.claim(Snapshot.objects.all(), now=at(2), lease=ingest.LEASE, by="other") is None


def test_nobody_waits_longer_for_a_turn_at_a_host_than_its_gap():
    HostPace.objects.create(host="models.dev", next_at=at(2) + HOUR)
    waited = []
    turn = collect.database_pace(2 * SECOND, clock=lambda: at(2), sleep=waited.append)
    with pytest.raises(FetchError), turn("models.dev", 0.0):
        raise FetchError("the turn was had")
    assert waited == [2.0]
    assert HostPace.objects.get().next_at == at(2) + 2 * SECOND


def test_letters_held_in_the_future_wait_on_and_those_in_a_dead_workers_hands_are_told(settings):
    settings.DIGEST_PACE = 600
    issue = addressed(3)
    first, *_ = outbox.claim(now=MONDAY + HOUR, by="dead", issues=[issue.pk])
    assert outbox.hand_over(first, now=MONDAY + HOUR, by="dead")
    assert len(outbox.claim(now=MONDAY, by="heir", issues=[issue.pk])) == 2
    assert outbox.reconcile(now=MONDAY) == 1
    assert states() == {"waiting": 2, "ambiguous": 1}
