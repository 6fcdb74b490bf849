"""Every list and chart as a file: the same rows as on the page, under the right type and name."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass

import pyarrow.parquet
import pytest
from django.urls import resolve

from tests.charts.pictures import parsed
from tests.pages.addresses import CHART_FILES, FILES, LISTS, QUERY, suffix_of
from tests.pages.reading import read
from tests.pages.world import FORMULA
from tracker.charts import CHARTS
from tracker.queries.benchmarks import BenchmarkRow
from tracker.urls import urlpatterns
from tracker.views.formats import as_csv, as_parquet, cell

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "svg": "image/svg+xml",
    "png": "image/png",
    "metadata.json": "application/json",
    "readme.md": "text/markdown; charset=utf-8",
    "bib": "application/x-bibtex; charset=utf-8",
    "csl.json": "application/vnd.citationstyles.csl+json",
    "zip": "application/zip",
    "jsonl": "application/x-ndjson",
}
HEADING = {
    "/models": "Model",
    "/models/gpt-5": "Benchmark",
    "/benchmarks": "Benchmark",
    "/benchmarks/gpqa-diamond": "Model",
    "/pipeline": "Source",
}


def rows_of(response, suffix):
    if suffix == "csv":
        return list(csv.DictReader(io.StringIO(response.content.decode())))
    if suffix == "json":
        return json.loads(response.content)["rows"]
    return pyarrow.parquet.read_table(io.BytesIO(response.content)).to_pylist()


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("address", FILES)
def test_a_file_has_its_type_its_name_and_is_readable_from_other_sites(ask, address):
    response = ask(address)
    suffix = suffix_of(address)
    assert response.status_code == 200
    assert response["Content-Type"] == TYPES[suffix]
    assert response["Content-Disposition"].endswith(f'.{suffix}"')
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content
    # All say in their header whom to credit; JSON and Parquet, once saved, by themselves too.
    assert 'rel="license"' in response["Link"]
    assert '</data/datapackage.json>; rel="describedby"' in response["Link"]


def test_every_address_of_a_file_is_asked_for():
    """Those of a claim, an issue, the scores, a table of all facts and the status are asked for by their own tests."""
    named = {route.name for route in urlpatterns if "suffix" in str(route.pattern)}
    asked = {resolve(address.partition("?")[0]).url_name for address in FILES}
    assert named - asked == {"claim-file", "issue-file", "scores-file", "status-file", "table-file"}


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("name", ["/models", "/gap", "/charts/lag", "/scores"])
def test_a_saved_file_says_itself_where_the_credits_are(ask, name):
    told = json.loads(ask(f"{name}.json").content)
    assert told["attribution"].endswith("/data/")
    if name == "/scores":
        return
    held = pyarrow.parquet.read_schema(io.BytesIO(ask(f"{name}.parquet").content)).metadata
    assert held[b"attribution"].decode() == told["attribution"]


@pytest.mark.usefixtures("world")
def test_everyone_whose_facts_are_shown_is_credited_with_licence_and_words(ask):
    from tracker.models import Source

    described = {one["name"]: one for one in json.loads(ask("/data/datapackage.json").content)["sources"]}
    shown = Source.objects.filter(may_display=True, endpoints__current__isnull=False).distinct()
    assert set(described) == set(shown.values_list("slug", flat=True)) != set()
    for source in shown:
        told = described[source.slug]
        assert (told["licence"], told.get("attribution", "")) == (source.data_licence, source.attribution)


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_as_many_rows_in_a_file_as_on_its_page(ask, name, suffix):
    page = read(ask(f"{name}/"))
    tables = [table for table in page.tables if table and table[0][0] == HEADING[name]]
    shown = max(len(table) - 1 for table in tables)
    assert shown == len(rows_of(ask(f"{name}.{suffix}"), suffix)) > 4


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("slug", sorted(CHARTS))
def test_a_chart_has_as_many_rows_in_every_file_as_on_its_page(ask, slug):
    query = QUERY.get(slug, "")
    tables = read(ask(f"/charts/{slug}/{query}")).tables
    shown = len(tables[-1]) - 1 if tables else 0
    # A run has three clusters, two labs have open models, four things happened at one, three people said something,
    # three regions have labs, and no lab of this world measured itself.
    few = {
        "evaluation-clusters": 1,
        "events": 3,
        "families": 1,
        "region-lags": 2,
        "self-report": -1,
        "statements": 2,
        "strategies": 1,
    }
    assert shown > few.get(slug, 4)
    for suffix in ("csv", "json", "parquet"):
        assert len(rows_of(ask(f"/charts/{slug}.{suffix}{query}"), suffix)) == shown


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
def test_the_gap_as_a_file_holds_the_eight_estimators(ask, suffix):
    rows = rows_of(ask(f"/gap.{suffix}?scope=public"), suffix)
    assert [(row.get("id"), row["unit"]) for row in rows] == [
        *((f"L{n}", "months") for n in range(1, 8)),
        ("L8", "points"),
    ]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("address", [file for file in CHART_FILES if suffix_of(file) == "svg"])
def test_a_picture_is_whole_xml_and_carries_its_title_day_and_sources(ask, address):
    root = parsed(ask(address).content.decode())
    words = " ".join("".join(root.itertext()).split())
    assert "as of 2026-09-01" in words
    assert "Source: Epoch AI" in words


@pytest.mark.usefixtures("world")
def test_no_number_travels_without_its_definition_and_vintage(ask):
    told = json.loads(ask("/charts/frontier.metadata.json?scope=coding").content)
    assert told["parameters"] == {"scope": "coding"}
    assert told["as_of"] == "2026-09-01"
    for key in ("how_to_read", "unit", "source", "method", "index_run", "data_version", "known_at", "columns"):
        assert told[key], key


@pytest.mark.usefixtures("world")
def test_a_packed_chart_holds_its_rows_its_picture_and_its_words(ask):
    answer = ask("/charts/lag.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        assert sorted(packed.namelist()) == ["lag.csv", "lag.metadata.json", "lag.readme.md", "lag.svg"]
        assert packed.read("lag.csv") == ask("/charts/lag.csv").content


@pytest.mark.usefixtures("world")
def test_a_filter_of_the_page_is_a_filter_of_the_file(ask):
    rows = rows_of(ask("/models.csv?open=osi&region=china"), "csv")
    assert rows
    assert {row["region"] for row in rows} == {"china"}
    assert all("osi" in row["open_means"] for row in rows)


@pytest.mark.usefixtures("world")
def test_a_name_that_a_spreadsheet_would_compute_is_only_text_in_csv(ask):
    def names(suffix):
        return [row["name"] for row in rows_of(ask(f"/models.{suffix}"), suffix)]

    assert f"'{FORMULA}" in names("csv")
    assert FORMULA not in names("csv")
    assert FORMULA in names("json")
    assert FORMULA in names("parquet")


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "-", "=", "--1", "-1-1"]
)
def test_a_formula_is_neutralised(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [-1.5, -3, "-1.5", "+2", "-1e-05", "-.5", "7", "text", "a=b", ""])
def test_numbers_and_plain_words_stay_as_they_are(value):
    assert cell(value) == value


@dataclass(frozen=True)
class Row:
    name: str
    value: float | None


def test_negatives_blanks_and_quotes_come_back_from_csv_as_they_went_in():
    rows = [Row('a "b", c\nd', -0.25), Row("", None)]
    back = list(csv.DictReader(io.StringIO(as_csv(rows, ["name", "value"]).decode())))
    assert back == [{"name": 'a "b", c\nd', "value": "-0.25"}, {"name": "", "value": ""}]


def test_a_table_without_rows_is_a_file_with_its_columns():
    columns = list(BenchmarkRow.__dataclass_fields__)
    assert as_csv([], columns).decode().strip().split(",") == columns
    assert pyarrow.parquet.read_table(io.BytesIO(as_parquet([], columns))).column_names == columns
