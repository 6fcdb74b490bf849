"""Where cheap models come near the best, field by field and benchmark by benchmark, as a run reported it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.domain.specialists import FIELDS, NEAR, SHARES
from tracker.queries.run_reports import report
from tracker.queries.runs import RunInfo

REPORT = "specialists"
NAMES = tuple((field.key, field.name) for field in FIELDS)
# From the strictest level to the easiest, as the chart shows them; blank is two standard errors short of the best.
CHARTED = ("", "90", "80")
RULES = ("", *map(str, SHARES))

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contender:
    """A model on a benchmark: its score with where it was read, its cheapest offer, its size."""

    model: str
    slug: str
    lab: str
    side: str
    score: float
    error: float | None
    score_fact: int
    price: float | None
    host: str
    price_fact: int | None
    size: float | None
    size_fact: int | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A model that beats one of at least ten times its price."""

    winner: Contender
    loser: Contender
    times: float
    sure: bool
    many: int


@dataclass(frozen=True, slots=True)
class Bench:
    """One benchmark at the level that was `asked` for, set by `rule` in the end; `cheapest` None where no priced model
    reaches it, `leader` None where no model on the index scores better than the cheapest one."""

    slug: str
    name: str
    field: str
    field_name: str
    unit: str
    state: str
    headline: bool
    models: int
    priced: int
    asked: str
    rule: str
    level: float | None
    best: Contender
    best_priced: Contender | None
    cheapest: Contender | None
    reaching: int
    ratio: float | None
    low: float | None
    high: float | None
    leader: Contender | None
    finding: Finding | None

    @property
    def rule_words(self) -> str:
        return rule_words(self.rule, self.unit)


@dataclass(frozen=True, slots=True)
class SpecialistRow:
    """One benchmark as a file holds it: numbers each with the id of the fact that it was read from."""

    field: str
    benchmark: str
    slug: str
    unit: str
    state: str
    models: int
    priced: int
    asked: str
    rule: str
    level: float | None
    best: str
    best_score: float
    best_score_fact: int
    best_priced: str
    best_priced_side: str
    best_price: float | None
    best_price_fact: int | None
    cheapest: str
    cheapest_side: str
    cheapest_size: float | None
    cheapest_score: float | None
    cheapest_score_fact: int | None
    cheapest_price: float | None
    cheapest_host: str
    cheapest_price_fact: int | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    leader: str
    leader_score: float | None
    winner: str
    loser: str
    times: float | None
    sure: bool | None


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of work with its benchmarks, the one that stands for it first."""

    key: str
    name: str
    benchmarks: tuple[Bench, ...]

    @property
    def headline(self) -> Bench | None:
        return next((bench for bench in self.benchmarks if bench.headline), None)


def rule_words(rule: str, unit: str) -> str:
    """How a level was set, in words."""
    if rule == NEAR:
        return "two standard errors short of the best"
    if not rule:
        return ""
    return f"{rule} % of an even chance against the best" if unit == "elo" else f"{rule} % of the best"


def fields(run: RunInfo | None, rule: str = "", field: str = "") -> tuple[FieldRow, ...]:
    """The fields, or the one asked for, at the level that a rule sets; blank: two standard errors short of the best."""
    told = report(run, REPORT)
    found = []
    for one in told.get("fields", []):
        if field and one["key"] != field:
            continue
        benches = [_bench(slug, told["benchmarks"][slug], one, rule or NEAR) for slug in one["benchmarks"]]
        # What still tells models apart goes before what is worn out.
        benches.sort(key=lambda bench: (not bench.headline, bench.state != "live", -bench.priced, bench.name))
        found.append(FieldRow(one["key"], one["name"], tuple(benches)))
    return tuple(found)


def headline_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[SpecialistRow]:
    """Of each field the benchmark that stands for it at every charted level that a priced model reaches."""
    found = []
    levels = [fields(run, rule) for rule in CHARTED]
    for at_levels in zip(*levels, strict=True):
        heads = [field.headline for field in at_levels]
        found += [_flat(bench) for bench in heads if bench is not None and bench.cheapest is not None]
    return found


def table(found: tuple[FieldRow, ...]) -> tuple[SpecialistRow, ...]:
    """The same as flat rows."""
    return tuple(_flat(bench) for field in found for bench in field.benchmarks)


def _bench(slug: str, told: Found, field: Found, rule: str) -> Bench:
    level: Found = next((one for one in told["levels"] if one["asked"] == rule), {})
    finding = told["finding"]
    return Bench(
        slug=slug,
        name=told["name"],
        field=field["key"],
        field_name=field["name"],
        unit=told["unit"],
        state=told["state"],
        headline=slug == field["headline"],
        models=told["models"],
        priced=told["priced"],
        asked=rule,
        rule=level.get("rule", ""),
        level=level.get("level"),
        best=_contender(told["best"]),
        best_priced=_contender(told["best_priced"]) if told["best_priced"] else None,
        cheapest=_contender(level["cheapest"]) if level else None,
        reaching=level.get("reaching", 0),
        ratio=level.get("ratio"),
        low=level.get("low"),
        high=level.get("high"),
        leader=_contender(level["leader"]) if level.get("leader") else None,
        finding=Finding(
            _contender(finding["model"]),
            _contender(finding["beaten"]),
            finding["times"],
            finding["sure"],
            finding["many"],
        )
        if finding
        else None,
    )


def _contender(told: Found) -> Contender:
    return Contender(
        model=told["name"],
        slug=told["slug"],
        lab=told["lab"],
        side="" if told["open"] is None else "open" if told["open"] else "closed",
        score=told["score"],
        error=told["error"],
        score_fact=told["fact"],
        price=told["price"],
        host=told["host"],
        price_fact=told["price_fact"],
        size=told["size"],
        size_fact=told["size_fact"],
        value=told["value"],
    )


def _flat(bench: Bench) -> SpecialistRow:
    cheap, priced, leader, finding = bench.cheapest, bench.best_priced, bench.leader, bench.finding
    return SpecialistRow(
        field=bench.field_name,
        benchmark=bench.name,
        slug=bench.slug,
        unit=bench.unit,
        state=bench.state,
        models=bench.models,
        priced=bench.priced,
        asked=bench.asked,
        rule=bench.rule_words,
        level=bench.level,
        best=bench.best.model,
        best_score=bench.best.score,
        best_score_fact=bench.best.score_fact,
        best_priced=priced.model if priced else "",
        best_priced_side=priced.side if priced else "",
        best_price=priced.price if priced else None,
        best_price_fact=priced.price_fact if priced else None,
        cheapest=cheap.model if cheap else "",
        cheapest_side=cheap.side if cheap else "",
        cheapest_size=cheap.size if cheap else None,
        cheapest_score=cheap.score if cheap else None,
        cheapest_score_fact=cheap.score_fact if cheap else None,
        cheapest_price=cheap.price if cheap else None,
        cheapest_host=cheap.host if cheap else "",
        cheapest_price_fact=cheap.price_fact if cheap else None,
        ratio=bench.ratio,
        ratio_low=bench.low,
        ratio_high=bench.high,
        leader=leader.model if leader else "",
        leader_score=leader.score if leader else None,
        winner=finding.winner.model if finding else "",
        loser=finding.loser.model if finding else "",
        times=finding.times if finding else None,
        sure=finding.sure if finding else None,
    )
