"""Documents in the project's own schema: one record a line, each with source, URL and date.

They carry facts where the publisher's bytes may not be kept or shipped: the starter archive is made of them. A record
file stands in for its publisher's document at the same address, so a live reading supersedes exactly what changed.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from types import NoneType
from typing import Any, NoReturn, get_args

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
    When,
)
from tracker.sources.base import Document, ParseError

MEDIA_TYPE = "application/vnd.ai-landscape.records+jsonl"
KINDS: dict[str, type[Record]] = {
    "release": ReleaseRecord,
    "score": ScoreRecord,
    "price": PriceRecord,
    "event": EventRecord,
    "news": NewsRecord,
    "licence": LicenceRecord,
    "assessment": AssessmentRecord,
}
NAMES = {kind: name for name, kind in KINDS.items()}


def recognises(document: Document) -> bool:
    return document.media_type == MEDIA_TYPE


def read(document: Document) -> Iterator[Record]:
    """The records of a record file. Raises ParseError with the line's number."""
    # Not splitlines(): a U+2028 within a title ends no line of JSON.
    for number, line in enumerate(document.text().split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = _record(line, document.url)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise ParseError(f"{document.url}, line {number} is not a record: {error!r}") from error
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


def _record(line: str, url: str) -> Record:
    row = json.loads(line, parse_constant=_refuse)
    kind = KINDS[row.pop("kind")]
    if not _text(row.pop("source")) or not _text(row["url"]):
        raise ValueError("source or url is blank")
    date.fromisoformat(row.pop("retrieved_on"))
    if row["url"] == url:
        del row["url"]
    known = FIELDS[kind]
    if unknown := row.keys() - known.keys():
        raise ValueError(f"{NAMES[kind]} records have no {', '.join(sorted(unknown))}")
    return kind(**{known[name].attribute: known[name].read(value) for name, value in row.items()})


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


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
    found = When.parse(_text(value))
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


@dataclass(frozen=True, slots=True)
class Field:
    """How one field stands on a line."""

    attribute: str
    default: Any
    reader: Callable[[Any], Any]
    optional: bool

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
        found[name] = Field(field.name, field.default, READERS[types[0]], NoneType in types)
    return found


FIELDS = {kind: _fields(kind) for kind in KINDS.values()}
