"""Tables as a Data Package: each as CSV and Parquet, and the file that describes, credits and vouches for them all.

Equal rows give equal bytes: nothing of the moment or the machine is in them.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from tracker.domain.dataset import Column, Credit, Table, Type

ABOUT = (
    "What publishers say of AI models: releases, scores, prices, licences and news, each row with the document it was "
    "read from and since when it was known; and what follows: the capability index and the lag of open models. Rows "
    "stand as they were published: a program that takes cells for formulas should be told that they are text. Use is "
    "under each source's own licence, and wants its attribution."
)
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
NAME = "ai-landscape"
GROUP = 20_000  # rows in memory, and of one group of a Parquet file
FORMATS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
Rows = Iterable[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Written:
    """One table as it was written."""

    table: Table
    rows: int
    files: tuple[Path, ...]


def write_table(folder: Path, table: Table, rows: Rows) -> Written:
    """The table's files, row by row; a file takes its name when it is whole."""
    # Not for every process that knows of packages: here alone rows become Parquet.
    import pyarrow as pa
    import pyarrow.parquet

    types = {
        Type.STRING: pa.string(),
        Type.NUMBER: pa.float64(),
        Type.INTEGER: pa.int64(),
        Type.BOOLEAN: pa.bool_(),
        Type.DATE: pa.date32(),
        Type.DATETIME: pa.timestamp("us", tz="UTC"),
        Type.OBJECT: pa.string(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    files = tuple(folder / f"{table.name}.{suffix}" for suffix in FORMATS)
    drafts = [file.with_name(f"{file.name}.draft") for file in files]
    schema = pa.schema([(column.name, types[column.type]) for column in table.columns])
    total, remaining = 0, iter(rows)
    with (
        drafts[0].open("w", encoding="utf-8", newline="") as text,
        pa.parquet.ParquetWriter(drafts[1], schema, compression="zstd") as columns,
    ):
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow([column.name for column in table.columns])
        # One group at least: a Parquet file without any is one that some programs do not read.
        while (group := list(islice(remaining, GROUP))) or not total:
            cells = [_blanked(part) for part in zip(*group, strict=True)] or [[] for _ in table.columns]
            columns.write_table(pa.table([pa.array(c, f.type) for c, f in zip(cells, schema, strict=True)], schema))
            lines.writerows(zip(*map(_as_text, cells, table.columns), strict=True))
            total += len(group)
            if not group:
                break
    for draft, file in zip(drafts, files, strict=True):
        draft.replace(file)
    return Written(table, total, files)


def _blanked(cells: Sequence[Any]) -> list[Any]:
    """A blank text and a missing one are the same in CSV: so they are in both."""
    return [None if cell == "" else cell for cell in cells]


def _as_text(cells: list[Any], column: Column) -> list[Any]:
    """Cells as they stand in CSV; what csv writes well by itself is left to it."""
    form = FORMS.get(column.type)
    return cells if form is None else [None if cell is None else form(cell) for cell in cells]


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


FORMS: Mapping[Type, Callable[[Any], str]] = {Type.BOOLEAN: _flag, Type.DATETIME: _moment}


def describe(folder: Path, written: Sequence[Written], credited: Sequence[Credit], about: str) -> Path:
    """Write datapackage.json, last: a folder that has it is whole."""
    resources = [resource for one in written for resource in _resources(one)]
    path = folder / "datapackage.json"
    path.write_text(json.dumps(package(resources, credited, about), indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path


def package(resources: Sequence[Mapping[str, Any]], credited: Sequence[Credit], about: str) -> dict[str, Any]:
    """The description of a whole package."""
    return {
        "$schema": PROFILE,
        "name": NAME,
        "title": "AI landscape",
        "description": about,
        "licenses": [{"name": name} for name in sorted({credit.licence for credit in credited})],
        "sources": [_source(credit) for credit in credited],
        "resources": list(resources),
    }


def _source(credit: Credit) -> dict[str, str]:
    told = {
        "title": credit.title,
        "path": credit.homepage,
        "name": credit.slug,
        "publisher": credit.publisher,
        "licence": credit.licence,
        "attribution": credit.attribution,
    }
    return {name: value for name, value in told.items() if value}


def _resources(written: Written) -> Iterator[dict[str, Any]]:
    for file in written.files:
        suffix = file.suffix[1:]
        with file.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        counted = {"bytes": file.stat().st_size, "hash": f"sha256:{sha256}", "rows": written.rows}
        yield resource(written.table, suffix, file.name, counted)


def resource(table: Table, suffix: str, path: str, counted: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The description of one file; `path` is its name in the package or its address."""
    return {
        "name": table.name if suffix == "csv" else f"{table.name}-{suffix}",
        "type": "table",
        "title": table.title,
        "description": table.about,
        "path": path,
        "format": suffix,
        "mediatype": FORMATS[suffix],
        **({"encoding": "utf-8"} if suffix == "csv" else {}),
        **(counted or {}),
        "schema": _schema(table),
    }


def _schema(table: Table) -> dict[str, Any]:
    fields = [
        {
            "name": column.name,
            "type": column.type.value,
            "description": column.about,
            **({"constraints": {"required": True}} if column.required else {}),
        }
        for column in table.columns
    ]
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.references:
        schema["foreignKeys"] = [
            {"fields": [column], "reference": {"resource": other, "fields": ["slug"]}}
            for column, other in table.references.items()
        ]
    return schema
