"""What each status, header and body is taken for."""

import gzip
import itertools
import os
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fetch.hostile_server import (
    AGENT,
    PLACE,
    ROBOTS,
    URL,
    Clock,
    HostileServer,
    Reply,
)
from tracker.answers import Answer, retry_after
from tracker.fetch import Fetched, Fetcher, FetchError, FetchRefused, Limits, Pacer


@pytest.mark.parametrize("status", [202, 204, 206, 408, 425, 429, 500, 502, 503, 504, 599])
def test_asking_again_may_help_after(status: int, server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(b"", status, headers={"Retry-After": "7"})
    with pytest.raises(FetchError, match=f"data.example .*answered {status}") as caught:
        fetcher.fetch(URL)
    assert caught.value.status == status
    assert caught.value.retry_after == (None if status in (204, 206) else 7.0)


@pytest.mark.parametrize("status", [201, 300, 305, 400, 401, 403, 404, 405, 406, 410, 414, 451])
def test_asking_again_will_not_help_after(status: int, server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(b"<!doctype html>" + b"<p>no</p>" * 9000, status, "text/html")
    with pytest.raises(FetchRefused, match=f"data.example .*answered {status}") as caught:
        fetcher.fetch(URL)
    assert caught.value.status == status


NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("86401", 86_400.0),
        ("9" * 5000, 86_400.0),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sunday, 22-Nov-26 12:01:30 GMT", 90.0),
        ("Sun Nov 22 12:01:30 2026", 90.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2099 11:00:00 GMT", 86_400.0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("Sun, 99 Nov 2026 99:99:99 GMT", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_read_as(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_a_date_to_retry_after_is_measured_from_the_hosts_own_clock(server: HostileServer, fetcher: Fetcher) -> None:
    later = (datetime.now(UTC) + timedelta(seconds=300)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.pages[PLACE] = Reply(b"", 503, headers={"Retry-After": later})  # the server dates its answers itself
    with pytest.raises(FetchError, match="ask again in") as caught:
        fetcher.fetch(URL)
    assert caught.value.retry_after is not None
    assert 295 <= caught.value.retry_after <= 301
    assert retry_after(later, None) is None


def test_a_body_cut_short_is_an_error(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(b"x" * 1000, fault="cut")
    with pytest.raises(FetchError, match=r"data.example .*received 500 bytes, expected 1000"):
        fetcher.fetch(URL)


def test_a_chunked_body_cut_short_is_an_error(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(fault="cut chunks")
    with pytest.raises(FetchError, match=r"data.example .*broke off its answer"):
        fetcher.fetch(URL)


def test_a_dropped_connection_is_an_error(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(fault="drop")
    with pytest.raises(FetchError, match=r"data.example .*broke off its answer"):
        fetcher.fetch(URL)


def test_a_host_where_nobody_listens_is_an_error() -> None:
    with HostileServer() as gone:
        url = gone.url
    with Fetcher(AGENT, mirror=url) as asks, pytest.raises(FetchError, match=r"robots.txt could not be read.*reached"):
        asks.fetch(URL)


@pytest.mark.parametrize("fault", ["drip", "drip head"])
def test_the_deadline_ends_a_host_that_is_never_quite_silent(fault: str, server: HostileServer) -> None:
    server.pages[PLACE] = Reply(b"[" + b" " * 1000 + b"]", fault=fault)
    with Fetcher(AGENT, mirror=server.url, limits=Limits(seconds=0.6, read_seconds=0.4)) as asks:
        began = time.monotonic()
        with pytest.raises(FetchError, match=r"no whole document within 0.6 s"):
            asks.fetch(URL)
        assert 0.5 < time.monotonic() - began < 1.5


def test_the_deadline_ends_a_host_that_never_pauses(server: HostileServer) -> None:
    ticks = itertools.count(0.0, 0.5)  # half a second passes whenever the clock is looked at
    server.pages[PLACE] = Reply(b"x" * 16 * 1024 * 1024)
    fetcher = Fetcher(AGENT, mirror=server.url, monotonic=lambda: next(ticks))
    with fetcher, pytest.raises(FetchError, match="no whole document within 30 s"):
        fetcher.fetch(URL)


def test_a_silent_host_is_given_up_before_the_deadline(server: HostileServer) -> None:
    server.pause = 2.0
    server.pages[ROBOTS] = Reply(status=304)  # answered at once, and not a document: nothing is asked
    with Fetcher(AGENT, mirror=server.url, limits=Limits(seconds=30, read_seconds=0.2)) as asks:
        with pytest.raises(FetchError, match=r"robots.txt could not be read"):
            asks.fetch(URL)
        server.pages[ROBOTS] = Reply(b"", 404)
        began = time.monotonic()
        with pytest.raises(FetchError, match="fell silent"):
            asks.fetch(URL)
        assert time.monotonic() - began < 1.5


def test_the_wait_for_a_turn_does_not_count_against_the_deadline(server: HostileServer) -> None:
    clock = Clock()
    pace = Pacer(100.0, sleep=clock.sleep, monotonic=clock)
    with Fetcher(AGENT, mirror=server.url, pace=pace, limits=Limits(seconds=5), monotonic=clock) as asks:
        got = asks.fetch(URL)
    assert clock.slept == [100.0]
    assert isinstance(got, Fetched)
    assert got.elapsed == 0.0


@pytest.mark.parametrize("media_type", ["text/html", "text/html; charset=utf-8", "application/xhtml+xml", ""])
def test_a_web_page_instead_of_data_is_refused(media_type: str, server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(b"\xef\xbb\xbf\n <!DOCTYPE html><div id=root></div>", 200, media_type)
    with pytest.raises(FetchRefused, match="web page instead of application/json or text/csv"):
        fetcher.fetch(URL, accept=("application/json", "text/csv"))
    with pytest.raises(FetchRefused, match=r"web page instead of a .json file"):
        fetcher.fetch(URL)


def test_a_web_page_is_taken_where_one_is_wanted(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages["data.example/news"] = Reply(b"<!doctype html><p>news</p>", 200, "text/html")
    assert isinstance(fetcher.fetch("https://data.example/news"), Fetched)
    assert isinstance(fetcher.fetch("https://data.example/news", accept=("text/html",)), Fetched)


@pytest.mark.parametrize("media_type", ["application/octet-stream", "text/plain", "binary/octet-stream", ""])
def test_a_wrong_but_plausible_type_passes(media_type: str, server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(b"[1]", media_type=media_type)
    got = fetcher.fetch(URL, accept=("application/json",))
    assert isinstance(got, Fetched)
    assert got.media_type == media_type


def test_a_picture_is_no_data(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(b"\x89PNG", media_type="image/png")
    with pytest.raises(FetchRefused, match="image/png instead of application/json"):
        fetcher.fetch(URL, accept=("application/json",))


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_an_empty_body_is_an_error_that_may_pass(
    headers: dict[str, str], server: HostileServer, fetcher: Fetcher
) -> None:
    server.pages[PLACE] = Reply(gzip.compress(b"") if headers else b"", headers=headers)
    with pytest.raises(FetchError, match=r"data.example .*empty body"):
        fetcher.fetch(URL)


def test_sixty_four_mebibytes_are_read_and_a_byte_more_is_not(server: HostileServer, fetcher: Fetcher) -> None:
    """Told by what is announced: where it may be read, the body that is missing is noticed."""
    server.pages[PLACE] = Reply(b"[1]", headers={"Content-Length": str(64 * 1024**2 + 1)}, fault="cut")
    with pytest.raises(FetchRefused, match="announced 67108865 bytes, more than the limit of 67108864"):
        fetcher.fetch(URL)
    server.pages[PLACE] = Reply(b"[1]", headers={"Content-Length": str(64 * 1024**2)}, fault="cut")
    with pytest.raises(FetchError, match="broke off its answer"):
        fetcher.fetch(URL)


def test_a_body_over_the_limit_is_refused_before_it_is_read(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(b"x" * 1001)
    with pytest.raises(FetchRefused, match="announced 1001 bytes, more than the limit of 1000"):
        fetcher.fetch(URL, max_bytes=1000)
    server.pages[PLACE] = Reply(b"x" * 1001, framed=False)
    with pytest.raises(FetchRefused, match="sent more than the limit of 1000"):
        fetcher.fetch(URL, max_bytes=1000)
    server.pages[PLACE] = Reply(b"x" * 1000, framed=False)
    assert isinstance(fetcher.fetch(URL, max_bytes=1000), Fetched)


def test_the_limit_counts_decoded_bytes(server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(gzip.compress(b"x" * 1001), headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchRefused, match="sent more than the limit of 1000"):
        fetcher.fetch(URL, max_bytes=1000)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_an_encoding_that_was_not_offered_is_refused(encoding: str, server: HostileServer, fetcher: Fetcher) -> None:
    server.pages[PLACE] = Reply(b"\x00" * 809, headers={"Content-Encoding": encoding})
    with pytest.raises(FetchRefused, match=f"as {encoding}, which was not offered"):
        fetcher.fetch(URL)


@pytest.mark.parametrize(
    "spoil", [lambda body: body[:-9], lambda body: body[:20] + b"\x55" * 20, lambda body: b"plain"]
)
def test_a_broken_compressed_body_is_an_error(
    spoil: Callable[[bytes], bytes], server: HostileServer, fetcher: Fetcher
) -> None:
    server.pages[PLACE] = Reply(spoil(gzip.compress(os.urandom(500))), headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchError, match=r"data.example .*broken gzip body"):
        fetcher.fetch(URL)


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@given(
    parts=st.lists(st.binary(min_size=1, max_size=300).map(lambda part: part * 300), min_size=1, max_size=3),
    packed=st.sampled_from(["gzip", "x-gzip", "deflate", "raw deflate"]),
    step=st.integers(1, 5000),
)
def test_a_compressed_body_reads_the_same_however_it_is_cut_into_chunks(
    parts: list[bytes], packed: str, step: int
) -> None:
    body = b"".join(parts)
    if packed.endswith("gzip"):
        wire = b"".join(gzip.compress(part) for part in parts) + b"\0\0"  # members, and the padding of some writers
    else:
        wire = zlib.compress(body) if packed == "deflate" else raw_deflate(body)
    chunks = [wire[at : at + step] for at in range(0, len(wire), step)]
    answer = Answer("data.example", 200, httpx.Headers({"Content-Encoding": packed.split()[-1]}), chunks)
    assert answer.read(10**7, 200.0) == body
