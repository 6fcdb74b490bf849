"""A document, the same document again, and where redirects may lead."""

import pytest

from tests.fetch.hostile_server import AGENT, PLACE, PUBLIC, ROBOTS, URL, Direct, HostileServer, Reply
from tracker.fetch import Fetched, Fetcher, FetchError, FetchRefused, NotModified


def test_a_document_comes_with_its_real_address_and_validators(server: HostileServer, fetcher: Fetcher) -> None:
    headers = {"ETag": '"a1"', "Last-Modified": "Sun, 19 Apr 2026 00:00:00 GMT"}
    server.pages[PLACE + "?v=2"] = Reply(b"[1]", media_type="Application/JSON; charset=utf-8", headers=headers)
    got = fetcher.fetch(URL + "?v=2#top")
    assert isinstance(got, Fetched)
    assert (got.url, got.status, got.body, got.media_type) == (URL + "?v=2", 200, b"[1]", "application/json")
    assert (got.etag, got.last_modified) == ('"a1"', "Sun, 19 Apr 2026 00:00:00 GMT")
    assert 0 < got.elapsed < 5


def test_we_say_who_asks_and_offer_only_what_we_can_unpack(server: HostileServer, fetcher: Fetcher) -> None:
    fetcher.fetch(URL, accept=("application/json",))
    for request in server.asked:
        assert request.headers["user-agent"] == AGENT
        assert request.headers["accept-encoding"] == "gzip, deflate"
        assert not {"cookie", "authorization", "referer"} & set(request.headers)
    assert server.asked[-1].headers["accept"] == "application/json, */*;q=0.1"


