"""The state of every part as a reader may know it: since when, when it last did its work, and when it will again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Min, Q

from tracker.models import Alarm, IndexRun, Issue
from tracker.queries import health
from tracker.queries.alarms import NOT_SHOWN
from tracker.queries.pipeline import ORDER, TROUBLED, SourceRow, source_rows

INCIDENT_DAYS = 30
MOST_INCIDENTS = 60
# What an error says may name hosts and users; the operator reads it in /readyz and `manage.py doctor`.
WORDS = {
    "database": ("Database", "answers", "does not answer: pages that are not kept cannot be made"),
    "migrations": ("Tables", "are those of this version", "are not yet those of this version"),
    "broker": ("Broker", "answers", "does not answer: workers are not woken, and nothing is lost"),
    "beat": ("Clock of the work (beat)", "asks what is due", "asks nobody: what is due waits"),
    "worker collect": ("Worker that asks the sources", "works", "is silent: sources are not asked"),
    "worker compute": ("Worker that reads and computes", "works", "is silent: new documents are not read"),
    "worker mail": ("Worker that sends letters", "works", "is silent: letters wait"),
    "worker evaluations": ("Worker of our own evaluations", "works", "is silent: evaluations wait"),
    "disk": ("Disk", "has room", "is nearly full"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """`state` is works, degraded or broken; `since` is when it got into trouble, if that is known."""

    name: str
    title: str
    state: str
    detail: str
    last: datetime | None = None
    age: str = ""
    next: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source on /status/: `since` is when it got into trouble, if an alarm says so; `age` is that of `last` in
    words."""

    slug: str
    title: str
    state: str
    since: datetime | None
    last: datetime | None
    age: str
    next: datetime | None


@dataclass(frozen=True, slots=True)
class Incident:
    """An alarm as an incident: `length` in words, and still running where it has no end."""

    label: str
    severity: str
    source: str
    source_slug: str
    opened_at: datetime
    closed_at: datetime | None
    length: str
    message: str


def machine(checks: Iterable[health.Check], *, now: datetime) -> list[Part]:
    """This site's own parts, from what was checked. Asking for the page proves that the web server works."""
    found = [Part("web", "Web server", "works", "answers")]
    for check in checks:
        if check.name not in WORDS:
            continue
        title, good, bad = WORDS[check.name]
        unheard = not check.ok and check.since is None and not check.needed and check.name != "disk"
        state = "works" if check.ok else "broken" if check.needed else "degraded"
        said = good if check.ok else "has not been heard of since the start" if unheard else bad
        since = None if check.ok else check.since
        found.append(Part(check.name, title, state, said, check.since, age(check.since, now=now), since=since))
    return found


def work(*, now: datetime, next_digest: datetime) -> list[Part]:
    """What the parts do together: the index and the digest."""
    open_now = Alarm.objects.filter(closed_at=None).values_list("kind").annotate(since=Min("opened_at"))
    troubled = dict(open_now.filter(kind__in=(Alarm.Kind.INDEX, Alarm.Kind.DIGEST)))
    run = IndexRun.objects.filter(finished_at__isnull=False, historic=False).aggregate(last=Max("finished_at"))["last"]
    sent = Issue.objects.aggregate(last=Max("sent_at"))["last"]
    index, digest = troubled.get(Alarm.Kind.INDEX), troubled.get(Alarm.Kind.DIGEST)
    computed = "is late or cannot be computed" if index else "follows the facts" if run else "has not been computed yet"
    return [
        Part(
            "index", "Capability index", "degraded" if index or run is None else "works", computed,
            run, age(run, now=now), since=index,
        ),
        Part(
            "digest", "Weekly digest", "degraded" if digest else "works",
            "has not gone out as promised" if digest else "goes out on Mondays",
            sent, age(sent, now=now), next_digest, digest,
        ),
    ]  # fmt: skip


def sources(*, now: datetime) -> list[SourceState]:
    """Every source, those in trouble first."""
    opened = Alarm.objects.filter(closed_at=None, source__isnull=False).values_list("source__slug")
    since = dict(opened.annotate(since=Min("opened_at")))
    rows: list[SourceRow] = sorted(source_rows(now=now), key=lambda row: (ORDER.index(row.state), row.title))
    return [
        SourceState(
            row.slug, row.title, row.state, since.get(row.slug) if row.state in TROUBLED else None,
            row.last_success, age(row.last_success, now=now), row.next_run,
        )
        for row in rows
    ]  # fmt: skip


def incidents(*, now: datetime) -> list[Incident]:
    """What was or is wrong: alarms of the last thirty days, notices left out, the newest first."""
    recent = now - timedelta(days=INCIDENT_DAYS)
    rows = Alarm.objects.filter(Q(closed_at=None) | Q(closed_at__gte=recent)).exclude(severity="notice")
    return [
        Incident(
            label=alarm.get_kind_display(),
            severity=alarm.severity,
            source=alarm.source.title if alarm.source else "",
            source_slug=alarm.source.slug if alarm.source else "",
            opened_at=alarm.opened_at,
            closed_at=alarm.closed_at,
            length=length((alarm.closed_at or now) - alarm.opened_at),
            message=alarm.message if alarm.source is None or alarm.source.may_display else NOT_SHOWN,
        )
        for alarm in rows.select_related("source").order_by("-opened_at", "-pk")[:MOST_INCIDENTS]
    ]


def age(at: datetime | None, *, now: datetime) -> str:
    """In steps as coarse as a reader needs, so that the page stays the same bytes for a while."""
    return "" if at is None else length(now - at)


def length(of: timedelta) -> str:
    """A span as coarsely as a page says it: under an hour, hours of two days, then days."""
    hours = int(of / timedelta(hours=1))
    if hours < 1:
        return "under an hour"
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
