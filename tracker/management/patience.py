"""How a change of tables gets its locks while they are in use: it asks briefly and often, and holds up nobody."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from tracker.management.migration_rules import TIMEOUTS

LOCK_NOT_AVAILABLE = "55P03"
# Together as long as a nightly backup of a middling database, which reads every table in one transaction.
TRIES, PAUSE = 60, 2.0
# These wait for every older transaction, and nobody who reads or writes waits for them meanwhile.
UNHURRIED = ("CREATE INDEX CONCURRENTLY", "CREATE UNIQUE INDEX CONCURRENTLY", "DROP INDEX CONCURRENTLY")
# What a concurrent index leaves behind when it is broken off: used by nobody, kept up by every write.
UNFINISHED = """
SELECT index.indexrelid::regclass::text FROM pg_index index JOIN pg_class class ON class.oid = index.indexrelid
WHERE NOT index.indisvalid AND class.relkind = 'i' AND class.relnamespace = current_schema()::regnamespace
AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index made WHERE made.index_relid = index.indexrelid)
"""


def patiently(connection: BaseDatabaseWrapper, work: Callable[[], object], *, say: Callable[[str], object]) -> None:
    """Do `work`, whose statements give up their turn for a lock after `lock_timeout`, until it has had all of them."""
    for left in reversed(range(TRIES)):
        with _limits(connection):
            _sweep(connection)
            try:
                work()
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                    raise
                if not left:
                    raise CommandError("The tables are in use without a pause: try again in a quieter hour") from error
            else:
                return
        say(f"A table is in use; trying again in {PAUSE:.0f} s")
        time.sleep(PAUSE)


@contextmanager
def _limits(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """The limits, until the block ends: the next who is given this connection has limits of its own."""
    with connection.cursor() as cursor:
        for name, limit in TIMEOUTS.items():
            cursor.execute(f"SET {name} = '{limit}'")
    try:
        with connection.execute_wrapper(_unhurried):
            yield
    finally:
        with connection.cursor() as cursor:
            for name in TIMEOUTS:
                cursor.execute(f"RESET {name}")


def _unhurried(execute: Callable[..., Any], statement: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """A concurrent index may wait for its locks: broken off, it would have to be made from the beginning."""
    if not str(statement).lstrip().startswith(UNHURRIED):
        return execute(statement, params, many, context)
    execute("SET lock_timeout = 0", None, False, context)
    try:
        return execute(statement, params, many, context)
    finally:
        execute(f"SET lock_timeout = '{TIMEOUTS['lock_timeout']}'", None, False, context)


def _sweep(connection: BaseDatabaseWrapper) -> None:
    """Take away unfinished indexes, so that the migration that wants them can begin anew."""
    with connection.cursor() as cursor:
        cursor.execute(UNFINISHED)
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
