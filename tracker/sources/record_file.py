"""Documents in the project's own schema: one record a line, each with source, URL and date.

They carry facts where the publisher's bytes may not be kept or shipped: the starter archive is made of them. A record
file stands in for its publisher's document at the same address, so a live reading supersedes exactly what changed.
"""

import dataclasses
import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from tracker.domain.records import Access, Evaluator, EventRecord, PriceRecord, Record, ReleaseRecord, ScoreRecord, When
from tracker.sources.base import Document, ParseError

MEDIA_TYPE = "application/vnd.ai-landscape.records+jsonl"
KINDS: dict[str, type[Record]] = {
    "release": ReleaseRecord,
    "score": ScoreRecord,
    "price": PriceRecord,
    "event": EventRecord,
}
NAMES = {kind: name for name, kind in KINDS.items()}
READERS = {"access": Access, "evaluator": Evaluator, "released": When.parse, "evaluated": When.parse}
READERS |= {"since": When.parse, "occurred": When.parse}


def recognises(document: Document) -> bool:
    return document.media_type == MEDIA_TYPE


def read(document: Document) -> Iterator[Record]:
    """The records of a record file. Raises ParseError with the line's number."""
    for number, line in enumerate(document.text().splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            kind = KINDS[row.pop("kind")]
            for provenance in ("source", "retrieved_on"):
                row.pop(provenance)
            yield kind(**{name: READERS[name](value) if name in READERS else value for name, value in row.items()})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ParseError(f"{document.url}, line {number} is not a record: {error!r}") from error


def write(records: Iterable[Record], *, source: str, url: str, retrieved_on: date) -> bytes:
    """A record file: sorted by kind and key, blank fields left out, so that equal records give equal bytes."""
    lines = []
    for record in sorted(records, key=lambda record: (NAMES[type(record)], record.key)):
        row: dict[str, Any] = {"kind": NAMES[type(record)]}
        for field in dataclasses.fields(record):
            value = getattr(record, field.name)
            if value is not None and value != "":
                row[field.name] = str(value) if isinstance(value, When | Access | Evaluator) else value
        row |= {"url": row.get("url", url), "source": source, "retrieved_on": retrieved_on.isoformat()}
        lines.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
    return "".join(f"{line}\n" for line in lines).encode()
