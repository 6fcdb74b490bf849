"""Server time, queries, bytes and requests a second of the main pages; the table of scores beside Datasette's."""

import gzip
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import CommandError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone
from whitenoise.compress import Compressor

from benchmarks import _beside_datasette, _server, _world
from benchmarks._spread import WARM, spread
from tracker.models import Score
from tracker.pipeline.versions import raise_data_version
from tracker.views import kept

ROUNDS: Final = 7
FEW: Final = 1_000
CLIENTS: Final = 200
RATED: Final = "/scores/"
PAGES: Final = (
    "/", "/gap/", "/models/", "/models/gpt-5/", "/benchmarks/", "/benchmarks/gpqa-diamond/", "/scores/", "/openness/",
    "/licences/", "/claims/", "/data/",
)  # fmt: skip
PARTS: Final = ("queries", "time", "bytes", "rates", "change")

Write = Callable[[str], None]


def run(write: Write, *, scores: int = 200_000, datasette: bool = False, parts: str = ",".join(PARTS)) -> None:
    """In a database of its own. About ten minutes on two quiet cores at 200,000 scores, most of it to make them."""
    wanted = {part.strip() for part in parts.split(",")}
    if unknown := wanted - set(PARTS):
        raise CommandError(f"there is no part {min(unknown)}; there are {', '.join(PARTS)}")
    with _world.world(write) as url, _scratch_state() as state:
        pages = [page for page in PAGES if _ask(page).status == 200]
        write(f"{_world.current():,} scores as loaded; pages {', '.join(pages)}")
        few = {}
        if "queries" in wanted:
            with _world.only(FEW):
                few = {page: _queries(page) for page in pages}
        total = _world.grow(scores)
        if "queries" in wanted:
            _queries_of_both(pages, few, total, write)
        if "time" in wanted:
            _server_time(pages, write)
        (state / "static" / SAME).write_bytes(b"\0" * len(_ask(RATED).body))
        with _server.served(url, state) as port:
            if "bytes" in wanted:
                _first_view(port, pages, write)
            if "rates" in wanted:
                _rates(port, state, write)
                _stampede(port, write)
            if "change" in wanted:
                _freshness(port, write)
            if datasette:
                _beside_datasette.compare(port, write)
            else:
                write("the table of scores beside Datasette: not asked for (--datasette)")


# In this process: what the server itself takes, without a network


class Answer:
    """What the application says to one request, how long it took, and how long the processor worked on it here."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes, seconds: float, worked: float) -> None:
        self.status, self.headers, self.body, self.seconds, self.worked = status, headers, body, seconds, worked


_application: list[WSGIHandler] = []


def _ask(path: str, *, etag: str = "", plain: bool = False) -> Answer:
    if not _application:
        _application.append(WSGIHandler())
    path, _, query = path.partition("?")
    told: dict[str, Any] = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(), "wsgi.errors": BytesIO(), "wsgi.version": (1, 0), "wsgi.multithread": True,
        "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip
    told |= {} if plain else {"HTTP_ACCEPT_ENCODING": "gzip"}
    told |= {"HTTP_IF_NONE_MATCH": etag} if etag else {}
    found: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        found.update(status=int(status[:3]), headers={name.lower(): value for name, value in headers})

    began, worked = time.perf_counter(), time.thread_time()
    response = _application[0](told, start)
    body = b"".join(response)
    seconds, worked = time.perf_counter() - began, time.thread_time() - worked
    response.close()
    return Answer(found["status"], found["headers"], body, seconds, worked)


def _forget() -> None:
    """Every page is cold again: nothing of them is held or lies on disk."""
    kept.SHELF = kept.Shelf()
    shutil.rmtree(Path(settings.STATE_DIR) / "pages", ignore_errors=True)


def _queries(page: str) -> int:
    """How many queries a cold page takes, the tag's own among them."""
    time.sleep(1.1)  # the tag of the second before says nothing of this one
    _forget()
    with CaptureQueriesContext(connection) as asked:
        _ask(page)
    return len(asked)


def _queries_of_both(pages: Sequence[str], few: dict[str, int], total: int, write: Write) -> None:
    write(f"queries of a page that nobody has asked for yet: with {FEW:,} scores, with {total:,}")
    more = 0
    for page in pages:
        many = _queries(page)
        more += many != few[page]
        write(f"  {page}: {few[page]}, {many}")
    for page in pages:
        _ask(page)
    with CaptureQueriesContext(connection) as asked:
        for page in pages:
            _ask(page)
    write(f"  {more} pages differ (promised: none); kept pages: {len(asked)} queries of {len(pages)} requests")


