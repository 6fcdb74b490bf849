"""For each kind of record: the fact it becomes, the names it needs, and where each column comes from.

This is the one table to extend for a new kind; storing, resolving and reading in the record files all follow it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
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
    When,
)
from tracker.models import Assessment, Event, Fact, LicenceText, News, Price, Release, Score, Statement
from tracker.models.entities import Kind

if TYPE_CHECKING:
    from tracker.pipeline.resolve import Resolver

SETTING = "setting_id"
Column = Callable[["Resolver", Any], Any]
Name = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class KindOfFact:
    """`needs` lists the names without which a record waits whole, `mentions` those that may wait while it is stored."""

    fact: type[Fact]
    columns: Mapping[str, Column]
    needs: Callable[[Any], list[Name]]
    mentions: Callable[[Any], list[Name]] | None = None

    def content(self, names: "Resolver", record: Record) -> tuple[Any, ...]:
        return tuple([column(names, record) for column in self.columns.values()])


def _day(when: When | None) -> date | None:
    return when.on if when else None


def _precision(when: When | None) -> str:
    return when.precision.value if when else "day"


def _field(name: str) -> Column:
    return lambda names, record: getattr(record, name)


def _fields(*names: str) -> dict[str, Column]:
    return {name: _field(name) for name in names}


def _filled(kind: Kind, name: str) -> list[Name]:
    return [(kind, name)] if name else []


KINDS: Mapping[type[Record], KindOfFact] = {
    ReleaseRecord: KindOfFact(
        fact=Release,
        needs=lambda record: [(Kind.MODEL, record.model)],
        mentions=lambda record: _filled(Kind.LICENCE, record.licence),
        columns={
            "name": _field("model"),
            "url": _field("url"),
            "model_id": lambda names, record: names.model_id(record),
            "released_on": lambda names, record: _day(record.released),
            "precision": lambda names, record: _precision(record.released),
            "access": lambda names, record: record.access.value if record.access else "",
            "licence_id": lambda names, record: names.other(Kind.LICENCE, record.licence),
            "licence_words": _field("licence"),
            **_fields("parameters", "active_parameters", "context", "weights_url", "data_information", "training_code"),
            "base_words": _field("base"),
            "base_relation": _field("base_relation"),
        },
    ),
    ScoreRecord: KindOfFact(
        fact=Score,
        needs=lambda record: [(Kind.MODEL, record.model), (Kind.BENCHMARK, record.benchmark)],
        columns={
            "name": _field("model"),
            "url": _field("url"),
            "model_id": lambda names, record: names.model_id(record),
            "benchmark_id": lambda names, record: names.other(Kind.BENCHMARK, record.benchmark),
            # Its number in this document: the row's id is known when all settings of the document are.
            SETTING: lambda names, record: names.setting(record),
            **_fields("value", "stderr"),
            "evaluator": lambda names, record: record.evaluator.value,
            "evaluated_on": lambda names, record: _day(record.evaluated),
        },
    ),
    PriceRecord: KindOfFact(
        fact=Price,
        needs=lambda record: [(Kind.MODEL, record.model)],
        columns={
            "name": _field("model"),
            "url": _field("url"),
            "model_id": lambda names, record: names.model_id(record),
            **_fields("host", "input", "output", "cache_read", "cache_write"),
            "since": lambda names, record: _day(record.since),
        },
    ),
    EventRecord: KindOfFact(
        fact=Event,
        needs=lambda record: [(Kind.LAB, record.lab), *_filled(Kind.MODEL, record.model)],
        columns={
            "name": _field("lab"),
            "url": _field("url"),
            "lab_id": lambda names, record: names.other(Kind.LAB, record.lab),
            "model_id": lambda names, record: names.model_id(record),
            **_fields("kind", "title", "detail", "about"),
            "occurred_on": lambda names, record: _day(record.occurred),
            "precision": lambda names, record: _precision(record.occurred),
        },
    ),
    StatementRecord: KindOfFact(
        fact=Statement,
        needs=lambda record: [(Kind.PERSON, record.person), *_filled(Kind.LAB, record.lab)],
        columns={
            "name": _field("person"),
            "url": _field("url"),
            "person_id": lambda names, record: names.other(Kind.PERSON, record.person),
            "lab_id": lambda names, record: names.other(Kind.LAB, record.lab),
            **_fields("topic", "summary", "quote", "venue"),
            "said_on": lambda names, record: _day(record.said),
            "precision": lambda names, record: _precision(record.said),
        },
    ),
    NewsRecord: KindOfFact(
        fact=News,
        needs=lambda record: [(Kind.LAB, record.lab)],
        columns={
            "name": _field("lab"),
            "url": _field("url"),
            "lab_id": lambda names, record: names.other(Kind.LAB, record.lab),
            "title": _field("title"),
            "published_on": lambda names, record: _day(record.published),
            "precision": lambda names, record: _precision(record.published),
        },
    ),
    LicenceRecord: KindOfFact(
        fact=LicenceText,
        # A register lists thousands of licences that no model uses: an unknown one is kept, not put before a curator.
        needs=lambda record: _filled(Kind.MODEL, record.model),
        columns={
            "name": _field("licence"),
            "url": _field("url"),
            "licence_id": lambda names, record: names.other(Kind.LICENCE, record.licence),
            "model_id": lambda names, record: names.model_id(record),
            **_fields("text", "osi_approved", "fsf_libre", "category"),
        },
    ),
    AssessmentRecord: KindOfFact(
        fact=Assessment,
        needs=lambda record: _filled(Kind.MODEL, record.model) or [(Kind.LAB, record.lab)],
        columns={
            "name": _field("model"),
            "url": _field("url"),
            "model_id": lambda names, record: names.model_id(record),
            "lab_id": lambda names, record: names.other(Kind.LAB, "" if record.model else record.lab),
            **_fields("rubric", "criterion", "verdict", "value"),
            "licence_words": _field("licence"),
            "assessed_on": lambda names, record: _day(record.assessed),
        },
    ),
}
FACTS: tuple[type[Fact], ...] = tuple(kind.fact for kind in KINDS.values())
COLUMNS: Mapping[type[Fact], tuple[str, ...]] = {kind.fact: tuple(kind.columns) for kind in KINDS.values()}
