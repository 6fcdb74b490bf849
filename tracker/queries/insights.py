"""Findings, newest and weightiest first, as they were known on a day; each with those that share a subject with it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from tracker.models import Insight
from tracker.queries.paging import stretch

PAGE_SIZE = 60
RELATED = 6
KINDS: Mapping[str, str] = {
    "frontier": "new best model",
    "lag": "the gap moved",
    "spread": "definitions",
    "verdict": "verdict flipped",
    "licence": "licence changed",
    "phase": "strategy",
    "promise": "promise",
    "price": "price",
    "specialist": "specialist",
    "benchmark": "benchmark",
    "note": "note",
}


@dataclass(frozen=True, slots=True)
class InsightRow:
    """One finding. `evidence` are (words, address on this site or elsewhere)."""

    slug: str
    kind: str
    found_on: date
    title: str
    summary: str
    impact: str
    horizon: str
    tags: tuple[str, ...]
    subjects: tuple[str, ...]
    evidence: tuple[tuple[str, str], ...]
    weight: float
    by_curator: bool

    @property
    def kind_words(self) -> str:
        return KINDS.get(self.kind, self.kind)


@dataclass(frozen=True, slots=True)
class Insights:
    """One page of findings, and what there is to choose from: (name, count) by kind and tag."""

    rows: tuple[InsightRow, ...]
    total: int
    page: int
    pages: int
    kinds: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]


def _known(known_at: datetime | None) -> QuerySet[Insight]:
    found = Insight.objects.filter(listed=True)
    return found if known_at is None else found.filter(known_from__lte=known_at)


def insights(
    *, known_at: datetime | None, kind: str = "", tag: str = "", page: int = 1, size: int = PAGE_SIZE
) -> Insights:
    """`size` 0 is all of them."""
    known = _known(known_at)
    kinds, tags = Counter(known.order_by().values_list("kind", flat=True)), Counter[str]()
    for some in known.order_by().values_list("tags", flat=True):
        tags.update(some)
    found = known.filter(**({"kind": kind} if kind else {}), **({"tags__contains": tag} if tag else {}))
    total = found.count()
    at, pages, here = stretch(total, page, size)
    rows = found.order_by("-found_on", "-weight", "slug")[here]
    return Insights(
        tuple(_row(row) for row in rows),
        total,
        at,
        pages,
        tuple((name, kinds[name]) for name in KINDS if kinds[name]),
        tuple(tags.most_common(24)),
    )


def latest(*, known_at: datetime | None, limit: int) -> tuple[InsightRow, ...]:
    """The weightiest of the newest day that has any, and of those before it."""
    return tuple(_row(row) for row in _known(known_at).order_by("-found_on", "-weight", "slug")[:limit])


def insight(slug: str, *, known_at: datetime | None) -> tuple[InsightRow, tuple[InsightRow, ...]] | None:
    """One finding and the related ones: those that share most subjects, the newest first. None: there is none."""
    row = _known(known_at).filter(slug=slug).first()
    if row is None:
        return None
    mine = set(row.subjects) | set(row.tags)
    others = _known(known_at).exclude(pk=row.pk).order_by("-found_on", "-weight", "slug")[:500]
    near = [(len(mine & (set(one.subjects) | set(one.tags))), one) for one in others]
    best = sorted((pair for pair in near if pair[0]), key=lambda pair: -pair[0])[:RELATED]
    return _row(row), tuple(_row(one) for _, one in best)


def _row(row: Insight) -> InsightRow:
    return InsightRow(
        slug=row.slug,
        kind=row.kind,
        found_on=row.found_on,
        title=row.title,
        summary=row.summary,
        impact=row.impact,
        horizon=row.get_horizon_display(),
        tags=tuple(row.tags),
        subjects=tuple(row.subjects),
        evidence=tuple((piece["text"], piece["url"]) for piece in row.evidence),
        weight=row.weight,
        by_curator=row.author_id is not None,
    )
