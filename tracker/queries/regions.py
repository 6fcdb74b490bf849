"""Regions: how open their labs' releases have been year by year, the best models, and how far the open ones trail."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from tracker.domain.definitions import Region
from tracker.models import SHOWN, GapResult, ModelState
from tracker.queries.gap import EstimateRow, estimates_of
from tracker.queries.labs import REPORT, LabRow, lab_rows
from tracker.queries.run_reports import report
from tracker.queries.runs import RunInfo

REGIONS = tuple(region.value for region in Region)
NAMES = {"us": "United States", "china": "China", "europe": "Europe", "other": "Elsewhere"}
# The same question that the front page leads with, asked of one region's open models.
LAG = "L1"


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One region; `share` of its releases has downloadable weights. `lag` is in months, of its open models behind the
    closed models of everywhere, and rests on `open_models` that were measured; None where the data do not tell it, and
    `lag_note` says why."""

    region: str
    labs: int
    releases: int
    downloadable: int
    osi: int
    share: float | None
    best_open: str
    best_open_slug: str
    best_open_value: float | None
    best_closed: str
    best_closed_slug: str
    best_closed_value: float | None
    lag: float | None
    low: float | None
    high: float | None
    open_models: int
    lag_note: str


@dataclass(frozen=True, slots=True)
class YearRow:
    """One region's releases of a year with a known date and access; `share` of them with downloadable weights."""

    region: str
    year: str
    releases: int
    downloadable: int
    osi: int
    share: float


@dataclass(frozen=True, slots=True)
class RegionPart:
    """One region as the page shows it."""

    row: RegionRow
    labs: tuple[LabRow, ...]


@dataclass(frozen=True, slots=True)
class Regions:
    """Every region with its labs, and the releases of each by year."""

    parts: tuple[RegionPart, ...]
    years: tuple[YearRow, ...]

    @property
    def rows(self) -> list[RegionRow]:
        return [part.row for part in self.parts]


def regions(run: RunInfo | None, *, known_at: datetime | None) -> Regions:
    """Every region, in the same order always; one without labs is there and blank."""
    labs = defaultdict(list)
    for lab in lab_rows(run, known_at=known_at):
        labs[lab.region].append(lab)
    best = {side: _best(run, open_side=side == "open") for side in ("open", "closed")}
    lags = _lags(run)
    years = _years(
        report(run, REPORT).get("labs", {}), {lab.slug: lab.region for some in labs.values() for lab in some}
    )
    parts = []
    for region in REGIONS:
        row = _row(region, labs[region], best, *lags.get(region, (None, 0)))
        parts.append(RegionPart(row, tuple(lab for lab in labs[region] if lab.releases)))
    return Regions(tuple(parts), years)


def chart_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[RegionRow]:
    """The regions that any of it can be told of."""
    return [row for row in regions(run, known_at=run.facts_at if run else None).rows if row.releases]


Best = Mapping[str, tuple[str, str, float]]


def _best(run: RunInfo | None, *, open_side: bool) -> Best:
    """By region the model with the highest place on the index on one side: name, slug, value."""
    states = ModelState.objects.filter(run_id=run.id if run else None, value__isnull=False).exclude(access="")
    states = states.exclude(open_means=[]) if open_side else states.filter(open_means=[])
    top = states.order_by("model__lab__region", F("value").desc(), "pk").distinct("model__lab__region")
    names = ("model__lab__region", "model__name", "model__slug", "value")
    return {region: (name, slug, value) for region, name, slug, value in top.values_list(*names)}


def _lags(run: RunInfo | None) -> dict[str, tuple[EstimateRow | None, int]]:
    """By region the lag that the run stored, and how many open models it rests on."""
    found = GapResult.objects.filter(
        run_id=run.id if run else None, scope="all", open_means="weights", max_parameters=0, region__in=REGIONS
    )
    return {
        region: (
            next((row for row in estimates_of(answer) if row.id == LAG), None),
            answer.get("models", {}).get("open", 0),
        )
        for region, answer in found.values_list("region", SHOWN)
    }


def _years(told: Mapping[str, Any], region_of: Mapping[str, str]) -> tuple[YearRow, ...]:
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for slug, lab in told.items():
        for year, kinds in lab.get("years", {}).items():
            counts[region_of.get(slug, ""), year].update(kinds)
    rows = []
    for (region, year), kinds in sorted(counts.items()):
        every, downloadable = sum(kinds.values()), kinds["osi"] + kinds["weights"]
        if every and region in REGIONS:
            rows.append(YearRow(region, year, every, downloadable, kinds["osi"], round(downloadable / every, 4)))
    return tuple(rows)


def _row(
    region: str, labs: list[LabRow], best: Mapping[str, Best], lag: EstimateRow | None, measured: int
) -> RegionRow:
    top, closed = best["open"].get(region), best["closed"].get(region)
    releases, downloadable = (sum(getattr(lab, name) for lab in labs) for name in ("releases", "downloadable"))
    return RegionRow(
        region=region,
        labs=sum(bool(lab.releases) for lab in labs),
        releases=releases,
        downloadable=downloadable,
        osi=sum(lab.osi for lab in labs),
        share=round(downloadable / releases, 4) if releases else None,
        best_open=top[0] if top else "",
        best_open_slug=top[1] if top else "",
        best_open_value=top[2] if top else None,
        best_closed=closed[0] if closed else "",
        best_closed_slug=closed[1] if closed else "",
        best_closed_value=closed[2] if closed else None,
        lag=lag.value if lag else None,
        low=lag.low if lag else None,
        high=lag.high if lag else None,
        open_models=measured,
        lag_note=lag.note if lag else "",
    )
