"""The letter as text: written for who reads text, no wider than 78 columns, every link on a line of its own."""

import textwrap
from collections.abc import Iterator

from tracker.digest.parts import Letter

COLUMNS = 72  # and an answer to the letter has room to quote it
CREDIT = "Facts from Epoch AI (CC BY 4.0), models.dev (MIT) and others."


def written(letter: Letter) -> str:
    """The text part. Every line ends in a line feed."""
    return "\n".join(line.rstrip() for line in _lines(letter)) + "\n"


def _lines(letter: Letter) -> Iterator[str]:
    yield from _underlined(f"AI Landscape: what changed in {letter.number}", "=")
    yield from _wrapped(f"{letter.span}, as known on {letter.as_of.day} {letter.as_of:%B %Y}")
    if letter.note:
        yield ""
        yield "From the editor:"
        for words in letter.note:
            yield ""
            yield from _wrapped(words, "  ")
    if letter.lead:
        yield ""
        yield from _wrapped(letter.lead)
    for group in letter.groups:
        yield ""
        yield ""
        yield from _underlined(group.title, "-")
        for line in group.lines:
            yield ""
            yield from _wrapped(f"{line.mark}{': ' if line.mark else ''}{line.title}", "* ", "  ")
            yield from _wrapped(line.text, "  ")
            yield f"  {line.url}"
    if letter.more:
        yield ""
        yield from _wrapped(f"And {letter.more} more, of less weight, on the page of this issue:")
        yield f"  {letter.links.archive}"
    if letter.pictures:
        yield ""
        yield ""
        yield from _underlined("Charts, in words", "-")
        for picture in letter.pictures:
            yield ""
            yield from _wrapped(picture.title, "* ", "  ")
            yield from _wrapped(picture.alt, "  ")
            yield f"  {picture.url}"
    yield ""
    yield ""
    yield from _foot(letter)


def _foot(letter: Letter) -> Iterator[str]:
    links = letter.links
    yield "-" * COLUMNS
    yield "This issue on the web, with its charts:"
    yield f"  {links.archive}"
    if letter.why:
        yield ""
        yield from _wrapped(letter.why)
        yield "Change what you get:"
        yield f"  {links.preferences}"
        yield "Unsubscribe at once:"
        yield f"  {links.leave}"
    else:
        yield "Every Monday by mail:"
        yield f"  {links.site}/subscribe/"
    yield ""
    yield from _wrapped(f"{CREDIT} All sources with their licences:")
    yield f"  {links.site}/pipeline/"
    if letter.address:
        yield ""
        yield from _wrapped(f"AI Landscape, {letter.address}")


def _wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    lines = textwrap.wrap(
        text,
        COLUMNS,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_on_hyphens=False,
    )
    return [line.replace("\u00a0", " ") for line in lines]


def _underlined(text: str, stroke: str) -> Iterator[str]:
    lines = _wrapped(text)
    yield from lines
    yield stroke * max((len(line) for line in lines), default=0)
