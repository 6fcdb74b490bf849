"""What every table of the curators has in common: each row says where it was read and when, or the table is refused."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from tracker.domain.records import When
from tracker.sources.base import Document, ParseError, Records, Source

EVIDENCE = ("url", "source", "retrieved_on")
Row = Mapping[str, str]


def traced(document: Document, columns: tuple[str, ...]) -> Iterator[Row]:
    """The rows of a table with these columns. Raises ParseError at one that nobody can trace: the third door asks for
    the same as the others, and what nobody can trace is not a fact."""
    for row in document.csv(*columns):
        if not all(row[name] for name in EVIDENCE):
            raise ParseError(f"{document.url}: {row['key']} lacks its source, its URL or the day it was read")
        with naming(document, row):
            date.fromisoformat(row["retrieved_on"])
        yield row


@contextmanager
def naming(document: Document, row: Row) -> Iterator[None]:
    """A ValueError within becomes a ParseError that names the table and the row."""
    try:
        yield
    except ValueError as error:
        raise ParseError(f"{document.url}: {row['key']}: {error}") from error


def dated(text: str) -> When:
    """A date as exactly as it is known. Raises ValueError where there is none."""
    when = When.parse(text)
    if when is None:
        raise ValueError("no date; a month or a year is enough")
    return when


def curated(
    module: str, *, title: str, file: str, parse: Callable[[Document], Records], attribution: str = ""
) -> Source:
    """The declaration of one of the curators' tables, which stands in the catalogue and is read when it changes."""
    return Source(
        module,
        title=title,
        publisher="The curators of this site",
        homepage="https://example.org/",
        data_licence="CC0-1.0",
        urls=(f"catalog:curated/{file}",),
        attribution=attribution,
        every=None,
        may_shrink_to=0.0,
        parse=parse,
    )
