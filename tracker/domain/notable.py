"""A week's new facts → the items of the digest, ranked by how much they change what one believes."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class Topic(StrEnum):
    """What a reader may choose to hear of."""

    GAP = "gap"  # the headline, its lag and its interval
    CLAIMS = "claims"  # verdicts that flipped
    MODELS = "models"  # new frontier models, open and closed
    LICENCES = "licences"  # terms that changed, with the clause
    OPENNESS = "openness"  # moves on the ladder
    STRATEGY = "strategy"  # what labs did
    PRICES = "prices"  # moves of the price frontier
    SPECIALISTS = "specialists"  # records by domain
    DATA = "data"  # revisions and retractions
    AHEAD = "ahead"  # what to watch


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the digest.

    `id` says what it is about and is the same whenever the same week is asked; `title` is a whole sentence without a
    full stop, `text` one to three more sentences with figures and units; `url` is a path of this site with `as_of`;
    `weight` is 10 for the headline down to 1 for a note; `labs` are the slugs that it is about, none for what concerns
    everybody; `flips` marks what a reader who wants only turns must hear.
    """

    id: str
    topic: Topic
    title: str
    text: str
    url: str
    weight: float
    labs: tuple[str, ...] = ()
    flips: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart of the issue: `name` is its chart's, `url` its live page, `alt` says what it shows, in figures."""

    name: str
    title: str
    alt: str
    url: str


@dataclass(frozen=True, slots=True)
class Content:
    """What an issue says of a week, before an editor's hand: `items` in their order, `quiet` when nothing changed.

    `as_of` is the day whose knowledge it is, `preheader` the line that mail programs show beside the subject.
    """

    week: str
    as_of: str
    subject: str
    preheader: str
    items: tuple[Item, ...]
    pictures: tuple[Picture, ...]
    quiet: bool

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    def arranged(self, dropped: Iterable[str], order: Iterable[str]) -> "Content":
        """Without the items that an editor dropped, and with those that were put first in front; what was chosen for
        the subject goes with it."""
        gone = frozenset(dropped)
        kept = {item.id: item for item in self.items if item.id not in gone}
        first = [kept.pop(name) for name in dict.fromkeys(order) if name in kept]
        items = (*first, *kept.values())
        if items == self.items:
            return self
        led = bool(first)
        return replace(self, items=items, subject=subject(items, led=led), preheader=preheader(items, led=led))

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Content":
        """What `plain` gave."""
        items = tuple(
            Item(**{**item, "topic": Topic(item["topic"]), "labs": tuple(item["labs"])}) for item in plain["items"]
        )
        pictures = tuple(Picture(**picture) for picture in plain["pictures"])
        return cls(**{**plain, "items": items, "pictures": pictures})


# Subjects are cut by mail programs at about so many letters, the line beside them a little later.
SUBJECT, PREHEADER = 90, 140
# From this weight on an item is what the week will be remembered for; below it the headline leads.
LEADS = 6.0
NOTHING = "Nothing to report this week"
HEADLINE = "gap:headline"


def _leader(items: tuple[Item, ...], led: bool) -> Item:
    """What the subject tells: what an editor put first, else the weightiest news, else the headline."""
    if led:
        return items[0]
    news = [item for item in items if item.id != HEADLINE and item.weight >= LEADS]
    return max(news, key=lambda item: item.weight, default=items[0])


def subject(items: tuple[Item, ...], *, led: bool = False) -> str:
    """The subject of a letter with these items; `led`: an editor chose which stands first."""
    return cut(_leader(items, led).title, SUBJECT) if items else NOTHING


def preheader(items: tuple[Item, ...], *, led: bool = False) -> str:
    """The line beside the subject: the titles that come next."""
    if not items:
        return ""
    leader = _leader(items, led)
    return cut(". ".join(item.title for item in items if item is not leader) or leader.text, PREHEADER)


def cut(text: str, most: int) -> str:
    """The text, ended at a word with an ellipsis where it is longer."""
    if len(text) <= most:
        return text
    return text[: most - 1].rpartition(" ")[0].rstrip(" ,.;:–") + "…"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a reader asked for; none of a kind means all of it."""

    topics: frozenset[str] = frozenset()
    labs: frozenset[str] = frozenset()
    only_flips: bool = False


def chosen(items: tuple[Item, ...], wishes: Wishes) -> tuple[Item, ...]:
    """The items that a reader asked for: of the topics, of the labs or of everybody; none at all for one who wants
    only turns in a week without any."""
    if wishes.only_flips and not any(item.flips for item in items):
        return ()
    return tuple(
        item
        for item in items
        if (not wishes.topics or item.topic in wishes.topics)
        and (not wishes.labs or not item.labs or wishes.labs & set(item.labs))
    )
