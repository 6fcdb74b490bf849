"""Statements as curators read them in transcripts, reports and essays: who said what on a topic, where and when."""

from tracker.domain.events import Topic
from tracker.domain.records import StatementRecord
from tracker.sources.base import Document, ParseError, Records
from tracker.sources.curated_rows import EVIDENCE, curated, dated, naming, traced

COLUMNS = (
    *("key", "person", "topic", "summary", "said", "quote", "venue", "lab"),
    *(*EVIDENCE, "note"),
)
# The words are somebody else's: so many may be quoted, the rest is told in ours.
LONGEST_QUOTE = 25


def parse(document: Document) -> Records:
    """A statement a row, in our words; a quote of more than LONGEST_QUOTE words is refused."""
    for row in traced(document, COLUMNS):
        if not row["person"] or not row["summary"]:
            raise ParseError(f"{document.url}: {row['key']} does not say who said what")
        words = len(row["quote"].split())
        if words > LONGEST_QUOTE:
            raise ParseError(f"{document.url}: {row['key']} quotes {words} words; {LONGEST_QUOTE} may be quoted")
        with naming(document, row):
            topic, said = Topic(row["topic"]), dated(row["said"])
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


SOURCE = curated(
    __name__,
    title="Curated statements",
    file="statements.csv",
    parse=parse,
    attribution="Quotations are their speakers' words; the page that carries each is named with it.",
)
