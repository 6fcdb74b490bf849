"""Letters over a real connection to a server that takes, delays, refuses, drops and forgets them."""

from datetime import timedelta

import pytest

from tests.digest.post_office import CUT, HANG, LOSE, post_office
from tests.digest.sending import FLIP, ITEMS, MINUTE, MONDAY, addressed, issue, states, subscriber
from tracker.digest import letter as letters
from tracker.digest import outbox, readers, render, send, tokens
from tracker.digest.render import Links
from tracker.models import DomainPace, Issue, Letter, MailEvent, Subscriber

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def configured(settings):
    settings.DIGEST_PACE = 0
    settings.SITE_URL = "https://landscape.example"


@pytest.fixture
def office(settings):
    with post_office() as (office, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_TIMEOUT = 5
        yield office


def work(now=MONDAY, seconds=20.0, **values) -> send.Outcome:
    return send.work(now=now, by="worker", seconds=seconds, **values)


def refuse(stage: str, reply: str, who: str = ""):
    return lambda at, whom: reply if at == stage and who in whom else None


def test_everybody_gets_one_letter_over_one_connection_and_nobody_another(office):
    addressed(25, domains=4)
    assert send.send_due(now=MONDAY, by="worker") == 25
    assert sorted(office.names()) == sorted(Letter.objects.values_list("message_id", flat=True))
    assert sorted(office.readers()) == sorted(Subscriber.objects.values_list("email", flat=True))
    assert office.connections == 1
    assert states() == {"sent": 25}
    assert Issue.objects.get().state == "sent"
    assert {letter.receipt.split()[0] for letter in Letter.objects.all()} == {"taken"}
    assert send.send_due(now=MONDAY + MINUTE, by="worker") == 0
    assert len(office.letters) == 25


@pytest.mark.parametrize("wishes", [{}, {"topics": ["prices"]}, {"text_only": True}, {"pace": "flips", "labs": ["x"]}])
def test_what_is_sent_is_what_rendering_for_this_reader_gives(office, wishes):
    reader = subscriber("reader@a.example", **wishes)
    made = issue(*ITEMS, FLIP, note="Mind the second line.")
    outbox.address(made, now=MONDAY)
    assert work().sent == 1
    links = Links(
        "https://landscape.example", tokens.leave_url(reader), tokens.preferences_url(reader),
        f"https://landscape.example/digest/{made.week}/",
    )  # fmt: skip
    whole = render.issue(
        outbox.said(made), note=made.note, wishes=readers.wishes(reader), links=links, text_only=reader.text_only
    )
    told = {"to": reader.email, "message_id": Letter.objects.get().message_id, "issue_week": made.week}
    expected = letters.message(whole, leave_url=tokens.leave_url(reader), **told)
    (arrived,) = office.letters
    parts = [part.get_content() for part in arrived.walk() if not part.is_multipart()]
    assert [part.replace("\r\n", "\n").rstrip("\n") for part in parts] == [
        text.rstrip("\n") for text in (whole.text, whole.html) if text
    ]
    assert arrived["Subject"] == expected.subject
    assert {name: arrived[name].strip() for name in expected.extra_headers} == expected.extra_headers
    assert "invalid" not in str(arrived)


def test_every_readers_links_are_their_own(office):
    addressed(5)
    work()
    leaving = {str(letter["List-Unsubscribe"]).strip() for letter in office.letters}
    assert leaving == {f"<{tokens.leave_url(reader)}>" for reader in Subscriber.objects.all()}
    for letter in office.letters:
        body = letter.get_body(("plain",)).get_content()
        assert str(letter["List-Unsubscribe"]).strip(" <>") in body


# Refusals


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "END"])
def test_a_domain_that_asks_for_another_time_gets_it_and_the_letter_is_sent_then(office, stage):
    addressed(1)
    office.plan = refuse(stage, "451 4.7.1 greylisted")
    assert work().sent == 0
    letter, pace = Letter.objects.get(), DomainPace.objects.get()
    assert (letter.state, pace.refused) == ("waiting", 1)
    assert "greylisted" in letter.last_error
    assert MONDAY + 0.5 * MINUTE <= letter.not_before <= MONDAY + 1.2 * MINUTE
    office.plan = lambda stage, who: None
    assert work().sent == 0
    assert work(now=max(letter.not_before, pace.next_at)).sent == 1
    assert DomainPace.objects.get().refused == 0
    assert len(office.letters) == 1


