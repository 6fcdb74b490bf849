"""Rows of a query by PostgreSQL's binary COPY, as columns: millions of them without an object for each."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from django.db import connection
from django.db.models import QuerySet
from numpy.typing import NDArray

# How each type stands in a row of binary COPY; a time is its microseconds since the year 2000.
_KINDS: Final = {"int4": ">i4", "int8": ">i8", "float8": ">f8", "timestamptz": ">i8"}
_HEAD: Final = 19  # bytes before the first row
_TAIL: Final = 2  # and after the last


def copied(rows: QuerySet[Any, Any], columns: Mapping[str, str]) -> NDArray[Any]:
    """The rows as a structured array: `columns` are fields or annotations, none of them empty, and their types."""
    chosen, values = rows.values(*columns).query.sql_with_params()
    told = ", ".join(f'"{name}"::{kind}' for name, kind in columns.items())
    asked = f"COPY (SELECT {told} FROM ({chosen}) AS chosen) TO STDOUT (FORMAT BINARY)"  # noqa: S608
    data = bytearray()
    with connection.cursor() as cursor:
        # COPY takes no values beside it.
        whole = connection.ops.compose_sql(asked, values)  # type: ignore[attr-defined]
        with cursor.copy(whole) as copy:
            for part in copy:
                data += part
    # A count of fields, then each with its length before it.
    sizes = [(f"{name} length", ">i4") for name in columns]
    fields = [(name, _KINDS[kind]) for name, kind in columns.items()]
    row = np.dtype([("fields", ">i2"), *(pair for both in zip(sizes, fields, strict=True) for pair in both)])
    found = np.frombuffer(memoryview(data)[_HEAD : len(data) - _TAIL], row)
    if len(found) and (found["fields"] != len(columns)).any():
        raise ValueError("the database wrote rows of another form than was asked for")
    return found
