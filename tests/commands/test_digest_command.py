"""`digest`: what an issue says, its files, and sending it once however often it is asked for."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management.base import CommandError
from django.utils import timezone

from tests.commands.conftest import Call
from tests.digest.sending import subscribers
from tracker.digest import build, schedule
from tracker.models import Decision, Issue, Letter, Subscriber

pytestmark = pytest.mark.usefixtures("world")

WEEK = "2026-W22"  # over, and after the world's last vintage


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.DIGEST_PACE, settings.SITE_URL = 0, "https://landscape.example"


def rows() -> tuple[list[Any], list[Any]]:
    return list(Issue.objects.values()), list(Letter.objects.values())


def test_a_week_is_told_with_its_items_and_nothing_is_stored(call: Call) -> None:
    said = json.loads(call("digest", "--week", WEEK, "--json"))
    assert (said["week"], said["state"], said["letters"]) == (WEEK, None, None)
    assert said["items"]
    text = call("digest", "--week", WEEK)
    assert said["subject"] in text
    assert all(item["title"] in text for item in said["items"])
    assert "No letters: it has not been addressed." in text
    assert rows() == ([], [])


def test_without_a_week_it_is_the_one_that_ended_last(call: Call) -> None:
    assert json.loads(call("digest", "--json"))["week"] == schedule.last_week(timezone.now())


def test_a_preview_is_two_files_that_say_the_same_and_nothing_is_stored(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "letter.html"
    call("digest", "--week", WEEK, "--preview", str(file))
    html, text = file.read_text("utf-8"), (tmp_path / "letter.txt").read_text("utf-8")
    assert html.lstrip().lower().startswith("<!doctype html")
    shown = json.loads(call("digest", "--week", WEEK, "--json"))["items"]
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', html)}
    for item in shown[:3]:
        assert f"https://landscape.example{item['url']}" in links
        assert f"https://landscape.example{item['url']}" in text
    assert rows() == ([], [])
    assert mail.outbox == []


def test_what_is_sent_is_what_the_preview_showed_but_for_the_readers_own_links(call: Call, tmp_path: Path) -> None:
    subscribers(1)
    file = tmp_path / "letter.html"
    call("digest", "--week", WEEK, "--preview", str(file))
    call("digest", "--week", WEEK, "--send")
    (letter,) = mail.outbox
    own = re.compile(
        r"https://(?:leave\.invalid/|preferences\.invalid/|landscape\.example/(?:unsubscribe|preferences)/[^\s\"]+)"
    )
    assert own.sub("LINK", letter.body) == own.sub("LINK", (tmp_path / "letter.txt").read_text("utf-8"))
    assert own.sub("LINK", letter.alternatives[0][0]) == own.sub("LINK", file.read_text("utf-8"))


def test_the_running_week_is_previewed_but_not_sent(call: Call, tmp_path: Path, settings: Any) -> None:
    running = build.week_of(timezone.now(), settings.DIGEST_ZONE)
    call("digest", "--week", running, "--preview", str(tmp_path / "letter.html"))
    with pytest.raises(CommandError, match=f"{running} is not over: it can be sent from"):
        call("digest", "--week", running, "--send")
    assert rows() == ([], [])


@pytest.mark.parametrize("week", ["2026-47", "2026-W54", "2025-W53", "W47", "2026-W00", "next week"])
def test_a_week_that_is_none_is_refused(call: Call, week: str) -> None:
    with pytest.raises(CommandError, match="is not an ISO week such as 2026-W47"):
        call("digest", "--week", week)


def test_a_week_that_has_not_begun_is_refused(call: Call, settings: Any) -> None:
    coming = build.week_of(timezone.now() + timedelta(days=8), settings.DIGEST_ZONE)
    with pytest.raises(CommandError, match="has not begun"):
        call("digest", "--week", coming)


@pytest.mark.parametrize(
    ("name", "said"), [("letter.txt", "give the HTML another name"), ("missing/letter.html", "cannot be written")]
)
def test_a_file_that_cannot_be_written_is_named(call: Call, tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call("digest", "--week", WEEK, "--preview", str(tmp_path / name))


def test_sending_twice_sends_once(call: Call) -> None:
    subscribers(12, domains=3)
    first = json.loads(call("digest", "--week", WEEK, "--send", "--json"))
    assert (first["sent_now"], first["state"], first["letters"]["sent"]) == (12, "sent", 12)
    before = rows()
    again = json.loads(call("digest", "--week", WEEK, "--send", "--json"))
    assert (again["sent_now"], again["letters"]["sent"]) == (0, 12)
    assert rows() == before
    assert len({letter.extra_headers["Message-ID"] for letter in mail.outbox}) == len(mail.outbox) == 12
    assert "12 sent" in " ".join(call("digest", "--week", WEEK).split())


def test_an_issue_that_is_withheld_is_not_sent(call: Call, settings: Any) -> None:
    issue = build.draft(WEEK, zone=settings.DIGEST_ZONE, now=timezone.now())
    Issue.objects.filter(pk=issue.pk).update(state="withheld")
    subscribers(1)
    with pytest.raises(CommandError, match="withheld"):
        call("digest", "--week", WEEK, "--send")
    assert mail.outbox == []


def test_a_server_that_is_away_is_an_error_and_nothing_is_lost(call: Call, settings: Any) -> None:
    subscribers(3)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(CommandError, match="does not let us in"):
        call("digest", "--week", WEEK, "--send")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    call("digest", "--week", WEEK, "--send")
    assert len(mail.outbox) == 3


@pytest.fixture
def doubtful(call: Call) -> list[Letter]:
    """A sent issue, two letters of which a crash left in doubt."""
    subscribers(4)
    call("digest", "--week", WEEK, "--send")
    wrong = list(Letter.objects.order_by("pk")[:2])
    Letter.objects.filter(pk__in=[letter.pk for letter in wrong]).update(state="ambiguous", settled_at=None)
    mail.outbox.clear()
    return wrong


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_superuser("ann", password="a long enough secret")


def test_letters_in_doubt_make_sending_fail_and_are_not_sent_again(call: Call, doubtful: list[Letter]) -> None:
    with pytest.raises(CommandError, match="2 letters may or may not have arrived"):
        call("digest", "--week", WEEK, "--send")
    assert mail.outbox == []


def test_letters_that_arrived_are_settled_with_a_name_and_a_reason(
    call: Call, doubtful: list[Letter], ann: User
) -> None:
    said = json.loads(call("digest", "--week", WEEK, "--settle", "sent", "--reason", "The log says so", "--json"))
    assert (said["settled"], said["letters"]["ambiguous"], said["letters"]["sent"]) == (2, 0, 4)
    assert {(one.kind, one.by, one.reason) for one in Decision.objects.all()} == {
        ("settle-letter", ann, "The log says so")
    }
    call("digest", "--week", WEEK, "--send")
    assert mail.outbox == []
    assert "Nothing" in call("digest", "--week", WEEK, "--settle", "sent")


def test_a_letter_that_did_not_arrive_is_sent_again_under_its_name(
    call: Call, doubtful: list[Letter], ann: User
) -> None:
    one, _other = doubtful
    call("digest", "--week", WEEK, "--settle", "resend", "--letter", str(one.pk))
    with pytest.raises(CommandError, match="1 letter may or may not"):
        call("digest", "--week", WEEK, "--send")
    assert [letter.extra_headers["Message-ID"] for letter in mail.outbox] == [one.message_id]
    call("digest", "--week", WEEK, "--settle", "sent")
    call("digest", "--week", WEEK, "--send")
    assert len(mail.outbox) == 1
    assert Letter.objects.filter(state="sent").count() == 4


def test_settling_needs_somebody_who_may_decide(call: Call, doubtful: list[Letter]) -> None:
    with pytest.raises(CommandError, match="There is no curator"):
        call("digest", "--week", WEEK, "--settle", "sent")
    for name in ("ann", "bob"):
        User.objects.create_superuser(name, password="a long enough secret")
    with pytest.raises(CommandError, match="Whose decision is it"):
        call("digest", "--week", WEEK, "--settle", "sent")
    with pytest.raises(CommandError, match="carl is no curator"):
        call("digest", "--week", WEEK, "--settle", "sent", "--by", "carl")
    with pytest.raises(CommandError, match="is not there"):
        call("digest", "--week", WEEK, "--settle", "sent", "--by", "bob", "--letter", "999999")
    call("digest", "--week", WEEK, "--settle", "sent", "--by", "bob")
    assert set(Decision.objects.values_list("by__username", flat=True)) == {"bob"}


def test_what_was_given_up_is_sent_again_when_somebody_says_so(call: Call, doubtful: list[Letter], ann: User) -> None:
    Letter.objects.filter(state="ambiguous").update(state="dead", settled_at=timezone.now())
    with pytest.raises(CommandError, match="2 letters given up"):
        call("digest", "--week", WEEK, "--send")
    assert "Nothing" in call("digest", "--week", WEEK, "--settle", "resend")
    call("digest", "--week", WEEK, "--settle", "resend", "--dead")
    call("digest", "--week", WEEK, "--send")
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    "options",
    [("--send", "--settle", "sent"), ("--letter", "3"), ("--settle", "sent", "--dead"), ("--settle", "again"),
     ("--send", "--preview", "file.html")],
)  # fmt: skip
def test_options_that_do_not_go_together_are_refused(call: Call, options: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call("digest", "--week", WEEK, *options)


def test_nobody_reads_and_that_is_no_error(call: Call) -> None:
    assert not Subscriber.objects.exists()
    assert json.loads(call("digest", "--week", WEEK, "--send", "--json"))["state"] == "sent"
