"""Which part of the machine works, with a reason each, within a second whatever hangs: database, migrations, broker,
beat, each queue's worker, disk, data."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.utils import timezone

from tracker.domain import rhythm
from tracker.models import Beat, Endpoint, EvaluationHost, IndexRun

# What hangs is as good as away to whoever asks; a balancer asks again soon.
PATIENCE = 0.6
# Beat sends something every half minute.
BEAT_SILENT_AFTER = timedelta(minutes=2)
# By queue the questions that its worker takes up, and how long it may be busy with something else: an index run may
# take minutes, several may come one after another, and a batch of an evaluation has its own pulse.
QUEUES: Mapping[str, tuple[tuple[str, ...], timedelta]] = {
    "collect": (("collect", "alarms"), timedelta(minutes=5)),
    "compute": (("ingest", "recompute", "findings"), rhythm.SILENT_AFTER),
    "mail": (("mail",), timedelta(minutes=5)),
}
EVALUATIONS_SILENT_AFTER = timedelta(minutes=30)
# PostgreSQL stops where it cannot write; so much is left to notice it before.
LEAST_DISK, LEAST_SHARE = 1_000_000_000, 0.05


@dataclass(frozen=True, slots=True)
class Check:
    """One part; `needed` says that pages are not right without it. `since` is when it was last known to work."""

    name: str
    ok: bool
    detail: str
    needed: bool = False
    since: datetime | None = None


def checks(*, now: datetime | None = None) -> list[Check]:
    """Every part, the one that others need first. What cannot be asked while the database is away is left out."""
    now = now or timezone.now()
    # Side by side: each may take as long as we wait for it.
    server, broker = _in_time("database", _server()), _in_time("broker", _broker)
    found = [server()]
    if found[0].ok:
        try:
            found += _rows(now=now)
        except DatabaseError as error:
            # It answers strangers and not us: what lets it hang, a lock most likely, is its own business to say.
            found = [Check("database", False, _reason(error), needed=True)]
    return [*found[:2], broker(), *found[2:], beat(now=now, heard=_last_heard(found)), disk()]


def database() -> Check:
    """Whether it answers us now."""
    return _in_time("database", _server())()


def _rows(*, now: datetime) -> list[Check]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {int(1000 * PATIENCE)}")
        found = [_migrations()]
        if found[0].ok:  # else the tables that the rest would ask may not be there yet
            found += [*workers(now=now), _data()]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    return found


def _in_time(name: str, check: Callable[[], Check]) -> Callable[[], Check]:
    """Begin a check; the answer waits for it no longer than we have patience. A thread that hangs ends by itself."""
    found: list[Check] = []
    end = time.monotonic() + PATIENCE
    thread = threading.Thread(target=lambda: found.append(check()), daemon=True)
    thread.start()

    def answer() -> Check:
        thread.join(max(0.0, end - time.monotonic()))
        return found[0] if found else Check(name, False, f"no answer within {PATIENCE:g} s", needed=True)

    return answer


def _server() -> Callable[[], Check]:
    """By a connection of its own: the pool would wait ten seconds for a server that is away."""
    own = connection.copy()
    options = {name: value for name, value in own.settings_dict["OPTIONS"].items() if name != "pool"}
    own.settings_dict = {**own.settings_dict, "OPTIONS": {**options, "connect_timeout": 2}}
    own.inc_thread_sharing()  # made in this thread, used and closed in the one that waits

    def check() -> Check:
        try:
            with own.cursor() as cursor:
                cursor.execute("SHOW server_version")
                (version,) = cursor.fetchone()
        except DatabaseError as error:
            return Check("database", False, _reason(error), needed=True)
        finally:
            own.close()
        return Check("database", True, f"PostgreSQL {version}", needed=True)

    return check


def _reason(error: DatabaseError) -> str:
    return str(error).strip() or type(error).__name__


@cache
def _last_migrations() -> frozenset[tuple[str, str]]:
    """As the files say it, which do not change while a process lives."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _migrations() -> Check:
    missing = _last_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    if not missing:
        return Check("migrations", True, "all applied", needed=True)
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Check("migrations", not waiting, f"{len(waiting)} not applied", needed=True)


