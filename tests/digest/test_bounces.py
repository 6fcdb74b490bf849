"""Letters that came back and complaints: whoever tells it, it is recorded once and acted on as it should be."""

import base64
import json
import threading
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from anymail.signals import AnymailTrackingEvent, tracking
from django.db import connection
from django.urls import Resolver404, get_resolver

from tracker.digest import bounces, readers, reports
from tracker.digest.bounces import Kind, Told, record, weight
from tracker.models import Issue, Letter, MailEvent, Subscriber, Suppression

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)
ANN = "ann@example.org"
NAME = "<2026-W47.0123456789abcdef@landscape.example>"
REPORTS = Path(__file__).parent / "reports"
SECRET = "a secret of thirty characters or so"
FORMATS = {
    "postfix": "hard", "exim": "hard", "exchange": "soft", "gmail": "hard", "ses_like": "soft", "qmail": "hard",
    "sendmail": "hard", "arf": "complaint", "exim_plain": "hard", "delayed": "other",
}  # fmt: skip


@pytest.fixture(autouse=True)
def ours(settings):
    settings.SITE_URL = "https://landscape.example"
    settings.MAIL_REPORT_SECRET = SECRET


@pytest.fixture
def ann():
    return Subscriber.objects.create(email=ANN, state="active", asked_at=NOW, confirmed_at=NOW)


def letter_to(subscriber, name=NAME, week="2026-W47"):
    issue, _ = Issue.objects.get_or_create(week=week, defaults={"since": NOW - 7 * DAY, "until": NOW})
    return Letter.objects.create(
        issue=issue, subscriber=subscriber, message_id=name, state="sent", domain="example.org", created_at=NOW,
        settled_at=NOW,
    )  # fmt: skip


def mail(name, address=ANN, message_id=NAME):
    words = (REPORTS / f"{name}.eml").read_text()
    return words.replace("{address}", address).replace("{message_id}", message_id).encode()


def take(body, at=NOW):
    return [record(one) for one in reports.told(body, now=at)]


def hand_in(client, body, secret=SECRET, kind="message/rfc822"):
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return client.post("/mail/reports/", body, content_type=kind, headers=headers)


@pytest.mark.parametrize(("name", "kind"), FORMATS.items())
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_server_is_understood(ann, name, kind, ends):
    letter = letter_to(ann)
    body = mail(name).replace(b"\n", ends.encode())
    (told,) = reports.told(body, now=NOW)
    assert (told.kind, told.address.casefold(), told.message_ids) == (kind, ANN, (NAME,))
    assert record(told)
    event = MailEvent.objects.get()
    assert (event.kind, event.subscriber, event.letter) == (kind, ann, letter)
    assert "@" not in event.detail
    ann.refresh_from_db()
    state = {"hard": "bounced", "complaint": "complained"}.get(kind, "active")
    assert ann.state == state
    assert readers.suppressed(ANN) == (state != "active")
    assert ann.soft_bounces == (1 if kind == "soft" else 0)


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_that_is_told_again_changes_nothing(ann, name):
    letter_to(ann)
    assert take(mail(name)) == [True]
    assert take(mail(name), NOW + DAY) == [False]
    assert MailEvent.objects.count() == 1


def test_three_soft_bounces_within_thirty_days_stop_the_letters_and_suppress_nobody(ann):
    for nth, day in enumerate((0, 14, 29)):
        letter = letter_to(ann, f"<2026-W{40 + nth}.{nth}@landscape.example>", f"2026-W{40 + nth}")
        again = mail("exchange", message_id=letter.message_id).replace(b"0f9e8d7c", b"0f9e8d7%d" % nth)
        assert take(again, NOW + day * DAY) == [True]
        ann.refresh_from_db()
        assert ann.soft_bounces == nth + 1
        assert ann.state == ("bounced" if nth == 2 else "active")
    assert ann.soft_since == NOW
    assert not readers.suppressed(ANN)


def soft(nth, at, letter=None):
    names = (letter.message_id,) if letter else ()
    return record(Told("report", f"soft {nth}", Kind.SOFT, at, ANN, names))


def test_soft_bounces_far_apart_or_of_one_letter_do_not_add_up(ann):
    for nth, day in enumerate((0, 20, 40, 60, 80)):
        soft(nth, NOW + day * DAY)
    letter = letter_to(ann)
    for nth in range(5):
        soft(f"of one letter {nth}", NOW + 120 * DAY + timedelta(hours=nth), letter)
    ann.refresh_from_db()
    assert (ann.state, ann.soft_bounces) == ("active", 1)


