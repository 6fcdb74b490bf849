"""What the second index of a run says: the models' places beside the first ones, the lags, the benchmarks' noise."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Value, When

from tracker.models import Benchmark, ModelState, RunReport
from tracker.queries.runs import RunInfo

NAME = "second-index"
LABELLED = 12


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One model on both indices, on the one public scale; `difference` is second minus first."""

    model: str
    slug: str
    lab: str
    side: str
    first: float
    first_low: float | None
    first_high: float | None
    second: float
    low: float | None
    high: float | None
    difference: float
    scores: int
    benchmark: str = ""  # whose score weighs the most in a large difference


@dataclass(frozen=True, slots=True)
class LagRow:
    """One estimator by both indices."""

    id: str
    name: str
    unit: str
    first: float | None
    first_low: float | None
    first_high: float | None
    second: float | None
    low: float | None
    high: float | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class NoiseRow:
    """One benchmark's own noise: the standard deviation of a score at one half, beside what its items alone explain."""

    benchmark: str
    noise: float
    low: float | None
    high: float | None
    scores: int
    sampling: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike the two are over all models, and what it took."""

    models: int
    correlation: float | None
    rank_correlation: float | None
    median_difference: float | None
    seconds: float
    draws: int
    converged: bool


def report(run: RunInfo | None) -> dict[str, Any] | None:
    """The stored report; None while the run has not made it."""
    if run is None:
        return None
    return RunReport.objects.filter(run_id=run.id, name=NAME).values_list("report", flat=True).first()


def lags_told(run: RunInfo) -> dict[str, Any]:
    """What of the report `lag_rows` reads: the places of all models are nearly all there is of the rest."""
    stored = RunReport.objects.filter(run_id=run.id, name=NAME)
    return {"lags": stored.values_list("report__lags", flat=True).first() or {}}


def _hidden() -> frozenset[str]:
    return frozenset(Benchmark.objects.filter(may_display=False).values_list("name", flat=True))


def agreement(found: Mapping[str, Any] | None) -> Agreement | None:
    """None where there is no second fit."""
    if not found or not found.get("models"):
        return None
    against = found["against"]
    return Agreement(
        models=against["models"],
        correlation=against["correlation"],
        rank_correlation=against["rank_correlation"],
        median_difference=against["median_difference"],
        seconds=found["seconds"]["all"],
        draws=found["draws"],
        converged=found["converged"],
    )


def place_rows(
    run: RunInfo | None, params: Mapping[str, str], found: Mapping[str, Any] | None = None
) -> list[PlaceRow]:
    """Every model on both indices, those that stand furthest apart first; empty where one of them has no public
    scale."""
    found = found if found is not None else report(run)
    if run is None or not found or found.get("scale") != "eci" or run.scale.get("scale") != "eci":
        return []
    hidden = _hidden()
    why = {row["slug"]: row["benchmark"] for row in found["against"]["largest"] if row["benchmark"] not in hidden}
    # Rows, for there may be tens of thousands of models.
    states = ModelState.objects.filter(run_id=run.id, value__isnull=False).values_list(
        "model__name", "model__slug", "model__lab__name", "access", "value", "low", "high",
        Case(When(open_means=[], then=Value("closed")), default=Value("open")),
    )  # fmt: skip
    rows = []
    for model, slug, lab, access, value, first_low, first_high, side in states:
        place = found["models"].get(slug)
        if place is None:
            continue
        rows.append(
            PlaceRow(
                model=model,
                slug=slug,
                lab=lab or "",
                side=side if access else "unknown",
                first=round(value, 4),
                first_low=first_low,
                first_high=first_high,
                second=place[0],
                low=place[1],
                high=place[2],
                difference=round(place[0] - value, 4),
                scores=place[3],
                benchmark=why.get(slug, ""),
            )
        )
    return sorted(rows, key=lambda row: (-abs(row.difference), row.slug))


def lag_rows(
    found: Mapping[str, Any] | None, estimates: Mapping[str, Any] | None, open_means: str = "weights"
) -> list[LagRow]:
    """L1 to L8 over all benchmarks by both indices: `estimates` are those of the first."""
    second = (found or {}).get("lags", {}).get(open_means, {})
    rows = []
    for key, first in sorted((estimates or {}).items()):
        other = second.get(key)
        if not isinstance(other, dict):
            continue
        known = first["value"] is not None and other["value"] is not None
        rows.append(
            LagRow(
                id=key,
                name=first["name"],
                unit=first["unit"],
                first=first["value"],
                first_low=first["low"],
                first_high=first["high"],
                second=other["value"],
                low=other["low"],
                high=other["high"],
                difference=round(other["value"] - first["value"], 4) if known else None,
            )
        )
    return rows


def noise_rows(found: Mapping[str, Any] | None) -> list[NoiseRow]:
    """The benchmarks that may be shown, the noisiest first."""
    items = dict(Benchmark.objects.filter(may_display=True).values_list("name", "items"))

    def sampling(name: str) -> float | None:
        count = items[name]
        return round(0.5 / math.sqrt(count), 4) if count else None

    rows = [
        NoiseRow(
            benchmark=name,
            noise=row["noise"],
            low=row["noise_low"],
            high=row["noise_high"],
            scores=row["scores"],
            sampling=sampling(name),
        )
        for name, row in (found or {}).get("benchmarks", {}).items()
        if name in items
    ]
    return sorted(rows, key=lambda row: (-row.noise, row.benchmark))
