"""A small local HTTP server that answers as it is told, faults included, and remembers what it was asked."""

import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpcore

from tracker.fetch import Fetcher

AGENT = "LandscapeTracker/1.0 (+https://tracker.example/about; mail@tracker.example)"
PUBLIC = "93.184.215.14"
URL = "https://data.example/scores.json"
PLACE = "data.example/scores.json"
ROBOTS = "data.example/robots.txt"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Reply:
    """One answer. `fault` is "", "drop", "cut" (half of the announced body), "cut chunks", "drip" or "drip head"."""

    body: bytes = b"{}"
    status: int = 200
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    framed: bool = True


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it: `place` is host and path, with the query."""

    at: float
    place: str
    headers: dict[str, str]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "HostileServer"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        pass

    def do_GET(self) -> None:
        host = self.headers.get("Host", "")
        place = self.path[1:] if host.startswith("127.0.0.1") else host + self.path
        reply = self.server.pages.get(place, Reply(b"no such page", 404, "text/html"))
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append(Asked(time.monotonic(), place, headers))
        # Counted before the answer goes out: once it has, the client may rightly come back.
        with self.server.counting:
            self.server.running += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.running)
        self.server.closing.wait(self.server.pause)
        with self.server.counting:
            self.server.running -= 1
        try:
            self.answer(reply)
        except OSError:
            self.close_connection = True  # the client had enough, as it should

    def answer(self, reply: Reply) -> None:
        if reply.fault == "drop":
            self.close_connection = True
            return
        if reply.fault == "drip head":
            self.drip(b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 1000)
            return
        self.send_response(reply.status)
        headers = {"Content-Type": reply.media_type, **reply.headers}
        if reply.fault == "cut chunks":
            headers["Transfer-Encoding"] = "chunked"
        elif reply.framed and reply.status != 304:
            headers.setdefault("Content-Length", str(len(reply.body)))
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if reply.fault or not reply.framed:
            self.close_connection = True
        if reply.fault == "cut":
            self.wfile.write(reply.body[: len(reply.body) // 2])
        elif reply.fault == "cut chunks":
            self.wfile.write(b"5\r\nhello\r\n")
        elif reply.fault == "drip":
            self.drip(reply.body)
        elif reply.status != 304:
            self.wfile.write(reply.body)

    def drip(self, data: bytes) -> None:
        """A byte every twentieth of a second: never silent long enough for a read timeout."""
        self.close_connection = True
        for byte in data:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.closing.wait(0.05):
                return


class HostileServer(ThreadingHTTPServer):
    """`pages` says what is where ("host/path"); a list of replies is given one by one, the last for ever."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, Reply | list[Reply]] = {}
        self.asked: list[Asked] = []
        self.pause = 0.0
        self.running = self.most_at_once = 0
        self.counting = threading.Lock()
        self.closing = threading.Event()
        self.port: int = self.server_address[1]
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def places(self) -> list[str]:
        return [request.place for request in self.asked]

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # broken connections are what it is for

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


class Dialler(httpcore.SyncBackend):
    """Takes the place of the internet: whatever public address is connected to, our own server answers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.dialled: list[tuple[str, int]] = []

    def connect_tcp(self, host: str, port: int, *rest: Any, **named: Any) -> httpcore.NetworkStream:
        self.dialled.append((host, port))
        return super().connect_tcp("127.0.0.1", self.port, *rest, **named)


class Resolver:
    """Gives one answer after another, the last for ever, and counts."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = answers, 0

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


Direct = Callable[..., tuple[Fetcher, Dialler]]