def test_any_three_within_thirty_days_count_not_only_those_after_the_first(ann):
    for nth, day in enumerate((0, 25, 40, 50)):
        soft(nth, NOW + day * DAY)
    ann.refresh_from_db()
    assert ann.state == "bounced"


def test_a_letter_that_came_through_makes_the_count_begin_again(ann):
    soft(1, NOW)
    soft(2, NOW + DAY)
    record(Told("provider", "d", Kind.DELIVERED, NOW + 2 * DAY, ANN, trusted=True))
    ann.refresh_from_db()
    assert (ann.soft_bounces, ann.soft_since) == (0, None)
    soft(3, NOW + 3 * DAY)
    ann.refresh_from_db()
    assert (ann.state, ann.soft_bounces) == ("active", 1)


def test_a_mail_without_the_name_of_a_letter_ends_a_subscription_but_suppresses_nobody(ann):
    """Anybody can write one."""
    take(mail("postfix", message_id="<made.up@landscape.example>"))
    ann.refresh_from_db()
    assert ann.state == "bounced"
    assert not Suppression.objects.exists()


def test_the_letters_name_says_whose_it_was_whatever_address_the_report_gives(ann):
    bob = Subscriber.objects.create(email="bob@example.org", state="active", asked_at=NOW, confirmed_at=NOW)
    letter_to(ann)
    take(mail("postfix", address="bob@example.org"))
    ann.refresh_from_db()
    bob.refresh_from_db()
    assert (ann.state, bob.state) == ("bounced", "active")


def test_a_report_about_nobody_we_know_is_recorded_and_nothing_more():
    assert take(mail("gmail")) == [True]
    event = MailEvent.objects.get()
    assert (event.subscriber, event.letter) == (None, None)
    assert not Suppression.objects.exists()


def test_who_left_and_then_complains_is_never_written_to_again(ann):
    letter_to(ann)
    readers.leave(ann.pk, now=NOW)
    take(mail("arf"))
    ann.refresh_from_db()
    assert ann.state == "complained"
    assert readers.suppressed(ANN)


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        ("5.1.1", "", "hard"), ("5.0.0", "550 nobody", "hard"), ("5.0.0", "", "hard"), ("5.4.1", "", "hard"),
        ("5.2.1", "", "hard"), ("5.2.2", "552 full", "soft"), ("5.7.1", "550 spam", "soft"), ("5.3.4", "", "soft"),
        ("4.2.2", "", "soft"), ("4.4.7", "550 4.4.7 expired", "soft"), ("", "550 5.7.26 unauthenticated", "soft"),
        ("", "550 unknown", "hard"), ("", "451 later", "soft"), ("", "", "soft"), ("nonsense", "no digits", "soft"),
        ("", "host 192.0.2.25 said so", "soft"), ("5.0.0", "450 busy", "soft"),
    ],
)  # fmt: skip
def test_only_what_is_wrong_with_the_address_itself_is_hard(status, words, kind):
    assert weight(status, words) == kind


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], f"{SECRET}x", "ü"])
def test_nobody_without_the_secret_reports_anything(client, ann, secret):
    letter_to(ann)
    response = hand_in(client, mail("postfix"), secret)
    assert response.status_code == 401
    assert not MailEvent.objects.exists()


def test_without_a_secret_there_is_no_such_page(client, settings):
    settings.MAIL_REPORT_SECRET = ""
    assert hand_in(client, mail("postfix"), "").status_code == 404
    assert hand_in(client, mail("postfix"), " ").status_code == 404


def test_a_server_hands_a_report_in_and_may_do_so_again(client, ann):
    letter_to(ann)
    first = hand_in(client, mail("postfix"))
    assert (first.status_code, first.json()) == (200, {"reports": 1, "new": 1})
    assert hand_in(client, mail("postfix")).json() == {"reports": 1, "new": 0}
    ann.refresh_from_db()
    assert ann.state == "bounced"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x" * (reports.LARGEST + 1), "message/rfc822", 413),
        (b"\n", "message/rfc822", 422),
        (b"no headers at all, only words", "message/rfc822", 422),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"Subject: Re: The week\n\nThank you!", "message/rfc822", 200),
    ],
)
def test_what_is_no_report_is_told_so_and_changes_nothing(client, body, kind, status):
    assert hand_in(client, body, kind=kind).status_code == status
    assert not MailEvent.objects.exists()


