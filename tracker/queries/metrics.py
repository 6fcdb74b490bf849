"""The state of the machine in numbers, for whoever watches many machines: a fixed number of queries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.db.models import Count, Max, Q, Sum

from tracker.models import (
    Alarm,
    Beat,
    DataVersion,
    Endpoint,
    Fetch,
    IndexRun,
    Rereading,
    Snapshot,
    Unresolved,
)
from tracker.queries.alarms import open_alarms, untold

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    labels: Labels
    value: float


@dataclass(frozen=True, slots=True)
class Metric:
    """One family of numbers: `kind` is gauge, or counter for what only grows."""

    name: str
    help: str
    kind: str
    samples: tuple[Sample, ...]


def metrics(*, now: datetime) -> list[Metric]:
    return [*_sources(now), *_alarms(now), *_work(now), *_index(now), *_documents(), *_beats()]


def _gauge(name: str, help_: str, samples: Iterable[Sample]) -> Metric:
    return Metric(f"landscape_{name}", help_, "gauge", tuple(samples))


def _one(name: str, help_: str, value: float | None) -> Metric:
    return _gauge(name, help_, () if value is None else (Sample((), value),))


def _by(label: str, values: Iterable[tuple[str, float]]) -> list[Sample]:
    return [Sample(((label, name),), value) for name, value in sorted(values)]


def _sources(now: datetime) -> list[Metric]:
    rows = Endpoint.objects.order_by().values_list("source__slug").annotate(
        changed=Max("current__fetched_at"), confirmed=Max("confirmed_at"), named=Max("current__shape__newest")
    )  # fmt: skip
    found = list(rows)
    days = [(slug, datetime.combine(named, time.min, tzinfo=UTC).timestamp()) for slug, _, _, named in found if named]
    return [
        _gauge(
            "source_age_seconds",
            "Since the newest document that is believed was collected.",
            _by("source", ((slug, (now - changed).total_seconds()) for slug, changed, _, _ in found if changed)),
        ),
        _gauge(
            "source_last_success_timestamp_seconds",
            "When the publisher last confirmed what is believed.",
            _by("source", ((slug, confirmed.timestamp()) for slug, _, confirmed, _ in found if confirmed)),
        ),
        _gauge(
            "source_newest_datum_timestamp_seconds",
            "The latest day that a row of the source names.",
            _by("source", days),
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
        _gauge("alarms_open", "Alarms that are open.", samples),
        _one("alarms_untold", "Alarms whose letter to the operator could not be sent.", untold(rows, now=now)),
    ]


def _work(now: datetime) -> list[Metric]:
    waiting = Unresolved.objects.filter(state=Unresolved.State.WAITING).aggregate(n=Count("pk"), rows=Sum("rows"))
    due = Endpoint.objects.filter(source__enabled=True, source__every__isnull=False, due_at__lte=now)
    depth = {
        "collect": due.filter(Q(not_before=None) | Q(not_before__lte=now)).count(),
        "read": Snapshot.objects.filter(state=Snapshot.State.STORED).count(),
        "read-again": Rereading.objects.count(),
        "compute": IndexRun.objects.exclude(state=IndexRun.State.DONE).count(),
    }
    return [
        _gauge("queue_depth", "Work that is due now.", _by("work", depth.items())),
        _one("unresolved_names", "Names that nobody has explained yet.", waiting["n"]),
        _one("unresolved_rows", "Rows that wait for these names.", waiting["rows"] or 0),
    ]


def _index(now: datetime) -> list[Metric]:
    version = DataVersion.objects.filter(pk=1).values_list("value", flat=True).first()
    runs = IndexRun.objects.filter(historic=False, finished_at__isnull=False).order_by("-finished_at", "-pk")
    run = runs.values_list("finished_at", "seconds", "data_version").first()
    finished, seconds, stands_on = run or (None, None, None)
    age = (now - finished).total_seconds() if finished else None
    return [
        _one("data_version", "Raised whenever public facts change.", version),
        _one("index_data_version", "The data version under the newest index run.", stands_on),
        _one("index_run_age_seconds", "Since the newest index run had results.", age),
        _one("index_run_seconds", "How long that run took to its headline.", seconds),
    ]


def _documents() -> list[Metric]:
    known = dict.fromkeys(Snapshot.State.values, 0)
    states = known | dict(Snapshot.objects.order_by().values_list("state").annotate(n=Count("pk")))
    fetches = Fetch.objects.order_by().values_list("endpoint__source__slug", "outcome").annotate(n=Count("pk"))
    outcomes = [Sample((("source", slug), ("outcome", outcome)), n) for slug, outcome, n in sorted(fetches)]
    return [
        _gauge("snapshots", "Documents kept, by state.", _by("state", states.items())),
        Metric("landscape_fetches_total", "Attempts to collect a document.", "counter", tuple(outcomes)),
    ]


def _beats() -> list[Metric]:
    heard = [(name, at.timestamp()) for name, at in Beat.objects.values_list("name", "at")]
    return [
        _gauge("beat_last_heard_timestamp_seconds", "When a worker took up beat's question.", _by("question", heard))
    ]
