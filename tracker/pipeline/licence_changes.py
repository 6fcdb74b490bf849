"""Finds licence texts that came with other words than the time before, and keeps what that changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import transaction

from tracker.domain.licence_diff import ClauseChange, TermChange, TextDiff, terms_diff, text_diff
from tracker.domain.licence_fingerprint import Fingerprint
from tracker.domain.licence_recognition import Recognition, recognise
from tracker.domain.licence_terms import LicenceDefinition
from tracker.models import LicenceChange, LicenceText
from tracker.pipeline.licence_fingerprints import fingerprints, licence_definitions, terms

NOT_READ = "not read"


def find(
    *,
    now: datetime,
    known: Sequence[Fingerprint] | None = None,
    licences: Mapping[str, LicenceDefinition] | None = None,
) -> list[LicenceChange]:
    """Keep every change of a text that is not kept yet; returns those. Running it again finds nothing.

    A text that has only other lines, marks or names filled in is no change.
    """
    pairs = [(before, after) for before, after in _successions() if not hasattr(after, "change")]
    if not pairs:
        return []
    known = fingerprints() if known is None else known
    licences = licence_definitions() if licences is None else licences
    found = []
    for before, after in pairs:
        diff = text_diff(before.text, after.text)
        if diff is not None:
            found.append(_change(before, after, report(before.text, after.text, diff, known, licences), now))
    with transaction.atomic():
        # Another worker may have found the same one: a text has one change, and the first to write it stands.
        LicenceChange.objects.bulk_create(found, ignore_conflicts=True)
    return list(LicenceChange.objects.filter(after__in=[one.after for one in found], found_at=now).order_by("pk"))


def _successions() -> Iterator[tuple[LicenceText, LicenceText]]:
    """Every two texts that stood one after the other at one place; one that was away for a while has not gone."""
    ended = LicenceText.objects.exclude(text="").exclude(known_to=None).order_by().values("endpoint", "key").distinct()
    for place in ended:
        texts = LicenceText.objects.exclude(text="").filter(**place).select_related("model", "change")
        yield from pairwise(texts.order_by("known_from", "pk"))


def _change(before: LicenceText, after: LicenceText, said: dict[str, Any], now: datetime) -> LicenceChange:
    model = after.model or before.model
    return LicenceChange(
        before=before,
        after=after,
        licence_id=after.licence_id or before.licence_id,
        model=model,
        lab_id=model.lab_id if model else None,
        found_at=now,
        report=said,
    )


def report(
    before: str,
    after: str,
    diff: TextDiff,
    known: Sequence[Fingerprint],
    licences: Mapping[str, LicenceDefinition],
) -> dict[str, Any]:
    """Clauses by short quotes; and what may be done now that might not before, where both texts have been read.

    Where one of the two has not been read, the report says so and what its clauses speak of: nothing is guessed.
    """
    old, new = recognise(before, known), recognise(after, known)
    said: dict[str, Any] = {
        "added": [_clause(row) for row in diff.added],
        "removed": [_clause(row) for row in diff.removed],
        "changed": [_clause(row) for row in diff.changed],
        "before": _text(old, diff.before_sha256),
        "after": _text(new, diff.after_sha256),
        "topics": list(diff.topics),
    }
    if old.licence not in licences or new.licence not in licences:
        return said | {"terms": NOT_READ, "allowed_now": [], "forbidden_now": [], "other_terms": []}
    rows = terms_diff(terms(licences[old.licence]), terms(licences[new.licence]))
    return said | {
        "terms": "read",
        "allowed_now": [_term(row) for row in rows if row.allows_more],
        "forbidden_now": [_term(row) for row in rows if row.allows_more is False],
        "other_terms": [_term(row) for row in rows if row.allows_more is None],
    }


def _clause(row: ClauseChange) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if value}


def _term(row: TermChange) -> dict[str, Any]:
    return {"field": row.field, "before": row.before, "after": row.after}


def _text(found: Recognition, sha256: str) -> dict[str, Any]:
    return {"licence": found.licence, "nearest": found.nearest, "share": found.share, "sha256": sha256}
