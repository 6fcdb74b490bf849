"""The digest's alarms: an issue that did not go out, letters that do not arrive, and silence about what is normal."""

from datetime import datetime, timedelta

import pytest

from tests.digest.sending import MONDAY, WEEK, addressed, issue, subscribers
from tracker.digest import schedule
from tracker.models import Alarm, Letter, Subscriber
from tracker.pipeline import alarms

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def told(now: datetime) -> dict[str, str]:
    alarms.look(now=now, live=False, digest=schedule.expected(now))
    return {alarm.subject: alarm.message for alarm in Alarm.objects.filter(closed_at=None)}


def test_a_monday_without_a_digest_is_an_alarm_two_hours_later_and_heals_when_it_has_gone_out():
    subscribers(2)
    assert told(MONDAY + 1.9 * HOUR) == {}
    found = told(MONDAY + 2 * HOUR)
    assert found.keys() == {f"digest:{WEEK}"}
    assert "has not been built" in found[f"digest:{WEEK}"]
    assert "2 readers wait" in found[f"digest:{WEEK}"]
    addressed()
    assert told(MONDAY + 3 * HOUR) == {}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"state": "built", "approved_at": None}, "waits for an editor"),
        ({}, "no worker has addressed it"),
        ({"state": "withheld"}, None),
    ],
)
def test_the_alarm_says_where_the_issue_stands(values, said):
    subscribers(1)
    issue(**values)
    found = told(MONDAY + 5 * HOUR)
    assert (said is None and found == {}) or said in found[f"digest:{WEEK}"]


def test_an_installation_without_readers_owes_nobody_a_digest():
    assert told(MONDAY + 50 * HOUR) == {}


def test_before_monday_the_issue_that_is_expected_is_last_weeks():
    assert schedule.expected(MONDAY - HOUR)[0] == "2026-W45"
    assert schedule.expected(MONDAY) == (WEEK, MONDAY)


def test_letters_in_doubt_are_an_alarm_until_somebody_settles_them():
    addressed(3)
    one = Letter.objects.first()
    Letter.objects.update(state="sent", settled_at=MONDAY)
    Letter.objects.filter(pk=one.pk).update(state="ambiguous", settled_at=None, last_error="The worker was gone.")
    found = told(MONDAY + HOUR)
    assert "1 may or may not have arrived" in found[f"letters:{WEEK}"]
    assert "Last said: The worker was gone." in found[f"letters:{WEEK}"]
    Letter.objects.update(state="sent", settled_at=MONDAY)
    assert told(MONDAY + 2 * HOUR) == {}


def test_readers_who_do_not_exist_are_no_alarm_but_readers_who_do_are():
    addressed(3)
    Letter.objects.update(state="dead", settled_at=MONDAY)
    Subscriber.objects.update(state="bounced", ended_at=MONDAY)
    assert told(MONDAY + HOUR) == {}
    Subscriber.objects.update(state="active", ended_at=None)
    assert "3 were given up, 3 of them to readers" in told(MONDAY + HOUR)[f"letters:{WEEK}"]
    assert told(MONDAY + timedelta(days=6, hours=23)).keys() == {f"letters:{WEEK}"}
    assert f"letters:{WEEK}" not in told(MONDAY + timedelta(days=7, minutes=1))


def test_many_dead_addresses_at_once_are_an_alarm():
    addressed(40)
    some = list(Letter.objects.values_list("pk", flat=True)[:20])
    Subscriber.objects.update(state="bounced", ended_at=MONDAY)
    Letter.objects.exclude(pk__in=some).update(state="sent", settled_at=MONDAY)
    Letter.objects.filter(pk__in=some).update(state="dead", settled_at=MONDAY)
    assert "20 were given up, 0 of them" in told(MONDAY + HOUR)[f"letters:{WEEK}"]


def test_letters_that_wait_for_most_of_a_day_are_an_alarm_with_what_keeps_them():
    addressed(2)
    Letter.objects.update(last_error="The mail server does not let us in.")
    assert told(MONDAY + 6 * HOUR) == {}
    assert "2 wait since 2026-11-16 07:00 UTC" in told(MONDAY + 6.1 * HOUR)[f"letters:{WEEK}"]
