"""An issue → the letter that shows it, as HTML and as text; what belongs to one reader only are two links."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import groupby

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from mjml import mjml2html

from tracker.digest.parts import Group, Letter, Line, Links, Shown
from tracker.digest.pictures import WIDTH, height
from tracker.digest.plain import CREDIT, written
from tracker.digest.words import TOPICS, clipped, mark, paragraphs, shown, span, tidy, why
from tracker.domain.notable import Content, Item, Topic, Wishes, chosen, preheader, subject
from tracker.domain.notable_issue import EXTRA

__all__ = ["ANYBODY", "Links", "Rendered", "for_anybody", "issue", "parts", "public"]

EVERYTHING = Wishes()
MOST = 12  # items: what a reader gets through in two minutes
# What a picture is about; those of the frontiers are about the gap.
PICTURED = {name: topic for topic, (name, _) in EXTRA.items()}
# Bytes that a part may take in the HTML, so that no issue grows to where mail programs cut it off.
TITLE, TEXT, NOTE, ALT, ADDRESS = 400, 1600, 6000, 900, 400
# Stands behind the preheader, so that a list of letters does not show what comes next in the letter.
FILLER = "\u200c\u00a0" * 60
# In place of a reader's links, for a letter that is rendered once and sent to many.
ANYBODY = ("https://leave.invalid/", "https://preferences.invalid/")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter's subject, the words beside it in a list of letters, and its two parts; `html` is blank where a
    reader wants text only."""

    subject: str
    preheader: str
    html: str
    text: str

    def addressed(self, *, leave: str, preferences: str) -> "Rendered":
        """The letter of one reader, of a letter rendered with the links of `ANYBODY`."""
        html, text = self.html, self.text
        for place, link in zip(ANYBODY, (leave, preferences), strict=True):
            html, text = html.replace(place, escape(link)), text.replace(place, link)
        return replace(self, html=html, text=text)


@cache
def tokens() -> dict[str, dict[str, str]]:
    """The site's own colours by theme and name (a test holds them to static/css/site.css)."""
    # Charts bring Matplotlib along: a second and forty megabytes, for who writes letters and not for every process.
    from tracker.charts.theme import DARK, LIGHT

    return {
        "light": {**LIGHT, "page": "#f7f8f7", "sunk": "#eef1f2", "line": "#d8dde2"},
        "dark": {**DARK, "page": "#10151b", "sunk": "#202832", "line": "#323c48"},
    }


def issue(
    content: Content, *, note: str, wishes: Wishes = EVERYTHING, links: Links, text_only: bool = False
) -> Rendered:
    """The letter of an issue for a reader's wishes. The same arguments give the same bytes."""
    letter = parts(content, note=note, wishes=wishes, links=links)
    html = "" if text_only else _html(letter)
    return Rendered(letter.subject, letter.preheader, html, written(letter))


def for_anybody(week: str) -> Links:
    """The links of a letter that is rendered once for many readers; `Rendered.addressed` puts in theirs."""
    return Links(settings.SITE_URL, *ANYBODY, f"{settings.SITE_URL}/digest/{week}/")


def public(week: str) -> Links:
    """The links of what everybody may read."""
    return Links(settings.SITE_URL, "", "", f"{settings.SITE_URL}/digest/{week}/")


def parts(content: Content, *, note: str, wishes: Wishes = EVERYTHING, links: Links, most: int = MOST) -> Letter:
    """What a reader of these wishes is told, at most so many items of it."""
    items = chosen(content.items, wishes)
    whole = items == content.items
    told = content.subject if whole else subject(items)
    beside = content.preheader if whole else preheader(items)
    return Letter(
        number=f"week {int(content.week[-2:])}, {content.week[:4]}",
        span=span(content.week),
        as_of=date.fromisoformat(content.as_of),
        subject=clipped(tidy(told), 200),
        preheader=clipped(tidy(beside), 300),
        note=paragraphs(note, NOTE),
        lead=_lead(content, items),
        groups=tuple(_groups(items[:most], links.site)),
        more=max(0, len(items) - most),
        pictures=_pictures(content, wishes.topics, links.site) if items else (),
        why=why(wishes) if links.leave else "",
        links=links,
        address=clipped(tidy(settings.POSTAL_ADDRESS), ADDRESS),
    )


def _lead(content: Content, items: tuple[Item, ...]) -> str:
    """The sentence that stands where a reader would ask why there is so little."""
    if content.quiet:
        return "A quiet week: nothing that we follow changed what one should believe."
    if not items:
        return "Nothing of what you asked for changed this week."
    return ""


def _groups(items: Iterable[Item], site: str) -> Iterable[Group]:
    for topic, some in groupby(items, key=lambda item: item.topic):
        lines = tuple(
            Line(shown(item.title, TITLE), shown(item.text, TEXT), f"{site}{item.url}", mark(item)) for item in some
        )
        yield Group(TOPICS[topic], lines)


def _pictures(content: Content, topics: frozenset[str], site: str) -> tuple[Shown, ...]:
    return tuple(
        Shown(
            shown(picture.title, TITLE),
            shown(picture.alt, ALT),
            f"{site}/digest/{content.week}/{picture.name}.png",
            f"{site}{picture.url}",
            WIDTH,
            height(picture.name),
        )
        for picture in content.pictures
        if not topics or PICTURED.get(picture.name, Topic.GAP) in topics
    )


def _html(letter: Letter) -> str:
    # MJML's reader writes an attribute's characters beyond ASCII, and its backslashes, in a way of its own.
    named = tuple(replace(picture, alt=f"alt-{number}") for number, picture in enumerate(letter.pictures))
    context = {
        "letter": replace(letter, pictures=named),
        "c": tokens()["light"],
        "d": tokens()["dark"],
        "credit": CREDIT,
        "filler": FILLER,
    }
    found = str(mjml2html(render_to_string("digest/letter.mjml", context), fonts={}))
    for name, picture in zip(named, letter.pictures, strict=True):
        found = found.replace(f'alt="{name.alt}"', f'alt="{escape(picture.alt)}"', 1)
    # Servers refuse lines of more than 998 bytes, or rewrite the letter; here a line break is nothing that one sees.
    return re.sub(r"(?=<(?:table|tr|td|div|h[123]|p|a)[ >])", "\n", found)