def _server_time(pages: Sequence[str], write: Write) -> None:
    """Kept, not changed and cold take turns, forwards and backwards."""
    write(
        f"server time in ms, {ROUNDS} rounds A B C C B A: median (least to most of the rounds' medians), and what the "
        "processor worked of it, which neighbours on the machine do not lengthen"
    )
    worst = {"kept": (0.0, 0.0), "304": (0.0, 0.0)}
    for page in pages:
        taken: dict[str, list[tuple[float, float]]] = {"kept": [], "304": [], "cold": []}
        for turn in range(ROUNDS + 1):
            etag = _ask(page).headers["etag"]
            arms: dict[str, Callable[[], tuple[float, float]]] = {
                "kept": partial(_median, partial(_ask, page)),
                "304": partial(_median, partial(_not_modified, page, etag)),
                "cold": partial(_cold, page),
            }
            for name in list(arms) if turn % 2 == 0 else reversed(list(arms)):
                seconds, worked = arms[name]()
                if turn:  # the first is for warming up
                    taken[name].append((1000 * seconds, 1000 * worked))
        told = []
        for name, found in taken.items():
            times, works = zip(*found, strict=True)
            told.append(f"{name} {spread(times)}, worked {spread(works)}")
            if name in worst:
                worst[name] = max(worst[name], (statistics.median(times), statistics.median(works)))
        write(f"  {page}: {'; '.join(told)}")
    (kept_page, worked), (same, worked_same) = worst.values()
    write(
        f"  slowest page: kept {kept_page:.2f}, worked {worked:.2f} (promised: at most 2); "
        f"304 {same:.2f}, worked {worked_same:.2f} (at most 1)"
    )


def _median(ask: Callable[[], Answer]) -> tuple[float, float]:
    found = [ask() for _ in range(WARM)]
    return statistics.median(one.seconds for one in found), statistics.median(one.worked for one in found)


def _not_modified(page: str, etag: str) -> Answer:
    answer = _ask(page, etag=etag)
    # Its hour or its state went by: the page was made anew, and is not what is measured.
    return answer if answer.status == 304 else _not_modified(page, answer.headers["etag"])


def _cold(page: str) -> tuple[float, float]:
    _forget()
    answer = _ask(page)
    return answer.seconds, answer.worked


# Over the network, from the server as it is run


