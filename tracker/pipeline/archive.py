"""Snapshots out and in: the whole archive as it was collected, and the starter archive that ships with the project."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db.models import QuerySet

from tracker.models import Benchmark, Endpoint, Snapshot, Source
from tracker.pipeline import ingest
from tracker.pipeline.collect import enrol, keep
from tracker.pipeline.curated import SCHEME
from tracker.pipeline.resolve import Resolver
from tracker.sources import record_file

STARTER = Path(__file__).resolve().parents[2] / "archive" / "starter"

# Facts from data under these licences may be shipped with the project, with attribution.
SHIPPABLE = frozenset({"CC-BY-4.0", "MIT", "Apache-2.0", "CC0-1.0"})


class ArchiveError(ValueError):
    """The folder is not an archive, or a file in it is not what its manifest says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One snapshot in a manifest; `file` is relative to it, `original_sha256` is that of the publisher's own bytes."""

    source: str
    url: str
    retrieved_at: str
    media_type: str
    sha256: str
    file: str
    original_sha256: str = ""
    licence: str = ""
    attribution: str = ""


def manifest(folder: Path) -> list[Entry]:
    """The entries of an archive, in the order they were retrieved. Raises ArchiveError."""
    path = folder / "manifest.json"
    try:
        entries = [Entry(**row) for row in json.loads(path.read_text("utf-8"))]
        return sorted(entries, key=lambda entry: (_time(entry), entry.source, entry.url))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ArchiveError(f"{path} is not a manifest: {error}") from error


def _time(entry: Entry) -> datetime:
    time = datetime.fromisoformat(entry.retrieved_at)
    if time.tzinfo is None:
        raise ValueError(f"{entry.retrieved_at} of {entry.file} names no time zone")
    return time


def _body(folder: Path, entry: Entry) -> bytes:
    """The entry's bytes. Raises ArchiveError when they are not there or are not those of the manifest."""
    path = folder / entry.file
    if path.resolve().parent != folder.resolve():
        raise ArchiveError(f"{entry.file} lies outside the archive")
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ArchiveError(f"{entry.file} cannot be read: {error}") from error
    if hashlib.sha256(body).hexdigest() != entry.sha256:
        raise ArchiveError(f"{entry.file} has other bytes than the manifest says: its sha256 differs")
    return body


def is_loaded(folder: Path) -> bool:
    """Whether every snapshot of an archive is stored and read: a first start that was killed goes on where it stopped.
    A folder without a manifest holds nothing to load."""
    if not (folder / "manifest.json").exists():
        return True
    read = Snapshot.objects.exclude(state=Snapshot.State.STORED)
    known = {(url, at) for url, at in read.values_list("endpoint__url", "fetched_at")}
    return all((entry.url, datetime.fromisoformat(entry.retrieved_at)) in known for entry in manifest(folder))


def load(folder: Path, *, now: datetime, by: str) -> Iterator[tuple[Entry, Snapshot]]:
    """Take every snapshot of an archive in through the usual door, oldest first, and read it.

    Yields each entry with the snapshot it became. Snapshots that are there already are skipped, so a load that was
    killed goes on where it stopped. Raises ArchiveError when a file is not what the manifest says.
    """
    enrol(now=now)
    sources = {source.slug: source for source in Source.objects.all()}
    for entry in manifest(folder):
        body = _body(folder, entry)
        if entry.source not in sources:
            raise ArchiveError(f"{entry.file} comes from {entry.source}, which is no source of this installation")
        endpoint, _ = Endpoint.objects.get_or_create(url=entry.url, defaults={"source": sources[entry.source]})
        snapshot, _ = keep(
            endpoint,
            body,
            fetched_at=_time(entry),
            media_type=entry.media_type,
            original_sha256=entry.original_sha256,
        )
        if snapshot.blob_id != entry.sha256:
            raise ArchiveError(f"{entry.file}: another document of {entry.url} is stored for that very time")
        read = ingest.ingest(snapshot.pk, now=now, by=by)
        yield entry, read or snapshot


