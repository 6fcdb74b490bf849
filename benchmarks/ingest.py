"""Rows a second from a document's bytes to stored facts, beside COPY and Django's bulk_create, and what that writes."""

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from django.db import connection, models, transaction

from benchmarks import _scores
from benchmarks._scratch import scratch_database
from tracker.domain.records import ScoreRecord
from tracker.models import Endpoint, Score, Snapshot
from tracker.pipeline import ingest

ROUNDS: Final = 7
SCORES: Final = 100_000
UPSERTED: Final = 20_000  # rows that bulk_create is given: of all it would take minutes, at the same rate
BATCH: Final = 2_000
CHANGED: Final = 100  # every so many rows
LARGE: Final = 380_000  # scores, which fill a hundred megabytes
ROOT: Final = Path(__file__).resolve().parents[1]


@dataclass(slots=True)
class Arm:
    """One way to do the work: what is done before it untimed, the work, and what each round of it cost."""

    title: str
    rows: int
    work: Callable[[], object]
    before: Callable[[], object] = lambda: None
    rates: list[float] = field(default_factory=list)
    written: list[int] = field(default_factory=list)
    wal: list[int] = field(default_factory=list)

    def take(self) -> None:
        self.before()
        gc.collect()
        first, position = _asked("SELECT pg_current_xact_id()::text::bigint"), _asked("SELECT pg_current_wal_lsn()")
        began = time.perf_counter()
        self.work()
        self.rates.append(self.rows / (time.perf_counter() - began))
        self.wal.append(int(_asked("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)", position)))
        self.written.append(_written_since(first))

    @property
    def line(self) -> str:
        rates = sorted(self.rates)
        return (
            f"  {self.title}: {statistics.median(rates):,.0f} rows/s ({rates[0]:,.0f} to {rates[-1]:,.0f}), "
            f"{statistics.median(self.written):,.0f} rows of all tables written, "
            f"{statistics.median(self.wal) / self.rows:,.1f} bytes of WAL a row"
        )


def run(write: Callable[[str], None]) -> None:
    """In a database of its own on the configured server, dropped at the end. About four minutes on two quiet cores."""
    with scratch_database() as url:
        endpoint = _scores.install()
        rows = list(_scores.records(SCORES))
        body = _scores.document(endpoint, rows)
        write(
            f"{len(rows):,} scores, {_scores.MODELS:,} models x {_scores.BENCHMARKS} benchmarks, {len(body) / 1e6:.0f} "
            f"MB of records; {ROUNDS} rounds after a warm-up, arms in the order A B B A"
        )
        _settle()
        _first_load(endpoint, body, write)
        _again(endpoint, rows, body, write)
        rows.clear()
        _memory(endpoint, body, url, write)


def _first_load(endpoint: Endpoint, body: bytes, write: Callable[[str], None]) -> None:
    """Parse, guard, resolve and store, beside the very same rows as COPY wrote them out."""
    snapshot = _scores.stored(endpoint, body, day=0)
    _read(snapshot)
    with connection.cursor() as cursor:
        with cursor.copy("COPY tracker_score TO STDOUT") as copy:
            rows = b"".join(bytes(block) for block in copy)
        cursor.execute("CREATE TABLE bare_score (LIKE tracker_score INCLUDING ALL)")
        cursor.execute("ALTER TABLE bare_score SET (autovacuum_enabled = false)")

    def unread() -> None:
        Endpoint.objects.update(current=None)
        _execute("TRUNCATE tracker_score, tracker_documentshape")
        Snapshot.objects.update(state=Snapshot.State.STORED, ingested_at=None, counts={})

    ours = Arm("this pipeline, whole", SCORES, lambda: _read(snapshot), unread)
    copy = Arm(
        "bare COPY into the same table, with its indexes and foreign keys",
        SCORES,
        lambda: _copy("tracker_score", rows),
        lambda: _execute("TRUNCATE tracker_score"),
    )
    bare = Arm(
        "bare COPY into a copy of it, with its indexes, without foreign keys",
        SCORES,
        lambda: _copy("bare_score", rows),
        lambda: _execute("TRUNCATE bare_score"),
    )
    _rounds([ours, copy, bare])
    write("first load")
    for arm in (ours, copy, bare):
        write(arm.line)
    write(
        f"  {_ratio(ours, copy)} of COPY (promised: at least 0.50), {_ratio(ours, bare)} of COPY without foreign keys"
    )
    unread()
    _read(snapshot)


def _again(endpoint: Endpoint, rows: Sequence[ScoreRecord], body: bytes, write: Callable[[str], None]) -> None:
    """Documents in other bytes that say the same, and such in which every hundredth value differs."""
    upsert = _upsert()
    days = iter(range(1, 1000))
    documents: dict[str, bytes] = {"same": body, "changed": body}
    waiting: list[Snapshot] = []

    def come(body: bytes) -> None:
        waiting[:] = [_scores.stored(endpoint, body, day=next(days))]

    def other_bytes() -> None:
        documents["same"] += b"\n"
        come(documents["same"])

    def other_values() -> None:
        turn = next(days)
        changed = [replace(row, value=(turn % 97) / 97) if n % CHANGED == 0 else row for n, row in enumerate(rows)]
        documents["same"] = _scores.document(endpoint, changed)
        come(documents["same"])

    same = Arm("this pipeline, whole", SCORES, lambda: _read(waiting[0]), other_bytes)
    theirs = Arm("bulk_create(update_conflicts) of finished rows", UPSERTED, lambda: upsert(0))
    _rounds([same, theirs])
    write("a document that says the same again")
    write(same.line)
    write(theirs.line)
    scores = Score.objects.count()
    write(f"  {_ratio(same, theirs)} times bulk_create (promised: at least 5)")
    again = Arm("", SCORES, lambda: ingest.reingest(endpoint.pk, now=_scores.START))
    again.take()
    facts = Score.objects.count() - scores
    write(
        f"  the facts: {facts} of {scores:,} written; what is written are rows about the document itself. The same "
        f"document read once more: {again.written[0]} rows of all tables, {again.wal[0]:,} bytes of WAL"
    )

    some = Arm("this pipeline, whole", SCORES, lambda: _read(waiting[0]), other_values)
    theirs = Arm("bulk_create(update_conflicts) of finished rows", UPSERTED, lambda: upsert(CHANGED))
    _rounds([some, theirs])
    write("a document in which 1 % of the values differ")
    write(some.line)
    write(theirs.line)
    write(f"  {_ratio(some, theirs)} times bulk_create")