def _broker() -> Check:
    """Whether the broker's door opens and, where it is Redis or Valkey, somebody behind it says a word."""
    parts = urlsplit(settings.CELERY_BROKER_URL)
    if parts.scheme == "memory":
        return Check("broker", True, "in this process")
    try:
        with _door(parts) as door:
            if parts.scheme in ("redis", "redis+socket"):
                door.sendall(b"PING\r\n")
                if not door.recv(64):  # an error, as for a password that was not given, is a word too
                    return Check("broker", False, "it closed the connection", needed=True)
    except TimeoutError:
        return Check("broker", False, f"no answer within {PATIENCE:g} s", needed=True)
    except OSError as error:
        return Check("broker", False, str(error), needed=True)
    return Check("broker", True, parts.scheme, needed=True)


def _door(parts: SplitResult) -> socket.socket:
    if parts.scheme != "redis+socket":
        port = parts.port or (5672 if parts.scheme.startswith("amqp") else 6379)
        return socket.create_connection((parts.hostname or "localhost", port), timeout=PATIENCE)
    door = socket.socket(socket.AF_UNIX)
    try:
        door.settimeout(PATIENCE)
        door.connect(parts.path)
    except OSError:
        door.close()
        raise
    return door


def workers(*, now: datetime) -> list[Check]:
    """Every queue by the rows that its worker leaves: proof of beat, broker and worker at once."""
    heard = dict(Beat.objects.values_list("name", "at"))
    found = [
        _heard(f"worker {queue}", max((heard[one] for one in questions if one in heard), default=None), limit, now)
        for queue, (questions, limit) in QUEUES.items()
    ]
    evaluator = EvaluationHost.objects.aggregate(last=Max("seen_at"))["last"]
    if settings.EVALUATIONS or evaluator is not None:
        found.append(_heard("worker evaluations", evaluator, EVALUATIONS_SILENT_AFTER, now))
    return found


def beat(*, now: datetime, heard: datetime | None) -> Check:
    """By the file that beat touches on this machine and, where there is none, by what workers heard of it."""
    try:
        pulse = datetime.fromtimestamp(Path(settings.BEAT_PULSE).stat().st_mtime, tz=now.tzinfo)
    except OSError:
        pulse = None
    last = max((at for at in (pulse, heard) if at is not None), default=None)
    return _heard("beat", last, BEAT_SILENT_AFTER if last == pulse else QUEUES["collect"][1], now)


def _last_heard(found: Iterable[Check]) -> datetime | None:
    return max((check.since for check in found if check.name.startswith("worker") and check.since), default=None)


def _heard(name: str, last: datetime | None, limit: timedelta, now: datetime) -> Check:
    if last is None:
        return Check(name, False, "not heard of yet")
    age = max(0, int((now - last).total_seconds()))
    return Check(name, age < limit.total_seconds(), f"last heard of {age} s ago", since=last)


def disk() -> Check:
    """Whether the state folder's disk has a gigabyte left, or of a small disk a twentieth. Pages are right without
    it."""
    usage = shutil.disk_usage(settings.STATE_DIR)
    told = f"{usage.free / 1e9:.1f} of {usage.total / 1e9:.1f} GB free"
    return Check("disk", usage.free > min(LEAST_DISK, LEAST_SHARE * usage.total), told)


def _data() -> Check:
    run = IndexRun.objects.exclude(state=IndexRun.State.DUE).order_by("-known_at").first()
    confirmed = Endpoint.objects.aggregate(last=Max("confirmed_at"))["last"]
    if run is None:
        return Check("data", False, "no index has been computed yet")
    told = f", sources last confirmed {confirmed:%Y-%m-%d %H:%M} UTC" if confirmed else ""
    return Check("data", True, f"index of {run.as_of}{told}", since=confirmed)
