"""The gap as it was computed: frontiers, estimators and series of one index run, one scope and one openness cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Func, JSONField, QuerySet, Value, When

from tracker.domain.definitions import Region
from tracker.domain.gap_slices import FAMILIES as FAMILIES
from tracker.domain.gap_slices import stored_scope
from tracker.domain.openness import OpenMeans
from tracker.domain.scopes import SCOPES as SCOPES
from tracker.domain.shown import NEAREST as NEAREST
from tracker.domain.shown import ROWS as ROWS
from tracker.domain.shown import nearest as nearest
from tracker.domain.specification import Effort, Tolerance
from tracker.models import SHOWN, Benchmark, GapResult, part_shown
from tracker.queries.runs import RunInfo

CUTS = tuple(meaning.value for meaning in OpenMeans)
REGIONS = ("", *(region.value for region in Region))
# Billions of parameters of the open models; each is computed with every run.
SIZES = ("", "40")
EFFORTS = tuple(effort.value for effort in Effort)
TOLERANCES = tuple(tolerance.value for tolerance in Tolerance)


@dataclass(frozen=True, slots=True)
class FrontierRow:
    """One model on the capability scale; `on_frontier` marks the models that beat every earlier one on their side."""

    side: str
    model: str
    slug: str
    lab: str
    released_on: date
    value: float
    low: float | None
    high: float | None
    on_frontier: bool


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """One estimator's answer, with everything that it must never be printed without."""

    id: str
    name: str
    question: str
    definition: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    window_from: date | None
    window_to: date | None
    steps: int
    censored: float | None
    note: str


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One day of a series: the lag in months or the gap in points, with its 90 % interval."""

    on: date
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class SurvivalRow:
    """The share of closed frontier steps still unmatched `months` after they were set."""

    months: float
    share: float
    low: float
    high: float
    censored: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step an estimate rests on: a model, the one on the other side it is measured against, the months between."""

    model: str
    on: date
    value: float | None
    other: str
    other_on: date | None
    months: float | None
    flags: str
    group: str


@dataclass(frozen=True, slots=True)
class Question:
    """Which gap is asked for: a scope of benchmarks, a meaning of "open", which scores count where a model was run at
    several efforts, when a closed model counts as ahead; a region, a size or a family of the open models."""

    scope: str = "all"
    open_means: str = "weights"
    region: str = ""
    max_parameters: float = 0.0
    effort: str = Effort.BEST.value
    family: str = ""
    tolerance: str = Tolerance.PLAIN.value

    @property
    def planned(self) -> bool:
        """Whether every run answers it: scopes, meanings of "open" and effort rules combine freely, one of region, size
        and family goes with the defaults. A tolerance goes with everything."""
        narrowed = [bool(self.region), bool(self.max_parameters), bool(self.family)]
        if not any(narrowed):
            return True
        return (self.scope, self.open_means, self.effort) == ("all", "weights", "best") and sum(narrowed) == 1

    @property
    def default(self) -> bool:
        return self == Question()

    @property
    def stored_scope(self) -> str:
        return stored_scope(self.scope, effort=self.effort, family=self.family)

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "Question":
        """The question that an address's keys ask; what is missing has its default."""
        size = params.get("size", "")
        return cls(
            scope=params.get("scope") or "all",
            open_means=params.get("open") or "weights",
            region=params.get("region") or "",
            max_parameters=float(size) * 1e9 if size else 0.0,
            effort=params.get("effort") or Effort.BEST.value,
            family=params.get("family") or "",
            tolerance=params.get("tolerance") or Tolerance.PLAIN.value,
        )


def report(run: RunInfo | None, question: Question, *, whole: bool = False) -> dict[str, Any] | None:
    """The stored answer, of very many models with those alone that a page shows unless the `whole` is asked for; None
    while it has not been computed."""
    told: Any = "report" if whole else SHOWN
    stored: dict[str, Any] | None = _stored(run, question).values_list(told, flat=True).first()
    return stored if stored is None or question.tolerance == Tolerance.PLAIN.value else surely(stored)


def _stored(run: RunInfo | None, question: Question) -> QuerySet[GapResult]:
    return GapResult.objects.filter(
        run_id=run.id if run else None,
        scope=question.stored_scope,
        open_means=question.open_means,
        region=question.region,
        max_parameters=question.max_parameters,
    )


def surely(stored: dict[str, Any]) -> dict[str, Any]:
    """The answer with a tolerance: L1's tolerant form is L2, others have theirs, L4 and L6 have none and stay."""
    estimates = {key: row for key, row in stored.get("estimates", {}).items() if key != "L1"}
    estimates |= stored.get("tolerant", {})
    months = [row["value"] for row in estimates.values() if row["unit"] == "months" and row["value"] is not None]
    spread = [min(months), max(months)] if months else None
    lags = {key: estimates[key]["value"] if key in estimates else None for key in stored.get("lags", {})}
    return {**stored, "lags": lags, "estimates": dict(sorted(estimates.items())), "spread": spread}


def exported(report: dict[str, Any] | None) -> Any:
    """A stored report without what it says of benchmarks that may not be shown: the fit knows them, readers do not."""
    return _without(report, frozenset(Benchmark.objects.filter(may_display=False).values_list("name", flat=True)))


def _without(part: Any, names: frozenset[str]) -> Any:
    if isinstance(part, dict):
        return {key: _without(value, names) for key, value in part.items() if key not in names}
    if isinstance(part, list):
        rows = [row for row in part if not (isinstance(row, dict) and names & {*map(str, row.values())})]
        return [_without(row, names) for row in rows if not (isinstance(row, str) and row in names)]
    return part