def _memory(endpoint: Endpoint, small: bytes, url: str, write: Callable[[str], None]) -> None:
    """What a process of its own needs at most while it reads a hundred megabytes."""
    write("memory of a process that reads one document")
    for name, count in (("a small one", 1_000), ("a large one", LARGE)):
        Endpoint.objects.update(current=None)
        _execute("TRUNCATE tracker_score, tracker_documentshape")
        body = _scores.document(endpoint, list(_scores.records(count)))
        for times, title in enumerate((name, f"{name} that says the same again")):
            size, snapshot = len(body), _scores.stored(endpoint, body + b"\n" * times, day=2000 + count + times)
            Snapshot.objects.exclude(pk=snapshot.pk).update(state=Snapshot.State.REJECTED, ingested_at=None)
            found = _read_apart(snapshot, url)
            write(
                f"  {title}: {size / 1e6:.1f} MB, {count:,} rows, {found['seconds']:.1f} s; at most "
                f"{found['peak_mb']:.0f} MB resident, {found['before_mb']:.0f} MB of it before it began"
            )


def _read_apart(snapshot: Snapshot, url: str) -> dict[str, float]:
    environment = {**os.environ, "DATABASE_URL": url, "DATABASE_POOL": "0"}
    command = [sys.executable, "-m", "benchmarks._read_one", str(snapshot.pk)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _rounds(arms: list[Arm]) -> None:
    """Every arm once to warm up, then in turns forwards and backwards."""
    for turn in range(ROUNDS + 1):
        for arm in arms if turn % 2 == 0 else reversed(arms):
            arm.take()
            if turn == 0:
                for taken in (arm.rates, arm.written, arm.wal):
                    taken.clear()


def _ratio(ours: Arm, theirs: Arm) -> str:
    ratios = sorted(a / b for a, b in zip(ours.rates, theirs.rates, strict=True))
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def _read(snapshot: Snapshot) -> None:
    read = ingest.ingest(snapshot.pk, now=_scores.START, by="benchmark")
    if read is None or read.state != Snapshot.State.INGESTED:
        raise RuntimeError(f"the document was not read: {read and read.message}")


def _copy(table: str, rows: bytes) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        copy.write(rows)


def _upsert() -> Callable[[int], None]:
    """bulk_create over a copy of the facts' table that has the one unique index it needs."""
    columns: dict[str, Any] = {
        **dict.fromkeys(
            ("endpoint_id", "first_snapshot_id", "model_id", "benchmark_id", "setting_id"), models.BigIntegerField
        ),
        **dict.fromkeys(("key", "digest", "name", "url", "evaluator"), models.TextField),
        "value": models.FloatField,
    }  # fmt: skip
    fields: dict[str, Any] = {name: kind() for name, kind in columns.items()}
    fields |= {"stderr": models.FloatField(null=True), "evaluated_on": models.DateField(null=True)}
    fields |= {"known_from": models.DateTimeField()}
    meta = type("Meta", (), {"app_label": "benchmarks", "db_table": "bulk_score", "managed": False})
    table: Any = type("BulkScore", (models.Model,), {"__module__": __name__, "Meta": meta, **fields})
    _execute("CREATE TABLE bulk_score (LIKE tracker_score INCLUDING ALL)")
    _execute("CREATE UNIQUE INDEX ON bulk_score (endpoint_id, key)")
    _execute("ALTER TABLE bulk_score SET (autovacuum_enabled = false)")
    _execute("INSERT INTO bulk_score SELECT * FROM tracker_score")
    rows = [table(**values) for values in Score.objects.order_by("key").values(*fields)[:UPSERTED]]
    updated = [name for name in fields if name not in ("endpoint_id", "key")]

    def upsert(every: int) -> None:
        for row in rows[::every] if every else ():
            row.value = (row.value + 0.001) % 1
        with transaction.atomic():
            table.objects.bulk_create(
                rows, BATCH, update_conflicts=True, unique_fields=["endpoint_id", "key"], update_fields=updated
            )

    return upsert


def _settle() -> None:
    """So that no round pays for cleaning up after another."""
    for table in ("tracker_score", "tracker_snapshot", "tracker_blob"):
        _execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    _execute("ANALYZE")


def _written_since(transaction_id: int) -> int:
    """Rows of all our tables that a later transaction wrote."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        tables = [name for (name,) in cursor.fetchall()]
    count = "SELECT count(*) FROM {} WHERE xmin::text::bigint >= %s"
    return sum(int(_asked(count.format(name), transaction_id)) for name in tables)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _asked(question: str, *values: object) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchone()[0]