def nested(depth):
    """A mail in a mail in a mail."""
    return b"Content-Type: message/rfc822\n\n" * depth + b"Subject: inmost\n\nwords"


def boxes(depth):
    heads = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    return heads + b"Content-Type: text/plain\n\nwords"


HOSTILE = {
    "ten thousand mails in one another": nested(10_000),
    "ten thousand boxes in one another": boxes(10_000),
    "sixty mails in one another": nested(60),
    "a charset that nobody has": mail("qmail").replace(
        b"Subject: failure notice", b"Content-Type: text/plain; charset=x-none\nSubject: =?x-none?q?=FF?="
    ),
    "bytes of no charset": mail("postfix").replace(b"User", b"\xff\xfe\x00 User"),
    "a status that is not one": mail("postfix").replace(b"Status: 5.1.1", b"Status: " + b"5." * 50_000),
    "a boundary that never comes": mail("postfix").replace(b'boundary="4A1B', b'boundary="zzzz'),
    "no recipient": mail("postfix").replace(b"Final-Recipient", b"X-None").replace(b"Original-Recipient", b"X-None2"),
    "a hundred thousand recipients": mail("postfix").replace(
        b"Final-Recipient", b"Action: failed\nFinal-Recipient: rfc822; x@example.org\n\n" * 14_000 + b"Final-Recipient"
    ),
    "a header of a hundred thousand": b"X-Failed-Recipients: " + b"a@b.example," * 50_000 + b"\n\nwords",
    "a header that folds for ever": b"X-Failed-Recipients: a@b.example\n" + b" ,\n" * 200_000 + b"\nwords",
    "qmail's words without end": b"From: x@example.org\n\nHi. This is the qmail-send program.\n"
    + b"<a@b>:\n" * 100_000,
    "an address without end": b"From: x@example.org\n\nHi. This is the x.\n<" + b"a" * 900_000 + b">:\nno",
    "letters without number": b"Subject: x\n\n" + b"<2026-W47.a@landscape.example>" * 25_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mail_is_answered_soon_and_harms_nobody(client, ann, body):
    import time

    began = time.monotonic()
    response = hand_in(client, body)
    assert response.status_code in (200, 413, 422)
    assert time.monotonic() - began < 5
    assert MailEvent.objects.count() <= reports.MOST_RECIPIENTS
    assert not Suppression.objects.exists()
    assert all(len(event.detail) <= 300 for event in MailEvent.objects.all())


def test_an_encoded_report_is_read_like_a_plain_one(ann):
    letter_to(ann)
    plain = mail("postfix")
    head, _, rest = plain.partition(b"Content-Type: message/delivery-status\n\n")
    status, bound, tail = rest.partition(b"\n--4A1B2C3D")
    coded = base64.encodebytes(status)
    told = head + b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n" + coded + bound + tail
    (one,) = reports.told(told, now=NOW)
    assert (one.kind, one.address) == ("hard", ANN)


def event(kind, **told):
    given = {"event_type": kind, "event_id": "e1", "timestamp": NOW, "recipient": ANN, "metadata": {}}
    return AnymailTrackingEvent(**{**given, **told})


@pytest.mark.parametrize(
    ("told", "kind", "state"),
    [
        ({"event_type": "bounced", "reject_reason": "invalid"}, "hard", "bounced"),
        ({"event_type": "bounced", "reject_reason": "bounced", "mta_response": "550 5.1.1 unknown"}, "hard", "bounced"),
        ({"event_type": "bounced", "reject_reason": "bounced", "mta_response": "452 4.2.2 full"}, "soft", "active"),
        ({"event_type": "bounced", "reject_reason": "bounced", "esp_event": {"Type": "SoftBounce"}}, "soft", "active"),
        (
            {"event_type": "bounced", "reject_reason": "bounced", "esp_event": {"event": "soft_bounce"}},
            "soft",
            "active",
        ),
        ({"event_type": "bounced", "reject_reason": "blocked"}, "soft", "active"),
        ({"event_type": "rejected", "reject_reason": "spam"}, "complaint", "complained"),
        ({"event_type": "complained"}, "complaint", "complained"),
        ({"event_type": "unsubscribed"}, "left", "left"),
        ({"event_type": "delivered"}, "delivered", "active"),
        ({"event_type": "deferred"}, "other", "active"),
        ({"event_type": "opened"}, None, "active"),
        ({"event_type": "clicked"}, None, "active"),
    ],
)
def test_what_a_provider_tells_is_acted_on(ann, told, kind, state):
    given = event(told["event_type"], **{name: value for name, value in told.items() if name != "event_type"})
    tracking.send(sender=None, event=given, esp_name="Postmark")
    ann.refresh_from_db()
    assert ann.state == state
    assert [(one.kind, one.provider, one.subscriber) for one in MailEvent.objects.all()] == (
        [(kind, "postmark", ann)] if kind else []
    )
    assert readers.suppressed(ANN) == (state in ("bounced", "complained"))


def test_a_provider_that_tells_twice_is_heard_once_and_finds_the_letter_by_its_receipt(ann):
    letter = letter_to(ann)
    Letter.objects.update(receipt="provider-id-1")
    given = event("bounced", reject_reason="blocked", message_id="provider-id-1")
    assert bounces.from_anymail(given, "Brevo", now=NOW)
    assert not bounces.from_anymail(given, "Brevo", now=NOW)
    assert MailEvent.objects.get().letter == letter


@pytest.mark.parametrize("told", [{"metadata": {"letter": NAME.strip("<>")}, "message_id": "x"}, {"message_id": NAME}])
def test_a_provider_that_hands_the_letters_name_back_is_understood_whatever_the_address(ann, told):
    letter = letter_to(ann)
    bounces.from_anymail(event("complained", **{**told, "recipient": "forwarded@example.net"}), "Brevo", now=NOW)
    assert MailEvent.objects.get().letter == letter
    ann.refresh_from_db()
    assert ann.state == "complained"


def test_a_providers_clock_is_not_believed_when_it_is_far_off(ann):
    bounces.from_anymail(event("delivered", event_id="1", timestamp=NOW + DAY), "Brevo", now=NOW)
    bounces.from_anymail(event("delivered", event_id="2", timestamp=NOW - 400 * DAY), "Brevo", now=NOW)
    bounces.from_anymail(event("delivered", event_id="3", timestamp=NOW - DAY), "Brevo", now=NOW)
    assert [one.at for one in MailEvent.objects.order_by("event_id")] == [NOW, NOW, NOW - DAY]


def test_the_webhook_itself_takes_a_providers_report_with_its_secret_only(ann, rf, settings):
    from anymail.webhooks.postmark import PostmarkTrackingWebhookView

    settings.ANYMAIL = {"WEBHOOK_SECRET": "user:word"}
    view = PostmarkTrackingWebhookView.as_view()
    told = {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "ID": 7, "Email": ANN, "BouncedAt": NOW.isoformat()}
    request = rf.post("/mail/postmark/tracking/", json.dumps(told), content_type="application/json")
    from django.core.exceptions import SuspiciousOperation

    with pytest.raises(SuspiciousOperation):
        view(request)
    assert not MailEvent.objects.exists()
    request.META["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(b"user:word").decode()
    assert view(request).status_code == 200
    ann.refresh_from_db()
    assert ann.state == "complained"


@pytest.mark.parametrize(
    ("provider", "secret", "there"), [("postmark", "a:b", True), ("postmark", "", False), ("", "a:b", False)]
)
def test_webhooks_are_there_only_with_a_provider_and_a_secret(settings, provider, secret, there):
    settings.MAIL_PROVIDER, settings.ANYMAIL = provider, {"WEBHOOK_SECRET": secret}
    # The table of addresses is made when it is read: here once more, beside the one that the other tests use.
    spec = spec_from_file_location("another_table", Path(settings.BASE_DIR) / "tracker" / "urls.py")
    table = module_from_spec(spec)
    spec.loader.exec_module(table)
    resolver = get_resolver(table)
    assert resolver.resolve("/mail/reports/").url_name == "mail-reports"
    if there:
        assert resolver.resolve("/mail/postmark/tracking/").url_name == "postmark_tracking_webhook"
    else:
        with pytest.raises(Resolver404):
            resolver.resolve("/mail/postmark/tracking/")


@pytest.mark.django_db(transaction=True)
def test_reports_that_come_at_once_are_counted_one_after_the_other():
    ann = Subscriber.objects.create(email=ANN, state="active", asked_at=NOW, confirmed_at=NOW)
    start = threading.Barrier(6)

    def come(nth):
        try:
            start.wait(10)
            soft(nth // 2, NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=come, args=(nth,)) for nth in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ann.refresh_from_db()
    assert MailEvent.objects.count() == 3
    assert (ann.state, ann.soft_bounces) == ("bounced", 3)
