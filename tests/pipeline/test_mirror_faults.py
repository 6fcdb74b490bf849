"""The mirror of the live sources in every way it can misbehave: what the real path makes of it, source by source."""

import gzip
import importlib.util
import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.fetch.hostile_server import HostileServer, Reply
from tests.pipeline.steps import FACTS, at, content, endpoint
from tests.pipeline.vintages import PRICES, prices
from tracker.fetch import Fetcher, Limits
from tracker.models import DataVersion, Endpoint, Fetch, News, Snapshot, Unresolved
from tracker.pipeline import collect, ingest
from tracker.sources import SOURCES, model_prices

MIRROR = Path(__file__).parents[2] / ".." / "shared" / "mirror.py"
AGENT = "Tests/1 (+https://tracker.example)"
AGAIN, NOT_SOON, CAME = Fetch.Outcome.FAILED, Fetch.Outcome.REFUSED, Fetch.Outcome.CHANGED
pytestmark = pytest.mark.usefixtures("installed")

MODES = {
    "500": (AGAIN, "answered 500 (it has trouble or is not ready); ask again later"),
    "503": (AGAIN, "answered 503 (it has trouble or is not ready); ask again in 2 s"),
    "429": (AGAIN, "answered 429 (too many requests); ask again in 2 s"),
    "404html": (NOT_SOON, "answered 404: there is no document at this address (any more)"),
    "empty": (AGAIN, "answered 200 with an empty body"),
    "truncated": (AGAIN, "broke off its answer"),
    "drop": (AGAIN, "broke off its answer"),
    "bomb": (NOT_SOON, ""),
    "redirect-private": (NOT_SOON, "169.254.169.254 is a link-local address"),
    "redirect-loop": (NOT_SOON, "redirects more than 5 times, or in a circle"),
}


@pytest.fixture(scope="module")
def mirror():
    if not MIRROR.exists():
        pytest.skip("no ../shared/mirror.py beside the project")
    spec = importlib.util.spec_from_file_location("mirror", MIRROR)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    server = module.serve(0)
    server.handle_error = lambda *_: None
    if "models.dev/api.json" not in server.documents:
        pytest.skip("the mirror has no samples")
    # A bomb of 96 MiB: the mirror's own of a gigabyte takes the better part of a minute to make, and is in tests/fetch.
    server._bomb = gzip.compress(bytes(96 * 2**20), 1)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def asks(mirror):
    with Fetcher(AGENT, mirror=f"http://127.0.0.1:{mirror.server_address[1]}", limits=Limits(seconds=5)) as fetcher:
        yield fetcher
    mirror.faults.clear()


def served(mirror) -> dict[str, str]:
    """One address of each source of which the mirror has a document."""
    found = {}
    for slug, source in SOURCES.items():
        for url in source.urls:
            parts = urlsplit(url)
            if unquote(f"{parts.netloc}{parts.path}") in mirror.documents:
                found.setdefault(slug, url)
    return found


def once(url: str, fetcher: Fetcher, when) -> Fetch:
    attempt = collect.collect(endpoint(url).pk, now=when, by="asker", fetching=lambda: fetcher, force=True)
    if attempt.snapshot_id:
        ingest.ingest(attempt.snapshot_id, now=when, by="reader")
    return attempt


def facts() -> int:
    return sum(kind.objects.count() for kind in FACTS)


@pytest.mark.parametrize("mode", MODES)
def test_every_sources_row_says_what_was_wrong_and_when_it_is_asked_again(mode, mirror, asks):
    outcome, message = MODES[mode]
    urls = served(mirror)
    assert len(urls) >= 18
    mirror.faults["*"] = mode
    for url in urls.values():
        attempt, row = once(url, asks, at(2)), endpoint(url)
        assert (attempt.outcome, attempt.snapshot) == (outcome, None), url
        assert message in attempt.message, url
        assert mode != "bomb" or "decompression bomb" in attempt.message or "more than the limit" in attempt.message
        assert attempt.message.startswith(urlsplit(url).netloc), url
        assert (row.last_error, row.lease_until, row.current) == (attempt.message, None, None)
        assert (row.not_before or row.due_at) > at(2)
        assert row.attempts == (1 if outcome == AGAIN else 0)
    assert (facts(), Snapshot.objects.count()) == (0, 0)


def test_a_shell_in_place_of_data_is_refused_and_in_place_of_text_is_kept_and_not_believed(mirror, asks):
    mirror.faults["*"] = "html200"
    for slug, url in served(mirror).items():
        attempt = once(url, asks, at(2))
        if attempt.outcome == NOT_SOON:
            assert "answered with a web page instead of" in attempt.message
        else:
            # Nothing in the address says what it should be: its parser does.
            assert Snapshot.objects.get(pk=attempt.snapshot_id).state == Snapshot.State.QUARANTINED, slug
        assert endpoint(url).current is None
    assert facts() == 0
    assert Fetch.objects.filter(outcome=NOT_SOON).count() >= 10


def test_right_bytes_under_a_wrong_type_are_read(mirror, asks):
    mirror.faults["*"] = "badtype"
    once(PRICES, asks, at(2))
    assert endpoint(PRICES).current.state == Snapshot.State.INGESTED


