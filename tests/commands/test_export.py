"""`export`: the same in every file, with everybody credited, and byte by byte the same from a rebuilt database."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.commands.conftest import Call
from tracker.domain.dataset import Column, Table, Type
from tracker.domain.records import (
    AssessmentRecord,
    EventRecord,
    LicenceRecord,
    NewsRecord,
    PriceRecord,
    Record,
    ScoreRecord,
    When,
)

# Nothing of Django's is imported up here: pytest reads this file before Django is set up.

PLACE = "https://epoch.ai/data/of-every-kind.jsonl"
HIDDEN = ("Veiled", "veiled", "openrouter")
KINDS = (
    "labs families models benchmarks people licences aliases sources documents releases scores prices events "
    "statements news licence_texts assessments index_values openness claims lags"
).split()
ARROW = {
    "string": pa.string(),
    "object": pa.string(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", tz="UTC"),
}
READ: dict[str, Callable[[str], Any]] = {
    "string": str,
    "object": str,
    "number": float,
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
    "datetime": lambda text: datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC),
}


def every_kind() -> list[Record]:
    """Rows of the kinds that the small world lacks, with all that a cell can hold."""
    return [
        EventRecord("e1", "Birch", "policy", 'Says "hello",\nand leaves', When(date(2026, 3, 1)), url="https://b.example/1"),
        EventRecord("e2", "Birch", "funding", "Gets money", When.parse("2026-05"), model="Birch 2"),
        *(EventRecord(f"f{n}", "Birch", "funding", f"Round {n}", When(date(2026, 1, n)), url="") for n in (1, 2, 3)),
        NewsRecord("n1", "Cedar", "=HYPERLINK(1)", When(date(2026, 4, 2)), url="https://c.example/n1"),
        NewsRecord("n2", "Cedar", "Grüße \u2028 aus Ålesund"),
        LicenceRecord("l1", "MIT License", text="Permission is given\r\nto all", osi_approved=True, category="Free"),
        LicenceRecord("l2", "Nobody's Terms", fsf_libre=False),
        AssessmentRecord("a1", "Birch 1", "osai", "weights", "open", value=1.0, assessed=When(date(2026, 6, 1))),
        AssessmentRecord("a2", "Birch 1", "osai", "data", "closed", value=0.0, licence="MIT License"),
        ScoreRecord("s1", "Birch 2 (16k)", "GPQA Diamond", 0.1 + 0.2, scaffold="Agent", shots="5"),
        PriceRecord("p1", "Birch 2", "birch", 1e-05, None, since=When(date(2026, 2, 1))),
    ]  # fmt: skip


def second_vintage() -> list[Record]:
    first, second, *rest = every_kind()
    assert isinstance(first, EventRecord)
    assert isinstance(second, EventRecord)
    return [replace(first, title="Says less"), *rest]


def fill(scratch: Path) -> None:
    """The small world with its hidden parts, and two vintages of a document that holds every kind."""
    from tests.pages.world import NOW, archive, catalogue
    from tests.pipeline.vintages import records
    from tracker.pipeline.archive import load
    from tracker.pipeline.catalog import load_catalog
    from tracker.sources.record_file import MEDIA_TYPE

    load_catalog(now=NOW, root=catalogue(scratch / "catalogue"))
    folder = archive(scratch / "archive")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for number, said in enumerate((every_kind(), second_vintage())):
        body = records(*said, url=PLACE)
        (folder / f"every{number}.jsonl").write_bytes(body)
        manifest.append(
            {
                "source": "epoch_models",
                "url": PLACE,
                "retrieved_at": f"2026-08-0{number + 1}T06:00:00.000123+00:00",
                "media_type": MEDIA_TYPE,
                "sha256": hashlib.sha256(body).hexdigest(),
                "file": f"every{number}.jsonl",
            }
        )
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    for entry, snapshot in load(folder, now=NOW, by="world"):
        assert snapshot.state == "ingested", f"{entry.url}: {snapshot.message}"
    compute(NOW)


def compute(now: datetime) -> None:
    """Today's index and its headline."""
    from tracker.models import IndexRun
    from tracker.pipeline import recompute

    recompute.plan(now=now)
    recompute.headline(IndexRun.objects.get(historic=False).pk, clock=lambda: now, by="world")


@pytest.fixture(scope="module")
def empty(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[str], str]]:
    """Makes databases of our own that hold nothing but the tables."""
    from django.db import connection

    from tests.pages.databases import clone

    made: list[str] = []

    def make(suffix: str) -> str:
        with django_db_blocker.unblock():
            name = clone(suffix)
        made.append(suffix)
        return name

    yield make
    with django_db_blocker.unblock():
        for suffix in made:
            connection.creation.destroy_test_db(suffix=suffix, verbosity=0)


