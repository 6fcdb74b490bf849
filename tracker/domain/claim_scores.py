"""Tests of scores: a model's on a benchmark, one model's against others', the two sides' best, a benchmark's state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final

from tracker.domain.claim_base import ClaimTest, Looked, named
from tracker.domain.claim_known import Known, KnownScore
from tracker.domain.claim_parts import BOUNDS, Demand, Evidence, Finding, measured, told, wanting
from tracker.domain.evidence import EVALUATOR_RANK
from tracker.domain.records import Evaluator
from tracker.domain.tables import Table

WHO: Final = "who measured it"
RUN_BY: Final = {
    Evaluator.OWN: "a run of this site",
    Evaluator.THIRD_PARTY: "an independent run",
    Evaluator.LEADERBOARD: "the benchmark's own board",
    Evaluator.UNSTATED: "a run by nobody says whom",
    Evaluator.FIRST_PARTY: "the lab's own run",
}
UNITS: Final = {"proportion": "share", "rate": "rate", "minutes": "minutes", "dollars": "dollars", "elo": "Elo"}
NORMAL_90: Final = 1.645


def unit_of(known: Known, benchmark: str) -> str:
    """A benchmark's unit by the name that `told` prints it under; one that nobody knows counts as a share."""
    row = known.benchmarks.get(benchmark)
    return UNITS.get(row.unit, row.unit) if row else "share"


def best_by_evaluator(known: Known, model: str, benchmark: str) -> dict[Evaluator, KnownScore]:
    """The best score over settings of each kind of evaluator, the most trusted kind first; the least where less is
    better."""
    row = known.benchmarks.get(benchmark)
    sign = -1.0 if row and row.lower_is_better else 1.0
    best: dict[Evaluator, KnownScore] = {}
    for score in known.scores.get((model, benchmark), ()):
        evaluator = Evaluator(score.evaluator)
        held = best.get(evaluator)
        if held is None or (sign * score.value, -score.fact) > (sign * held.value, -held.fact):
            best[evaluator] = score
    return dict(sorted(best.items(), key=lambda item: EVALUATOR_RANK[item[0]]))


def _name(known: Known, benchmark: str) -> str:
    row = known.benchmarks.get(benchmark)
    return row.name if row else benchmark


def _said(evaluator: Evaluator, score: KnownScore) -> str:
    return f"{RUN_BY[evaluator]}{f', {score.setting}' if score.setting else ''}"


def _evidence(known: Known, score: KnownScore) -> Evidence:
    return Evidence("score", str(score.fact), f"{known.called(score.model)} on {_name(known, score.benchmark)}")


@dataclass(frozen=True, slots=True)
class ScoreTest(ClaimTest):
    """A model's best score on a benchmark is so high. Who measured it is a neighbour; an independent run decides."""

    kind: ClassVar[str] = "score"
    benchmark: str
    model: str
    wanted: Demand

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "ScoreTest":
        table = Table(where, data, ("kind", "benchmark", "model", *BOUNDS))
        benchmark, model = table.text("benchmark", required=True), table.text("model", required=True)
        return cls(benchmark, model, Demand.from_table(table))

    @property
    def demand(self) -> Demand:
        return self.wanted

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        return {"models": (self.model,), "benchmarks": (self.benchmark,)}

    @property
    def looks_up(self) -> Looked:
        return Looked(scored_models=frozenset({self.model}), scored_benchmarks=frozenset({self.benchmark}))

    def words(self, known: Known) -> str:
        wanted = self.wanted.words(unit_of(known, self.benchmark))
        return f"The best score of {known.called(self.model)} on {_name(known, self.benchmark)} is {wanted}."

    def findings(self, known: Known) -> list[Finding]:
        best = best_by_evaluator(known, self.model, self.benchmark)
        if not best:
            name = f"{known.called(self.model)} on {_name(known, self.benchmark)}"
            return [wanting(name, f"No score of {name} is known")]
        unit = unit_of(known, self.benchmark)
        return [
            measured(
                self.wanted,
                _said(evaluator, score),
                score.value,
                unit,
                interval=_interval(score.value, score.stderr),
                choice=WHO if at else "",
                evidence=(_evidence(known, score),),
            )
            for at, (evaluator, score) in enumerate(best.items())
        ]


def _interval(value: float, stderr: float | None) -> tuple[float | None, float | None]:
    return (None, None) if not stderr else (value - NORMAL_90 * stderr, value + NORMAL_90 * stderr)


