"""What stands beside a licence's terms: what registers say of it, other curators' readings, how its text changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Length

from tracker.domain.licence_terms import LicenceDefinition
from tracker.models import LicenceChange, LicenceReading, LicenceText
from tracker.queries.licences import TERMS, plain


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """What one register or publisher says of the licence, or that it holds its text."""

    fact: int
    source: str
    name: str
    osi_approved: bool | None
    fsf_libre: bool | None
    category: str
    letters: int
    known_from: datetime
    known_to: datetime | None


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A term that two readers of the licence read differently."""

    term: str
    catalogue: str
    reading: str


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One curator's reading of the text, and where it differs from the catalogue's."""

    by: str
    at: datetime
    note: str
    terms: int
    clauses: tuple[Mapping[str, str], ...]
    otherwise: tuple[Otherwise, ...]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A text that came with other words than the time before: clause by clause, and the terms gained and lost."""

    found_at: datetime
    name: str
    model: str
    model_slug: str
    before: int
    after: int
    before_from: datetime
    after_from: datetime
    read: bool
    topics: tuple[str, ...]
    added: tuple[Mapping[str, Any], ...]
    removed: tuple[Mapping[str, Any], ...]
    changed: tuple[Mapping[str, Any], ...]
    allowed_now: tuple[Mapping[str, Any], ...]
    forbidden_now: tuple[Mapping[str, Any], ...]
    other_terms: tuple[Mapping[str, Any], ...]


def register_rows(slug: str, *, known_at: datetime | None) -> list[RegisterRow]:
    """What sources that may be shown say of the licence, current facts first; the words themselves stay with them."""
    facts = LicenceText.objects.filter(licence__slug=slug, endpoint__source__may_display=True)
    if known_at is not None:
        facts = facts.filter(known_from__lte=known_at)
    facts = facts.select_related("endpoint__source").annotate(letters=Length("text")).defer("text")
    rows = [
        RegisterRow(
            fact=fact.pk,
            source=fact.endpoint.source.title,
            name=fact.name,
            osi_approved=fact.osi_approved,
            fsf_libre=fact.fsf_libre,
            category=fact.category,
            letters=fact.letters,
            known_from=fact.known_from,
            known_to=fact.known_to if known_at is None or (fact.known_to and fact.known_to <= known_at) else None,
        )
        for fact in facts
    ]
    return sorted(rows, key=lambda row: (row.known_to is not None, row.source, -row.known_from.timestamp(), row.fact))


def reading_rows(found: LicenceDefinition, *, known_at: datetime | None) -> list[ReadingRow]:
    """The curators' readings that stand, each beside what the catalogue says."""
    same = Q(licence__slug=found.slug) | Q(text__licence__slug=found.slug)
    if found.text_sha256:
        same |= Q(text_sha256=found.text_sha256)
    readings = LicenceReading.objects.filter(same)
    if known_at is None:
        readings = readings.filter(withdrawn_at=None)
    else:
        readings = readings.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=known_at), at__lte=known_at)
    rows = []
    for reading in readings.select_related("by").defer("text__text").distinct():
        told = {**reading.terms, "name": found.name, "clauses": []}
        theirs = LicenceDefinition.from_toml(found.slug, {k: v for k, v in told.items() if v is not None})
        rows.append(
            ReadingRow(
                by=reading.by.get_full_name() or reading.by.get_username(),
                at=reading.at,
                note=reading.note,
                terms=len(reading.terms),
                clauses=tuple(reading.clauses),
                otherwise=tuple(
                    Otherwise(term, plain(found, term), plain(theirs, term))
                    for term in TERMS
                    if term in reading.terms and plain(theirs, term) and plain(theirs, term) != plain(found, term)
                ),
            )
        )
    return rows


def change_rows(slug: str, *, known_at: datetime | None) -> list[ChangeRow]:
    """How texts of the licence changed, the newest first, from sources that may be shown."""
    of_it = Q(licence__slug=slug) | Q(before__licence__slug=slug) | Q(after__licence__slug=slug)
    recognised = Q(report__before__licence=slug) | Q(report__after__licence=slug)
    changes = LicenceChange.objects.filter(of_it | recognised, after__endpoint__source__may_display=True)
    if known_at is not None:
        changes = changes.filter(found_at__lte=known_at)
    changes = changes.select_related("before", "after", "model").defer("before__text", "after__text")
    return [
        ChangeRow(
            found_at=change.found_at,
            name=change.after.name,
            model=change.model.name if change.model else "",
            model_slug=change.model.slug if change.model else "",
            before=change.before_id,
            after=change.after_id,
            before_from=change.before.known_from,
            after_from=change.after.known_from,
            read=change.report.get("terms") == "read",
            topics=tuple(change.report.get("topics", ())),
            added=tuple(change.report.get("added", ())),
            removed=tuple(change.report.get("removed", ())),
            changed=tuple(change.report.get("changed", ())),
            allowed_now=tuple(change.report.get("allowed_now", ())),
            forbidden_now=tuple(change.report.get("forbidden_now", ())),
            other_terms=tuple(change.report.get("other_terms", ())),
        )
        for change in changes.order_by("-found_at", "-pk")
    ]
