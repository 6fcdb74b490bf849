"""Statements as curators read them in transcripts, reports and essays: who said what on a topic, where and when."""

from datetime import date

from tracker.domain.events import Topic
from tracker.domain.records import StatementRecord, When
from tracker.sources.base import Document, ParseError, Records, Source

COLUMNS = (
    *("key", "person", "topic", "summary", "said", "quote", "venue", "lab"),
    *("url", "source", "retrieved_on", "note"),
)
# The words are somebody else's: so many may be quoted, the rest is told in ours.
LONGEST_QUOTE = 25


def parse(document: Document) -> Records:
    for row in document.csv(*COLUMNS):
        if not row["url"] or not row["source"] or not row["retrieved_on"]:
            # The third door asks for the same as the others: words nobody can trace were perhaps never said.
            raise ParseError(f"{document.url}: {row['key']} lacks its source, its URL or the day it was read")
        if not row["person"] or not row["summary"]:
            raise ParseError(f"{document.url}: {row['key']} does not say who said what")
        words = len(row["quote"].split())
        if words > LONGEST_QUOTE:
            raise ParseError(f"{document.url}: {row['key']} quotes {words} words; {LONGEST_QUOTE} may be quoted")
        try:
            date.fromisoformat(row["retrieved_on"])
            topic = Topic(row["topic"])
            said = When.parse(row["said"])
            if said is None:
                raise ValueError("no date; a month or a year is enough")
        except ValueError as error:
            raise ParseError(f"{document.url}: {row['key']}: {error}") from error
        yield StatementRecord(
            key=row["key"],
            person=row["person"],
            topic=topic,
            summary=row["summary"],
            said=said,
            quote=row["quote"],
            venue=row["venue"],
            lab=row["lab"],
            url=row["url"],
        )


SOURCE = Source(
    __name__,
    title="Curated statements",
    publisher="The curators of this site",
    homepage="https://example.org/",
    data_licence="CC0-1.0",
    urls=("catalog:curated/statements.csv",),
    attribution="Quotations are their speakers' words; the page that carries each is named with it.",
    every=None,
    may_shrink_to=0.0,
    parse=parse,
)
