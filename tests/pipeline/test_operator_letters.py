"""Letters about alarms whose worker dies or whose server never answers: none goes out twice, none is lost silently."""

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings as configured
from django.db import connection, connections

from tests.pipeline.steps import ROOT, at, same_database
from tests.pipeline.test_letters import OPERATORS, SECOND, alarm, mail, waiting
from tracker.domain import letters
from tracker.models import Alarm, OperatorLetter
from tracker.pipeline import alarm_letters

pytestmark = pytest.mark.usefixtures("installed")

PROGRAM = """
import django; django.setup()
from datetime import datetime, UTC
from tracker.pipeline import alarm_letters
alarm_letters.mail(to=["ann@example.org"], sender="landscape@example.org", now=datetime(2026, 9, 1, 7, tzinfo=UTC),
                   by="killed")
"""


def state() -> str:
    return OperatorLetter.objects.get().state


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_once_the_server_said_yes_leaves_a_row_and_no_second_letter_of_that_name(box):
    alarm(1, at(1))
    box.fault = "kept"
    environment = {**same_database(), "EMAIL_URL": f"smtp://127.0.0.1:{box.port}", "OPERATOR_EMAIL": OPERATORS[0]}
    environment["DJANGO_SETTINGS_MODULE"] = os.environ["DJANGO_SETTINGS_MODULE"]
    told = connection.get_connection_params()
    keys = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{key: told[key] for key in keys if told.get(key)}) as lock:
        process = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, cwd=ROOT)
        try:
            assert box.reached.wait(60)
            assert state() == "sending", "the row was not there before the server had the letter"
            lock.execute("LOCK TABLE tracker_operatorletter IN SHARE ROW EXCLUSIVE MODE")
            box.released.set()
            deadline = time.monotonic() + 20
            stands = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'tracker_operatorletter'::regclass"
            while lock.execute(stands).fetchone() == (0,):
                assert time.monotonic() < deadline, "it never came to write the answer down"
                time.sleep(0.02)
        finally:
            process.kill()
            process.wait()
    box.fault = ""
    assert [mail(at(1, 7) + SECOND), state()] == [0, "sending"]  # it might still live
    lost = at(1, 7) + configured.LEASE
    assert [mail(lost), state()] == [0, "ambiguous"]
    assert mail(at(1, 7) + letters.PAUSE - SECOND) == 0
    assert len(box.letters) == 1
    # The alarm is still open, and nobody knows whether the operator does: one more letter, which says so.
    assert [mail(at(1, 7) + letters.PAUSE), mail(at(1, 10))] == [1, 0]
    first, second = box.letters
    assert first["Message-ID"] != second["Message-ID"]
    assert "A letter of 2026-09-01 07:00 UTC may have told you of it already." in second.get_content()
    assert "may have told" not in first.get_content()
    assert Alarm.objects.get().mailed_at == at(1, 7) + letters.PAUSE


def test_a_server_that_never_answers_gets_no_second_letter_of_what_healed_meanwhile(box):
    alarm(1, at(1))
    box.fault = "mute"
    assert [mail(at(1, 7)), state()] == [0, "ambiguous"]
    assert waiting(at(1) + letters.UNTOLD_AFTER) == 1
    box.fault = ""
    Alarm.objects.update(closed_at=at(1, 7, 5), last_seen_at=at(1, 7, 5))
    assert [mail(at(1, 9)), mail(at(1, 12))] == [1, 0]
    assert [letter["Subject"] for letter in box.letters] == ["AI landscape: 1 new alarm", "AI landscape: 1 healed"]


def test_what_stopped_us_waits_for_the_pause_once_a_letter_may_have_told_it(box):
    alarm(1, at(1), "stopped")
    box.fault = "mute"
    assert mail(at(1, 7)) == 0
    box.fault = ""
    assert [mail(at(1, 7, 30)), mail(at(1, 8))] == [0, 1]


def test_a_letter_that_was_not_taken_leaves_no_row(box):
    alarm(1, at(1))
    box.fault = "busy"
    assert mail(at(1, 7)) == 0
    assert not OperatorLetter.objects.exists()
    assert Alarm.objects.get().letter is None


@pytest.mark.django_db(transaction=True)
def test_while_one_letter_is_handed_over_nobody_writes_another_and_late_news_are_news(box):
    alarm(1, at(1))
    box.fault, told = "kept", []

    def write() -> None:
        told.append(mail(at(1, 7)))
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    assert box.reached.wait(10)
    alarm(2, at(1), "stopped")
    assert mail(at(1, 7) + timedelta(seconds=5)) == 0
    alarm_letters.mail(to=[], sender="", now=at(1, 8), by="later")
    assert state() == "ambiguous"
    box.released.set()
    writer.join()
    assert (told, state()) == ([1], "sent")
    assert Alarm.objects.get(subject="thing:1").mailed_at == at(1, 7)
