"""What one address may ask for in a minute, and whose address it is."""

import pytest
from django.test import Client

from tracker.clients import client_of, is_local
from tracker.limits import MOST_KNOWN, Counts, kind_of

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.mark.parametrize(
    ("path", "query", "kind"),
    [
        ("/", "", ""),
        ("/gap/", "", ""),
        ("/gap/", "scope=all", "questions"),
        ("/gap.csv", "", "files"),
        ("/charts/frontier.svg", "", "files"),
        ("/charts/frontier.zip", "", "exports"),
        ("/data/scores.parquet", "", "exports"),
        ("/snapshots/7/document", "", "exports"),
        ("/api/v1/models", "limit=1", "api"),
        ("/search/", "q=x", "search"),
        ("/feeds/all.atom", "", "files"),
        ("/static/js/site.js", "v=1", ""),
        ("/healthz", "x=1", ""),
        ("/metrics", "", ""),
    ],
)
def test_an_address_belongs_to_a_kind_by_what_it_costs(path, query, kind):
    assert kind_of(path, query) == kind


def test_the_next_minute_begins_with_nothing_and_others_are_counted_apart():
    counts = Counts()
    assert [counts.take("api", "a", now=60.0 + n) for n in range(3)] == [1, 2, 3]
    assert counts.take("api", "b", now=63) == 1
    assert counts.take("search", "a", now=63) == 1
    assert counts.take("api", "a", now=120) == 1


def test_more_addresses_than_memory_is_kept_for_share_one_count():
    counts = Counts()
    for number in range(MOST_KNOWN):
        counts.take("api", str(number), now=60)
    assert [counts.take("api", f"new{n}", now=60) for n in range(3)] == [1, 2, 3]
    assert counts.take("api", "7", now=60) == 2


@pytest.mark.parametrize(
    ("proxies", "header", "who"),
    [
        (0, "198.51.100.1", "203.0.113.7"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "192.0.2.66, 198.51.100.1", "198.51.100.1"),
        (2, "192.0.2.66, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.7"),
        (1, "", "203.0.113.7"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "nonsense", "unknown"),
    ],
)
def test_only_our_own_proxies_say_who_asks(settings, proxies, header, who):
    settings.PROXIES = proxies
    meta = {"REMOTE_ADDR": "203.0.113.7", "HTTP_X_FORWARDED_FOR": header}
    assert client_of(meta) == who


def test_this_machine_itself_is_whoever_no_proxy_speaks_for():
    assert is_local({"REMOTE_ADDR": "127.0.0.1"})
    assert is_local({"REMOTE_ADDR": "::1"})
    assert not is_local({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"})
    assert not is_local({"REMOTE_ADDR": "203.0.113.7"})


def test_who_asks_too_much_is_refused_with_the_seconds_to_wait_and_nobody_else_is(settings, db):
    settings.LIMITS = {**settings.LIMITS, "search": 2}
    client = Client()  # one process: one middleware
    answers = [client.get("/search/?q=", **ELSEWHERE) for _ in range(4)]
    assert [answer.status_code for answer in answers[2:]] == [429, 429]
    assert [answer.status_code for answer in answers[:2]] == [200, 200]
    assert answers[0]["RateLimit-Policy"] == '"search";q=2;w=60'
    assert answers[0]["RateLimit"].startswith('"search";r=1;t=')
    assert 1 <= int(answers[3]["Retry-After"]) <= 60
    assert answers[3]["Content-Security-Policy"]
    assert client.get("/search/?q=", REMOTE_ADDR="203.0.113.8").status_code == 200
    assert client.get("/healthz", **ELSEWHERE).status_code == 200
    for _ in range(4):
        assert client.get("/search/?q=").status_code == 200  # this machine itself
