"""What every kind of test has: its words, what it looks up, and what it finds."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from tracker.domain.claim_known import Known, Question
from tracker.domain.claim_parts import Demand, Finding
from tracker.domain.records import When
from tracker.domain.tables import Table


@dataclass(frozen=True, slots=True)
class Looked:
    """What must be known before a test can be made; all models, benchmarks and licences always are."""

    questions: frozenset[Question] = frozenset()
    scored_models: frozenset[str] = frozenset()
    scored_benchmarks: frozenset[str] = frozenset()
    priced_models: frozenset[str] = frozenset()

    def __or__(self, other: "Looked") -> "Looked":
        return Looked(
            self.questions | other.questions,
            self.scored_models | other.scored_models,
            self.scored_benchmarks | other.scored_benchmarks,
            self.priced_models | other.priced_models,
        )


class ClaimTest(ABC):
    """One executable test. It never looks at a clock: `known` brings the day."""

    __slots__ = ()
    kind: ClassVar[str]

    @classmethod
    @abstractmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "ClaimTest":
        """Raises ValueError that names place, field and what is allowed."""

    @property
    def demand(self) -> Demand | None:
        """What a figure must be, where the test asks for a figure."""
        return None

    @abstractmethod
    def words(self, known: Known) -> str:
        """The test as a sentence."""

    @property
    def looks_up(self) -> Looked:
        return Looked()

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        """The slugs that the test names, by catalogue folder: models, benchmarks, licences, labs."""
        return {}

    @abstractmethod
    def findings(self, known: Known) -> list[Finding]:
        """What the data say under the claim's own definition, and under reasonable neighbours of it."""


def day_of(table: Table, field: str) -> date | None:
    """The day of a field. Raises ValueError where it is less exact than a day."""
    when: When | None = table.when(field)
    if when is None:
        return None
    if str(when) != when.on.isoformat():
        raise ValueError(f"{table.where}: field {field} is {when}; it must be a day such as 2026-05-28")
    return when.on


def some_of(table: Table, field: str, allowed: Sequence[str], default: Sequence[str] = ()) -> tuple[str, ...]:
    """Texts of a fixed list. Raises ValueError naming them."""
    values = table.texts(field) if field in table.data else tuple(default)
    stray = [value for value in values if value not in allowed]
    if stray:
        raise ValueError(f"{table.where}: field {field} holds {stray[0]!r}; allowed: {', '.join(allowed)}")
    return values


def named(table: Table, field: str) -> tuple[str, ...]:
    """A list of names with at least one in it."""
    values = table.texts(field)
    if not values:
        raise ValueError(f"{table.where}: field {field} is empty; it must name at least one")
    return values
