"""The day after a good document comes one that changed its ways: it is refused, or read for what it is; facts stay."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction

from tests.pipeline.alarms.steps import LINES, OFFERS
from tests.pipeline.catalogue import write_catalogue
from tests.pipeline.mutations import NO_DOCUMENT, SHAPES, scaled
from tests.pipeline.steps import at, endpoint, take_in
from tests.pipeline.vintages import NOTABLE, PANEL, PRICES, notable, panel, prices
from tests.sources.test_every_source_damaged import WHOLE
from tracker.domain.names import normalise
from tracker.models import Fact
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
MUST_BE_REFUSED = (
    *NO_DOCUMENT, "half of the rows", "half of it", "a head and no row", "no entries", "cut in two",
    "cut off within a row",
)  # fmt: skip


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


def mutations(name: str) -> Iterator[tuple[str, bytes]]:
    shape, _, body, units = DOCUMENTS[name]
    yield from NO_DOCUMENT.items()
    yield from SHAPES[shape](body, random.Random(SEED))  # noqa: S311
    for field, factor in units.items():
        yield f"{field} times {factor:g}", scaled(body, field, factor)


def current() -> dict[str, list[str]]:
    """Everything that holds, without the rows' numbers and without where it was seen last."""
    found = {}
    for kind in Fact.__subclasses__():
        rows = kind.objects.filter(known_to=None).values()
        told = [{key: value for key, value in row.items() if key not in ("id", "last_snapshot_id")} for row in rows]
        found[kind.__name__] = sorted(map(repr, told))
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_publisher_does_to_a_document_is_refused_or_read_right_and_the_last_good_facts_stay(name):
    _, url, body, _ = DOCUMENTS[name]
    good = take_in(url, body, at(1))
    assert good.state == "ingested", good.message
    before = current()
    assert any(before.values())
    wrong, count = {}, 0
    for what, mutated in mutations(name):
        assert mutated != body, what
        count += 1
        with transaction.atomic():
            snapshot = take_in(url, mutated, at(2))
            refused = snapshot.state != "ingested"
            if current() != before or (refused and endpoint(url).current_id != good.pk):
                wrong[what] = f"{snapshot.state}: other facts hold"
            elif not refused and (what in MUST_BE_REFUSED or " times " in what):
                wrong[what] = "believed"
            transaction.set_rollback(True)
    assert wrong == {}
    assert count >= 10


def test_there_are_more_than_forty_of_them():
    assert sum(1 for name in DOCUMENTS for _ in mutations(name)) >= 40
