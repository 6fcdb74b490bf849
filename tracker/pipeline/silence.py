"""Sources that do not answer, and those whose data stopped moving although they do."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.db.models import F, Min, Q, Window
from django.db.models.functions import RowNumber

from tracker.domain import rhythm
from tracker.domain.drift import Severity
from tracker.models import Alarm, DocumentShape, Endpoint, Fetch, Snapshot, Source
from tracker.pipeline.troubles import Kind, Trouble
from tracker.sources import SOURCES

# A day of failures may be a publisher's bad day; its own interval, twice over, where that is longer.
ANSWER_AFTER = timedelta(days=1)
# Enough changes to know a rhythm.
CHANGES = 12
ANSWERED = (Fetch.Outcome.CHANGED, Fetch.Outcome.UNCHANGED)


def of_sources(*, now: datetime) -> Iterator[Trouble]:
    """Of what is asked by itself: never answered, answers no more, or answers with data that have stopped moving."""
    asked = _asked()
    yield from _unanswering(asked, now=now)
    yield from _stale(asked, now=now)


def _asked() -> list[Endpoint]:
    """The addresses that an installation asks by itself."""
    declared = {url for source in SOURCES.values() for url in source.urls}
    rows = Endpoint.objects.filter(source__enabled=True, source__every__isnull=False, url__in=declared)
    return list(rows.select_related("source").order_by("source__slug", "url"))


def _unanswering(asked: Iterable[Endpoint], *, now: datetime) -> Iterator[Trouble]:
    failing = [endpoint for endpoint in asked if endpoint.last_error]
    tries = Fetch.objects.filter(endpoint__in=[endpoint.pk for endpoint in failing])
    first = dict(tries.order_by().values_list("endpoint").annotate(at=Min("started_at")))
    good = tries.filter(outcome__in=ANSWERED).order_by("endpoint", "-started_at").distinct("endpoint")
    last = dict(good.values_list("endpoint", "started_at"))
    found: dict[tuple[Alarm.Kind, int], list[tuple[datetime, str, str]]] = defaultdict(list)
    for endpoint in asked:
        since = last.get(endpoint.pk) or first.get(endpoint.pk) if endpoint.last_error else endpoint.due_at
        if since is None or now - since <= max(ANSWER_AFTER, 2 * (endpoint.source.every or ANSWER_AFTER)):
            continue
        known = endpoint.current_id is not None or endpoint.pk in last
        reason = endpoint.last_error[:300] or "It is due, and no worker takes it up."
        found[Kind.FAILING if known else Kind.NEVER, endpoint.source_id].append((since, endpoint.url, reason))
    for (kind, source), rows in found.items():
        yield _silent(kind, source, sorted(rows))


def _silent(kind: Alarm.Kind, source: int, rows: list[tuple[datetime, str, str]]) -> Trouble:
    """One alarm a source: when a host is down, its forty addresses have one cause."""
    since, url, reason = rows[0]
    others = f" (and {len(rows) - 1} other addresses of it)" if len(rows) > 1 else ""
    if kind == Kind.NEVER:
        said = f"{url}{others} has never answered, at least since {since:%Y-%m-%d}: {reason} "
        said += "What only it publishes is missing on every page."
    else:
        said = f"{url}{others} has not answered since {since:%Y-%m-%d}: {reason} "
        said += "Its facts stay as they were then, and look as if they still held."
    told = f"{said} See whether the address moved; mend the source, or switch it off."
    return Trouble(kind, f"source:{source}", Severity.ALARM, told, source=source)


def _stale(asked: Iterable[Endpoint], *, now: datetime) -> Iterator[Trouble]:
    """A publisher that stopped still answers 200: the age of its data tells, not its last answer."""
    changes, named = _changes(), _newest_days()
    declared: dict[Source, list[datetime]] = defaultdict(list)
    for endpoint in asked:
        if endpoint.last_error or endpoint.checked_at is None or endpoint.pk not in changes:
            continue
        times, source = changes[endpoint.pk], endpoint.source
        datum = rhythm.newest_datum(max(times), named.get(endpoint.pk), only_met=len(times) == 1)
        if datum is None:
            continue
        if source.stale_after is not None and not source.rolling:
            # Files of one board, of which a few are history: the board lives as long as one of them does.
            declared[source].append(datum)
            continue
        # Feeds have nothing to do with each other: that one lab still writes says nothing of another's.
        patience = rhythm.patience(times, every=source.every, stale_after=source.stale_after)
        if patience is not None and now - datum > patience:
            usual = rhythm.rhythm(times)
            said = f"{endpoint.url} used to change every {_length(usual)}; its" if usual else f"{endpoint.url}: the"
            said += f" newest datum is of {datum:%Y-%m-%d}"
            yield _old(said, f"endpoint:{endpoint.pk}", source.pk, endpoint.pk)
    for source, found in declared.items():
        if source.stale_after is not None and now - max(found) > source.stale_after:
            said = f"The newest datum is of {max(found):%Y-%m-%d}, more than {_length(source.stale_after)} ago"
            yield _old(said, f"source:{source.pk}", source.pk, None)


def _old(said: str, subject: str, source: int, endpoint: int | None) -> Trouble:
    told = (
        f"{said}, although it still answers. A frozen copy looks like a world in which nothing happens. "
        "See whether the publisher moved or gave up; if this is its way, declare a longer stale_after."
    )
    return Trouble(Kind.STALE, subject, Severity.ALARM, told, source=source, endpoint=endpoint)


def _length(length: timedelta) -> str:
    hours = round(length / timedelta(hours=1))
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} days"


def _changes() -> dict[int, list[datetime]]:
    """When each address last showed other rows than before. Other bytes around the same rows are no change."""
    moved = Q(counts__added__gt=0) | Q(counts__closed__gt=0) | Q(counts__superseded__gt=0)
    nth = Window(RowNumber(), partition_by=F("endpoint"), order_by=F("fetched_at").desc())
    rows = Snapshot.objects.filter(moved, state=Snapshot.State.INGESTED).order_by().annotate(nth=nth)
    found: dict[int, list[datetime]] = defaultdict(list)
    for endpoint, at in rows.filter(nth__lte=CHANGES).values_list("endpoint", "fetched_at"):
        found[endpoint].append(at)
    return found


def _newest_days() -> dict[int, date]:
    rows = DocumentShape.objects.filter(snapshot__in=Endpoint.objects.values("current"))
    return {endpoint: day for endpoint, day in rows.values_list("snapshot__endpoint", "newest") if day}