def test_a_byte_a_second_is_given_up(mirror):
    mirror.faults["*"] = "slow"
    limits = Limits(seconds=0.8)
    with Fetcher(AGENT, mirror=f"http://127.0.0.1:{mirror.server_address[1]}", limits=limits) as fetcher:
        attempt = once(PRICES, fetcher, at(2))
    mirror.faults.clear()
    assert (attempt.outcome, attempt.snapshot) == (AGAIN, None)
    assert "was too slow: no whole document within 0.8 s" in attempt.message


@pytest.mark.parametrize("mode", [*MODES, "html200"])
def test_what_was_believed_stays_and_the_source_heals_by_itself(mode, mirror, asks):
    once(PRICES, asks, at(2))
    before, version, good = content(), DataVersion.objects.get().value, endpoint(PRICES)
    assert good.current is not None
    mirror.faults["models.dev/*"] = mode
    attempt, row = once(PRICES, asks, at(3)), endpoint(PRICES)
    assert attempt.outcome in (AGAIN, NOT_SOON)
    assert (row.current, row.etag, row.confirmed_at) == (good.current, good.etag, at(2))
    assert (content(), DataVersion.objects.get().value) == (before, version)
    mirror.faults.clear()
    assert once(PRICES, asks, at(4)).outcome == Fetch.Outcome.UNCHANGED
    row = endpoint(PRICES)
    assert (row.last_error, row.attempts, row.confirmed_at) == ("", 0, at(4))


def test_a_redirect_in_a_circle_is_refused(db):
    with HostileServer() as server:
        server.pages["models.dev/api.json"] = Reply(status=302, headers={"Location": "/models.dev/api.json"})
        with Fetcher(AGENT, mirror=server.url, limits=Limits(seconds=5)) as fetcher:
            attempt = once(PRICES, fetcher, at(2))
    assert attempt.outcome == NOT_SOON
    assert "redirects more than 5 times, or in a circle" in attempt.message
    assert endpoint(PRICES).due_at == at(2) + collect.REFUSED_AGAIN


def test_the_list_that_a_pointer_names_is_what_is_kept(publisher, fetching):
    listing = (Path(__file__).parents[1] / "documents" / "model_prices" / "latest.json").read_bytes()
    other = json.dumps({**json.loads(listing), "updated_at": "2026-09-03"}).encode()

    def publish(name: str, body: bytes) -> None:
        publisher.put(model_prices.LATEST, json.dumps({"sha256": name, "published_at": "2026-09-02"}).encode())
        publisher.put(model_prices.LATEST.replace("latest", name), body)

    publish("a" * 64, listing)
    first = once(model_prices.LATEST, fetching(), at(2))
    assert (first.outcome, bytes(ingest.document_of(first.snapshot).body)) == (CAME, listing)
    assert endpoint(model_prices.LATEST).current == first.snapshot
    asked = len(publisher.requests)
    assert once(model_prices.LATEST, fetching(), at(3)).outcome == Fetch.Outcome.UNCHANGED
    assert publisher.statuses()[asked:] == [304]  # the pointer alone, and it is the same
    publish("b" * 64, other)
    assert bytes(ingest.document_of(once(model_prices.LATEST, fetching(), at(4)).snapshot).body) == other


def test_a_pointer_to_a_list_that_is_not_there_yet_is_asked_for_again_and_changes_nothing(publisher, fetching):
    publisher.put(model_prices.LATEST, json.dumps({"sha256": "a" * 64, "published_at": "2026-09-02"}).encode())
    attempt = once(model_prices.LATEST, fetching(), at(2))
    assert (attempt.outcome, attempt.snapshot, endpoint(model_prices.LATEST).etag) == (NOT_SOON, None, "")
    assert "answered 404" in attempt.message


def test_a_feed_that_is_empty_at_the_weekend_is_read_and_the_weeks_reports_stay(publisher, fetching):
    url = "https://rss.arxiv.org/rss/cs.CL"
    week = (Path(__file__).parents[1] / "documents" / "arxiv" / "cs.CL.xml").read_bytes()
    weekend = week[: week.index(b"<item>")] + b"</channel></rss>"
    for day, body in enumerate((weekend, week, weekend, week), 2):
        publisher.put(url, body, "application/rss+xml")
        attempt = once(url, fetching(), at(day))
        assert attempt.outcome == CAME
        assert Snapshot.objects.get(pk=attempt.snapshot_id).state == Snapshot.State.INGESTED
    told = set(News.objects.filter(endpoint__url=url, known_to=None).values_list("key", flat=True))
    told |= set(Unresolved.objects.filter(endpoint__url=url).values_list("name", flat=True))
    assert len(told) == 2  # as facts, or as what waits for the name of its lab


def test_one_source_that_misbehaves_keeps_no_other_from_being_read(publisher, fetching):
    publisher.put(PRICES, prices())
    publisher.put(model_prices.LATEST, b"{}")
    publisher.fail(model_prices.LATEST, "500")
    numbers = (
        Endpoint.objects.filter(url__in=[PRICES, model_prices.LATEST]).order_by("-url").values_list("url", flat=True)
    )
    outcomes = {url: once(url, fetching(), at(2)).outcome for url in numbers}
    assert outcomes == {PRICES: CAME, model_prices.LATEST: AGAIN}
    assert endpoint(PRICES).current is not None
