"""Sources and work that fall silent; the time is an argument."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.pipeline.alarms.steps import LINES, OFFERS, opened, said
from tests.pipeline.steps import at, endpoint, take_in
from tests.pipeline.vintages import PANEL, PRICES, Line, panel, prices
from tracker.domain import rhythm
from tracker.models import (
    Alarm,
    Beat,
    DataVersion,
    Endpoint,
    IndexRun,
    Source,
    Unresolved,
)
from tracker.pipeline import alarms, collect, ingest, troubles
from tracker.sources import SOURCES

pytestmark = pytest.mark.usefixtures("installed")
FEEDS = [url for url in SOURCES["lab_feeds"].urls if "openai.com" in url or "anthropic" in url][:2]


def answered(url: str, when, **values) -> None:
    Endpoint.objects.filter(url=url).update(
        checked_at=when, confirmed_at=when, due_at=when + timedelta(days=1), **values
    )


def weekly(count: int = 6) -> None:
    """models.dev changes a price every third day, and on the others nothing but the order of its bytes."""
    for n in range(count):
        take_in(PRICES, prices(replace(OFFERS[0], price=1.0 + n / 10), *OFFERS[1:]), at(1 + 3 * n))


@pytest.fixture
def only_prices(installed):
    """No other address is due, so that only this one can be silent."""
    Endpoint.objects.exclude(url=PRICES).update(due_at=None)


@pytest.mark.usefixtures("only_prices")
def test_data_older_than_their_own_rhythm_are_an_alarm_although_the_source_answers():
    weekly()
    assert SOURCES["models_dev"].stale_after is None
    for late, expected in (
        (at(16) + timedelta(days=9), {}),
        (at(16) + timedelta(days=9, minutes=1), {"stale": "alarm"}),
    ):
        answered(PRICES, late)
        alarms.look(now=late)
        assert opened() == expected
    assert "used to change every 3 days; its newest datum is of 2026-09-16, although it still answers" in said("stale")
    moved = at(16) + timedelta(days=10)
    take_in(PRICES, prices(replace(OFFERS[0], price=9.0), *OFFERS[1:]), moved)
    alarms.look(now=moved)
    assert opened() == {}


@pytest.mark.usefixtures("only_prices")
def test_other_bytes_around_the_same_rows_are_no_sign_of_life():
    weekly()
    late = at(16) + timedelta(days=10)
    take_in(PRICES, b" " + prices(replace(OFFERS[0], price=1.5), *OFFERS[1:]), late)
    answered(PRICES, late)
    alarms.look(now=late)
    assert opened() == {"stale": "alarm"}


@pytest.mark.usefixtures("only_prices")
def test_what_the_source_declares_goes_before_what_its_past_shows():
    weekly()
    Source.objects.filter(slug="models_dev").update(stale_after=timedelta(days=40))
    for days, expected in ((39, {}), (41, {"stale": "alarm"})):
        late = at(16) + timedelta(days=days)
        answered(PRICES, late)
        alarms.look(now=late)
        assert opened() == expected


def test_the_first_document_ever_was_old_when_it_was_met():
    first, second = at(1), at(9)
    named = at(1).date() - timedelta(days=300)
    assert rhythm.newest_datum(first, named, only_met=True).date() == named
    assert rhythm.newest_datum(second, named, only_met=False) == second
    assert rhythm.newest_datum(first, None, only_met=True) == first
    assert rhythm.newest_datum(None, None, only_met=True) is None


def feed(day: int, lab: str) -> bytes:
    """Three notices a week, the newest of this day of September."""
    return (
        "<rss version='2.0'><channel><title>Example</title>"
        + "".join(
            f"<item><title>{lab} {n}</title><link>https://{lab}.example/{n}</link>"
            f"<pubDate>{n:02} Sep 2026 00:00:00 GMT</pubDate></item>"
            for n in range(day, 0, -2)
        )
        + "</channel></rss>"
    ).encode()


def test_a_feed_that_fell_silent_is_an_alarm_although_the_other_feeds_of_the_source_go_on():
    one, other = FEEDS
    Endpoint.objects.exclude(url__in=FEEDS).update(due_at=None)
    for day in (3, 5, 7, 9):
        take_in(one, feed(day, "openai"), at(day))
        take_in(other, feed(day, "anthropic"), at(day))
    for day in range(11, 23, 2):
        take_in(other, feed(day, "anthropic"), at(day))
        for url in FEEDS:
            answered(url, at(day))
        alarms.look(now=at(day))
        silent = list(Alarm.objects.filter(kind="stale", closed_at=None).values_list("endpoint__url", flat=True))
        assert silent == ([one] if day >= 17 else [])
    assert f"{one} used to change every 2 days; its newest datum is of 2026-09-09" in said("stale")
    take_in(one, feed(23, "openai"), at(23))
    alarms.look(now=at(23))
    assert "stale" not in opened()


@pytest.mark.usefixtures("only_prices")
def test_a_source_that_never_answered_is_an_alarm_after_two_of_its_intervals(publisher, fetching):
    pk, day = endpoint(PRICES).pk, timedelta(days=1)
    for n in range(4):
        now = at(1) + n * day
        attempt = collect.collect(pk, now=now, by="one", fetching=fetching, force=True)
        assert attempt.outcome == "refused"
        alarms.look(now=now)
        assert opened() == ({"never": "alarm"} if n > 2 else {})
    assert "has never answered, at least since 2026-09-01" in said("never")
    publisher.put(PRICES, prices(*OFFERS))
    attempt = collect.collect(pk, now=at(6), by="one", fetching=fetching, force=True)
    ingest.ingest(attempt.snapshot_id, now=at(6), by="one")
    alarms.look(now=at(6))
    assert opened() == {}


@pytest.mark.usefixtures("only_prices")
def test_a_source_that_answered_once_and_fails_since_is_an_alarm(publisher, fetching):
    pk, day = endpoint(PRICES).pk, timedelta(days=1)
    publisher.put(PRICES, prices(*OFFERS))
    attempt = collect.collect(pk, now=at(1), by="one", fetching=fetching, force=True)
    ingest.ingest(attempt.snapshot_id, now=at(1), by="one")
    publisher.fail(PRICES, "500")
    for n in range(1, 5):
        collect.collect(pk, now=at(1) + n * day, by="one", fetching=fetching, force=True)
        alarms.look(now=at(1) + n * day)
        assert opened() == ({"failing": "alarm"} if n > 2 else {})
    assert "has not answered since 2026-09-01" in said("failing")


@pytest.mark.usefixtures("only_prices")
def test_what_is_due_and_nobody_asks_is_an_alarm():
    alarms.look(now=at(4))
    assert opened() == {"never": "alarm"}
    assert "no worker takes it up" in said("never")


def test_an_installation_that_asks_nobody_waits_for_no_answer():
    alarms.look(now=at(28), live=False)
    assert opened() == {}


def test_a_source_with_many_silent_addresses_is_one_alarm():
    many = max(SOURCES.values(), key=lambda source: len(source.urls) if source.every else 0)
    Endpoint.objects.exclude(source__slug=many.slug).update(due_at=None)
    alarms.look(now=at(28) + timedelta(days=200))
    assert list(Alarm.objects.values_list("kind", "source__slug")) == [("never", many.slug)]
    assert f"and {len(many.urls) - 1} other addresses of it" in said("never")


def test_a_question_that_no_worker_takes_up_is_an_alarm():
    Beat.objects.create(name="ingest", at=at(1))
    Beat.objects.create(name="collect", at=at(1, 6, 20))
    alarms.look(now=at(1, 6, 15), live=False)
    assert opened() == {}
    alarms.look(now=at(1, 6, 16), live=False)
    assert opened() == {"silent": "stopped"}
    assert Alarm.objects.get().subject == "question:ingest"
    assert "'ingest' since 2026-09-01 06:00 UTC" in said("silent")
    Beat.objects.filter(name="ingest").update(at=at(1, 6, 17))
    alarms.look(now=at(1, 6, 18), live=False)
    assert opened() == {}


def test_a_document_that_waits_longer_than_two_leases_is_an_alarm():
    snapshot, _ = collect.keep(endpoint(PRICES), prices(*OFFERS), fetched_at=at(1), media_type="")
    alarms.look(now=at(1) + 2 * ingest.LEASE, live=False)
    assert opened() == {}
    alarms.look(now=at(1) + 2 * ingest.LEASE + timedelta(seconds=1), live=False)
    assert opened() == {"unread": "stopped"}
    ingest.ingest(snapshot.pk, now=at(1, 7), by="reader")
    alarms.look(now=at(1, 7), live=False)
    assert opened() == {}


def test_two_leases_are_what_the_alarm_waits_for():
    assert troubles.UNREAD_AFTER == 2 * ingest.LEASE


def run(created, **values) -> IndexRun:
    version = DataVersion.objects.get().value
    given = {"as_of": created.date(), "known_at": created, "data_version": version, "method": "m"} | values
    return IndexRun.objects.create(created_at=created, **given)


def test_an_index_run_that_is_not_done_after_two_hours_is_an_alarm_and_one_of_the_past_is_none():
    run(at(1), historic=True)
    waiting = run(at(2))
    alarms.look(now=at(2, 8), live=False)
    assert opened() == {}
    alarms.look(now=at(2, 8, 1), live=False)
    assert opened() == {"index": "stopped"}
    IndexRun.objects.filter(pk=waiting.pk).update(state=IndexRun.State.DONE)
    alarms.look(now=at(2, 9), live=False)
    assert opened() == {}


def test_an_index_that_cannot_be_computed_is_an_alarm():
    run(at(2), state=IndexRun.State.DONE, last_error="no anchor is among the models")
    alarms.look(now=at(2, 7), live=False)
    assert opened() == {"index": "stopped"}
    assert "no anchor is among the models" in said("index")


def test_a_tenth_of_a_source_that_waits_for_names_is_an_alarm():
    unknown = [Line(f"nobody-{n}", "gpqa_diamond", 0.5) for n in range(50)]
    take_in(PANEL, panel(*LINES, *unknown), at(1))
    alarms.look(now=at(1, 7), live=False)
    assert opened() == {"names": "alarm"}
    assert "names that nobody has explained" in said("names")
    Unresolved.objects.update(state=Unresolved.State.IGNORED)
    alarms.look(now=at(1, 8), live=False)
    assert opened() == {}
