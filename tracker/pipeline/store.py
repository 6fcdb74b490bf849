"""Writes one document's facts: new ones in, vanished ones closed, changed ones superseded, unchanged ones untouched."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from tracker.models import Endpoint, Fact, Snapshot
from tracker.pipeline.kinds import COLUMNS


@dataclass(frozen=True, slots=True)
class Row:
    """One resolved record: its key in the document and its content in the order of COLUMNS."""

    key: str
    content: tuple[Any, ...]

    @property
    def digest(self) -> str:
        return hashlib.md5(repr(self.content).encode(), usedforsecurity=False).hexdigest()


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
    rows: Iterable[Row],
    *,
    snapshot: Snapshot,
    before: Snapshot | None,
    at: datetime,
    keep_vanished: bool = False,
) -> Written:
    """Make `rows` the endpoint's current facts of one kind. Call inside a transaction that holds the endpoint's row.

    `before` is the endpoint's last ingested snapshot, which was the last to show what now ends; `at` is when we learned
    it. The rows travel by COPY into a temporary table and only differences reach the facts: a re-read of an unchanged
    document writes no row. With `keep_vanished` a fact whose key is missing stays current, for a document that is a
    window onto a longer list; what it does show still supersedes.
    """
    table, columns = kind._meta.db_table, COLUMNS[kind]
    endpoint: Endpoint = snapshot.endpoint
    # Names of tables and columns come from the table of kinds, never from a document: nothing a source says is in the SQL.
    with connection.cursor() as cursor:
        definition = ", ".join(f"{name} {_type(kind, name)}" for name in columns)
        cursor.execute(
            f"CREATE TEMPORARY TABLE incoming (key text PRIMARY KEY, digest text, {definition}) ON COMMIT DROP"
        )
        # Django turns psycopg's errors into its own in execute(), but not in copy().
        copying = f"COPY incoming (key, digest, {', '.join(columns)}) FROM STDIN"
        with connection.wrap_database_errors, cursor.copy(copying) as copy:
            total = 0
            for row in rows:
                copy.write_row((row.key, row.digest, *row.content))
                total += 1
        cursor.execute("ANALYZE incoming")
        cursor.execute(
            f"""
            UPDATE {table} fact SET known_to = GREATEST(%s, fact.known_from), last_snapshot_id = %s
            WHERE fact.endpoint_id = %s AND fact.known_to IS NULL
              AND NOT EXISTS (SELECT 1 FROM incoming i WHERE i.key = fact.key AND i.digest = fact.digest)
              AND (NOT %s OR EXISTS (SELECT 1 FROM incoming i WHERE i.key = fact.key))
            RETURNING fact.id, fact.key
            """,
            [at, (before or snapshot).pk, endpoint.pk, keep_vanished],
        )
        ended = cursor.fetchall()
        cursor.execute(
            f"""
            INSERT INTO {table} (endpoint_id, key, digest, first_snapshot_id, known_from, {", ".join(columns)})
            SELECT %s, i.key, i.digest, %s, %s, {", ".join(f"i.{name}" for name in columns)} FROM incoming i
            WHERE NOT EXISTS (
                SELECT 1 FROM {table} fact
                WHERE fact.endpoint_id = %s AND fact.key = i.key AND fact.known_to IS NULL)
            ORDER BY i.key
            RETURNING id, key
            """,
            [endpoint.pk, snapshot.pk, at, endpoint.pk],
        )
        added = cursor.fetchall()
        superseded = _link(cursor, table, ended, {key: pk for pk, key in added})
        cursor.execute("DROP TABLE incoming")
    return Written(
        added=len(added) - superseded,
        closed=len(ended) - superseded,
        superseded=superseded,
        unchanged=total - len(added),
    )


def _link(cursor: Any, table: str, ended: Sequence[tuple[int, str]], successors: dict[str, int]) -> int:
    pairs = [(pk, successors[key]) for pk, key in ended if key in successors]
    if pairs:
        cursor.execute(
            f"""
            UPDATE {table} SET superseded_by_id = pair.successor
            FROM unnest(%s::bigint[], %s::bigint[]) AS pair(id, successor) WHERE {table}.id = pair.id
            """,
            [[old for old, _ in pairs], [new for _, new in pairs]],
        )
    return len(pairs)


def _type(kind: type[Fact], column: str) -> str:
    return str(next(field for field in kind._meta.concrete_fields if field.column == column).rel_db_type(connection))
