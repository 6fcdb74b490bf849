"""Tests of the gap itself: a lag or distance, two lags compared, a trend, how far one model trails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final

from tracker.domain import claim_figures as figures
from tracker.domain.claim_base import ClaimTest, Looked, day_of, some_of
from tracker.domain.claim_known import Known, KnownModel, Question
from tracker.domain.claim_parts import BOUNDS, Demand, Evidence, Finding, measured, wanting
from tracker.domain.definitions import Region
from tracker.domain.estimate import DEFINITIONS, Estimator
from tracker.domain.frontier import DAYS_PER_MONTH
from tracker.domain.openness import OpenMeans
from tracker.domain.scopes import SCOPES, canonical
from tracker.domain.tables import Table

CHOICES: Final = ("estimator", "scope", "openness")
MEANT: Final = {"estimator": "which estimator", "scope": "which benchmarks", "openness": "what counts as open"}
MONTHS: Final = tuple(name for name in Estimator if DEFINITIONS[name].unit == "months")
CUTS: Final = (OpenMeans.WEIGHTS.value, OpenMeans.COMMERCIAL.value, OpenMeans.OSI.value)
ACCESSES: Final = ("public", "semi-private", "private")
QUESTION_FIELDS: Final = ("scope", "open", "region", "max_parameters")


class _Anywhere(StrEnum):
    """A region, or all of them."""

    ANY = ""
    US = Region.US.value
    CHINA = Region.CHINA.value
    EUROPE = Region.EUROPE.value
    OTHER = Region.OTHER.value


def question_of(table: Table) -> Question:
    """What a test's table asks of the gap: all benchmarks, downloadable weights, any region and any size (0) where it
    does not say. Raises ValueError with file and field."""
    try:
        scope = canonical(table.text("scope") or "all")
    except ValueError as error:
        raise ValueError(f"{table.where}: field scope: {error}") from error
    size = table.number("max_parameters") or 0.0
    open_means = table.choice("open", OpenMeans, OpenMeans.WEIGHTS).value
    return Question(scope, open_means, table.choice("region", _Anywhere, _Anywhere.ANY).value, size)


def neighbours(question: Question, choices: Sequence[str], scopes: Sequence[str]) -> list[tuple[str, Question]]:
    """The questions that differ from this one in one respect. A region or a size is stored with the defaults only."""
    if question.region or question.max_parameters:
        return []
    found = []
    if "scope" in choices:
        default = ACCESSES if question.scope == "all" else ("all",)
        found += [("scope", replace(question, scope=scope)) for scope in scopes or default if scope != question.scope]
    if "openness" in choices:
        found += [("openness", replace(question, open_means=cut)) for cut in CUTS if cut != question.open_means]
    return found


def _finding(demand: Demand, found: figures.GapFigure, choice: str = "") -> Finding:
    if found.value is None:
        return wanting(found.assumption, found.missing, choice=choice)
    return measured(
        demand, found.assumption, found.value, found.unit,
        interval=(found.low, found.high), choice=choice, evidence=(found.evidence,),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LagTest(ClaimTest):
    """One estimator's figure is so large. `vary` names the choices that the claim leaves open."""

    kind: ClassVar[str] = "lag"
    estimator: Estimator
    question: Question
    wanted: Demand
    as_of: date | None
    since: date | None
    vary: tuple[str, ...]
    scopes: tuple[str, ...]

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "LagTest":
        fields = ("kind", "estimator", *QUESTION_FIELDS, *BOUNDS, "as_of", "since", "vary", "scopes")
        table = Table(where, data, fields)
        return cls(
            estimator=table.choice("estimator", Estimator),
            question=question_of(table),
            wanted=Demand.from_table(table),
            as_of=day_of(table, "as_of"),
            since=day_of(table, "since"),
            vary=some_of(table, "vary", CHOICES, CHOICES),
            scopes=some_of(table, "scopes", SCOPES),
        )

    @property
    def demand(self) -> Demand:
        return self.wanted

    def words(self, known: Known) -> str:
        definition = DEFINITIONS[self.estimator]
        when = f" from {self.since}" if self.since else ""
        when += f" to {self.as_of}" if self.as_of else ""
        return (
            f"{self.estimator} ({definition.name.lower()}) over {figures.question_words(self.question)}{when} is "
            f"{self.wanted.words(definition.unit)}."
        )

    @property
    def looks_up(self) -> Looked:
        others = neighbours(self.question, self.vary, self.scopes)
        return Looked(questions=frozenset({self.question, *(question for _, question in others)}))

    def findings(self, known: Known) -> list[Finding]:
        def found(question: Question, estimator: Estimator) -> figures.GapFigure:
            return figures.figure(known, question, estimator, as_of=self.as_of, since=self.since)

        results = [_finding(self.wanted, found(self.question, self.estimator))]
        if "estimator" in self.vary and self.estimator in MONTHS:
            results += [
                _finding(self.wanted, found(self.question, other), MEANT["estimator"])
                for other in MONTHS
                if other is not self.estimator
            ]
        results += [
            _finding(self.wanted, found(question, self.estimator), MEANT[choice])
            for choice, question in neighbours(self.question, self.vary, self.scopes)
        ]
        return results


