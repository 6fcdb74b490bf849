"""A reader's needs against every model with a place: which fit, how they rank, what they cost and give up, and by which
rule each other one is left out."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf

from tracker.domain.capability_tax import Tax, tax
from tracker.domain.choose_parts import RULES, Broken, Candidate, Needs, Offer, Rule
from tracker.domain.choose_rules import check, cost_of
from tracker.domain.hardware import memories


@dataclass(frozen=True, slots=True)
class Excluded:
    """A model that does not fit, with every rule that it breaks."""

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
    """What fits, the ablest first; what does not; the rules by what they leave out; the best closed model of all."""

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
    checked = [(one, check(one, needs)) for one in every]
    excluded = tuple(Excluded(one, told.broken) for one, told in checked if told.broken)
    kept = [(one, told) for one, told in checked if not told.broken]
    places = _places([one for one, _ in kept])
    closed = sorted(
        (one for one in every if one.side == "closed" and one.released_on is not None and one.released_on <= on),
        key=lambda one: (one.released_on or date.max, -one.value, one.slug),
    )
    # Whoever reaches a level first has beaten everyone before: the others need not be asked for every model again.
    steps = _beating_all_before(closed)
    best = steps[-1] if steps else None
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
                own_cost=cost_of(one.own, needs) if told.offer else None,
                bits=told.bits,
                memory=memories(one.parameters) if one.downloadable else {},
                unbeaten=unbeaten,
                reasons=told.reasons,
                cautions=told.cautions,
                tax=tax(one, steps, best, on) if best else None,
            )
        )
    return Shortlist(tuple(rows), excluded, _counts(excluded), best)


def _beating_all_before(ordered: Iterable[Candidate]) -> list[Candidate]:
    found: list[Candidate] = []
    for one in ordered:
        if not found or one.value > found[-1].value:
            found.append(one)
    return found


def _places(kept: Sequence[Candidate]) -> dict[str, tuple[int, int]]:
    """The best and the worst place each may have: only intervals that do not meet are told apart. An anchor of the
    scale has no interval beside models that have one: its value is fixed. Where nobody has one nothing is told apart.
    """
    drawn = any(one.low is not None for one in kept)
    lows, highs = [], []
    for one in kept:
        low, high = one.bounds if drawn else (-inf, inf)
        lows.append(low)
        highs.append(high)
    up, down = sorted(lows), sorted(highs)
    return {
        one.slug: (1 + len(up) - bisect_right(up, high), len(down) - bisect_left(down, low))
        for one, low, high in zip(kept, lows, highs, strict=True)
    }


def _counts(excluded: Sequence[Excluded]) -> tuple[RuleCount, ...]:
    every = Counter(broken.rule for one in excluded for broken in one.broken)
    alone = Counter(one.broken[0].rule for one in excluded if len(one.broken) == 1)
    found = [RuleCount(rule, every[rule], alone[rule]) for rule in Rule if every[rule]]
    return tuple(sorted(found, key=lambda count: -count.models))
