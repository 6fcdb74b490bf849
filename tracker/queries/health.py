"""Which part of the machine works: database, migrations, broker, workers' clock, the age of the data."""

import socket
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.utils import timezone

from tracker.models import Beat, Endpoint, IndexRun

SILENT_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Check:
    """One part; `needed` says that the product does not do its work without it."""

    name: str
    ok: bool
    detail: str
    needed: bool = False


def checks() -> list[Check]:
    found = [_database()]
    if not found[0].ok:
        return [*found, _broker()]
    found.append(_migrations())
    if not found[1].ok:
        # The tables that the rest would ask may not be there yet.
        return [*found, _broker()]
    return [*found, _broker(), _clock(), _data()]


def _database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            (version,) = cursor.fetchone()
    except DatabaseError as error:
        return Check("database", False, str(error).strip(), needed=True)
    return Check("database", True, f"PostgreSQL {version}", needed=True)


def _migrations() -> Check:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Check("migrations", not waiting, f"{len(waiting)} not applied", needed=True)


def _broker() -> Check:
    """Whether the broker's door opens; what lies behind it is the workers' business."""
    url = settings.CELERY_BROKER_URL
    parts = urlsplit(url)
    if parts.scheme == "memory":
        return Check("broker", True, "in this process")
    try:
        if parts.scheme == "redis+socket":
            with socket.socket(socket.AF_UNIX) as door:
                door.settimeout(1)
                door.connect(parts.path)
        else:
            port = parts.port or (5672 if parts.scheme.startswith("amqp") else 6379)
            socket.create_connection((parts.hostname or "localhost", port), timeout=1).close()
    except OSError as error:
        return Check("broker", False, str(error), needed=True)
    return Check("broker", True, parts.scheme, needed=True)


def _clock() -> Check:
    """Beat asks and a worker answers: the row it leaves is proof of both."""
    last = Beat.objects.aggregate(last=Max("at"))["last"]
    if last is None:
        return Check("worker and beat", False, "not heard of yet")
    age = timezone.now() - last
    return Check("worker and beat", age < SILENT_AFTER, f"last heard of {int(age.total_seconds())} s ago")


def _data() -> Check:
    run = IndexRun.objects.exclude(state=IndexRun.State.DUE).order_by("-known_at").first()
    confirmed = Endpoint.objects.aggregate(last=Max("confirmed_at"))["last"]
    if run is None:
        return Check("data", False, "no index has been computed yet")
    return Check("data", True, f"index of {run.as_of}, sources last confirmed {confirmed:%Y-%m-%d %H:%M} UTC")
