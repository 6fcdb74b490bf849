"""A run of very many models: pages read those that they show, and show what they showed of all."""

import pytest

from tests.pages.reading import read
from tracker.domain.shown import shown
from tracker.models import GapResult

pytestmark = pytest.mark.usefixtures("world")

WHERE = {"run__historic": False, "scope": "all", "open_means": "weights", "region": "", "max_parameters": 0}


@pytest.fixture
def many(world: None) -> GapResult:
    """The world's headline with a thousand more open models, all worse than the worst, and nothing kept beside it."""
    found = GapResult.objects.get(**WHERE)
    points = found.report["points"]
    open_one = next(point for point in points if point["side"] == "open")
    low = min(point["value"] for point in points)
    points += [{**open_one, "model": f"Worse {n}", "value": low - 0.01 * n, "on_frontier": False} for n in range(1000)]
    points.sort(key=lambda point: (point["released_on"], point["model"]))
    found.report["models"]["open"] += 1000
    found.save()
    return found


def narrowed(found: GapResult) -> None:
    """The same answer with what a page shows beside it, as a row that no answer was kept of."""
    found.delete()
    found.pk, found.shown = None, shown(found.report)
    found.save()
    assert len(found.shown["points"]) < len(found.report["points"]) - 500


@pytest.mark.parametrize("address", ["/", "/gap/", "/gap/?tolerance=95", "/charts/frontier.svg"])
def test_a_page_of_what_is_shown_is_the_page_of_all(client, many, address):
    whole = client.get(address).content
    narrowed(many)
    assert client.get(address).content == whole


def test_the_table_says_how_many_there_are(client, many):
    narrowed(many)
    assert f"Show as table ({len(many.report['points'])} rows)" in read(client.get("/")).text


def test_files_have_every_model(client, many):
    narrowed(many)
    assert len(client.get("/charts/frontier.json").json()["rows"]) == len(many.report["points"])
    assert len(client.get("/gap.json").json()["report"]["points"]) == len(many.report["points"])


def test_a_charts_own_page_shows_the_first_rows_and_says_where_all_are(client, monkeypatch):
    whole = read(client.get("/charts/frontier/")).tables[-1]
    monkeypatch.setattr("tracker.views.charts.SHOWN", 5)
    page = read(client.get("/charts/frontier/?open=commercial"))
    total = len(client.get("/charts/frontier.json?open=commercial").json()["rows"])
    assert len(page.tables[-1]) == 1 + 5
    assert total > 5
    assert f"The first 5 of {total} rows" in page.text
    assert "/charts/frontier.csv?open=commercial" in page.raw
    assert "All rows" not in page.text
    assert len(whole) == 1 + len(client.get("/charts/frontier.json").json()["rows"])
