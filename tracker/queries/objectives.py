"""What the site promises of itself, and how far it kept that over the last thirty days: told from rows alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Count, F, Min, Q
from django.db.models.functions import Coalesce, Now

from landscape.observe import counting
from landscape.observe.counting import KINDS
from tracker.models import Alarm, Fetch, IndexRun, Issue, Snapshot, Source

WINDOW = timedelta(days=30)
READ_WITHIN = timedelta(minutes=10)
INDEX_WITHIN = timedelta(minutes=15)
DIGEST_WITHIN = timedelta(hours=2)
PAGE_WITHIN = 0.25  # seconds; a bound of the buckets of page_seconds
ANSWERED = (Fetch.Outcome.CHANGED, Fetch.Outcome.UNCHANGED)
OF_SOURCES = (Alarm.Kind.FAILING, Alarm.Kind.NEVER, Alarm.Kind.STALE)


@dataclass(frozen=True, slots=True)
class Objective:
    """One promise: `kept` of `total` (of `unit`), which should be at least `target`."""

    name: str
    promise: str
    unit: str
    kept: float
    total: float
    target: float

    @property
    def share(self) -> float | None:
        return self.kept / self.total if self.total else None

    @property
    def state(self) -> str:
        """kept, missed, or unknown where there is nothing to tell from."""
        return "unknown" if self.share is None else "kept" if self.share >= self.target else "missed"


def objectives(*, now: datetime, counts: Path, digest_hour: int) -> list[Objective]:
    """In a fixed number of queries; `counts` is where this machine's processes leave theirs."""
    since = now - WINDOW
    return [
        _pages(counts),
        _index(since, now),
        _read(since, now),
        _answered(since),
        _sources(since, now),
        _workers(since, now),
        _digest(since, now, digest_hour),
    ]


def _pages(counts: Path) -> Objective:
    kept = total = 0.0
    for row in counting.read(counts)[0]:
        if row.kind == "page_seconds":
            total += sum(row.values[:-1])
            if row.labels[1] != "5xx":
                kept += sum(row.values[: KINDS["page_seconds"].bounds.index(PAGE_WITHIN) + 1])
    told = "A page is answered within a quarter of a second, and with no error of ours. Since counting began here."
    return Objective("pages", told, "answers", kept, total, 0.99)


def _index(since: datetime, now: datetime) -> Objective:
    runs = IndexRun.objects.filter(historic=False, created_at__gte=since)
    in_time = Q(finished_at__lte=F("created_at") + INDEX_WITHIN)
    settled = runs.filter(in_time | Q(created_at__lt=now - INDEX_WITHIN))
    told = settled.aggregate(kept=Count("pk", filter=in_time), total=Count("pk"))
    words = "New facts are in the index within a quarter of an hour."
    return Objective("index", words, "index runs", told["kept"], told["total"], 0.95)


def _read(since: datetime, now: datetime) -> Objective:
    """Of documents that were fetched: what came with the starter archive was read when it was loaded."""
    fetched = Fetch.objects.filter(outcome=Fetch.Outcome.CHANGED, started_at__gte=since)
    in_time = Q(snapshot__ingested_at__lte=F("snapshot__fetched_at") + READ_WITHIN)
    late = Q(snapshot__state=Snapshot.State.STORED, started_at__lt=now - READ_WITHIN)
    read = Q(snapshot__state=Snapshot.State.INGESTED)
    told = fetched.filter(read | late).aggregate(kept=Count("pk", filter=in_time), total=Count("pk"))
    words = "A new document is read within ten minutes of its arrival."
    return Objective("reading", words, "documents", told["kept"], told["total"], 0.99)


def _answered(since: datetime) -> Objective:
    tries = Fetch.objects.filter(started_at__gte=since)
    told = tries.aggregate(kept=Count("pk", filter=Q(outcome__in=ANSWERED)), total=Count("pk"))
    return Objective("answers", "A source that is asked answers.", "attempts", told["kept"], told["total"], 0.95)


def _sources(since: datetime, now: datetime) -> Objective:
    asked = Source.objects.filter(enabled=True, every__isnull=False)
    since = _living_since(since, now)
    alarms = Alarm.objects.filter(kind__in=OF_SOURCES, source__in=asked)
    hours: dict[int, list[tuple[datetime, datetime]]] = {}
    for source, begun, ended in _spans(alarms, since, now):
        hours.setdefault(source, []).append((begun, ended))
    total = asked.count() * (now - since) / timedelta(hours=1)
    lost = sum(_covered(spans) for spans in hours.values())
    words = "A source’s data are as new as its publisher’s: no alarm says that it fails or stopped."
    return Objective("sources", words, "source hours", max(0.0, total - lost), total, 0.95)


def _workers(since: datetime, now: datetime) -> Objective:
    since = _living_since(since, now)
    alarms = Alarm.objects.filter(kind__in=(Alarm.Kind.SILENT, Alarm.Kind.UNREAD))
    lost = _covered([(begun, ended) for _, begun, ended in _spans(alarms, since, now)])
    total = (now - since) / timedelta(hours=1)
    words = "Beat asks, and workers answer: no alarm says that they are silent."
    return Objective("workers", words, "hours", max(0.0, total - lost), total, 0.99)


def _digest(since: datetime, now: datetime, hour: int) -> Objective:
    """An issue is due at its hour on the Monday on which its week ends, and may wait for an editor who withholds it."""
    due = timedelta(hours=hour) + DIGEST_WITHIN
    issues = Issue.objects.filter(until__gte=since, until__lte=now - due).exclude(state=Issue.State.WITHHELD)
    told = issues.aggregate(kept=Count("pk", filter=Q(addressed_at__lte=F("until") + due)), total=Count("pk"))
    words = "The weekly digest is on its way two hours after its time."
    return Objective("digest", words, "issues", told["kept"], told["total"], 1.0)


def _living_since(since: datetime, now: datetime) -> datetime:
    """From when on there is something to tell of: a new installation is not thirty days old."""
    first = Fetch.objects.aggregate(at=Min("started_at"))["at"]
    return max(since, min(first or now, now))


def _spans(alarms: object, since: datetime, now: datetime) -> Iterable[tuple[int, datetime, datetime]]:
    """By source when an alarm was open, as far as that lies in the window."""
    rows = (
        alarms.annotate(ended=Coalesce("closed_at", Now()))  # type: ignore[attr-defined]
        .filter(ended__gt=since, opened_at__lt=now)
        .values_list("source", "opened_at", "closed_at")
    )
    for source, begun, ended in rows:
        yield source, max(begun, since), min(ended or now, now)


def _covered(spans: Iterable[tuple[datetime, datetime]]) -> float:
    """The hours that lie in any of the spans: two alarms at once are one bad hour."""
    hours, reached = timedelta(0), None
    for begun, ended in sorted(spans):
        if reached is None or begun > reached:
            reached = begun
        if ended > reached:
            hours += ended - reached
            reached = ended
    return hours / timedelta(hours=1)