@dataclass(frozen=True, slots=True)
class ScoreVersusTest(ClaimTest):
    """A model's best score minus that of each other model, measured by the same kind of evaluator."""

    kind: ClassVar[str] = "score-versus"
    benchmark: str
    model: str
    against: tuple[str, ...]
    wanted: Demand

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "ScoreVersusTest":
        table = Table(where, data, ("kind", "benchmark", "model", "against", *BOUNDS))
        benchmark, model = table.text("benchmark", required=True), table.text("model", required=True)
        return cls(benchmark, model, named(table, "against"), Demand.from_table(table))

    @property
    def demand(self) -> Demand:
        return self.wanted

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        return {"models": (self.model, *self.against), "benchmarks": (self.benchmark,)}

    @property
    def looks_up(self) -> Looked:
        models = frozenset({self.model, *self.against})
        return Looked(scored_models=models, scored_benchmarks=frozenset({self.benchmark}))

    def words(self, known: Known) -> str:
        others = ", ".join(known.called(slug) for slug in self.against)
        wanted = self.wanted.words(unit_of(known, self.benchmark))
        return f"On {_name(known, self.benchmark)} {known.called(self.model)} minus each of {others} is {wanted}."

    def findings(self, known: Known) -> list[Finding]:
        return [finding for slug in self.against for finding in self._against(known, slug)]

    def _against(self, known: Known, slug: str) -> list[Finding]:
        mine = best_by_evaluator(known, self.model, self.benchmark)
        others = best_by_evaluator(known, slug, self.benchmark)
        shared = [evaluator for evaluator in mine if evaluator in others]
        pair = f"{known.called(self.model)} against {known.called(slug)}"
        if not shared:
            lacking = [known.called(s) for s, found in ((self.model, mine), (slug, others)) if not found]
            what = f"No score of {' and '.join(lacking)}" if lacking else f"No two runs of one kind of {pair}"
            return [wanting(pair, f"{what} on {_name(known, self.benchmark)} is known")]
        unit, found = unit_of(known, self.benchmark), []
        for at, evaluator in enumerate(shared):
            a, b = mine[evaluator], others[evaluator]
            error = (a.stderr**2 + b.stderr**2) ** 0.5 if a.stderr and b.stderr else None
            name = f"{pair} in {RUN_BY[evaluator]}, {told(a.value, unit)} against {told(b.value, unit)}"
            evidence = (_evidence(known, a), _evidence(known, b))
            interval = _interval(a.value - b.value, error)
            choice = WHO if at else ""
            found.append(
                measured(
                    self.wanted, name, a.value - b.value, unit, interval=interval, choice=choice, evidence=evidence
                )
            )
        return found


class Measure(StrEnum):
    """Whether a difference is told as a share of the better score or in the benchmark's own unit."""

    RELATIVE = "relative"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class SideGapTest(ClaimTest):
    """On each benchmark the best closed score minus the best open one, as it is or as a share of the best of both."""

    kind: ClassVar[str] = "side-gap"
    benchmarks: tuple[str, ...]
    measure: Measure
    wanted: Demand

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "SideGapTest":
        table = Table(where, data, ("kind", "benchmarks", "measure", *BOUNDS))
        measure = table.choice("measure", Measure, Measure.POINTS)
        return cls(named(table, "benchmarks"), measure, Demand.from_table(table))

    @property
    def demand(self) -> Demand:
        return self.wanted

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        return {"benchmarks": self.benchmarks}

    def words(self, known: Known) -> str:
        names = ", ".join(_name(known, slug) for slug in self.benchmarks)
        relative = self.measure is Measure.RELATIVE
        unit = "share" if relative else unit_of(known, self.benchmarks[0])
        share = ", as a share of the better one," if relative else ""
        return f"The best closed score minus the best open one{share} is {self.wanted.words(unit)} on each of {names}."

    def findings(self, known: Known) -> list[Finding]:
        return [self._on(known, slug) for slug in self.benchmarks]

    def _on(self, known: Known, slug: str) -> Finding:
        row = known.benchmarks.get(slug)
        if row is None or row.best_open is None or row.best_closed is None:
            side = "open and closed" if row is None else "open" if row.best_open is None else "closed"
            return wanting(_name(known, slug), f"No score of an {side} model on {_name(known, slug)} is stored")
        unit = unit_of(known, slug)
        difference = row.best_closed - row.best_open
        name = (
            f"{row.name}, {row.best_closed_model} {told(row.best_closed, unit)} against {row.best_open_model} "
            f"{told(row.best_open, unit)}"
        )
        if self.measure is Measure.RELATIVE:
            better = (min if row.lower_is_better else max)(row.best_open, row.best_closed)
            if not better:
                return wanting(row.name, f"The better score on {row.name} is 0, of which nothing is a share")
            difference, unit = difference / better, "share"
        return measured(self.wanted, name, difference, unit, evidence=(Evidence("benchmark", slug, row.name),))


@dataclass(frozen=True, slots=True)
class BenchmarkStateTest(ClaimTest):
    """Each benchmark is in one of these states of saturation."""

    kind: ClassVar[str] = "benchmark-state"
    STATES: ClassVar[tuple[str, ...]] = ("live", "narrowing", "saturated", "retired")
    benchmarks: tuple[str, ...]
    states: tuple[str, ...]

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "BenchmarkStateTest":
        table = Table(where, data, ("kind", "benchmarks", "states"))
        states = named(table, "states")
        stray = [state for state in states if state not in cls.STATES]
        if stray:
            raise ValueError(f"{where}: field states holds {stray[0]!r}; allowed: {', '.join(cls.STATES)}")
        return cls(named(table, "benchmarks"), states)

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        return {"benchmarks": self.benchmarks}

    def words(self, known: Known) -> str:
        names = ", ".join(_name(known, slug) for slug in self.benchmarks)
        return f"The state of {names} is {' or '.join(self.states)}."

    def findings(self, known: Known) -> list[Finding]:
        found = []
        for slug in self.benchmarks:
            row = known.benchmarks.get(slug)
            if row is None or not row.state:
                found.append(wanting(_name(known, slug), f"No state of {_name(known, slug)} is known"))
            else:
                evidence = (Evidence("benchmark", slug, row.name),)
                found.append(Finding(row.name, row.state in self.states, row.state, evidence=evidence))
        return found
