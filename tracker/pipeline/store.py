"""Writes one document's facts: new ones in, vanished ones closed, changed ones superseded, unchanged ones untouched."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from tracker.models import Endpoint, Fact, Snapshot
from tracker.pipeline.kinds import COLUMNS
from tracker.pipeline.spool import Spool


@dataclass(frozen=True, slots=True)
class Written:
    """How many facts came, went without a successor, were superseded, and stayed as they were."""

    added: int = 0
    closed: int = 0
    superseded: int = 0
    unchanged: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.added + other.added,
            self.closed + other.closed,
            self.superseded + other.superseded,
            self.unchanged + other.unchanged,
        )

    @property
    def changes(self) -> int:
        return self.added + self.closed + self.superseded


def write(
    kind: type[Fact],
    rows: Spool,
    *,
    snapshot: Snapshot,
    before: Snapshot | None,
    at: datetime,
    keep_vanished: bool = False,
) -> Written:
    """Make `rows` the endpoint's current facts of one kind. Call inside a transaction that holds the endpoint's row.

    `before` is the endpoint's last ingested snapshot, which was the last to show what now ends; `at` is when we learned
    it. The rows of a first reading travel by COPY into the facts, those of a later one into a temporary table, and from
    there only what differs: a re-read of an unchanged document writes no row. With `keep_vanished` a fact whose key is
    missing stays current, for a document that is a window onto a longer list; what it does show still supersedes.
    """
    endpoint: Endpoint = snapshot.endpoint
    with connection.cursor() as cursor:
        if kind._default_manager.filter(endpoint=endpoint, known_to=None).exists():
            _copy_incoming(cursor, kind, rows)
            last = (before or snapshot).pk
            ended = _end(cursor, kind, endpoint.pk, last=last, at=at, keep_vanished=keep_vanished)
            added = _add(cursor, kind, endpoint.pk, first=snapshot.pk, at=at)
            superseded = _link(cursor, kind, ended)
            cursor.execute("DROP TABLE incoming")
            return Written(added - superseded, len(ended) - superseded, superseded, unchanged=len(rows) - added)
        if len(rows):
            beside = {"endpoint_id": endpoint.pk, "first_snapshot_id": snapshot.pk, "known_from": at}
            _copy(cursor, kind, rows, into=kind._meta.db_table, beside=beside)
        return Written(added=len(rows))


# Names of tables and columns come from the table of kinds, never from a document: nothing a source says is in the SQL.


def _copy_incoming(cursor: Any, kind: type[Fact], rows: Spool) -> None:
    columns = ", ".join(f"{name} {_type(kind, name)}" for name in COLUMNS[kind])
    cursor.execute(f"CREATE TEMPORARY TABLE incoming (key text, digest text, {columns}) ON COMMIT DROP")
    _copy(cursor, kind, rows, into="incoming", beside={})
    cursor.execute("ANALYZE incoming")


def _copy(cursor: Any, kind: type[Fact], rows: Spool, *, into: str, beside: Mapping[str, Any]) -> None:
    """The rows into a table, each with the columns of `beside`. Nothing looks for equal keys here: a document that
    holds two rows of one kind under one key was refused before."""
    names, same = (*beside, "key", "digest", *COLUMNS[kind]), tuple(beside.values())
    copying = f"COPY {into} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)"
    # Django turns psycopg's errors into its own in execute(), but not in copy().
    with connection.wrap_database_errors, cursor.copy(copying) as copy:
        # A length such as that of varchar(24) is part of a column's type, not of a value's.
        copy.set_types([_type(kind, name).partition("(")[0] for name in names])
        for key, content in rows:
            digest = hashlib.md5(repr(content).encode(), usedforsecurity=False).hexdigest()
            copy.write_row((*same, key, digest, *content))


def _end(cursor: Any, kind: type[Fact], endpoint: int, *, last: int, at: datetime, keep_vanished: bool) -> list[int]:
    """End the facts that the document no longer shows so; their ids."""
    cursor.execute(
        f"""
        UPDATE {kind._meta.db_table} fact SET known_to = GREATEST(%s, fact.known_from), last_snapshot_id = %s
        WHERE fact.endpoint_id = %s AND fact.known_to IS NULL
          AND NOT EXISTS (SELECT 1 FROM incoming i WHERE i.key = fact.key AND i.digest = fact.digest)
          AND (NOT %s OR EXISTS (SELECT 1 FROM incoming i WHERE i.key = fact.key))
        RETURNING fact.id
        """,
        [at, last, endpoint, keep_vanished],
    )
    return [pk for (pk,) in cursor.fetchall()]


def _add(cursor: Any, kind: type[Fact], endpoint: int, *, first: int, at: datetime) -> int:
    """Store the rows whose key has no current fact; how many they were."""
    table, columns = kind._meta.db_table, COLUMNS[kind]
    cursor.execute(
        f"""
        INSERT INTO {table} (endpoint_id, key, digest, first_snapshot_id, known_from, {", ".join(columns)})
        SELECT %s, i.key, i.digest, %s, %s, {", ".join(f"i.{name}" for name in columns)} FROM incoming i
        WHERE NOT EXISTS (
            SELECT 1 FROM {table} fact
            WHERE fact.endpoint_id = %s AND fact.key = i.key AND fact.known_to IS NULL)
        ORDER BY i.key
        """,
        [endpoint, first, at, endpoint],
    )
    return int(cursor.rowcount)


def _link(cursor: Any, kind: type[Fact], ended: list[int]) -> int:
    """Tell every fact that ended which one took its place; how many were superseded so."""
    if not ended:
        return 0
    table = kind._meta.db_table
    cursor.execute(
        f"""
        UPDATE {table} old SET superseded_by_id = new.id FROM {table} new
        WHERE old.id = ANY(%s) AND new.endpoint_id = old.endpoint_id AND new.key = old.key AND new.known_to IS NULL
        """,
        [ended],
    )
    return int(cursor.rowcount)


def _type(kind: type[Fact], column: str) -> str:
    return str(next(field for field in kind._meta.concrete_fields if field.column == column).rel_db_type(connection))
