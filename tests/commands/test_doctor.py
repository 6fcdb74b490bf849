"""What `manage.py doctor` and `manage.py watch` say of a machine that is in order, and of one that is not."""

import json
import shutil
import socket
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from landscape.environment import MailServer
from tracker.management import diagnosis
from tracker.models import Alarm, Beat, Subscriber
from tracker.pipeline import pulse, watch

pytestmark = pytest.mark.django_db
NOON = timezone.datetime(2026, 11, 22, 12, tzinfo=timezone.get_default_timezone())
TO = ["operator@example.org"]


def told(*arguments):
    out = StringIO()
    broken = ""
    try:
        call_command("doctor", *arguments, stdout=out)
    except CommandError as error:
        broken = str(error)
    return out.getvalue(), broken


@pytest.fixture(autouse=True)
def machine(settings, tmp_path):
    for name in ("secret-key",):
        (tmp_path / name).write_text("x" * 64)
        (tmp_path / name).chmod(0o600)
    settings.STATE_DIR, settings.BEAT_PULSE = tmp_path, tmp_path / "alive"
    settings.STATIC_ROOT = tmp_path / "static"
    settings.EVALUATIONS = False
    return tmp_path


def test_each_part_has_a_line_and_what_is_wrong_says_what_to_do(machine):
    text, broken = told()
    lines = text.splitlines()
    assert broken == ""
    names = [line[5:].partition(":")[0] for line in lines]
    assert names[:2] == ["database", "migrations"]
    assert {"broker", "beat", "worker collect", "worker compute", "worker mail", "disk", "clock", "mail"} <= set(names)
    assert {"state folder", "static files", "isolation"} <= set(names)
    assert all("-> " in line for line in lines if not line.startswith("ok"))
    assert next(line for line in lines if "worker mail" in line).endswith("its log says why it ended")


def test_what_others_may_read_or_what_is_missing_is_broken_and_ends_with_an_exit_code(machine, settings):
    (machine / "secret-key").chmod(0o644)
    settings.STATIC_HASHED = True
    text, broken = told("--json")
    assert broken == "Not in order: state folder"
    found = json.loads(text)
    assert "others may read secret-key" in found["state folder"]["detail"]
    assert "collectstatic" in found["static files"]["do"]
    assert found["static files"]["state"] == "look", "this may be a machine that serves no pages"
    assert found["database"]["state"] == "ok"


def test_a_mail_server_is_greeted_and_nothing_is_sent(settings):
    with socket.create_server(("127.0.0.1", 0)) as door:
        settings.MAIL_SERVER = MailServer("127.0.0.1", door.getsockname()[1], "", "", starttls=False, tls=False)
        heard = []

        def answer():
            for greeting in (b"220 ready\r\n", b"554 not today\r\n"):
                visitor, _ = door.accept()
                with visitor:
                    visitor.sendall(greeting)
                    heard.append(visitor.recv(100))

        thread = threading.Thread(target=answer)
        thread.start()
        states = [next(one for one in diagnosis.findings() if one.name == "mail") for _ in range(2)]
        thread.join()
    assert [one.state for one in states] == ["ok", "broken"]
    assert "554 not today" in states[1].detail
    assert heard == [b"", b""]
    (away,) = (one for one in diagnosis.findings() if one.name == "mail")
    assert (away.state, "EMAIL_URL" in away.do) == ("broken", True)


def test_a_clock_that_is_wrong_is_found(monkeypatch):
    true = diagnosis.time.time
    monkeypatch.setattr(diagnosis.time, "time", lambda: true() - 3600)
    (clock,) = (one for one in diagnosis.findings() if one.name == "clock")
    assert clock.state == "broken"
    assert clock.detail.startswith("+3600.")


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_what_holds_models_back_is_tried(settings):
    settings.EVALUATIONS, settings.EVALUATION_ISOLATION = True, "require"
    (found,) = (one for one in diagnosis.findings() if one.name == "isolation")
    assert found.state in ("ok", "broken")  # containers without user namespaces have none
    assert found.detail


def stand_in(now):
    return watch.stand_in(to=TO, sender="site@example.org", now=now, live=False)


def test_while_a_worker_looks_or_was_never_heard_nobody_stands_in():
    assert stand_in(NOON) is None
    Beat.objects.create(name="alarms", at=NOON - watch.SILENT_AFTER)
    assert stand_in(NOON) is None
    assert not Alarm.objects.exists()


def test_a_start_after_a_pause_gives_workers_a_while_to_be_heard():
    for name in ("collect", "ingest", "recompute", "alarms"):
        Beat.objects.create(name=name, at=NOON - timedelta(hours=8))
    pulse.started(now=NOON)
    assert stand_in(NOON + timedelta(minutes=5)) is None
    assert not Alarm.objects.exists()
    assert stand_in(NOON + timedelta(minutes=30)) is not None
    assert Alarm.objects.filter(kind="silent").count() == 4


def test_when_beat_falls_silent_the_operator_has_a_letter_within_half_an_hour_and_another_when_it_is_back():
    last = NOON
    for name in ("collect", "ingest", "recompute", "alarms"):
        Beat.objects.create(name=name, at=last)
    minutes = 0
    while not mail.outbox:
        minutes += 5
        assert minutes <= 35
        stand_in(NOON + timedelta(minutes=minutes))
    (letter,) = mail.outbox
    assert letter.to == TO
    assert "beat, the broker or the workers are down" in letter.body
    assert Alarm.objects.filter(kind="silent", closed_at=None).count() == 4
    for more in (5, 10, 60):
        stand_in(NOON + timedelta(minutes=minutes + more))
    assert len(mail.outbox) == 1  # each is told once
    back = NOON + timedelta(hours=3)
    Beat.objects.exclude(name="alarms").update(at=back)
    assert stand_in(back) is not None
    assert Alarm.objects.filter(kind="silent", closed_at=None).count() == 1
    assert "healed" in mail.outbox[1].subject


def test_a_digest_that_did_not_go_is_told_though_the_workers_are_dead():
    asked = NOON - timedelta(days=30)
    Subscriber.objects.create(email="reader@example.org", state="active", asked_at=asked, confirmed_at=asked)
    Beat.objects.create(name="alarms", at=NOON - timedelta(days=1))
    for minutes in (0, 15):
        watch.stand_in(
            to=TO, sender="s@example.org", now=NOON + timedelta(minutes=minutes), live=False,
            digest=("2026-W46", NOON - timedelta(hours=5)),
        )  # fmt: skip
    assert any("No digest of 2026-W46 has gone out" in letter.body for letter in mail.outbox)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_told_once_and_told_when_it_is_back(machine, settings):
    settled = connection.settings_dict
    connection.close()
    connection.connection = None
    connection.settings_dict = {**settled, "HOST": "127.0.0.1", "PORT": "1"}
    try:
        for _ in range(2):
            with pytest.raises(CommandError, match="The database does not answer"):
                call_command("watch")
    finally:
        connection.settings_dict = settled
    (letter,) = mail.outbox
    assert "the database does not answer" in letter.subject
    call_command("watch", stdout=StringIO())
    assert [one.subject for one in mail.outbox][1:] == ["AI landscape: the database answers again"]
    call_command("watch", stdout=StringIO())
    assert len(mail.outbox) == 2
