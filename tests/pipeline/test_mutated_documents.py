"""The day after a good document comes one that changed its ways: it is refused, or read for what it is; facts stay."""

import json
from pathlib import Path

import pytest

from tests.pipeline.alarms.steps import LINES, OFFERS
from tests.pipeline.catalogue import write_catalogue
from tests.pipeline.mutations import Mutated, mutations
from tests.pipeline.steps import at
from tests.pipeline.the_day_after import taken_wrongly
from tests.pipeline.vintages import NOTABLE, PANEL, PRICES, notable, panel, prices
from tests.sources.test_every_source_damaged import WHOLE
from tracker.domain.names import normalise
from tracker.sources import SOURCES
from tracker.sources.base import Document

pytestmark = pytest.mark.usefixtures("installed")

SEED = 9
ROWS = [(f"model-{number}", f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}", "API access") for number in range(24)]
# Kind of shape, address, the good document, and what is published in another unit.
DOCUMENTS = {
    "panel": ("table", PANEL, panel(*LINES), {"score": 100.0}),
    "notable": ("table", NOTABLE, notable(*ROWS), {}),
    "prices": ("values", PRICES, prices(*OFFERS), {"input": 1000.0, "output": 1e-6}),
    "litellm": ("values", *WHOLE["litellm"], {"input_cost_per_token": 1e6}),
    "genai": ("values", *WHOLE["genai_prices"], {"input_mtok": 1000.0}),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A catalogue that knows every name of these documents, so that each row is a fact."""
    root = write_catalogue(tmp_path / "catalogue")
    there = {
        normalise(line.partition('"')[2].rstrip('"'))
        for file in root.rglob("*.toml")
        for line in file.read_text("utf-8").splitlines()
        if line.startswith("name = ")
    }
    more = {}
    for _, url, body, _ in DOCUMENTS.values():
        source = next(source for source in SOURCES.values() if url in source.urls)
        for record in source.records(Document(url, body, at(1))):
            more.setdefault(normalise(record.model), record.model)
    fresh = [name for plain, name in sorted(more.items()) if plain not in there]
    lines = [f'[[model]]\nslug = "known-{at}"\nname = {json.dumps(name)}\n' for at, name in enumerate(fresh)]
    with (root / "labs" / "openai.toml").open("a", encoding="utf-8") as file:
        file.writelines(lines)
    return root


def of(name: str) -> Mutated:
    shape, _, body, units = DOCUMENTS[name]
    return mutations(shape, body, units.items(), SEED)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_publisher_does_to_a_document_is_refused_or_read_right_and_the_last_good_facts_stay(name):
    _, url, body, _ = DOCUMENTS[name]
    wrong, count = taken_wrongly(url, body, of(name))
    assert wrong == {}
    assert count >= 10


def test_there_are_more_than_forty_of_them():
    assert sum(1 for name in DOCUMENTS for _ in of(name)) >= 40
