"""The meters of labs as a run reported them: better on questions they can have seen, and higher when self-reported."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.models import RunReport
from tracker.queries.runs import RunInfo

MAXXING, REPORTED = "benchmaxxing", "self-report"
METERS = {
    "private": "Private minus public questions",
    "later": "Benchmarks released after the model minus before it",
}
EVERYONE = "All labs"

Found = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class MeterRow:
    """One lab under one meter, in index points: below nothing it does worse on questions its models cannot have seen.
    `unseen` and `seen` are numbers of benchmarks, `chance` and `corrected` p-values before and after Holm."""

    lab: str
    meter: str
    models: int
    unseen: int
    seen: int
    value: float
    low: float
    high: float
    error: float
    chance: float | None
    corrected: float | None
    verdict: str

    @property
    def everyone(self) -> bool:
        return self.lab == EVERYONE


@dataclass(frozen=True, slots=True)
class ModelMeterRow:
    """One model under one meter; `unseen` and `seen` are its scores on either part."""

    meter: str
    model: str
    slug: str
    lab: str
    unseen: int
    seen: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class InflationRow:
    """A lab's own scores minus others' of the same model, benchmark and setting, as a proportion of the scale. `copies`
    are pairs with the same number on both sides, which count for nothing."""

    lab: str
    pairs: int
    models: int
    copies: int
    value: float | None
    low: float | None
    high: float | None
    chance: float | None
    corrected: float | None
    verdict: str

    @property
    def everyone(self) -> bool:
        return self.lab == EVERYONE


@dataclass(frozen=True, slots=True)
class PairRow:
    """One model, benchmark and setting, as its lab reported it and as another measured it."""

    lab: str
    model: str
    slug: str
    benchmark: str
    benchmark_slug: str
    setting: str
    own: float
    other: float
    difference: float
    copied: bool
    own_fact: int
    other_fact: int


def stored(run: RunInfo | None) -> dict[str, dict[str, Any]]:
    """Both reports by name, read at once, for a page that shows all of them."""
    found: dict[str, dict[str, Any]] = {MAXXING: {}, REPORTED: {}}
    if run is None:
        return found
    rows = RunReport.objects.filter(run_id=run.id, name__in=found).values_list("name", "report")
    return found | dict(rows)


def _report(run: RunInfo | None, name: str, found: Found) -> Mapping[str, Any]:
    return stored(run)[name] if found is None else found


def meter_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[MeterRow]:
    """Every lab under both meters, each opened by the mean over all labs; labs with most models first."""
    report = _report(run, MAXXING, found)
    rows = []
    for meter in METERS:
        rows += [MeterRow(**{**row, "lab": EVERYONE, "verdict": ""}) for row in _under(report, "everyone", meter)]
        rows += [MeterRow(**row) for row in _under(report, "labs", meter)]
    return rows


def _under(report: Mapping[str, Any], part: str, meter: str) -> list[dict[str, Any]]:
    return [row for row in report.get(part, []) if row["meter"] == meter]


def model_rows(run: RunInfo | None, found: Found = None, *, most: int | None = None) -> list[ModelMeterRow]:
    """Every model with enough scores on both parts, by meter, the lowest first; of each meter `most` at most."""
    report = _report(run, MAXXING, found)
    return [ModelMeterRow(**row) for meter in METERS for row in _under(report, "models", meter)[:most]]


def inflation_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[InflationRow]:
    """Every lab with a pair, opened by all of them together."""
    report = _report(run, REPORTED, found)
    every = report.get("everyone")
    rows = (
        [InflationRow(**{**every, "lab": EVERYONE, "chance": None, "corrected": None, "verdict": ""})] if every else []
    )
    return rows + [InflationRow(**row) for row in report.get("labs", [])]


def pair_rows(run: RunInfo | None, found: Found = None) -> list[PairRow]:
    """The pairs themselves: those measured twice first, the widest apart first."""
    rows = [PairRow(**row) for row in _report(run, REPORTED, found).get("pairs", [])]
    return sorted(rows, key=lambda row: (row.copied, -row.difference, row.model, row.benchmark))
