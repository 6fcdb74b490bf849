"""The pipeline as an operator reads it: every source, its last answers, what failed, what waits for a person."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Q, Subquery, Sum

from tracker.models import Endpoint, Fetch, IndexRun, Snapshot, Source, Unresolved
from tracker.queries.provenance import SnapshotRow, snapshot_row

# The states that a person should look at.
TROUBLED = frozenset({"failing", "stale", "quarantined"})


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source. `state` is one of fresh, stale, failing, quarantined, off, once, never."""

    slug: str
    title: str
    publisher: str
    homepage: str
    data_licence: str
    state: str
    explanation: str
    endpoints: int
    last_success: datetime | None
    next_run: datetime | None
    newest_datum: datetime | None
    records: int
    unresolved: int
    snapshots: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class FetchRow:
    started_at: datetime
    url: str
    outcome: str
    outcome_label: str
    message: str
    seconds: float
    snapshot: int | None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One name that nobody has explained yet."""

    kind: str
    name: str
    source: str
    rows: int
    suggestion: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Queues:
    """Work that is due now, by kind."""

    to_collect: int
    to_read: int
    to_compute: int
    quarantined: int
    unresolved_names: int
    unresolved_rows: int


def source_rows(*, now: datetime) -> list[SourceRow]:
    """Every source with its state, in a fixed number of queries."""
    endpoints, newest = _endpoints_by_source(), newest_states()
    names = dict(
        Unresolved.objects.filter(state=Unresolved.State.WAITING)
        .values_list("endpoint__source")
        .annotate(n=Count("pk"))
        .values_list("endpoint__source", "n")
    )
    kept = {
        row["endpoint__source"]: (row["n"], row["bad"])
        for row in Snapshot.objects.values("endpoint__source").annotate(
            n=Count("pk"), bad=Count("pk", filter=Q(state=Snapshot.State.QUARANTINED))
        )
    }
    rows = []
    for source in Source.objects.all():
        own = endpoints[source.pk]
        state, explanation = _state(source, own, newest, now=now)
        current = [endpoint.current for endpoint in own if endpoint.current]
        snapshots, quarantined = kept.get(source.pk, (0, 0))
        rows.append(
            SourceRow(
                slug=source.slug,
                title=source.title,
                publisher=source.publisher,
                homepage=source.homepage,
                data_licence=source.data_licence,
                state=state,
                explanation=explanation,
                endpoints=len(own),
                last_success=max((e.confirmed_at for e in own if e.confirmed_at), default=None),
                next_run=min((e.not_before or e.due_at for e in own if e.due_at), default=None)
                if source.every
                else None,
                newest_datum=max((snapshot.fetched_at for snapshot in current), default=None),
                records=sum(sum(snapshot.counts.get("records", {}).values()) for snapshot in current),
                unresolved=names.get(source.pk, 0),
                snapshots=snapshots,
                quarantined=quarantined,
            )
        )
    return rows


def newest_state() -> Subquery:
    """The state of the newest document that an endpoint gave, as a column of its row."""
    return Subquery(Snapshot.objects.filter(endpoint=OuterRef("pk")).order_by("-fetched_at").values("state")[:1])


def newest_states() -> dict[int, str]:
    """Of every endpoint the state of the newest document it gave, believed or not."""
    return dict(Endpoint.objects.annotate(newest=newest_state()).order_by("pk").values_list("pk", "newest"))


def _endpoints_by_source() -> dict[int, list[Endpoint]]:
    endpoints: dict[int, list[Endpoint]] = defaultdict(list)
    for endpoint in Endpoint.objects.select_related("current"):
        endpoints[endpoint.source_id].append(endpoint)
    return endpoints


def source_states(*, now: datetime) -> dict[str, str]:
    """The state of every source by its slug, without counting anything: what the front page says of the pipeline."""
    endpoints, newest = _endpoints_by_source(), newest_states()
    return {source.slug: _state(source, endpoints[source.pk], newest, now=now)[0] for source in Source.objects.all()}


def _state(source: Source, endpoints: list[Endpoint], newest: Mapping[int, str], *, now: datetime) -> tuple[str, str]:
    failing = [endpoint for endpoint in endpoints if endpoint.last_error]
    if not source.enabled:
        return "off", "Switched off by the operator."
    if any(newest.get(endpoint.pk) == Snapshot.State.QUARANTINED for endpoint in endpoints):
        return "quarantined", "The newest document failed its guards; the last good one stays up."
    if failing:
        return "failing", failing[0].last_error
    confirmed = max((endpoint.confirmed_at for endpoint in endpoints if endpoint.confirmed_at), default=None)
    if confirmed is None:
        return "never", "Nothing has been collected yet."
    if source.every is None:
        return "once", "Published once; not asked again."
    patience = source.stale_after or max(3 * source.every, timedelta(days=3))
    if now - confirmed > patience:
        return "stale", f"Last confirmed on {confirmed:%Y-%m-%d}."
    return "fresh", ""


def source_row(slug: str, *, now: datetime) -> SourceRow | None:
    return next((row for row in source_rows(now=now) if row.slug == slug), None)


def fetch_rows(slug: str, *, limit: int = 50) -> list[FetchRow]:
    """A source's latest attempts, newest first."""
    fetches = Fetch.objects.filter(endpoint__source__slug=slug).select_related("endpoint")[:limit]
    return [
        FetchRow(
            started_at=fetch.started_at,
            url=fetch.endpoint.url,
            outcome=fetch.outcome,
            outcome_label=fetch.get_outcome_display(),
            message=fetch.message,
            seconds=fetch.seconds,
            snapshot=fetch.snapshot_id,
        )
        for fetch in fetches
    ]


def snapshot_rows(slug: str, *, limit: int = 50) -> list[SnapshotRow]:
    """A source's stored documents, newest first."""
    snapshots = Snapshot.objects.filter(endpoint__source__slug=slug).select_related("endpoint__source", "blob")
    return [snapshot_row(snapshot) for snapshot in snapshots.defer("blob__packed")[:limit]]


def waiting_names(*, source: str = "", limit: int = 30) -> list[WaitingRow]:
    """The unexplained names that hold up most rows."""
    names = Unresolved.objects.filter(state=Unresolved.State.WAITING, endpoint__source__may_display=True)
    names = names.select_related("endpoint__source", "suggestion")
    if source:
        names = names.filter(endpoint__source__slug=source)
    return [
        WaitingRow(
            kind=row.kind,
            name=row.name,
            source=row.endpoint.source.title,
            rows=row.rows,
            suggestion=row.suggestion.name if row.suggestion else "",
            score=row.suggestion_score,
        )
        for row in names[:limit]
    ]


def queues(*, now: datetime) -> Queues:
    waiting = Unresolved.objects.filter(state=Unresolved.State.WAITING).aggregate(n=Count("pk"), rows=Sum("rows"))
    due = Endpoint.objects.filter(source__enabled=True, source__every__isnull=False, due_at__lte=now)
    return Queues(
        to_collect=due.count(),
        to_read=Snapshot.objects.filter(state=Snapshot.State.STORED).count(),
        to_compute=IndexRun.objects.exclude(state=IndexRun.State.DONE).count(),
        quarantined=Snapshot.objects.filter(state=Snapshot.State.QUARANTINED).count(),
        unresolved_names=waiting["n"],
        unresolved_rows=waiting["rows"] or 0,
    )
