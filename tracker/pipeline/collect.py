"""Asks sources for their documents and keeps every answer: what is due, who has it, what came back."""

import hashlib
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Max, Q

from tracker.fetch import Fetched, Fetcher, FetchError, FetchRefused, NotModified, Pace
from tracker.models import Blob, Endpoint, Fetch, HostPace, Snapshot, Source
from tracker.pipeline import leases
from tracker.sources import SOURCES

# Longer than any fetch may take (fetch.py's total deadline for a document and its robots.txt), so that a live worker
# never loses its lease; a dead one's work is free again after this.
LEASE = settings.LEASE
# A refusal (404, a web page instead of data) will not heal by asking again soon, but may after a publisher's repair.
REFUSED_AGAIN = timedelta(hours=6)
# How long a worker waits for its turn at a host: less than what is left of a lease after the slowest fetch.
LONGEST_WAIT = 60.0 * settings.HASTE
HOST_LOCK = 7_301  # the first half of the advisory lock's name; any number that no other lock of ours uses

Fetching = Callable[[], Fetcher]


def enrol(*, now: datetime) -> None:
    """Give every declared address of every source its endpoint row; scheduled ones are due at once."""
    sources = {source.slug: source for source in Source.objects.all()}
    known = set(Endpoint.objects.values_list("url", flat=True))
    fresh = [
        Endpoint(source=sources[slug], url=url, due_at=now if declared.every else None)
        for slug, declared in SOURCES.items()
        for url in declared.urls
        if url not in known
    ]
    Endpoint.objects.bulk_create(fresh, ignore_conflicts=True)


def due(*, now: datetime, sources: list[str] | None = None) -> list[int]:
    """Ids of the endpoints to ask now; naming sources makes theirs due whatever their schedule says."""
    endpoints = Endpoint.objects.filter(source__enabled=True, source__every__isnull=False)
    if sources is None:
        endpoints = endpoints.filter(_come(now)).filter(Q(not_before=None) | Q(not_before__lte=now))
    else:
        endpoints = endpoints.filter(source__slug__in=sources)
    # An address that left the declarations is not asked any more; what it gave stays.
    endpoints = endpoints.filter(url__in={url for source in SOURCES.values() for url in source.urls})
    return list(endpoints.filter(leases.free(now=now, lease=LEASE)).values_list("pk", flat=True))


def _come(now: datetime) -> Q:
    """That an endpoint's time has come. One that is due later than its next turn can be was asked while the machine's
    clock ran ahead."""
    return Q(due_at__lte=now) | Q(due_at__gt=ExpressionWrapper(now + F("source__every"), output_field=DateTimeField()))


def collect(
    endpoint_id: int, *, now: datetime, by: str, fetching: Fetching, force: bool = False, log_run: str = ""
) -> Fetch | None:
    """Ask one endpoint if nobody else does; returns the row that says what happened, None when another has it. The rows
    keep `log_run`, by which the logs know this work."""
    work = Endpoint.objects.filter(pk=endpoint_id, source__enabled=True)
    if force:
        work.filter(leases.free(now=now, lease=LEASE)).update(not_before=None, due_at=now)
    endpoint = leases.claim(work.filter(_come(now)), now=now, lease=LEASE, by=by)
    if endpoint is None:
        return None
    started = time.monotonic()
    answer: Fetched | NotModified | FetchError | FetchRefused
    try:
        answer = fetching().fetch(
            endpoint.url,
            etag=endpoint.etag,
            last_modified=endpoint.last_modified,
            max_bytes=SOURCES[endpoint.source.slug].max_bytes,
            onward=SOURCES[endpoint.source.slug].onward,
        )
    except (FetchError, FetchRefused) as error:
        answer = error
    return _record(endpoint, answer, now=now, by=by, seconds=time.monotonic() - started, log_run=log_run)


