"""What the curator's three tables have in common: every column is there, no row is cut, every row can be traced."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.sources.conftest import document
from tracker.sources import curated_events, curated_releases, curated_statements
from tracker.sources.base import ParseError

CATALOG = Path(__file__).parents[2] / "tracker" / "catalog"
TABLES = (curated_events, curated_releases, curated_statements)
# How much of the end is lost, and what is said of that.
CUTS = (
    (curated_events, 3, "fewer cells"),
    (curated_releases, 5, "fewer cells"),
    (curated_releases, 30, "unexpected end of data"),
    (curated_statements, 30, "fewer cells"),
)
each = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.SOURCE.slug)


def example_of(example: Any, table: Any) -> Any:
    return example(f"{table.SOURCE.slug}/2026-11-22.csv")


@pytest.mark.parametrize(("table", "column"), [(table, column) for table in TABLES for column in table.COLUMNS])
def test_a_table_without_one_of_its_columns_is_refused(example, table, column):
    whole = example_of(example, table)
    head, _, rows = whole.body.decode().partition("\n")
    renamed = ",".join("other" if name == column else name for name in head.split(","))
    with pytest.raises(ParseError, match=f"has no column {column};"):
        table.SOURCE.records(replace(whole, body=f"{renamed}\n{rows}".encode()))


@pytest.mark.parametrize(("table", "lost", "reason"), CUTS)
def test_a_table_cut_off_within_a_row_is_refused(example, table, lost, reason):
    whole = example_of(example, table)
    with pytest.raises(ParseError, match=reason):
        table.SOURCE.records(replace(whole, body=whole.body[:-lost]))


@each
def test_a_table_without_rows_is_refused(example, table):
    with pytest.raises(ParseError, match="holds 0 records"):
        table.SOURCE.records(document(example_of(example, table).body.splitlines(keepends=True)[0]))


@each
def test_the_catalogues_own_table_can_be_read_and_every_row_of_it_traced(table):
    (url,) = table.SOURCE.urls
    body = (CATALOG / url.removeprefix("catalog:")).read_bytes()
    found = table.SOURCE.records(document(body))
    assert len(found) == len(list(document(body).csv()))
    assert all(record.url.startswith("https://") for record in found)
