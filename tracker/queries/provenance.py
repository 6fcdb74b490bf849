"""Where a number comes from: the fact, the document it was read from, the publisher, the licence of the data."""

import zlib
from dataclasses import dataclass
from datetime import datetime

from tracker.models import Event, Fact, Price, Release, Score, Snapshot, Source

KINDS: dict[str, type[Fact]] = {"release": Release, "score": Score, "price": Price, "event": Event}
HIDDEN = {"id", "endpoint", "key", "digest", "name", "url", "first_snapshot", "last_snapshot"}
HIDDEN |= {"known_from", "known_to", "superseded_by"}


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One stored document."""

    id: int
    source: str
    source_slug: str
    publisher: str
    homepage: str
    data_licence: str
    attribution: str
    may_display: bool
    url: str
    fetched_at: datetime
    sha256: str
    original_sha256: str
    size: int
    media_type: str
    state: str
    state_label: str
    message: str
    counts: dict[str, object]


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact with its two times, its content in words, and the documents that showed it."""

    kind: str
    id: int
    name: str
    key: str
    url: str
    content: tuple[tuple[str, str], ...]
    known_from: datetime
    known_to: datetime | None
    superseded_by: int | None
    first: SnapshotRow
    last: SnapshotRow


def snapshot_row(snapshot: Snapshot) -> SnapshotRow:
    source = snapshot.endpoint.source
    return SnapshotRow(
        id=snapshot.pk,
        source=source.title,
        source_slug=source.slug,
        publisher=source.publisher,
        homepage=source.homepage,
        data_licence=source.data_licence,
        attribution=source.attribution,
        may_display=source.may_display,
        url=snapshot.endpoint.url,
        fetched_at=snapshot.fetched_at,
        sha256=snapshot.blob_id,
        original_sha256=snapshot.original_sha256,
        size=snapshot.blob.size,
        media_type=snapshot.media_type,
        state=snapshot.state,
        state_label=snapshot.get_state_display(),
        message=snapshot.message,
        counts=snapshot.counts,
    )


def snapshot(number: int) -> SnapshotRow | None:
    found = Snapshot.objects.select_related("endpoint__source", "blob").defer("blob__packed").filter(pk=number).first()
    return None if found is None else snapshot_row(found)


def document(number: int) -> tuple[bytes, SnapshotRow] | None:
    """The stored bytes, where the licence of the data lets us show them; None otherwise."""
    found = Snapshot.objects.select_related("endpoint__source", "blob").filter(pk=number).first()
    if found is None or not found.endpoint.source.may_display:
        return None
    return zlib.decompress(found.blob.packed), snapshot_row(found)


def fact(kind: str, number: int) -> FactRow | None:
    """A fact that may be shown, by its kind and row."""
    model = KINDS.get(kind)
    found = None
    if model is not None:
        related = [
            field.name for field in model._meta.concrete_fields if field.is_relation and field.name not in HIDDEN
        ]
        rows = model._default_manager.select_related(
            *related,
            "superseded_by",
            "endpoint__source",
            "endpoint__current__blob",
            "endpoint__current__endpoint__source",
            "first_snapshot__endpoint__source",
            "first_snapshot__blob",
            "last_snapshot__endpoint__source",
            "last_snapshot__blob",
        )
        found = rows.filter(pk=number, endpoint__source__may_display=True).first()
    if found is None or (isinstance(found, Score) and not found.benchmark.may_display):
        return None
    content = tuple(
        (str(field.verbose_name), str(value))
        for field in found._meta.concrete_fields
        if field.name not in HIDDEN and (value := getattr(found, field.name)) not in (None, "")
    )
    # While a fact is current, the last document that showed it is whichever its endpoint was read from last.
    last = found.last_snapshot or found.endpoint.current or found.first_snapshot
    return FactRow(
        kind=kind,
        id=found.pk,
        name=found.name,
        key=found.key,
        url=found.url,
        content=content,
        known_from=found.known_from,
        known_to=found.known_to,
        superseded_by=found.superseded_by.pk if found.superseded_by else None,
        first=snapshot_row(found.first_snapshot),
        last=snapshot_row(last),
    )


def credit_line() -> str:
    """The publishers whose current documents stand behind the figures, with the licence of their data, in one line."""
    rows = Source.objects.filter(endpoints__current__isnull=False, may_display=True).distinct()
    named = {f"{publisher} ({licence})" for publisher, licence in rows.values_list("publisher", "data_licence")}
    return ", ".join(sorted(named))
