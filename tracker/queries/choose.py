"""What choosing a model stands on: the models a run places, their licences and offers, and the short list as rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count

from tracker.domain.choose import Excluded as Excluded
from tracker.domain.choose import Row as Row
from tracker.domain.choose import Shortlist as Shortlist
from tracker.domain.choose import shortlist
from tracker.domain.choose_parts import Candidate, Offer
from tracker.domain.choose_parts import Needs as Needs
from tracker.domain.choose_rules import money as money
from tracker.domain.choose_terms import PERMITS as PERMITS
from tracker.domain.definitions import Category
from tracker.domain.hardware import ACCELERATORS as ACCELERATORS
from tracker.domain.hardware import BITS as BITS
from tracker.domain.hardware import OVERHEAD as OVERHEAD
from tracker.domain.hardware import SOURCE as SOURCE
from tracker.domain.licence_terms import LicenceDefinition
from tracker.domain.scopes import ALL
from tracker.models import Licence, ModelState, Score
from tracker.queries.gap import frontier_rows
from tracker.queries.licences import definition
from tracker.queries.run_reports import report
from tracker.queries.runs import RunInfo

REPORT = "prices"
# Fields of work that the index can be narrowed to; preference is told by votes alone and has no scale in common.
DOMAINS = (ALL, *(category.value for category in Category if category is not Category.PREFERENCE))

Place = tuple[float, float | None, float | None, str, date | None]


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One model that fits, flat: dollars a month, GB, index points, months. `first` to `last`: the places that its
    interval allows among those that fit. The fact ids are those of the prices' input side."""

    slug: str
    model: str
    lab: str
    lab_slug: str
    region: str
    access: str
    licence: str
    licence_slug: str
    released: str
    value: float
    low: float | None
    high: float | None
    first: int
    last: int
    host: str
    cost: float | None
    price_fact: int | None
    own_cost: float | None
    own_price_fact: int | None
    unbeaten: bool
    context: int | None
    parameters: float | None
    bits: int | None
    memory_16: float | None
    memory_8: float | None
    memory_4: float | None
    points_given_up: float | None
    told_apart: bool
    months_given_up: float | None
    months_at_least: bool
    months_shortest: float | None
    months_longest: float | None
    reached_by: str
    reached_by_slug: str
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissRow:
    """One model that does not fit, with every rule it breaks and what the rule says of it."""

    slug: str
    model: str
    lab: str
    value: float
    rules: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The page. `placed`: models with a place on the scale asked about; `unplaced`: those the run knows without one;
    `priced`: whether the run has said anything of prices."""

    found: Shortlist
    rows: tuple[ChoiceRow, ...]
    placed: int
    unplaced: int
    priced: bool

    def misses(self, most: int) -> tuple[MissRow, ...]:
        return tuple(_miss(one) for one in self.found.nearest(most))


def choose(run: RunInfo | None, needs: Needs, *, domain: str = ALL) -> Choice:
    """The short list under a run, on the index or on what its benchmarks of one field alone say."""
    known = ModelState.objects.filter(run_id=run.id if run else None)
    places = _places(run, domain)
    placed = known.filter(model__slug__in=places) if domain != ALL else known.filter(value__isnull=False)
    # Rows with what is asked of a model: of very many, an object of each, its lab's beside it, takes seconds.
    states: list[Any] = list(placed.values_list(*STATE, named=True))
    carried = Licence.objects.filter(pk__in={state.licence_id for state in states if state.licence_id})
    licences = {row.pk: definition(row) for row in carried}
    prices = report(run, REPORT).get("models", {})
    candidates = [_candidate(state, places, licences, prices.get(state.model__slug, {})) for state in states]
    found = shortlist(candidates, needs, on=run.as_of if run else date.min)
    return Choice(
        found=found,
        rows=tuple(_row(row) for row in found.rows),
        placed=len(candidates),
        unplaced=known.count() - len(candidates),
        priced=bool(prices),
    )


def _places(run: RunInfo | None, domain: str) -> dict[str, Place]:
    """Where a field's own benchmarks place each model; on all benchmarks that stands in the model's state."""
    if domain == ALL:
        return {}
    rows = frontier_rows(run, {"scope": domain})
    return {row.slug: (row.value, row.low, row.high, row.side, row.released_on) for row in rows}


STATE = (
    "access", "open_means", "value", "low", "high", "released_on", "licence_id", "parameters", "context", "model__slug",
    "model__name", "model__lab__name", "model__lab__slug", "model__lab__region",
)  # fmt: skip


def _candidate(
    state: Any,
    places: Mapping[str, Place],
    licences: Mapping[int, LicenceDefinition],
    price: Mapping[str, Any],
) -> Candidate:
    side = "" if not state.access else "open" if state.open_means else "closed"
    own = (state.value or 0.0, state.low, state.high, side, state.released_on)
    value, low, high, side, released_on = places.get(state.model__slug, own)
    first_party = price.get("first_party")
    offers = price.get("hosts") or ([price] if price else [])
    return Candidate(
        slug=state.model__slug,
        name=state.model__name,
        value=value,
        low=low,
        high=high,
        lab=state.model__lab__name,
        lab_slug=state.model__lab__slug,
        region=state.model__lab__region,
        side=side,
        access=state.access,
        released_on=released_on,
        licence=licences[state.licence_id] if state.licence_id else None,
        parameters=state.parameters,
        context=state.context,
        offers=tuple(_offer(one) for one in offers),
        own=_offer(first_party) if first_party else None,
    )


def _offer(told: Mapping[str, Any]) -> Offer:
    return Offer(told["host"], told["input"], told["output"], told["fact"])


def _row(row: Row) -> ChoiceRow:
    one, tax = row.candidate, row.tax
    reached = tax.reached_by if tax else None
    return ChoiceRow(
        slug=one.slug,
        model=one.name,
        lab=one.lab,
        lab_slug=one.lab_slug,
        region=one.region,
        access=one.access,
        licence=one.licence.name if one.licence else "",
        licence_slug=one.licence.slug if one.licence else "",
        released=str(one.released_on or ""),
        value=one.value,
        low=one.low,
        high=one.high,
        first=row.first,
        last=row.last,
        host=row.offer.host if row.offer else "",
        cost=row.cost,
        price_fact=row.offer.fact if row.offer else None,
        own_cost=row.own_cost,
        own_price_fact=one.own.fact if one.own else None,
        unbeaten=row.unbeaten,
        context=one.context,
        parameters=one.parameters,
        bits=row.bits,
        memory_16=row.memory.get(16),
        memory_8=row.memory.get(8),
        memory_4=row.memory.get(4),
        points_given_up=tax.points if tax else None,
        told_apart=bool(tax and tax.apart),
        months_given_up=tax.months if tax else None,
        months_at_least=bool(tax and tax.at_least),
        months_shortest=tax.shortest if tax else None,
        months_longest=tax.longest if tax else None,
        reached_by=reached.name if reached else "",
        reached_by_slug=reached.slug if reached else "",
        reasons=row.reasons,
        cautions=row.cautions,
    )


def _miss(one: Excluded) -> MissRow:
    candidate = one.candidate
    return MissRow(
        slug=candidate.slug,
        model=candidate.name,
        lab=candidate.lab,
        value=candidate.value,
        rules=tuple(broken.rule.value for broken in one.broken),
        words=tuple(broken.words for broken in one.broken),
    )


def benchmarks_of(slugs: list[str], domain: str, *, known_at: datetime | None) -> dict[str, int]:
    """On how many of the field's benchmarks that may be shown each of these few models has a score."""
    scores = Score.objects.known(known_at).filter(
        model__slug__in=slugs,
        benchmark__category=domain,
        benchmark__in_index=True,
        benchmark__may_display=True,
        endpoint__source__may_display=True,
    )
    counted = scores.order_by().values_list("model__slug").annotate(Count("benchmark", distinct=True))
    return dict(counted)