@pytest.fixture(scope="module")
def exported(
    empty: Callable[[str], str], django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """What a filled installation exports, and what one exports that was rebuilt from its archive a month later."""
    from django.core.management import call_command

    from tests.pages.databases import connected_to
    from tests.pages.world import NOW, catalogue
    from tracker.pipeline import archive
    from tracker.pipeline.catalog import load_catalog

    folder = tmp_path_factory.mktemp("export")
    with django_db_blocker.unblock():
        with connected_to(empty("exported")):
            fill(folder)
            call_command("export", str(folder / "one"), stdout=StringIO())
            list(archive.export(folder / "snapshots"))
        later = NOW + timedelta(days=30)
        with connected_to(empty("rebuilt")):
            load_catalog(now=later, root=catalogue(folder / "catalogue"))
            list(archive.load(folder / "snapshots", now=later, by="other"))
            compute(later)
            call_command("export", str(folder / "two"), stdout=StringIO())
    return folder / "one", folder / "two"


@pytest.fixture
def folder(exported: tuple[Path, Path], db: None) -> Path:
    return exported[0]


@pytest.fixture
def package(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "datapackage.json").read_text("utf-8"))


def resources(package: dict[str, Any], suffix: str = "csv") -> dict[str, dict[str, Any]]:
    return {Path(one["path"]).stem: one for one in package["resources"] if one["format"] == suffix}


def rows(folder: Path, resource: dict[str, Any]) -> list[dict[str, Any]]:
    """A CSV file's rows, read as its schema says."""
    types = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
    with (folder / resource["path"]).open(encoding="utf-8", newline="") as text:
        return [
            {name: READ[types[name]](cell) if cell else None for name, cell in row.items()}
            for row in csv.DictReader(text, strict=True)
        ]


@pytest.mark.django_db
def test_an_installation_rebuilt_from_the_archive_exports_the_same_bytes(exported: tuple[Path, Path]) -> None:
    first, second = ({file.name: file.read_bytes() for file in folder.iterdir()} for folder in exported)
    assert first.keys() == second.keys()
    assert [name for name, body in first.items() if second[name] != body] == []


def test_there_is_a_file_of_every_kind_in_both_formats(folder: Path, package: dict[str, Any]) -> None:
    files = {f"{kind}.{suffix}" for kind in KINDS for suffix in ("csv", "parquet")}
    assert {file.name for file in folder.iterdir()} == files | {"datapackage.json"}
    assert {one["path"] for one in package["resources"]} == files
    assert {kind for kind, one in resources(package).items() if not one["rows"]} == {"families", "claims"}


def test_what_may_not_be_displayed_is_in_no_file(folder: Path) -> None:
    for file in folder.iterdir():
        if file.suffix == ".parquet":
            text = str(pa.parquet.read_table(file).to_pylist())
        else:
            text = file.read_text("utf-8")
        assert [word for word in HIDDEN if word in text] == [], file.name


def test_every_file_has_the_size_and_the_hash_that_the_package_tells(folder: Path, package: dict[str, Any]) -> None:
    for one in package["resources"]:
        body = (folder / one["path"]).read_bytes()
        assert (one["bytes"], one["hash"]) == (len(body), f"sha256:{hashlib.sha256(body).hexdigest()}")


def test_both_formats_hold_the_same_cells_in_the_declared_types(folder: Path, package: dict[str, Any]) -> None:
    for kind, one in resources(package).items():
        table = pa.parquet.read_table(folder / f"{kind}.parquet")
        declared = {field["name"]: ARROW[field["type"]] for field in one["schema"]["fields"]}
        assert {field.name: field.type for field in table.schema} == declared
        assert table.to_pylist() == rows(folder, one)
        assert len(pd.read_parquet(folder / f"{kind}.parquet")) == len(table) == one["rows"]


