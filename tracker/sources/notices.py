"""What is kept of a lab's notice: its title as plain text, an address that is safe to follow, and its day."""

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

from tracker.domain.records import NewsRecord, When
from tracker.sources.guard import LONGEST_KEY

LONGEST_TITLE = 300
LONGEST_ADDRESS = 2000
TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
UNREAD = ("script", "style", "template")
# They would turn round whatever stands behind the title on a page. The marks that right-to-left titles need stay.
OVERRIDES = dict.fromkeys([0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# Earlier dates are a generator's zero, not a day; "Mon, 01 Jan 0001" would be read as one of 2001.
OLDEST = date(2000, 1, 1)
ZERO = re.compile(r"(?<![\d:.+-])0\d{3}(?![\d:])")
FORMATS = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%a, %d %b %Y", "%Y/%m/%d", "%Y年%m月%d日")


def title(words: str) -> str:
    """Plain text on one line: tags taken out, entities read, and cut where it goes on for too long."""
    # Nothing that is longer by so much is a title, and markup takes its time.
    words = words[: 20 * LONGEST_TITLE]
    if TAG.search(words):
        markup = BeautifulSoup(words, "html.parser")
        for hidden in markup(UNREAD):
            hidden.decompose()
        for gap in markup(["br", "p", "div", "li"]):
            gap.insert_before(" ")
        words = markup.get_text()
    else:
        words = html.unescape(words)
    words = "".join(c for c in words.translate(OVERRIDES) if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    words = " ".join(words.split())
    return words if len(words) <= LONGEST_TITLE else f"{words[: LONGEST_TITLE - 1].rstrip()}…"


def address(link: str) -> str:
    """The link if a reader may be sent there, that is over https to a named host; else blank."""
    link = link.strip()
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname, parts.port  # reading the port checks it
    except ValueError:
        return ""
    odd = any(c.isspace() or not c.isprintable() or c in '\\<>"' for c in link)
    if parts.scheme != "https" or not host or "." not in host or "@" in parts.netloc or odd:
        return ""
    return link if len(link) <= LONGEST_ADDRESS else ""


def day(words: str, *, seen: datetime, zone: timezone | None = None) -> When | None:
    """The day that a date stands for where it was written, or in `zone`; None where it names none.

    Midnight UTC is how most feeds write a bare day. A day after the notice was `seen` is a mistake, not a fact.
    """
    words = " ".join(words.split())
    try:
        bare = When.parse(words)
    except ValueError:
        bare = None
    if bare is None:
        moment = None if ZERO.search(words) else _moment(words)
        if moment is None or moment.year < OLDEST.year:
            return None
        bare = When((moment.astimezone(zone) if zone and moment.tzinfo else moment).date())
    latest = (seen.astimezone(UTC) + timedelta(hours=14)).date()  # it is tomorrow already in the east
    return bare if OLDEST <= bare.on <= latest else None


def _moment(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(words)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(words)
    except (ValueError, TypeError, OverflowError, IndexError):
        pass
    for form in FORMATS:
        try:
            return datetime.strptime(words, form)  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None


def notice(lab: str, *, identity: str, words: str, link: str, published: When | None) -> NewsRecord | None:
    """The record of one notice, by its identity, else its link, else its title and date; None without a title."""
    if not (plain := title(words)):
        return None
    undated = f"{plain} ({published})" if published else plain
    return NewsRecord(key(identity or link or undated), lab, plain, published, address(link))


def key(words: str) -> str:
    """Words as a row's key: on one line, and by their digest where they are too long for one."""
    words = " ".join(words.split())
    return words if len(words.encode()) <= LONGEST_KEY else f"sha256:{hashlib.sha256(words.encode()).hexdigest()}"


def apart(notices: Iterable[NewsRecord | None]) -> Iterator[NewsRecord]:
    """Each notice once. One that only shares another's identity is told apart from it by its title.

    The first keeps the bare key. Lists begin with what is newest and lose what is oldest, so that most keys stay.
    """
    seen: dict[str, NewsRecord] = {}
    for record in notices:
        if record is None:
            continue
        first = seen.setdefault(record.key, record)
        if first is not record and first.title != record.title:
            record = replace(record, key=key(f"{record.key} {record.title}"))
            first = seen.setdefault(record.key, record)
        if first is record:
            yield record
