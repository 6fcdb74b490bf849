"""The real documents, end to end: collected over HTTP from the mirror of the live sources, where it is at hand."""

import importlib.util
import json
from pathlib import Path

import pytest

from tests.pipeline.steps import at, endpoint, written_rows
from tests.pipeline.vintages import HUB, NOTABLE, PRICES
from tracker.fetch import Fetcher
from tracker.models import Fetch, Price, Release, Score, Unresolved
from tracker.pipeline import collect, ingest
from tracker.pipeline.catalog import load_catalog

MIRROR = Path(__file__).parents[2] / ".." / "shared" / "mirror.py"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not MIRROR.exists(), reason="no ../shared/mirror.py beside the project"),
]
FILES = "https://codeload.github.com/anomalyco/models.dev/tar.gz/refs/heads/dev"


@pytest.fixture(scope="module")
def mirror():
    spec = importlib.util.spec_from_file_location("mirror", MIRROR)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    server = module.serve(0)
    if "models.dev/api.json" not in server.documents:
        pytest.skip("the mirror has no samples")
    yield server
    server.shutdown()
    server.server_close()


def collected(mirror, day: int) -> dict[str, Fetch]:
    """One round of collecting and reading the four documents of the three sources."""
    port, attempts = mirror.server_address[1], {}
    with Fetcher("Tests/1 (+https://tracker.example)", mirror=f"http://127.0.0.1:{port}") as fetcher:
        for url in (HUB, NOTABLE, PRICES, FILES):
            number = endpoint(url).pk
            attempts[url] = collect.collect(number, now=at(day), by="asker", fetching=lambda: fetcher, force=True)
    for snapshot in ingest.waiting(now=at(day)):
        ingest.ingest(snapshot, now=at(day), by="reader")
    return attempts


def test_three_real_sources_come_in_stay_and_change_exactly_where_they_changed(mirror):
    load_catalog(now=at(1))
    collect.enrol(now=at(1))
    first = collected(mirror, 2)
    assert {attempt.outcome for attempt in first.values()} == {"changed"}
    for url in first:
        assert endpoint(url).current is not None, endpoint(url).snapshots.get().message
    assert Score.objects.count() > 2000
    assert Release.objects.count() > 500
    assert Price.objects.count() > 100
    assert Score.objects.count() / (Score.objects.count() + _waiting_scores()) >= 0.85

    before = written_rows()
    assert {attempt.outcome for attempt in collected(mirror, 3).values()} == {"unchanged"}
    assert [seen["status"] for seen in mirror.seen if not seen["url"].endswith("robots.txt")][-4:] == [304] * 4
    assert written_rows() == before

    document = json.loads(mirror.documents["models.dev/api.json"])
    fact = Price.objects.filter(endpoint__url=PRICES, input__gt=0).order_by("pk").first()
    host, _, name = fact.key.partition("/")
    document[host]["models"][name]["cost"]["input"] = fact.input + 1
    mirror.documents["models.dev/api.json"] = json.dumps(document).encode()
    second = collected(mirror, 4)
    assert [url for url, attempt in second.items() if attempt.outcome == "changed"] == [PRICES]
    counts = endpoint(PRICES).current.counts
    assert (counts["superseded"], counts["added"], counts["closed"]) == (1, 0, 0)
    fact.refresh_from_db()
    assert (fact.known_to, fact.superseded_by.input) == (at(4), fact.input + 1)


def _waiting_scores() -> int:
    return sum(
        row.rows for row in Unresolved.objects.filter(endpoint__url=HUB, kind="model") if "benchmark" in row.example
    )
