"""Epoch AI's data on AI models: when each language model came out, from whom, how large, and how it can be had."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import chain

from tracker.domain.records import ReleaseRecord
from tracker.sources.archives import unzipped
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.epoch_words import access, number, when, words

NOTABLE = "notable_ai_models.csv"
# The archive's tables overlap and have three different headers; the fuller one is asked first.
REST = ("all_ai_models.csv", "large_scale_ai_models.csv", "frontier_ai_models.csv")
COLUMNS = ("Model", "Organization", "Publication date", "Domain", "Parameters", "Model accessibility", "Link")
DOMAINS = {"Language", "Multimodal", "Vision-language"}
SINCE = date(2022, 1, 1)


def parse(document: Document) -> Records:
    """The notable models' table as it stands, or from the archive the models which that table does not have."""
    if not document.body.startswith(b"PK"):
        return _releases(document, [document])
    tables = {path.name: table for path, table in unzipped(document, lambda path: path.suffix == ".csv").items()}
    if NOTABLE not in tables:
        raise ParseError(f"{document.url} no longer holds {NOTABLE}; it holds {', '.join(sorted(tables))}")
    # Those are collected as a document of their own: from here they would be facts told twice.
    notable = {words(row["Model"]) for row in tables[NOTABLE].csv(*COLUMNS)}
    return _releases(document, [tables[name] for name in REST if name in tables], notable)


def _releases(document: Document, tables: Iterable[Document], elsewhere: Iterable[str] = ()) -> Records:
    if not document.body:
        raise ParseError(f"{document.url} is empty")
    done = set(elsewhere)
    for table in tables:
        repeats: Counter[str] = Counter()
        for row in table.csv(*COLUMNS):
            model = words(row["Model"])
            where = f"{table.url}, {model}"
            published = when(row["Publication date"], where)
            domains = {words(domain) for domain in row["Domain"].split(",")}
            if not model or model in done or published is None or published.on < SINCE or not domains & DOMAINS:
                continue
            repeats[model] += 1
            yield ReleaseRecord(
                model if repeats[model] == 1 else f"{model}#{repeats[model]}",
                model,
                lab=words(row["Organization"]),
                released=published,
                access=access(row["Model accessibility"], where),
                parameters=number(row["Parameters"], where),
                url=_first_link(row["Link"]),
            )
        done |= repeats.keys()


def _first_link(text: str) -> str:
    """Cells hold several addresses, with spaces, commas or line breaks between them."""
    parts = chain.from_iterable(part.split(", ") for part in text.split())
    return next((part.rstrip(",;") for part in parts if part.startswith(("https://", "http://"))), "")


SOURCE = Source(
    __name__,
    title="Data on AI Models",
    publisher="Epoch AI",
    homepage="https://epoch.ai/data/ai-models",
    data_licence="CC-BY-4.0",
    attribution="Epoch AI, 'Data on AI Models', epoch.ai/data/ai-models.",
    urls=("https://epoch.ai/data/notable_ai_models.csv", "https://epoch.ai/data/ai_models.zip"),
    parse=parse,
    at_least=2,
)
