"""Snapshots out and in again: an empty installation that reads an archive knows what the first one knew, and when."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests.pipeline.steps import FACTS, at, content, endpoint, take_in, written_rows
from tests.pipeline.vintages import LINES, NOTABLE, OFFERS, PANEL, PRICES, Line, Offer, notable, panel, prices, records
from tracker.domain.records import ScoreRecord
from tracker.models import Alarm, Blob, DocumentShape, Endpoint, Score, Setting, Snapshot, Source, Unresolved
from tracker.pipeline import archive, collect, ingest
from tracker.sources import record_file

pytestmark = pytest.mark.usefixtures("installed")

STRANGER = Offer("openai", "stranger-1", price=0.2)
DEARER = (replace(OFFERS[0], price=4.0), *OFFERS[1:])


def collected() -> None:
    """Five documents of three sources: vintages, a bad one, one that brings a name nobody knows."""
    take_in(PRICES, prices(*OFFERS, STRANGER), at(1))
    take_in(PANEL, panel(*LINES, Line("claude-example-4", "math_level_5", 0.91)), at(2))
    take_in(PRICES, prices(*DEARER), at(3))
    take_in(PRICES, b'{"openai": {}}', at(4))
    take_in(
        NOTABLE, notable(("Claude Example 4", "2026-01-14", "API access"), ("GPT Example", "2025-08-07", "")), at(4)
    )
    take_in(PRICES, prices(*OFFERS, STRANGER), at(5))


def forget() -> None:
    """The installation as it was before anything was collected."""
    Endpoint.objects.update(current=None)
    # No alarm is ever deleted, and a trigger sees to that: here their tables are emptied whole.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {Alarm._meta.db_table}, {DocumentShape._meta.db_table}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for kind in FACTS:
        kind.objects.update(superseded_by=None)
        kind.objects.all().delete()
    for table in (Unresolved, Snapshot, Blob, Setting, Endpoint):
        table.objects.all().delete()


def load(folder: Path, day: int = 20) -> list[Snapshot]:
    return [snapshot for _, snapshot in archive.load(folder, now=at(day), by="loader")]


def snapshots() -> list[tuple]:
    rows = Snapshot.objects.order_by("fetched_at", "endpoint__url")
    return list(rows.values_list("endpoint__url", "fetched_at", "blob_id", "state", "message", "counts"))


def rewrite(folder: Path, **changes: str) -> None:
    """The manifest with its first entry changed."""
    entries = json.loads((folder / "manifest.json").read_text("utf-8"))
    entries[0] |= changes
    (folder / "manifest.json").write_text(json.dumps(entries), "utf-8")


@pytest.fixture
def exported(tmp_path) -> Path:
    collected()
    list(archive.export(tmp_path / "archive"))
    return tmp_path / "archive"


def test_an_import_into_an_empty_database_gives_the_same_facts(exported):
    facts, documents = content(), snapshots()
    waiting = set(Unresolved.objects.values_list("kind", "name", "state", "rows"))
    forget()
    load(exported)
    assert content() == facts
    assert snapshots() == documents
    assert set(Unresolved.objects.values_list("kind", "name", "state", "rows")) == waiting
    assert {state for *_, state, _, _ in documents} == {"ingested", "quarantined"}


def test_equal_documents_are_one_file(exported):
    entries = archive.manifest(exported)
    assert len(entries) == 6
    assert len({entry.sha256 for entry in entries}) == 5
    assert [entry.retrieved_at for entry in entries] == sorted(entry.retrieved_at for entry in entries)


def test_an_import_that_was_there_already_writes_nothing(exported):
    before, documents = written_rows(), snapshots()
    load(exported)
    assert written_rows() == before
    assert snapshots() == documents


def test_an_import_that_broke_off_goes_on_where_it_stopped(exported):
    facts, documents = content(), snapshots()
    forget()
    loading = archive.load(exported, now=at(20), by="killed")
    next(loading), next(loading), next(loading)
    loading.close()
    load(exported)
    assert content() == facts
    assert snapshots() == documents


def test_an_import_under_a_collecting_installation_does_not_put_old_documents_before_new_ones(exported):
    forget()
    collect.enrol(now=at(1))
    take_in(PRICES, prices(*DEARER), at(9))
    facts = content()["Price"]
    load(exported)
    assert content()["Price"] == facts
    assert set(Snapshot.objects.filter(endpoint__url=PRICES, fetched_at__lt=at(9)).values_list("state", flat=True)) <= {
        "outdated",
        "quarantined",
    }
    assert Score.objects.exists()


@pytest.fixture
def starter(tmp_path) -> Path:
    collected()
    list(archive.write_starter(tmp_path / "starter"))
    return tmp_path / "starter"


def test_the_starter_archive_resolves_to_the_same_facts_value_by_value(starter):
    facts = content()
    assert {kind for kind, rows in facts.items() if rows} >= {"Release", "Score", "Price"}
    forget()
    assert {snapshot.state for snapshot in load(starter)} == {"ingested"}
    assert content() == facts
    assert not Unresolved.objects.exists(), "rows whose names are unknown are not shipped"


def test_the_publishers_document_read_after_the_starter_archive_supersedes_nothing(starter):
    forget()
    load(starter)
    snapshot = take_in(PRICES, prices(*OFFERS, STRANGER), at(21))
    assert (snapshot.counts["unchanged"], snapshot.counts["superseded"], snapshot.counts["added"]) == (10, 0, 0)
    snapshot = take_in(PANEL, panel(*LINES, Line("claude-example-4", "math_level_5", 0.92)), at(21))
    assert (snapshot.counts["superseded"], snapshot.counts["added"], snapshot.counts["closed"]) == (1, 0, 0)


def test_the_starter_archive_names_the_publishers_bytes_and_says_where_each_fact_is_from(starter):
    for entry in archive.manifest(starter):
        source = Source.objects.get(slug=entry.source)
        assert (entry.licence, entry.attribution) == (source.data_licence, source.attribution)
        assert Blob.objects.filter(pk=entry.original_sha256).exists()
        for line in (starter / entry.file).read_text("utf-8").splitlines():
            row = json.loads(line)
            assert row["source"] == entry.source
            assert row["url"].startswith("https://")
            assert row["retrieved_on"] == entry.retrieved_at[:10]


def test_the_starter_archive_leaves_out_what_may_not_be_shown(tmp_path):
    exams = ("gpqa-diamond", "hidden-exam")
    said = [ScoreRecord(f"row{n}", "gpt-example", exams[n % 2], n / 20) for n in range(12)]
    take_in(PANEL, records(*said, url=PANEL), at(1), record_file.MEDIA_TYPE)
    assert Score.objects.count() == 12
    list(archive.write_starter(tmp_path))
    forget()
    load(tmp_path)
    shown = sorted(Score.objects.values_list("benchmark__slug", "value"))
    assert shown == [("gpqa-diamond", n / 20) for n in range(0, 12, 2)]


@pytest.mark.parametrize("field", [{"data_licence": "CC-BY-NC-4.0"}, {"may_display": False}])
def test_the_starter_archive_leaves_out_sources_whose_terms_forbid_it(tmp_path, field):
    collected()
    Source.objects.filter(slug="models_dev").update(**field)
    assert {entry.source for entry in archive.write_starter(tmp_path)} == {"epoch_panel", "epoch_models"}


def test_written_twice_the_starter_archive_is_the_same_bytes(starter, tmp_path):
    list(archive.write_starter(tmp_path / "again"))
    files = {path.name: path.read_bytes() for path in starter.iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == files


def test_a_manipulated_file_is_refused(exported):
    forget()
    entry = archive.manifest(exported)[0]
    path = exported / entry.file
    path.write_bytes(path.read_bytes().replace(b"3.0", b"2.0"))
    with pytest.raises(archive.ArchiveError, match=rf"{entry.file} has other bytes than the manifest says"):
        load(exported)
    assert not Snapshot.objects.exists()


def test_a_missing_file_is_named(exported):
    forget()
    entry = archive.manifest(exported)[0]
    (exported / entry.file).unlink()
    with pytest.raises(archive.ArchiveError, match=rf"{entry.file} cannot be read"):
        load(exported)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"file": "../secret"}, "lies outside the archive"),
        ({"file": "/etc/hostname"}, "lies outside the archive"),
        ({"source": "nobody"}, "which is no source of this installation"),
        ({"retrieved_at": "2026-09-01T06:00:00"}, "names no time zone"),
        ({"retrieved_at": "yesterday"}, "is not a manifest"),
        ({"colour": "green"}, "is not a manifest"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(exported, changes, message):
    forget()
    (exported.parent / "secret").write_bytes(b"not yours")
    rewrite(exported, **changes)
    with pytest.raises(archive.ArchiveError, match=message):
        load(exported)
    assert not Snapshot.objects.exists()


def test_two_documents_of_one_address_and_time_are_refused(exported):
    later = archive.manifest(exported)[2]
    forget()
    rewrite(exported, retrieved_at=later.retrieved_at)
    with pytest.raises(archive.ArchiveError, match=r"another document of .* is stored for that very time"):
        load(exported)


def test_a_folder_without_a_manifest_is_no_archive(tmp_path):
    with pytest.raises(archive.ArchiveError, match="is not a manifest"):
        load(tmp_path)


def test_an_export_holds_what_waits_and_what_was_refused(tmp_path):
    take_in(PRICES, b'{"openai": {}}', at(1))
    collect.keep(endpoint(PANEL), panel(), fetched_at=at(2), media_type="text/csv")
    assert len(list(archive.export(tmp_path))) == 2
    assert ingest.waiting(now=at(2) + timedelta(days=1)) != []
