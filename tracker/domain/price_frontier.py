"""What capability costs: the blended price, offers in force, the Pareto frontier, and a level's price over time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.prices import TRUST, Quote, in_force

# Input to output tokens: what the field weighs a price by. Stated wherever a blended price stands.
BLEND: Final = (3, 1)
# The grid on the index at which a level's price is followed, in points.
LEVEL_STEP: Final = 10.0
# Fewer draws that have models at the level on both sides say nothing of how far to trust a ratio.
LEAST_DRAWS: Final = 20
CENTRAL: Final = (5.0, 95.0)
SIDES: Final = (True, False)  # open, closed


def blended(asked: float, answered: float) -> float:
    """Dollars per million tokens, of which `BLEND` are input and output."""
    return (BLEND[0] * asked + BLEND[1] * answered) / sum(BLEND)


@dataclass(frozen=True, slots=True)
class Told:
    """A quote with the days on which it counts: from `begins` until the day before `ends`; None, it still holds."""

    quote: Quote
    begins: date
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What one host asks for one model on a day, as it is believed. `fact` is the row of the input price."""

    model: str
    host: str
    input: float
    output: float
    fact: int
    source: str
    since: date | None = None

    @property
    def blend(self) -> float:
        return blended(self.input, self.output)


@dataclass(frozen=True, slots=True)
class Placed:
    """A model with what it costs and how able it is. `open` None: nobody told how it can be had."""

    model: str
    price: float
    value: float
    open: bool | None
    released_on: date


@dataclass(frozen=True, slots=True)
class Cheapest:
    """The least that a level of the index cost on a day, and of which offer."""

    on: date
    offer: Offer

    @property
    def price(self) -> float:
        return self.offer.blend


Chosen = Mapping[tuple[str, str, str], int]
NOTHING_CHOSEN: Chosen = {}


def offers(told: Iterable[Told], on: date, chosen: Chosen = NOTHING_CHOSEN) -> list[Offer]:
    """The offers in force on a day, one a model and host: the most trusted source's, of its own the newest.

    A free tier (0) is a way to try a model and no offer. `chosen` holds the fact that a curator believes by model, host
    and field ("input" or "output"), while it is in force.
    """
    holding = [one.quote for one in told if one.begins <= on and (one.ends is None or on < one.ends)]
    places: dict[tuple[str, str], list[Quote]] = defaultdict(list)
    for quote in in_force(holding, on):
        if quote.input and quote.output:
            places[quote.model, quote.host].append(quote)
    found = []
    for (model, host), quotes in sorted(places.items()):
        best = min(quotes, key=_trust)
        named = {quote.fact: quote for quote in quotes}
        asked = named.get(chosen.get((model, host, "input"), best.fact), best)
        answered = named.get(chosen.get((model, host, "output"), best.fact), best)
        if asked.input and answered.output:
            found.append(Offer(model, host, asked.input, answered.output, asked.fact, asked.source, asked.since))
    return found


def _trust(quote: Quote) -> tuple[int, int, int]:
    rank = TRUST.index(quote.source) if quote.source in TRUST else len(TRUST)
    return rank, -(quote.since or date.min).toordinal(), quote.fact


def by_model(found: Iterable[Offer]) -> dict[str, list[Offer]]:
    """Each model's offers, the cheapest first; a tie is left to the host that comes first by name."""
    models: dict[str, list[Offer]] = defaultdict(list)
    for offer in sorted(found, key=lambda offer: (offer.blend, offer.host)):
        models[offer.model].append(offer)
    return dict(models)


def pareto(models: Iterable[Placed]) -> list[Placed]:
    """The models that no other beats, the cheapest first: none is at least as able for less, or abler for no more."""
    best: list[Placed] = []
    for model in sorted(models, key=lambda model: (model.price, -model.value, model.model)):
        if not best or model.value > best[-1].value or _same(model, best[-1]):
            best.append(model)
    return best


def _same(one: Placed, other: Placed) -> bool:
    return (one.price, one.value) == (other.price, other.value)


def levels(values: Iterable[float], step: float = LEVEL_STEP) -> list[float]:
    """The levels of the grid that at least one of the values reaches and not all of them lie above, lowest first."""
    found = sorted(values)
    if not found:
        return []
    first, last = int(-(-found[0] // step)), int(found[-1] // step)
    return [step * nth for nth in range(first, last + 1)]


def month_ends(since: date, until: date) -> Iterator[date]:
    """The last days of the months from that of `since`, and `until` itself where its month is not over."""
    on = since
    while True:
        end = date(on.year + on.month // 12, on.month % 12 + 1, 1) - timedelta(days=1)
        if end >= until:
            yield until
            return
        yield end
        on = end + timedelta(days=1)


def price_of_level(
    days: Mapping[date, Sequence[Offer]], values: Mapping[str, float], able: Collection[str], level: float
) -> list[Cheapest]:
    """Day by day the cheapest offer of those models (`able`: of one side) that reach the level; a day on which none
    does is left out. The days' offers are those of models released by then."""
    found = []
    for on, some in sorted(days.items()):
        reaching = [offer for offer in some if offer.model in able and values.get(offer.model, -np.inf) >= level]
        if reaching:
            found.append(Cheapest(on, min(reaching, key=lambda offer: (offer.blend, offer.model, offer.host))))
    return found


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times the cheapest open model's price the cheapest closed model of the same level costs: what staying
    closed costs. The interval is the central 90 % of the index's draws in which both sides reach the level; `held` is
    the share of such draws."""

    level: float
    closed: float
    open: float
    low: float | None
    high: float | None
    held: float

    @property
    def value(self) -> float:
        return self.closed / self.open


def cost_of_closed(models: Sequence[Placed], level: float, drawn: NDArray[np.floating] | None = None) -> Ratio | None:
    """The ratio at one level; None where a side does not reach it. `drawn` has a row a draw and a column a model, NaN
    where the draw has no place for it."""
    sides = {side: [model.price for model in models if model.open is side and model.value >= level] for side in SIDES}
    if not all(sides.values()):
        return None
    ratios: NDArray[np.floating] = np.array([])
    held = 0.0
    if drawn is not None and len(drawn):
        prices = np.array([model.price for model in models])
        reached = np.where(drawn >= level, prices, np.inf)
        least = {
            side: reached[:, [model.open is side for model in models]].min(axis=1, initial=np.inf) for side in SIDES
        }
        there = np.isfinite(least[True]) & np.isfinite(least[False])
        ratios, held = least[False][there] / least[True][there], float(there.mean())
    low, high = np.percentile(ratios, CENTRAL).tolist() if len(ratios) >= LEAST_DRAWS else (None, None)
    return Ratio(level, min(sides[False]), min(sides[True]), low, high, held)
