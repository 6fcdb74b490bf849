"""What a run says of all its answers together: the specification curve, and the gap slice by slice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.domain import gap_slices, specification
from tracker.domain.specification import CHOICES as CHOICES
from tracker.domain.specification import LEAST_MODELS as LEAST_MODELS
from tracker.domain.specification import LONG as LONG
from tracker.models import GapResult
from tracker.queries.gap import Found
from tracker.queries.runs import RunInfo

LEVELS = specification.level_names()


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """One definition's answer in months, by rank. Without a value it is more than `at_least`."""

    rank: int
    estimator: str
    scope: str
    open_means: str
    effort: str
    tolerance: str
    value: float | None
    low: float | None
    high: float | None
    at_least: float | None

    @property
    def place(self) -> float:
        return self.value if self.value is not None else self.at_least or 0.0


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """How much of the variance over definitions one choice explains; `choice` is blank for what no single one does."""

    choice: str
    name: str
    share: float
    low_level: str
    low_mean: float | None
    high_level: str
    high_mean: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The specification curve in numbers."""

    definitions: int
    longer: int
    told: int
    unknown: int
    thin: int
    median: float | None
    low: float
    high: float
    most: ChoiceRow | None

    @property
    def share(self) -> float:
        return self.longer / self.told if self.told else 0.0


@dataclass(frozen=True, slots=True)
class SliceRow:
    """The gap in one part of the data under the default definition: lag (L1), matching (L3, L7), points (L8)."""

    group: str
    name: str
    lag: float | None
    low: float | None
    high: float | None
    matching: float | None
    catch_up: float | None
    points: float | None
    open_models: int
    closed_models: int
    best_open: str
    reason: str


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A family's best open model against the closed frontier, in months and points."""

    name: str
    model: str
    slug: str
    released_on: date
    value: float
    models: int
    today: float | None
    today_low: float | None
    today_high: float | None
    at_release: float | None
    points: float
    points_low: float | None
    points_high: float | None
    level_first_by: str
    at_least: bool


def stored(run: RunInfo | None) -> dict[str, dict[str, Any]]:
    """Both parts by name, read at once, for a page that shows all of them."""
    names = (specification.STORED_AS, gap_slices.STORED_AS)
    if run is None:
        return {name: {} for name in names}
    rows = GapResult.objects.filter(run_id=run.id, scope__in=names).values_list("scope", "report")
    return {name: {} for name in names} | dict(rows)


def _stored(run: RunInfo | None, name: str, found: Found) -> Mapping[str, Any]:
    return stored(run)[name] if found is None else found


def definition_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[DefinitionRow]:
    """Every reasonable definition of the lag, the shortest first."""
    rows = _stored(run, specification.STORED_AS, found).get("definitions", [])
    return [DefinitionRow(rank, *row) for rank, row in enumerate(rows, 1)]


def choice_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[ChoiceRow]:
    """Which choice moves the answer most, the rest last."""
    return _choices(_stored(run, specification.STORED_AS, found))


def _choices(found: Mapping[str, Any]) -> list[ChoiceRow]:
    rows = [
        ChoiceRow(
            choice=row["name"],
            name=CHOICES[row["name"]],
            share=row["share"],
            low_level=LEVELS[row["name"]][row["low_level"]],
            low_mean=row["low_mean"],
            high_level=LEVELS[row["name"]][row["high_level"]],
            high_mean=row["high_mean"],
        )
        for row in found.get("choices", [])
    ]
    if found.get("rest") is not None:
        rows.append(ChoiceRow("", "Combinations and chance", found["rest"], "", None, "", None))
    return rows


def summary(run: RunInfo | None, found: Found = None) -> Summary | None:
    """The curve in a sentence; None while the run has not drawn it up."""
    found = _stored(run, specification.STORED_AS, found)
    rows = [DefinitionRow(rank, *row) for rank, row in enumerate(found.get("definitions", []), 1)]
    if not rows:
        return None
    return Summary(
        definitions=len(rows),
        longer=found["longer"],
        told=found["told"],
        unknown=found["unknown"],
        thin=found["thin"],
        median=found["median"],
        low=rows[0].place,
        high=rows[-1].place,
        most=next(iter(_choices(found)), None),
    )


def slice_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[SliceRow]:
    """The parts of the data in which the gap was measured, group by group."""
    rows = []
    for row in _stored(run, gap_slices.STORED_AS, found).get("slices", []):
        values = {key: part["value"] for key, part in row["estimates"].items()}
        lag = row["estimates"].get("L1", {})
        rows.append(
            SliceRow(
                group=row["group"],
                name=row["name"],
                lag=lag.get("value"),
                low=lag.get("low"),
                high=lag.get("high"),
                matching=values.get("L3"),
                catch_up=values.get("L7"),
                points=values.get("L8"),
                open_models=row["open_models"],
                closed_models=row["closed_models"],
                best_open=row["best_open"],
                reason=row["reason"],
            )
        )
    return rows


def family_rows(run: RunInfo | None, params: Mapping[str, str], found: Found = None) -> list[FamilyRow]:
    """Every family (or lab without a named one) with an open model on the index, the nearest to the frontier first."""
    return [
        FamilyRow(**{**row, "released_on": date.fromisoformat(row["released_on"])})
        for row in _stored(run, gap_slices.STORED_AS, found).get("families", [])
    ]
