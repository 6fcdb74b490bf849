"""Documents in the project's own schema: one record a line, each with source, URL and date.

They carry facts where the publisher's bytes may not be kept or shipped: the starter archive is made of them. A record
file stands in for its publisher's document at the same address, so a live reading supersedes exactly what changed.
"""

import codecs
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import islice
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
from tracker.domain.rows import BATCH, Batch, Rows, batch_of
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
BESIDE = {"kind", "source", "retrieved_on"}  # what stands on a line beside the record's fields
WRONG = (ValueError, KeyError, TypeError, AttributeError, OverflowError)  # what a line that is no record raises


def read(document: Document) -> Iterator[Record]:
    """The records of a record file. Raises ParseError with the line's number."""
    # A file of bytes ends its lines at "\n" only: a U+2028 within a title ends no line of JSON.
    return read_lines(io.BytesIO(document.body), document.url)


def read_lines(lines: Iterable[bytes], url: str) -> Iterator[Record]:
    """The same of a file that comes line by line, because it need not fit into memory."""
    for batch in read_batches(lines, url):
        yield from batch.records()


def read_batches(lines: Iterable[bytes], url: str) -> Iterator[Batch]:
    """The same in batches, by column."""
    numbered = enumerate(lines, 1)
    while some := list(islice(numbered, BATCH)):
        if some[0][0] == 1:
            some[0] = 1, some[0][1].removeprefix(codecs.BOM_UTF8)
        if written := [(number, line) for number, line in some if line.strip()]:
            try:
                yield _by_column([line for _, line in written], url)
            except WRONG:
                yield batch_of(list(_one_by_one(written, url)))


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


def _by_column(lines: Iterable[bytes], url: str) -> Batch:
    """What `_one_by_one` gives, in a fifth of its time; where it raises one of WRONG it cannot say in which line."""
    rows = list(map(orjson.loads, lines))  # refuses NaN and what is not UTF-8
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        places.setdefault(row["kind"], []).append(place)
    found = []
    for name, at in places.items():
        same = rows if len(places) == 1 else [rows[place] for place in at]
        found.append(Rows(KINDS[name], at, columns=_columns(KINDS[name], same, url)))
    return Batch(found)


def _columns(kind: type[Record], rows: Sequence[dict[str, Any]], url: str) -> dict[str, Sequence[Any]]:
    """Every field of the kind, blank ones too."""
    known, layouts = FIELDS[kind], set(map(tuple, rows))
    named = set[str]().union(*layouts)
    if not named - BESIDE <= known.keys():
        raise ValueError("an unknown field")
    for texts in ([row["source"] for row in rows], [row["url"] for row in rows]):
        if set(map(type, texts)) != {str} or "" in texts:
            raise ValueError("source or url is blank")
    for day in {row["retrieved_on"] for row in rows}:
        _day(day)
    columns: dict[str, Sequence[Any]] = {}
    for name, field in known.items():
        if any(name not in layout for layout in layouts) and field.default is MISSING:
            raise KeyError(name)
        if name not in named:
            columns[field.attribute] = [field.default] * len(rows)
        elif all(name in layout for layout in layouts):
            columns[field.attribute] = field.read_all([row[name] for row in rows])
        else:
            there = iter(field.read_all([row[name] for row in rows if name in row]))
            columns[field.attribute] = [next(there) if name in row else field.default for row in rows]
    columns["url"] = ["" if own == url else own for own in columns["url"]]
    return columns


def _one_by_one(lines: Iterable[tuple[int, bytes]], url: str) -> Iterator[Record]:
    for number, line in lines:
        try:
            record = _record(line, url)
        except WRONG as error:
            raise ParseError(f"{url}, line {number} is not a record: {error!r}") from error
        yield record


def _record(line: bytes, url: str) -> Record:
    row = orjson.loads(line)
    kind = KINDS[row.pop("kind")]
    if not _text(row.pop("source")) or not _text(row["url"]):
        raise ValueError("source or url is blank")
    _day(row.pop("retrieved_on"))
    if row["url"] == url:
        del row["url"]
    known = FIELDS[kind]
    if unknown := row.keys() - known.keys():
        raise ValueError(f"{NAMES[kind]} records have no {', '.join(sorted(unknown))}")
    return kind(**{known[name].attribute: known[name].read(value) for name, value in row.items()})


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


class _Members(dict[str, Any]):
    """The members of an enumeration by their words."""

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__({member.value: member for member in kind})
        self.kind = kind

    def __missing__(self, words: str) -> Any:
        return self.kind(words)  # says what is wrong


# Dataclasses do not check their annotations: what a field may hold is read off them once, here.
READERS: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    float: _number,
    int: _whole,
    bool: _flag,
    When: _when,
    Access: _Members(Access).__getitem__,
    Evaluator: _Members(Evaluator).__getitem__,
}
# JSON's own values that are taken as they are, whole columns at once.
PLAINLY = frozenset({str, bool, int})


@dataclass(frozen=True, slots=True)
class Field:
    """How one field stands on a line."""

    attribute: str
    default: Any
    reader: Callable[[Any], Any]
    optional: bool
    plainly: frozenset[type]

    def read(self, value: Any) -> Any:
        return None if self.optional and value is None else self.reader(value)

    def read_all(self, values: Sequence[Any]) -> Sequence[Any]:
        types = set(map(type, values))
        if types <= self.plainly:
            return values
        if self.reader is _number and types == {float}:
            return [value + 0.0 for value in values]  # orjson has refused what is not finite
        if self.reader is _when and types == {str}:
            return list(map(_parsed, values))
        return list(map(self.reader if NoneType not in types else self.read, values))

    def plain(self, value: Any) -> Any:
        return str(value) if isinstance(value, When | Access | Evaluator) else self.read(value)


def _fields(kind: type[Record]) -> dict[str, Field]:
    found = {}
    for field in fields(kind):
        types = get_args(field.type) or (field.type,)
        optional = NoneType in types
        # "kind" on a line says what the line is.
        name = "event" if field.name == "kind" else field.name
        found[name] = Field(
            field.name,
            field.default,
            READERS[types[0]],
            optional,
            plainly=PLAINLY & {types[0]} | ({NoneType} if optional else set()),
        )
    return found


FIELDS = {kind: _fields(kind) for kind in KINDS.values()}
