"""How one candidate is held against a reader's needs: the rules that it breaks, or the reasons why it fits."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.domain.choose_parts import Broken, Candidate, Needs, Offer, Rule
from tracker.domain.choose_terms import PERMITS, permits, small
from tracker.domain.hardware import memories, widest
from tracker.domain.permission import Outcome
from tracker.domain.records import Access


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
    """Dollars: whole ones from a hundred on, cents below, one significant digit below a cent."""
    if 0 < dollars < 0.01:
        return f"${dollars:.1g}"
    return f"${dollars:,.2f}" if dollars < 100 else f"${dollars:,.0f}"


@dataclass(frozen=True, slots=True)
class Checked:
    """`offer` and `cost` are blank where it can only be had on the reader's own machine."""

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


def check(one: Candidate, needs: Needs) -> Checked:
    """Every rule that the candidate breaks, each once; beside them why it fits otherwise, and what to mind.

    A model can be had through an API and on the reader's own machine. Only where all the ways that the needs allow are
    closed is that a broken rule, and one rule stands for them.
    """
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
        if permit.need == "share" and one.service:
            # A fact of its release, whatever its terms say.
            broken.append(Broken(Rule.SHARE, "its weights are not released, so there is nothing to pass on"))
        elif permit.outcome is Outcome.BLOCKED:
            broken.append(Broken(Rule(permit.need), permit.words))
        elif permit.outcome is Outcome.UNKNOWN and not needs.unread and one.service:
            words = f"nobody has read {one.lab}’s terms of service for: {small(PERMITS[permit.need])}"
            broken.append(Broken(Rule.SERVICE, words))
        elif permit.outcome is Outcome.UNKNOWN and not needs.unread:
            broken.append(Broken(Rule.UNREAD, f"{permit.words} ({small(PERMITS[permit.need])})"))
        elif permit.outcome is Outcome.ALLOWED:
            reasons.append(f"licence: {small(PERMITS[permit.need])}")
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
    elif there is not None and there.broken is not None:
        cautions.append(f"on your own machine only: {there.broken.words}")
        offer = cost = None
    elif there is not None and offer is None:
        cautions.append("no price of it is known")
    return Checked(tuple(_unrepeated(broken)), tuple(reasons), tuple(cautions), offer, cost, bits)


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
            return _Way(broken=Broken(Rule.UNSOLD, "no host is known to sell it"))
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
