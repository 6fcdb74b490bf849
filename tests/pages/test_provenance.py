"""From any number to its evidence in one click."""

import hashlib
import re

import pytest

from tests.pages.reading import read
from tests.pages.world import SECRET
from tests.pipeline.vintages import NOTABLE, PANEL
from tracker.models import Event, Price, Release, Score, Snapshot, Source

pytestmark = pytest.mark.usefixtures("world")


def evidence(page):
    return [link for link in page.links if link.startswith("/facts/")]


@pytest.mark.parametrize(
    ("address", "heading", "column"),
    [
        ("/models/gpt-5/", "Benchmark", -1),
        ("/models/birch-1/", "Source", -1),
        ("/models/birch-1/", "Host", -1),
        ("/benchmarks/gpqa-diamond/", "Model", -1),
    ],
)
def test_every_row_of_a_table_of_facts_ends_in_its_evidence(client, address, heading, column):
    page = read(client.get(address))
    table = next(part for part in page.raw.split("<table")[1:] if "/facts/" in part and f">{heading}<" in part)
    rows = table.partition("</table>")[0].partition("<tbody>")[2].split("<tr>")[1:]
    assert rows
    for row in rows:
        assert re.search(r'<td><a class="prov" href="/facts/\w+/\d+/">', row)


def test_every_believed_value_of_a_model_links_to_the_fact_it_was_taken_from(client):
    head = read(client.get("/models/birch-1/")).raw.partition("</dl>")[0]
    for name in ("Access", "Licence", "Parameters"):
        assert re.search(rf"<dt>{name}</dt>.*?/facts/release/\d+/", head)


def test_the_evidence_names_publisher_address_date_hash_and_licence(client):
    for link in evidence(read(client.get("/models/birch-1/"))):
        response = client.get(link)
        assert response.status_code == 200
        page = read(response)
        kind, number = link.split("/")[2:4]
        fact = {"score": Score, "release": Release, "price": Price, "event": Event}[kind].objects.get(pk=number)
        first = fact.first_snapshot
        for word in (
            first.endpoint.source.publisher,
            first.endpoint.url,
            f"{first.fetched_at:%Y-%m-%d %H:%M} UTC",
            first.blob_id,
            first.endpoint.source.data_licence,
        ):
            assert word in page.text


def test_a_superseded_fact_names_its_successor_and_both_documents(client):
    old = Release.objects.get(key="birch-1", known_to__isnull=False)
    page = read(client.get(f"/facts/release/{old.pk}/"))
    assert f"/facts/release/{old.superseded_by_id}/" in page.links
    assert "from 2026-04-01 06:00 UTC to 2026-09-01 06:00 UTC" in page.text


def test_a_fact_that_holds_was_last_shown_by_the_newest_document(client):
    fact = Release.objects.filter(known_to=None, known_from__month=4).first()
    page = read(client.get(f"/facts/release/{fact.pk}/"))
    assert "it still holds" in page.text
    assert "The last document that showed it" in page.text
    snapshots = Snapshot.objects.filter(endpoint__url=NOTABLE)
    assert {f"/snapshots/{snapshot.pk}/document" for snapshot in snapshots} <= set(page.links)


def test_of_a_window_onto_a_longer_list_no_page_claims_which_document_showed_a_row_last(client):
    Source.objects.filter(slug="epoch_models").update(rolling=True)
    fact = Release.objects.filter(known_to=None, known_from__month=4).first()
    page = read(client.get(f"/facts/release/{fact.pk}/"))
    assert "it still holds" in page.text
    assert "What leaves the window still holds" in page.text
    assert "The newest document read while it held" in page.text
    assert "The last document that showed it" not in page.text


def test_a_document_comes_as_a_file_to_save_with_the_bytes_that_were_read(client):
    snapshot = Snapshot.objects.filter(endpoint__url=NOTABLE).first()
    response = client.get(f"/snapshots/{snapshot.pk}/document")
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert hashlib.sha256(response.content).hexdigest() == snapshot.blob_id == response["ETag"].strip('"')


def test_a_document_and_its_attempt_name_the_run_under_which_the_logs_know_them(client):
    snapshot = Snapshot.objects.filter(endpoint__url=NOTABLE).first()
    Snapshot.objects.filter(pk=snapshot.pk).update(collected_in="asked" * 6, read_in="parsed" * 5)
    snapshot.endpoint.fetches.create(started_at=snapshot.fetched_at, seconds=1, outcome="changed", asked_in="asked" * 6)
    page = read(client.get(f"/snapshots/{snapshot.pk}/"))
    assert "asked" * 6 in page.text
    assert "parsed" * 5 in page.text
    assert "askedask" in read(client.get(f"/pipeline/{snapshot.endpoint.source.slug}/")).text


def test_a_document_that_may_not_be_handed_on_is_not(client):
    snapshot = Snapshot.objects.get(endpoint__url=SECRET)
    page = read(client.get(f"/snapshots/{snapshot.pk}/"))
    assert "does not let us hand the document on" in page.text
    assert f"/snapshots/{snapshot.pk}/document" not in page.links
    assert client.get(f"/snapshots/{snapshot.pk}/document").status_code == 404


def test_a_document_that_may_be_shown_and_not_handed_on_has_its_evidence_and_no_bytes(client):
    Source.objects.filter(slug="epoch_panel").update(may_display=True, may_hand_on=False)
    snapshot = Snapshot.objects.filter(endpoint__url=PANEL).first()
    page = read(client.get(f"/snapshots/{snapshot.pk}/"))
    size = f"{snapshot.blob.size / 1000:.0f}"
    for word in (snapshot.blob_id, size, PANEL, f"{snapshot.fetched_at:%Y-%m-%d %H:%M} UTC"):
        assert word in page.text
    assert "does not let us hand the document on" in page.text
    assert f"/snapshots/{snapshot.pk}/document" not in page.links
    assert client.get(f"/snapshots/{snapshot.pk}/document").status_code == 404
    fact = Score.objects.filter(known_to=None, endpoint__url=PANEL, benchmark__may_display=True).first()
    assert client.get(f"/facts/score/{fact.pk}/").status_code == 200
    Source.objects.filter(slug="epoch_panel").update(may_hand_on=True)
    assert client.get(f"/snapshots/{snapshot.pk}/document").status_code == 200


def test_a_message_that_may_quote_a_hidden_document_is_not_shown(client):
    Snapshot.objects.filter(endpoint__url=SECRET).update(message="it says 12345 where a name was")
    assert "12345" not in read(client.get(f"/snapshots/{Snapshot.objects.get(endpoint__url=SECRET).pk}/")).text


@pytest.mark.parametrize("kind", ["score", "release", "price", "event", "nothing", "snapshot"])
def test_there_is_no_evidence_for_what_is_not_there(client, kind):
    for number in (0, 2**31, 2**63, 10**30):
        assert client.get(f"/facts/{kind}/{number}/").status_code == 404


def test_words_of_a_source_never_become_a_script(client):
    fact = Release.objects.get(key="acme-two", known_to=None)
    page = read(client.get(f"/facts/release/{fact.pk}/"))
    assert "javascript:alert(1)" in page.text
    assert not any(link.startswith("javascript:") for link in page.links)
