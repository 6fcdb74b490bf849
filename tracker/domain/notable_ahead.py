"""What to watch: signs of possible futures, forecasts that fall due, claims near their threshold, silent sources."""

from collections.abc import Iterator
from datetime import timedelta

from tracker.domain.notable import Item, Topic
from tracker.domain.notable_facts import Due, Sign, Week
from tracker.domain.notable_words import at, between, count, day, join, listed, number, sentence

SOON = timedelta(days=14)
# A figure that is so near its threshold, as a share of it, may pass it any week.
NEAR = 0.1
MOST = 2
# The forecasts' methods, as one says them.
METHODS = {
    "persistence": "if it moves as it has moved",
    "linear": "by the line of the last twelve months",
    "hazard": "by how past records were matched",
}


def items(week: Week) -> Iterator[Item]:
    """Signs that turned, each by itself; then one item each for forecasts due soon, claims near their threshold, signs
    that come nearer, and silent sources."""
    for sign in week.signs:
        if sign.met_before is not None and sign.met is not None and sign.met != sign.met_before:
            yield _turned(sign, week)
    yield from _due(week)
    yield from _near(week)
    yield from _signs(week)
    yield from _stale(week)


def _turned(sign: Sign, week: Week) -> Item:
    return Item(
        id=f"sign:{sign.scenario}:{sign.slug}",
        topic=Topic.AHEAD,
        title=f"A sign of “{sign.future}” {'appeared' if sign.met else 'went away'}: {sign.title}",
        text=join(
            f"It reads {sign.figure}." if sign.figure else "",
            "A week ago it was not there." if sign.met else "A week ago it was there.",
        ),
        url=at(f"/scenarios/#{sign.scenario}", week.as_of),
        weight=6.0,
        flips=True,
    )


def _due(week: Week) -> Iterator[Item]:
    soon = sorted(
        (one for one in week.due if week.as_of < one.on <= week.as_of + SOON),
        key=lambda one: (one.on, one.claim == "", one.question, one.method),
    )
    if not soon:
        return
    first = soon[0].on
    those = [one for one in soon if one.on == first]
    yield Item(
        id="ahead:forecasts",
        topic=Topic.AHEAD,
        title=f"{count(len(those), 'forecast')} {'falls' if len(those) == 1 else 'fall'} due on {day(first)}",
        text=" ".join(sentence(_forecast(one)) for one in those[:3]),
        url=at("/forecasts/", week.as_of),
        weight=2.0,
    )


def _forecast(one: Due) -> str:
    if one.probability is not None:
        return f"{one.claim or one.question}: {number(100 * one.probability, 0)} % likely"
    range_ = between(one.low, one.high)
    middle = "" if one.median is None else f"{number(one.median)} {one.unit}"
    return (
        f"{one.question}: {middle}"
        + (f" (90 % interval {range_})" if range_ else "")
        + f", {METHODS.get(one.method, one.method)}"
    )


def _near(week: Week) -> Iterator[Item]:
    near = sorted((one for one in week.close if one.share <= NEAR), key=lambda one: (one.share, one.slug))[:3]
    if not near:
        return
    told = [f"“{one.title}” ({one.verdict}): {one.figure}, and it asks for {one.threshold}" for one in near]
    yield Item(
        id="ahead:claims",
        topic=Topic.AHEAD,
        title=f"{count(len(near), 'verdict')} {'is' if len(near) == 1 else 'are'} near the threshold and may turn",
        text=" ".join(sentence(one) for one in told),
        url=at(f"/claims/{near[0].slug}/" if len(near) == 1 else "/claims/", week.as_of),
        weight=1.8,
    )


def _signs(week: Week) -> Iterator[Item]:
    near = sorted(
        (one for one in week.signs if one.met is False and one.towards and one.figure),
        key=lambda one: (abs((one.far or 0.0) / one.value) if one.value else 9.0, one.scenario, one.slug),
    )[:MOST]
    if not near:
        return
    told = [f"“{one.title}” ({one.future}) reads {one.figure}" for one in near]
    yield Item(
        id="ahead:signs",
        topic=Topic.AHEAD,
        title=f"{count(len(near), 'sign')} of possible futures {'comes' if len(near) == 1 else 'come'} nearer",
        text=join(
            *(sentence(one) for one in told),
            f"Over half a year {'it' if len(near) == 1 else 'each'} came nearer to its threshold.",
        ),
        url=at("/scenarios/", week.as_of),
        weight=1.6,
    )


def _stale(week: Week) -> Iterator[Item]:
    fresh = sorted(week.stale, key=lambda one: (not one.newly, -one.days, one.slug))
    if not fresh:
        return
    told = [f"{one.source} for {count(one.days, 'day')} (it may for {one.may})" for one in fresh]
    new = sum(one.newly for one in fresh)
    yield Item(
        id="ahead:stale",
        topic=Topic.AHEAD,
        title=f"{count(len(fresh), 'source')} {'has' if len(fresh) == 1 else 'have'} been silent too long",
        text=f"Silent: {listed(told, 4)}. Figures that rest on them may be older than they look.",
        url=at(f"/pipeline/{fresh[0].slug}/" if len(fresh) == 1 else "/pipeline/", week.as_of),
        weight=3.0 if new else 1.4,
    )