@dataclass(frozen=True, slots=True)
class LagVersusTest(ClaimTest):
    """The figure of one scope minus that of another is so large."""

    kind: ClassVar[str] = "lag-versus"
    estimator: Estimator
    question: Question
    other: Question
    wanted: Demand

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "LagVersusTest":
        table = Table(where, data, ("kind", "estimator", *QUESTION_FIELDS, "versus", *BOUNDS))
        question = question_of(table)
        (versus,) = some_of(
            Table(where, {"versus": [table.text("versus", required=True)]}, ("versus",)), "versus", SCOPES
        )
        return cls(
            table.choice("estimator", Estimator), question, replace(question, scope=versus), Demand.from_table(table)
        )

    @property
    def demand(self) -> Demand:
        return self.wanted

    def words(self, known: Known) -> str:
        unit = DEFINITIONS[self.estimator].unit
        return (
            f"{self.estimator} over {figures.question_words(self.question)} minus {self.estimator} over "
            f"{figures.question_words(self.other)} is {self.wanted.words(unit)}."
        )

    @property
    def looks_up(self) -> Looked:
        return Looked(questions=frozenset({self.question, self.other}))

    def findings(self, known: Known) -> list[Finding]:
        others = [name for name in MONTHS if name is not self.estimator and self.estimator in MONTHS]
        return [self._one(known, self.estimator, ""), *(self._one(known, name, MEANT["estimator"]) for name in others)]

    def _one(self, known: Known, estimator: Estimator, choice: str) -> Finding:
        mine = figures.figure(known, self.question, estimator)
        other = figures.figure(known, self.other, estimator)
        if mine.value is None or other.value is None:
            missing = " ".join(f"{part.missing}." for part in (mine, other) if part.missing)
            return wanting(f"{estimator}", missing, choice=choice)
        name = f"{estimator}, {mine.value:.1f} against {other.value:.1f} {mine.unit}"
        return measured(
            self.wanted, name, mine.value - other.value, mine.unit,
            choice=choice, evidence=(mine.evidence, other.evidence),
        )  # fmt: skip


class Direction(StrEnum):
    """How a claim may say that the gap moves. Not narrowing is to grow or to stand still; steady is to stay within a
    margin."""

    WIDENING = "widening"
    NARROWING = "narrowing"
    NOT_NARROWING = "not narrowing"
    STEADY = "steady"


class Series(StrEnum):
    """The monthly series of a gap report that a trend can be read off: L1 in months, L8 in points."""

    LAG = "lag"
    GAP = "gap"


SHORTEST_DAYS: Final = 120  # a change between halves of less than that is one release
SERIES_WORDS: Final = {Series.LAG: ("L1", "months"), Series.GAP: ("L8", "points")}


