"""What a week's documents and decisions changed: licence texts, events, corrections, what curators set aside."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from tracker.domain.notable_facts import Correction, Decided, Happening, Rewording
from tracker.domain.records import Precision, When
from tracker.models import Benchmark, Decision, Event, LicenceChange, Release, Score, Snapshot, Source

# An event of long ago that a source tells only now is history, not news.
NEWS = timedelta(days=45)
WORDS = {
    "mau_threshold": "users above which a licence is needed",
    "revenue_threshold": "revenue above which a licence is needed",
    "output_training": "training other models on outputs",
    "commercial": "commercial use",
    "aup": "the use policy",
    "geo_exclusions": "places shut out",
    "pass_through_restrictions": "passing restrictions on",
}


def rewordings(since: datetime, until: datetime) -> tuple[Rewording, ...]:
    """Licence texts that came with other words."""
    found = LicenceChange.objects.filter(
        found_at__gt=since, found_at__lte=until, after__endpoint__source__may_display=True
    )
    related = found.select_related("after", "licence", "model", "lab").defer("after__text")
    return tuple(_rewording(change) for change in related.order_by("found_at", "pk"))


def _rewording(change: LicenceChange) -> Rewording:
    told = change.report
    clause = _clause(told)
    if change.licence:
        key, name, path = change.licence.slug, change.licence.name, f"/licences/{change.licence.slug}/"
    elif change.model:
        key, name = change.model.slug, f"The licence of {change.model.name}"
        path = f"/models/{change.model.slug}/"
    else:
        key, name, path = str(change.after_id), change.after.name, f"/facts/licence/{change.after_id}/"
    return Rewording(
        key=key,
        name=name,
        path=path,
        read=told.get("terms") == "read",
        forbidden=tuple(_term(row) for row in told.get("forbidden_now", ())),
        allowed=tuple(_term(row) for row in told.get("allowed_now", ())),
        topics=tuple(told.get("topics", ())),
        clause=clause.get("clause", ""),
        clause_before=clause.get("before", ""),
        clause_after=clause.get("after", ""),
        labs=(change.lab.slug,) if change.lab else (),
    )


def _clause(told: Mapping[str, Any]) -> Mapping[str, str]:
    """The clause that tells most: of those that speak of something we track, one that changed before one that came or
    went."""
    rows = [row for kind in ("changed", "removed", "added") for row in told.get(kind, ())]
    return min(rows, key=lambda row: not row.get("topics"), default={})


def _term(row: Mapping[str, Any]) -> str:
    name: str = WORDS.get(row["field"], row["field"].replace("_", " "))
    before, after = row["before"], row["after"]
    if isinstance(before, list) or isinstance(after, list):
        return name
    return f"{name} ({_value(before)} before, {_value(after)} now)"


def _value(value: Any) -> str:
    return "no limit" if value in (0, None) else f"{value:,}" if isinstance(value, int | float) else str(value)


def happenings(since: datetime, until: datetime, *, as_of: date) -> tuple[Happening, ...]:
    """What labs did that became known in the week; an event told anew in other words is no news."""
    found = Event.objects.known(until).filter(
        known_from__gt=since,
        supersedes=None,
        occurred_on__gt=as_of - NEWS,
        occurred_on__lte=as_of,
        endpoint__source__may_display=True,
    )
    return tuple(
        Happening(
            fact=event.pk,
            kind=event.kind,
            lab=event.lab.name,
            lab_slug=event.lab.slug,
            on=_day(When(event.occurred_on, Precision(event.precision))),
            title=event.title,
            detail=event.detail,
        )
        for event in found.select_related("lab").order_by("occurred_on", "pk")
    )


def _day(when: When) -> str:
    return {Precision.DAY: f"{when.on:%-d %B %Y}", Precision.MONTH: f"{when.on:%B %Y}"}.get(
        when.precision, f"{when.on:%Y}"
    )


def corrections(since: datetime, until: datetime) -> tuple[Correction, ...]:
    """By source how many scores and release facts it put otherwise, and how many it no longer states."""
    corrected, withdrawn, names = Counter[str](), Counter[str](), dict[str, str]()
    shown = {"endpoint__source__may_display": True, "known_to__gt": since, "known_to__lte": until}
    for ended in (Score.objects.filter(**shown, benchmark__may_display=True), Release.objects.filter(**shown)):
        sources = ended.order_by().values_list("endpoint__source__slug", "endpoint__source__title")
        replaced = Count("pk", filter=Q(superseded_by__isnull=False))
        for slug, title, many, every in sources.annotate(replaced=replaced, every=Count("pk")):
            names[slug] = title
            corrected[slug] += many
            withdrawn[slug] += every - many
    return tuple(Correction(names[slug], slug, corrected[slug], withdrawn[slug]) for slug in sorted(names))


def decided(since: datetime, until: datetime) -> tuple[Decided, ...]:
    """What curators set aside or took up again, as far as it stood at the week's end."""
    taken_back = Q(undone_by__at__lte=until)
    kinds = (Decision.Kind.REJECT_DOCUMENT, Decision.Kind.SWITCH_SOURCE, Decision.Kind.SWITCH_BENCHMARK)
    found = Decision.objects.filter(kind__in=kinds, at__gt=since, at__lte=until).exclude(taken_back)
    return tuple(_told(list(found.order_by("at", "pk").values_list("kind", "table", "row", "after"))))


def _told(rows: list[tuple[str, str, int, Mapping[str, Any]]]) -> Iterator[Decided]:
    """Each source or benchmark once for each thing decided about it, with how often."""
    by = {kind: {row for one, _, row, _ in rows if one == kind} for kind, *_ in rows}
    rejected = by.get(Decision.Kind.REJECT_DOCUMENT, set())
    documents = Snapshot.objects.filter(pk__in=rejected).order_by("endpoint__source__slug")
    of = Counter(documents.values_list("endpoint__source__slug", "endpoint__source__title")) if rejected else {}
    for (slug, title), many in of.items():
        yield Decided(f"rejected:{slug}", "rejected", title, many, f"/pipeline/{slug}/")
    for kind, table, column, switched, path in (
        (Decision.Kind.SWITCH_SOURCE, Source, "enabled", "source", "/pipeline/"),
        (Decision.Kind.SWITCH_BENCHMARK, Benchmark, "may_display", "benchmark", "/benchmarks/"),
    ):
        # The last word on each stands.
        last = {row: after[f"{name}:{row}"][column] for one, name, row, after in rows if one == kind}
        for thing in table._default_manager.filter(pk__in=last).order_by("slug") if last else ():
            on = "on" if last[thing.pk] else "off"
            yield Decided(f"{switched}-{on}:{thing.slug}", f"{switched}-{on}", str(thing), 1, f"{path}{thing.slug}/")
