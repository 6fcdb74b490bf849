"""A week's facts → the issue: what each part of the product has to say, ranked, cut to what is read in two minutes."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tracker.domain import (
    notable_ahead,
    notable_claims,
    notable_data,
    notable_gap,
    notable_models,
    notable_prices,
    notable_strategy,
    notable_terms,
)
from tracker.domain.notable import HEADLINE, Content, Item, Picture, Topic, cut, preheader, subject
from tracker.domain.notable_facts import Standing, Week
from tracker.domain.notable_words import at, between, day, dollars, number

MOST = 12
OF_ONE_TOPIC = 4
# What weighs less is a note: a week of notes alone is a quiet one, and brings few of them.
NEWS = 4.0
NOTES = 4
AHEAD = "ahead:"  # how the names of what to watch begin
PARTS = (
    notable_gap,
    notable_claims,
    notable_models,
    notable_terms,
    notable_strategy,
    notable_prices,
    notable_data,
    notable_ahead,
)


def compose(week: str, facts: Week) -> Content:
    """The issue of an ISO week."""
    found = [item for part in PARTS for item in part.items(facts)]
    quiet = not any(item.flips or (item.id != HEADLINE and item.weight >= NEWS) for item in found)
    items = ranked(found, most=1 + NOTES if quiet else MOST)
    return Content(
        week=week,
        as_of=str(facts.as_of),
        subject=cut(f"A quiet week: {_begun(items[0].title)}", 90) if quiet and items else subject(items),
        preheader=preheader(items),
        items=items,
        pictures=tuple(pictures(facts, items)),
        quiet=quiet,
    )


def _begun(title: str) -> str:
    return f"{title[:1].lower()}{title[1:]}"


def ranked(items: Iterable[Item], *, most: int = MOST) -> tuple[Item, ...]:
    """The weightiest, of each topic a few, topic by topic: first the topic with the weightiest of all, last what to
    watch. The same items give the same order, however they come."""
    topics = list(Topic)
    ordered = sorted(items, key=lambda item: (-item.weight, topics.index(item.topic), item.id))
    seen: Counter[Topic] = Counter()
    kept = []
    for item in ordered:
        seen[item.topic] += 1
        if seen[item.topic] <= OF_ONE_TOPIC:
            kept.append(item)
    some = _watched(kept[:most], ordered)
    places = list(dict.fromkeys(item.topic for item in some))
    return tuple(sorted(some, key=lambda item: (item.topic is Topic.AHEAD, places.index(item.topic))))


def _watched(kept: list[Item], found: list[Item]) -> list[Item]:
    """With the weightiest of what to watch in the place of the last, however much happened."""
    ahead = next((item for item in found if item.id.startswith(AHEAD)), None)
    if ahead is None or any(item.id.startswith(AHEAD) for item in kept):
        return kept
    return [*kept[:-1], ahead]


def pictures(facts: Week, items: tuple[Item, ...]) -> Iterator[Picture]:
    """Both frontiers, the lag day by day, and the chart of the topic that the week was about."""
    if facts.now is None:
        return
    yield _frontiers(facts.now, facts)
    if facts.now.year:
        yield _lag(facts.now, facts)
    topics = [item.topic for item in items if item.weight >= NEWS]
    extra = next((EXTRA[topic] for topic in topics if topic in EXTRA), None)
    if extra is not None:
        name, title = extra
        told = [item for item in items if item.topic in EXTRA and EXTRA[item.topic] == extra]
        yield _picture(name, title, " ".join([SHOWS[name], f"This week: {told[0].title}.", *_ends(name, facts)]), facts)


EXTRA = {
    Topic.PRICES: ("price-capability", "What capability costs"),
    Topic.SPECIALISTS: ("specialists", "What coming near the best costs"),
    Topic.OPENNESS: ("openness-share", "How open releases are"),
    Topic.LICENCES: ("open-frontier-licences", "What the open frontier stood under"),
}


SHOWS = {
    "price-capability": "The capability index of each model against its cheapest price per million tokens; a line "
    "joins the best that each price buys.",
    "specialists": "By field of work what the best model costs, the cheapest near its score, and the cheapest at 90 "
    "and 80 % of it.",
    "openness-share": "The share of each class of openness among the models that came out in each quarter.",
    "open-frontier-licences": "For how many days the best open model was under each class of licence, by country.",
}


def _ends(name: str, facts: Week) -> Iterator[str]:
    """The two ends of the price frontier, in figures."""
    if name == "price-capability" and facts.prices is not None and facts.prices.now:
        for which, one in (("starts", facts.prices.now[0]), ("ends", facts.prices.now[-1])):
            yield f"The line {which} with {one.model}: {number(one.value)} points for {dollars(one.blend)}."


def _picture(name: str, title: str, alt: str, facts: Week) -> Picture:
    return Picture(name, title, alt, at(f"/charts/{name}/", facts.as_of))


def _frontiers(now: Standing, facts: Week) -> Picture:
    told = ["Capability index of every model by its release date, with the best so far of each side"]
    for side, best in (("closed", now.closed_best), ("open", now.open_best)):
        if best is not None:
            range_ = between(best.low, best.high)
            told.append(
                f"The best {side} model is {best.model} at {number(best.value)} points"
                + (f" (90 % interval {range_})" if range_ else "")
            )
    points = now.lags.get("L8")
    if points is not None and points.value is not None:
        told.append(f"Between them lie {number(points.value)} points")
    return _picture("frontier", "How far behind are open models?", ". ".join(told) + ".", facts)


def _lag(now: Standing, facts: Week) -> Picture:
    (first, was), (last, value) = now.year[0], now.year[-1]
    alt = (
        "How long before each day a closed model first had the level that open models had on it. "
        f"On {day(last)} it was {number(value)} months" + (f", on {day(first)} {number(was)}" if first != last else "")
    )
    return _picture("lag", "The lag, day by day", f"{alt}.", facts)
