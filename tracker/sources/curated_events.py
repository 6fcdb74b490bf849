"""Events as curators read them in publishers' pages, stored notices and essays: rows with source, URL and date."""

from tracker.domain.events import EventKind
from tracker.domain.records import EventRecord, When
from tracker.sources.base import Document, ParseError, Records
from tracker.sources.curated_rows import EVIDENCE, curated, dated, naming, traced

COLUMNS = (
    *("key", "lab", "kind", "title", "occurred", "model", "detail", "about"),
    *(*EVIDENCE, "note"),
)
OUTCOMES = (EventKind.PROMISE_KEPT, EventKind.PROMISE_BROKEN)


def parse(document: Document) -> Records:
    """An event a row. What became of a promise must name one of this file, made no later."""
    rows = list(traced(document, COLUMNS))
    promised = {row["key"]: row["occurred"] for row in rows if row["kind"] == EventKind.PROMISE}
    for row in rows:
        if not row["title"]:
            raise ParseError(f"{document.url}: {row['key']} does not say what happened")
        with naming(document, row):
            kind, occurred = EventKind(row["kind"]), dated(row["occurred"])
            _check_about(kind, row["about"], occurred, promised)
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


SOURCE = curated(__name__, title="Curated events", file="events.csv", parse=parse)
