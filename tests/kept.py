"""Rows that many tests begin with: built by the first that wants them, put back by COPY for the others."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from django.db import connection, transaction
from psycopg import sql

# Tests make users before and after: of these tables only the rows that a build adds are its own.
SHARED = "auth_user"
_kept: dict[tuple[str, Hashable], "tuple[Table, ...]"] = {}


@dataclass(frozen=True, slots=True)
class Table:
    """What a build made of a table, as COPY writes it: its own rows, or where the table is its alone all of them."""

    name: str
    rows: bytes
    whole: bool


def put(what: Hashable, build: Callable[[], object]) -> None:
    """The rows that `build` makes of an installation, in a database that is as it was for the first one. Their numbers
    are the same each time; rows that tests make beside them are numbered on."""
    key = str(connection.settings_dict["NAME"]), what
    if key in _kept:
        _put_back(_kept[key])
        return
    before = {name: _state(name) for name in _names()}
    build()
    _kept[key] = tuple(_taken(name, last) for name, (told, last) in before.items() if _state(name) != (told, last))


def _put_back(tables: tuple[Table, ...]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        # Tables come in any order: keys are looked at no more than when PostgreSQL restores a dump.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in tables:
            name = sql.Identifier(table.name)
            if table.whole:
                cursor.execute(sql.SQL("DELETE FROM {}").format(name))
            with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(name)) as rows:
                rows.write(table.rows)
        cursor.execute("SET LOCAL session_replication_role = origin")


def _names() -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [name for name in names if name.startswith(("tracker_", SHARED))]


def _state(name: str) -> tuple[str, int]:
    """What a table's rows say, and of one that is shared the last row's number."""
    last = "coalesce(max(id), 0)" if name.startswith(SHARED) else "0"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), ''), {last} "  # noqa: S608
            f"FROM {connection.ops.quote_name(name)} t"
        )
        told, number = cursor.fetchone()
        return str(told), int(number)


def _taken(name: str, last: int) -> Table:
    shared = name.startswith(SHARED)
    which = sql.SQL("WHERE id > {}").format(sql.Literal(last)) if shared else sql.SQL("")
    query = sql.SQL("COPY (SELECT * FROM {} {}) TO STDOUT (FORMAT binary)").format(sql.Identifier(name), which)
    with connection.cursor() as cursor, cursor.copy(query) as rows:
        return Table(name, b"".join(rows), not shared)