@dataclass(frozen=True, slots=True)
class TrendTest(ClaimTest):
    """The gap grew, shrank, or stayed within `within`: the mean of the window's later half against its earlier one.

    Whether the gap is told in months or points, which benchmarks count and where the window begins are neighbours.
    """

    kind: ClassVar[str] = "trend"
    series: Series
    direction: Direction
    question: Question
    since: date
    until: date | None
    within: float
    scopes: tuple[str, ...]

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "TrendTest":
        table = Table(
            where, data, ("kind", "series", "direction", "within", "since", "until", *QUESTION_FIELDS, "scopes")
        )
        since, within = day_of(table, "since"), table.number("within")
        direction = table.choice("direction", Direction)
        if since is None:
            raise ValueError(f"{where}: field since is missing; it must be a day such as 2025-01-01")
        if (within is None) is (direction is Direction.STEADY):
            raise ValueError(f"{where}: field within belongs to direction steady, and only to it")
        return cls(
            series=table.choice("series", Series),
            direction=direction,
            question=question_of(table),
            since=since,
            until=day_of(table, "until"),
            within=within or 0.0,
            scopes=some_of(table, "scopes", SCOPES),
        )

    @property
    def demand(self) -> Demand:
        return {
            Direction.STEADY: Demand(-self.within, self.within),
            Direction.WIDENING: Demand(low=0.0, low_strict=True),
            Direction.NARROWING: Demand(high=0.0, high_strict=True),
            Direction.NOT_NARROWING: Demand(low=0.0),
        }[self.direction]

    def words(self, known: Known) -> str:
        name, unit = SERIES_WORDS[self.series]
        until = f" to {self.until}" if self.until else " to today"
        change = f"changed by at most {self.within:g} {unit}" if self.within else f"was {self.direction}"
        return (
            f"From {self.since}{until} the series of {name} over {figures.question_words(self.question)} {change}, the "
            "mean of the later half set against the earlier half."
        )

    @property
    def looks_up(self) -> Looked:
        others = neighbours(self.question, ("scope",), self.scopes)
        return Looked(questions=frozenset({self.question, *(question for _, question in others)}))

    def findings(self, known: Known) -> list[Finding]:
        half_a_year = timedelta(days=183)
        found = [self._one(known, self.series, self.question, self.since, "")]
        other = Series.GAP if self.series is Series.LAG else Series.LAG
        if self.direction is not Direction.STEADY:
            found.append(self._one(known, other, self.question, self.since, "months or points"))
        for _, question in neighbours(self.question, ("scope",), self.scopes):
            found.append(self._one(known, self.series, question, self.since, MEANT["scope"]))
        moved = (self.since - half_a_year, self.since + half_a_year)
        found.extend(self._one(known, self.series, self.question, day, "where the window begins") for day in moved)
        return found

    def _one(self, known: Known, series: Series, question: Question, since: date, choice: str) -> Finding:
        name, unit = SERIES_WORDS[series]
        last = min(self.until or known.as_of, known.as_of)
        report = known.reports.get(question)
        over = figures.question_words(question)
        words = f"{name} over {over}, {since} to {last}"
        if report is None or not report.get("estimates") or (last - since).days < SHORTEST_DAYS:
            return wanting(words, f"There is no series of {words}", choice=choice)
        half = figures.middle(since, last)
        before = figures.series_mean(report, series.value, since, half)
        after = figures.series_mean(report, series.value, half + timedelta(days=1), last)
        if before is None or after is None:
            return wanting(words, f"There are no values of {words}", choice=choice)
        evidence = Evidence("gap", question.query, f"The gap over {over}")
        words = f"{words}, {before:.1f} then {after:.1f} {unit}"
        return measured(self.demand, words, after - before, unit, choice=choice, evidence=(evidence,))


@dataclass(frozen=True, slots=True)
class ModelLagTest(ClaimTest):
    """One model came so long after the first closed model of its level on the index."""

    kind: ClassVar[str] = "model-lag"
    model: str
    wanted: Demand

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "ModelLagTest":
        table = Table(where, data, ("kind", "model", *BOUNDS))
        return cls(table.text("model", required=True), Demand.from_table(table))

    @property
    def demand(self) -> Demand:
        return self.wanted

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        return {"models": (self.model,)}

    def words(self, known: Known) -> str:
        return (
            f"{known.called(self.model)} came {self.wanted.words('months')} after the first closed model that stands "
            "at or above it on the capability index."
        )

    def findings(self, known: Known) -> list[Finding]:
        model = known.models.get(self.model)
        name = f"its central index value of {known.called(self.model)}"
        if model is None or model.value is None or model.released_on is None:
            return [
                wanting(name, f"{known.called(self.model)} has no place on the capability index, or no release date")
            ]
        central = self._lag(known, model, model.value)
        if central is None:
            return [wanting(name, f"No closed model has reached the level of {model.name}")]
        evidence = (Evidence("model", model.slug, model.name),)
        name = f"the central index value of {model.name}, {model.value:.1f}"
        found = [measured(self.wanted, name, central, "months", evidence=evidence)]
        for end, word in ((model.low, "lower"), (model.high, "upper")):
            lag = self._lag(known, model, end) if end is not None else None
            if lag is not None and end is not None:
                name = f"the {word} end of its interval, {end:.1f}"
                choice = "sampling error of the index"
                found.append(measured(self.wanted, name, lag, "months", choice=choice, evidence=evidence))
        return found

    def _lag(self, known: Known, model: KnownModel, level: float) -> float | None:
        days = [
            other.released_on
            for other in known.models.values()
            if other.access and not other.open_means and other.value is not None and other.value >= level
            and other.released_on is not None
        ]  # fmt: skip
        if not days or model.released_on is None:
            return None
        return (model.released_on - min(days)).days / DAYS_PER_MONTH
