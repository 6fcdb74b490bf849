"""How a news feed is opened without trusting it: RSS or Atom, whole, with no entities of its own."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import feedparser

from tracker.sources.base import Document, ParseError

# What may stand before a feed: declarations and comments, and at most a DOCTYPE that only names a document type.
PROLOG = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
LITERAL = r"""(?:"[^"<>\[\]]*"|'[^'<>\[\]]*')"""
DOCTYPE = re.compile(rf"<!DOCTYPE\s+[\w:.-]+(?:\s+(?:PUBLIC\s+{LITERAL}(?:\s+{LITERAL})?|SYSTEM\s+{LITERAL}))?\s*>")
ROOT = re.compile(r"<(?P<name>(?:[\w.-]+:)?(?P<local>[\w.-]+))(?=[\s>/])")
ROOTS = frozenset({"rss", "feed", "RDF"})
# The longest known feed has some 1,200; reading one that is nothing but opening tags takes minutes.
MOST_ENTRIES = 6_000
# A dozen in the deepest known feed; tags of web pages that nobody closes stand in some.
DEEPEST = 500
# Nothing is looked at twice, however it ends or does not.
TAG = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<(?P<closes>/?)(?P<name>[A-Za-z_][^\s<>/]*+)[^<>]*+>", re.DOTALL
)
ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)\b")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry in the feed's own words; blank is not stated. `identity` is its guid or Atom id.

    `announced` is arXiv's word for whether a paper is new.
    """

    identity: str
    title: str
    link: str
    date: str
    announced: str = ""


def items(document: Document, *, may_be_empty: bool = False) -> Iterator[Item]:
    """The entries of a feed as they stand. Raises ParseError when it is none, was cut off, or has no entry."""
    # Bytes in a stream: a text that looks like an address would be fetched. Nothing is sanitised, because no markup is
    # kept, and no base is given: a mirror is not where a lab's relative links lead, and identities would be
    # resolved like links.
    feed = feedparser.parse(
        io.BytesIO(_feed(document).encode()),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not feed.entries and not may_be_empty:
        raise ParseError(f"{document.url} is a feed without entries")
    for entry in feed.entries:
        # Not entry.get("updated"): feedparser would answer with `published`, and warn. Its first word for a date is
        # right: many Atom feeds state only when an entry was updated.
        stated = (dict.get(entry, name) for name in ("published", "updated"))
        yield Item(
            identity=_words(dict.get(entry, "id")),
            title=_words(dict.get(entry, "title")),
            link=_words(dict.get(entry, "link")),
            date=next((words for date in stated if (words := _words(date))), ""),
            announced=_words(dict.get(entry, "arxiv_announce_type")),
        )


def _feed(document: Document) -> str:
    """The document from its root element on."""
    text = document.text()
    found = PROLOG.match(text)
    start = found.end() if found else 0
    if text[start : start + 9].upper() == "<!DOCTYPE":
        doctype = DOCTYPE.match(text, start)
        if doctype is None:
            # Entities can be made to multiply, or to read files; no feed needs any.
            raise ParseError(f"{document.url} declares a document type of its own, which no feed needs")
        found = PROLOG.match(text, doctype.end())
        start = found.end() if found else doctype.end()
    root = ROOT.match(text, start)
    if root is None or root["local"] not in ROOTS:
        begins = " ".join(text[start : start + 60].split())
        raise ParseError(f"{document.url} is no RSS or Atom feed: it begins with {begins!r}")
    if f"</{root['name']}" not in text:
        # A bare "&" or an HTML entity is for the lenient parser to read; it would also read half a feed, with half a
        # title at its end.
        raise ParseError(f"{document.url} was cut off: <{root['name']}> has no end")
    if sum(1 for _ in ENTRY.finditer(text)) > MOST_ENTRIES:
        raise ParseError(f"{document.url} holds more than {MOST_ENTRIES} entries")
    _expect_no_tower(document, text)
    return text[start:]


def _expect_no_tower(document: Document, text: str) -> None:
    """Feedparser looks at every open element at each new one: a megabyte of opening tags takes minutes."""
    depth = 0
    for tag in TAG.finditer(text):
        if tag["name"] and not tag[0].endswith("/>"):
            depth += -1 if tag["closes"] else 1
            if depth > DEEPEST:
                raise ParseError(f"{document.url} has elements more than {DEEPEST} deep in each other")


def _words(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
