"""The Foundation Model Transparency Index: which of a hundred things a company discloses about its flagship model.

The tables name companies alone and not the model, so that each answer is one about the company. Each edition has its
own indicators: sums do not compare.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from tracker.domain.records import AssessmentRecord, Precision, When
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import one_line

RAW = "https://raw.githubusercontent.com/stanford-crfm/fmti/main"
PAGE = "https://github.com/stanford-crfm/fmti/blob/main"
TOTAL = "Total"
NOT_COMPANIES = frozenset({"Domain", "Subdomain", "Indicator", TOTAL})
VERDICTS = {"1": "satisfied", "0": "not satisfied"}


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition: the rubric that its indicators make up here, and the first day of the month in which it came out."""

    rubric: str
    published: date


EDITIONS = {
    "October2023": Edition("fmti-2023", date(2023, 10, 1)),
    "May2024": Edition("fmti-2024", date(2024, 5, 1)),
    "Dec2025": Edition("fmti-2025", date(2025, 12, 1)),
}


def parse(document: Document) -> Records:
    """Whether each company satisfies each indicator, 1 or 0, of the edition that the address names. A table whose
    totals are not the sums of its columns is refused."""
    name = PurePosixPath(urlsplit(document.url).path).name
    edition = EDITIONS.get(name.removesuffix("_scores.csv"))
    if edition is None:
        raise ParseError(f"{document.url} is no edition of the index that we know")
    rows = list(document.csv("Indicator"))
    companies = [company for company in rows[0] if company not in NOT_COMPANIES] if rows else []
    scored = [row for row in rows if one_line(row["Indicator"]) != TOTAL]
    for row in rows:
        if one_line(row["Indicator"]) == TOTAL:
            _expect_sums(scored, row, companies, document.url)
    for row in scored:
        yield from _assessments(row, companies, edition, name, document.url)


def _expect_sums(scored: list[dict[str, str]], total: dict[str, str], companies: list[str], where: str) -> None:
    for company in companies:
        found = sum(row[company].strip() == "1" for row in scored)
        if str(found) != total[company].strip():
            # A column that slipped would give one company's answers to another.
            raise ParseError(f"{where}: {company} satisfies {found} indicators; its total is {total[company]!r}")


def _assessments(
    row: dict[str, str], companies: list[str], edition: Edition, name: str, where: str
) -> Iterator[AssessmentRecord]:
    indicator = one_line(row["Indicator"])
    for company in companies:
        if row[company].strip() not in VERDICTS:
            raise ParseError(f"{where}: {company} has {row[company][:60]!r} for {indicator!r}, not 1 or 0")
        yield AssessmentRecord(
            f"{company}:{indicator}",
            "",
            edition.rubric,
            indicator,
            VERDICTS[row[company].strip()],
            float(row[company]),
            lab=one_line(company),
            assessed=When(edition.published, Precision.MONTH),
            url=f"{PAGE}/{name.removesuffix('_scores.csv')}/{name}",
        )


SOURCE = Source(
    __name__,
    title="Foundation Model Transparency Index",
    publisher="Stanford CRFM",
    homepage="https://crfm.stanford.edu/fmti/",
    data_licence="CC-BY-4.0",
    attribution="Foundation Model Transparency Index, Stanford CRFM, crfm.stanford.edu/fmti (CC BY 4.0).",
    urls=tuple(f"{RAW}/{folder}/{folder}_scores.csv" for folder in EDITIONS),
    parse=parse,
    every=timedelta(days=30),  # a year's edition stays as it is; a new one has an address of its own
    at_least=5,
    max_bytes=2**20,
    stale_after=timedelta(days=500),
)
