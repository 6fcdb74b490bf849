"""The words that a letter has of its own: topics, weeks, why somebody gets it; and how words of others are cut."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.html import escape

from tracker.domain.notable import Item, Topic, Wishes

TOPICS: Mapping[str, str] = {
    Topic.GAP: "The gap",
    Topic.CLAIMS: "Claims",
    Topic.MODELS: "New models",
    Topic.LICENCES: "Licences",
    Topic.OPENNESS: "Openness",
    Topic.STRATEGY: "Strategy",
    Topic.PRICES: "Prices",
    Topic.SPECIALISTS: "Specialists",
    Topic.DATA: "Corrections",
    Topic.AHEAD: "What to watch",
}
# What no mail program shows, and what turns the direction of the words around it.
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")


# Where no line may end: between a number and its per cent sign.
HELD = re.compile(r"(?<=\d) (?=%)")


def tidy(text: str) -> str:
    """The text on one line, without what cannot be seen."""
    return " ".join(UNSEEN.sub(" ", text).split())


def clipped(text: str, most: int) -> str:
    """The text, cut at a word where it would take more than `most` bytes of HTML."""
    if _size(text) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _size(text[:middle]) <= most - 4 else (low, middle - 1)
    whole = text[:low].rpartition(" ")[0]
    return f"{(whole or text[:low]).rstrip(' ,;:.')} …"


def shown(text: str, most: int) -> str:
    """Words of others as a letter shows them: on one line, cut, with what belongs together held together."""
    return HELD.sub("\u00a0", clipped(tidy(text), most))


def _size(text: str) -> int:
    return len(escape(text).encode(errors="replace"))


def paragraphs(text: str, most: int) -> tuple[str, ...]:
    """An editor's note by its paragraphs: blank lines part them."""
    found = []
    for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        if most > 0 and (words := shown(part, most)):
            found.append(words)
            most -= _size(words)
    return tuple(found)


def span(week: str) -> str:
    """The days of an ISO week, as one says them."""
    first = date.fromisocalendar(int(week[:4]), int(week[-2:]), 1)
    last = first + timedelta(days=6)
    if first.year != last.year:
        return f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}"
    if first.month != last.month:
        return f"{first.day} {first:%B} to {last.day} {last:%B %Y}"
    return f"{first.day} to {last.day} {last:%B %Y}"


def mark(item: Item) -> str:
    """A verdict flips; whatever else a reader of turns must hear is one."""
    if not item.flips:
        return ""
    return "Flipped" if item.topic == Topic.CLAIMS else "A turn"


def why(wishes: Wishes) -> str:
    """Why a reader gets this letter, and what was asked for it to hold."""
    told = ["You get this letter because you subscribed to it and confirmed your address."]
    if topics := [name for topic, name in TOPICS.items() if topic in wishes.topics]:
        told.append(f"You asked for these topics: {', '.join(topics)}.")
    if wishes.labs:
        many = len(wishes.labs)
        told.append(f"Of labs, you asked for {many}: {', '.join(sorted(wishes.labs))}.")
    if wishes.only_flips:
        told.append("You asked to hear of us only when something flips.")
    return clipped(" ".join(told), 900)
