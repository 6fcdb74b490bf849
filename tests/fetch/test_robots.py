"""robots.txt as RFC 9309 reads it."""

import pytest

from tests.fetch.hostile_server import PLACE, ROBOTS, URL, Clock, Direct, HostileServer, Reply
from tracker.fetch import Fetched, Fetcher, FetchError, FetchRefused


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/x", True),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: *\nDisallow: /", "/x", False),
        ("user-AGENT: *\ndisALLOW: /", "/x", False),
        ("User-agent: LandscapeTracker\nDisallow: /x", "/x", False),
        ("User-agent: landscapetracker\nDisallow: /x", "/x", False),
        ("User-agent: OtherBot\nDisallow: /", "/x", True),
        ("User-agent: Tracker\nDisallow: /", "/x", True),
        ("User-agent: *\nDisallow: /\nUser-agent: LandscapeTracker\nAllow: /", "/x", True),
        ("User-agent: LandscapeTracker\nDisallow: /x\n\nUser-agent: *\nDisallow: /y", "/y", True),
        ("User-agent: LandscapeTracker\nDisallow: /a\n\nUser-agent: LandscapeTracker\nDisallow: /b", "/b", False),
        ("User-agent: OtherBot\nUser-agent: LandscapeTracker\nDisallow: /x", "/x", False),
        ("User-agent: *\nDisallow: /x\nAllow: /x/public", "/x/public/1", True),
        ("User-agent: *\nAllow: /x/public\nDisallow: /x", "/x/private", False),
        ("User-agent: *\nDisallow: /x\nAllow: /x", "/x", True),
        ("User-agent: *\nDisallow: /*.csv$", "/a/b.csv", False),
        ("User-agent: *\nDisallow: /*.csv$", "/a/b.csv.gz", True),
        ("User-agent: *\nDisallow: /a*/c", "/abc/c", False),
        ("User-agent: *\nDisallow: /x?", "/x?y=1", False),
        ("User-agent: *\nDisallow: /X", "/x", True),
        ("User-agent: *\nDisallow: /a%3Cd", "/a%3cd", False),
        ("User-agent: *\nDisallow: /ä", "/%C3%A4", False),
        ("\ufeffUser-agent: *\r\nDisallow: /x # not this\r\n", "/x", False),
        ("Sitemap: https://data.example/map\n\nUser-agent: *\nDisallow: /x", "/x", False),
        ("Disallow: /", "/x", True),
        ("nonsense\x00\x01\nUser-agent: *\nNonsense: 1\nDisallow: /x", "/x", False),
        ("<!doctype html><p>no such page</p>", "/x", True),
    ],
)
def test_robots_rules(rules: str, path: str, allowed: bool, server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[ROBOTS] = Reply(rules.encode(), media_type="text/plain")
    server.pages["data.example" + path] = Reply()
    if allowed:
        assert isinstance(fetcher.fetch("https://data.example" + path), Fetched)
    else:
        with pytest.raises(FetchRefused, match=r"data.example's robots.txt does not let LandscapeTracker read /"):
            fetcher.fetch("https://data.example" + path)
        assert server.places() == [ROBOTS]


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 451])
def test_a_robots_txt_that_is_not_there_allows_all(status: int, server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[ROBOTS] = Reply(b"", status)
    assert isinstance(fetcher.fetch(URL), Fetched)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"", 500),
        Reply(b"", 503, headers={"Retry-After": "9"}),
        Reply(b"", 429, headers={"Retry-After": "9"}),
        Reply(fault="drop"),
        Reply(b"User-agent: *\nDisallow: /no", fault="cut"),
    ],
)
def test_a_robots_txt_that_cannot_be_read_forbids_all_for_now(
    reply: Reply, server: HostileServer, fetcher: Fetcher
) -> None:
    server.pages[ROBOTS] = reply
    with pytest.raises(FetchError, match=r"data.example's robots.txt could not be read") as caught:
        fetcher.fetch(URL)
    assert caught.value.retry_after == (9.0 if reply.headers else None)
    assert server.places() == [ROBOTS]
    server.pages[ROBOTS] = Reply(b"", 404)
    assert isinstance(fetcher.fetch(URL), Fetched)  # the failure was not remembered


@pytest.mark.parametrize(("hops", "allowed"), [(1, False), (5, False), (6, True)])
def test_robots_txt_is_looked_for_behind_five_redirects_and_no_more(
    hops: int, allowed: bool, server: HostileServer, fetcher: Fetcher
) -> None:
    server.pages[ROBOTS] = Reply(status=301, headers={"Location": "https://other.example/1"})
    for hop in range(1, hops):
        server.pages[f"other.example/{hop}"] = Reply(status=302, headers={"Location": f"/other.example/{hop + 1}"})
    server.pages[f"other.example/{hops}"] = Reply(b"User-agent: *\nDisallow: /", media_type="text/plain")
    if allowed:
        assert isinstance(fetcher.fetch(URL), Fetched)
    else:
        with pytest.raises(FetchRefused, match=r"data.example's robots.txt"):
            fetcher.fetch(URL)


def test_a_robots_txt_that_redirects_inside_is_refused(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[ROBOTS] = Reply(status=302, headers={"Location": "http://169.254.169.254/"})
    with pytest.raises(FetchRefused, match="link-local"):
        fetcher.fetch(URL)


def test_the_robots_txt_of_a_redirects_target_is_obeyed(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(status=302, headers={"Location": "https://other.example/x"})
    server.pages["other.example/robots.txt"] = Reply(b"User-agent: *\nDisallow: /x", media_type="text/plain")
    server.pages["other.example/x"] = Reply()
    with pytest.raises(FetchRefused, match=r"other.example's robots.txt"):
        fetcher.fetch(URL)
    assert "other.example/x" not in server.places()


def test_only_the_first_500_kibibytes_of_robots_txt_are_read(server: HostileServer, fetcher: Fetcher) -> None:
    padding = b"# " + b"x" * 97 + b"\n"
    front = b"User-agent: *\nDisallow: /early\n" + padding * 5119 + b"#" * 53 + b"\n"
    whole = front + b"Disallow: /scores/2025\n" + padding * 100 + b"Disallow: /\n" + padding * 20_000
    # The limit falls inside that rule: half of it would forbid what the whole of it allows.
    assert whole[: 500 * 1024].endswith(b"\nDisallow: /scor")
    server.pages[ROBOTS] = Reply(whole, media_type="text/plain", framed=False)
    assert isinstance(fetcher.fetch(URL), Fetched)
    with pytest.raises(FetchRefused, match=r"robots.txt"):
        fetcher.fetch("https://data.example/early")


def test_robots_txt_is_asked_once_a_day_for_each_scheme_and_host(server: HostileServer, direct: Direct) -> None:
    clock = Clock()
    fetcher, _ = direct(monotonic=clock)
    server.pages["other.example/x"] = Reply()
    for url in ("http://data.example/scores.json", "http://data.example/scores.json", "http://other.example/x"):
        fetcher.fetch(url)
    assert [place for place in server.places() if "robots" in place] == [ROBOTS, "other.example/robots.txt"]
    clock.now += 24 * 3600 - 1
    fetcher.fetch("http://data.example/scores.json")
    assert server.places().count(ROBOTS) == 1
    clock.now += 1
    server.pages[ROBOTS] = Reply(b"User-agent: *\nDisallow: /", media_type="text/plain")
    with pytest.raises(FetchRefused, match=r"robots.txt"):
        fetcher.fetch("http://data.example/scores.json")
    assert server.places().count(ROBOTS) == 2