@transaction.atomic
def _record(
    endpoint: Endpoint,
    answer: Fetched | NotModified | FetchError | FetchRefused,
    *,
    now: datetime,
    by: str,
    seconds: float,
    log_run: str,
) -> Fetch | None:
    every = endpoint.source.every
    next_due = now + every if every else None
    attempt = Fetch(endpoint=endpoint, started_at=now, seconds=seconds, asked_in=log_run)
    if isinstance(answer, FetchError):
        attempt.outcome, attempt.message = Fetch.Outcome.FAILED, str(answer)
        ours = leases.failed(
            endpoint, by=by, now=now, error=str(answer), retry_after=answer.retry_after, checked_at=now, due_at=now
        )
    elif isinstance(answer, FetchRefused):
        attempt.outcome, attempt.message = Fetch.Outcome.REFUSED, str(answer)
        again = min(next_due or now + REFUSED_AGAIN, now + REFUSED_AGAIN)
        ours = leases.done(endpoint, by=by, error=str(answer), checked_at=now, due_at=again)
    elif isinstance(answer, NotModified):
        attempt.outcome = Fetch.Outcome.UNCHANGED
        ours = leases.done(endpoint, by=by, checked_at=now, due_at=next_due, **_confirmed(endpoint, now))
    else:
        snapshot, fresh = keep(
            endpoint,
            answer.body,
            fetched_at=_after_all(endpoint, now),
            media_type=answer.media_type,
            log_run=log_run,
        )
        attempt.outcome = Fetch.Outcome.CHANGED if fresh else Fetch.Outcome.UNCHANGED
        attempt.snapshot = snapshot
        ours = leases.done(
            endpoint,
            by=by,
            checked_at=now,
            due_at=next_due,
            etag=answer.etag[:300],
            last_modified=answer.last_modified[:100],
            **_confirmed(endpoint, now),
        )
    if not ours:
        # Another worker took over after our lease ran out: its answer stands, ours is dropped whole.
        transaction.set_rollback(True)
        return None
    attempt.save()
    return attempt


def _after_all(endpoint: Endpoint, now: datetime) -> datetime:
    """When an answer came that we have just been given: after every other, even where the clock was set back meanwhile.
    Dated before one that was read already it would never be read, and the publisher would say that we have it."""
    newest = endpoint.snapshots.aggregate(newest=Max("fetched_at"))["newest"]
    return now if newest is None or newest < now else newest + timedelta(microseconds=1)


def _confirmed(endpoint: Endpoint, now: datetime) -> dict[str, Any]:
    """That the facts we hold are still the publisher's: so if the document that was met again is the one they were read
    from. A newer one that waits, or that failed its guards, confirms nothing; lags would be counted to its day."""
    latest = endpoint.snapshots.order_by("-fetched_at").values_list("pk", flat=True).first()
    current = Endpoint.objects.filter(pk=endpoint.pk).values_list("current", flat=True).first()
    return {"confirmed_at": now} if current is not None and latest == current else {}


def keep(
    endpoint: Endpoint,
    body: bytes,
    *,
    fetched_at: datetime,
    media_type: str,
    original_sha256: str = "",
    log_run: str = "",
) -> tuple[Snapshot, bool]:
    """Store an answer's bytes once, and a snapshot unless the endpoint's one before it holds the same bytes already.

    Returns the snapshot and whether it is new.
    """
    sha256 = hashlib.sha256(body).hexdigest()
    before = endpoint.snapshots.filter(fetched_at__lte=fetched_at).order_by("-fetched_at").first()
    if before is not None and (before.blob_id == sha256 or before.fetched_at == fetched_at):
        return before, False
    if not Blob.objects.filter(pk=sha256).exists():
        Blob.objects.bulk_create(
            [Blob(sha256=sha256, size=len(body), packed=zlib.compress(body, 6))], ignore_conflicts=True
        )
    snapshot = Snapshot.objects.create(
        endpoint=endpoint,
        blob_id=sha256,
        fetched_at=fetched_at,
        media_type=media_type[:120],
        original_sha256=original_sha256,
        collected_in=log_run,
    )
    return snapshot, True


def database_pace(
    gap: timedelta, *, clock: Callable[[], datetime], sleep: Callable[[float], None] = time.sleep
) -> Pace:
    """Turns at a host that all workers share: one request at a time, and `gap` between two, by a row and a lock.

    The lock is PostgreSQL's own and ends with its connection, so a killed worker never blocks a host.
    """

    @contextmanager
    def turn(host: str, at_least: float) -> Iterator[None]:
        patience = time.monotonic() + LONGEST_WAIT
        while not _ask("SELECT pg_try_advisory_lock(%s, hashtext(%s))", host):
            if time.monotonic() > patience:
                raise FetchError(f"{host} is busy with other documents of ours", retry_after=LONGEST_WAIT)
            sleep(0.2)
        try:
            row = HostPace.objects.filter(pk=host).first()
            if row is not None:
                # No turn is further off than the gap: a longer wait is one that a clock running ahead has written.
                longest = max(gap.total_seconds(), at_least)
                sleep(min(longest, max(0.0, (row.next_at - clock()).total_seconds())))
            yield
        finally:
            next_at = clock() + max(gap, timedelta(seconds=at_least))
            HostPace.objects.update_or_create(host=host, defaults={"next_at": next_at})
            _ask("SELECT pg_advisory_unlock(%s, hashtext(%s))", host)

    return turn


def _ask(lock: str, host: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(lock, [HOST_LOCK, host])
        return bool(cursor.fetchone()[0])
