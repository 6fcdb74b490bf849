"""The digest's archive: issues that went out, and nothing of those that did not."""

import json
import re
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection

from tests.digest.letters import HOSTILE, ITEMS, NOTE, PICTURES, content
from tests.pages.addresses import on
from tests.pages.reading import read
from tracker.digest import mailbox
from tracker.domain.notable import Item, Topic
from tracker.models import Issue, IssueImage

pytestmark = pytest.mark.usefixtures("world")
PNG = b"\x89PNG\r\n\x1a\nnot really a picture"


def publish(week, state=Issue.State.SENT, **values):
    monday = datetime.fromisocalendar(int(week[:4]), int(week[-2:]), 1).replace(tzinfo=UTC)
    said = content().plain() | {"week": week, "as_of": f"{monday + timedelta(days=6):%Y-%m-%d}"}
    after = monday + timedelta(days=7, hours=7)
    told = {"content": said, "built_at": after, "approved_at": after, "note": NOTE, "state": state}
    return Issue.objects.create(week=week, since=monday, until=monday + timedelta(days=7), **{**told, **values})


@pytest.fixture
def issue():
    found = publish("2026-W47")
    for picture in PICTURES:
        IssueImage.objects.create(issue=found, name=picture.name, png=PNG, width=552, height=400, alt=picture.alt)
    return found


@pytest.fixture
def hidden():
    """Issues that nobody may see."""
    draft = {"content": None, "built_at": None, "approved_at": None}
    publish("2026-W40", Issue.State.DRAFT, **draft)
    publish("2026-W41", Issue.State.BUILT, approved_at=None)
    publish("2026-W42", Issue.State.WITHHELD)
    return ("2026-W40", "2026-W41", "2026-W42")


def test_without_an_issue_the_archive_says_so_and_leads_to_the_subscription(client):
    page = read(client.get("/digest/"))
    assert "No issue has been sent yet" in page.text
    assert "/subscribe/" in page.links


def test_the_archive_lists_what_was_sent_or_goes_out_newest_first(client, issue, hidden):
    publish("2026-W46", Issue.State.APPROVED)
    page = read(client.get("/digest/"))
    assert re.findall(r"\d{4}-W\d\d", page.within("content")) == ["2026-W47", "2026-W46"]
    assert ITEMS[0].title in page.text
    assert "16 to 22 November 2026: 7 items" in page.text


def test_what_was_not_let_go_is_nowhere(client, hidden):
    for week in hidden:
        for address in (f"/digest/{week}/", f"/digest/{week}.txt", f"/digest/{week}.json"):
            assert client.get(address).status_code == 404
    for address in ("/digest/", "/digest.json", "/feeds/digest/"):
        assert not any(week in client.get(address).content.decode() for week in hidden)


def test_a_week_that_no_issue_is_about_has_no_page(client):
    for address in ("/digest/2026-W01/", "/digest/2026-W99.txt", "/digest/2026-W01/lag.png", "/digest/nonsense/"):
        assert client.get(address).status_code == 404


def test_an_issues_page_has_every_item_with_its_permalink_and_the_note(client, issue):
    page = read(client.get("/digest/2026-W47/"))
    assert [link for link in page.links if "/claims/one-" in link] == [item.url for item in ITEMS]
    for item in ITEMS:
        assert item.title in page.text
    assert HOSTILE in page.text
    assert "Expect <i>the interval</i> to narrow." in page.text
    assert "as known on 22 November 2026" in page.text
    assert "unsubscribe" not in page.text.lower()


def test_an_issues_pictures_are_described_and_lead_to_the_live_charts(client, issue):
    page = read(client.get("/digest/2026-W47/"))
    images = page.all("img")
    assert [image["alt"] for image in images] == [picture.alt for picture in PICTURES]
    assert [(image["width"], image["height"]) for image in images] == [("552", "400"), ("552", "460")]
    for image in images:
        assert client.get(image["src"]).content == PNG
    assert {picture.url for picture in PICTURES} <= set(page.links)


def test_a_picture_is_kept_for_ever_and_shown_by_mail_programs_elsewhere(client, issue):
    response = client.get("/digest/2026-W47/lag.png")
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not response.cookies
    assert client.get("/digest/2026-W47/none.png").status_code == 404


def test_the_desks_hand_shows(client):
    publish("2026-W47", dropped=[ITEMS[1].id], order=[ITEMS[6].id])
    page = read(client.get("/digest/2026-W47/"))
    wanted = [ITEMS[6], ITEMS[0], *ITEMS[2:6]]
    assert [link for link in page.links if "/claims/one-" in link] == [item.url for item in wanted]


def test_issues_lead_to_their_neighbours_and_skip_what_was_withheld(client, issue):
    publish("2026-W45")
    publish("2026-W46", Issue.State.WITHHELD)
    publish("2027-W01")
    links = read(client.get("/digest/2026-W47/")).links
    assert {"/digest/2026-W45/", "/digest/2027-W01/"} <= set(links)
    assert "/digest/2026-W46/" not in links


def test_the_text_is_the_letters_without_anybodys_links(client, issue, settings):
    response = client.get("/digest/2026-W47.txt")
    text = response.content.decode()
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert all(f"{settings.SITE_URL}{item.url}" in text for item in ITEMS)
    assert "/subscribe/" in text
    assert "unsubscribe" not in text.lower()


