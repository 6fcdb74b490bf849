"""A reader's needs against every model that has a place: which fit, how they rank, what they cost, what is given up, and
which rule leaves each other one out."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import inf
from typing import Final

from tracker.domain.choose_terms import PERMITS, permits
from tracker.domain.frontier import DAYS_PER_MONTH
from tracker.domain.hardware import BITS, memories, widest
from tracker.domain.licence_terms import LicenceDefinition
from tracker.domain.permission import Outcome
from tracker.domain.records import Access


class Rule(StrEnum):
    """What can leave a model out. Those of the licence go by the name of the need."""

    REGION = "region"
    CONTEXT = "context"
    UNTOLD_CONTEXT = "context-untold"
    COMMERCIAL = "commercial"
    OUTPUTS = "outputs"
    SHARE = "share"
    UNNAMED = "unnamed"
    UNLIMITED = "unlimited"
    OSI = "osi"
    UNREAD = "unread"
    HOSTING = "hosting"
    MEMORY = "memory"
    UNTOLD_SIZE = "size-untold"
    UNSOLD = "unsold"
    UNPRICED = "unpriced"
    BUDGET = "budget"


RULES: Final[Mapping[Rule, str]] = {
    Rule.REGION: "The lab is not of these regions",
    Rule.CONTEXT: "The context is too short",
    Rule.UNTOLD_CONTEXT: "Nobody has told how long its context is",
    **{Rule(need): f"The licence does not give: {words.lower()}" for need, words in PERMITS.items()},
    Rule.OSI: "The licence is not approved by the OSI",
    Rule.UNREAD: "Nobody has read whether its terms give what is needed",
    Rule.HOSTING: "Its weights cannot be downloaded",
    Rule.MEMORY: "It does not fit into the memory",
    Rule.UNTOLD_SIZE: "Nobody has told its size, so nobody knows whether it fits",
    Rule.UNSOLD: "No tracked host sells it",
    Rule.UNPRICED: "No price of it is known",
    Rule.BUDGET: "It costs more than the budget",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What one host asks, in dollars per million tokens."""

    host: str
    input: float
    output: float
    fact: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model with a place on the scale that is asked about. `offers` has the cheapest first by the usual blend of
    tokens; `own` is its maker's. `side` is blank where nobody told how the model can be had."""

    slug: str
    name: str
    value: float
    low: float | None = None
    high: float | None = None
    lab: str = ""
    lab_slug: str = ""
    region: str = ""
    side: str = ""
    access: str = ""
    released_on: date | None = None
    licence: LicenceDefinition | None = None
    parameters: float | None = None
    context: int | None = None
    offers: tuple[Offer, ...] = ()
    own: Offer | None = None

    @property
    def downloadable(self) -> bool:
        return bool(self.access) and Access(self.access).downloadable


@dataclass(frozen=True, slots=True)
class Needs:
    """Dollars and million tokens a month, GB of memory; None is what the reader does not say, or has none of.

    Without memory a model is had through somebody's API; with it on the reader's machine too; `own`: only there.
    `bits` is the narrowest width of weights that will do. `unread` keeps models whose terms nobody has read.
    """

    budget: float | None = None
    tokens_in: float = 0.0
    tokens_out: float = 0.0
    memory: float | None = None
    bits: int = BITS[-1]
    own: bool = False
    may: tuple[str, ...] = ()
    unread: bool = False
    regions: tuple[str, ...] = ()
    context: int | None = None

    @property
    def volume(self) -> bool:
        return bool(self.tokens_in or self.tokens_out)

    @property
    def limited(self) -> bool:
        """Whether the budget can leave anything out: without a volume nothing has a cost."""
        return self.budget is not None and self.volume


@dataclass(frozen=True, slots=True)
class Broken:
    rule: Rule
    words: str


