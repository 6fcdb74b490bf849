"""The steps that the tests of the pipeline share: take a document in, look at what is stored, work at the same time."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import connection, connections

from tracker.models import Endpoint, Event, Fact, Price, Release, Score, Snapshot
from tracker.pipeline import collect, ingest

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
            cursor.execute(
                f"SELECT count(*), coalesce(max(xmin::text::bigint), 0), string_agg(ctid::text, ' ') FROM {table}"
            )
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
