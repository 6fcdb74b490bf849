"""What a document looks like from afar: rows, filled fields, numbers by series, and a sample of its keys and values.

A shape is small whatever the document's size, so that documents can be compared with those of months ago without
reading them again.
"""

import zlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date
from itertools import repeat
from operator import is_, itemgetter
from statistics import median
from types import NoneType
from typing import Any

import numpy as np

from tracker.domain.records import (
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
from tracker.domain.rows import Batch, Rows

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
    StatementRecord: Look("statement", says=("topic", "summary", "said"), group="topic", dates=("said",)),
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
    """Every field but the key, with what it holds where a row says nothing."""
    return tuple(
        (field.name, field.default if field.default is not MISSING else "" if field.type is str else None)
        for field in fields(kind)
        if field.name != "key"
    )


FIELDS = {kind: _fields(kind) for kind in LOOKS}


class Onlooker:
    """Sees records go by and can say afterwards what shape they had; keeps a few bytes a row, whatever a row holds."""

    def __init__(self, *, seen_on: date) -> None:
        self._seen_on = seen_on
        self._kinds: dict[type[Record], _Tally] = {}

    def watch(self, coming: Iterable[Batch]) -> Iterator[Batch]:
        """The same records, as they come."""
        for batch in coming:
            for rows in batch.kinds:
                self._tally(rows.kind).add(rows)
            yield batch

    def _tally(self, kind: type[Record]) -> "_Tally":
        if kind not in self._kinds:
            self._kinds[kind] = _Tally(kind, self._seen_on)
        return self._kinds[kind]

    def shape(self) -> Shape:
        return {LOOKS[kind].name: tally.shape() for kind, tally in self._kinds.items()}


class _Tally:
    """What is known so far of the rows of one kind."""

    def __init__(self, kind: type[Record], seen_on: date) -> None:
        self.kind, self.look, self.seen_on = kind, LOOKS[kind], seen_on
        self.rows = self.ahead = 0
        self.filled: Counter[str] = Counter()
        self.groups: Counter[str] = Counter()
        self.series: dict[str, array[float]] = defaultdict(lambda: array("d"))
        # Eight bytes a row: a set of the same numbers would take ten times as much.
        self.about = array("q")
        self.newest: date | None = None
        self.sample: list[tuple[int, str, Sampled]] = []

    def add(self, rows: Rows) -> None:
        """Column by column: a cell is hardly ever looked at in Python."""
        look = self.look
        self.rows += len(rows)
        for name, blank in FIELDS[self.kind]:
            if count := len(rows) - _count(rows.told(name), blank):
                self.filled[name] += count
        if look.group:
            self.groups.update(rows.told(look.group))
        if look.same:
            self.about.extend(map(hash, zip(*(_hashable(rows.told(name)) for name in look.same), strict=True)))
        self._add_numbers(rows)
        self._add_days(rows)
        self._add_sample(rows)

    def _add_numbers(self, rows: Rows) -> None:
        for name in self.look.numbers:
            names = rows.told(self.look.group) if self.look.by_group else repeat(name)
            for series, value in zip(names, rows.told(name), strict=False):
                if value is not None:
                    self.series[series].append(value)

    def _add_days(self, rows: Rows) -> None:
        for name in self.look.dates:
            days = [when.on for when in rows.told(name) if when is not None]
            # A day is another day already where the publisher sits.
            self.ahead += sum((day - self.seen_on).days > 1 for day in days if day > self.seen_on)
            latest = max((day for day in set(days) if day <= self.seen_on), default=None)
            if latest is not None and (self.newest is None or latest > self.newest):
                self.newest = latest

    def _add_sample(self, rows: Rows) -> None:
        last = self.sample[-1][0] if len(self.sample) == SAMPLE else None
        hashed = enumerate(map(zlib.crc32, map(str.encode, rows.told("key"))))
        low = [(number, rows.record(at)) for at, number in hashed if last is None or number <= last]
        lower = [(number, row.key, self._sampled(row)) for number, row in low]
        self.sample = sorted(self.sample + lower, key=itemgetter(0, 1))[:SAMPLE]

    def _sampled(self, row: Record) -> Sampled:
        said = "\0".join(str(getattr(row, name)) for name in self.look.says)
        number = getattr(row, self.look.numbers[0]) if self.look.numbers else None
        return Sampled(f"{zlib.crc32(said.encode()):08x}", number)

    def shape(self) -> KindShape:
        return KindShape(
            rows=self.rows,
            filled=dict(self.filled),
            groups=dict(self.groups),
            series={name: Series(len(all_), min(all_), median(all_), max(all_)) for name, all_ in self.series.items()},
            sample={f"{number:08x}": sampled for number, _, sampled in self.sample},
            repeated=self.rows - np.unique(np.frombuffer(self.about, np.int64)).size if self.look.same else 0,
            newest=self.newest,
            ahead=self.ahead,
        )


def _count(cells: Sequence[Any], blank: Any) -> int:
    """How many are blank. Comparing a date with None would run Python for every cell."""
    return cells.count(blank) if blank is not None else sum(map(is_, cells, repeat(None)))


def _hashable(cells: Sequence[Any]) -> Sequence[Any]:
    """Equal where the cells are equal, but for dates and words of an enumeration, whose own hashes are slow."""
    kinds = set(map(type, cells)) - {NoneType}
    if kinds == {When}:
        return [None if when is None else (when.on, str(when.precision)) for when in cells]
    if kinds == {Evaluator}:
        return list(map(str, cells))
    return cells


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
    """The shape that `to_dict` made into JSON."""
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
