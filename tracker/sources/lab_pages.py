"""News pages of labs that have no feed of their own: the links under the news path, with their titles and days.

A redesign shows as too few notices. xAI, Meta and Qwen (qwen.ai) are not asked: their pages are filled by a script or
turn programs away, and the first two are in lab_feeds.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from tracker.domain.records import When
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.notices import apart, day, notice, title


@dataclass(frozen=True, slots=True)
class Page:
    """How one news page is read: `path` begins the address of each notice, `titles` finds the title in its card.

    `besides` are addresses under the path that are no notices.
    """

    lab: str
    path: str
    titles: str = "h1, h2, h3, h4, h5, h6, [class*=title i], [class*=headline i]"
    besides: tuple[str, ...] = ()


PAGES: dict[str, Page] = {
    "https://www.anthropic.com/news": Page("Anthropic", "/news/"),
    "https://api-docs.deepseek.com/": Page("DeepSeek", "/news/"),
    "https://cohere.com/blog": Page("Cohere", "/blog/", "h1, h2, h3, h4, p", ("/blog/tag/", "/blog/author/")),
    "https://platform.moonshot.ai/blog": Page("Moonshot AI", "/blog/posts/"),
}
# What a second link of a card says in place of the title.
NO_TITLE = re.compile(r"(read|learn|see|view|find out)\b.{0,12}\b(more|article|post|all)\b.{0,3}", re.IGNORECASE)
DAY = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.? \d{1,2}, 20\d\d\b|\b20\d\d[/-]\d\d[/-]\d\d\b"
)
# A card is no deeper than this above its link; and it holds no other notice's link.
CARD_DEPTH = 5
# No page nests its links deeper; one of tags that are never closed would be read once for each of them.
PAGE_DEPTH = 100
MOST_LINKS = 2000
LINKS_OF_A_CARD = 4
SHELL_WORDS = 60


def parse(document: Document) -> Records:
    """A notice for each link under the page's path. A page without one is refused, and the reason says whether a script
    fills it."""
    page = PAGES.get(document.url)
    if page is None:
        raise ParseError(f"{document.url} is none of the pages whose lab is known")
    markup = BeautifulSoup(_html(document), "html.parser")
    links = _links(markup, document.url, page)
    if not links:
        raise ParseError(_why_empty(markup, document, page))
    yield from apart(
        notice(page.lab, identity="", words=words, link=url, published=published)
        for url, words, published in _notices(links, document, page)
    )


def _html(document: Document) -> str:
    try:
        text = document.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError(f"{document.url} is not UTF-8 text: {error}") from error
    if not re.match(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", text, re.IGNORECASE | re.DOTALL):
        raise ParseError(f"{document.url} is no web page: it begins with {text[:60].strip()!r}")
    if "</html" not in text.lower():
        raise ParseError(f"{document.url} was cut off: the page has no end")
    return text


def _links(markup: BeautifulSoup, base: str, page: Page) -> dict[str, list[Tag]]:
    """The links to notices, by their address without query and fragment, in the page's order."""
    found: dict[str, list[Tag]] = defaultdict(list)
    for link in markup.select("a[href]"):
        try:
            parts = urlsplit(urljoin(base, str(link["href"]).strip()))
        except ValueError:
            continue
        path = parts.path.rstrip("/")
        ours = parts.scheme == "https" and parts.netloc == urlsplit(base).netloc
        if not ours or not path.startswith(page.path) or f"{path}/".startswith(page.besides):
            continue
        if len(list(islice(link.parents, PAGE_DEPTH))) == PAGE_DEPTH or len(found) == MOST_LINKS:
            raise ParseError(f"{base} nests its links deeper, or has more of them, than any page of news")
        if len(links := found[f"https://{parts.netloc}{path}"]) < LINKS_OF_A_CARD:
            links.append(link)
    return found


def _notices(links: dict[str, list[Tag]], document: Document, page: Page) -> Iterator[tuple[str, str, When | None]]:
    holders: dict[int, set[str]] = defaultdict(set)
    for url, tags in links.items():
        for tag in tags:
            for parent in _parents(tag):
                holders[id(parent)].add(url)
    for url, tags in links.items():
        cards = [
            [parent for parent in _parents(tag) if holders[id(parent)] == {url} and parent.name not in ("body", "main")]
            for tag in tags
        ]
        words = next(
            (words for tag, around in zip(tags, cards, strict=True) if (words := _title(tag, around, page))), ""
        )
        days = (_day(card, document) for tag, around in zip(tags, cards, strict=True) for card in (tag, *around))
        yield url, words, next((published for published in days if published), None)


def _parents(tag: Tag) -> Iterator[Tag]:
    return islice(tag.parents, CARD_DEPTH)


def _title(link: Tag, around: list[Tag], page: Page) -> str:
    """The card's heading, else the link's own words without the day; blank where these are no title."""
    for card in (link, *around):
        for heading in card.select(page.titles):
            if words := _as_title(heading):
                return words
    return _as_title(link)


def _as_title(tag: Tag) -> str:
    words = title(" ".join(text for text in tag.strings if text.find_parent("time") is None))
    return "" if NO_TITLE.fullmatch(words) or DAY.fullmatch(words) else words


def _day(card: Tag, document: Document) -> When | None:
    for time in card.select("time"):
        for words in (str(time.get("datetime", "")), time.get_text(" ", strip=True)):
            if found := day(words, seen=document.fetched_at):
                return found
    stated = DAY.search(card.get_text(" ", strip=True))
    return day(stated[0].replace(".", ""), seen=document.fetched_at) if stated else None


def _why_empty(markup: BeautifulSoup, document: Document, page: Page) -> str:
    scripts = markup("script")
    for unread in markup(["script", "style", "template", "noscript"]):
        unread.decompose()
    words = len(markup.get_text(" ", strip=True).split())
    if scripts and words < SHELL_WORDS:
        return f"{document.url} is a shell of {len(document.body)} bytes that a script fills: it holds no news to read"
    return f"{document.url} holds no link under {page.path}: the page was made anew"


SOURCE = Source(
    __name__,
    title="Lab news pages",
    publisher="The labs",
    homepage="https://www.anthropic.com/news",
    data_licence="titles and links only; the texts are the labs'",
    # Pages are the labs' own prose.
    may_hand_on=False,
    attribution="Titles and links from the labs' own news pages.",
    urls=tuple(PAGES),
    parse=parse,
    every=timedelta(hours=6),
    at_least=5,
    may_shrink_to=0,
    max_bytes=2 * 2**20,
    rolling=True,
)
