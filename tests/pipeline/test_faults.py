"""Publishers that misbehave: each fault is a row people can see, is tried again in time, and harms nothing."""

import pytest

from tests.pipeline.steps import at, content, endpoint
from tests.pipeline.vintages import PRICES, prices
from tracker.fetch import Fetcher, Limits
from tracker.models import DataVersion, Endpoint, Fetch, Snapshot
from tracker.pipeline import collect, ingest

pytestmark = pytest.mark.usefixtures("installed")

AGAIN, NOT_SOON = "failed", "refused"


def ask(fetching, when) -> Fetch | None:
    attempt = collect.collect(endpoint(PRICES).pk, now=when, by="asker", fetching=fetching)
    if attempt is not None and attempt.snapshot_id:
        ingest.ingest(attempt.snapshot_id, now=when, by="reader")
    return attempt


@pytest.mark.parametrize(
    ("fault", "outcome", "message"),
    [
        ("500", AGAIN, "answered 500 (it has trouble or is not ready); ask again later"),
        ("503", AGAIN, "answered 503 (it has trouble or is not ready); ask again in 120 s"),
        ("429", AGAIN, "answered 429 (too many requests); ask again in 120 s"),
        ("drop", AGAIN, "broke off its answer"),
        ("truncated", AGAIN, "broke off its answer"),
        ("slow", AGAIN, "was too slow: no whole document within 1 s"),
        ("empty", AGAIN, "answered 200 with an empty body"),
        ("404html", NOT_SOON, "answered 404: there is no document at this address (any more)"),
        ("html200", NOT_SOON, "answered with a web page instead of a .json file"),
        ("badtype", NOT_SOON, "answered with image/png instead of a .json file"),
        ("bomb", NOT_SOON, "is a decompression bomb"),
        ("redirect-private", NOT_SOON, "169.254.169.254 is a link-local address"),
        ("redirect-loop", NOT_SOON, "redirects more than 5 times, or in a circle"),
    ],
)
def test_a_fault_is_seen_and_the_last_good_facts_stay(publisher, fault, outcome, message):
    limits = Limits(seconds=1 if fault == "slow" else 10)
    publisher.put(PRICES, prices())
    with Fetcher("Tests/1 (+https://tracker.example)", mirror=publisher.url, limits=limits) as fetcher:
        ask(lambda: fetcher, at(2))
        facts, version, good = content(), DataVersion.objects.get().value, endpoint(PRICES)
        publisher.fail(PRICES, fault)
        attempt = ask(lambda: fetcher, at(3))
        row = endpoint(PRICES)
        assert (attempt.outcome, attempt.snapshot) == (outcome, None)
        assert attempt.message.startswith("models.dev")
        assert message in attempt.message
        assert row.last_error == attempt.message
        assert (row.checked_at, row.confirmed_at, row.lease_until) == (at(3), at(2), None)
        assert (row.etag, row.current) == (good.etag, good.current)
        assert content() == facts
        assert DataVersion.objects.get().value == version
        assert Snapshot.objects.count() == 1
        assert not collect.due(now=at(3), sources=None).count(row.pk)

        publisher.faults.clear()
        healed = ask(lambda: fetcher, at(4, 7))
        assert healed.outcome == "unchanged"
        assert (endpoint(PRICES).last_error, endpoint(PRICES).attempts) == ("", 0)


def test_a_host_that_names_a_time_is_asked_then_and_not_before(publisher, fetching):
    publisher.put(PRICES, prices())
    publisher.fail(PRICES, "429")
    ask(fetching, at(2))
    row = endpoint(PRICES)
    assert row.not_before == at(2, 6, 2)
    assert row.pk not in collect.due(now=at(2, 6, 1))
    assert ask(fetching, at(2, 6, 1)) is None
    assert row.pk in collect.due(now=at(2, 6, 2))
    assert ask(fetching, at(2, 6, 2)).outcome == AGAIN


def test_a_host_in_trouble_is_asked_after_ever_longer_waits(publisher, fetching):
    """Full jitter: anything up to a ceiling that doubles, so the ceiling is what can be checked."""
    publisher.put(PRICES, prices())
    publisher.fail(PRICES, "500")
    now, waits = at(2), []
    for attempt in range(1, 9):
        ask(fetching, now)
        row = endpoint(PRICES)
        assert row.attempts == attempt
        waits.append((row.not_before - now).total_seconds())
        now = row.not_before
    assert [wait <= min(3600, 30 * 2**at) for at, wait in enumerate(waits)] == [True] * 8
    assert max(waits) > 30
    assert Fetch.objects.count() == 8


def test_a_refusal_is_asked_again_within_hours_not_within_minutes(publisher, fetching):
    publisher.put(PRICES, prices())
    publisher.fail(PRICES, "404html")
    ask(fetching, at(2))
    row = endpoint(PRICES)
    assert (row.due_at, row.not_before) == (at(2) + collect.REFUSED_AGAIN, None)
    assert row.pk not in collect.due(now=at(2, 11, 59))
    assert row.pk in collect.due(now=at(2, 12, 0))


def test_a_place_that_robots_txt_forbids_is_refused_without_asking(publisher, fetching):
    url = "https://models.dev/private/list.json"
    publisher.put(url, prices())
    Endpoint.objects.filter(url=PRICES).update(url=url)
    attempt = collect.collect(endpoint(url).pk, now=at(2), by="asker", fetching=fetching)
    assert attempt.outcome == NOT_SOON
    assert "robots.txt does not let" in attempt.message
    assert publisher.requests == []


def test_a_document_over_its_sources_limit_is_refused(publisher, fetching):
    publisher.put(PRICES, b" " * (16 * 2**20 + 1))
    attempt = ask(fetching, at(2))
    assert attempt.outcome == NOT_SOON
    assert "announced 16777217 bytes, more than the limit of 16777216" in attempt.message


def test_one_bad_address_does_not_keep_the_others_from_being_collected(publisher, fetching):
    publisher.put(PRICES, prices())
    outcomes = {}
    for number in collect.due(now=at(2)):
        attempt = collect.collect(number, now=at(2), by="asker", fetching=fetching)
        outcomes.setdefault(attempt.outcome, []).append(attempt.endpoint.url)
    assert outcomes["changed"] == [PRICES]
    assert len(outcomes["refused"]) == Endpoint.objects.exclude(due_at=None).count() - 1
