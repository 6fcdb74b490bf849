"""Events as curators read them in publishers' pages, stored notices and essays: rows with source, URL and date."""

from datetime import date

from tracker.domain.events import EventKind
from tracker.domain.records import EventRecord, When
from tracker.sources.base import Document, ParseError, Records, Source

COLUMNS = (
    *("key", "lab", "kind", "title", "occurred", "model", "detail", "about"),
    *("url", "source", "retrieved_on", "note"),
)
OUTCOMES = (EventKind.PROMISE_KEPT, EventKind.PROMISE_BROKEN)


def parse(document: Document) -> Records:
    rows = list(document.csv(*COLUMNS))
    promised = {row["key"]: row["occurred"] for row in rows if row["kind"] == EventKind.PROMISE}
    for row in rows:
        if not row["url"] or not row["source"] or not row["retrieved_on"]:
            # The third door asks for the same as the others: a deed nobody can trace is not a fact.
            raise ParseError(f"{document.url}: {row['key']} lacks its source, its URL or the day it was read")
        if not row["title"]:
            raise ParseError(f"{document.url}: {row['key']} does not say what happened")
        try:
            date.fromisoformat(row["retrieved_on"])
            kind = EventKind(row["kind"])
            occurred = When.parse(row["occurred"])
            if occurred is None:
                raise ValueError("no date; a month or a year is enough")
            _check_about(kind, row["about"], occurred, promised)
        except ValueError as error:
            raise ParseError(f"{document.url}: {row['key']}: {error}") from error
        yield EventRecord(
            key=row["key"],
            lab=row["lab"],
            kind=kind,
            title=row["title"],
            occurred=occurred,
            model=row["model"],
            detail=row["detail"],
            about=row["about"],
            url=row["url"],
        )


def _check_about(kind: EventKind, about: str, occurred: When, promised: dict[str, str]) -> None:
    """Raise ValueError unless an outcome names an earlier promise of this file, and nothing else names anything."""
    if kind not in OUTCOMES:
        if about:
            raise ValueError(f"it is about {about!r}, and only a promise kept or broken is about another row")
        return
    if about not in promised:
        # A page that asks what became of a promise would not find this row.
        raise ValueError(f"it is about {about!r}, which is no promise in this file")
    made = When.parse(promised[about])
    if made is not None and occurred.on < made.on:
        raise ValueError(f"it settles {about!r} on {occurred}, before that was promised on {made}")


SOURCE = Source(
    __name__,
    title="Curated events",
    publisher="The curators of this site",
    homepage="https://example.org/",
    data_licence="CC0-1.0",
    urls=("catalog:curated/events.csv",),
    every=None,
    may_shrink_to=0.0,
    parse=parse,
)
