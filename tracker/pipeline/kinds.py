"""For each kind of record: the fact it becomes, the names it needs, and where each column comes from.

This is the one table to extend for a new kind; storing, resolving and reading in the record files all follow it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.domain.records import (
    AssessmentRecord,
    EventRecord,
    LicenceRecord,
    NewsRecord,
    PriceRecord,
    Record,
    ReleaseRecord,
    ScoreRecord,
    StatementRecord,
)
from tracker.models import Assessment, Event, Fact, LicenceText, News, Price, Release, Score, Statement
from tracker.models.entities import Kind

if TYPE_CHECKING:
    from tracker.pipeline.reading import Read

SETTING = "setting_id"
# What a column holds for each of a batch's rows.
Column = Callable[["Read"], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Named:
    """A field that names something: a blank one too, unless that says nothing there or another field speaks for it."""

    kind: Kind
    field: str
    may_be_blank: bool = False
    instead_of: str = ""  # counts only where this field is blank


@dataclass(frozen=True, slots=True)
class KindOfFact:
    """`needs` are the names without which a record waits whole, `mentions` those that may wait while it is stored."""

    fact: type[Fact]
    columns: Mapping[str, Column]
    needs: tuple[Named, ...]
    mentions: tuple[Named, ...] = ()


def _field(name: str) -> Column:
    return lambda read: read.told(name)


def _fields(*names: str) -> dict[str, Column]:
    return {name: _field(name) for name in names}


def _id(kind: Kind, field: str, *, instead_of: str = "") -> Column:
    return lambda read: read.found(kind, field, instead_of)


def _day(name: str) -> Column:
    return lambda read: [when.on if when else None for when in read.told(name)]


def _precision(name: str) -> Column:
    return lambda read: [str(when.precision) if when else "day" for when in read.told(name)]


def _word(name: str) -> Column:
    """The word of an enumeration's member; blank for none."""
    return lambda read: [str(member) if member else "" for member in read.told(name)]


def _setting(read: "Read") -> Sequence[int]:
    """The row's id; of one that is new its number in this document, below zero."""
    return read.settings()


KINDS: Mapping[type[Record], KindOfFact] = {
    ReleaseRecord: KindOfFact(
        fact=Release,
        needs=(Named(Kind.MODEL, "model"),),
        mentions=(Named(Kind.LICENCE, "licence", may_be_blank=True),),
        columns={
            "name": _field("model"),
            "url": _field("url"),
            "model_id": _id(Kind.MODEL, "model"),
            "released_on": _day("released"),
            "precision": _precision("released"),
            "access": _word("access"),
            "licence_id": _id(Kind.LICENCE, "licence"),
            "licence_words": _field("licence"),
            **_fields("parameters", "active_parameters", "context", "weights_url", "data_information", "training_code"),
            "base_words": _field("base"),
            "base_relation": _field("base_relation"),
        },
    ),
    ScoreRecord: KindOfFact(
        fact=Score,
        needs=(Named(Kind.MODEL, "model"), Named(Kind.BENCHMARK, "benchmark")),
        columns={
            "name": _field("model"),
            "url": _field("url"),
            "model_id": _id(Kind.MODEL, "model"),
            "benchmark_id": _id(Kind.BENCHMARK, "benchmark"),
            SETTING: _setting,
            **_fields("value", "stderr"),
            "evaluator": _word("evaluator"),
            "evaluated_on": _day("evaluated"),
        },
    ),
    PriceRecord: KindOfFact(
        fact=Price,
        needs=(Named(Kind.MODEL, "model"),),
        columns={
            "name": _field("model"),
            "url": _field("url"),
            "model_id": _id(Kind.MODEL, "model"),
            **_fields("host", "input", "output", "cache_read", "cache_write"),
            "since": _day("since"),
        },
    ),
    EventRecord: KindOfFact(
        fact=Event,
        needs=(Named(Kind.LAB, "lab"), Named(Kind.MODEL, "model", may_be_blank=True)),
        columns={
            "name": _field("lab"),
            "url": _field("url"),
            "lab_id": _id(Kind.LAB, "lab"),
            "model_id": _id(Kind.MODEL, "model"),
            **_fields("kind", "title", "detail", "about"),
            "occurred_on": _day("occurred"),
            "precision": _precision("occurred"),
        },
    ),
    StatementRecord: KindOfFact(
        fact=Statement,
        needs=(Named(Kind.PERSON, "person"), Named(Kind.LAB, "lab", may_be_blank=True)),
        columns={
            "name": _field("person"),
            "url": _field("url"),
            "person_id": _id(Kind.PERSON, "person"),
            "lab_id": _id(Kind.LAB, "lab"),
            **_fields("topic", "summary", "quote", "venue"),
            "said_on": _day("said"),
            "precision": _precision("said"),
        },
    ),
    NewsRecord: KindOfFact(
        fact=News,
        needs=(Named(Kind.LAB, "lab"),),
        columns={
            "name": _field("lab"),
            "url": _field("url"),
            "lab_id": _id(Kind.LAB, "lab"),
            "title": _field("title"),
            "published_on": _day("published"),
            "precision": _precision("published"),
        },
    ),
    LicenceRecord: KindOfFact(
        fact=LicenceText,
        # A register lists thousands of licences that no model uses: an unknown one is kept, not put before a curator.
        needs=(Named(Kind.MODEL, "model", may_be_blank=True),),
        columns={
            "name": _field("licence"),
            "url": _field("url"),
            "licence_id": _id(Kind.LICENCE, "licence"),
            "model_id": _id(Kind.MODEL, "model"),
            **_fields("text", "osi_approved", "fsf_libre", "category"),
        },
    ),
    AssessmentRecord: KindOfFact(
        fact=Assessment,
        needs=(Named(Kind.MODEL, "model", may_be_blank=True), Named(Kind.LAB, "lab", instead_of="model")),
        columns={
            "name": _field("model"),
            "url": _field("url"),
            "model_id": _id(Kind.MODEL, "model"),
            "lab_id": _id(Kind.LAB, "lab", instead_of="model"),
            **_fields("rubric", "criterion", "verdict", "value"),
            "licence_words": _field("licence"),
            "assessed_on": _day("assessed"),
        },
    ),
}
FACTS: tuple[type[Fact], ...] = tuple(kind.fact for kind in KINDS.values())
COLUMNS: Mapping[type[Fact], tuple[str, ...]] = {kind.fact: tuple(kind.columns) for kind in KINDS.values()}
