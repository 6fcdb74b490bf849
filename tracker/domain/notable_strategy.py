"""What labs did this week that says how open they will be, and what else they did."""

from collections.abc import Iterator, Mapping

from tracker.domain.events import EventKind
from tracker.domain.notable import Item, Topic
from tracker.domain.notable_facts import Happening, Week
from tracker.domain.notable_words import at, join, sentence
from tracker.domain.strategy import STANCE_WORDS

MOST = 3
WEIGHTS: Mapping[str, float] = {
    EventKind.PROMISE_BROKEN: 7.0,
    EventKind.TRACK_CLOSED: 7.0,
    EventKind.TRACK_OPENED: 7.0,
    EventKind.LICENCE_CHANGE: 6.0,
    EventKind.PROMISE_KEPT: 5.0,
    EventKind.REASONING_PIVOT: 4.5,
    EventKind.STAGED_ACCESS: 4.5,
    EventKind.POLICY: 4.5,
    EventKind.PROMISE: 4.5,
    EventKind.OPEN_RELEASE: 4.0,
    EventKind.RESTRICTED_RELEASE: 4.0,
    EventKind.PRICE_CHANGE: 4.0,
    EventKind.CLOSED_RELEASE: 3.5,
    EventKind.FUNDING: 3.0,
    EventKind.PEOPLE: 3.0,
}
WORDS: Mapping[str, str] = {
    EventKind.PROMISE_BROKEN: "A promise broken",
    EventKind.PROMISE_KEPT: "A promise kept",
    EventKind.PROMISE: "A promise",
    EventKind.TRACK_CLOSED: "A line of models that was open is so no longer",
    EventKind.TRACK_OPENED: "A line of models opens",
    EventKind.LICENCE_CHANGE: "A change of terms",
    EventKind.OPEN_RELEASE: "Weights that anyone may use commercially",
    EventKind.RESTRICTED_RELEASE: "Weights under terms that shut some uses or users out",
    EventKind.CLOSED_RELEASE: "Through an API or a product only",
    EventKind.STAGED_ACCESS: "Access for some only",
}
REST = 2.5


def items(week: Week) -> Iterator[Item]:
    """The weightiest of what labs did, at most MOST, and every phase that began."""
    found = sorted(week.happenings, key=lambda one: (-WEIGHTS.get(one.kind, REST), one.on, one.fact))
    for one in found[:MOST]:
        yield _happening(one, week)
    for phase in week.phases:
        yield Item(
            id=f"phase:{phase.lab_slug}",
            topic=Topic.STRATEGY,
            title=f"{phase.lab} is in a new phase: {STANCE_WORDS[phase.stance]}",
            text="Judged by its releases of the twelve months before each quarter's end, it was "
            f"“{STANCE_WORDS[phase.before]}” until {phase.since:%B %Y}.",
            url=at(f"/labs/{phase.lab_slug}/", week.as_of),
            weight=5.0,
            labs=(phase.lab_slug,),
        )


def _happening(one: Happening, week: Week) -> Item:
    return Item(
        id=f"event:{one.fact}",
        topic=Topic.STRATEGY,
        title=f"{one.lab}: {one.title.rstrip('.')}",
        text=join(f"{WORDS[one.kind]}, {one.on}." if one.kind in WORDS else f"{one.on}.", sentence(one.detail)),
        url=at(f"/facts/event/{one.fact}/", week.as_of),
        weight=WEIGHTS.get(one.kind, REST),
        labs=(one.lab_slug,),
    )
