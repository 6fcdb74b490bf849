"""Claims that the week's data judge otherwise than those of the week before."""

from collections.abc import Iterator

from tracker.domain.notable import Item, Topic
from tracker.domain.notable_facts import Turn, Week
from tracker.domain.notable_words import at, count, join, listed, sentence

NOW = {
    "holds": "now holds",
    "fails": "now fails",
    "depends": "now depends on what is meant",
    "untestable": "can no longer be tested",
}
WAS = {
    "holds": "held",
    "fails": "failed",
    "depends": "depended on what is meant",
    "untestable": "could not be tested",
}
# What the others are told in one line for.
MOST = 3


def items(week: Week) -> Iterator[Item]:
    """The weightiest turns one by one, and all others together in a last item."""
    turns = sorted(week.turns, key=lambda turn: (-weight(turn), turn.slug))
    few = turns if len(turns) <= MOST + 1 else turns[:MOST]
    for turn in few:
        yield Item(
            id=f"claim:{turn.slug}",
            topic=Topic.CLAIMS,
            title=f"“{turn.title}” {NOW.get(turn.after, turn.after)}",
            text=join(_before(turn), _figures(turn), _turns_on(turn)),
            url=at(f"/claims/{turn.slug}/", week.as_of),
            weight=weight(turn),
            labs=turn.labs,
            flips=True,
        )
    rest = turns[len(few) :]
    if rest:
        yield Item(
            id="claim:others",
            topic=Topic.CLAIMS,
            title=f"{count(len(rest), 'more verdict')} changed",
            text=sentence(listed([f"“{turn.title}” {NOW.get(turn.after, turn.after)}" for turn in rest], 4)),
            url=at("/claims/", week.as_of),
            weight=weight(rest[0]) - 0.5,
            flips=True,
        )


def weight(turn: Turn) -> float:
    """A claim refuted or borne out says most; one that data reach for the first time, or no longer, says least."""
    sides = {turn.before, turn.after}
    if sides == {"holds", "fails"}:
        return 9.0
    return 5.0 if "untestable" in sides else 7.0


def _before(turn: Turn) -> str:
    said = f"Said by {turn.author}, {turn.said}" if turn.author else f"Said {turn.said}"
    return f"{said}; a week ago it {WAS.get(turn.before, turn.before)}."


def _figures(turn: Turn) -> str:
    if not turn.figure:
        return ""
    if turn.figure_before and turn.figure_before != turn.figure:
        return f"Its figure is {turn.figure} ({turn.figure_before} a week ago)."
    return f"Its figure is {turn.figure}."


def _turns_on(turn: Turn) -> str:
    return f"It turns on this: {sentence(turn.turns_on)}" if turn.after == "depends" and turn.turns_on else ""
