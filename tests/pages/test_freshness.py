"""An ETag changes when, and only when, something that pages show may have changed."""

import pytest
from django.db import connection
from django.utils import timezone

from tracker.models import AIModel, Alias, DataVersion, Endpoint, GapResult, IndexRun, Snapshot, Source
from tracker.pipeline.versions import raise_data_version
from tracker.queries import freshness
from tracker.views import state

pytestmark = pytest.mark.usefixtures("world")


def tag(client, address="/"):
    return client.get(address)["ETag"]


def facts_changed():
    raise_data_version(now=timezone.now())


def run_answered_a_question():
    run = IndexRun.objects.get(historic=False)
    GapResult.objects.create(run=run, scope="coding", region="china", report={})


def run_is_ready_again():
    IndexRun.objects.filter(historic=False).update(state=IndexRun.State.READY, finished_at=timezone.now())


def name_was_explained():
    Alias.objects.create(kind="model", key="new", name="New", model=AIModel.objects.first())


def source_was_asked():
    Endpoint.objects.filter(url__contains="doi.org").update(checked_at=timezone.now())


def source_failed():
    Endpoint.objects.filter(url__contains="doi.org").update(last_error="refused")


def source_was_switched_off():
    Source.objects.filter(slug="epoch_panel").update(enabled=False)


def document_failed_its_guards():
    newest = Snapshot.objects.filter(endpoint__source__slug="epoch_panel").latest("fetched_at")
    Snapshot.objects.filter(pk=newest.pk).update(state=Snapshot.State.QUARANTINED, ingested_at=None)


CHANGES = (
    facts_changed,
    run_answered_a_question,
    run_is_ready_again,
    name_was_explained,
    source_was_asked,
    source_failed,
    source_was_switched_off,
    document_failed_its_guards,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_gives_pages_another_tag(client, change):
    before = {address: tag(client, address) for address in ("/", "/gap/", "/models/gpt-5/", "/charts/lag.csv")}
    change()
    for address, old in before.items():
        assert tag(client, address) != old
        assert client.get(address, headers={"If-None-Match": old}).status_code == 200


def test_pages_of_the_pipeline_change_with_what_they_show(client):
    before = tag(client, "/pipeline/epoch_panel/")
    endpoint = Endpoint.objects.get(url__contains="doi.org")
    endpoint.fetches.create(started_at=timezone.now(), seconds=1.0, outcome="failed", message="no answer")
    assert tag(client, "/pipeline/epoch_panel/") != before


def test_two_addresses_have_two_tags(client):
    assert tag(client, "/models/") != tag(client, "/models/?q=acme")


def test_a_tag_is_answered_from_one_query(client, django_assert_num_queries):
    known = tag(client, "/gap/")
    with django_assert_num_queries(1):
        assert client.get("/gap/", headers={"If-None-Match": known}).status_code == 304


def test_what_pages_say_of_age_is_as_steady_as_their_tag():
    assert state.clock() == state.clock().replace(minute=0, second=0, microsecond=0)
    assert 0 <= (timezone.now() - state.clock()).total_seconds() < 3601


def test_a_new_release_of_the_code_is_never_answered_with_the_old_page(client, monkeypatch):
    before = tag(client)
    monkeypatch.setattr(state, "code_tag", lambda: "another release")
    assert tag(client) != before


def test_before_anything_was_stored_a_tag_is_that_of_the_bytes(client):
    DataVersion.objects.all().delete()
    before = tag(client)
    assert tag(client) == before
    Source.objects.filter(slug="epoch_panel").update(title="Another")
    assert tag(client, "/pipeline/") != before


def test_the_tags_question_is_planned_once_a_connection():
    freshness.state_tag()
    first = freshness.state_tag()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%tracker_dataversion%'")
        assert cursor.fetchone() == (1,)
    assert freshness.state_tag() == first


def test_the_tags_question_is_counted_among_a_pages(django_assert_num_queries):
    with django_assert_num_queries(1):
        freshness.state_tag()
