"""How often a host is asked, and how long it is left alone."""

import itertools
import random
import threading

import pytest

from tests.fetch.hostile_server import AGENT, PLACE, ROBOTS, URL, Clock, Direct, HostileServer, Reply
from tracker.fetch import Fetcher, FetchError, FetchRefused, Pacer, backoff


def test_there_is_a_gap_between_two_requests_to_a_host_and_none_between_hosts(server: HostileServer) -> None:
    clock = Clock()
    server.pages["other.example/x"] = Reply()
    pace = Pacer(2.0, sleep=clock.sleep, monotonic=clock)
    with Fetcher(AGENT, mirror=server.url, pace=pace, monotonic=clock) as asks:
        asks.fetch(URL)
        assert clock.slept == [2.0]  # between robots.txt and the document
        asks.fetch("https://other.example/x")
        assert clock.slept == [2.0, 2.0]
        asks.fetch(URL)  # those two seconds have passed for data.example too
        assert clock.slept == [2.0, 2.0]
        clock.now += 0.5
        asks.fetch(URL)
        assert clock.slept == [2.0, 2.0, 1.5]


def test_whoever_names_no_gap_leaves_a_host_alone_for_two_seconds(server: HostileServer, direct: Direct) -> None:
    clock = Clock()
    turn = Pacer(sleep=clock.sleep, monotonic=clock)
    for _ in range(2):
        with turn("data.example", 0.0):
            clock.now += 5.0  # what the request itself takes does not count
    assert clock.slept == [2.0]
    fetcher, _ = direct(pace=None, sleep=clock.sleep, monotonic=clock)
    fetcher.fetch("http://data.example/scores.json")
    assert clock.slept == [2.0, 2.0]


@pytest.mark.parametrize(("asked", "waited"), [("0", 2.0), ("1", 2.0), ("7.5", 7.5), ("60", 60.0), ("soon", 2.0)])
def test_a_crawl_delay_is_a_lower_bound_of_the_gap(asked: str, waited: float, server: HostileServer) -> None:
    clock = Clock()
    server.pages[ROBOTS] = Reply(f"User-agent: *\nCrawl-delay: {asked}".encode(), media_type="text/plain")
    pace = Pacer(2.0, sleep=clock.sleep, monotonic=clock)
    with Fetcher(AGENT, mirror=server.url, pace=pace, monotonic=clock) as asks:
        asks.fetch(URL)
    assert clock.slept == [waited]


def test_a_host_whose_terms_ask_for_a_longer_gap_gets_it_from_its_robots_txt_on(
    server: HostileServer, direct: Direct
) -> None:
    """arXiv's terms ask for three seconds; its robots.txt says nothing of them."""
    clock = Clock()
    server.pages["rss.arxiv.org/rss/cs.CL"] = server.pages["other.example/x"] = Reply()
    fetcher, _ = direct(pace=Pacer(2.0, sleep=clock.sleep, monotonic=clock), monotonic=clock)
    for _ in range(2):
        fetcher.fetch("http://rss.arxiv.org/rss/cs.CL")
    assert clock.slept == [3.0, 3.0]
    for _ in range(2):
        fetcher.fetch("http://other.example/x")
    assert clock.slept == [3.0, 3.0, 2.0, 2.0]


def test_a_crawl_delay_over_a_minute_is_cut_and_said(server: HostileServer, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    server.pages[ROBOTS] = Reply(b"User-agent: *\nCrawl-delay: 86400", media_type="text/plain")
    with Fetcher(AGENT, mirror=server.url, sleep=clock.sleep, monotonic=clock) as asks:
        asks.fetch(URL)
    assert clock.slept == [60.0]
    assert "data.example asks for 86400 s between requests; we wait 60 s" in caplog.text


def test_threads_that_share_a_pacer_ask_a_host_one_at_a_time(server: HostileServer) -> None:
    server.pause, pace = 0.03, Pacer(0.02)
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            with Fetcher(AGENT, mirror=server.url, pace=pace) as asks:
                asks.fetch(URL)
        except (FetchError, FetchRefused) as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert server.most_at_once == 1
    began = sorted(request.at for request in server.asked)
    assert len(began) == 8
    assert min(later - earlier for earlier, later in itertools.pairwise(began)) >= 0.02


def test_a_turn_is_given_back_when_the_request_fails(server: HostileServer) -> None:
    turns: list[str] = []

    class Turn:
        def __enter__(self) -> None:
            turns.append("taken")

        def __exit__(self, *_: object) -> None:
            turns.append("given back")

    server.pages[PLACE] = Reply(fault="drop")
    asked: list[tuple[str, float]] = []

    def pace(host: str, at_least: float) -> Turn:
        asked.append((host, at_least))
        return Turn()

    server.pages[ROBOTS] = Reply(b"User-agent: *\nCrawl-delay: 3", media_type="text/plain")
    with Fetcher(AGENT, mirror=server.url, pace=pace) as asks, pytest.raises(FetchError):
        asks.fetch(URL)
    assert turns == ["taken", "given back"] * 2
    assert asked == [("data.example", 0.0), ("data.example", 3.0)]


def test_backoff_is_full_jitter_under_a_doubling_ceiling() -> None:
    ceilings = [backoff(attempt, retry_after=None, random=lambda: 1.0) for attempt in range(1, 12)]
    assert ceilings[:4] == [30.0, 60.0, 120.0, 240.0]
    assert ceilings[-1] == backoff(10**6, retry_after=None, random=lambda: 1.0) == 3600.0
    draw = random.Random(1).random  # noqa: S311  not a secret
    waits = [backoff(5, retry_after=None, random=draw) for _ in range(200)]
    assert min(waits) < 48
    assert max(waits) > 432
    assert len(set(waits)) == 200


def test_what_the_host_asked_for_wins_over_backoff() -> None:
    assert backoff(9, retry_after=2.0, random=lambda: 1.0) == 2.0
    assert backoff(1, retry_after=7200.0, random=lambda: 0.0) == 7200.0
    # "Retry-After: 0" is no licence to hammer.
    assert backoff(3, retry_after=0.0, random=lambda: 0.5) == 60.0