def test_validators_are_sent_and_304_is_not_modified(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(status=304, headers={"ETag": '"new"'})
    got = fetcher.fetch(URL, etag='W/"a1"', last_modified="Sun, 19 Apr 2026 00:00:00 GMT")
    assert isinstance(got, NotModified)
    assert (got.url, got.etag, got.last_modified) == (URL, '"new"', "Sun, 19 Apr 2026 00:00:00 GMT")
    assert server.asked[-1].headers["if-none-match"] == 'W/"a1"'
    assert server.asked[-1].headers["if-modified-since"] == "Sun, 19 Apr 2026 00:00:00 GMT"
    assert "if-none-match" not in server.asked[0].headers  # robots.txt is another document


def test_304_to_a_plain_request_is_an_error(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(status=304)
    with pytest.raises(FetchError, match="answered 304 to a plain request"):
        fetcher.fetch(URL)


def test_a_cookie_is_never_sent_back(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(headers={"Set-Cookie": "id=1; Path=/"})
    fetcher.fetch(URL)
    fetcher.fetch(URL)
    assert all("cookie" not in request.headers for request in server.asked)


def test_a_mirror_may_live_under_a_path(server: HostileServer) -> None:
    server.pages["sub/" + PLACE] = Reply(status=302, headers={"Location": "/sub/data.example/b.json"})
    server.pages["sub/data.example/b.json"] = Reply(b"[2]")
    with Fetcher(AGENT, mirror=f"{server.url}/sub/") as asks:
        got = asks.fetch(URL)
    assert isinstance(got, Fetched)
    assert (got.url, got.body) == ("https://data.example/b.json", b"[2]")


def test_redirects_are_followed_and_the_last_address_is_kept(server: HostileServer, direct: Direct) -> None:
    server.pages["data.example/a"] = Reply(status=301, headers={"Location": "b?x=1"})
    server.pages["data.example/b?x=1"] = Reply(status=307, headers={"Location": "//other.example/c"})
    server.pages["other.example/c"] = Reply(b"here")
    got = direct()[0].fetch("http://data.example/a")
    assert isinstance(got, Fetched)
    assert (got.url, got.body) == ("http://other.example/c", b"here")
    assert "other.example/robots.txt" in server.places()


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://localhost/",
        "http://2130706433/",
        "file:///etc/passwd",
        "gopher://data.example/",
        "http://name:secret@data.example/",
        "http://data.example:6379/",
        "//127.0.0.1/x",
        "http://data.example\\@127.0.0.1/",
    ],
)
@pytest.mark.parametrize("through", ["a mirror", "no mirror"])
def test_a_redirect_to_where_we_may_not_go_is_refused(
    location: str,
    through: str,
    server: HostileServer,
    fetcher: Fetcher,
    direct: Direct,
) -> None:
    server.pages[PLACE] = Reply(status=302, headers={"Location": location})
    asks = fetcher if through == "a mirror" else direct()[0]
    with pytest.raises(FetchRefused, match=r"data.example redirects to .* refused: "):
        asks.fetch("http://data.example/scores.json")
    assert server.places() == [ROBOTS, PLACE]


def test_a_redirect_to_a_name_inside_is_refused_after_the_lookup(server: HostileServer, direct: Direct) -> None:
    server.pages[PLACE] = Reply(status=302, headers={"Location": "http://inside.example/"})
    fetcher, dialler = direct([PUBLIC], ["10.0.0.7"])  # data.example, then inside.example
    with pytest.raises(FetchRefused, match=r"inside.example is refused: its name leads to 10.0.0.7, a private address"):
        fetcher.fetch("http://data.example/scores.json")
    assert set(dialler.dialled) == {(PUBLIC, 80)}


@pytest.mark.parametrize("location", ["http://[::1", "http://data.example:port/x", "http://data.example/\x7f"])
def test_a_redirect_to_what_is_no_url_is_refused(location: str, server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(status=302, headers={"Location": location})
    with pytest.raises(FetchRefused, match=r"data.example redirects to what is not a URL"):
        fetcher.fetch(URL)


def test_of_a_long_address_that_is_refused_two_hundred_characters_are_told(
    server: HostileServer, fetcher: Fetcher
) -> None:
    server.pages[PLACE] = Reply(status=302, headers={"Location": f"http://127.0.0.1/{'a' * 400}"})
    with pytest.raises(FetchRefused, match=r"redirects to http://127\.0\.0\.1/a{183}, which is refused"):
        fetcher.fetch(URL)


def test_a_redirect_loop_ends_after_five_redirects(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(status=302, headers={"Location": f"/{PLACE}"})
    with pytest.raises(FetchRefused, match=r"data.example redirects more than 5 times"):
        fetcher.fetch(URL)
    assert server.places().count(PLACE) == 6


def test_a_redirect_at_the_mirror_from_https_to_http_is_refused(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(status=302, headers={"Location": "http://other.example/x"})
    with pytest.raises(FetchRefused, match="redirects from https to http"):
        fetcher.fetch(URL)


def test_a_redirect_at_the_mirror_to_another_host_stays_at_the_mirror(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(status=302, headers={"Location": "https://other.example/x"})
    server.pages["other.example/x"] = Reply(b"there")
    got = fetcher.fetch(URL)
    assert isinstance(got, Fetched)
    assert (got.url, got.body) == ("https://other.example/x", b"there")


def test_a_redirect_to_nowhere_is_refused(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(status=302)
    with pytest.raises(FetchRefused, match="answered 302 without saying where to"):
        fetcher.fetch(URL)


def test_a_fetcher_works_on_after_every_fault(server: HostileServer, fetcher: Fetcher) -> None:
    good = server.pages[PLACE]
    for bad in [Reply(fault="drop"), Reply(b"x" * 99, fault="cut"), Reply(b"", 500), Reply(b"x", 404)] * 3:
        server.pages[PLACE] = bad
        with pytest.raises((FetchError, FetchRefused)):
            fetcher.fetch(URL)
    server.pages[PLACE] = good
    assert isinstance(fetcher.fetch(URL), Fetched)


def there(body: bytes) -> str:
    return body.removeprefix(b"see ").decode() if body.startswith(b"see ") else ""


def test_a_document_that_only_points_to_another_is_followed_and_asked_for_by_its_own_mark(
    server: HostileServer, fetcher: Fetcher
) -> None:
    server.pages[PLACE] = Reply(b"see https://data.example/v1/abc.json", headers={"ETag": '"pointer"'})
    server.pages["data.example/v1/abc.json"] = Reply(b"[1]", headers={"ETag": '"list"'})
    got = fetcher.fetch(URL, etag='"old"', onward=there)
    assert isinstance(got, Fetched)
    assert (got.url, got.body, got.etag) == ("https://data.example/v1/abc.json", b"[1]", '"pointer"')
    # Whether the list is the old one is the pointer's to say.
    sent = {request.place: request.headers.get("if-none-match") for request in server.asked}
    assert (sent[PLACE], sent["data.example/v1/abc.json"]) == ('"old"', None)

    server.pages[PLACE] = Reply(b"", 304, headers={"ETag": '"pointer"'})
    before = len(server.asked)
    assert isinstance(fetcher.fetch(URL, etag='"pointer"', onward=there), NotModified)
    assert len(server.asked) == before + 1


def test_a_document_that_points_nowhere_is_the_document(server: HostileServer, fetcher: Fetcher) -> None:
    got = fetcher.fetch(URL, onward=there)
    assert isinstance(got, Fetched)
    assert got.body == b'{"score": 1}'


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest/", "https://localhost/x", "file:///etc/passwd"])
def test_a_pointer_leads_no_further_inside_than_a_redirect(
    address: str, server: HostileServer, fetcher: Fetcher
) -> None:
    server.pages[PLACE] = Reply(f"see {address}".encode())
    with pytest.raises(FetchRefused, match="is refused"):
        fetcher.fetch(URL, onward=there)


def test_the_robots_txt_of_where_a_pointer_leads_is_obeyed(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(b"see https://other.example/v1/abc.json")
    server.pages["other.example/robots.txt"] = Reply(b"User-agent: *\nDisallow: /v1", media_type="text/plain")
    server.pages["other.example/v1/abc.json"] = Reply(b"[1]")
    with pytest.raises(FetchRefused, match=r"other.example's robots.txt"):
        fetcher.fetch(URL, onward=there)
    assert "other.example/v1/abc.json" not in server.places()


@pytest.mark.parametrize(
    ("reply", "error"),
    [(Reply(b"x", 503), FetchError), (Reply(b"x", 404), FetchRefused), (Reply(b"x", 304), FetchError)],
)
def test_a_pointer_to_a_document_that_is_not_there_is_no_document(
    reply: Reply, error: type[Exception], server: HostileServer, fetcher: Fetcher
) -> None:
    server.pages[PLACE] = Reply(b"see https://data.example/v1/abc.json")
    server.pages["data.example/v1/abc.json"] = reply
    with pytest.raises(error):
        fetcher.fetch(URL, etag='"old"', onward=there)