@dataclass(frozen=True, slots=True)
class Excluded:
    candidate: Candidate
    broken: tuple[Broken, ...]


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many models a rule leaves out, and how many nothing but it."""

    rule: Rule
    models: int
    alone: int

    @property
    def words(self) -> str:
        return RULES[self.rule]


@dataclass(frozen=True, slots=True)
class Tax:
    """What is given up against the best closed model: points, and for how long closed models have stood here.

    `points` below zero: the model is ahead. `apart`: the intervals of the two do not meet. `months` is None where no
    closed model has reached the level; `shortest` and `longest` move the model's own value through its interval, with
    None on the side where no closed model has reached it. `at_least`: closed models were past it from the first day on
    which any was measured.
    """

    points: float
    apart: bool
    months: float | None
    at_least: bool
    shortest: float | None
    longest: float | None
    reached_by: Candidate | None


@dataclass(frozen=True, slots=True)
class Row:
    """A model that fits. `first` to `last` are the places it may have among those that fit: models whose intervals meet
    cannot be told apart. `unbeaten`: nothing that fits is as able for no more. `bits`: as wide as the memory allows."""

    candidate: Candidate
    first: int
    last: int
    offer: Offer | None
    cost: float | None
    own_cost: float | None
    bits: int | None
    memory: Mapping[int, float]
    unbeaten: bool
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]
    tax: Tax | None


@dataclass(frozen=True, slots=True)
class Shortlist:
    """What fits, the ablest first; what does not; the rules by how much they leave out; the best closed model of all."""

    rows: tuple[Row, ...]
    excluded: tuple[Excluded, ...]
    counts: tuple[RuleCount, ...]
    best_closed: Candidate | None

    def nearest(self, most: int) -> tuple[Excluded, ...]:
        """Those that miss the fewest rules, the ablest first."""
        ranked = sorted(self.excluded, key=lambda one: (len(one.broken), -one.candidate.value, one.candidate.slug))
        return tuple(ranked[:most])


def shortlist(candidates: Iterable[Candidate], needs: Needs, *, on: date) -> Shortlist:
    """Hold every candidate against the needs; `on` is the day that lags are counted to."""
    every = sorted(candidates, key=lambda one: (-one.value, one.slug))
    checked = [(one, _check(one, needs)) for one in every]
    excluded = tuple(Excluded(one, told.broken) for one, told in checked if told.broken)
    kept = [(one, told) for one, told in checked if not told.broken]
    places = _places([one for one, _ in kept])
    closed = sorted(
        (one for one in every if one.side == "closed" and one.released_on is not None and one.released_on <= on),
        key=lambda one: (one.released_on or date.max, -one.value, one.slug),
    )
    best = max(closed, key=lambda one: one.value, default=None)
    rows, least = [], inf
    for one, told in kept:
        cost = told.cost
        unbeaten = cost is not None and cost < least
        least = min(least, inf if cost is None else cost)
        rows.append(
            Row(
                candidate=one,
                first=places[one.slug][0],
                last=places[one.slug][1],
                offer=told.offer,
                cost=cost,
                own_cost=cost_of(one.own, needs),
                bits=told.bits,
                memory=memories(one.parameters) if one.downloadable else {},
                unbeaten=unbeaten,
                reasons=told.reasons,
                cautions=told.cautions,
                tax=tax(one, closed, best, on) if best else None,
            )
        )
    return Shortlist(tuple(rows), excluded, _counts(excluded), best)


def cost_of(offer: Offer | None, needs: Needs) -> float | None:
    """Dollars a month at the list price; None without an offer or a volume."""
    if offer is None or not needs.volume:
        return None
    return needs.tokens_in * offer.input + needs.tokens_out * offer.output


def cheapest(candidate: Candidate, needs: Needs) -> Offer | None:
    """The offer that costs least for this volume; without one the least by the usual blend."""
    if not needs.volume:
        return candidate.offers[0] if candidate.offers else None
    return min(candidate.offers, key=lambda one: (cost_of(one, needs) or 0.0, one.host), default=None)


def money(dollars: float) -> str:
    return f"${dollars:,.2f}" if dollars < 100 else f"${dollars:,.0f}"


@dataclass(frozen=True, slots=True)
class _Checked:
    broken: tuple[Broken, ...]
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]
    offer: Offer | None
    cost: float | None
    bits: int | None


@dataclass(slots=True)
class _Way:
    """One way to have a model: why it goes, or the rule and words why not."""

    words: str = ""
    broken: Broken | None = None


def _check(one: Candidate, needs: Needs) -> _Checked:
    broken: list[Broken] = []
    reasons: list[str] = []
    cautions: list[str] = []
    if needs.regions and one.region not in needs.regions:
        broken.append(Broken(Rule.REGION, f"{one.lab} sits elsewhere"))
    if needs.context:
        if one.context is None:
            broken.append(Broken(Rule.UNTOLD_CONTEXT, "nobody has told how long its context is"))
        elif one.context < needs.context:
            broken.append(Broken(Rule.CONTEXT, f"takes {one.context:,} tokens, {needs.context:,} are needed"))
        else:
            reasons.append(f"takes {one.context:,} tokens")
    for permit in permits(one.licence, needs.may):
        if permit.outcome is Outcome.BLOCKED:
            broken.append(Broken(Rule(permit.need), permit.words))
        elif permit.outcome is Outcome.UNKNOWN and not needs.unread:
            broken.append(Broken(Rule.UNREAD, f"{permit.words} ({PERMITS[permit.need].lower()})"))
        elif permit.outcome is Outcome.ALLOWED:
            reasons.append(f"licence: {PERMITS[permit.need].lower()}")
        else:
            cautions.append(permit.words)
    offer = None if needs.own else cheapest(one, needs)
    cost = cost_of(offer, needs)
    wanted = needs.own or needs.memory is not None
    here, bits = _here(one, needs) if wanted else (None, None)
    there = None if needs.own else _there(one, needs, offer, cost)
    ways = [way for way in (there, here) if way is not None]
    reasons[:0] = [way.words for way in ways if way.broken is None and way.words]
    if all(way.broken for way in ways):
        broken.append(_neither(one, there, here))
    elif there is not None and there.broken is None and offer is None:
        cautions.append("no price of it is known")
    return _Checked(tuple(_unrepeated(broken)), tuple(reasons), tuple(cautions), offer, cost, bits)


def _here(one: Candidate, needs: Needs) -> tuple[_Way, int | None]:
    """On the reader's own machine, and the width of the weights at which it goes."""
    if not one.downloadable:
        return _Way(broken=Broken(Rule.HOSTING, "its weights cannot be downloaded")), None
    if needs.memory is None:
        return _Way("its weights can be downloaded"), None
    if not one.parameters:
        return _Way(broken=Broken(Rule.UNTOLD_SIZE, "nobody has told its size")), None
    asked, bits = memories(one.parameters), widest(one.parameters, needs.memory, needs.bits)
    if bits is None:
        words = f"needs about {asked[needs.bits]:,.0f} GB at {needs.bits} bits, {needs.memory:,g} GB are there"
        return _Way(broken=Broken(Rule.MEMORY, words)), None
    return _Way(f"fits into {needs.memory:,g} GB at {bits} bits: about {asked[bits]:,.1f} GB"), bits


