"""What a document looks like from afar: rows, filled fields, numbers by series, and a sample of its keys and values.

A shape is small whatever the document's size, so that documents can be compared with those of months ago without
reading them again.
"""

import heapq
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from operator import attrgetter
from statistics import median
from typing import Any

from tracker.domain.records import (
    AssessmentRecord,
    EventRecord,
    LicenceRecord,
    NewsRecord,
    PriceRecord,
    Record,
    ReleaseRecord,
    ScoreRecord,
    When,
)

# Keys with the lowest hashes are kept with their values. Of up to this many rows nothing is left out; of more, a share
# of 90 % is known to 1.5 points (one standard error).
SAMPLE = 400


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers that measure one thing in one unit: a benchmark's scores, a price, a count."""

    rows: int
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Sampled:
    """One row of the sample: a digest of what it says, and its first number, if it has one."""

    digest: str
    number: float | None


@dataclass(frozen=True, slots=True)
class KindShape:
    """The rows of one kind. `filled` counts by field, `groups` by benchmark, host or rubric; `repeated` rows say of the
    same thing what another has said already; `newest` is the latest day that is no day of the future, `ahead` how many
    rows name one that is."""

    rows: int
    filled: Mapping[str, int]
    groups: Mapping[str, int]
    series: Mapping[str, Series]
    sample: Mapping[str, Sampled]
    repeated: int
    newest: date | None
    ahead: int


Shape = Mapping[str, KindShape]


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of record is looked at.

    `says` are the fields that become facts: a document in which they change or empty says something else. `same` names
    what a row is about. `dates` are days that have been; a price may be announced for a day to come.
    """

    name: str
    says: tuple[str, ...]
    same: tuple[str, ...] = ()
    group: str = ""
    numbers: tuple[str, ...] = ()
    by_group: bool = False  # the numbers of different groups are in different units
    dates: tuple[str, ...] = ()


LOOKS: Mapping[type[Record], Look] = {
    ReleaseRecord: Look(
        "release",
        says=("released", "access", "licence", "parameters"),
        same=("model", "lab"),
        numbers=("parameters", "context"),
        dates=("released",),
    ),
    ScoreRecord: Look(
        "score",
        says=("value",),
        same=("model", "benchmark", "setting", "scaffold", "shots", "evaluator", "evaluated"),
        group="benchmark",
        numbers=("value",),
        by_group=True,
        dates=("evaluated", "released"),
    ),
    PriceRecord: Look(
        "price",
        says=("input", "output"),
        same=("model", "host", "since"),
        group="host",
        numbers=("input", "output"),
    ),
    EventRecord: Look("event", says=("kind", "title", "occurred"), group="kind", dates=("occurred",)),
    NewsRecord: Look("news", says=("title", "published"), dates=("published",)),
    LicenceRecord: Look("licence", says=("text", "osi_approved", "fsf_libre", "category")),
    AssessmentRecord: Look(
        "assessment",
        says=("verdict", "value"),
        same=("model", "rubric", "criterion"),
        group="rubric",
        numbers=("value",),
        by_group=True,
        dates=("assessed",),
    ),
}
NAMES = {look.name: look for look in LOOKS.values()}


def _fields(kind: type[Record]) -> tuple[tuple[str, Any], ...]:
    blanks = {str: "", float: None}
    return tuple(
        (field.name, blanks.get(field.type) if field.default is MISSING else field.default)  # type: ignore[call-overload]
        for field in fields(kind)
        if field.name != "key"
    )


FIELDS = {kind: _fields(kind) for kind in LOOKS}


def shape_of(records: Iterable[Record], *, seen_on: date) -> Shape:
    """The shape of a document that was had on `seen_on`."""
    by_kind: dict[type[Record], list[Record]] = defaultdict(list)
    for record in records:
        by_kind[type(record)].append(record)
    return {LOOKS[kind].name: _kind(kind, rows, seen_on) for kind, rows in by_kind.items()}


def _kind(kind: type[Record], rows: list[Record], seen_on: date) -> KindShape:
    look = LOOKS[kind]
    filled = {}
    for name, blank in FIELDS[kind]:
        column = attrgetter(name)
        if count := sum(column(row) != blank for row in rows):
            filled[name] = count
    days = [when.on for name in look.dates for when in map(attrgetter(name), rows) if isinstance(when, When)]
    about = Counter(map(attrgetter(*look.same), rows)) if look.same else Counter[Any]()
    return KindShape(
        rows=len(rows),
        filled=filled,
        groups=Counter(map(attrgetter(look.group), rows)) if look.group else {},
        series=_series(look, rows),
        sample=_sample(look, rows),
        repeated=sum(about.values()) - len(about),
        newest=max((day for day in days if day <= seen_on), default=None),
        # A day is another day already where the publisher sits.
        ahead=sum(day.toordinal() > seen_on.toordinal() + 1 for day in days),
    )


def _series(look: Look, rows: list[Record]) -> dict[str, Series]:
    values: dict[str, list[float]] = defaultdict(list)
    for name in look.numbers:
        column: Callable[[Record], float | None] = attrgetter(name)
        names = map(attrgetter(look.group), rows) if look.by_group else (name for _ in rows)
        for series, value in zip(names, map(column, rows), strict=True):
            if value is not None:
                values[series].append(value)
    return {name: Series(len(found), min(found), median(found), max(found)) for name, found in values.items()}


def _sample(look: Look, rows: list[Record]) -> dict[str, Sampled]:
    # Keys are unique, so that rows themselves are never compared.
    hashed = heapq.nsmallest(SAMPLE, ((zlib.crc32(row.key.encode()), row.key, row) for row in rows))
    says = [attrgetter(name) for name in look.says]
    found = {}
    for number, _, row in hashed:
        said = "\0".join(str(say(row)) for say in says)
        value = getattr(row, look.numbers[0]) if look.numbers else None
        found[f"{number:08x}"] = Sampled(f"{zlib.crc32(said.encode()):08x}", value)
    return found


def to_dict(shape: Shape) -> dict[str, Any]:
    """The shape as JSON keeps it."""
    return {
        name: {
            "rows": kind.rows,
            "filled": dict(kind.filled),
            "groups": dict(kind.groups),
            "series": {key: [one.rows, one.low, one.middle, one.high] for key, one in kind.series.items()},
            "sample": {key: [one.digest, one.number] for key, one in kind.sample.items()},
            "repeated": kind.repeated,
            "newest": kind.newest.isoformat() if kind.newest else None,
            "ahead": kind.ahead,
        }
        for name, kind in shape.items()
    }


def from_dict(kept: Mapping[str, Any]) -> Shape:
    return {
        name: KindShape(
            rows=kind["rows"],
            filled=kind["filled"],
            groups=kind["groups"],
            series={key: Series(*values) for key, values in kind["series"].items()},
            sample={key: Sampled(*values) for key, values in kind["sample"].items()},
            repeated=kind["repeated"],
            newest=date.fromisoformat(kind["newest"]) if kind["newest"] else None,
            ahead=kind["ahead"],
        )
        for name, kind in kept.items()
    }


def newest(shape: Shape) -> date | None:
    """The latest day that any row of the document names."""
    return max((kind.newest for kind in shape.values() if kind.newest), default=None)
