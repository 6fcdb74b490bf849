"""The desk's pages: who sees them, what they cost, and that nothing in them would need a looser policy."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.admin.world import decisions, many
from tracker import middleware
from tracker.models import Decision, Evaluation, Fact, Insight, ProposedRelease, Snapshot, Source

pytestmark = pytest.mark.usefixtures("world")

OURS = [model for model in admin.site._registry if model._meta.app_label == "tracker"]
LISTS = [reverse(f"admin:tracker_{model._meta.model_name}_changelist") for model in OURS]
MOST_QUERIES = 8


def rows(model) -> list[str]:
    """The pages about the first row: itself and its history."""
    row = admin.site._registry[model].get_queryset(_request()).first()
    name = model._meta.model_name
    return (
        []
        if row is None
        else [reverse(f"admin:tracker_{name}_{what}", args=[row.pk]) for what in ("change", "history")]
    )


def _request():
    from django.test import RequestFactory

    return RequestFactory().get("/")


def test_every_kind_of_fact_and_all_that_waits_is_at_the_desk():
    from django.apps import apps

    facts = {model for model in apps.get_app_config("tracker").get_models() if issubclass(model, Fact)}
    assert facts <= set(OURS)
    names = {model._meta.model_name for model in OURS}
    assert {
        "unresolved",
        "conflict",
        "proposedrelease",
        "quarantined",
        "decision",
        "source",
        "snapshot",
        "aimodel",
        "alias",
    } <= names


@pytest.mark.parametrize("address", ["/admin/", *LISTS])
def test_a_curator_sees_every_list(desk, address):
    assert desk.get(address).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.model_name)
def test_every_row_has_its_page_and_its_history(desk, curator, model):
    decisions(1, curator)
    pages = rows(model)
    assert pages, "the world holds one of each"
    for address in pages:
        assert desk.get(address).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.model_name)
def test_nobody_adds_changes_or_deletes_a_row_by_hand_not_even_a_superuser(client, model):
    client.force_login(User.objects.create_superuser("root", password="a long enough secret"))
    name = model._meta.model_name
    # A finding of one's own, or a run that is wished for, is a decision with a reason, not a row entered by hand.
    decided = model in (Insight, Evaluation)
    assert client.get(reverse(f"admin:tracker_{name}_add")).status_code == (200 if decided else 403)
    for address in rows(model)[:1]:
        assert client.post(address.replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403
        if issubclass(model, Fact) or model in (Snapshot, Source):
            assert client.post(address, {"name": "other"}).status_code == 403


def test_a_list_asks_little_and_as_little_for_two_thousand_rows(desk, curator):
    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(address).status_code == 200
        return len(queries)

    many(10)
    decisions(10, curator)
    few = {address: asked(address) for address in LISTS}
    from tracker.models import AIModel, Alias, Conflict, Unresolved

    Snapshot.objects.filter(message="It shrank").delete()
    for table in (Unresolved, Conflict):
        table.objects.all().delete()
    Alias.objects.filter(added_by="ann").delete()
    AIModel.objects.filter(slug__startswith="many-").delete()
    ProposedRelease.objects.filter(key__startswith="many-").delete()
    from tracker.models import Release, Score

    for table in (Release, Score):
        table.objects.filter(key__startswith="many-").delete()
    many(2000)
    decisions(2000, curator)
    lots = {address: asked(address) for address in LISTS}
    assert {address: count for address, count in lots.items() if count > MOST_QUERIES} == {}
    assert lots == few
    assert Decision.objects.count() > 2000


def test_a_search_field_finds_models_on_the_server(desk):
    address = reverse("admin:autocomplete")
    told = {"app_label": "tracker", "model_name": "alias", "field_name": "model", "term": "mini"}
    assert [row["text"] for row in desk.get(address, told).json()["results"]] == ["GPT Example Mini"]


def pages() -> list[str]:
    return ["/admin/", *LISTS, *(address for model in OURS for address in rows(model))]


def test_a_stranger_is_sent_to_the_login_and_a_reader_without_rights_is_refused(client):
    for address in pages():
        assert client.get(address).headers["Location"].startswith("/admin/login/")
    client.force_login(User.objects.create_user("reader", password="a long enough secret"))
    for address in pages():
        assert client.get(address).status_code == 302
    client.force_login(User.objects.create_user("clerk", password="a long enough secret", is_staff=True))
    for address in pages():
        assert client.get(address).status_code == (200 if address == "/admin/" else 403)


INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)


def test_every_page_carries_the_sites_policy_and_nothing_inline(desk, client):
    for address in pages():
        answer = desk.get(address)
        assert answer.headers["Content-Security-Policy"] == middleware.POLICY
        assert INLINE.findall(answer.content.decode()) == [], address
    client.logout()
    assert INLINE.findall(client.get("/admin/login/").content.decode()) == []


def test_the_policy_allows_nothing_unsafe():
    assert "unsafe" not in middleware.POLICY
    assert "script-src 'self'" in middleware.POLICY


def test_a_sources_words_are_text(desk):
    shown = desk.get(reverse("admin:tracker_news_changelist")).content.decode()
    assert "&lt;script&gt;alert(1)" in shown
