"""The catalogue's own files: that they load, agree with each other, and know every name the stored documents use."""

import csv
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tracker.domain.definitions import BenchmarkDefinition, LabDefinition, Unit
from tracker.domain.licence_terms import LicenceDefinition
from tracker.domain.names import normalise
from tracker.domain.records import Access, When
from tracker.sources.epoch_sheets import WITHHELD, stem

CATALOG = Path(__file__).parents[1] / "tracker" / "catalog"
SAMPLES = Path(__file__).parents[2] / "shared" / "samples" / "epoch-benchmarks"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not on this machine")


def load(folder: str, read: Callable[[str, dict[str, Any]], Any]) -> list[Any]:
    return [
        read(path.stem, tomllib.loads(path.read_text("utf-8"))) for path in sorted((CATALOG / folder).glob("*.toml"))
    ]


@pytest.fixture(scope="module")
def benchmarks() -> list[BenchmarkDefinition]:
    return load("benchmarks", BenchmarkDefinition.from_toml)


@pytest.fixture(scope="module")
def licences() -> list[LicenceDefinition]:
    return load("licences", LicenceDefinition.from_toml)


@pytest.fixture(scope="module")
def curated() -> list[dict[str, str]]:
    with (CATALOG / "curated" / "releases.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def owners(definitions: Iterable[Any]) -> dict[str, set[str]]:
    """Which definitions answer to a name, by its normal form."""
    found: dict[str, set[str]] = {}
    for definition in definitions:
        for name in (definition.slug, definition.name, *definition.aliases):
            found.setdefault(normalise(name), set()).add(definition.slug)
    return found


def test_every_lab_file_loads():
    assert load("labs", LabDefinition.from_toml)


def test_there_are_enough_benchmarks_of_every_category(benchmarks):
    assert len(benchmarks) >= 75
    counts = {
        category: sum(b.category == category for b in benchmarks) for category in {b.category for b in benchmarks}
    }
    assert len(counts) == 8, counts
    assert min(counts.values()) >= 3, counts


def test_no_name_means_two_benchmarks(benchmarks):
    assert {name: slugs for name, slugs in owners(benchmarks).items() if len(slugs) > 1} == {}


def test_no_name_means_two_licences(licences):
    assert {name: slugs for name, slugs in owners(licences).items() if len(slugs) > 1} == {}


@pytest.mark.parametrize("folder", ["benchmarks", "licences"])
def test_a_slug_can_stand_in_an_address(folder):
    slugs = [path.stem for path in (CATALOG / folder).glob("*.toml")]
    assert [slug for slug in slugs if not slug.replace("-", "").isalnum() or slug != slug.lower()] == []


def test_what_is_in_the_index_has_room_between_chance_and_best(benchmarks):
    for benchmark in benchmarks:
        if benchmark.in_index:
            assert benchmark.unit in (Unit.PROPORTION, Unit.RATE), benchmark.slug
            assert benchmark.floor < benchmark.ceiling, benchmark.slug
            assert not benchmark.lower_is_better, benchmark.slug


def test_a_lowered_ceiling_says_where_it_is_from(benchmarks):
    lowered = [benchmark for benchmark in benchmarks if benchmark.in_index and benchmark.ceiling < 1]
    assert [benchmark.slug for benchmark in lowered if "eiling" not in benchmark.note] == []


def test_a_successor_is_in_the_catalogue_and_newer(benchmarks):
    by_slug = {benchmark.slug: benchmark for benchmark in benchmarks}
    replaced = [benchmark for benchmark in benchmarks if benchmark.superseded_by]
    assert replaced
    for benchmark in replaced:
        assert by_slug[benchmark.superseded_by].released.on > benchmark.released.on, benchmark.slug


def test_terms_are_stated_only_where_somebody_read_them(licences):
    for licence in licences:
        terms = (licence.commercial, licence.aup, licence.output_training, licence.naming_duty)
        stated = [term.value for term in terms if term.value != "unread"]
        assert not stated or licence.evidence, f"{licence.slug} states {stated} without evidence"


def test_weights_alone_are_never_called_open_source():
    for path in CATALOG.rglob("*.toml"):
        text = path.read_text("utf-8").lower()
        assert "open source model" not in text, path.name
        assert "open-source model" not in text, path.name


def test_every_curated_row_can_be_traced(curated):
    for row in curated:
        assert row["source"], row["key"]
        assert row["url"].startswith("https://"), row["key"]
        assert When.parse(row["retrieved_on"]) is not None, row["key"]
        When.parse(row["released"])


def test_no_two_curated_rows_share_a_key(curated):
    keys = [row["key"] for row in curated]
    assert len(keys) == len(set(keys))


def test_every_curated_row_says_something_in_known_words(curated, licences):
    known = owners(licences)
    for row in curated:
        assert row["access"] or row["licence"] or row["data_information"] or row["training_code"], row["key"]
        assert not row["access"] or Access(row["access"]), row["key"]
        assert not row["licence"] or normalise(row["licence"]) in known, (row["key"], row["licence"])
        assert row["data_information"] in ("", "full", "partial", "none"), row["key"]
        assert row["training_code"] in ("", "open", "none"), row["key"]


def test_a_closed_model_has_no_weights_licence_and_an_open_one_no_service_terms(curated):
    for row in curated:
        if row["access"] and row["licence"]:
            closed = not Access(row["access"]).downloadable
            assert closed == (row["licence"] == "proprietary"), row["key"]


def test_an_access_class_agrees_with_the_licence(curated, licences):
    commercial = {licence.slug: licence.commercial.value for licence in licences}
    for row in curated:
        if row["access"] == Access.WEIGHTS_PERMISSIVE:
            assert commercial[row["licence"]] == "yes", row["key"]
        if row["access"] == Access.WEIGHTS_NONCOMMERCIAL:
            assert commercial[row["licence"]] == "no", row["key"]


@needs_samples
def test_every_benchmark_of_the_stored_documents_is_known(benchmarks):
    known = owners(benchmarks)
    with (SAMPLES / "2026-08-panel" / "derived" / "benchmark_scores.csv").open(encoding="utf-8", newline="") as file:
        stems = {stem(row["benchmark_id"]) for row in csv.DictReader(file)}
    for vintage in ("2026-01", "2026-03", "2026-04"):
        stems |= {stem(path.name) for path in (SAMPLES / vintage).glob("*.csv")}
    assert len(stems) > 70
    assert {name for name in stems if normalise(name) not in known} == WITHHELD | {"epoch_capabilities_index"}


@needs_samples
def test_the_index_holds_every_benchmark_of_the_reference_index(benchmarks):
    inside = owners(benchmark for benchmark in benchmarks if benchmark.in_index)
    path = SAMPLES / "2026-04" / "additional_eci_data" / "eci_benchmark_difficulties_and_slopes.csv"
    with path.open(encoding="utf-8", newline="") as file:
        names = {row["benchmark_name"] for row in csv.DictReader(file)}
    assert len(names) == 42
    assert {name for name in names if normalise(name) not in inside} == set()
