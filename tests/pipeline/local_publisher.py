"""A publisher on this machine: documents by host and path with ETags and 304, faults on demand, a log."""

import gzip
import hashlib
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from types import TracebackType
from typing import Self

ROBOTS = b"User-agent: *\nDisallow: /private/\n"
PAGE = b"<!doctype html><title>x</title>" + b"<p>not what you asked for</p>" * 200
SHELL = b"<!doctype html><div id=root></div><script src=/app.js></script>"


@dataclass
class Published:
    """One document at its address. Without `validators` it comes with neither ETag nor Last-Modified."""

    body: bytes
    media_type: str = "application/json"
    validators: bool = True

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


@dataclass(frozen=True)
class Request:
    """One request as the server saw it: when it began and ended, and what was answered."""

    place: str
    status: int
    began: float
    ended: float
    headers: dict[str, str] = field(repr=False)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Publisher"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        pass

    def do_GET(self) -> None:
        publisher, place, began = self.server, self.path[1:], time.monotonic()
        if place.endswith("/robots.txt"):
            self.send(200, ROBOTS, "text/plain")
            return
        publisher.arrived.set()
        publisher.closing.wait(publisher.pause)
        # Noted before the answer goes out: once the client has it, the next may rightly come.
        try:
            fault = publisher.faults.get(place, "")
            status, send = self.faulty(fault, place) if fault else self.whole(place)
            headers = {name.lower(): value for name, value in self.headers.items()}
            publisher.requests.append(Request(place, status, began, time.monotonic(), headers))
            send()
        except OSError:
            self.close_connection = True

    def whole(self, place: str):
        published = self.server.documents.get(place)
        if published is None:
            return 404, lambda: self.send(404, PAGE, "text/html")
        validators = {"ETag": published.etag} if published.validators else {}
        if published.validators and self.headers.get("If-None-Match") == published.etag:
            return 304, lambda: self.send(304, b"", published.media_type, **validators)
        return 200, lambda: self.send(200, published.body, published.media_type, **validators)

    def faulty(self, fault: str, place: str):
        body = self.server.documents[place].body
        kind = self.server.documents[place].media_type
        match fault:
            case "500":
                return 500, lambda: self.send(500, b"trouble", "text/plain")
            case "429" | "503":
                wait = {"Retry-After": "120"}
                return int(fault), lambda: self.send(int(fault), b"later", "text/plain", **wait)
            case "404html":
                return 404, lambda: self.send(404, PAGE, "text/html")
            case "html200":
                return 200, lambda: self.send(200, SHELL, "text/html")
            case "empty":
                return 200, lambda: self.send(200, b"", kind)
            case "badtype":
                return 200, lambda: self.send(200, body, "image/png")
            case "bomb":
                return 200, lambda: self.send(200, bomb(), kind, **{"Content-Encoding": "gzip"})
            case "redirect-private":
                return 302, lambda: self.send(302, b"", kind, Location="http://169.254.169.254/latest/meta-data/")
            case "redirect-loop":
                return 302, lambda: self.send(302, b"", kind, Location=self.path)
            case "drop":
                self.close_connection = True
                return 0, lambda: None
            case "truncated":
                return 200, lambda: self.part(body, kind, pause=0.0)
            case "slow":
                return 200, lambda: self.part(body, kind, pause=0.05)
        raise AssertionError(f"{fault} is no fault of this publisher")

    def send(self, status: int, body: bytes, media_type: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(body)), **headers}.items():
            if not (status == 304 and name == "Content-Length"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def part(self, body: bytes, media_type: str, *, pause: float) -> None:
        """All of the body is announced: half of it comes at once, or every byte of it after a pause."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not pause:
            self.wfile.write(body[: len(body) // 2])
            return
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.closing.wait(pause):
                return


class Publisher(ThreadingHTTPServer):
    """Serves `documents` ("host/path" to Published) as SOURCE_MIRROR expects them; `faults` maps places to modes."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.documents: dict[str, Published] = {}
        self.faults: dict[str, str] = {}
        self.requests: list[Request] = []
        self.pause = 0.0
        self.arrived = threading.Event()
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def put(self, url: str, body: bytes, media_type: str = "application/json", *, validators: bool = True) -> None:
        """Publish a document at its live address, or its next vintage."""
        self.documents[url.removeprefix("https://")] = Published(body, media_type, validators)

    def fail(self, url: str, mode: str) -> None:
        self.faults[url.removeprefix("https://")] = mode

    def statuses(self) -> list[int]:
        return [request.status for request in self.requests]

    def overlaps(self) -> int:
        """How many requests began before the one before them had been answered."""
        ordered = sorted(self.requests, key=lambda request: request.began)
        return sum(later.began < earlier.ended for earlier, later in pairwise(ordered))

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # connections that break are part of what is served here

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


@cache
def bomb() -> bytes:
    """Kilobytes that unpack to dozens of megabytes."""
    return gzip.compress(bytes(48 * 2**20), 9)
