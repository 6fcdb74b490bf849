"""Releases as curators read them on publishers' own pages: rows of the catalogue with source, URL and date."""

from tracker.domain.records import Access, ReleaseRecord, When
from tracker.sources.base import Document, ParseError, Records
from tracker.sources.curated_rows import EVIDENCE, curated, naming, traced

COLUMNS = (
    *("key", "model", "lab", "released", "access", "licence", "parameters", "active_parameters", "context"),
    *("weights_url", "data_information", "training_code", *EVIDENCE),
)
DATA_INFORMATION = ("", "none", "partial", "full")
TRAINING_CODE = ("", "none", "open")


def parse(document: Document) -> Records:
    """A release a row; a blank cell is not stated."""
    for row in traced(document, COLUMNS):
        if row["data_information"] not in DATA_INFORMATION or row["training_code"] not in TRAINING_CODE:
            # Any other word would read as "not stated", and the class of openness would rest on less than was found.
            words = f"{row['data_information']!r} and {row['training_code']!r}"
            raise ParseError(f"{document.url}: {row['key']}: {words} are not words for data and code")
        with naming(document, row):
            release = ReleaseRecord(
                key=row["key"],
                model=row["model"],
                lab=row["lab"],
                released=When.parse(row["released"]),
                access=Access(row["access"]) if row["access"] else None,
                licence=row["licence"],
                parameters=float(row["parameters"]) if row["parameters"] else None,
                active_parameters=float(row["active_parameters"]) if row["active_parameters"] else None,
                context=int(row["context"]) if row["context"] else None,
                weights_url=row["weights_url"],
                data_information=row["data_information"],
                training_code=row["training_code"],
                url=row["url"],
            )
        yield release


SOURCE = curated(__name__, title="Curated releases", file="releases.csv", parse=parse)
