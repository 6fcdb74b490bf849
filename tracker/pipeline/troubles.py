"""What is wrong at this moment, told from the rows alone: documents that drifted, names and work that wait."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Sum

from tracker.domain import rhythm
from tracker.domain.drift import Drift, Severity
from tracker.models import Alarm, Beat, DocumentShape, Endpoint, IndexRun, Snapshot, Unresolved

Kind = Alarm.Kind
OF_DOCUMENTS = frozenset({*(Kind(drift.value) for drift in Drift), Kind.QUARANTINED})
OF_SOURCES = frozenset({Kind.STALE, Kind.FAILING, Kind.NEVER, Kind.NAMES})
OF_WORK = frozenset({Kind.UNREAD, Kind.SILENT, Kind.INDEX})

# Two leases of ingest: a worker that died with the document has been replaced by then.
UNREAD_AFTER = timedelta(minutes=10)
# A run is done in minutes; after two hours every page has been showing yesterday's index for as long.
INDEX_AFTER = timedelta(hours=2)
# Rows that wait are a curator's daily bread; a tenth of a source is a benchmark or a family that is missing.
MOST_WAITING, WAITING_SHARE = 50, 0.1


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing to look at. `subject` tells it from others of its kind."""

    kind: Alarm.Kind
    subject: str
    severity: Severity
    message: str
    source: int | None = None
    endpoint: int | None = None
    snapshot: int | None = None


def of_documents(endpoints: Collection[int] | None = None) -> Iterator[Trouble]:
    """What the newest documents of these addresses (None: of all) drifted in, and those that are not believed."""
    newest = Snapshot.objects.filter(endpoint=OuterRef("pk")).order_by("-fetched_at", "-pk").values("pk")[:1]
    rows = Endpoint.objects.filter(source__enabled=True).annotate(newest=Subquery(newest))
    if endpoints is not None:
        rows = rows.filter(pk__in=endpoints)
    current = {endpoint: (source, read) for endpoint, source, read in rows.values_list("pk", "source", "current")}
    last = Snapshot.objects.filter(pk__in=rows.values("newest"), state=Snapshot.State.QUARANTINED)
    refused = {row.endpoint_id: row for row in last.defer("last_error")}
    # Shapes of documents in order stay where they are, and what a curator accepted all the same needs nobody any more.
    odd = (
        DocumentShape.objects.filter(snapshot__waiver=None)
        .exclude(findings=[])
        .filter(Q(snapshot__in=rows.values("current")) | Q(snapshot__in=[row.pk for row in refused.values()]))
    )
    findings = dict(odd.values_list("snapshot", "findings"))
    for endpoint, (source, read) in current.items():
        about = {"subject": f"endpoint:{endpoint}", "source": source, "endpoint": endpoint}
        for found in findings.get(read, ()):
            yield _drifted(found, {**about, "snapshot": read})
        if endpoint in refused:
            yield from _refused(refused[endpoint], findings.get(refused[endpoint].pk, ()), about)


def _drifted(found: Mapping[str, str], about: Mapping[str, Any], *, before: str = "") -> Trouble:
    message = before + found["message"]
    return Trouble(kind=Kind(found["kind"]), severity=Severity(found["severity"]), message=message, **about)


def _refused(snapshot: Snapshot, findings: Iterable[Mapping[str, str]], about: Mapping[str, Any]) -> Iterator[Trouble]:
    about = {**about, "snapshot": snapshot.pk}
    kept = f"The document of {snapshot.fetched_at:%Y-%m-%d %H:%M} UTC is not believed, and the last good one stays up"
    drifted = [found for found in findings if found["severity"] == Severity.QUARANTINE]
    for found in drifted:
        yield _drifted(found, about, before=f"{kept}. ")
    if not drifted:
        message = f"{kept}: {snapshot.message[:900].rstrip('.')}."
        if snapshot.counts.get("refused_by") != "shrinkage":  # that message says what a curator can do
            message += (
                " Until it is rejected or followed by a good one, what the publisher changed is not seen here. Compare "
                "it with the last good one on the curator's desk; where the publisher's format changed, the parser has "
                "to be taught it before anything can be accepted."
            )
        yield Trouble(kind=Kind.QUARANTINED, severity=Severity.QUARANTINE, message=message, **about)


def of_names() -> Iterator[Trouble]:
    """Sources much of which waits for names to be explained."""
    rows = Endpoint.objects.filter(source__enabled=True, current__isnull=False)
    total: Counter[int] = Counter()
    for source, counts in rows.values_list("source", "current__counts__records"):
        total[source] += sum((counts or {}).values())
    waiting = Unresolved.objects.filter(state=Unresolved.State.WAITING, endpoint__source__enabled=True).order_by()
    by_source = waiting.values_list("endpoint__source").annotate(held=Sum("rows"), names=Count("pk"))
    for source, held, names in by_source:
        if held >= MOST_WAITING and held >= WAITING_SHARE * total[source]:
            told = (
                f"{held} of {total[source]} rows wait for {names} names that nobody has explained. What they say is on "
                "no page. Explain the names on the curator's desk, those that hold up most rows first."
            )
            yield Trouble(Kind.NAMES, f"source:{source}", Severity.ALARM, told, source=source)


def of_work(*, now: datetime) -> Iterator[Trouble]:
    """Work of ours that is not done: questions nobody hears, documents nobody reads, an index nobody computes."""
    for question, last in rhythm.silent(dict(Beat.objects.values_list("name", "at")), now=now).items():
        yield Trouble(Kind.SILENT, f"question:{question}", Severity.STOPPED, rhythm.silence(question, last))
    stored = Snapshot.objects.filter(state=Snapshot.State.STORED, fetched_at__lt=now - UNREAD_AFTER)
    oldest = stored.select_related("endpoint").order_by("fetched_at", "pk").first()
    if oldest is not None:
        told = (
            f"{stored.count()} documents were collected and not read, the oldest at {oldest.fetched_at:%Y-%m-%d %H:%M} "
            "UTC. Pages show what was known before. Look at the workers' log; a document that kills its reader is put "
            "into quarantine after a few attempts."
        )
        where = {"source": oldest.endpoint.source_id, "endpoint": oldest.endpoint_id, "snapshot": oldest.pk}
        yield Trouble(Kind.UNREAD, "reading", Severity.STOPPED, told, **where)
    yield from _index(now=now)


def _index(*, now: datetime) -> Iterator[Trouble]:
    """Only runs of today's facts: those of the past may take the night."""
    runs = IndexRun.objects.filter(historic=False).order_by("created_at", "pk")
    late = runs.exclude(state=IndexRun.State.DONE).filter(created_at__lt=now - INDEX_AFTER).first()
    last = runs.last()
    if late is not None:
        said = f"The index run of {late.created_at:%Y-%m-%d %H:%M} UTC is not done. {late.last_error[:300]}"
    elif last is not None and last.state == IndexRun.State.DONE and last.last_error:
        said = f"The index cannot be computed from today's facts: {last.last_error[:300]}"
    else:
        return
    told = f"{said.strip()} Pages show the index before it. Look at the workers' log, or run `manage.py recompute`."
    yield Trouble(Kind.INDEX, "index", Severity.STOPPED, told)
