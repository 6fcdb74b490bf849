"""What the Atom feeds tell: new releases, changed licences, flipped verdicts, corrected numbers; newest first.

An entry's `updated` is a stored time and moves only when what the entry says does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.models import Insight, LicenceChange, ModelState, Release, Score
from tracker.queries.claims import flips_of, judged
from tracker.queries.issues import issues
from tracker.queries.runs import run_for

LONGEST = 60
REVISABLE = {
    "released_on": "release date",
    "access": "access",
    "licence_words": "licence",
    "parameters": "parameters",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """`name` tells it from all others of its feed, for ever; `path` is where to read on."""

    name: str
    title: str
    text: str
    path: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed is called and about, and what gives its entries when somebody asks for it."""

    title: str
    about: str
    entries: Callable[[], list[Entry]]


def releases() -> list[Entry]:
    """The newest releases of today's run, by the day they are dated; an entry moves when a fact behind it is
    learned."""
    run = run_for(None)
    states = ModelState.objects.filter(run_id=run.id if run else None, released_on__isnull=False)
    newest = list(states.select_related("model__lab", "licence").order_by("-released_on", "model__slug")[:LONGEST])
    believed = {number for state in newest for number in state.evidence.values()}
    learned = dict(Release.objects.filter(pk__in=believed).values_list("pk", "known_from"))
    entries = []
    for state in newest:
        times = [learned[number] for number in state.evidence.values() if number in learned]
        if not times:
            continue
        licence = state.licence.name if state.licence else "not stated"
        text = f"{state.model.lab.name}. Released {state.released_on}. Access: {state.access or 'not stated'}. "
        entries.append(
            Entry(
                name=f"release/{state.model.slug}",
                title=f"{state.model.name} ({state.model.lab.name})",
                text=f"{text}Licence: {licence}.",
                path=f"/models/{state.model.slug}/",
                updated=max(times),
            )
        )
    return entries


def licence_changes() -> list[Entry]:
    """Licence texts that came with other words, with what that changed where their terms were read."""
    changes = LicenceChange.objects.select_related("after", "licence", "model").order_by("-found_at")[:LONGEST]
    return [
        Entry(
            name=f"licence-change/{change.after_id}",
            title=f"Other words: {change.licence or change.model or change.after.name}",
            text=_of_change(change.report),
            path=f"/licences/{change.licence.slug}/" if change.licence else f"/facts/licence/{change.after_id}/",
            updated=change.found_at,
        )
        for change in changes
    ]


def _of_change(report: dict[str, Any]) -> str:
    """How many clauses came, went and changed, and what may be done that might not before, and the reverse."""
    counts = [f"{len(report[kind])} clauses {kind}" for kind in ("added", "removed", "changed") if report.get(kind)]
    told = [", ".join(counts) or "The text has changed"]
    for kind, words in (("allowed_now", "Allowed now"), ("forbidden_now", "Forbidden now")):
        if report.get(kind):
            terms = [f"{row['field'].replace('_', ' ')} {row['before']} → {row['after']}" for row in report[kind]]
            told.append(f"{words}: {'; '.join(terms)}")
    return ". ".join(told) + "."


def verdict_flips() -> list[Entry]:
    """Verdicts that changed after their claim was made, the newest first."""
    return [
        Entry(
            name=f"verdict/{flip.slug}/{flip.at:%Y-%m-%d}",
            title=f"{flip.title}: {flip.before} → {flip.after}",
            text="What the data say of this published claim has changed.",
            path=f"/claims/{flip.slug}/",
            updated=flip.at,
        )
        for flip in flips_of(judged(None))[:LONGEST]
    ]


def insights() -> list[Entry]:
    """Findings that readers may see, the newest known first."""
    found = Insight.objects.filter(listed=True).order_by("-known_from", "-weight", "slug")[:LONGEST]
    return [
        Entry(
            name=f"insight/{row.slug}",
            title=row.title,
            text=f"{row.summary} {row.impact}".strip(),
            path=f"/insights/{row.slug}/",
            updated=row.known_from,
        )
        for row in found
    ]


def corrections() -> list[Entry]:
    """Scores and release facts that a source stated otherwise later: what was said, what is said now, and by whom."""
    shown = {"superseded_by__isnull": False, "endpoint__source__may_display": True}
    about = ("model", "superseded_by", "endpoint__source")
    scores = Score.objects.filter(**shown, benchmark__may_display=True).select_related(*about, "benchmark")
    dated = Release.objects.filter(**shown).select_related(*about)
    entries = []
    for score in scores.order_by("-known_to", "-pk")[:LONGEST]:
        after = score.superseded_by
        if isinstance(after, Score) and after.value != score.value:
            entries.append(_correction("score", score, f"{score.benchmark.name}: {score.value:g} → {after.value:g}"))
    for release in dated.order_by("-known_to", "-pk")[:LONGEST]:
        now = release.superseded_by
        if isinstance(now, Release) and (what := _revised(release, now)):
            entries.append(_correction("release", release, what))
    return sorted(entries, key=lambda entry: entry.updated, reverse=True)[:LONGEST]


def _revised(before: Release, after: Release) -> str:
    """The fields of a release that the source states otherwise now."""
    pairs = [(field, getattr(before, field), getattr(after, field)) for field in REVISABLE]
    told = [f"{REVISABLE[field]}: {_stated(old)} → {_stated(new)}" for field, old, new in pairs if old != new]
    return "; ".join(told)


def _stated(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}"
    return str(value) if value else "not stated"


def _correction(kind: str, fact: Score | Release, what: str) -> Entry:
    until = fact.known_to or fact.known_from  # what is superseded has ended
    return Entry(
        name=f"correction/{kind}/{fact.endpoint_id}/{fact.digest}/{until:%Y%m%dT%H%M%S}",
        title=f"{fact.model.name}, {what}",
        text=f"{fact.endpoint.source.title} states it otherwise since {until:%Y-%m-%d}.",
        path=f"/facts/{kind}/{fact.pk}/",
        updated=until,
    )


def digests() -> list[Entry]:
    """Issues that were let go, by subject; the letter's text stays on its page."""
    return [
        Entry(
            name=f"digest/{row.week}",
            title=row.subject,
            text=f"{row.preheader} {row.items} item{'' if row.items == 1 else 's'}, as known on {row.as_of}.".strip(),
            path=f"/digest/{row.week}/",
            updated=row.approved_at,
        )
        for row in issues(known_at=None, size=LONGEST).rows
    ]


FEEDS: Mapping[str, Feed] = {
    "digest": Feed("The weekly digest", "what changed in a week, every Monday", digests),
    "releases": Feed("Releases", "models as they are released, with access and licence", releases),
    "licence-changes": Feed("Licence changes", "texts that came with other words than before", licence_changes),
    "verdicts": Feed("Verdict flips", "published claims on which the data changed sides", verdict_flips),
    "insights": Feed("Insights", "findings that the data showed, with what they rest on", insights),
    "corrections": Feed(
        "Corrections", "numbers and dates that their source revised: old, new, since when", corrections
    ),
}
