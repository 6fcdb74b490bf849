"""Prices that moved the frontier of what a dollar buys, and models that took the lead of a benchmark of their field."""

from collections.abc import Iterator

from tracker.domain.notable import Item, Topic
from tracker.domain.notable_facts import Lead, PriceWeek, Sold, Week
from tracker.domain.notable_words import at, dollars, join, listed, number, score

UNIT = "per million tokens (three of input to one of output)"
# A price that moved by less than this share is the same one, rounded otherwise.
MOVED = 0.01
MOST = 2


def items(week: Week) -> Iterator[Item]:
    """The price frontier's moves in one item, the records that matter most one by one, lost records in one item."""
    if week.prices is not None:
        yield from _prices(week.prices, week)
    yield from _records(week)


def moved(prices: PriceWeek, one: Sold) -> bool:
    """Whether a price put the model where it is: one not sold before, or at another price. A model that only scores
    otherwise than a week ago moved no price."""
    old = prices.asked_before.get(one.slug)
    return old is None or abs(one.blend - old) > MOVED * old


def _prices(prices: PriceWeek, week: Week) -> Iterator[Item]:
    stood = {one.slug for one in prices.before}
    stands = {one.slug for one in prices.now}
    changed = sorted((one for one in prices.now if moved(prices, one)), key=lambda one: (-one.value, one.slug))
    if not changed or not prices.before:
        return
    first, others = changed[0], changed[1:]
    gone = [one.model for one in prices.before if one.slug not in stands]
    dearer = [one for one in prices.before if one.slug not in stands and _dearer(prices, one)]
    told = [f"{one.model} at {dollars(one.blend)}{_was(prices, one)}" for one in others]
    yield Item(
        id="prices:frontier",
        topic=Topic.PRICES,
        title=f"{first.model} at {dollars(first.blend)} per million tokens "
        + ("moves" if first.slug in stood else "joins")
        + " the frontier of what a price buys",
        text=join(
            f"No other model is as able for less: it stands at {number(first.value)} index points and costs "
            f"{dollars(first.blend)} {UNIT} at {first.host}{_was(prices, first)}.",
            f"New on that line, or moved along it: {listed(told, 4)}." if told else "",
            f"No longer on it: {listed(gone, 4)}." if gone else "",
            f"Dearer than a week ago: {listed([one.model for one in dearer], 3)}." if dearer else "",
        ),
        url=at("/prices/", week.as_of),
        weight=5.0,
        labs=tuple(dict.fromkeys(one.lab_slug for one in changed)),
    )


def _was(prices: PriceWeek, one: Sold) -> str:
    old = prices.asked_before.get(one.slug)
    return f" ({dollars(old)} a week ago)" if old is not None else ""


def _dearer(prices: PriceWeek, one: Sold) -> bool:
    asked = prices.asked_now.get(one.slug)
    return asked is not None and asked > one.blend * (1 + MOVED)


def _records(week: Week) -> Iterator[Item]:
    records = [lead for lead in week.leads if lead.better]
    for lead in sorted(records, key=lambda lead: (not lead.headline, lead.slug))[:MOST]:
        yield _record(lead, week)
    lost = [lead for lead in week.leads if not lead.better]
    if lost:
        names = [f"{lead.benchmark} ({lead.model}, {score(lead.score, lead.unit)})" for lead in lost]
        yield Item(
            id="specialists:lower",
            topic=Topic.DATA,
            title=f"The record on {listed([lead.benchmark for lead in lost], 3)} is lower than a week ago",
            text=f"A score that led was corrected, withdrawn or set aside. The best now: {listed(names, 4)}.",
            url=at("/specialists/", week.as_of),
            weight=4.0,
        )


def _record(lead: Lead, week: Week) -> Item:
    own = "its own" if lead.before == lead.model else f"by {lead.before}"
    side = {"open": "Its weights are open.", "closed": "It is closed."}.get(lead.side, "")
    return Item(
        id=f"record:{lead.slug}",
        topic=Topic.SPECIALISTS,
        title=f"{lead.model} leads {lead.benchmark} ({lead.field.lower()}) with {score(lead.score, lead.unit)}",
        text=join(
            f"The record a week ago was {score(lead.before_score, lead.unit)}, {own}.",
            side,
            f"It costs {dollars(lead.price)} {UNIT}." if lead.price else "",
        ),
        url=at(f"/benchmarks/{lead.slug}/", week.as_of),
        weight=4.5 if lead.headline else 3.5,
        labs=lead.labs,
    )
