"""Writes one document's facts: new ones in, vanished ones closed, changed ones superseded, unchanged ones untouched."""

import hashlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Greatest

from tracker.models import Endpoint, Fact, Snapshot
from tracker.pipeline.kinds import COLUMNS
from tracker.pipeline.spool import Spool

DIGEST = 32  # letters


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
    it. Only differences reach the facts: a re-read of an unchanged document writes no row. With `keep_vanished` a fact
    whose key is missing stays current, for a document that is a window onto a longer list; what it does show still
    supersedes. Nothing looks for equal keys here: a document that holds two rows of one kind under one key was refused.
    """
    endpoint: Endpoint = snapshot.endpoint
    current = _current(kind, endpoint)
    with closing(Spool()) as fresh:
        for key, content in rows:
            digest = hashlib.md5(repr(content).encode(), usedforsecurity=False).hexdigest()
            if current.pop(digest + key, None) is None:
                fresh.append((key, (digest, *content)))
        if keep_vanished and current:
            shown = {key for key, _ in fresh}
            current = {name: pk for name, pk in current.items() if name[DIGEST:] in shown}
        ended, superseded = list(current.values()), 0
        if ended:
            # Facts are never edited: that one has ended is all that is ever added to it.
            kind._default_manager.filter(pk__in=ended).update(
                known_to=Greatest(Value(at), F("known_from")), last_snapshot=before or snapshot
            )
        if len(fresh):
            _copy(kind, fresh, {"endpoint_id": endpoint.pk, "first_snapshot_id": snapshot.pk, "known_from": at})
            superseded = _link(kind, ended)
        added = len(fresh)
    return Written(added - superseded, len(ended) - superseded, superseded, unchanged=len(rows) - added)


def _current(kind: type[Fact], endpoint: Endpoint) -> dict[str, int]:
    """The endpoint's facts that hold, by digest and key."""
    facts = kind._default_manager.filter(endpoint=endpoint, known_to=None)
    rows = facts.values_list("digest", "key", "pk").iterator(chunk_size=5000)
    return {digest + key: pk for digest, key, pk in rows}


def _copy(kind: type[Fact], rows: Spool, beside: Mapping[str, Any]) -> None:
    """The rows into the facts, each with the columns of `beside`."""
    names, same = (*beside, "key", "digest", *COLUMNS[kind]), tuple(beside.values())
    # Names of tables and columns come from the table of kinds, never from a document: nothing a source says is in here.
    copying = f"COPY {kind._meta.db_table} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)"
    # Django turns psycopg's errors into its own in execute(), but not in copy().
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(copying) as copy:
        # A length such as that of varchar(24) is part of a column's type, not of a value's.
        copy.set_types([_type(kind, name).partition("(")[0] for name in names])
        for key, content in rows:
            copy.write_row((*same, key, *content))


def _link(kind: type[Fact], ended: list[int]) -> int:
    """Tell every fact that ended which one took its place; how many were superseded so."""
    table = kind._meta.db_table
    with connection.cursor() as cursor:
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
