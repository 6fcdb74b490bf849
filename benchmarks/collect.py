"""Feeds polled a second from lease to stored answer, most of them unchanged, beside a bare asynchronous client."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, Final

import httpx

from benchmarks import _feeds
from benchmarks._scores import START
from benchmarks._scratch import scratch_database
from tracker.models import Endpoint, Fetch, Source
from tracker.sources import SOURCES

ROUNDS: Final = 5
WORKERS: Final = min(4, os.cpu_count() or 1)
AT_ONCE: Final = 50  # connections of the bare client
SOURCE: Final = "lab_feeds"
ROOT: Final = Path(__file__).resolve().parents[1]

Poll = Callable[[], Counter[str]]


def run(write: Callable[[str], None]) -> None:
    """In a database of its own, dropped at the end; the feeds, our workers and the bare client are processes apart."""
    with scratch_database() as url, ExitStack() as open_:
        port = int(open_.enter_context(_lines(["-m", "benchmarks._feeds"], {})).read())
        mirror = f"http://127.0.0.1:{port}"
        _install()
        workers = [
            open_.enter_context(
                _lines(["-m", "benchmarks._collect_share", mirror, str(share), str(WORKERS)],
                       {"DATABASE_URL": url, "DATABASE_POOL": "0"})
            )
            for share in range(WORKERS)
        ]  # fmt: skip
        for worker in workers:
            worker.read()
        bare = _Bare(mirror)
        arms: dict[str, tuple[Poll, list[float], Counter[str]]] = {
            f"this pipeline, {WORKERS} workers": (lambda: _poll(workers), [], Counter()),
            f"a bare asynchronous client, {AT_ONCE} requests at once": (bare.poll, [], Counter()),
        }
        write(
            f"{_feeds.FEEDS:,} feeds of {len(_feeds.body(1, 0)) / 1000:.1f} kB, one in {_feeds.CHANGING} changed in a "
            f"round; {ROUNDS} rounds after a warm-up that reads every robots.txt and feed; arms in the order A B B A"
        )
        for turn in range(ROUNDS + 1):
            httpx.get(f"{mirror}/next-turn")
            for name in list(arms) if turn % 2 == 0 else reversed(list(arms)):
                poll, rates, outcomes = arms[name]
                began = time.perf_counter()
                found = poll()
                if turn:
                    rates.append(_feeds.FEEDS / (time.perf_counter() - began))
                    outcomes.update(found)
        for name, (_, rates, outcomes) in arms.items():
            told = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items()))
            write(f"  {name}: {statistics.median(rates):,.0f} feeds/s ({min(rates):,.0f} to {max(rates):,.0f}); {told}")
        (_, ours, _), (_, theirs, _) = arms.values()
        ratios = sorted(a / b for a, b in zip(ours, theirs, strict=True))
        write(
            f"  {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) of the bare client, which keeps "
            "nothing; ours claimed and gave back a lease, took its turn at the host and stored "
            f"{Fetch.objects.count():,} attempts"
        )


def _install() -> None:
    declared = SOURCES[SOURCE]
    source = Source.objects.create(
        slug=SOURCE, title=declared.title, publisher=declared.publisher, homepage=declared.homepage,
        data_licence="MIT", every=timedelta(hours=1),
    )  # fmt: skip
    Endpoint.objects.bulk_create(
        Endpoint(source=source, url=_feeds.url(number), due_at=START) for number in range(_feeds.FEEDS)
    )


class _Worker:
    """A process that is told and tells a line at a time."""

    def __init__(self, told: IO[str], tells: IO[str]) -> None:
        self._told, self._tells = told, tells

    def read(self) -> str:
        line = self._tells.readline()
        if not line:
            raise RuntimeError("a process of the benchmark ended before its time")
        return line

    def tell(self, line: str) -> None:
        self._told.write(f"{line}\n")
        self._told.flush()


@contextmanager
def _lines(command: list[str], environment: dict[str, str]) -> Iterator[_Worker]:
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("both ends were asked for")
        try:
            yield _Worker(process.stdin, process.stdout)
        finally:
            process.kill()


def _poll(workers: list[_Worker]) -> Counter[str]:
    """A round: everything is due, each worker has its share."""
    now = START + timedelta(hours=2 * (1 + Fetch.objects.count() // _feeds.FEEDS))
    for worker in workers:
        worker.tell(now.isoformat())
    total = Counter[str]()
    for worker in workers:
        total.update(json.loads(worker.read()))
    return total


class _Bare:
    """The same requests with the same tags, and nothing kept but the tags."""

    def __init__(self, mirror: str) -> None:
        self._mirror = mirror
        self._tags: dict[int, str] = {}

    def poll(self) -> Counter[str]:
        return asyncio.run(self._all())

    async def _all(self) -> Counter[str]:
        found, numbers = Counter[str](), iter(range(_feeds.FEEDS))
        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=AT_ONCE)) as client:

            async def some() -> None:
                for number in numbers:
                    headers = {"If-None-Match": self._tags[number]} if number in self._tags else {}
                    host = _feeds.url(number).removeprefix("https://")
                    answer = await client.get(f"{self._mirror}/{host}", headers=headers)
                    self._tags[number] = answer.headers["ETag"]
                    found["unchanged" if answer.status_code == httpx.codes.NOT_MODIFIED else "changed"] += 1

            await asyncio.gather(*(some() for _ in range(AT_ONCE)))
        return found
