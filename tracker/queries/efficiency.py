"""What is claimed of intelligence per watt and of local models, as the run judges it; single models beside routed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.db.models.fields.json import KeyTransform

from tracker.models import Evaluation
from tracker.queries.claims import ClaimFilter, ClaimRow, FigureRow, Judged, figures_of, ledger
from tracker.queries.evaluations import EvaluationRow, rows_of

# The claims of the ledger on local models and the power they take.
TOPIC = "local"
# How many queries local models answer: which claim holds the figures of which year.
MEASURED = 30  # of our own runs; the page of evaluations holds every one
COVERAGE = {
    "2023": "local-coverage-was-23-in-2023",
    "2024": "local-coverage-was-487-in-2024",
    "2025": "local-models-answer-887",
}


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A share of queries that local models answered: the best single one alone, or each query routed to the best of
    many. None where the claim has no figure; `missing` then says why."""

    year: str
    routed: bool
    share: float | None
    assumption: str
    claim: str
    title: str
    verdict: str
    source: str
    url: str
    missing: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A finished run of our own, and its accuracy over the energy of a question; None where there was no meter."""

    run: EvaluationRow
    per_kilojoule: float | None
    error: float | None


@dataclass(frozen=True, slots=True)
class Efficiency:
    """The claims with their verdicts, the shares by year, and our own finished runs, those with a meter first; `runs`
    is how many there are."""

    claims: tuple[ClaimRow, ...]
    coverage: tuple[CoverageRow, ...]
    measured: tuple[Measured, ...]
    runs: int


def efficiency(run: Judged | None, *, known_at: datetime | None) -> Efficiency:
    """All of /efficiency/: the ledger's claims as judged in that run, and our own runs finished by `known_at`, of which
    it holds the first MEASURED."""
    claims = ledger(run, ClaimFilter(topic=TOPIC)).rows
    by_slug = {claim.slug: claim for claim in claims}
    coverage: list[CoverageRow] = []
    for year, slug in COVERAGE.items():
        claim = by_slug.get(slug)
        if claim is not None:
            coverage += _of_year(year, claim, run)
    own = Evaluation.objects.filter(state=Evaluation.State.DONE)
    if known_at is not None:
        own = own.filter(finished_at__lte=known_at)
    # Where no meter was read the record of a run has no energy at all.
    first = own.annotate(power=KeyTransform("watts", KeyTransform("energy", "summary"))).order_by(
        F("power").desc(nulls_last=True), "-finished_at", "-pk"
    )
    measured = [
        Measured(row, _thousand(row.per_joule), _thousand(row.per_joule_error)) for row in rows_of(first[:MEASURED])
    ]
    measured.sort(key=lambda one: (one.per_kilojoule is None, -(one.per_kilojoule or 0.0)))
    return Efficiency(claims, tuple(coverage), tuple(measured), own.count())


def _thousand(value: float | None) -> float | None:
    return None if value is None else 1000 * value


def _of_year(year: str, claim: ClaimRow, run: Judged | None) -> list[CoverageRow]:
    figures, evidence = figures_of(run, claim.slug)
    pages = {part.ref: part.label for part in evidence if part.ref.startswith("https://")}
    known = [figure for figure in figures if figure.value is not None]
    if not known:
        return [CoverageRow(year, False, None, "", claim.slug, claim.title, claim.verdict, "", "", claim.missing)]
    return [_row(year, claim, figure, pages) for figure in known]


def _row(year: str, claim: ClaimRow, figure: FigureRow, pages: Mapping[str, str]) -> CoverageRow:
    # Written as kind:reference, and a page elsewhere is referred to by its address.
    page = next((ref for part in figure.evidence if (ref := part.partition(":")[2]) in pages), "")
    return CoverageRow(
        year=year,
        routed="routed" in figure.assumption,
        share=figure.value,
        assumption=figure.assumption,
        claim=claim.slug,
        title=claim.title,
        verdict=claim.verdict,
        source=pages.get(page, ""),
        url=page,
        missing="",
    )
