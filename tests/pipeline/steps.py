"""The steps that the tests of the pipeline share: take a document in, look at what is stored, work at the same time."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.db import connection, connections

from tracker.models import Endpoint, Event, Fact, Price, Release, Score, Snapshot
from tracker.pipeline import collect, ingest

ROOT = Path(__file__).parents[2]
FACTS: tuple[type[Fact], ...] = (Release, Score, Price, Event)


def at(day: int = 1, hour: int = 6, minute: int = 0) -> datetime:
    """A time in September 2026."""
    return datetime(2026, 9, day, hour, minute, tzinfo=UTC)


def endpoint(url: str) -> Endpoint:
    return Endpoint.objects.get(url=url)


def take_in(url: str, body: bytes, when: datetime, media_type: str = "", now: datetime | None = None) -> Snapshot:
    """A document as if it had just been collected, kept and read."""
    snapshot, _ = collect.keep(endpoint(url), body, fetched_at=when, media_type=media_type)
    read = ingest.ingest(snapshot.pk, now=now or when, by="reader")
    return read or Snapshot.objects.get(pk=snapshot.pk)


def content() -> dict[str, list[tuple]]:
    """Every fact by its natural key: what an installation knows, without any row's number."""
    names = {
        Release: ("released_on", "precision", "access", "licence__slug", "licence_words", "parameters", "context"),
        Score: (
            "benchmark__slug", "value", "stderr", "evaluator", "evaluated_on", "setting__effort", "setting__budget",
            "setting__mode", "setting__host", "setting__scaffold", "setting__shots",
        ),
        Price: ("host", "input", "output", "cache_read", "cache_write", "since"),
        Event: ("lab__slug", "kind", "title", "occurred_on", "precision"),
    }  # fmt: skip
    shared = ("endpoint__url", "key", "name", "url", "model__slug", "known_from", "known_to")
    times = ("first_snapshot__fetched_at", "last_snapshot__fetched_at", "superseded_by__key")
    return {kind.__name__: sorted(kind.objects.values_list(*shared, *times, *names[kind]), key=repr) for kind in FACTS}


def written_rows() -> dict[str, tuple[int, str]]:
    """Of every table that facts are made of: how many rows, and the newest transaction that wrote one."""
    tables = [kind._meta.db_table for kind in FACTS]
    tables += ["tracker_setting", "tracker_unresolved", "tracker_snapshot", "tracker_blob", "tracker_dataversion"]
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            versions = "max(xmin::text::bigint), string_agg(ctid::text, ' ')"
            cursor.execute(f"SELECT count(*), {versions} FROM {table}")  # noqa: S608  the names are our tables'
            found[table] = cursor.fetchone()
    return found


def in_threads(count: int, work: Callable[[int], object]) -> list[object]:
    """Run `work(0)` to `work(count - 1)` at the same time, each on a connection of its own; re-raises what broke."""
    together, results, broken = threading.Barrier(count), [None] * count, []

    def one(number: int) -> None:
        try:
            together.wait()
            results[number] = work(number)
        except BaseException as error:  # noqa: BLE001  handed over to the test's own thread
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return results


def same_database() -> dict[str, str]:
    """The environment of another process that works on this test's database."""
    told = connection.settings_dict
    place = f"{quote(told['HOST'], safe='')}:{told['PORT']}" if told["PORT"] else quote(told["HOST"], safe="")
    name = f"{told['USER']}:{quote(told['PASSWORD'], safe='')}" if told["PASSWORD"] else told["USER"]
    return {**os.environ, "DATABASE_URL": f"postgres://{name}@{place}/{told['NAME']}"}


@contextmanager
def stopped_at(table: str, program: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real process that runs `program` until it wants to write into `table`, which we keep locked; then it waits, its
    transaction open. The lock is ours until the block ends."""
    told = connection.get_connection_params()
    keys = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{key: told[key] for key in keys if told.get(key)}) as lock:
        lock.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        head = "import django; django.setup()\nfrom datetime import datetime, UTC\n"
        process = subprocess.Popen([sys.executable, "-c", head + program], env=same_database(), cwd=ROOT)
        try:
            deadline = time.monotonic() + 30
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
            while lock.execute(waiting, [table]).fetchone() == (0,):
                assert process.poll() is None, "the process ended before it came to the table"
                assert time.monotonic() < deadline, "the process never came to the table"
                time.sleep(0.05)
            yield process
        finally:
            process.kill()
            process.wait()


def killed_when_made(program: str) -> None:
    """Run `program` in a real process until it prints that something is made, and kill it there, its transaction
    open."""
    command = [sys.executable, "-c", "import sys, django; django.setup()\n" + program]
    with subprocess.Popen(
        command, env=same_database(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"made\n"
        process.kill()
