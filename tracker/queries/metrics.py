"""The state of the machine in numbers, for whoever watches many machines: a fixed number of queries."""

import os
import platform
import shutil
from collections import Counter
from datetime import UTC, datetime, time
from pathlib import Path

import django
from django.db import connection
from django.db.models import Count, Max, Q, Sum

from landscape.observe.version import version
from tracker.domain.rhythm import STARTED
from tracker.models import (
    Alarm,
    Beat,
    DataVersion,
    Endpoint,
    Fetch,
    IndexRun,
    Issue,
    Letter,
    Snapshot,
    Unresolved,
)
from tracker.queries import health
from tracker.queries.alarms import open_alarms, untold
from tracker.queries.metric import Metric, Sample, by, counter, gauge, one
from tracker.queries.own_counts import counts
from tracker.queries.waiting import waiting


def metrics(*, now: datetime, state: Path) -> list[Metric]:
    """`state` is the folder of this machine, where its processes leave their counts. While the database is away the
    machine still tells of itself, and that it is away."""
    answers = health.database().ok
    found = [one("database_up", "Whether the database answers this machine: 1 or 0.", float(answers))]
    if answers:
        found += [*_sources(now), *_alarms(now), *_work(now), *_index(now), *_documents(), *_digest(), *_beats()]
        found += _database()
    return [*found, *_machine(state), *counts(state / "counts")]


def _sources(now: datetime) -> list[Metric]:
    rows = Endpoint.objects.order_by().values_list("source__slug").annotate(
        changed=Max("current__fetched_at"), confirmed=Max("confirmed_at"), named=Max("current__shape__newest")
    )  # fmt: skip
    found = list(rows)
    days = [(slug, datetime.combine(named, time.min, tzinfo=UTC).timestamp()) for slug, _, _, named in found if named]
    return [
        gauge(
            "source_age_seconds",
            "Since the newest document that is believed was collected.",
            by("source", ((slug, (now - changed).total_seconds()) for slug, changed, _, _ in found if changed)),
        ),
        gauge(
            "source_last_success_timestamp_seconds",
            "When the publisher last confirmed what is believed.",
            by("source", ((slug, confirmed.timestamp()) for slug, _, confirmed, _ in found if confirmed)),
        ),
        gauge(
            "source_newest_datum_timestamp_seconds",
            "The latest day that a row of the source names.",
            by("source", days),
        ),
    ]


def _alarms(now: datetime) -> list[Metric]:
    rows = open_alarms(now=now)
    count = Counter((row.kind, row.severity, "yes" if row.acknowledged else "no") for row in rows)
    # A kind that is in order is a zero: an absent line could be a machine that is off.
    for kind in Alarm.Kind.values:
        if not any(known == kind for known, _, _ in count):
            count[kind, "alarm", "no"] = 0
    samples = [
        Sample((("kind", kind), ("severity", severity), ("acknowledged", known)), number)
        for (kind, severity, known), number in sorted(count.items())
    ]
    return [
        gauge("alarms_open", "Alarms that are open.", samples),
        one("alarms_untold", "Alarms whose letter to the operator could not be sent.", untold(rows, now=now)),
    ]


def _work(now: datetime) -> list[Metric]:
    names = Unresolved.objects.filter(state=Unresolved.State.WAITING).aggregate(n=Count("pk"), rows=Sum("rows"))
    due = waiting(now=now)
    ages = ((row.work, max(0.0, (now - row.since).total_seconds()) if row.since else 0.0) for row in due)
    return [
        gauge("queue_depth", "Work that is due now.", by("work", ((row.work, row.count) for row in due))),
        gauge(
            "oldest_work_age_seconds", "How long the oldest work of a kind has waited; 0: none waits.", by("work", ages)
        ),
        one("unresolved_names", "Names that nobody has explained yet.", names["n"]),
        one("unresolved_rows", "Rows that wait for these names.", names["rows"] or 0),
    ]


