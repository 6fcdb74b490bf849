"""Rows as files: CSV, JSON and Parquet of the same rows that a page shows, in one place for every list and chart."""

import csv
import dataclasses
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpResponse

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
}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# With what a cell begins that a spreadsheet computes; the wide forms are typed in East Asia and mean the same to it.
COMPUTED = frozenset("=+-@\t\r\n\0＝＋－＠")


def answer(body: bytes, suffix: str, name: str) -> HttpResponse:
    """A file to be saved as `name` with its suffix, readable from other sites."""
    response = HttpResponse(body, content_type=TYPES[suffix])
    response["Content-Disposition"] = f'inline; filename="{name}.{suffix}"'
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def plain(value: Any) -> Any:
    """A cell as JSON, CSV and Parquet can all hold it: dates in ISO form, lists and mappings as text."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return ";".join(str(part) for part in value)
    if isinstance(value, Mapping):
        return orjson.dumps(dict(value), option=orjson.OPT_SORT_KEYS).decode()
    return value


def as_dicts(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Dataclasses as mappings of plain cells: how JSON, CSV and Parquet come to say the same."""
    return [{field.name: plain(getattr(row, field.name)) for field in dataclasses.fields(row)} for row in rows]


def cell(value: Any) -> Any:
    """A CSV cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, str) and value[:1] in COMPUTED and not NUMBER.fullmatch(value):
        return f"'{value}"
    return "" if value is None else value


def as_csv(rows: Sequence[Any], columns: Sequence[str]) -> bytes:
    """UTF-8 with a heading and bare newlines; no cell is a formula to a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in as_dicts(rows):
        writer.writerow([cell(row[name]) for name in columns])
    return text.getvalue().encode()


def attribution() -> str:
    """Where it says whom a file's reader has to credit: the list is longer than most files, and grows."""
    return f"Sources, their licences and the credit that they ask for: {settings.SITE_URL}/data/"


def as_json(rows: Sequence[Any], about: Mapping[str, Any]) -> bytes:
    """One object: what the rows are, and under `rows` the rows themselves."""
    return orjson.dumps({**about, "attribution": attribution(), "rows": as_dicts(rows)}, option=orjson.OPT_INDENT_2)


def as_parquet(rows: Sequence[Any], columns: Sequence[str]) -> bytes:
    """The columns with types as found in the rows; a column in which nothing is known has the type null."""
    import pyarrow as pa  # not for every process that shows pages
    import pyarrow.parquet

    sink = io.BytesIO()
    table = as_dicts(rows)
    arrays = pa.table({name: [row[name] for row in table] for name in columns})
    pyarrow.parquet.write_table(arrays.replace_schema_metadata({"attribution": attribution()}), sink)
    return sink.getvalue()


def rows_as(suffix: str, rows: Sequence[Any], kind: type, *, name: str, about: Mapping[str, Any]) -> HttpResponse:
    """The rows, instances of the dataclass `kind`, as a file. `about` says what they are and under which definition."""
    columns = [field.name for field in dataclasses.fields(kind)]
    if suffix == "csv":
        return answer(as_csv(rows, columns), suffix, name)
    if suffix == "parquet":
        return answer(as_parquet(rows, columns), suffix, name)
    return answer(as_json(rows, about), "json", name)
