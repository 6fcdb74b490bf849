"""A reader's own page: choosing, pausing, taking home and being forgotten, with nothing but a link of the letter."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.pages.readers import ANN, path, reader
from tests.pages.reading import read
from tracker.digest.tokens import Use
from tracker.models import Subscriber

pytestmark = pytest.mark.django_db


def test_a_reader_chooses_without_an_account(client, labs):
    ann = reader(topics=["gap"], labs=["cedar"])
    address = path(ann, Use.PREFERENCES)
    page = read(client.get(address))
    assert "a***@example.org" in page.text
    assert ANN not in page.raw
    ticked = {(a["name"], a["value"]) for a in page.all("input") if "checked" in a}
    assert ticked == {("pace", "weekly"), ("topics", "gap"), ("labs", "cedar")}
    until = timezone.now().date() + timedelta(days=40)
    told = {"do": "save", "pace": "flips", "topics": ["prices", "claims"], "paused_until": until.isoformat()}
    page = read(Client(enforce_csrf_checks=True).post(address, told))
    assert "Saved." in page.text
    assert {a["value"] for a in page.all("input") if a.get("name") == "paused_until"} == {until.isoformat()}
    ann.refresh_from_db()
    assert (ann.topics, ann.labs, ann.pace, ann.paused_until) == (["claims", "prices"], [], "flips", until)
    client.post(address, {"do": "save", "pace": "weekly", "paused_until": ""})
    ann.refresh_from_db()
    assert ann.paused_until is None


@pytest.mark.parametrize("until", ["soon", "2999-01-01", "2026-13-40"])
def test_a_pause_that_is_no_day_or_never_ends_is_not_saved(client, until):
    ann = reader()
    response = client.post(path(ann, Use.PREFERENCES), {"do": "save", "pace": "flips", "paused_until": until})
    assert response.status_code == 400
    ann.refresh_from_db()
    assert (ann.pace, ann.paused_until) == ("weekly", None)


def test_a_reader_takes_all_that_is_known_of_him_home(client):
    ann = reader(topics=["gap"])
    response = client.post(path(ann, Use.PREFERENCES), {"do": "export"})
    assert response["Content-Type"] == "application/json"
    assert "attachment" in response["Content-Disposition"]
    assert json.loads(response.content)["email"] == ANN
    ann.refresh_from_db()
    assert ann.topics == ["gap"]


def test_a_reader_is_forgotten_when_he_says_so_twice(client):
    ann = reader()
    address = path(ann, Use.PREFERENCES)
    assert client.post(address, {"do": "erase"}).status_code == 400
    assert Subscriber.objects.exists()
    assert "You are forgotten" in read(client.post(address, {"do": "erase", "sure": "yes"})).text
    assert not Subscriber.objects.exists()
    assert client.get(address).status_code == 404


def test_earlier_links_can_be_made_void(client):
    ann = reader()
    address = path(ann, Use.PREFERENCES)
    page = read(client.post(address, {"do": "void"}))
    assert client.get(address).status_code == 404
    (new,) = [link for link in page.links if "/preferences/" in link]
    assert client.get(new.partition("localhost:8000")[2]).status_code == 200
