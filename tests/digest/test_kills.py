"""Workers that are killed in the middle of a letter, really and with -9: nobody goes without, nobody gets two."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, connection

from landscape.local import processes
from tests.digest.post_office import CUT, LOSE, PostOffice, post_office
from tests.digest.sending import MONDAY, addressed, states
from tests.pipeline.steps import ROOT, same_database
from tracker.digest import outbox, send
from tracker.models import Letter

pytestmark = pytest.mark.django_db(transaction=True)

READERS, WORKERS, KILLS = 300, 4, 16
# One process pays for the imports; the workers are forked from it, each with connections of its own.
FORGE = """
import django; django.setup()
import os, signal, sys
from datetime import datetime, timedelta
from django.conf import settings
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", int(sys.argv[1]), 10
settings.DIGEST_PACE = 0
from tracker.digest import send
send.PATIENCE = timedelta(0)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("ready", flush=True)
for line in sys.stdin:
    now, by = line.split()
    worker = os.fork()
    if not worker:
        send.work(now=datetime.fromisoformat(now), by=by, seconds=60, batch=5)
        os._exit(0)
    print(worker, flush=True)
"""


class Crew:
    """Workers of which nobody comes back."""

    def __init__(self, port: int) -> None:
        self.hired = 0
        self.working: list[int] = []
        self._forge = subprocess.Popen(
            [sys.executable, "-c", FORGE, str(port)], env=same_database(), cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._said() == "ready"

    def _said(self) -> str:
        assert self._forge.stdout is not None
        return self._forge.stdout.readline().strip()

    def hire(self) -> None:
        self.hired += 1
        assert self._forge.stdin is not None
        self._forge.stdin.write(f"{MONDAY.isoformat()} worker-{self.hired}\n")
        self._forge.stdin.flush()
        self.working.append(int(self._said()))

    def kill(self, worker: int) -> None:
        """With -9; whoever has finished is not there to be killed."""
        self.working.remove(worker)
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while processes.is_alive(worker):
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def dismiss(self) -> None:
        for worker in list(self.working):
            self.kill(worker)
        with self._forge:
            self._forge.kill()


def wait_for(office: PostOffice, letters: int) -> None:
    deadline = time.monotonic() + 20
    while len(office.letters) < letters:
        assert time.monotonic() < deadline, "nobody sends anything"
        time.sleep(0.002)


def test_workers_killed_at_random_leave_nobody_without_a_letter_and_nobody_with_two(settings):
    settings.DIGEST_PACE = 0
    addressed(READERS, domains=20)
    chance = random.Random(7)  # noqa: S311  for the times of the kills
    with post_office() as (office, port):
        crew = Crew(port)
        try:
            for _ in range(WORKERS):
                crew.hire()
            for _ in range(KILLS):
                # After some more letters, at any point of the next one, however fast the machine is.
                wait_for(office, len(office.letters) + chance.randint(2, 10))
                time.sleep(chance.uniform(0, 0.03))
                crew.kill(chance.choice(crew.working))
                crew.hire()
        finally:
            crew.dismiss()
        # All are gone; what they only held is free when their leases end, and so is what they had handed over.
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        before = states()
        last = send.work(now=MONDAY + outbox.LEASE + timedelta(minutes=2), by="heir", seconds=60)
        found, taken = states(), Counter(office.names())
    assert before["sent"] > KILLS < before["waiting"], "they were killed in the middle of the work"
    assert last.stopped == ""
    assert found.keys() <= {"sent", "ambiguous"}
    assert sum(found.values()) == READERS
    assert max(taken.values()) == 1, "nobody got two"
    sent = set(Letter.objects.filter(state="sent").values_list("message_id", flat=True))
    unsure = set(Letter.objects.filter(state="ambiguous").values_list("message_id", flat=True))
    assert sent <= taken.keys() <= sent | unsure, "nobody whom we call served went without"
    assert len(unsure) <= KILLS + WORKERS


def test_a_worker_killed_while_the_server_has_the_letter_leaves_the_one_row_that_says_so(settings):
    settings.DIGEST_PACE = 0
    addressed(5)
    with post_office() as (office, port):
        crew = Crew(port)

        def die(stage: str, who: str) -> str | None:
            if stage == "END" and "reader2@" in who:
                os.kill(crew.working[0], signal.SIGKILL)
                return LOSE
            return None

        office.plan = die
        try:
            crew.hire()
            deadline = time.monotonic() + 20
            while processes.is_alive(crew.working[0]) and time.monotonic() < deadline:
                time.sleep(0.02)
        finally:
            crew.dismiss()
        assert states() == {"sent": 1, "sending": 2, "waiting": 2} or states() == {
            "sent": 2,
            "sending": 1,
            "waiting": 2,
        }
        assert outbox.reconcile(now=MONDAY + 2 * outbox.LEASE) == states()["ambiguous"] == 1
        assert len(office.letters) == 3


def test_an_answer_is_written_down_although_the_connection_to_the_database_was_cut_after_it(settings):
    settings.DIGEST_PACE = 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    addressed(4)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (working,) = cursor.fetchone()
    names: list[str] = []

    def cut(stage: str, who: str) -> None:
        if stage == "END" and len(names) == 1:
            with psycopg.connect(**connection.get_connection_params() | {"autocommit": True}) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [working])
        if stage == "END":
            names.append(who)

    with post_office() as (office, port):
        settings.EMAIL_PORT = port
        office.plan = cut
        with pytest.raises(OperationalError):
            send.work(now=MONDAY, by="worker", seconds=20)
        assert states() == {"sent": 2, "waiting": 2}
        send.work(now=MONDAY + timedelta(minutes=1), by="heir", seconds=20)
        assert states() == {"sent": 4}
        assert sorted(names) == sorted(set(office.readers()))


def test_a_server_that_is_killed_and_comes_back_gets_every_letter_once(settings):
    settings.DIGEST_PACE = 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    addressed(30)
    names: list[str] = []
    now = MONDAY
    for died_after in (7, 11, 1000):
        with post_office() as (office, port):
            settings.EMAIL_PORT = port
            office.plan = lambda stage, who, o=office, n=died_after: CUT if len(o.letters) >= n else None
            send.work(now=now, by="worker", seconds=20)
            names += office.names()
        now += timedelta(hours=1)
    assert states() == {"sent": 30}
    assert len(set(names)) == len(names) == 30