def _there(one: Candidate, needs: Needs, offer: Offer | None, cost: float | None) -> _Way:
    """Through somebody's API."""
    if offer is None:
        if one.access != Access.API:
            return _Way(broken=Broken(Rule.UNSOLD, "no tracked host sells it"))
        if needs.limited:
            return _Way(broken=Broken(Rule.UNPRICED, "no price of it is known"))
        return _Way("its maker offers an API")
    if cost is None:
        return _Way(f"sold by {offer.host}")
    if needs.budget is not None and cost > needs.budget:
        words = f"{money(cost)} a month at {offer.host}, {money(needs.budget)} are there"
        return _Way(broken=Broken(Rule.BUDGET, words))
    return _Way(f"{money(cost)} a month at {offer.host}")


def _neither(one: Candidate, there: _Way | None, here: _Way | None) -> Broken:
    """The one rule that stands for a model that can be had in no way: what would have to give is either of the two."""
    ways = [way.broken for way in (there, here) if way and way.broken]
    if there and there.broken and here and here.broken and one.downloadable:
        first = here.broken if there.broken.rule in (Rule.UNSOLD, Rule.UNPRICED) else there.broken
        return Broken(first.rule, "; ".join(way.words for way in ways))
    return ways[0]


def _unrepeated(broken: Iterable[Broken]) -> list[Broken]:
    """One entry per rule: several needs of one licence may go unread together."""
    found: dict[Rule, Broken] = {}
    for one in broken:
        known = found.get(one.rule)
        found[one.rule] = one if known is None else Broken(one.rule, f"{known.words}; {one.words}")
    return list(found.values())


def _places(kept: Sequence[Candidate]) -> dict[str, tuple[int, int]]:
    """The best and the worst place each may have: only intervals that do not meet are told apart. An anchor of the scale
    has no interval beside models that have one: its value is fixed. Where nobody has one nothing is told apart."""
    drawn = any(one.low is not None for one in kept)
    lows, highs = [], []
    for one in kept:
        low, high = _bounds(one) if drawn else (-inf, inf)
        lows.append(low)
        highs.append(high)
    up, down = sorted(lows), sorted(highs)
    return {
        one.slug: (1 + len(up) - bisect_right(up, high), len(down) - bisect_left(down, low))
        for one, low, high in zip(kept, lows, highs, strict=True)
    }


def _bounds(one: Candidate) -> tuple[float, float]:
    return (one.value, one.value) if one.low is None or one.high is None else (one.low, one.high)


def tax(one: Candidate, closed: Sequence[Candidate], best: Candidate, on: date) -> Tax:
    """What this model gives up against `best`, the ablest of `closed`, which stands in the order of release.

    The months are counted as L1 counts them for the open frontier: from the first closed release at or above the level
    to the day of the data.
    """
    low, high = _bounds(one)
    apart = _bounds(best)[0] > high or _bounds(best)[1] < low
    told = one.low is not None or best.low is not None
    reached = _reached(one.value, closed)
    months = None if reached is None else _months(reached, on)
    return Tax(
        points=best.value - one.value,
        apart=apart and told and one.slug != best.slug,
        months=0.0 if one.slug == best.slug else months,
        at_least=reached is not None and reached.released_on == closed[0].released_on and one.slug != reached.slug,
        shortest=None if (late := _reached(high, closed)) is None else _months(late, on),
        longest=None if (early := _reached(low, closed)) is None else _months(early, on),
        reached_by=reached,
    )


def _reached(level: float, closed: Sequence[Candidate]) -> Candidate | None:
    return next((one for one in closed if one.value >= level), None)


def _months(one: Candidate, on: date) -> float:
    return (on - one.released_on).days / DAYS_PER_MONTH if one.released_on else 0.0


def _counts(excluded: Sequence[Excluded]) -> tuple[RuleCount, ...]:
    every = Counter(broken.rule for one in excluded for broken in one.broken)
    alone = Counter(one.broken[0].rule for one in excluded if len(one.broken) == 1)
    found = [RuleCount(rule, every[rule], alone[rule]) for rule in Rule if every[rule]]
    return tuple(sorted(found, key=lambda count: -count.models))
