"""Documents in the project's own schema: one record a line, each with source, URL and date.

They carry facts where the publisher's bytes may not be kept or shipped: the starter archive is made of them. A record
file stands in for its publisher's document at the same address, so a live reading supersedes exactly what changed.
"""

import codecs
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from types import NoneType
from typing import Any, get_args

import orjson

from tracker.domain.records import (
    Access,
    AssessmentRecord,
    Evaluator,
    EventRecord,
    LicenceRecord,
    NewsRecord,
    PriceRecord,
    Record,
    ReleaseRecord,
    ScoreRecord,
    StatementRecord,
    When,
)
from tracker.sources.base import Document, ParseError

MEDIA_TYPE = "application/vnd.ai-landscape.records+jsonl"
KINDS: dict[str, type[Record]] = {
    "release": ReleaseRecord,
    "score": ScoreRecord,
    "price": PriceRecord,
    "event": EventRecord,
    "statement": StatementRecord,
    "news": NewsRecord,
    "licence": LicenceRecord,
    "assessment": AssessmentRecord,
}
NAMES = {kind: name for name, kind in KINDS.items()}


def recognises(document: Document) -> bool:
    return document.media_type == MEDIA_TYPE


def read(document: Document) -> Iterator[Record]:
    """The records of a record file. Raises ParseError with the line's number."""
    # A file of bytes ends its lines at "\n" only: a U+2028 within a title ends no line of JSON.
    return read_lines(io.BytesIO(document.body), document.url)


def read_lines(lines: Iterable[bytes], url: str) -> Iterator[Record]:
    """The same of a file that comes line by line, because it need not fit into memory."""
    for number, line in enumerate(lines, 1):
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if not line.strip():
            continue
        try:
            record = _record(line, url)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ParseError(f"{url}, line {number} is not a record: {error!r}") from error
        yield record


def write(records: Iterable[Record], *, source: str, url: str, retrieved_on: date) -> bytes:
    """A record file: sorted by kind and key, defaults left out, so that equal records give equal bytes.

    A record without a URL of its own is written with the document's, and read back without.
    """
    lines = []
    for record in sorted(records, key=lambda record: (NAMES[type(record)], record.key)):
        row: dict[str, Any] = {"kind": NAMES[type(record)]}
        for name, field in FIELDS[type(record)].items():
            value = getattr(record, field.attribute)
            if value != field.default:
                row[name] = field.plain(value)
        row |= {"url": record.url or url, "source": source, "retrieved_on": retrieved_on.isoformat()}
        lines.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
    return "".join(f"{line}\n" for line in lines).encode()


def _record(line: bytes, url: str) -> Record:
    row = orjson.loads(line)  # refuses NaN and what is not UTF-8
    kind = KINDS[row.pop("kind")]
    if not _text(row.pop("source")) or not _text(row["url"]):
        raise ValueError("source or url is blank")
    _day(row.pop("retrieved_on"))
    if row["url"] == url:
        del row["url"]
    known = FIELDS[kind]
    values: dict[str, Any] = {}
    for name, value in row.items():
        field = known.get(name)
        if field is None:
            raise ValueError(f"{NAMES[kind]} records have no {', '.join(sorted(row.keys() - known.keys()))}")
        if type(value) is field.plainly or (value is None and field.optional):
            values[field.attribute] = value
        else:
            values[field.attribute] = field.reader(value)
    return kind(**values)


# A file holds few different days, each thousands of times.
@lru_cache(maxsize=1 << 12)
def _day(text: str) -> date:
    return date.fromisoformat(text)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")
    return value


def _number(value: Any) -> float:
    # A bool counts as an int in Python, and a text would go on to the database.
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return float(value) + 0.0  # -0.0 equals 0.0 and is written in other bytes


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError(f"{value!r} is not true or false")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError(f"{value!r} is not a whole number")
    return value


def _when(value: Any) -> When:
    return _parsed(_text(value))


@lru_cache(maxsize=1 << 14)
def _parsed(text: str) -> When:
    found = When.parse(text)
    if found is None:
        raise ValueError("a blank date")
    return found


# Dataclasses do not check their annotations: what a field may hold is read off them once, here.
READERS: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    float: _number,
    int: _whole,
    bool: _flag,
    When: _when,
    Access: Access,
    Evaluator: Evaluator,
}
PLAINLY: dict[Any, type] = {kind: kind for kind in (str, bool, int)}


@dataclass(frozen=True, slots=True)
class Field:
    """How one field stands on a line."""

    attribute: str
    default: Any
    reader: Callable[[Any], Any]
    optional: bool
    plainly: type | None  # JSON's own values of this type are taken as they are

    def read(self, value: Any) -> Any:
        return None if self.optional and value is None else self.reader(value)

    def plain(self, value: Any) -> Any:
        return str(value) if isinstance(value, When | Access | Evaluator) else self.read(value)


def _fields(kind: type[Record]) -> dict[str, Field]:
    found = {}
    for field in fields(kind):
        types = get_args(field.type) or (field.type,)
        # "kind" on a line says what the line is.
        name = "event" if field.name == "kind" else field.name
        found[name] = Field(field.name, field.default, READERS[types[0]], NoneType in types, PLAINLY.get(types[0]))
    return found


FIELDS = {kind: _fields(kind) for kind in KINDS.values()}
