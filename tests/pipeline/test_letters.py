"""Letters go over a real connection or into a folder; a storm is one letter, and no mail server holds us up."""

import threading
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.db import connections

from tests.pipeline.steps import at, endpoint, take_in
from tests.pipeline.vintages import OFFERS, PANEL, PRICES, panel, prices
from tracker import tasks
from tracker.domain import letters
from tracker.models import Alarm, Snapshot
from tracker.pipeline import alarm_letters, collect, ingest
from tracker.queries.alarms import open_alarms, untold

pytestmark = pytest.mark.usefixtures("installed")

OPERATORS = ["ann@example.org", "bob@example.org"]
SECOND = timedelta(seconds=1)


def alarm(number: int, opened, severity: str = "alarm") -> Alarm:
    return Alarm.objects.create(
        kind="rows", subject=f"thing:{number}", severity=severity, message=f"Number {number} is odd – look.",
        opened_at=opened, last_seen_at=opened,
    )  # fmt: skip


def waiting(now) -> int:
    return untold(open_alarms(now=now), now=now)


def mail(now) -> int:
    return alarm_letters.mail(to=OPERATORS, sender="landscape@example.org", now=now, by="teller")


def test_a_letter_reaches_the_server_whole_and_is_not_sent_again(box):
    alarm(1, at(1))
    assert [mail(at(1, 7)), mail(at(1, 9))] == [1, 0]
    (letter,) = box.letters
    assert (letter["To"], letter["From"]) == ("ann@example.org, bob@example.org", "landscape@example.org")
    assert (letter["Subject"], letter["Auto-Submitted"]) == ("AI landscape: 1 new alarm", "auto-generated")
    assert "Number 1 is odd – look." in letter.get_content()
    assert Alarm.objects.get().mailed_at == at(1, 7)


def test_a_storm_of_two_hundred_alarms_is_one_letter_that_says_how_many_it_leaves_out(box):
    for number in range(200):
        alarm(number, at(1) + number * SECOND)
    assert mail(at(1, 7)) == 200
    (letter,) = box.letters
    assert letter["Subject"] == "AI landscape: 200 new alarms"
    assert letter.get_content().count("is odd") == alarm_letters.MOST_TOLD
    assert "And 150 others." in letter.get_content()


def test_what_a_storm_raises_after_its_letter_waits_for_the_next_one(box):
    alarm(1, at(1))
    assert mail(at(1, 6, 10)) == 1
    for number in range(2, 8):
        alarm(number, at(1, 6, number))
        assert mail(at(1, 6, 20 + number)) == 0
    Alarm.objects.filter(subject="thing:1").update(closed_at=at(1, 6, 30), last_seen_at=at(1, 6, 30))
    assert mail(at(1, 6, 10) + letters.PAUSE - SECOND) == 0
    assert mail(at(1, 6, 10) + letters.PAUSE) == 7
    assert [letter["Subject"] for letter in box.letters] == [
        "AI landscape: 1 new alarm",
        "AI landscape: 6 new alarms, 1 healed",
    ]


def test_what_stopped_us_does_not_wait_for_the_next_letter(box):
    alarm(1, at(1))
    assert mail(at(1, 6, 10)) == 1
    alarm(2, at(1, 6, 5), "stopped")
    assert mail(at(1, 6, 15)) == 1
    assert box.letters[1].get_content().startswith("STOPPED: ")


def test_a_clock_that_was_put_back_silences_nobody(box):
    alarm(1, at(2))
    assert mail(at(2, 7)) == 1
    alarm(2, at(1))
    assert mail(at(1, 7)) == 1


@pytest.mark.parametrize("fault", ["refuse", "busy"])
def test_a_server_that_does_not_take_the_letter_gets_it_again_and_everybody_can_see_it(box, fault, caplog):
    box.fault = fault
    alarm(1, at(1))
    assert mail(at(1, 7)) == 0
    assert "could not be told of 1 alarms" in caplog.text
    assert (waiting(at(1, 7)), waiting(at(1) + letters.UNTOLD_AFTER)) == (0, 1)
    box.fault = ""
    assert mail(at(1, 7, 5)) == 1
    assert len(box.letters) == 1
    assert waiting(at(9)) == 0


def test_a_server_that_is_not_there_breaks_no_task(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    alarm(1, at(1))
    tasks.collect_alarms()
    assert not Alarm.objects.exclude(mailed_at=None).exists()


def test_without_a_server_letters_lie_in_a_folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    alarm(1, at(1))
    assert mail(at(1, 7)) == 1
    (file,) = (tmp_path / "mail").iterdir()
    letter = message_from_bytes(file.read_bytes().partition(b"\n---")[0], policy=policy.default)
    assert letter["To"] == "ann@example.org, bob@example.org"
    assert "Number 1 is odd" in letter.get_content()


@pytest.mark.django_db(transaction=True)
def test_a_server_that_says_nothing_holds_up_no_reading(box):
    take_in(PRICES, prices(), at(1))
    snapshot, _ = collect.keep(endpoint(PRICES), prices(*OFFERS[:1]), fetched_at=at(2), media_type="")
    assert ingest.ingest(snapshot.pk, now=at(2), by="reader").state == "quarantined"
    take_in(PANEL, panel(), at(1))
    told = []
    box.fault = "hang"

    def write() -> None:
        told.append(mail(at(2, 7)))
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    assert box.reached.wait(10)
    # The alarm of the letter that hangs is closed by the document that heals it.
    healing, _ = collect.keep(endpoint(PRICES), prices(), fetched_at=at(3), media_type="")
    assert ingest.ingest(healing.pk, now=at(3), by="reader").state == "ingested"
    assert not Alarm.objects.filter(closed_at=None, kind="quarantined").exists()
    assert told == [], "the server has not answered yet"
    box.released.set()
    writer.join()
    assert told == [1]
    assert Snapshot.objects.filter(state="ingested").count() == 3
    assert mail(at(3, 9)) == 1
    assert box.letters[1]["Subject"] == "AI landscape: 1 healed"