def _index(now: datetime) -> list[Metric]:
    version = DataVersion.objects.filter(pk=1).values_list("value", flat=True).first()
    runs = IndexRun.objects.filter(historic=False, finished_at__isnull=False).order_by("-finished_at", "-pk")
    run = runs.values_list("finished_at", "seconds", "data_version").first()
    finished, seconds, stands_on = run or (None, None, None)
    age = (now - finished).total_seconds() if finished else None
    return [
        one("data_version", "Raised whenever public facts change.", version),
        one("index_data_version", "The data version under the newest index run.", stands_on),
        one("index_run_age_seconds", "Since the newest index run had results.", age),
        one("index_run_seconds", "How long that run took to its headline.", seconds),
    ]


def _documents() -> list[Metric]:
    known = dict.fromkeys(Snapshot.State.values, 0)
    states = known | dict(Snapshot.objects.order_by().values_list("state").annotate(n=Count("pk")))
    # One walk through the attempts for all that is told of them.
    rows = Fetch.objects.order_by().values_list("endpoint__source__slug", "outcome").annotate(
        n=Count("pk"), spared=Count("pk", filter=Q(outcome=Fetch.Outcome.UNCHANGED, snapshot=None)),
        took=Sum("seconds"), size=Sum("snapshot__blob__size"),
    )  # fmt: skip
    fetches = sorted(rows)
    outcomes = [Sample((("source", slug), ("outcome", outcome)), n) for slug, outcome, n, *_ in fetches]
    spared: Counter[str] = Counter()
    took: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for slug, _, _, unsent, seconds, read in fetches:
        spared[slug] += unsent
        took[slug] += seconds
        size[slug] += read or 0
    return [
        gauge("snapshots", "Documents kept, by state.", by("state", states.items())),
        counter("fetches_total", "Attempts to collect a document.", outcomes),
        counter(
            "fetches_not_modified_total",
            "Attempts that the publisher answered with 304, so that no document was sent.",
            by("source", spared.items()),
        ),
        counter("fetch_seconds_total", "What the attempts took.", by("source", took.items())),
        counter("fetch_bytes_total", "Bytes of the documents that were sent.", by("source", size.items())),
    ]


def _digest() -> list[Metric]:
    """How far the newest issue is, and when one was last done with."""
    newest = Issue.objects.order_by("-week").values("pk")[:1]
    known = dict.fromkeys(Letter.State.values, 0)
    letters = known | dict(
        Letter.objects.filter(issue__in=newest).order_by().values_list("state").annotate(n=Count("pk"))
    )
    last = Issue.objects.aggregate(last=Max("sent_at"))["last"]
    return [
        gauge("digest_letters", "Letters of the newest issue, by state.", by("state", letters.items())),
        one("digest_sent_timestamp_seconds", "When the last issue was done with.", last.timestamp() if last else None),
    ]


def _database() -> list[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()), current_setting('server_version'), "
            "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())"
        )
        size, server, sessions = cursor.fetchone()
    return [
        gauge("database_info", "The server; always 1.", [Sample((("postgresql", server.partition(" ")[0]),), 1)]),
        one("database_bytes", "What the database takes on its disk.", size),
        one("database_sessions", "Connections to the database, of all machines.", sessions),
    ]


def _machine(state: Path) -> list[Metric]:
    disk = shutil.disk_usage(state)
    built = (("version", version()), ("python", platform.python_version()), ("django", django.get_version()))
    return [
        gauge("build_info", "What runs here; always 1.", [Sample(built, 1)]),
        one("disk_free_bytes", "What is left on the disk of the state folder.", disk.free),
        one("disk_bytes", "How large that disk is.", disk.total),
        one("load_average", "Of the last minute.", os.getloadavg()[0]),
    ]


def _beats() -> list[Metric]:
    heard = [(name, at.timestamp()) for name, at in Beat.objects.exclude(name=STARTED).values_list("name", "at")]
    return [gauge("beat_last_heard_timestamp_seconds", "When a worker took up beat's question.", by("question", heard))]
