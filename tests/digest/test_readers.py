"""Readers from the first letter to the last: what is asked, confirmed, chosen, left and forgotten."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tracker.digest import confirmations, readers, tokens
from tracker.digest.addresses import suppression_keys
from tracker.digest.readers import Preferences, addressees, ask, send_confirmations
from tracker.digest.tokens import Use
from tracker.domain.notable import Wishes
from tracker.models import Issue, Letter, MailEvent, Subscriber, Suppression

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
DAY = timedelta(days=1)
ANN = "ann@example.org"
ONLY_GAP = Preferences(topics=("gap",), labs=("birch",), pace="flips", text_only=True)


def letters(at=NOW):
    """What goes out now."""
    before = len(mail.outbox)
    sent = send_confirmations(now=at, by="worker", chance=lambda: 1.0)
    assert sent == len(mail.outbox) - before
    return mail.outbox[before:]


def active(email=ANN, **fields):
    return Subscriber.objects.create(email=email, state="active", asked_at=NOW, confirmed_at=NOW, **fields)


def suppress(email):
    Suppression.objects.create(address=suppression_keys(email)[0], why="complained", since=NOW)


@pytest.mark.django_db
def test_who_asks_confirms_and_only_then_reads():
    ask(ANN, ONLY_GAP, now=NOW)
    assert not addressees(NOW).exists()
    (letter,) = letters()
    assert letter.to == [ANN]
    ann = Subscriber.objects.get()
    assert tokens.confirm_url(ann, now=NOW) in letter.body
    assert letters() == []
    assert readers.confirm(ann, now=NOW + DAY)
    assert addressees(NOW + DAY).get() == ann
    assert readers.wishes(ann) == Wishes(frozenset({"gap"}), frozenset({"birch"}), only_flips=True)
    assert readers.confirm(ann, now=NOW + 2 * DAY)
    ann.refresh_from_db()
    assert ann.confirmed_at == NOW + DAY
    assert ann.text_only


@pytest.mark.django_db
def test_a_letter_says_the_same_in_both_parts_and_nothing_that_anybody_typed():
    ask(ANN, ONLY_GAP, now=NOW)
    (letter,) = letters()
    message = letter.message()
    ((html, kind),) = letter.alternatives
    url = tokens.confirm_url(Subscriber.objects.get(), now=NOW)
    assert kind == "text/html"
    assert url in html
    assert url in letter.body
    for text in (html, letter.body):
        assert "works for 7 days" in text
        assert ANN not in text
        assert "birch" not in text
        assert "<img" not in text
    assert message["Auto-Submitted"] == "auto-generated"
    assert max(len(line) for line in letter.body.splitlines() if url not in line) <= 78


@pytest.mark.django_db
@pytest.mark.parametrize(("provider", "told"), [("", False), ("postmark", True), ("brevo", False)])
def test_a_provider_is_told_not_to_follow_readers_where_it_takes_such_a_word(settings, provider, told):
    settings.MAIL_PROVIDER = provider
    ask(ANN, Preferences(), now=NOW)
    (letter,) = letters()
    assert getattr(letter, "track_opens", None) is (False if told else None)
    assert letter.from_email == f"AI Landscape <{settings.DIGEST_FROM}>"


@pytest.mark.django_db
def test_an_address_gets_one_letter_a_day_whoever_asks_however_often():
    for minute in range(30):
        ask(ANN, Preferences(), now=NOW + timedelta(minutes=minute))
        letters(NOW + timedelta(minutes=minute))
    assert len(mail.outbox) == 1
    ask(ANN.upper(), Preferences(), now=NOW + DAY)
    assert len(letters(NOW + DAY)) == 1
    assert Subscriber.objects.count() == 1


@pytest.mark.django_db
def test_an_active_reader_who_asks_again_is_told_so_once_a_day_and_keeps_every_choice():
    ann = active(topics=["prices"], confirm_sent_at=NOW - 30 * DAY)
    for hour in range(5):
        ask(ANN, ONLY_GAP, now=NOW + timedelta(hours=hour))
    (letter,) = letters(NOW + timedelta(hours=5))
    assert "already" in letter.subject
    assert tokens.preferences_url(ann) in letter.body
    assert "/subscribe/confirm/" not in letter.body
    ann.refresh_from_db()
    assert (ann.state, ann.topics, ann.pace, ann.text_only) == ("active", ["prices"], "weekly", False)


@pytest.mark.django_db
def test_who_left_and_comes_back_the_same_day_waits_for_the_next_letter_until_the_day_is_over():
    ask(ANN, Preferences(), now=NOW)
    letters()
    ann = Subscriber.objects.get()
    readers.confirm(ann, now=NOW)
    readers.leave(ann.pk, now=NOW + timedelta(hours=1))
    ask(ANN, ONLY_GAP, now=NOW + timedelta(hours=2))
    ann.refresh_from_db()
    assert (ann.state, ann.ended_at, ann.confirmed_at, ann.topics) == ("asked", None, None, ["gap"])
    assert letters(NOW + timedelta(hours=3)) == []
    assert not confirmations.late(now=NOW + timedelta(hours=20)).exists()
    assert len(letters(NOW + DAY)) == 1


@pytest.mark.django_db
def test_an_old_link_does_not_bring_back_who_has_left():
    ask(ANN, Preferences(), now=NOW)
    ann = Subscriber.objects.get()
    readers.leave(ann.pk, now=NOW)
    assert not readers.confirm(ann, now=NOW)
    assert Subscriber.objects.get().state == "left"
    readers.leave(ann.pk, now=NOW + DAY)
    assert Subscriber.objects.get().ended_at == NOW


@pytest.mark.django_db
def test_a_suppressed_address_gets_nothing_and_what_was_asked_for_it_is_deleted():
    suppress(ANN)
    ask("ANN@example.org", Preferences(), now=NOW)
    assert letters() == []
    assert not Subscriber.objects.exists()


@pytest.mark.django_db
def test_who_complained_stays_so_whoever_types_the_address_in():
    suppress(ANN)
    Subscriber.objects.create(email=ANN, state="complained", asked_at=NOW, ended_at=NOW)
    ask(ANN, Preferences(), now=NOW + 5 * DAY)
    assert letters(NOW + 5 * DAY) == []
    assert Subscriber.objects.get().state == "complained"


@pytest.mark.django_db
def test_a_suppression_holds_after_the_key_was_replaced(settings):
    suppress(ANN)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key, long enough for anybody", [settings.SECRET_KEY]
    assert readers.suppressed("Ann@Example.org")
    assert not readers.suppressed("bob@example.org")


@pytest.mark.django_db
def test_an_address_that_bounced_for_a_while_may_be_tried_again():
    Subscriber.objects.create(email=ANN, state="bounced", asked_at=NOW, ended_at=NOW, soft_bounces=3, soft_since=NOW)
    ask(ANN, Preferences(), now=NOW + 5 * DAY)
    assert len(letters(NOW + 5 * DAY)) == 1
    ann = Subscriber.objects.get()
    assert (ann.state, ann.soft_bounces, ann.soft_since) == ("asked", 0, None)


STATES = ("nobody", "asked", "active", "left", "complained", "suppressed")


def arrange(state):
    """An address that is in this state."""
    if state == "active":
        active()
    elif state != "nobody" and state != "suppressed":
        Subscriber.objects.create(email=ANN, state=state, asked_at=NOW, ended_at=None if state == "asked" else NOW)
    if state in ("complained", "suppressed"):
        suppress(ANN)


@pytest.mark.django_db
@pytest.mark.parametrize("state", STATES)
def test_asking_is_the_same_work_for_every_address(state):
    arrange(state)
    with CaptureQueriesContext(connection) as found:
        ask(ANN, ONLY_GAP, now=NOW + DAY)
    verbs = [query["sql"].split()[0] for query in found]
    assert verbs == ["SAVEPOINT", "INSERT", "UPDATE", "RELEASE"] or verbs == ["INSERT", "UPDATE"]


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_make_one_row_and_one_letter():
    start = threading.Barrier(8)

    def come(address):
        try:
            start.wait(10)
            ask(address, Preferences(), now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=come, args=(ANN if n % 2 else ANN.title(),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Subscriber.objects.count() == 1
    assert len(letters()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_letter_once():
    for n in range(12):
        ask(f"reader{n}@example.org", Preferences(), now=NOW)
    sent = []

    def work(name):
        try:
            sent.append(send_confirmations(now=NOW, by=name))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(f"worker{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 12
    assert sorted(to for letter in mail.outbox for to in letter.to) == sorted(
        f"reader{n}@example.org" for n in range(12)
    )


@pytest.mark.django_db
def test_a_worker_that_died_with_a_letter_is_followed_by_another_when_its_lease_ends():
    ask(ANN, Preferences(), now=NOW)
    Subscriber.objects.update(lease_until=NOW + timedelta(minutes=5), lease_by="dead", attempts=1)
    assert letters(NOW + timedelta(minutes=4)) == []
    assert len(letters(NOW + timedelta(minutes=5))) == 1
    assert Subscriber.objects.get().lease_until is None


@pytest.mark.django_db
def test_without_a_server_the_letter_waits_longer_each_time_and_is_seen_to_be_late(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 2
    ask(ANN, Preferences(), now=NOW)
    ask("bob@example.org", Preferences(), now=NOW)
    assert send_confirmations(now=NOW, by="worker", chance=lambda: 1.0) == 0
    ann, bob = Subscriber.objects.order_by("email")
    assert ann.not_before == NOW + timedelta(seconds=60)
    assert "ConnectionRefused" in ann.last_error
    assert ANN not in ann.last_error
    assert bob.attempts == 0  # it would only have waited in turn
    later = NOW + timedelta(seconds=60)
    send_confirmations(now=later, by="worker", chance=lambda: 1.0)
    send_confirmations(now=later, by="worker", chance=lambda: 1.0)
    ann.refresh_from_db()
    assert ann.not_before == later + timedelta(seconds=120)
    assert not confirmations.late(now=later).exists()
    assert confirmations.late(now=NOW + timedelta(hours=2)).count() == 2
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert len(letters(NOW + timedelta(hours=1))) == 2
    assert not confirmations.late(now=NOW + timedelta(hours=2)).exists()


@pytest.mark.django_db
def test_who_pauses_gets_letters_again_on_the_day_the_pause_ends(settings):
    ann = active()
    readers.prefer(ann, Preferences(paused_until=date(2026, 12, 7)))
    assert not addressees(datetime(2026, 12, 6, 23, tzinfo=UTC)).exists()
    assert addressees(datetime(2026, 12, 7, 0, tzinfo=UTC)).exists()
    from zoneinfo import ZoneInfo

    settings.DIGEST_ZONE = ZoneInfo("Europe/Berlin")
    assert addressees(datetime(2026, 12, 6, 23, tzinfo=UTC)).exists()


@pytest.mark.django_db
def test_topics_that_do_not_exist_are_not_kept():
    ann = active()
    readers.prefer(ann, Preferences(topics=("gap", "gossip", "gap")))
    ann.refresh_from_db()
    assert ann.topics == ["gap"]


def issue(week="2026-W47"):
    return Issue.objects.create(week=week, since=NOW - 7 * DAY, until=NOW)


def letter_to(subscriber, state="sent", week="2026-W47"):
    row, _ = Issue.objects.get_or_create(week=week, defaults={"since": NOW - 7 * DAY, "until": NOW})
    return Letter.objects.create(
        issue=row, subscriber=subscriber, message_id=f"<{week}.{subscriber.pk}@landscape.example>", state=state,
        domain="example.org", created_at=NOW, settled_at=None if state in ("waiting", "sending", "ambiguous") else NOW,
        receipt="250 ok ann@example.org",
    )  # fmt: skip


@pytest.mark.django_db
def test_a_person_can_have_all_that_is_known():
    ann = active(topics=["gap"], labs=["birch"])
    sent = letter_to(ann)
    MailEvent.objects.create(
        provider="p", event_id="1", kind="soft", subscriber=ann, letter=sent, at=NOW, detail="full"
    )
    told = readers.export(ann)
    assert told["email"] == ANN
    assert told["topics"] == ["gap"]
    assert told["letters"][0]["week"] == "2026-W47"
    assert told["reports"] == [{"kind": "soft", "at": NOW.isoformat(), "said": "full"}]
    # Every column is there, but for the key of the links and what a worker notes while it sends.
    ours = {"id", "nonce", "lease_until", "lease_by", "attempts", "not_before"}
    renamed = {
        "confirm_wanted_at": "confirmation_wanted_at",
        "confirm_sent_at": "confirmation_sent_at",
        "soft_bounces": "letters_that_did_not_arrive",
        "soft_since": "they_did_not_arrive_since",
        "last_error": "last_trouble_with_the_confirmation",
    }
    columns = {field.name for field in Subscriber._meta.concrete_fields} - ours
    assert {renamed.get(name, name) for name in columns} <= told.keys()


@pytest.mark.django_db
def test_erasing_leaves_counts_without_a_name():
    ann, bob = active(), active("bob@example.org")
    done, due = letter_to(ann), letter_to(ann, "waiting", "2026-W48")
    other = letter_to(bob)
    MailEvent.objects.create(
        provider="p", event_id="1", kind="soft", subscriber=ann, letter=done, at=NOW, detail="full"
    )
    assert readers.erase([ann.pk], now=NOW) == 1
    done.refresh_from_db()
    due.refresh_from_db()
    other.refresh_from_db()
    assert (done.subscriber_id, done.state, done.domain, done.receipt) == (None, "sent", "", "")
    assert (due.subscriber_id, due.state, due.settled_at) == (None, "dropped", NOW)
    assert (other.subscriber_id, other.domain) == (bob.pk, "example.org")
    event = MailEvent.objects.get()
    assert (event.subscriber_id, event.detail) == (None, "")
    assert not readers.suppressed(ANN)


@pytest.mark.django_db
def test_what_nobody_confirmed_and_what_has_ended_is_forgotten_in_time():
    ask(ANN, Preferences(), now=NOW)
    letters()
    gone = Subscriber.objects.create(email="bob@example.org", state="left", asked_at=NOW, ended_at=NOW)
    kept = active("carol@example.org")
    readers.forget(now=NOW + 7 * DAY)
    assert Subscriber.objects.count() == 3
    assert readers.forget(now=NOW + 9 * DAY) == 1
    assert set(Subscriber.objects.all()) == {gone, kept}
    assert readers.forget(now=NOW + 31 * DAY) == 1
    assert Subscriber.objects.get() == kept


@pytest.mark.django_db
def test_new_links_take_the_place_of_the_old_ones():
    ann = active()
    old = tokens.token(ann, Use.PREFERENCES)
    ann = readers.void_links(ann)
    assert tokens.subscriber_for(old, Use.PREFERENCES, now=NOW) is None
    assert tokens.subscriber_for(tokens.token(ann, Use.PREFERENCES), Use.PREFERENCES, now=NOW) == ann