def export(folder: Path) -> Iterator[Entry]:
    """Write every stored snapshot, bytes as they came, with a manifest."""
    snapshots = Snapshot.objects.select_related("endpoint__source", "blob").order_by("fetched_at", "pk")
    yield from _write(folder, snapshots, body=lambda snapshot: ingest.document_of(snapshot).body)


def write_starter(folder: Path) -> Iterator[Entry]:
    """Write the starter archive from what was collected: record files in our own schema, facts only.

    Only sources under a licence that lets facts be shipped, only snapshots that were read, only rows whose names
    resolve and whose benchmark may be shown.
    """
    snapshots = Snapshot.objects.filter(
        state=Snapshot.State.INGESTED,
        endpoint__source__data_licence__in=SHIPPABLE,
        endpoint__source__may_display=True,
    )
    snapshots = snapshots.exclude(endpoint__url__startswith=SCHEME)  # these files ship with the catalogue
    snapshots = snapshots.select_related("endpoint__source", "blob").order_by("fetched_at", "pk")
    hidden = set(Benchmark.objects.filter(may_display=False).values_list("pk", flat=True))

    def body(snapshot: Snapshot) -> bytes:
        source = snapshot.endpoint.source
        records = Resolver().resolvable(ingest.records_of(snapshot), hidden_benchmarks=hidden)
        retrieved_on = snapshot.fetched_at.date()
        return record_file.write(records, source=source.slug, url=snapshot.endpoint.url, retrieved_on=retrieved_on)

    yield from _write(folder, snapshots, body=body, media_type=record_file.MEDIA_TYPE)
    (folder / "ATTRIBUTION.md").write_text(_attribution(folder), "utf-8")


def _attribution(folder: Path) -> str:
    """Who published what the starter archive holds, and under which licence."""
    sources = {source.slug: source for source in Source.objects.all()}
    lines = [
        "# Attribution",
        "",
        "The facts in this folder (names, dates, scores, prices, access) were read from the publishers below and",
        "written in this project's own schema. Scores that a publisher took from elsewhere carry their own link.",
        "",
    ]
    for slug in sorted({entry.source for entry in manifest(folder)}):
        source = sources[slug]
        entries = [entry for entry in manifest(folder) if entry.source == slug]
        lines += [f"## {source.title}", "", f"{source.publisher}, <{source.homepage}>, licence {source.data_licence}."]
        lines += [source.attribution] if source.attribution else []
        lines += ["", *(f"- {entry.url}, retrieved {entry.retrieved_at[:10]}: `{entry.file}`" for entry in entries), ""]
    return "\n".join(lines)


def _write(
    folder: Path, snapshots: QuerySet[Snapshot], *, body: Callable[[Snapshot], bytes], media_type: str = ""
) -> Iterator[Entry]:
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for snapshot in snapshots.iterator(chunk_size=20):
        content, source = body(snapshot), snapshot.endpoint.source
        sha256 = hashlib.sha256(content).hexdigest()
        suffix = ".jsonl" if media_type else ""
        name = f"{source.slug}-{snapshot.fetched_at:%Y-%m-%d}-{sha256[:8]}{suffix}"
        (folder / name).write_bytes(content)
        entry = Entry(
            source=source.slug,
            url=snapshot.endpoint.url,
            retrieved_at=snapshot.fetched_at.isoformat(),
            media_type=media_type or snapshot.media_type,
            sha256=sha256,
            file=name,
            original_sha256=snapshot.original_sha256 or (snapshot.blob_id if media_type else ""),
            licence=source.data_licence,
            attribution=source.attribution,
        )
        entries.append(entry)
        yield entry
    text = json.dumps([asdict(entry) for entry in entries], indent=1, ensure_ascii=False)
    (folder / "manifest.json").write_text(f"{text}\n", "utf-8")
