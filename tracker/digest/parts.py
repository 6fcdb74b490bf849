"""What a letter is made of: the same parts, in the same order, stand in its HTML and in its text."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Links:
    """`site` is SITE_URL, `archive` the issue's own page; `leave` and `preferences` are one reader's, and blank in
    what everybody may read."""

    site: str
    leave: str
    preferences: str
    archive: str


@dataclass(frozen=True, slots=True)
class Line:
    """One item as a letter shows it; `mark` says in a word that it is a turn, and is blank where it is none."""

    title: str
    text: str
    url: str
    mark: str


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one topic that follow each other."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture as a letter shows it."""

    title: str
    alt: str
    src: str
    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Letter:
    """All of it. `lead` says why there is so little, where there is; `more` counts items that had no room; `why` says
    what somebody subscribed to, and is blank in what everybody may read."""

    number: str
    span: str
    as_of: date
    subject: str
    preheader: str
    note: tuple[str, ...]
    lead: str
    groups: tuple[Group, ...]
    more: int
    pictures: tuple[Shown, ...]
    why: str
    links: Links
    address: str
