"""Writes one document's facts: new ones in, vanished ones closed, changed ones superseded, unchanged ones untouched."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import compress, repeat
from types import NoneType
from typing import Any

from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Greatest

from tracker.models import Endpoint, Fact, Snapshot
from tracker.pipeline.holding import Holding
from tracker.pipeline.kinds import COLUMNS, SETTING
from tracker.pipeline.spool import Row, Spool


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


class Differences:
    """A document's rows of one kind beside the facts that its endpoint holds: of rows that are facts already only the
    number is kept, the others lie in files. To be closed.

    Make it inside the transaction that holds the endpoint's row. Nothing looks for equal keys here: a document that
    holds two rows of one kind under one key was refused.
    """

    def __init__(self, kind: type[Fact], endpoint: Endpoint) -> None:
        self.kind, self.endpoint = kind, endpoint
        self.rows = 0
        self.fresh = Spool()

    def close(self) -> None:
        self.fresh.close()

    @cached_property
    def holding(self) -> Holding:
        return Holding(self.kind, self.endpoint)

    def add(self, keys: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
        """Rows of the document by column. A setting below zero has no row yet."""
        self.rows += len(keys)
        if not keys:
            return
        contents = zip(*columns, strict=True)
        if not self.holding:
            self.fresh.extend(zip(keys, repeat(""), contents))
            return
        digests = _digests(columns)
        new = self.holding.take(keys, b"".join(digests))
        if any(new):
            written = (digest.hex() for digest in digests)
            self.fresh.extend(compress(zip(keys, written, contents, strict=True), new))


def write(
    differences: Differences,
    *,
    settings: Sequence[int],
    snapshot: Snapshot,
    before: Snapshot | None,
    at: datetime,
    keep_vanished: bool = False,
) -> Written:
    """Make the document's rows the endpoint's current facts of one kind; `settings` are the ids of the new ones.

    `before` is the endpoint's last ingested snapshot, which was the last to show what now ends; `at` is when we learned
    it. Only differences reach the facts: a re-read of an unchanged document writes no row. With `keep_vanished` a fact
    whose key is missing stays current, for a document that is a window onto a longer list; what it does show still
    supersedes.
    """
    kind, fresh = differences.kind, differences.fresh
    if keep_vanished:
        differences.holding.keep_but([key for rows in fresh.batches() for key, _, _ in rows])
    ended, superseded = differences.holding.ended(), 0
    if ended:
        # Facts are never edited: that one has ended is all that is ever added to it.
        kind._default_manager.filter(pk__in=ended).update(
            known_to=Greatest(Value(at), F("known_from")), last_snapshot=before or snapshot
        )
    if len(fresh):
        beside = {"endpoint_id": differences.endpoint.pk, "first_snapshot_id": snapshot.pk, "known_from": at}
        _copy(kind, fresh, beside, settings)
        superseded = _link(kind, ended)
    added = len(fresh)
    return Written(added - superseded, len(ended) - superseded, superseded, unchanged=differences.rows - added)


def _digests(columns: Sequence[Sequence[Any]]) -> list[bytes]:
    """Of each row's content: what `md5(repr(row))` gives, from columns."""
    texts = map(", ".join, zip(*map(_spelled, columns), strict=True))
    return [hashlib.md5(f"({text})".encode(), usedforsecurity=False).digest() for text in texts]


def _spelled(column: Sequence[Any]) -> Iterable[str]:
    """The values as `repr` writes them, equal ones once. Numbers are left alone: 1, 1.0 and True are equal."""
    kinds = set(map(type, column)) - {NoneType}
    if not kinds <= {str} and not kinds <= {date}:
        return map(repr, column)
    spelled = {value: repr(value) for value in set(column)}
    return map(spelled.__getitem__, column)


def _copy(kind: type[Fact], rows: Spool, beside: Mapping[str, Any], settings: Sequence[int]) -> None:
    """The rows into the facts, each with the columns of `beside`."""
    names, same = (*beside, "key", "digest", *COLUMNS[kind]), tuple(beside.values())
    # Names of tables and columns come from the table of kinds, never from a document: nothing a source says is in here.
    copying = f"COPY {kind._meta.db_table} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)"
    # Django turns psycopg's errors into its own in execute(), but not in copy().
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(copying) as copy:
        # A length such as that of varchar(24) is part of a column's type, not of a value's.
        copy.set_types([_type(kind, name).partition("(")[0] for name in names])
        for batch in rows.batches():
            for key, digest, content in _settled(kind, batch, settings):
                copy.write_row((*same, key, digest, *content))


def _settled(kind: type[Fact], rows: list[Row], settings: Sequence[int]) -> Iterable[Row]:
    """The rows with their settings and digests, which those that came with a new setting do not have yet."""
    columns: list[Sequence[Any]] = list(zip(*(content for _, _, content in rows), strict=True))
    fixed = all(digest for _, digest, _ in rows)
    if SETTING in COLUMNS[kind]:
        at = COLUMNS[kind].index(SETTING)
        fixed = fixed and min(columns[at]) > 0
        columns[at] = [number if number > 0 else settings[-1 - number] for number in columns[at]]
    if fixed:
        return rows
    keys = [key for key, _, _ in rows]
    return zip(keys, map(bytes.hex, _digests(columns)), zip(*columns, strict=True), strict=True)


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
