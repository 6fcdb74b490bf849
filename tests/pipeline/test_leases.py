"""One row, one worker: whatever the question that finds free work joins."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.models import QuerySet

from tests.pipeline.steps import at, endpoint
from tests.pipeline.vintages import PRICES
from tracker.models import Endpoint
from tracker.pipeline import leases

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("installed")]

OWN = {"due_at__lte": at(2)}
QUESTIONS = {"its own columns": OWN, "and those of its source": OWN | {"source__enabled": True}}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_claim_that_waited_for_anothers_does_not_take_the_row_as_well(question):
    Endpoint.objects.filter(url=PRICES).update(due_at=at(1))
    assert two_claims(Endpoint.objects.filter(url=PRICES, **QUESTIONS[question])) == (endpoint(PRICES), None)
    assert (endpoint(PRICES).lease_by, endpoint(PRICES).attempts) == ("first", 1)


def test_a_claim_goes_on_to_the_next_row_when_the_first_was_taken_before_its_eyes():
    pair = [row.pk for row in Endpoint.objects.order_by("pk")[:2]]
    Endpoint.objects.filter(pk__in=pair).update(due_at=at(1))
    first, second = two_claims(Endpoint.objects.filter(pk__in=pair, source__enabled=True).order_by("pk"))
    assert [first.pk, second.pk] == pair


def two_claims(work: QuerySet[Endpoint]) -> tuple[Endpoint | None, Endpoint | None]:
    """What two workers get, the second having found the row free while the first was about to take it."""
    found, told, pids = [], threading.Event(), []

    def second() -> None:
        try:
            with connection.cursor() as cursor:
                pids.append(cursor.execute("SELECT pg_backend_pid()").fetchone()[0])
            told.set()
            found.append(leases.claim(work.all(), now=at(2), lease=timedelta(minutes=5), by="second"))
        finally:
            connections.close_all()

    other = threading.Thread(target=second)
    with transaction.atomic():
        mine = leases.claim(work.all(), now=at(2), lease=timedelta(minutes=5), by="first")
        other.start()
        assert told.wait(10)
        until_it_waits(pids[0])
    other.join(10)
    return mine, found[0]


def until_it_waits(pid: int) -> None:
    """Return once that connection of the database waits for another's transaction."""
    with connection.cursor() as cursor:
        for _ in range(500):
            if cursor.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() == (
                "Lock",
            ):
                return
            cursor.execute("SELECT pg_sleep(0.02)")
    raise AssertionError("the second claim never waited")
