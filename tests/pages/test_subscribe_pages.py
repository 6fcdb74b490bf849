"""The pages of a reader: the same answer for every address, deeds by POST only, and nothing told to anybody else."""

import logging
import re
import threading
from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.pages.readers import ANN, ASK, path, reader
from tests.pages.reading import read
from tracker.digest import limits, tokens
from tracker.digest.addresses import suppression_keys
from tracker.digest.readers import send_confirmations
from tracker.digest.tokens import Use
from tracker.models import Attempts, Subscriber, Suppression

pytestmark = pytest.mark.django_db
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


def without_secrets(response):
    """A page's bytes but for the token against forged forms, which is another each time."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", response.content)


def test_anybody_can_ask_and_the_choices_are_kept(client, labs):
    page = read(client.get("/subscribe/"))
    assert "one click to leave" in page.text
    choices = {**ASK, "topics": ["gap", "prices"], "labs": ["birch"], "pace": "flips", "text_only": "on"}
    response = client.post("/subscribe/", choices)
    assert response.status_code == 200
    assert "Look into your mailbox" in read(response).text
    ann = Subscriber.objects.get()
    assert (ann.email, ann.state, ann.topics, ann.labs) == (ANN, "asked", ["gap", "prices"], ["birch"])
    assert (ann.pace, ann.text_only) == ("flips", True)
    assert mail.outbox == []  # a worker writes it, so that the answer's time says nothing


STATES = ("nobody", "asked", "active", "left", "bounced", "complained", "suppressed")


def arrange(state):
    if state not in ("nobody", "suppressed"):
        reader(state=state)
    if state in ("complained", "suppressed"):
        Suppression.objects.create(address=suppression_keys(ANN)[0], why="complained", since=timezone.now())


# Of the bytes and of the request alone.
CHANGING = ("ETag", "Content-Length", "X-Request-Id")


def answer(client, email=ANN):
    response = client.post("/subscribe/", {**ASK, "email": email})
    headers = {name: value for name, value in response.headers.items() if name not in CHANGING}
    return response.status_code, headers, without_secrets(response), sorted(response.cookies)


def test_the_answer_is_the_same_whoever_has_the_address_and_whatever_became_of_it(client):
    answers = []
    for state in STATES:
        arrange(state)
        answers += [answer(client), answer(client)]  # and when it is repeated
        Subscriber.objects.all().delete()
        Suppression.objects.all().delete()
        Attempts.objects.all().delete()
    assert all(one == answers[0] for one in answers)


def test_the_answers_time_does_not_tell_who_reads(client):
    """Medians of interleaved requests: what differs is far below what a network hides."""
    limits_off = Attempts.objects.all()
    times = {state: [] for state in STATES}
    for _ in range(15):
        for state in STATES:
            arrange(state)
            began = perf_counter()
            answer(client)
            times[state].append(perf_counter() - began)
            Subscriber.objects.all().delete()
            Suppression.objects.all().delete()
            limits_off.delete()
    medians = {state: median(found) for state, found in times.items()}
    assert max(medians.values()) - min(medians.values()) < 0.5 * min(medians.values()), medians


@pytest.mark.parametrize("email", ["", "ann", "ann@localhost", "ann@example.org\nBcc: bob@example.org", "x" * 600])
def test_what_is_no_address_is_told_so_and_makes_no_row(client, email):
    response = client.post("/subscribe/", {**ASK, "email": email})
    assert response.status_code == 400
    page = read(response)
    assert "no e-mail address that we can write to" in page.text
    (field,) = [attrs for attrs in page.all("input") if attrs.get("name") == "email"]
    assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "email-error")
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"topics": ["gossip"]}, {"labs": ["nobody"]}, {"pace": "hourly"}, {"pace": ""}, {"labs": ["a\0b"]}]
)
def test_choices_that_do_not_exist_make_no_row(client, wrong):
    assert client.post("/subscribe/", {**ASK, **wrong}).status_code == 400
    assert not Subscriber.objects.exists()


def test_an_address_of_another_alphabet_is_kept_as_mail_servers_know_it(client):
    client.post("/subscribe/", {**ASK, "email": " Ann@Bücher.example "})
    assert Subscriber.objects.get().email == "Ann@xn--bcher-kva.example"


def test_labs_can_be_looked_for_without_scripts_and_what_is_ticked_stays(client, labs):
    asked = {**ASK, "topics": ["gap"], "labs": ["acme"], "lab_search": "bIr", "searched": ""}
    page = read(client.post("/subscribe/", asked))  # Enter in the field presses the form's first button
    boxes = {attrs["value"]: "checked" in attrs for attrs in page.all("input") if attrs.get("name") == "labs"}
    assert boxes == {"acme": True, "birch": False}
    assert [a["value"] for a in page.all("input") if a.get("name") == "topics" and "checked" in a] == ["gap"]
    assert not Subscriber.objects.exists()
    assert not Attempts.objects.exists()
    client.post("/subscribe/", {**asked, "searched": "bIr", "labs": ["acme", "birch"]})
    assert Subscriber.objects.get().labs == ["acme", "birch"]


def test_the_form_that_anybody_may_fill_in_is_guarded_against_forged_requests():
    browser = Client(enforce_csrf_checks=True)
    refused = browser.post("/subscribe/", ASK)
    assert refused.status_code == 403
    # In our words and looks: the framework's own page has its style within, which the policy refuses.
    told = read(refused)
    assert "The form was not taken" in told.text
    assert not told.all("style")
    page = browser.get("/subscribe/").content.decode()
    secret = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert browser.post("/subscribe/", {**ASK, "csrfmiddlewaretoken": secret[1]}).status_code == 200


def test_a_client_that_asks_too_often_is_told_when_to_come_back(client):
    for nth in range(limits.ASK_BY_CLIENT.most):
        assert client.post("/subscribe/", {**ASK, "email": f"reader{nth}@example.org"}).status_code == 200
    refused = client.post("/subscribe/", ASK)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert not Subscriber.objects.filter(email=ANN).exists()
    assert client.post("/subscribe/", ASK, REMOTE_ADDR="192.0.2.9").status_code == 200


def test_an_address_that_is_asked_for_too_often_is_refused_from_everywhere_whether_or_not_it_reads():
    for email in (ANN, "bob@example.org"):
        if email == ANN:
            reader(email)
        codes = [
            Client().post("/subscribe/", {**ASK, "email": email}, REMOTE_ADDR=f"192.0.2.{nth}").status_code
            for nth in range(limits.ASK_FOR_ADDRESS.most + 1)
        ]
        assert codes == [200] * limits.ASK_FOR_ADDRESS.most + [429]


@pytest.mark.parametrize(
    ("behind", "headers", "counted"),
    [
        (False, {"X-Forwarded-For": "198.51.100.7"}, "127.0.0.1"),
        (True, {"X-Forwarded-For": "203.0.113.66, 198.51.100.7"}, "198.51.100.7"),
        (True, {"X-Forwarded-For": "nonsense"}, "unknown"),
        (True, {}, "127.0.0.1"),
    ],
)
def test_only_our_own_proxys_word_is_taken_for_who_asks(rf, settings, behind, headers, counted):
    from tracker.clients import client_of

    settings.PROXIES = int(behind)
    assert client_of(rf.post("/subscribe/", headers=headers).META) == counted


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_make_one_row():
    start = threading.Barrier(4)
    codes = []

    def come(email):
        try:
            start.wait(10)
            codes.append(Client().post("/subscribe/", {**ASK, "email": email}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=come, args=(email,)) for email in (ANN, ANN.upper(), ANN, "Ann@Example.org")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 4
    assert Subscriber.objects.count() == 1


def test_following_the_link_changes_nothing_and_the_button_subscribes(client):
    client.post("/subscribe/", ASK)
    send_confirmations(now=timezone.now(), by="worker")
    (url,) = re.findall(r"http://\S+/subscribe/confirm/\S+/", mail.outbox[0].body)
    address = url.partition("localhost:8000")[2]
    for _ in range(3):
        response = client.get(address)
        assert (response.status_code, response.cookies) == (200, {})
    assert client.head(address).status_code == 200
    assert Subscriber.objects.get().state == "asked"
    stranger = Client(enforce_csrf_checks=True)
    assert "You are subscribed" in read(stranger.post(address)).text
    assert "You are subscribed" in read(stranger.post(address)).text
    assert Subscriber.objects.get().state == "active"


def test_a_link_to_confirm_that_is_old_or_used_up_says_so(client):
    ann = reader(state="asked")
    old = tokens.token(ann, Use.CONFIRM, now=timezone.now() - timedelta(days=7))
    response = client.post(f"/subscribe/confirm/{old}/")
    assert response.status_code == 404
    assert "works for seven days" in read(response).text
    Subscriber.objects.update(state="left", ended_at=timezone.now())
    assert client.post(path(ann, Use.CONFIRM)).status_code == 410
    assert Subscriber.objects.get().state == "left"


def test_a_thousand_programs_that_follow_every_link_unsubscribe_nobody(client):
    ann = reader()
    address = path(ann, Use.LEAVE)
    for nth in range(1000):
        response = client.head(address) if nth % 10 == 0 else client.get(address)
        assert response.status_code == 200
    assert client.options(address).status_code == 405
    ann.refresh_from_db()
    assert ann.state == "active"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ONE_CLICK, FORM),
        ('--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
         "multipart/form-data; boundary=b"),
        ("", FORM),
    ],
)  # fmt: skip
def test_a_mail_program_unsubscribes_by_one_post_without_cookie_session_or_redirect(body, kind):
    ann = reader()
    program = Client(enforce_csrf_checks=True)
    for _ in range(2):
        response = program.post(path(ann, Use.LEAVE), body, content_type=kind)
        assert (response.status_code, response.cookies) == (200, {})
    ann.refresh_from_db()
    assert ann.state == "left"


def test_a_letter_of_years_ago_still_unsubscribes_and_so_does_one_of_somebody_who_was_erased(client):
    ann = reader()
    address = path(ann, Use.LEAVE)
    Subscriber.objects.update(nonce="00000000-0000-4000-8000-000000000000")
    assert client.post(address, ONE_CLICK, content_type=FORM).status_code == 200
    ann.refresh_from_db()
    assert ann.state == "left"
    ann.delete()
    assert client.get(address).status_code == 200
    assert client.post(address, ONE_CLICK, content_type=FORM).status_code == 200


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_a_forged_link_is_no_page_and_is_the_same_work_whether_its_reader_exists_or_not(client, use, method):
    ann = reader()
    address = path(ann, use)
    value, _, signature = address[:-1].rpartition(".")
    wrong = f"{value}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}/"
    nobody = path(Subscriber(pk=10**9, nonce=ann.nonce), use)[:-2] + "x/"
    answers, asked = [], set()
    for forged in (wrong, nobody, f"/{use}/x/", f"/{use}/{'9' * 3000}/"):
        with CaptureQueriesContext(connection) as queries:
            answers.append(getattr(client, method)(forged))
        asked.add(tuple(query["sql"] for query in queries))
    assert {response.status_code for response in answers} == {404}
    assert len(asked) == 1
    assert "tracker_subscriber" not in str(asked)
    assert len({response.content for response in answers}) == 1
    ann.refresh_from_db()
    assert ann.state == "active"


def test_a_link_for_one_deed_does_no_other(client):
    ann = reader()
    for use in Use:
        token = tokens.token(ann, use, now=timezone.now())
        for other in set(Use) - {use}:
            assert client.post(f"/{other}/{token}/", {"do": "erase", "sure": "yes"}).status_code == 404
    assert Subscriber.objects.get().state == "active"


def pages_of(client, ann):
    """Every page that knows a reader, and the answers to what is sent from them."""
    for use in Use:
        yield client.get(path(ann, use))
    yield client.get("/subscribe/")
    yield client.post("/subscribe/", ASK)
    yield client.post("/subscribe/", {**ASK, "email": "no"})
    yield client.post(path(ann, Use.PREFERENCES), {"do": "save", "pace": "weekly"})
    yield client.post(path(ann, Use.PREFERENCES), {"do": "export"})
    yield client.post(path(ann, Use.CONFIRM))
    yield client.post(path(ann, Use.LEAVE))
    yield client.get(path(ann, Use.PREFERENCES))
    yield client.post(path(ann, Use.CONFIRM))


def test_a_readers_page_is_kept_nowhere_found_nowhere_and_told_to_nobody(client):
    for response in pages_of(client, reader()):
        assert response["Cache-Control"] == "no-store"
        assert "noindex" in response["X-Robots-Tag"]
        # With no-referrer a browser sends no origin either, which the guard of the open form asks for.
        form = response.wsgi_request.path == "/subscribe/"
        assert response["Referrer-Policy"] == ("same-origin" if form else "no-referrer")
        if response["Content-Type"].startswith("text/html"):
            page = read(response)
            assert 'rel="canonical"' not in page.raw
            loaded = [a.get("src") or a.get("href") for tag, a in page.tags if tag in ("script", "link", "img")]
            assert all(url.startswith("/") for url in loaded)
            assert page.count("h1") == 1
            assert page.count("style") == 0
            idents = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
            assert len(idents) == len(set(idents))


def test_nothing_personal_is_logged(client, caplog):
    caplog.set_level(logging.DEBUG)
    list(pages_of(client, reader()))
    send_confirmations(now=timezone.now() + timedelta(days=2), by="worker")
    # What the framework says of statements is off where nobody debugs.
    said = " ".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert ANN not in said


def test_the_pages_ask_little(client, labs, django_assert_max_num_queries):
    ann = reader()
    with django_assert_max_num_queries(8):
        client.get("/subscribe/")
    with django_assert_max_num_queries(8):
        client.get(path(ann, Use.PREFERENCES))
    with django_assert_max_num_queries(14):
        client.post("/subscribe/", ASK)


def test_the_way_to_subscribe_is_on_the_front_page_and_at_the_foot_of_every_page(client):
    assert "/subscribe/" in read(client.get("/")).links
    assert "/subscribe/" in read(client.get("/methods/")).links
