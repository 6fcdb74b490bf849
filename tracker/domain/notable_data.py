"""What the week took back: facts corrected or withdrawn, documents rejected, sources switched, values believed anew."""

from collections.abc import Iterator, Mapping

from tracker.domain.notable import Item, Topic
from tracker.domain.notable_facts import Week
from tracker.domain.notable_words import at, join, listed, sentence

FIELDS: Mapping[str, str] = {
    "released_on": "release date",
    "access": "way to have it",
    "parameters": "number of parameters",
}
DECIDED: Mapping[str, tuple[str, str]] = {
    "rejected": (
        "{documents} of {name} {was} rejected",
        "A curator looked and found it wrong. What the source said before stands until it says something else.",
    ),
    "source-off": ("{name} is no longer asked", "A curator decided so. What it said before stays up."),
    "source-on": ("{name} is asked again", "A curator decided so."),
    "benchmark-off": ("Results on {name} are no longer shown", "A curator decided so."),
    "benchmark-on": ("Results on {name} are shown again", "A curator decided so."),
}
MOST = 2


def items(week: Week) -> Iterator[Item]:
    """Decisions of curators, then one item each for benchmarks' states, beliefs and sources' corrections."""
    yield from _decided(week)
    yield from _benchmarks(week)
    yield from _beliefs(week)
    yield from _corrections(week)


def _decided(week: Week) -> Iterator[Item]:
    for one in week.decided[:MOST]:
        title, text = DECIDED[one.kind]
        documents = "A document" if one.many == 1 else f"{one.many:,} documents"
        yield Item(
            id=f"decision:{one.key}",
            topic=Topic.DATA,
            title=title.format(name=one.name, documents=documents, was="was" if one.many == 1 else "were"),
            text=text,
            url=at(one.path, week.as_of),
            weight=4.0,
        )


def _benchmarks(week: Week) -> Iterator[Item]:
    if not week.benchmarks:
        return
    full = [one.name for one in week.benchmarks if one.after == "saturated"]
    others = [f"{one.name} is now {one.after} (it was {one.before})" for one in week.benchmarks if one.name not in full]
    if full:
        title = f"{listed(full, 3)} no longer {'tells' if len(full) == 1 else 'tell'} the best models apart"
    else:
        title = others[0] if len(others) == 1 else f"{len(others)} benchmarks tell more or less than a week ago"
    yield Item(
        id="benchmarks:states",
        topic=Topic.DATA,
        title=title,
        text=join(
            "The best scores are too near each other, or the top: a gap read off such a benchmark shrinks by itself."
            if full
            else "",
            sentence(listed(others, 4))
            if full or len(others) > 1
            else "The states are live, narrowing, saturated and retired.",
        ),
        url=at("/benchmarks/health/", week.as_of),
        weight=4.5 if full else 3.0,
    )


def _beliefs(week: Week) -> Iterator[Item]:
    found = sorted((one for one in week.beliefs if one.field in FIELDS), key=lambda one: (not one.leads, one.slug))
    if not found:
        return
    one = found[0]
    told = [f"{one.model}, {FIELDS[one.field]}: {one.after or 'not known'} (was {one.before})" for one in found]
    yield Item(
        id="data:beliefs",
        topic=Topic.DATA,
        title=f"{one.model}: the {FIELDS[one.field]} is now {one.after or 'not known'}, no longer {one.before}"
        if len(found) == 1
        else f"{len(found)} facts about models are believed otherwise than a week ago",
        text="Sources corrected it, or another one is believed. The model's page names the document."
        if len(found) == 1
        else sentence("; ".join(told[:4]) + (f"; and {len(told) - 4} more" if len(told) > 4 else "")),
        url=at(f"/models/{one.slug}/" if len(found) == 1 else "/models/", week.as_of),
        weight=5.0 if one.leads else 2.5,
        labs=tuple(dict.fromkeys(one.lab_slug for one in found)),
    )


def _corrections(week: Week) -> Iterator[Item]:
    found = sorted(week.corrections, key=lambda one: (-(one.corrected + one.withdrawn), one.slug))
    corrected, withdrawn = sum(one.corrected for one in found), sum(one.withdrawn for one in found)
    if not corrected and not withdrawn:
        return
    by = [f"{one.source} ({_amounts(one.corrected, one.withdrawn)})" for one in found]
    yield Item(
        id="data:corrections",
        topic=Topic.DATA,
        title=f"Sources revised scores and release facts: {_amounts(corrected, withdrawn)}",
        text=f"By source: {listed(by, 4)}. What was known before stays readable under its day.",
        url=at(f"/pipeline/{found[0].slug}/" if len(found) == 1 else "/pipeline/", week.as_of),
        weight=2.0,
    )


def _amounts(corrected: int, withdrawn: int) -> str:
    parts = [f"{many:,} {what}" for many, what in ((corrected, "corrected"), (withdrawn, "withdrawn")) if many]
    return " and ".join(parts)
