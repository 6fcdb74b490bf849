"""The pipeline as an operator reads it: every source, its last answers, what failed, what waits for a person."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from tracker.domain import rhythm
from tracker.models import (
    Alarm,
    Conflict,
    DocumentShape,
    DrawSlice,
    Endpoint,
    Fetch,
    IndexRun,
    ProposedRelease,
    Rereading,
    Snapshot,
    Source,
    Unresolved,
)
from tracker.queries.provenance import SnapshotRow, snapshot_row

# The states that a person should look at.
TROUBLED = frozenset({"failing", "stale", "quarantined"})
# As an operator looks at them: what is wrong first, what needs nothing last.
ORDER = ("quarantined", "failing", "stale", "never", "fresh", "once", "off")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source. `state` is one of fresh, stale, failing, quarantined, off, once, never.

    `newest_datum` is the latest day that its rows name, or the last time that they changed, whichever is later;
    `newest_document` when the last good document was had. They part where a publisher still answers and says nothing
    new.
    """

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
    age_days: int | None
    newest_document: datetime | None
    records: int
    unresolved: int
    snapshots: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class FetchRow:
    """One attempt at an address: how it ended, what it took, the document it brought, if any, and its id in the
    logs."""

    started_at: datetime
    url: str
    outcome: str
    outcome_label: str
    message: str
    seconds: float
    snapshot: int | None
    asked_in: str


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
    to_read_again: int
    to_compute: int

    @property
    def total(self) -> int:
        return self.to_collect + self.to_read + self.to_read_again + self.to_compute


