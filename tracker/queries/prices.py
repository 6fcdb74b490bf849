"""What capability costs as a run reported it: models and offers, the Pareto frontier, a level's price over time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tracker.queries.run_reports import report
from tracker.queries.runs import RunInfo

REPORT = "prices"
SIDES = ("open", "closed")
# So many levels stand in the chart over time: the highest that both sides have reached.
CHARTED = 3

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One model that somebody sells: its cheapest offer, its maker's own, its place on the index. Prices are dollars
    per million tokens; `blend` weighs three input tokens to one of output. `side` is blank where nobody told how the
    model can be had; `pareto`: no other model is at least as able for less, or abler for no more."""

    model: str
    slug: str
    lab: str
    lab_slug: str
    region: str
    side: str
    released: str
    value: float | None
    low: float | None
    high: float | None
    blend: float
    input: float
    output: float
    host: str
    since: str
    fact: int
    own_host: str
    own_blend: float | None
    own_fact: int | None
    hosts: int
    pareto: bool
    pareto_of_side: bool


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One host's offer of one model."""

    host: str
    blend: float
    fact: int


@dataclass(frozen=True, slots=True)
class LevelRow:
    """The least that a level of the index cost on one side at a month's end, and whose offer that was."""

    level: float
    side: str
    month: date
    price: float
    model: str
    slug: str
    host: str
    fact: int


@dataclass(frozen=True, slots=True)
class RatioRow:
    """What staying closed costs at one level today: the cheapest closed model's price over the cheapest open one's."""

    level: float
    open: LevelRow | None
    closed: LevelRow | None
    ratio: float | None
    low: float | None
    high: float | None

    @property
    def told_apart(self) -> bool:
        """Whether the interval leaves out that both cost the same."""
        return self.low is not None and self.high is not None and not self.low <= 1 <= self.high


@dataclass(frozen=True, slots=True)
class PriceFilter:
    """What the table can be narrowed by; blank is everything. `level` is the least place on the index."""

    side: str = ""
    region: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Prices:
    """The page: the day of the prices, the models that fit, the levels there are, what staying closed costs."""

    on: str
    rows: tuple[PriceRow, ...]
    every: int
    levels: tuple[str, ...]
    ratios: tuple[RatioRow, ...]
    pareto: tuple[PriceRow, ...]
    offers: Mapping[str, tuple[OfferRow, ...]]


def prices(run: RunInfo | None) -> Prices:
    """Everything for the page, from one report."""
    told = report(run, REPORT)
    rows = _rows(told)
    return Prices(
        on=told.get("on", ""),
        rows=tuple(rows),
        every=len(rows),
        levels=tuple(dict.fromkeys(f"{one['level']:g}" for one in told.get("levels", []))),
        ratios=tuple(_ratios(told)),
        pareto=tuple(sorted((row for row in rows if row.pareto), key=lambda row: row.blend)),
        offers={
            slug: tuple(OfferRow(one["host"], one["blend"], one["fact"]) for one in model["hosts"])
            for slug, model in told.get("models", {}).items()
        },
    )


def narrowed(found: Prices, wanted: PriceFilter) -> Prices:
    """The same with the models that fit."""
    return replace(found, rows=tuple(row for row in found.rows if _fits(row, wanted)))


def placed_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[PriceRow]:
    """The models with a price and a place on the index, of one `region` if it is named: what the chart shows."""
    wanted = PriceFilter(region=params.get("region", ""))
    return [row for row in _rows(report(run, REPORT)) if row.value is not None and _fits(row, wanted)]


def level_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[LevelRow]:
    """The price over time of the highest levels that both sides have reached, or of the highest there are."""
    found = _levels(report(run, REPORT))
    sides: dict[float, set[str]] = {}
    for row in found:
        sides.setdefault(row.level, set()).add(row.side)
    both = [level for level, some in sides.items() if len(some) == len(SIDES)] or list(sides)
    shown = sorted(both)[-CHARTED:]
    return [row for row in found if row.level in shown]


def _fits(row: PriceRow, wanted: PriceFilter) -> bool:
    return (
        (not wanted.side or row.side == wanted.side)
        and (not wanted.region or row.region == wanted.region)
        and (not wanted.level or (row.value is not None and row.value >= float(wanted.level)))
    )


def _rows(told: Found) -> list[PriceRow]:
    """The ablest first; models without a place on the index last, the cheapest of them first."""
    best = {side: frozenset(slugs) for side, slugs in told.get("pareto", {}).items()}
    rows = [_row(slug, model, best) for slug, model in told.get("models", {}).items()]
    return sorted(rows, key=lambda row: (row.value is None, -(row.value or 0.0), row.blend, row.slug))


def _row(slug: str, model: Found, best: Mapping[str, frozenset[str]]) -> PriceRow:
    side = "" if model["open"] is None else "open" if model["open"] else "closed"
    own = model["first_party"] or {}
    return PriceRow(
        model=model["name"],
        slug=slug,
        lab=model["lab_name"],
        lab_slug=model["lab"],
        region=model["region"],
        side=side,
        released=model["released"],
        value=model["value"],
        low=model["low"],
        high=model["high"],
        blend=model["blend"],
        input=model["input"],
        output=model["output"],
        host=model["host"],
        since=model["since"],
        fact=model["fact"],
        own_host=own.get("host", ""),
        own_blend=own.get("blend"),
        own_fact=own.get("fact"),
        hosts=len(model["hosts"]),
        pareto=slug in best.get("all", ()),
        pareto_of_side=slug in best.get(side, ()),
    )


def _levels(told: Found) -> list[LevelRow]:
    names = told.get("names", {})
    return [
        LevelRow(one["level"], one["side"], date.fromisoformat(on), price, names.get(slug, slug), slug, host, fact)
        for one in told.get("levels", [])
        for on, price, slug, host, fact in one["months"]
    ]


def _ratios(told: Found) -> list[RatioRow]:
    """Level by level, the highest first; a side that no model of today's offers reaches the level on is left blank."""
    today = {(row.level, row.side): row for row in _levels(told) if str(row.month) == told.get("on")}
    known = {one["level"]: one for one in told.get("ratios", [])}
    found = []
    for level in sorted({level for level, _ in today}, reverse=True):
        one = known.get(level, {})
        opened, closed = today.get((level, "open")), today.get((level, "closed"))
        found.append(RatioRow(level, opened, closed, one.get("ratio"), one.get("low"), one.get("high")))
    return found
