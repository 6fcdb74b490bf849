"""Tests of what is written: a licence's term, a figure that somebody published, and what nothing can test yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tracker.domain.claim_base import ClaimTest, named
from tracker.domain.claim_known import Known
from tracker.domain.claim_parts import BOUNDS, Demand, Evidence, Finding, measured, wanting
from tracker.domain.licence_terms import LicenceDefinition
from tracker.domain.records import When
from tracker.domain.tables import Table


@dataclass(frozen=True, slots=True)
class LicenceTermTest(ClaimTest):
    """A term of each version of a licence, as it was read in its text, says one of these or is such a number."""

    kind: ClassVar[str] = "licence-term"
    licences: tuple[str, ...]
    term: str
    one_of: tuple[str, ...]
    wanted: Demand | None

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "LicenceTermTest":
        table = Table(where, data, ("kind", "licences", "term", "one_of", *BOUNDS))
        term, one_of = table.text("term", required=True), table.texts("one_of")
        if term not in LicenceDefinition.__slots__:
            raise ValueError(f"{where}: field term is {term!r}; allowed: {', '.join(LicenceDefinition.__slots__)}")
        wanted = Demand.from_table(table) if any(name in data for name in BOUNDS) else None
        if bool(one_of) is (wanted is not None):
            raise ValueError(f"{where}: either one_of or one of {', '.join(BOUNDS)} must be given, and not both")
        return cls(named(table, "licences"), term, one_of, wanted)

    @property
    def demand(self) -> Demand | None:
        return self.wanted

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        return {"licences": self.licences}

    def words(self, known: Known) -> str:
        names = ", ".join(self._called(known, slug) for slug in self.licences)
        wanted = self.wanted.words("") if self.wanted else " or ".join(self.one_of)
        return f"The term “{self.term.replace('_', ' ')}” is {wanted} in each of: {names}."

    def _called(self, known: Known, slug: str) -> str:
        return known.licences[slug].name if slug in known.licences else slug

    def findings(self, known: Known) -> list[Finding]:
        return [self._of(known, slug) for slug in self.licences]

    def _of(self, known: Known, slug: str) -> Finding:
        licence = known.licences.get(slug)
        name = self._called(known, slug)
        value = None if licence is None else licence.terms.get(self.term)
        if licence is None or value in (None, "", "unread"):
            return wanting(name, f"Nobody has read the term {self.term.replace('_', ' ')} of {name}")
        evidence = (Evidence("licence", slug, self._clause(licence.terms) or licence.name),)
        if self.wanted is not None:
            # No threshold is stored as nought: that is no threshold at all, not one that everybody passes.
            return measured(self.wanted, name, float(value), "", evidence=evidence)
        values = [self._word(part) for part in value] if isinstance(value, list) else [str(value)]
        figure = "; ".join(part for part in values if part) or "none"
        said = values or ["none"]
        return Finding(name, any(word in said for word in self.one_of), figure, evidence=evidence)

    @staticmethod
    def _word(part: Any) -> str:
        return str(part["region"]) if isinstance(part, Mapping) and "region" in part else str(part)

    def _clause(self, terms: Mapping[str, Any]) -> str:
        """The place of the clause that the term rests on, where one was noted."""
        for clause in terms.get("clauses") or ():
            if isinstance(clause, Mapping) and clause.get("fact") == self.term:
                return f"Clause {clause.get('where')}: “{clause.get('quote')}”"
        return ""


@dataclass(frozen=True, slots=True)
class Stated:
    """One figure that somebody published, in words of ours: what it is a figure of, who says so, where and when."""

    assumption: str
    value: float
    source: str
    url: str
    on: When
    choice: str

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "Stated":
        table = Table(where, data, ("assumption", "value", "source", "url", "on", "choice"))
        value, on = table.number("value"), table.when("on")
        if value is None or on is None:
            raise ValueError(f"{where}: fields value and on must be given: a stated figure has a date")
        assumption, source = table.text("assumption", required=True), table.text("source", required=True)
        return cls(assumption, value, source, table.text("url"), on, table.text("choice"))


@dataclass(frozen=True, slots=True)
class StatedTest(ClaimTest):
    """A figure that no fact of ours holds, against what its source says it is; it is marked as stated when shown."""

    kind: ClassVar[str] = "stated"
    what: str
    unit: str
    wanted: Demand
    evidence: tuple[Stated, ...]

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "StatedTest":
        table = Table(where, data, ("kind", "what", "unit", "evidence", *BOUNDS))
        rows = tuple(
            Stated.from_toml(f"{where} [[evidence]] {at + 1}", row) for at, row in enumerate(table.tables("evidence"))
        )
        if not any(not row.choice for row in rows):
            raise ValueError(f"{where}: an [[evidence]] without choice is missing: it is the claim's own definition")
        return cls(table.text("what", required=True), table.text("unit"), Demand.from_table(table), rows)

    @property
    def demand(self) -> Demand:
        return self.wanted

    def words(self, known: Known) -> str:
        return f"{self.what} is {self.wanted.words(self.unit)}, by the source that published it."

    def findings(self, known: Known) -> list[Finding]:
        return [
            measured(
                self.wanted,
                row.assumption,
                row.value,
                self.unit,
                choice=row.choice,
                stated=True,
                evidence=(Evidence("page", row.url, f"{row.source}, {row.on}"),),
            )
            for row in self.evidence
        ]


@dataclass(frozen=True, slots=True)
class NoTest(ClaimTest):
    """A sentence that could be tested, if somebody published the datum that `missing` names."""

    kind: ClassVar[str] = "none"
    missing: str

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "NoTest":
        table = Table(where, data, ("kind", "missing"))
        return cls(table.text("missing", required=True))

    def words(self, known: Known) -> str:
        return "No test can be made of it with what is stored."

    def findings(self, known: Known) -> list[Finding]:
        return [wanting("the claim", self.missing)]