def test_the_list_and_an_issue_are_files_too(client, issue):
    listed = json.loads(client.get("/digest.json").content)
    assert [(row["week"], row["items"], row["as_of"]) for row in listed["rows"]] == [("2026-W47", 7, "2026-11-22")]
    found = json.loads(client.get("/digest/2026-W47.json").content)
    assert (found["week"], found["as_of"], found["note"]) == ("2026-W47", "2026-11-22", NOTE)
    assert [(row["id"], row["flips"]) for row in found["rows"]] == [(item.id, item.flips) for item in ITEMS]
    assert client.get("/digest/2026-W47.csv").content.count(b"\n") == len(ITEMS) + 1
    assert client.get("/digest.parquet").content[:4] == b"PAR1"


def test_on_a_day_before_it_went_out_an_issue_is_not_known(client, issue):
    assert "2026-W47" in client.get(on("/digest/", "2026-11-23")).content.decode()
    assert "2026-W47" not in read(client.get(on("/digest/", "2026-11-22"))).text
    assert client.get(on("/digest/2026-W47/", "2026-11-22")).status_code == 404
    assert client.get(on("/digest/2026-W47/", "2026-11-23")).status_code == 200


def test_a_feed_tells_of_issues_as_they_went_out(client, issue, hidden):
    for address in ("/feeds/digest/", "/feeds/digest.atom"):
        [entry] = feedparser.parse(client.get(address).content).entries
        assert entry.id.endswith(":digest/2026-W47")
        assert entry.updated == "2026-11-23T07:00:00+00:00"
        assert (entry.link, entry.title) == ("http://testserver/digest/2026-W47/", ITEMS[0].title)


def test_many_issues_stand_on_pages_of_sixty(client):
    weeks = [f"{year}-W{week:02d}" for year in (2024, 2025) for week in range(1, 36)]
    for week in weeks:
        publish(week)
    first, second = read(client.get("/digest/")), read(client.get("/digest/?page=2"))
    assert "1 to 60 of 70" in first.text
    found = [re.findall(r"/digest/(\d{4}-W\d\d)/", link) for link in first.links + second.links]
    assert [week for some in found for week in some] == sorted(weeks, reverse=True)


def test_a_new_issue_changes_the_tag_of_pages(client):
    before = client.get("/digest/")["ETag"]
    publish("2026-W47")
    assert client.get("/digest/", headers={"If-None-Match": before}).status_code == 200


def test_an_issue_of_every_topic_names_each(client):
    items = content(tuple(Item(f"{t}:1", t, f"Title {t}", "Text.", "/x/", 1.0) for t in Topic))
    publish("2026-W47", content=items.plain())
    page = read(client.get("/digest/2026-W47/"))
    assert page.count("h2") >= len(Topic)


# Letters on this machine


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = mailbox.BACKEND, str(tmp_path)
    letter = EmailMessage("A <b>subject</b>", "Text <i>part</i>", "a@b.example", ["reader@mail.example"])
    get_connection().send_messages([letter])
    [found] = mailbox.newest()
    return f"/mail/{found.file}/{found.offset}"


def letter_pages(at):
    return ("/mail/", f"{at}/", f"{at}/eml")


def test_letters_of_this_machine_are_shown_to_staff_as_they_are(admin_client, folder):
    page = read(admin_client.get("/mail/"))
    assert "A <b>subject</b>" in page.text
    assert f"{folder}/" in page.links
    page = read(admin_client.get(f"{folder}/"))
    assert "Text <i>part</i>" in page.text
    assert "reader@mail.example" in page.text
    raw = admin_client.get(f"{folder}/eml")
    assert raw["Content-Disposition"].startswith("attachment;")
    assert raw.content.startswith(b"Content-Type: text/plain")


def test_a_letters_html_is_shut_in(admin_client, folder):
    assert admin_client.get(f"{folder}/html").status_code == 404
    letter = EmailMultiAlternatives("With HTML", "Text", "a@b.example", ["c@d.example"])
    letter.attach_alternative("<script>alert(1)</script>", "text/html")
    get_connection().send_messages([letter])
    found = next(one for one in mailbox.newest() if one.subject == "With HTML")
    response = admin_client.get(f"/mail/{found.file}/{found.offset}/html")
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'; img-src http://testserver")
    assert "script-src" not in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_letters_are_for_staff_who_may_see_readers(client, folder, django_user_model):
    for address in letter_pages(folder):
        assert client.get(address)["Location"].startswith("/admin/login/")
    client.force_login(django_user_model.objects.create_user("someone"))
    assert client.get("/mail/").status_code == 302
    client.force_login(django_user_model.objects.create_user("staff", is_staff=True))
    for address in letter_pages(folder):
        assert client.get(address).status_code == 403


def test_where_letters_go_to_a_server_there_is_no_folder_to_look_at(admin_client, folder, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    for address in letter_pages(folder):
        assert admin_client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/mail/x.log/0/", "/mail/..%2Fx.log/0/", "/mail/x.txt/0/", "/mail/x.log/1/html"])
def test_no_letter_is_where_none_begins(admin_client, folder, address):
    assert admin_client.get(address).status_code == 404