def test_the_package_keeps_the_rules_of_its_standard(package: dict[str, Any]) -> None:
    assert package["$schema"].endswith("/datapackage.json")
    names = [one["name"] for one in package["resources"]]
    assert len(names) == len(set(names))
    for one in package["resources"]:
        assert set(one["name"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
        assert not one["path"].startswith(("/", ".."))
        fields = [field["name"] for field in one["schema"]["fields"]]
        assert len(fields) == len(set(fields))
        assert all(field["type"] in READ and field["description"].endswith(".") for field in one["schema"]["fields"])
        assert set(one["schema"].get("primaryKey", [])) <= set(fields)


def test_keys_are_there_and_tell_rows_apart(folder: Path, package: dict[str, Any]) -> None:
    for one in resources(package).values():
        found, schema = rows(folder, one), one["schema"]
        required = [field["name"] for field in schema["fields"] if field.get("constraints", {}).get("required")]
        assert [row for row in found if any(row[name] is None for name in required)] == []
        if key := schema.get("primaryKey"):
            assert len({tuple(row[name] for name in key) for row in found}) == len(found)
    facts = resources(package)["scores"]["schema"]["fields"]
    assert {"source", "endpoint", "key", "known_from", "first_sha256", "value"} <= {
        field["name"] for field in facts if field.get("constraints")
    }


def names(one: dict[str, Any]) -> set[str]:
    return {field["name"] for field in one["schema"]["fields"]}


def test_every_reference_leads_to_a_row(folder: Path, package: dict[str, Any]) -> None:
    tables = resources(package)
    slugs = {kind: {row["slug"] for row in rows(folder, one)} for kind, one in tables.items() if "slug" in names(one)}
    checked = 0
    for one in tables.values():
        for link in one["schema"].get("foreignKeys", []):
            values = {row[link["fields"][0]] for row in rows(folder, one)} - {None}
            assert values <= slugs[link["reference"]["resource"]]
            checked += len(values)
    assert checked > 20


def test_every_fact_names_a_stored_document_of_its_address(folder: Path, package: dict[str, Any]) -> None:
    tables = resources(package)
    documents = {(row["endpoint"], row["sha256"]) for row in rows(folder, tables["documents"])}
    for kind in ("releases", "scores", "prices", "events", "news", "licence_texts", "assessments"):
        for row in rows(folder, tables[kind]):
            assert {(row["endpoint"], row["first_sha256"]), (row["endpoint"], row["last_sha256"])} <= documents


def test_every_publisher_is_credited_with_licence_and_attribution(folder: Path, package: dict[str, Any]) -> None:
    declared = {row["slug"]: row for row in rows(folder, resources(package)["sources"])}
    used = {row["source"] for row in rows(folder, resources(package)["documents"])}
    assert used == {source["name"] for source in package["sources"]}
    for source in package["sources"]:
        assert source["licence"] == declared[source["name"]]["data_licence"]
        assert source.get("attribution") == declared[source["name"]]["attribution"]
        assert {"name": source["licence"]} in package["licenses"]


def test_a_superseded_fact_stands_with_both_its_times(folder: Path, package: dict[str, Any]) -> None:
    events = rows(folder, resources(package)["events"])
    old, new = (row for row in events if row["key"] == "e1")
    assert (old["title"], new["title"]) == ('Says "hello",\nand leaves', "Says less")
    assert old["known_to"] == new["known_from"] == datetime(2026, 8, 2, 6, 0, 0, 123, tzinfo=UTC)
    assert old["last_sha256"] != new["last_sha256"]
    gone = next(row for row in events if row["key"] == "e2")
    assert gone["known_to"] == old["known_to"]


def test_cells_stand_as_they_were_published(folder: Path, package: dict[str, Any]) -> None:
    tables = resources(package)
    assert {"=HYPERLINK(1)", "Grüße \u2028 aus Ålesund"} == {row["title"] for row in rows(folder, tables["news"])}
    assert "Permission is given\r\nto all" in {row["text"] for row in rows(folder, tables["licence_texts"])}
    scores = {row["key"]: row for row in rows(folder, tables["scores"])}
    assert scores["s1"]["value"] == 0.1 + 0.2
    assert (scores["s1"]["budget"], scores["s1"]["shots"]) == (16_000, "5")


def test_written_again_over_itself_it_is_the_same(
    exported: tuple[Path, Path], world: None, call: Call, tmp_path: Path
) -> None:
    said = [call("export", str(tmp_path), "--json") for _ in range(2)]
    assert said[0] == said[1]
    assert json.loads(said[0])["scores"]["rows"] > 100
    assert not [file for file in tmp_path.iterdir() if file.suffix == ".draft"]


def test_a_broken_export_leaves_no_description_behind(tmp_path: Path) -> None:
    from tracker.queries.data_package import write_table

    table = Table("some", "Some", "Some rows.", (Column("slug", Type.STRING, "Short name."),))
    write_table(tmp_path, table, [("a",)])

    def failing() -> Iterator[tuple[str]]:
        yield ("b",)
        raise OSError("the server went away")

    with pytest.raises(OSError, match="went away"):
        write_table(tmp_path, table, failing())
    assert (tmp_path / "some.csv").read_text("utf-8") == "slug\na\n"
    assert not (tmp_path / "datapackage.json").exists()


def test_a_table_without_rows_has_its_columns_in_both_formats(tmp_path: Path) -> None:
    from tracker.queries.data_package import write_table

    table = Table(
        "none", "None", "No rows.", (Column("on", Type.DATE, "A day."), Column("n", Type.INTEGER, "A count."))
    )
    assert write_table(tmp_path, table, []).rows == 0
    assert (tmp_path / "none.csv").read_text("utf-8") == "on,n\n"
    assert pa.parquet.read_table(tmp_path / "none.parquet").schema.names == ["on", "n"]
