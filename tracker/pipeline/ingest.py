"""Turns one stored snapshot into facts: parse, guard, resolve, store; all of it or nothing."""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, transaction

from tracker.domain.records import Record
from tracker.domain.rows import Batch, batches
from tracker.domain.shape import Onlooker
from tracker.models import Endpoint, Snapshot, Unresolved, Waiver
from tracker.models.entities import Kind
from tracker.pipeline import alarms, comparison, leases, shapes, store
from tracker.pipeline.kinds import FACTS
from tracker.pipeline.resolve import Resolution, Resolver
from tracker.pipeline.versions import raise_data_version
from tracker.sources import SOURCES, record_file
from tracker.sources.base import Document, ParseError

LEASE = settings.LEASE
# A document that breaks off its reading every time (it kills the worker, or lasts for ever) is not read for ever.
MOST_ATTEMPTS = 5
PIECE = 1 << 16  # bytes of a packed document that are unpacked at once


class ShrunkError(ParseError):
    """The document holds much less than the one before it: a guard that a curator may waive."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"{found} If the publisher means it, accept the document on the curator's desk; if it is a broken export, "
            "reject it. Until then the last good one stays up."
        )


class DriftedError(ShrunkError):
    """What it holds cannot be what it held before, another unit or an emptied column: a curator may waive this too."""

    def __init__(self, look: shapes.Look) -> None:
        super().__init__(look.unbelievable)
        self.look = look


def waiting(*, now: datetime) -> list[int]:
    """Ids of the snapshots to read, oldest first: facts must be superseded in the order they were learned."""
    rows = Snapshot.objects.filter(leases.free(now=now, lease=LEASE), state=Snapshot.State.STORED).order_by(
        "fetched_at", "pk"
    )
    return list(rows.values_list("pk", flat=True))


def document_of(snapshot: Snapshot) -> Document:
    """The stored bytes as the parsers take them."""
    body = zlib.decompress(snapshot.blob.packed)
    return Document(snapshot.endpoint.url, body, snapshot.fetched_at, snapshot.media_type)


def records_of(snapshot: Snapshot) -> Iterator[Record]:
    """What the snapshot says, as it is read; nothing of it may be believed before its end. Raises ParseError."""
    for batch in batches_of(snapshot):
        yield from batch.records()


def batches_of(snapshot: Snapshot) -> Iterator[Batch]:
    """The same in batches."""
    source, url = SOURCES[snapshot.endpoint.source.slug], snapshot.endpoint.url
    if snapshot.media_type == record_file.MEDIA_TYPE:
        # A hundred megabytes never lie in memory whole.
        return source.guarded(url, record_file.read_batches(_lines(snapshot.blob.packed), url))
    return source.guarded(url, batches(source.parse(document_of(snapshot))))


def _lines(packed: bytes | memoryview) -> Iterator[bytes]:
    unpacking, rest = zlib.decompressobj(), b""
    for start in range(0, len(packed), PIECE):
        *lines, rest = (rest + unpacking.decompress(packed[start : start + PIECE])).split(b"\n")
        yield from lines
    yield rest + unpacking.flush()


def ingest(snapshot_id: int, *, now: datetime, by: str, log_run: str = "") -> Snapshot | None:
    """Read one waiting snapshot if nobody else does, those that its endpoint gave before it first. Returns it as it now
    is; None when another has it, or one of those. The rows keep `log_run`, by which the logs know this work.

    A document that fails its guards is kept, marked with the reason, and shown; the facts read before stay.
    """
    for older in _waiting_before(snapshot_id):
        # Read after its successor it would be outdated, and what it alone showed would never have been known.
        if not _ingest(older, now=now, by=by, log_run=log_run):
            return None
    read = _ingest(snapshot_id, now=now, by=by, log_run=log_run)
    return Snapshot.objects.get(pk=snapshot_id) if read else None


def _waiting_before(snapshot_id: int) -> list[int]:
    earlier = Snapshot.objects.filter(pk=snapshot_id).values("fetched_at")[:1]
    endpoint = Snapshot.objects.filter(pk=snapshot_id).values("endpoint")[:1]
    older = Snapshot.objects.filter(endpoint=endpoint, fetched_at__lt=earlier, state=Snapshot.State.STORED)
    return list(older.order_by("fetched_at").values_list("pk", flat=True))


def _ingest(snapshot_id: int, *, now: datetime, by: str, log_run: str) -> bool:
    work = Snapshot.objects.filter(pk=snapshot_id, state=Snapshot.State.STORED)
    snapshot = leases.claim(work, now=now, lease=LEASE, by=by, read_in=log_run)
    if snapshot is None:
        return False
    try:
        if snapshot.attempts > MOST_ATTEMPTS:
            raise ParseError(f"reading it broke off {MOST_ATTEMPTS} times")
        _store(snapshot, batches_of(snapshot), now=now, by=by)
    except (ParseError, DataError, IntegrityError) as error:
        # What the columns and constraints refuse is the document's fault like what the parser refuses: without this
        # every worker would try it again, for ever and unseen.
        _quarantine(snapshot, error, by=by)
    alarms.after_reading(snapshot.endpoint_id, now=now)
    return True


def _quarantine(snapshot: Snapshot, error: Exception, *, by: str) -> None:
    """Keep the document with the reason, and with what differs from the last good one, for whoever has to decide."""
    message = str(error).strip()
    counts: dict[str, Any] = {"refused_by": "shrinkage"} if isinstance(error, ShrunkError) else {}
    # A document whose reading broke off again and again is not looked into once more.
    report = None
    if snapshot.attempts <= MOST_ATTEMPTS:
        records = _readable(snapshot)
        if records is not None:
            counts["records"] = _kinds(Counter(map(type, records)))
        report = _compared(snapshot, records)
    with transaction.atomic():
        values = {"state": Snapshot.State.QUARANTINED, "message": message, "counts": counts}
        if leases.done(snapshot, by=by, error=message, **values) and report is not None:
            comparison.keep(snapshot, snapshot.endpoint.current, report)
            if isinstance(error, DriftedError):
                shapes.keep(snapshot, error.look)


def _compared(snapshot: Snapshot, records: list[Record] | None) -> dict[str, Any]:
    before = snapshot.endpoint.current
    if before is None:
        return comparison.compare(document_of(snapshot), records, None, None)
    return comparison.compare(document_of(snapshot), records, document_of(before), _readable(before))


def _readable(snapshot: Snapshot) -> list[Record] | None:
    """All its records; None where it cannot be parsed, as a good one cannot when the parser has changed since."""
    try:
        return list(records_of(snapshot))
    except ParseError:
        return None


def reingest(endpoint_id: int, *, now: datetime, taken_back: Snapshot | None = None) -> store.Written:
    """Read an endpoint's current snapshot again, after names were explained: what it adds is known from now on.

    `taken_back` is a later one that a curator no longer accepts: the last to show what ends now.
    """
    with transaction.atomic():
        # Locked first: a newer document read meanwhile must not be superseded by this older one.
        current = Endpoint.objects.select_for_update().get(pk=endpoint_id).current
        if current is None:
            return store.Written()
        before = taken_back if taken_back and taken_back.fetched_at > current.fetched_at else current
        with Resolution(current.endpoint) as found:
            resolver = Resolver()
            resolver.resolve(batches_of(current), into=found)
            return _write(resolver, found, snapshot=current, before=before, at=now, now=now)


def explained() -> list[int]:
    """Ids of the endpoints where a name that waited is explained by now: their document is worth reading again."""
    resolver, found = Resolver(), set()
    waiting = Unresolved.objects.filter(state=Unresolved.State.WAITING)
    for endpoint, kind, name in waiting.values_list("endpoint_id", "kind", "name"):
        if resolver.knows(Kind(kind), name):
            found.add(endpoint)
    return sorted(found)


def _refuse_shrinking(snapshot: Snapshot, records: Counter[type[Record]]) -> None:
    before = snapshot.endpoint.current
    if before is None or Waiver.objects.filter(snapshot=snapshot).exists():
        return
    keep = SOURCES[snapshot.endpoint.source.slug].may_shrink_to
    now_there = _kinds(records)
    for kind, count in before.counts.get("records", {}).items():
        if (left := now_there.get(kind, 0)) < keep * count:
            # A page that lost rows still parses; believing it would close every fact that it lost.
            raise ShrunkError(
                f"{left} {kind} rows, where the last good document had {count}: {100 * left / count:.0f} % of them, "
                f"and under {100 * keep:.0f} % it is not believed. The facts of the other rows would end."
            )


def _kinds(records: Counter[type[Record]]) -> dict[str, int]:
    return {record_file.NAMES[kind]: count for kind, count in records.items()}


@transaction.atomic
def _store(snapshot: Snapshot, coming: Iterable[Batch], *, now: datetime, by: str) -> None:
    endpoint = Endpoint.objects.select_for_update().get(pk=snapshot.endpoint_id)
    before = endpoint.current
    if before is not None and before.fetched_at >= snapshot.fetched_at:
        # Whether it was whole is worth knowing all the same.
        seen: Counter[type[Record]] = Counter()
        for rows in (rows for batch in coming for rows in batch.kinds):
            seen[rows.kind] += len(rows)
        _refuse_shrinking(snapshot, seen)
        leases.done(
            snapshot,
            by=by,
            state=Snapshot.State.OUTDATED,
            message=f"A document of {before.fetched_at:%Y-%m-%d %H:%M} UTC was read before this one.",
        )
        return
    snapshot.endpoint = endpoint
    # What was not believed when it came was not known then: it is from when a curator accepted it.
    waiver = Waiver.objects.filter(snapshot=snapshot).first()
    learned = max(snapshot.fetched_at, waiver.at) if waiver else snapshot.fetched_at
    onlooker = Onlooker(seen_on=snapshot.fetched_at.date())
    with Resolution(endpoint) as resolution:
        resolver = Resolver()
        resolver.resolve(onlooker.watch(coming), into=resolution)
        _refuse_shrinking(snapshot, resolution.records)
        look = shapes.look_at(snapshot, onlooker.shape())
        if look.unbelievable and waiver is None:
            raise DriftedError(look)
        written = _write(resolver, resolution, snapshot=snapshot, before=before, at=learned, now=now)
    counts = {
        "records": _kinds(resolution.records),
        "resolved": resolution.resolved,
        "unresolved": resolution.waiting,
        "added": written.added,
        "closed": written.closed,
        "superseded": written.superseded,
        "unchanged": written.unchanged,
    }
    ours = leases.done(snapshot, by=by, state=Snapshot.State.INGESTED, message="", ingested_at=now, counts=counts)
    if not ours:
        transaction.set_rollback(True)
        return
    confirmed = max(endpoint.confirmed_at or snapshot.fetched_at, snapshot.fetched_at)
    Endpoint.objects.filter(pk=endpoint.pk).update(current=snapshot, confirmed_at=confirmed)
    shapes.keep(snapshot, look)


def _write(
    resolver: Resolver,
    resolution: Resolution,
    *,
    snapshot: Snapshot,
    before: Snapshot | None,
    at: datetime,
    now: datetime,
) -> store.Written:
    written = store.Written()
    rolling = SOURCES[snapshot.endpoint.source.slug].rolling
    for kind in FACTS:
        written += store.write(
            resolution.facts[kind],
            settings=resolution.settings,
            snapshot=snapshot,
            before=before,
            at=at,
            keep_vanished=rolling,
        )
    resolver.remember_unresolved(resolution, snapshot=snapshot)
    if written.changes:
        raise_data_version(now=now)
    return written
