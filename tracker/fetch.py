"""The only HTTP client of the product: polite, conditional, bounded in time and size, unable to reach inside a network.

It stands on httpcore, the network layer of httpx, because only there can the address that was checked be the address
that is connected to; httpx itself would look the name up a second time.
"""

import logging
import re
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from types import TracebackType
from typing import Self, TypeVar

import httpcore
import httpx
from protego import Protego

from tracker.addresses import PORTS, Network, look_up, public_url
from tracker.answers import Answer, Fetched, FetchError, FetchRefused, NotModified, expected_type, is_web_page

logger = logging.getLogger(__name__)

__all__ = ["FetchError", "FetchRefused", "Fetched", "Fetcher", "Limits", "NotModified", "Pace", "Pacer", "backoff"]

REDIRECTS = {301, 302, 303, 307, 308}
ROBOTS_BYTES = 500 * 1024
ROBOTS_SECONDS = 24 * 3600
LONGEST_CRAWL_DELAY = 60.0
# Seconds between two requests that hosts ask for in their terms and not in their robots.txt.
GAPS = {
    "export.arxiv.org": 3.0,
    "rss.arxiv.org": 3.0,
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of our time and memory one document may cost. `seconds` leaves out the wait for a turn."""

    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    seconds: float = 30.0
    max_bytes: int = 64 * 1024 * 1024
    ratio: float = 200.0
    redirects: int = 5


Pace = Callable[[str, float], AbstractContextManager[object]]
"""A turn at a host: entering it waits until the host may be asked (never sooner after the last request than the given
seconds, which is the host's Crawl-delay), leaving it says that the request is over."""


class Pacer:
    """Turns within one process: one request at a time to a host, and `gap` seconds between two."""

    def __init__(
        self,
        gap: float = 2.0,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gap, self._sleep, self._monotonic = gap, sleep, monotonic
        self._guard = threading.Lock()
        self._hosts: dict[str, threading.Lock] = {}
        self._ended: dict[str, float] = {}

    @contextmanager
    def __call__(self, host: str, at_least: float) -> Iterator[None]:
        with self._guard:
            turn = self._hosts.setdefault(host, threading.Lock())
        with turn:
            if host in self._ended:
                wait = self._ended[host] + max(self._gap, at_least) - self._monotonic()
                if wait > 0:
                    self._sleep(wait)
            try:
                yield
            finally:
                self._ended[host] = self._monotonic()


def backoff(
    attempt: int,
    *,
    retry_after: float | None,
    random: Callable[[], float],
    base: float = 30.0,
    cap: float = 3600.0,
) -> float:
    """Seconds before attempt number `attempt` + 1: what the host asked for, else anything up to a doubling ceiling."""
    if retry_after:
        return retry_after
    return random() * min(cap, base * 2.0 ** min(max(attempt, 1) - 1, 30))


class Fetcher:
    """Asks for documents. One thread at a time uses a Fetcher; threads share a Pacer, processes a `pace`."""

    def __init__(
        self,
        user_agent: str,
        *,
        mirror: str | None = None,
        limits: Limits | None = None,
        pace: Pace | None = None,
        resolve: Callable[[str, int], Sequence[str]] = look_up,
        network: httpcore.NetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        # RFC 9309: robots.txt can only name a token of letters, "-" and "_"; and a host needs somebody to write to.
        name = re.match(r"([A-Za-z_-]+)(?:[/ ][ -~]*)?(?:://|@)[ -~]*\Z", user_agent)
        if name is None:
            raise ValueError(f"user agent {user_agent!r} must read: name/version (+URL or address to write to)")
        self._name, self._user_agent = name[1], user_agent
        self._mirror = _mirror_url(mirror) if mirror else None
        self._limits = limits or Limits()
        # A mirror is the operator's own machine: there is nobody to be polite to, unless its robots.txt says so.
        self._pace = pace or Pacer(0.0 if mirror else 2.0, sleep=sleep, monotonic=monotonic)
        self._monotonic = monotonic
        self._gaps = {} if mirror else GAPS
        self._robots: dict[str, tuple[float, Protego]] = {}
        exempt = None
        if self._mirror is not None:
            exempt = self._mirror.raw_host.decode("ascii"), self._mirror.port or PORTS[self._mirror.scheme]
        self._network = Network(network or httpcore.SyncBackend(), resolve, exempt, monotonic)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or _trusted_roots(),
            max_connections=4,
            keepalive_expiry=5.0,
            network_backend=self._network,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._pool.close()

    def fetch(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        max_bytes: int | None = None,
        accept: Sequence[str] = (),
        onward: Callable[[bytes], str] | None = None,
    ) -> Fetched | NotModified:
        """The document at `url`, or NotModified if it is still the one these validators came with.

        `accept` lists the media types the caller can read. `onward` gives the address that a body only points to, blank
        for one that is the document itself; the document there comes with the pointer's validators, so that it is asked
        for again when the pointer has changed. Raises FetchError and FetchRefused.
        """
        self._network.begin(self._monotonic() + self._limits.seconds)
        headers = {"Accept": ", ".join([*accept, "*/*;q=0.1"]) if accept else "*/*"}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified

        def read(at: httpx.URL, answer: Answer) -> Fetched | NotModified:
            sent = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
            if answer.status == 304 and (etag or last_modified):
                # There is no body; having read it to its end keeps the connection for the next document.
                deque(answer.chunks, maxlen=0)
                return NotModified(str(at), sent[0] or etag, sent[1] or last_modified, self._spent())
            answer.expect_a_document()
            expected = expected_type(at.path, accept)
            media_type = answer.guard_type(expected, accept)
            body = answer.read(self._limits.max_bytes if max_bytes is None else max_bytes, self._limits.ratio)
            if not body:
                # A publisher that replaces a file in place shows it empty for a moment: the next try often finds it.
                raise FetchError(f"{answer.host} answered {answer.status} with an empty body", status=answer.status)
            if expected and is_web_page(body):
                raise FetchRefused(
                    f"{answer.host} answered with a web page instead of {expected}", status=answer.status
                )
            return Fetched(str(at), answer.status, body, media_type, *sent, self._spent())

        first = self._follow(_permitted(url), headers, read, obey=True)
        if onward is None or isinstance(first, NotModified) or not (there := onward(first.body)):
            return first
        etag = last_modified = ""  # of another document
        second = self._follow(_permitted(there), {"Accept": headers["Accept"]}, read, obey=True)
        return replace(second, etag=first.etag, last_modified=first.last_modified)

    def _follow(
        self, url: httpx.URL, headers: dict[str, str], read: Callable[[httpx.URL, Answer], T], *, obey: bool
    ) -> T:
        """What `read` makes of the first answer that is no redirect; every hop is checked like the first."""
        for _ in range(self._limits.redirects + 1):
            gap = max(self._obey(url) if obey else 0.0, self._gaps.get(url.host, 0.0))
            with self._ask(url, headers, gap) as answer:
                if answer.status not in REDIRECTS:
                    return read(url, answer)
                url = self._next(url, answer)
        raise FetchRefused(
            f"{url.host} redirects more than {self._limits.redirects} times, or in a circle", status=answer.status
        )

    def _next(self, url: httpx.URL, answer: Answer) -> httpx.URL:
        location = answer.headers.get("Location", "")
        if not location:
            raise FetchRefused(f"{url.host} answered {answer.status} without saying where to", status=answer.status)
        try:
            target = str(self._target(url).join(location))
        except httpx.InvalidURL as error:
            raise FetchRefused(f"{url.host} redirects to what is not a URL ({error})") from error
        if self._mirror is not None and target.startswith(f"{self._mirror}/"):
            target = f"{url.scheme}://{target.removeprefix(f'{self._mirror}/')}"
        try:
            there = public_url(target)
        except ValueError as error:
            raise FetchRefused(f"{url.host} redirects to {target[:200]}, which is refused: {error}") from error
        if url.scheme == "https" and there.scheme == "http":
            # Anybody on the way could then change the document that TLS was to protect.
            raise FetchRefused(f"{url.host} redirects from https to http ({str(there)[:200]}), which is refused")
        return there

    def _target(self, url: httpx.URL) -> httpx.URL:
        """Where a URL is really asked for: at the mirror, if there is one."""
        if self._mirror is None:
            return url
        return httpx.URL(f"{self._mirror}/{url.netloc.decode('ascii')}{url.raw_path.decode('ascii')}")

    @contextmanager
    def _ask(self, url: httpx.URL, headers: dict[str, str], gap: float) -> Iterator[Answer]:
        target = self._target(url)
        host = url.host if self._mirror is None else f"{url.host} (at the mirror {self._mirror})"
        sent = {"Host": target.netloc.decode("ascii"), "User-Agent": self._user_agent, **headers}
        sent["Accept-Encoding"] = "gzip, deflate"
        limits = self._limits
        timeouts = {"connect": limits.connect_seconds, "read": limits.read_seconds, "write": limits.read_seconds}
        waiting = self._monotonic()
        with self._pace(url.host, gap):
            # Waiting for a turn is our choice, not the host's slowness.
            self._network.ends += self._monotonic() - waiting
            try:
                with self._pool.stream(
                    "GET",
                    httpcore.URL(
                        scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path
                    ),
                    headers=[(name, value.encode("latin-1")) for name, value in sent.items()],
                    extensions={"timeout": {**timeouts, "pool": limits.connect_seconds}},
                ) as response:
                    chunks = self._in_time(host, response.iter_stream())
                    yield Answer(host, response.status, httpx.Headers(response.headers), chunks)
            except httpcore.TimeoutException as error:
                self._check_time(host)
                what = "could not be reached" if isinstance(error, httpcore.ConnectTimeout) else "fell silent"
                raise FetchError(f"{host} {what}: nothing came for too long") from error
            except httpcore.ConnectError as error:
                raise FetchError(f"{host} could not be reached: {error}") from error
            except (httpcore.NetworkError, httpcore.ProtocolError) as error:
                raise FetchError(f"{host} broke off its answer: {error}") from error

    def _in_time(self, host: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._check_time(host)
            yield chunk

    def _spent(self) -> float:
        """Seconds that this document has cost so far, without the waits for turns."""
        return self._limits.seconds - (self._network.ends - self._monotonic())

    def _check_time(self, host: str) -> None:
        if self._monotonic() >= self._network.ends:
            raise FetchError(f"{host} was too slow: no whole document within {self._limits.seconds:g} s")

    def _obey(self, url: httpx.URL) -> float:
        """The host's Crawl-delay. Raises FetchRefused where its robots.txt (RFC 9309) does not let us in."""
        place = f"{url.scheme}://{url.netloc.decode('ascii')}"
        until, rules = self._robots.get(place, (0.0, None))
        if rules is None or self._monotonic() >= until:
            rules = self._read_robots(url.copy_with(raw_path=b"/robots.txt"))
            self._robots[place] = self._monotonic() + ROBOTS_SECONDS, rules
        if not rules.can_fetch(str(url), self._name):
            raise FetchRefused(f"{url.host}'s robots.txt does not let {self._name} read {url.path}")
        return min(rules.crawl_delay(self._name) or 0.0, LONGEST_CRAWL_DELAY)

    def _read_robots(self, url: httpx.URL) -> Protego:
        def read(at: httpx.URL, answer: Answer) -> str:
            if answer.status == 204:
                return ""
            answer.expect_a_document()
            body = answer.read(ROBOTS_BYTES, self._limits.ratio, cut=True)
            if len(body) == ROBOTS_BYTES:
                # The line cut in two would be another rule.
                body = body.rpartition(b"\n")[0]
            return body.decode("utf-8-sig", "replace")

        try:
            rules = Protego.parse(self._follow(url, {"Accept": "text/plain, */*;q=0.1"}, read, obey=False))
        except FetchRefused as refused:
            if refused.status is None:
                raise
            # RFC 9309, 2.3.1.3: a robots.txt that is not there, or only redirects, forbids nothing.
            return Protego.parse("")
        except FetchError as error:
            raise FetchError(
                f"{url.host}'s robots.txt could not be read, so nothing is asked there for now: {error}",
                retry_after=error.retry_after,
                status=error.status,
            ) from error
        if (delay := rules.crawl_delay(self._name) or 0.0) > LONGEST_CRAWL_DELAY:
            logger.warning("%s asks for %g s between requests; we wait %g s", url.host, delay, LONGEST_CRAWL_DELAY)
        return rules


@cache
def _trusted_roots() -> ssl.SSLContext:
    """The usual certificate authorities, whatever the environment names: as with proxies, it is not looked at."""
    return httpx.create_ssl_context(trust_env=False)


def _permitted(url: str) -> httpx.URL:
    try:
        return public_url(url)
    except ValueError as error:
        raise FetchRefused(f"{url[:200]} is refused: {error}") from error


def _mirror_url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text.rstrip("/"))
    except httpx.InvalidURL as error:
        raise ValueError(f"the mirror {text!r} is not a URL: {error}") from error
    if url.scheme not in PORTS or not url.host or url.userinfo or url.query or url.fragment:
        raise ValueError(f"the mirror {text!r} must read http://host:port, with a path if need be")
    return url.copy_with(port=None if url.port == PORTS[url.scheme] else url.port)