def spreads(run: RunInfo | None) -> dict[str, dict[str, Any]]:
    """The headline of the run under each meaning of "open", over all benchmarks."""
    if run is None:
        return {}
    found = GapResult.objects.filter(run_id=run.id, scope="all", region="", max_parameters=0)
    # Every model's place is asked of the first meaning only: with many models it is nearly all there is to read.
    without = Func(SHOWN, Value("points"), function="", arg_joiner=" - ", template="(%(expressions)s)")
    told = Case(When(open_means=CUTS[0], then=SHOWN), default=without, output_field=JSONField())
    return dict(found.values_list("open_means", told))


# A stored report that the caller has read already, so that a page with many charts reads it once.
Found = Mapping[str, Any] | None


def _part(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> Mapping[str, Any]:
    return found if found is not None else report(run, Question.of(params), whole=True) or {}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def frontier_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[FrontierRow]:
    """Every model of the question on the capability scale, by release date."""
    return [
        FrontierRow(
            row["side"], row["model"], row["slug"], row["lab"], date.fromisoformat(row["released_on"]), row["value"],
            row["low"], row["high"], row["on_frontier"],
        )
        for row in _part(run, params, found).get("points", [])
    ]  # fmt: skip


def models_of(found: Mapping[str, Any]) -> int:
    """How many models a stored report places, however many of them it was read with."""
    return sum(found.get("models", {}).values())


def estimates_of(found: Mapping[str, Any]) -> list[EstimateRow]:
    """L1 to L8 of a stored report, side by side."""
    rows = []
    for key, row in found.get("estimates", {}).items():
        window = row["window"] or (None, None)
        note = " ".join([row["reason"], *row["notes"]]).strip()
        rows.append(
            EstimateRow(
                id=key,
                name=row["name"],
                question=row["question"],
                definition=row["definition"],
                unit=row["unit"],
                value=row["value"],
                low=row["low"],
                high=row["high"],
                window_from=_day(window[0]),
                window_to=_day(window[1]),
                steps=row["steps"],
                censored=row["censored"],
                note=note,
            )
        )
    return sorted(rows, key=lambda row: row.id)


def estimate_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[EstimateRow]:
    """L1 to L8 side by side."""
    return estimates_of(_part(run, params, found))


def step_rows(found: Mapping[str, Any], estimator: str) -> list[StepRow]:
    """What one estimate of a stored report rests on, step by step."""
    return [
        StepRow(
            model=row["model"],
            on=date.fromisoformat(row["on"]),
            value=row["value"],
            other=row["other"] or "",
            other_on=_day(row["other_on"]),
            months=row["months"],
            flags="; ".join(row["flags"]),
            group=row["group"],
        )
        for row in found.get("estimates", {}).get(estimator, {}).get("rows", [])
    ]


def _series(run: RunInfo | None, params: Mapping[str, str], found: Found, name: str) -> list[SeriesRow]:
    rows = _part(run, params, found).get("series", {}).get(name, [])
    return [SeriesRow(**{**row, "on": date.fromisoformat(row["on"])}) for row in rows]


def lag_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[SeriesRow]:
    """The backward lag (L1) month by month, in months."""
    return _series(run, params, found, "lag")


def vertical_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[SeriesRow]:
    """The best closed value minus the best open one, month by month, in index points."""
    return _series(run, params, found, "gap")


def survival_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[SurvivalRow]:
    """The Kaplan-Meier curve of the closed frontier's steps; one not matched yet is marked where its clock stands. It
    is that of plain values: with a tolerance there are only its median and its clocks."""
    plain = {key: value for key, value in params.items() if key != "tolerance"}
    found = _part(run, plain, found if plain == params else None)
    if not found.get("survival"):
        return []
    running = {row["months"] for row in found["estimates"]["L7"]["rows"] if row["other"] is None}
    return [
        SurvivalRow(
            months=point["months"],
            share=point["unmatched"],
            low=point["low"],
            high=point["high"],
            censored=point["months"] in running,
        )
        for point in found["survival"]["curve"]
    ]


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One closed frontier step's own clock: matched by whom after how many months, or running for so many."""

    model: str
    on: date
    value: float | None
    matched_by: str
    matched_on: date | None
    months: float
    running: bool


def clock_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[ClockRow]:
    """Every closed frontier step with its clock, oldest first."""
    return [
        ClockRow(row.model, row.on, row.value, row.other, row.other_on, row.months or 0.0, not row.other)
        for row in step_rows(_part(run, params, found), "L7")
    ]


@dataclass(frozen=True, slots=True)
class InfluenceRow:
    """What one benchmark does to an estimate: its value with all of them, and without this one."""

    benchmark: str
    estimator: str
    value: float
    without: float | None
    change: float | None


def influence_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[InfluenceRow]:
    """Today's headline estimate without each benchmark in turn, the most influential first. The refits are made for the
    default question only, and on benchmarks that may be shown."""
    if not Question.of(params).default:
        return []
    if found is None:
        # Every model's place is nearly all that there is to read.
        parts = ("benchmarks", "estimates")
        asked = _stored(run, Question()).values_list(*map(part_shown, parts)).first()
        found = {part: told or {} for part, told in zip(parts, asked or ({}, {}), strict=True)}
    hidden = frozenset(Benchmark.objects.filter(may_display=False).values_list("name", flat=True))
    rows = [
        InfluenceRow(name, key, value, without, None if without is None else without - value)
        for key, layer in found.get("benchmarks", {}).items()
        for value in [found["estimates"].get(key, {}).get("value")]
        if value is not None
        for name, without in layer["without"].items()
        if name not in hidden
    ]
    return sorted(rows, key=lambda row: (row.estimator, -abs(row.change or 0.0), row.benchmark))
