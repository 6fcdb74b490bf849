"""Where a number comes from: the fact, the document it was read from, the publisher, the licence of the data."""

import zlib
from dataclasses import dataclass
from datetime import datetime

from tracker.models import (
    Assessment,
    Event,
    Fact,
    LicenceText,
    News,
    Price,
    Release,
    Score,
    Snapshot,
    Source,
    Statement,
)
from tracker.queries import freshness

KINDS: dict[str, type[Fact]] = {
    "release": Release,
    "score": Score,
    "price": Price,
    "event": Event,
    "statement": Statement,
    "news": News,
    "licence": LicenceText,
    "assessment": Assessment,
}
# A licence's words are its publisher's: what it is and where it stands is shown, not the text.
WITHHELD = {"text"}
HIDDEN = {"id", "endpoint", "key", "digest", "name", "url", "first_snapshot", "last_snapshot"}
HIDDEN |= {"known_from", "known_to", "superseded_by"} | WITHHELD


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One stored document. `may_hand_on` says whether its bytes may be downloaded; what it is may always be seen."""

    id: int
    source: str
    source_slug: str
    publisher: str
    homepage: str
    data_licence: str
    attribution: str
    may_display: bool
    may_hand_on: bool
    rolling: bool
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
    collected_in: str
    read_in: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact with its two times, its content in words, and the documents that showed it.

    Of a source that is a window onto a longer list nobody keeps when a row left it: `last` is then the newest document
    that was read while the fact held, which need not show it any more.
    """

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
    """A document without its bytes. What a guard said of it may quote it, and is blank where that must not be shown."""
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
        may_hand_on=source.may_display and source.may_hand_on,
        rolling=source.rolling,
        url=snapshot.endpoint.url,
        fetched_at=snapshot.fetched_at,
        sha256=snapshot.blob_id,
        original_sha256=snapshot.original_sha256,
        size=snapshot.blob.size,
        media_type=snapshot.media_type,
        state=snapshot.state,
        state_label=snapshot.get_state_display(),
        message=snapshot.message if source.may_display else "",  # it may quote the document
        counts=snapshot.counts,
        collected_in=snapshot.collected_in,
        read_in=snapshot.read_in,
    )


def snapshot(number: int) -> SnapshotRow | None:
    """The stored document of that number; None: there is none. Documents that may not be handed on are told of too."""
    found = Snapshot.objects.select_related("endpoint__source", "blob").defer("blob__packed").filter(pk=number).first()
    return None if found is None else snapshot_row(found)


def document(number: int) -> tuple[bytes, SnapshotRow] | None:
    """The stored bytes, where the licence of the data lets us show them and hand them on; None otherwise."""
    shown = Snapshot.objects.filter(endpoint__source__may_display=True, endpoint__source__may_hand_on=True)
    found = shown.select_related("endpoint__source", "blob").filter(pk=number).first()
    return None if found is None else (zlib.decompress(found.blob.packed), snapshot_row(found))


def fact(kind: str, number: int, *, known_at: datetime | None = None) -> FactRow | None:
    """A fact that may be shown, by its kind and row; with `known_at` as it stood at that time."""
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
        ).defer("endpoint__current__blob__packed", "first_snapshot__blob__packed", "last_snapshot__blob__packed")
        found = rows.filter(pk=number, endpoint__source__may_display=True).first()
    if found is None or (isinstance(found, Score) and not found.benchmark.may_display):
        return None
    content = tuple(
        (str(field.verbose_name), str(value))
        for field in found._meta.concrete_fields
        if field.name not in HIDDEN and (value := getattr(found, field.name)) not in (None, "")
    )
    if known_at is not None and found.known_from > known_at:
        return None
    ended = found.known_to is not None and (known_at is None or found.known_to <= known_at)
    return FactRow(
        kind=kind,
        id=found.pk,
        name=found.name,
        key=found.key,
        url=found.url,
        content=content,
        known_from=found.known_from,
        known_to=found.known_to if ended else None,
        superseded_by=found.superseded_by.pk if ended and found.superseded_by else None,
        first=snapshot_row(found.first_snapshot),
        last=snapshot_row(_last_seen(found, known_at=None if ended else known_at)),
    )


def _last_seen(fact: Fact, *, known_at: datetime | None) -> Snapshot:
    """The last document that showed a fact. While it is current that is whichever its endpoint was read from last."""
    if known_at is None:
        return fact.last_snapshot or fact.endpoint.current or fact.first_snapshot
    read = fact.endpoint.snapshots.filter(state=Snapshot.State.INGESTED, fetched_at__lte=known_at)
    read = read.select_related("endpoint__source", "blob").defer("blob__packed").order_by("-fetched_at")
    return read.first() or fact.first_snapshot


@freshness.once_a_state
def credit_line(known_at: datetime | None = None) -> str:
    """The publishers whose documents tell of releases and so stand behind every figure, with the licence of their data:
    those read by now, or with `known_at` by then."""
    read = Snapshot.objects.filter(state=Snapshot.State.INGESTED, counts__records__has_key="release")
    if known_at is not None:
        read = read.filter(fetched_at__lte=known_at)
    rows = Source.objects.filter(may_display=True, pk__in=read.values("endpoint__source"))
    named = {
        f"{publisher} ({licence})" for publisher, licence in rows.values_list("publisher", "data_licence").distinct()
    }
    return ", ".join(sorted(named))
