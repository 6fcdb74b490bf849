"""How a refused document differs from the last good one, for the curator who has to decide about it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from tracker.domain.records import Record
from tracker.models import Comparison, Snapshot
from tracker.sources import record_file
from tracker.sources.base import Document

# More rows than a person reads through.
MOST_SHOWN = 50
START = 300  # characters: a renamed column shows in them


def compare(
    document: Document, records: list[Record] | None, before: Document | None, known: list[Record] | None
) -> dict[str, Any]:
    """Sizes and beginnings of both; where both could be read, counts by kind and the rows that went, came, changed."""
    report: dict[str, Any] = {
        "size": [len(before.body) if before else None, len(document.body)],
        "start": [_start(before) if before else "", _start(document)],
    }
    if records is None or known is None:
        return report
    old, new = _by_key(known), _by_key(records)
    counts = [Counter(kind for kind, _ in rows) for rows in (old, new)]
    report["counts"] = {kind: [count[kind] for count in counts] for kind in sorted(counts[0] | counts[1])}
    report["gone"] = _listed(f"{kind}: {_named(old[kind, key])}" for kind, key in sorted(old.keys() - new.keys()))
    report["new"] = _listed(f"{kind}: {_named(new[kind, key])}" for kind, key in sorted(new.keys() - old.keys()))
    both = sorted(name for name in old.keys() & new.keys() if old[name] != new[name])
    report["changed"] = _listed(f"{name[0]}: {_named(new[name])}: {_changes(old[name], new[name])}" for name in both)
    return report


def keep(snapshot: Snapshot, before: Snapshot | None, report: dict[str, Any]) -> None:
    """Call in the transaction that puts the snapshot into quarantine."""
    Comparison.objects.update_or_create(snapshot=snapshot, defaults={"before": before, "report": report})


def _start(document: Document) -> str:
    # What a text column cannot hold is shown as what it is.
    return document.body[:START].decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def _by_key(records: Iterable[Record]) -> dict[tuple[str, str], Record]:
    return {(record_file.NAMES[type(record)], record.key): record for record in records}


def _named(record: Record) -> str:
    name = getattr(record, "model", "") or getattr(record, "lab", "") or getattr(record, "licence", "")
    return f"{name} ({record.key})" if name and name != record.key else record.key


def _changes(old: Record, new: Record) -> str:
    pairs = ((field.name, getattr(old, field.name), getattr(new, field.name)) for field in fields(new))
    return ", ".join(f"{name} {was!s:.60} → {now!s:.60}" for name, was, now in pairs if was != now)


def _listed(lines: Iterable[str]) -> dict[str, Any]:
    lines = list(lines)
    return {"count": len(lines), "first": [line[:300] for line in lines[:MOST_SHOWN]]}
