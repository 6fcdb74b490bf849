"""What the database holds of alarms, whoever looks and however often."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.pipeline.alarms.steps import LINES, OFFERS, broken, mail
from tests.pipeline.steps import at, endpoint, in_threads, take_in
from tests.pipeline.vintages import NOTABLE, PANEL, PRICES, panel, prices
from tracker.models import (
    Alarm,
    Snapshot,
)
from tracker.pipeline import alarms, collect, ingest, leases

pytestmark = pytest.mark.usefixtures("installed")


def test_an_alarm_is_never_deleted():
    broken()
    with pytest.raises(IntegrityError, match="closed, never deleted"), transaction.atomic():
        Alarm.objects.all().delete()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("one_open_alarm_per_subject", {}),
        ("alarm_has_a_message", {"subject": "other", "message": ""}),
        ("alarm_seen_after_it_opened", {"subject": "other", "last_seen_at": at(1)}),
        ("alarm_seen_after_it_opened", {"subject": "other", "closed_at": at(1)}),
        ("alarm_acknowledged_by_at_and_why", {"subject": "other", "acknowledged_at": at(3)}),
        ("alarm_acknowledged_by_at_and_why", {"subject": "other", "reason": "because"}),
        ("alarm_healing_mailed_once_closed", {"subject": "other", "healing_mailed_at": at(3)}),
    ],
)
def test_the_database_refuses_what_makes_no_sense(refused, constraint, values):
    plain = {
        "kind": "rows",
        "subject": "one",
        "severity": "alarm",
        "message": "m",
        "opened_at": at(2),
        "last_seen_at": at(2),
    }
    Alarm.objects.create(**plain)
    with refused(constraint):
        Alarm.objects.create(**plain | values)


def test_a_clock_that_runs_behind_closes_an_alarm_all_the_same():
    broken()
    alarms.look(now=at(5), live=False)
    Snapshot.objects.filter(state="quarantined").update(state="rejected")
    alarms.look(now=at(4), live=False)
    assert Alarm.objects.get().closed_at == at(5)


@pytest.mark.django_db(transaction=True)
def test_workers_that_look_at_the_same_time_open_one_alarm_and_send_one_letter(mailoutbox):
    take_in(PRICES, prices(*OFFERS), at(1))
    snapshot, _ = collect.keep(endpoint(PRICES), prices(*OFFERS[:20]), fetched_at=at(2), media_type="")
    leases.claim(Snapshot.objects.filter(pk=snapshot.pk), now=at(2), lease=ingest.LEASE, by="other")
    Snapshot.objects.filter(pk=snapshot.pk).update(state="quarantined", message="too few rows")
    in_threads(4, lambda number: alarms.look(now=at(2), live=False))
    assert Alarm.objects.count() == 1
    in_threads(4, lambda number: mail(at(3)))
    assert len(mailoutbox) == 1


def test_looking_takes_as_many_queries_however_much_is_wrong():
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            alarms.look(now=at(20))
        return len(found)

    take_in(PRICES, prices(*OFFERS), at(1))
    asked()
    few = asked()
    take_in(PRICES, prices(*OFFERS[:20]), at(2))
    take_in(PANEL, panel(*LINES), at(1))
    take_in(PANEL, panel(*(replace(line, score=round(line.score * 0.97, 5)) for line in LINES)), at(2))
    take_in(NOTABLE, b"nothing", at(2))
    asked()
    assert asked() <= few + 2 <= 40
