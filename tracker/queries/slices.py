"""A slice of one table of the public data set: filtered, as known on a day, a page at a time in a steady order."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from math import isfinite
from typing import Any

from django.db.models import Q, QuerySet

from tracker.domain.dataset import Column as Column
from tracker.domain.dataset import Table as Table
from tracker.domain.dataset import Type as Type
from tracker.models import Fact
from tracker.queries.public import Extract as Extract
from tracker.queries.public import extracts
from tracker.queries.runs import end_of

ORDERED = (Type.NUMBER, Type.INTEGER, Type.DATE, Type.DATETIME)
BIGGEST = 2**62  # leaves room for a limit to be added


class BadFilterError(ValueError):
    """A filter that the table does not have, or a value that its column cannot hold: says which."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which rows: `limit` of them behind the position `after`; of facts those that held on `day`, or hold now, or with
    `history` all that ever did."""

    after: int = 0
    limit: int = 100
    day: date | None = None
    history: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows as mappings from column to cell, and the position to go on from; None at the end."""

    rows: list[dict[str, Any]]
    following: int | None


def tables() -> dict[str, Extract]:
    """Every table of the public data set by its name, in the order in which pages list them."""
    return {extract.table.name: extract for extract in extracts()}


def has_history(extract: Extract) -> bool:
    """Whether the rows have the two times of facts."""
    return extract.query is not None and issubclass(extract.query.model, Fact)


def filters_of(extract: Extract) -> dict[str, Column]:
    """What a table can be filtered by: a column's own value, and the ends of a range where its values have an order."""
    if extract.query is None:
        return {column.name: column for column in extract.table.columns if column.type is Type.STRING}
    found: dict[str, Column] = {}
    for column in extract.table.columns:
        if column.type is Type.OBJECT:
            continue
        found[column.name] = column
        if column.type in ORDERED:
            found |= {f"{column.name}_min": column, f"{column.name}_max": column}
    return found


def cut(extract: Extract, wanted: Mapping[str, str], part: Part) -> Slice:
    """The rows of a part that pass the filters. Raises BadFilterError.

    Rows come in the order in which they were stored, so that rows which arrive meanwhile neither repeat nor hide one.
    """
    values = {name: _value(name, text, filters_of(extract)) for name, text in wanted.items()}
    if extract.query is None:
        return _of_rows(extract, values, part)
    query = extract.query
    if has_history(extract) and not part.history:
        query = _holding(query, part.day)
    for name, value in values.items():
        column, _, end = name.rpartition("_") if name not in extract.paths else (name, "", "")
        query = query.filter(**{extract.paths[column] + {"": "", "min": "__gte", "max": "__lte"}[end]: value})
    behind = query.filter(pk__gt=part.after).order_by("pk").values_list("pk", *extract.paths.values())
    found = list(behind[: part.limit + 1])
    rows = [_as_mapping(extract.table, row[1:]) for row in found[: part.limit]]
    return Slice(rows, found[part.limit - 1][0] if len(found) > part.limit else None)


def _holding(query: QuerySet[Any], day: date | None) -> QuerySet[Any]:
    if day is None:
        return query.filter(known_to=None)
    at = end_of(day)
    return query.filter(Q(known_to=None) | Q(known_to__gt=at), known_from__lte=at)


def _of_rows(extract: Extract, values: Mapping[str, Any], part: Part) -> Slice:
    rows = (_as_mapping(extract.table, row) for row in extract.rows())
    matching = (row for row in rows if all(row[name] == value for name, value in values.items()))
    found = list(islice(matching, part.after, part.after + part.limit + 1))
    return Slice(found[: part.limit], part.after + part.limit if len(found) > part.limit else None)


def _as_mapping(table: Table, row: tuple[Any, ...]) -> dict[str, Any]:
    cells = {}
    for column, cell in zip(table.columns, row, strict=True):
        if isinstance(cell, datetime):
            cell = cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
        elif isinstance(cell, date):
            cell = cell.isoformat()
        elif column.type is Type.OBJECT and isinstance(cell, str):
            cell = json.loads(cell)
        cells[column.name] = cell
    return cells


def _value(name: str, text: str, known: Mapping[str, Column]) -> Any:
    column = known.get(name)
    if column is None:
        raise BadFilterError(f"there is no filter {name}; there are {', '.join(sorted(known))}")
    if "\0" in text:
        raise BadFilterError(f"{name} holds a zero byte")
    try:
        return _READ[column.type](text)
    except (ValueError, OverflowError):
        raise BadFilterError(f"{name}={text[:60]} is no {column.type.value}") from None


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def _integer(text: str) -> int:
    number = int(text)
    if abs(number) > BIGGEST:
        raise ValueError(text)
    return number


def _truth(text: str) -> bool:
    try:
        return {"true": True, "false": False}[text.lower()]
    except KeyError:
        raise ValueError(text) from None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    # The database reads fewer displacements from UTC than Python does.
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


_READ: Mapping[Type, Callable[[str], Any]] = {
    Type.STRING: str,
    Type.NUMBER: _number,
    Type.INTEGER: _integer,
    Type.BOOLEAN: _truth,
    Type.DATE: date.fromisoformat,
    Type.DATETIME: _moment,
}
