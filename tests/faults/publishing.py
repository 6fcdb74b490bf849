"""The publisher of the fault suite: new vintages on a seeded schedule, faults on demand, and a log of every request."""

import hashlib
import json
import random
import threading
import time
from pathlib import Path
from typing import Any

from tests.faults.world import URLS, Vintage, World
from tests.pipeline.local_publisher import PAGE, ROBOTS, Publisher, _Handler
from tests.pipeline.vintages import PANEL

WAIT = "2"  # seconds


class Log:
    """Lines of JSON that are on the disk before anybody acts on them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def write(self, **told: Any) -> None:
        with self._lock:
            self._file.write(json.dumps({"at": time.time(), **told}) + "\n")


class _Logged(_Handler):
    server: "Press"

    def do_GET(self) -> None:  # noqa: N802
        press, place = self.server, self.path[1:]
        if place.endswith("/robots.txt"):
            self.send(200, ROBOTS, "text/plain")
            return
        press.came.release()
        while press.hold.is_set() and not press.closing.wait(0.02):
            pass
        fault = press.faults.get(place, "")
        published = press.documents.get(place)
        told: dict[str, Any] = {"place": place, "fault": fault}
        try:
            if fault and published is not None:
                status, send = self.faulty(fault, place)
            elif published is None:
                status, send = 404, lambda: self.send(404, PAGE, "text/html")
            elif self.headers.get("If-None-Match") == published.etag:
                tag = published.etag
                status, send = 304, lambda: self.send(304, b"", published.media_type, ETag=tag)
            else:
                body, tag = published.body, published.etag
                status, send = 200, lambda: self.send(200, body, published.media_type, ETag=tag)
                told["sha256"] = hashlib.sha256(body).hexdigest()
            send()
        except OSError:
            self.close_connection = True
            press.log.write(**told, whole=False)
            return
        press.log.write(**told, status=status, whole=not fault)

    def faulty(self, fault: str, place: str) -> Any:
        """A host that names a time names a short one here, as all waits are short; and one byte a second is slower than
        anybody's patience."""
        published = self.server.documents[place]
        match fault:
            case "429" | "503":
                return int(fault), lambda: self.send(int(fault), b"later", "text/plain", **{"Retry-After": WAIT})
            case "slow":
                return 200, lambda: self.part(published.body, published.media_type, pause=1.0)
        return super().faulty(fault, place)


class Press(Publisher):
    """Publishes a world. While `hold` is set, no answer is given; `came` counts the requests."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.RequestHandlerClass = _Logged
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.log = Log(folder / "requests.jsonl")
        self.hold = threading.Event()
        self.came = threading.Semaphore(0)
        self.latest: dict[str, Vintage] = {}
        # Until a good vintage of each is current, nobody can say that another one has too few rows.
        self.known = threading.Event()
        self._pausing, self._ending = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._printer: threading.Thread | None = None

    def issue(self, vintage: Vintage) -> None:
        vintage.keep(self.folder)
        self.latest[vintage.url] = vintage
        self.put(vintage.url, vintage.body, vintage.media_type)
        self.log.write(published=vintage.url, sha256=vintage.sha256, good=vintage.good, number=vintage.number)

    def begin(self, world: World, chance: random.Random, *, every: float) -> None:
        """Publish all documents, then one of them about `every` so many seconds; one in eight is broken, once they
        are known."""
        with self._lock:
            for url in URLS:
                self.issue(world.now(url))

        def work() -> None:
            while not self._ending.wait(chance.uniform(0.3, 1.7) * every):
                with self._lock:
                    if not self._pausing.is_set():
                        url = chance.choice((PANEL, *URLS))
                        broken = chance.random() < 0.125 and self.known.is_set()
                        self.issue(world.broken(url) if broken else world.step(url))

        self._ending.clear()
        self._printer = threading.Thread(target=work, daemon=True)
        self._printer.start()

    def fresh(self, world: World, url: str) -> None:
        """A good vintage now, whatever the schedule says."""
        with self._lock:
            self.issue(world.step(url))

    def settle(self, world: World) -> None:
        """No more vintages; the last of each document is a good one."""
        with self._lock:
            self._pausing.set()
            self.faults.clear()
            self.hold.clear()
            for url in URLS:
                self.issue(world.step(url))

    def go_on(self) -> None:
        self._pausing.clear()

    def asked(self, *, seconds: float) -> bool:
        """Whether a request comes from now on."""
        while self.came.acquire(blocking=False):
            pass
        return self.came.acquire(timeout=seconds)

    def stop(self) -> None:
        self._ending.set()
        if self._printer is not None:
            self._printer.join()