def test_one_busy_domain_is_left_alone_at_once_and_the_others_get_their_letters(office):
    addressed(30, domains=3)
    office.plan = refuse("RCPT", "450 4.2.1 too many", "@d1.example")
    assert work().sent == 20
    assert [who for stage, who, _ in office.heard if stage == "RCPT" and "@d1." in who] == ["reader1@d1.example"]
    assert states() == {"sent": 20, "waiting": 10}
    assert {letter.lease_until for letter in Letter.objects.filter(state="waiting")} == {None}


def test_a_reader_who_does_not_exist_is_given_up_at_once_and_the_address_is_in_no_words_of_ours(office):
    addressed(3)
    office.plan = refuse("RCPT", "550 5.1.1 <reader1@d0.example> unknown", "reader1@")
    assert work().sent == 2
    dead = Letter.objects.get(state="dead")
    assert dead.last_error.startswith("550 5.1.1")
    assert "reader1" not in dead.last_error
    assert dead.settled_at is not None
    # As if it had bounced: the subscription is over, and nobody can bring it back by typing the address in again.
    assert dead.subscriber.state == "bounced"
    assert readers.suppressed("reader1@d0.example")
    assert MailEvent.objects.get().letter == dead
    assert work(now=MONDAY + DAY).sent == 0


def test_a_full_mailbox_costs_the_letter_and_not_the_subscription(office):
    addressed(1)
    office.plan = refuse("RCPT", "552 5.2.2 mailbox full")
    work()
    assert Letter.objects.get().state == "dead"
    reader = Subscriber.objects.get()
    assert (reader.state, reader.soft_bounces) == ("active", 1)


@pytest.mark.parametrize(
    ("stage", "reply"),
    [("RCPT", "554 5.7.1 relay access denied"), ("END", "550 5.7.1 looks like spam"), ("END", "552 5.2.3 too big"),
     ("MAIL", "550 5.1.8 who are you")],
)  # fmt: skip
def test_a_refusal_that_is_our_fault_costs_no_reader_and_stops_the_run(office, stage, reply):
    addressed(30, domains=30)
    office.plan = refuse(stage, reply)
    done = work()
    assert done.sent == 0
    assert "letters in a row were not taken" in done.stopped
    assert states() == {"waiting": 30}
    assert len([1 for at, _, _ in office.heard if at == "MAIL"]) == send.IN_A_ROW
    # Those that were not tried say what keeps them.
    assert Letter.objects.exclude(last_error="").count() == 30


def test_after_many_attempts_a_letter_is_given_up_and_says_so(office):
    addressed(1)
    office.plan = refuse("END", "554 5.7.1 spam")
    now = MONDAY
    for _ in range(send.MOST_ATTEMPTS + 3):
        work(now=now)
        now += timedelta(hours=1)
    letter = Letter.objects.get()
    assert (letter.state, letter.attempts) == ("dead", send.MOST_ATTEMPTS)
    assert letter.last_error.startswith(f"After {send.MOST_ATTEMPTS} attempts: 554")


def test_a_server_that_says_nobody_lives_anywhere_is_not_believed_for_long(office):
    addressed(60, domains=60)
    office.plan = refuse("RCPT", "550 no such user")
    assert "in a row" in work().stopped
    assert states() == {"dead": send.NOBODY_IN_A_ROW, "waiting": 60 - send.NOBODY_IN_A_ROW}


@pytest.mark.parametrize("code", [530, 535])
def test_a_server_that_wants_a_login_stops_everything_and_nothing_is_lost(office, code):
    addressed(5)
    office.plan = refuse("MAIL", f"{code} 5.7.0 authentication required")
    assert "does not let us send" in work().stopped
    assert states() == {"waiting": 5}
    assert len(office.heard) == 1
    office.plan = lambda stage, who: None
    assert work(now=MONDAY + MINUTE).sent == 5


