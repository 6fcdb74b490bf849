"""What labs did, by date: events as they were known on a day, and promises with what became of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from tracker.domain.events import EventKind as EventKind
from tracker.domain.records import Precision, When
from tracker.domain.strategy import SETTLES, PromiseState, promise_state
from tracker.models import Event
from tracker.queries import dated
from tracker.queries.dated import DatedFilter
from tracker.queries.paging import stretch
from tracker.queries.runs import RunInfo

KINDS = tuple(EventKind)
KIND_WORDS = {kind: kind.value.replace("-", " ") for kind in KINDS}
PAGE_SIZE = 100
DAY = "occurred_on"


@dataclass(frozen=True, slots=True)
class EventFilter(DatedFilter):
    """What the timeline can be narrowed by."""

    kind: str = ""
    region: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; `fact` is the row its provenance is shown by, `occurred` the date as exactly as it is known."""

    fact: int
    key: str
    occurred_on: date
    occurred: str
    lab: str
    lab_slug: str
    region: str
    kind: str
    title: str
    detail: str
    model: str
    model_slug: str
    about: str
    url: str
    source: str


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """What a lab said it would do, what became of it, and the event that settled it."""

    promise: EventRow
    state: PromiseState
    settled_by: EventRow | None

    @property
    def waiting(self) -> bool:
        return self.state is PromiseState.OPEN


@dataclass(frozen=True, slots=True)
class Timeline:
    """One page of events, newest first, and what there is to choose from: (slug, name, count)."""

    rows: tuple[EventRow, ...]
    total: int
    page: int
    pages: int
    kinds: tuple[tuple[str, int], ...]
    labs: tuple[tuple[str, str, int], ...]


def _known(known_at: datetime | None) -> QuerySet[Event]:
    return dated.known(Event.objects.known(known_at), DAY, known_at=known_at)


def timeline(wanted: EventFilter, *, known_at: datetime | None, size: int = PAGE_SIZE) -> Timeline:
    """`size` 0 is all of them. Counts are of what the other filters leave."""
    known = _known(known_at)
    found = dated.narrowed(known, DAY, wanted)
    if wanted.region:
        found = found.filter(lab__region=wanted.region)
    kinds = Counter(dict(found.order_by("kind").values_list("kind").annotate(Count("pk"))))
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    total = found.count()
    page, pages, here = stretch(total, wanted.page, size)
    newest = found.select_related("lab", "model", "endpoint__source").order_by("-occurred_on", "-pk")
    labs = known.order_by("lab__name").values_list("lab__slug", "lab__name").annotate(Count("pk"))
    return Timeline(
        rows=tuple(row(event) for event in newest[here]),
        total=total,
        page=page,
        pages=pages,
        kinds=tuple((kind, kinds[kind]) for kind in KINDS if kinds[kind]),
        labs=tuple(labs),
    )


def chart_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[EventRow]:
    """Every event, or every one of the lab that `params` names, oldest first."""
    found = dated.narrowed(_known(run.facts_at if run else None), DAY, DatedFilter(lab=params.get("lab", "")))
    return [row(event) for event in found.select_related("lab", "model", "endpoint__source").order_by(DAY, "pk")]


def promises(*, lab: str = "", known_at: datetime | None) -> tuple[PromiseRow, ...]:
    """Every promise with its state, those that wait first, then the newest."""
    found = _known(known_at).filter(Q(kind=EventKind.PROMISE) | Q(kind__in=tuple(SETTLES)))
    if lab:
        found = found.filter(lab__slug=lab)
    events = [
        row(event) for event in found.select_related("lab", "model", "endpoint__source").order_by("occurred_on", "pk")
    ]
    later: dict[str, list[EventRow]] = defaultdict(list)
    for event in events:
        if event.about:
            later[event.about].append(event)
    rows = [_promise(event, later[event.key]) for event in reversed(events) if event.kind == EventKind.PROMISE]
    return tuple(sorted(rows, key=lambda one: not one.waiting))


def _promise(event: EventRow, later: Iterable[EventRow]) -> PromiseRow:
    settling = [one for one in later if one.kind in SETTLES]
    state = promise_state(one.kind for one in settling)
    return PromiseRow(event, state, settling[-1] if settling else None)


def row(event: Event) -> EventRow:
    """The event with names in place of keys: lab, model and source should have been selected with it."""
    return EventRow(
        fact=event.pk,
        key=event.key,
        occurred_on=event.occurred_on,
        occurred=str(When(event.occurred_on, Precision(event.precision))),
        lab=event.lab.name,
        lab_slug=event.lab.slug,
        region=event.lab.region,
        kind=event.kind,
        title=event.title,
        detail=event.detail,
        model=event.model.name if event.model else "",
        model_slug=event.model.slug if event.model else "",
        about=event.about,
        url=event.url,
        source=event.endpoint.source.title,
    )