@dataclass(frozen=True, slots=True)
class Drawing:
    """An index run whose draws are being made: it is shown when all are there."""

    run: int
    made: int
    wanted: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for a person, by kind."""

    unresolved_names: int
    unresolved_rows: int
    conflicts: int
    quarantined: int
    proposed_releases: int

    @property
    def total(self) -> int:
        return self.unresolved_names + self.conflicts + self.quarantined + self.proposed_releases


def source_rows(*, now: datetime) -> list[SourceRow]:
    """Every source with its state, in a fixed number of queries."""
    (endpoints, newest), old, data = _endpoints_by_source(), _old(), _newest_data()
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
        state, explanation = _state(source, own, newest, old, now=now)
        datum = max((data[endpoint.pk] for endpoint in own if endpoint.pk in data), default=None)
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
                newest_datum=datum,
                age_days=max(0, (now - datum).days) if datum else None,
                newest_document=max((snapshot.fetched_at for snapshot in current), default=None),
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


def _old() -> dict[int, str]:
    """By source what the alarm says of data that stopped moving although it still answers."""
    stale = Alarm.objects.filter(kind=Alarm.Kind.STALE, closed_at=None, source__isnull=False)
    return dict(stale.order_by("-opened_at").values_list("source", "message"))


def _newest_data() -> dict[int, datetime]:
    """Of every endpoint how new its data are."""
    moved = Q(counts__added__gt=0) | Q(counts__closed__gt=0) | Q(counts__superseded__gt=0)
    changes = Snapshot.objects.filter(moved, state=Snapshot.State.INGESTED).order_by().values("endpoint")
    changed = {
        endpoint: (last, count)
        for endpoint, last, count in changes.annotate(last=Max("fetched_at"), n=Count("pk")).values_list(
            "endpoint", "last", "n"
        )
    }
    shapes = DocumentShape.objects.filter(snapshot__in=Endpoint.objects.values("current"))
    named = dict(shapes.values_list("snapshot__endpoint", "newest"))
    found = {}
    for endpoint in changed.keys() | named.keys():
        last, count = changed.get(endpoint, (None, 0))
        datum = rhythm.newest_datum(last, named.get(endpoint), only_met=count <= 1)
        if datum is not None:
            found[endpoint] = datum
    return found


def _endpoints_by_source() -> tuple[dict[int, list[Endpoint]], dict[int, str | None]]:
    """And of every endpoint the state of the newest document it gave, believed or not."""
    endpoints: dict[int, list[Endpoint]] = defaultdict(list)
    newest: dict[int, str | None] = {}
    for endpoint in Endpoint.objects.select_related("current").annotate(newest=newest_state()):
        endpoints[endpoint.source_id].append(endpoint)
        newest[endpoint.pk] = endpoint.newest
    return endpoints, newest


def source_states(*, now: datetime) -> dict[str, str]:
    """The state of every source by its slug, without counting anything: what the front page says of the pipeline."""
    # There may be thousands: rows with what a state is told by, and no document of theirs.
    told = Endpoint.objects.annotate(newest=newest_state())
    endpoints: dict[int, list[Any]] = defaultdict(list)
    newest: dict[int, str | None] = {}
    for row in told.values_list("source_id", "pk", "last_error", "confirmed_at", "newest", named=True):
        endpoints[row.source_id].append(row)
        newest[row.pk] = row.newest
    old = _old()
    rows = Source.objects.all()
    return {source.slug: _state(source, endpoints[source.pk], newest, old, now=now)[0] for source in rows}


def _state(
    source: Source,
    endpoints: Sequence[Any],
    newest: Mapping[int, str | None],
    old: Mapping[int, str],
    *,
    now: datetime,
) -> tuple[str, str]:
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
    # Two ages: of our last look, which its own interval bounds, and of what it showed, which its declaration or its
    # past does (tracker/pipeline/silence.py).
    if now - confirmed > rhythm.confirmation_patience(source.every):
        return "stale", f"Last confirmed on {confirmed:%Y-%m-%d}."
    if source.pk in old:
        return "stale", old[source.pk]
    return "fresh", ""


def source_row(slug: str, *, now: datetime) -> SourceRow | None:
    """One source as `source_rows` has it, and at the cost of all of them; None: there is none of that slug."""
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
            asked_in=fetch.asked_in,
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
    """What is due for the workers now."""
    return _queues(_documents()[0], now=now)


def waiting_work(*, now: datetime) -> dict[str, Queues | Desk]:
    """Both lists of what waits: `queues` for the workers, `desk` for a curator."""
    stored, quarantined = _documents()
    return {"queues": _queues(stored, now=now), "desk": _desk(quarantined)}


def _documents() -> tuple[int, int]:
    """How many wait to be read, and how many for a decision."""
    states = Snapshot.objects.order_by().values_list("state").annotate(n=Count("pk"))
    found = dict(states.filter(state__in=(Snapshot.State.STORED, Snapshot.State.QUARANTINED)))
    return found.get(Snapshot.State.STORED, 0), found.get(Snapshot.State.QUARANTINED, 0)


def _queues(stored: int, *, now: datetime) -> Queues:
    due = Endpoint.objects.filter(source__enabled=True, source__every__isnull=False, due_at__lte=now)
    return Queues(
        to_collect=due.filter(Q(not_before=None) | Q(not_before__lte=now)).count(),
        to_read=stored,
        to_read_again=Rereading.objects.count(),
        to_compute=IndexRun.objects.exclude(state=IndexRun.State.DONE).count(),
    )


def _desk(quarantined: int) -> Desk:
    names = Unresolved.objects.filter(state=Unresolved.State.WAITING).aggregate(n=Count("pk"), rows=Sum("rows"))
    return Desk(
        unresolved_names=names["n"],
        unresolved_rows=names["rows"] or 0,
        conflicts=Conflict.objects.filter(state=Conflict.State.OPEN).count(),
        quarantined=quarantined,
        proposed_releases=ProposedRelease.objects.filter(state=ProposedRelease.State.WAITING).count(),
    )


def drawing_progress() -> list[Drawing]:
    """The runs that have begun to draw and are not shown yet, today's first: each with its draws so far."""
    begun = IndexRun.objects.filter(state=IndexRun.State.DUE, draw_arrays__wanted__gt=0)
    slices = DrawSlice.objects.filter(drawn_from=OuterRef("draw_arrays__drawn_from")).order_by()
    made = slices.values("drawn_from").annotate(made=Sum("count")).values("made")
    rows = begun.annotate(made=Coalesce(Subquery(made), 0)).order_by("historic", "-known_at")
    told = rows.values_list("pk", "made", "draw_arrays__wanted")
    return [Drawing(run, min(made or 0, wanted or 0), wanted or 0) for run, made, wanted in told]