class Loaded(HTMLParser):
    """What a browser asks for beside the page itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        wanted = tag in ("script", "img", "iframe") or (
            tag == "link" and {"stylesheet", "icon", "preload"} & set(told.get("rel", "").split())
        )
        url = told.get("href") or told.get("src")
        if wanted and url and not url.startswith("data:") and url not in self.urls:
            self.urls.append(url)


def _first_view(port: int, pages: Sequence[str], write: Write) -> None:
    write("first view: requests, kB on the wire, kB unpacked")
    most = (0, 0)
    for page in pages:
        _, headers, body = _server.get(port, page, {"Accept-Encoding": "gzip"})
        text = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        wire, raw, asked = len(body), len(text), 1
        for url in Loaded(text.decode()).urls:
            status, told, part = _server.get(port, url, {"Accept-Encoding": "gzip"})
            if status != 200:
                raise RuntimeError(f"{page} loads {url}, which answers {status}")
            wire, asked = wire + len(part), asked + 1
            raw += len(gzip.decompress(part)) if told.get("content-encoding") == "gzip" else len(part)
        write(f"  {page}: {asked} requests, {wire / 1000:.1f} kB, {raw / 1000:.1f} kB; the page alone {len(body):,} B")
        most = max(most[0], asked), max(most[1], wire)
    write(f"  most: {most[0]} requests (promised: at most 6), {most[1] / 1000:.1f} kB (at most 60)")


def _rates(port: int, state: Path, write: Write) -> None:
    page = RATED
    _, headers, body = _server.get(port, page, {"Accept-Encoding": "gzip"})
    same = f"/static/{SAME}"
    size = _server.get(port, same)[2]
    arms = {
        f"{page} kept, {len(body):,} B": (page, {}),
        f"{page} not changed": (page, {"If-None-Match": headers["etag"]}),
        f"a static file of {len(size):,} B": (same, {}),
    }
    found: dict[str, list[float]] = {name: [] for name in arms}
    for turn in range(ROUNDS + 1):
        for name in list(arms) if turn % 2 == 0 else reversed(list(arms)):
            path, told = arms[name]
            rate = _server.rate(port, path, dict(told), seconds=1.5)
            if turn:
                found[name].append(rate)
    write(f"requests a second of the real server, {_server.WORKERS} workers, 16 connections")
    for name, rates in found.items():
        write(f"  {name}: {spread(rates, 0)}")
    page_rates, same_rates, static = found.values()
    for name, rates in (("kept page", page_rates), ("304", same_rates)):
        write(f"  {name} beside the static file: {spread([a / b for a, b in zip(rates, static, strict=True)])}")


def _stampede(port: int, write: Write) -> None:
    single = [_server.at_once(port, f"/scores/?limit={900 + turn}", 1)[0][0] for turn in range(3)]
    told = []
    for turn in range(3):
        answers = _server.at_once(port, f"/scores/?limit={800 + turn}", CLIENTS)
        made = sum(timing == "made" for _, timing in answers)
        told.append(f"{made} made, the last after {max(s for s, _ in answers) / statistics.median(single):.1f} times")
    write(
        f"{CLIENTS} clients ask for the same new page at once: {'; '.join(told)} one reader's wait (promised: 1 made)"
    )


def _freshness(port: int, write: Write) -> None:
    """A score changes as reading a document changes it: the old row ends, the new one begins, in one transaction."""
    like = Score.objects.filter(known_to=None, benchmark__unit="proportion", endpoint__source__may_display=True)
    waits: dict[str, float] = {}
    for turn in range(3):
        old = like.select_related("model", "benchmark", "endpoint").order_by("-pk")[turn]
        value, now = round(0.4 + 0.01234567 * (turn + 1), 8), timezone.now()
        name, test = old.model.slug, old.benchmark.slug
        plain, percent = repr(value).encode(), f"{100 * value:.1f} %".encode()
        places = {
            f"/models/{name}/": percent, f"/models/{name}.json": plain, f"/scores/?lab={old.model.lab.slug}": percent,
            f"/scores.json?benchmark={test}": plain, f"/scores.csv?benchmark={test}": plain,
            f"/api/v1/scores?model={name}&benchmark={test}": plain,
        }  # fmt: skip
        for path in places:
            _server.get(port, path)
        with transaction.atomic():
            Score.objects.filter(pk=old.pk).update(known_to=now, last_snapshot=old.first_snapshot)
            fresh = Score.objects.get(pk=old.pk)
            fresh.pk, fresh.value, fresh.known_from = None, value, now
            fresh.known_to, fresh.last_snapshot = None, None
            fresh.save()
            raise_data_version(now=now)
        committed = time.monotonic()
        # Each place has a reader of its own: none waits for another's answer.
        with ThreadPoolExecutor(len(places)) as pool:
            found = [pool.submit(_seen, port, path, words, committed) for path, words in places.items()]
            for path, seconds in zip(places, (one.result() for one in found), strict=True):
                kind = path.partition("?")[0].replace(name, "MODEL")
                waits[kind] = max(waits.get(kind, 0.0), seconds)
    write("seconds from the commit of a changed score until it is shown, the longest of three (promised: at most 2)")
    write(f"  {', '.join(f'{kind} {seconds:.2f}' for kind, seconds in waits.items())}")


def _seen(port: int, path: str, words: bytes, committed: float) -> float:
    """Seconds until the words are there; infinite when they never come."""
    while (waited := time.monotonic() - committed) < 30:
        if words in _server.get(port, path)[2]:
            return time.monotonic() - committed
        time.sleep(min(0.05, waited))
    return float("inf")


SAME: Final = "benchmark-same-size.bin"


@contextmanager
def _scratch_state() -> Iterator[Path]:
    """A state folder of the benchmark's own with the static files as a server finds them, and one file more."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        state.chmod(0o755)
        shutil.copytree(Path(settings.BASE_DIR) / "static", state / "static")
        for file in list((state / "static").rglob("*")):
            if file.is_file():
                list(Compressor(quiet=True, use_brotli=False).compress(str(file)))
        # Plain names, so that nothing need have been collected; the same bytes.
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        with override_settings(STATE_DIR=state, STORAGES={**settings.STORAGES, "staticfiles": plain}):
            yield state
