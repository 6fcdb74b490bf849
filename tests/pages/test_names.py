"""Names are text wherever they stand, whatever characters they are made of."""

import json
import re

import pytest

from tests.charts.pictures import parsed
from tests.pages.addresses import CHART_FILES, PAGES, QUERY, suffix_of
from tests.pages.reading import read
from tests.pages.world import MARKUP_LAB, QUOTED
from tracker.charts import CHARTS

pytestmark = pytest.mark.usefixtures("world")
MARKUP = ("<b>Labs</b>", "<i>Co</i>", "<u>Roots</u>")


@pytest.mark.parametrize("address", PAGES)
def test_markup_in_a_name_is_never_markup_of_the_page(ask, address):
    page = read(ask(address))
    assert [mark for mark in MARKUP if mark in page.raw] == []
    assert [tag for tag in ("b", "i", "u") if page.count(tag)] == []


def test_names_are_shown_whole(client):
    assert QUOTED in read(client.get("/models/")).text
    page = read(client.get("/models/acme-two/"))
    assert page.all("h1")
    assert QUOTED in page.text
    assert MARKUP_LAB in page.text
    assert "Sums & <u>Roots</u>" in read(client.get("/benchmarks/sums/")).text


@pytest.mark.parametrize("address", [file for file in CHART_FILES if suffix_of(file) == "svg"])
def test_markup_in_a_name_is_never_markup_of_a_picture(ask, address):
    root = parsed(ask(address).content.decode())
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "path", "text"}


def test_a_picture_named_for_a_hostile_name_is_whole(client):
    for address in ("/charts/model-scores.svg?model=acme-two", "/charts/benchmark-frontier.svg?benchmark=sums"):
        parsed(client.get(address).content.decode())


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


@pytest.mark.parametrize("slug", sorted(CHARTS))
def test_no_name_reaches_plotly_as_its_own_markup(client, slug):
    query = {**QUERY, "model-scores": "?model=acme-two", "benchmark-frontier": "?benchmark=sums"}.get(slug, "")
    figure = json.loads(client.get(f"/charts/{slug}.json{query}").content)["figure"]
    found = {tag for text in texts(figure) for tag in re.findall(r"<[^>]*>", text)}
    assert found <= {"<br>", "<extra>", "</extra>"}
