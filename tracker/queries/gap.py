"""The gap as it was computed: frontiers, estimators and series of one index run, one scope and one openness cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.domain.definitions import Region
from tracker.domain.openness import OpenMeans
from tracker.domain.scopes import SCOPES as SCOPES
from tracker.models import Benchmark, GapResult
from tracker.queries.runs import RunInfo

CUTS = tuple(meaning.value for meaning in OpenMeans)
REGIONS = ("", *(region.value for region in Region))
# Billions of parameters of the open models; each is computed with every run.
SIZES = ("", "40")


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
    """Which gap is asked for: a scope of benchmarks, a meaning of "open", a region and a size of the open models."""

    scope: str = "all"
    open_means: str = "weights"
    region: str = ""
    max_parameters: float = 0.0

    @property
    def planned(self) -> bool:
        """Whether every run answers it: scopes and meanings of "open" combine freely, a region or a size goes with the
        defaults."""
        if not self.region and not self.max_parameters:
            return True
        return (self.scope, self.open_means) == ("all", "weights") and not (self.region and self.max_parameters)

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "Question":
        """The question that an address's keys ask; what is missing has its default."""
        size = params.get("size", "")
        return cls(
            scope=params.get("scope") or "all",
            open_means=params.get("open") or "weights",
            region=params.get("region") or "",
            max_parameters=float(size) * 1e9 if size else 0.0,
        )


def report(run: RunInfo | None, question: Question) -> dict[str, Any] | None:
    """The stored answer; None while it has not been computed."""
    if run is None:
        return None
    found = GapResult.objects.filter(
        run_id=run.id,
        scope=question.scope,
        open_means=question.open_means,
        region=question.region,
        max_parameters=question.max_parameters,
    )
    return found.values_list("report", flat=True).first()


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
    return dict(found.values_list("open_means", "report"))


def _part(run: RunInfo | None, params: Mapping[str, str]) -> dict[str, Any]:
    return report(run, Question.of(params)) or {}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def frontier_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[FrontierRow]:
    """Every model of the question on the capability scale, by release date."""
    return [
        FrontierRow(**{**row, "released_on": date.fromisoformat(row["released_on"])})
        for row in _part(run, params).get("points", [])
    ]


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


def estimate_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[EstimateRow]:
    """L1 to L8 side by side."""
    return estimates_of(_part(run, params))


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


def _series(run: RunInfo | None, params: Mapping[str, str], name: str) -> list[SeriesRow]:
    rows = _part(run, params).get("series", {}).get(name, [])
    return [SeriesRow(**{**row, "on": date.fromisoformat(row["on"])}) for row in rows]


def lag_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[SeriesRow]:
    """The backward lag (L1) month by month, in months."""
    return _series(run, params, "lag")


def vertical_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[SeriesRow]:
    """The best closed value minus the best open one, month by month, in index points."""
    return _series(run, params, "gap")


def survival_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[SurvivalRow]:
    """The Kaplan-Meier curve of the closed frontier's steps; one not matched yet is marked where its clock stands."""
    found = _part(run, params)
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