def test_no_server_at_all_leaves_every_letter_waiting_and_says_why(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2
    addressed(3)
    assert "does not let us in: ConnectionRefusedError" in work().stopped
    assert states() == {"waiting": 3}
    row = Letter.objects.first()
    assert (row.attempts, row.lease_until, row.handed_at) == (0, None, None)
    assert "ConnectionRefused" in row.last_error


# Connections that break


def test_a_connection_that_breaks_before_the_letter_is_handed_over_loses_and_doubles_nothing(office):
    addressed(6)
    cuts = iter([True, False] * 10)
    office.plan = lambda stage, who: CUT if stage == "RCPT" and next(cuts) else None
    assert work().sent in (5, 6)
    office.plan = lambda stage, who: None
    work(now=MONDAY + 5 * MINUTE)
    assert states() == {"sent": 6}
    assert len(set(office.names())) == len(office.names()) == 6


@pytest.mark.parametrize(("word", "arrived"), [(CUT, 0), (LOSE, 1)])
def test_a_connection_that_breaks_after_the_letter_leaves_it_ambiguous_and_it_is_not_sent_again(office, word, arrived):
    addressed(4)
    office.plan = refuse("END", word, "reader2@")
    assert work().sent == 3
    assert states() == {"sent": 3, "ambiguous": 1}
    assert Letter.objects.get(state="ambiguous").last_error
    office.plan = lambda stage, who: None
    assert work(now=MONDAY + DAY).sent == 0
    assert office.readers().count("reader2@d0.example") == arrived


def test_a_server_that_says_nothing_after_the_letter_leaves_it_ambiguous_when_the_wait_is_over(office, settings):
    settings.EMAIL_TIMEOUT = 1
    addressed(1)
    office.plan = refuse("END", HANG)
    work()
    assert states() == {"ambiguous": 1}
    assert "timed out" in Letter.objects.get().last_error


def test_a_server_that_forgets_to_answer_is_not_given_letter_after_letter(office):
    addressed(20)
    office.plan = refuse("END", LOSE)
    assert "in a row" in work().stopped
    assert states() == {"ambiguous": send.IN_A_ROW, "waiting": 20 - send.IN_A_ROW}


def test_a_connection_that_the_server_closed_meanwhile_is_opened_again(office):
    addressed(9)
    office.plan = lambda stage, who: "421 4.7.0 enough for one connection" if stage == "MAIL" and full() else None

    def full() -> bool:
        return len(office.letters) // 3 >= office.connections

    assert work().sent == 9
    assert office.connections == 3
    assert len(set(office.names())) == 9


# Pace and time


def test_all_letters_to_a_domain_keep_its_pace(office, settings):
    settings.DIGEST_PACE = 600
    addressed(30)
    assert work().sent == 30
    times = [at for stage, _, at in office.heard if stage == "END"]
    assert times[-1] - times[0] >= 1.9
    assert max(sum(0 <= later - at < 0.95 for later in times) for at in times) <= 20


def test_a_turn_ends_when_its_time_is_up_and_another_goes_on(office):
    addressed(40)
    assert work(seconds=0.0).sent == 0
    told: list[int] = []

    def tire() -> None:
        told.append(1)

    assert work(told=tire).sent == len(told) == 40


def test_a_reader_who_leaves_while_the_others_are_sent_gets_nothing(office):
    addressed(5)
    left = Subscriber.objects.get(email="reader3@d0.example")

    readers.leave(left.pk, now=MONDAY)
    assert work().sent == 4
    assert left.email not in office.readers()
    assert Letter.objects.get(subscriber=left).state == "dropped"


def test_a_reader_who_was_erased_gets_nothing(office):
    addressed(3)
    readers.erase([Subscriber.objects.first().pk], now=MONDAY)
    assert work().sent == 2
    assert states() == {"sent": 2, "dropped": 1}


def test_wishes_that_changed_since_hold(office):
    addressed(2)
    Subscriber.objects.filter(email="reader0@d0.example").update(topics=["strategy"])
    assert work().sent == 1
    assert Letter.objects.get(state="dropped").last_error == outbox.NOTHING_ASKED_FOR


def test_an_issue_of_long_ago_goes_out_only_when_somebody_names_it(office):
    made = addressed(2)
    late = made.until + outbox.FRESH
    assert work(now=late).sent == 0
    assert work(now=late, issue=made.pk).sent == 2


def test_letters_lie_in_a_folder_where_there_is_no_server(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", str(tmp_path)
    addressed(3)
    assert work().sent == 3
    (file,) = tmp_path.iterdir()
    assert all(name in file.read_text() for name in Letter.objects.values_list("message_id", flat=True))
    assert Letter.objects.first().receipt == "filebased"


def test_a_line_that_is_only_a_dot_does_not_end_the_letter(office):
    subscriber("reader@a.example", text_only=True)
    made = issue(note="Before.\n\n.\n\n..and after.")
    outbox.address(made, now=MONDAY)
    assert work().sent == 1
    assert "and after" in office.letters[0].get_body(("plain",)).get_content()


def test_the_answer_of_the_last_letter_is_kept_when_the_worker_is_told_to_stop(office):
    class Stopped(BaseException):
        pass

    addressed(5)

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        work(told=stop)
    assert states() == {"sent": 1, "waiting": 4}
    assert work(now=MONDAY + MINUTE).sent == 4
