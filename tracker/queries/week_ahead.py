"""What the coming weeks may bring: forecasts that fall due, claims near their threshold, sources that went silent."""

from datetime import date, datetime, timedelta

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from tracker.domain.claim_models import ModelFactTest
from tracker.domain.claim_texts import LicenceTermTest, NoTest, StatedTest
from tracker.domain.claims import test_of
from tracker.domain.notable_facts import Close, Due, Stale
from tracker.models import ClaimVerdict, Decision, Fetch, Snapshot, Source
from tracker.queries import forecasts
from tracker.queries.runs import RunInfo
from tracker.queries.week_runs import own_figure

HEARD = (Fetch.Outcome.CHANGED, Fetch.Outcome.UNCHANGED)
# What rests on words that somebody wrote once does not come near anything.
FIXED = frozenset({kind.kind for kind in (LicenceTermTest, ModelFactTest, NoTest, StatedTest)})
SETTLED = (ClaimVerdict.Verdict.HOLDS, ClaimVerdict.Verdict.FAILS)


def due(as_of: date, *, within: timedelta = timedelta(days=14)) -> tuple[Due, ...]:
    """The last registered forecast of each method and question for a day that is near."""
    latest: dict[tuple[str, str, str, str, date], Due] = {}
    for row in forecasts.registered(as_of):  # the newest first
        if as_of < row.due <= as_of + within:
            about = (row.asks, row.method, row.subject, row.claim, row.due)
            latest.setdefault(
                about,
                Due(
                    on=row.due,
                    question=f"{row.question} ({row.subject_name})" if row.subject else row.question,
                    unit=row.unit,
                    method=row.method,
                    median=row.median,
                    low=row.low,
                    high=row.high,
                    probability=row.probability,
                    claim=row.title if row.claim else "",
                ),
            )
    return tuple(latest.values())


def close(run: RunInfo | None) -> tuple[Close, ...]:
    """Settled claims whose figure can move, with its distance to the threshold as a share of that."""
    found = ClaimVerdict.objects.filter(run_id=run.id if run else None, claim__listed=True, verdict__in=SETTLED)
    rows = []
    for verdict in found.select_related("claim").order_by("claim__slug"):
        figure = own_figure(verdict)
        value = figure.get("value")
        if value is None or figure["stated"]:
            continue
        test = test_of(f"claims/{verdict.claim.slug}.toml", verdict.claim.test["test"])
        demand = None if test.kind in FIXED else test.demand
        if demand is None or not demand.nearest(value):
            continue
        share = demand.distance(value) / abs(demand.nearest(value))
        wanted = demand.words(figure["unit"])
        rows.append(
            Close(verdict.claim.slug, verdict.claim.title, verdict.verdict, figure["figure"], wanted, round(share, 6))
        )
    return tuple(rows)


def stale(since: datetime, until: datetime) -> tuple[Stale, ...]:
    """Sources that were silent at `until` for longer than they may be; `newly`: not yet at `since`."""
    off = _off(until)
    rows = []
    watched = Source.objects.filter(stale_after__isnull=False).annotate(
        now=Greatest(*_heard(until)), then=Greatest(*_heard(since))
    )
    for source in watched.order_by("slug"):
        if source.now is None or source.pk in off or source.stale_after is None:
            continue  # never heard of: it has not begun
        silent = until - source.now
        if silent > source.stale_after:
            newly = source.then is not None and since - source.then <= source.stale_after
            rows.append(Stale(source.title, source.slug, silent.days, source.stale_after.days, newly))
    return tuple(rows)


def _heard(at: datetime) -> tuple[Subquery, Subquery]:
    """When a source last answered, by its documents and by what was tried; of PostgreSQL's, Greatest skips nulls."""
    documents = Snapshot.objects.filter(endpoint__source=OuterRef("pk"), fetched_at__lte=at)
    answers = Fetch.objects.filter(endpoint__source=OuterRef("pk"), started_at__lte=at, outcome__in=HEARD)
    return _latest(documents, "fetched_at"), _latest(answers, "started_at")


def _latest(rows: QuerySet[Snapshot] | QuerySet[Fetch], column: str) -> Subquery:
    return Subquery(rows.order_by().values("endpoint__source").annotate(latest=Max(column)).values("latest")[:1])


def _off(at: datetime) -> set[int]:
    """Sources that were switched off at that time, by what was decided and taken back until then."""
    said: dict[int, bool] = {}
    switched = Q(kind=Decision.Kind.SWITCH_SOURCE) | Q(undoes__kind=Decision.Kind.SWITCH_SOURCE)
    for after in Decision.objects.filter(switched, at__lte=at).order_by("at", "pk").values_list("after", flat=True):
        for name, values in after.items():
            table, _, row = name.partition(":")
            if table == "source" and values and "enabled" in values:
                said[int(row)] = values["enabled"]
    return {row for row, enabled in said.items() if not enabled}
