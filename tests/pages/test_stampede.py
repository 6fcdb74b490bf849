"""A page is made once however many ask for it at once, and no longer shown than a change of what it shows allows."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from pytest_django import DjangoDbBlocker

from tests.pages.databases import clone, connected_to
from tests.pages.world import ENTRANTS, scores
from tests.pipeline.vintages import PANEL, records
from tracker.models import Alias, Endpoint, Snapshot
from tracker.pipeline import collect, ingest
from tracker.pipeline.versions import raise_data_version
from tracker.queries import freshness, runs, search
from tracker.sources.record_file import MEDIA_TYPE
from tracker.views import kept

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, CLIENTS = 4, 50
LATER = datetime(2026, 10, 1, 6, tzinfo=UTC)

# What a web process does with a page that nobody has made yet: every making leaves a line in a file.
CROWD = """
import sys, threading, time
from concurrent.futures import ThreadPoolExecutor
import django
django.setup()
from django.http import HttpResponse
from django.test import RequestFactory
from tracker.views import kept

key, log, clients = sys.argv[1], sys.argv[2], int(sys.argv[3])

def make():
    with open(log, "a") as lines:
        lines.write("made\\n")
    time.sleep(0.3)
    return HttpResponse("x" * 2000, headers={"ETag": '"a"'})

print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(clients) as pool:
    asked = [pool.submit(kept.answer, RequestFactory().get("/"), key, make) for _ in range(clients)]
    assert all(one.result().content == b"x" * 2000 for one in asked)
"""


@pytest.fixture
def key() -> str:
    """One that no test and no earlier run has used."""
    return f"{os.getpid():016x}{time.monotonic_ns():048x}"[::-1]


@pytest.fixture
def open_world(in_world: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The world outside of any transaction, as a server reads it: nothing of it may be changed."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()


@pytest.fixture
def own_world(world_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A copy of the world that may be changed for good."""
    with django_db_blocker.unblock(), connected_to(world_database):
        name = clone("edited")
        with connected_to(name):
            yield
        connection.creation.destroy_test_db(suffix="edited", verbosity=0)


def together(ask: Callable[[int], HttpResponse], count: int) -> list[HttpResponse]:
    """The answers of so many threads that begin at the same moment."""
    start = threading.Barrier(count)

    def one(number: int) -> HttpResponse:
        start.wait()
        try:
            return ask(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_two_hundred_clients_of_four_processes_cause_one_making(key: str, tmp_path: Path) -> None:
    log = tmp_path / "made"
    command = [sys.executable, "-c", CROWD, key, str(log), str(CLIENTS)]
    crowds = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    for crowd in crowds:
        assert crowd.stdout is not None
        assert crowd.stdout.readline() == "ready\n"
    for crowd in crowds:
        crowd.communicate("go\n", timeout=60)
    assert [crowd.returncode for crowd in crowds] == [0] * PROCESSES
    assert log.read_text() == "made\n"


def test_a_page_is_made_for_the_first_of_many_readers_and_kept_for_the_others(open_world: None) -> None:
    address = f"/models/?q=m{time.monotonic_ns()}"
    answers = together(lambda _: Client().get(address), 16)
    assert Counter(answer["Server-Timing"] for answer in answers) == {"made": 1, "kept": 15}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer["ETag"] for answer in answers}) == 1


def test_a_kept_page_is_the_page_that_was_made(open_world: None) -> None:
    address = f"/models/?q=g{time.monotonic_ns()}"
    made, again = Client().get(address), Client().get(address)
    packed = Client().get(address, headers={"Accept-Encoding": "gzip"})
    assert (made["Server-Timing"], again["Server-Timing"], packed["Server-Timing"]) == ("made", "kept", "kept")
    assert made.content == again.content
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(made.content) / 2
    of_each = {"Server-Timing", "X-Request-Id"}
    one, other = ({name: value for name, value in answer.items() if name not in of_each} for answer in (made, again))
    assert one == other
    assert packed["ETag"] == f"W/{made['ETag']}"
    assert Client().get(address, headers={"If-None-Match": packed["ETag"]}).status_code == 304


def test_a_kept_page_and_a_304_ask_the_database_nothing(open_world: None) -> None:
    from django.test.utils import CaptureQueriesContext

    first = Client().get("/models/")
    with CaptureQueriesContext(connection) as asked:
        assert Client().get("/models/").status_code == 200
        assert Client().get("/models/", headers={"If-None-Match": first["ETag"]}).status_code == 304
    # At most the tag's own, where its quarter of a second has just gone by.
    assert len(asked) in (0, 1)


def test_what_every_page_asks_is_asked_once_a_state_while_pages_are_made(open_world: None) -> None:
    from django.test.utils import CaptureQueriesContext

    def asked(tag: str) -> int:
        with CaptureQueriesContext(connection) as queries, freshness.making(tag):
            assert runs.run_for(None) is not None
        return len(queries)

    first, second = f"a{time.monotonic_ns()}", f"b{time.monotonic_ns()}"
    assert [asked(first), asked(first), asked(second), asked(first)] == [1, 0, 1, 0]
    for _ in range(2):  # elsewhere each time
        with CaptureQueriesContext(connection) as queries:
            runs.run_for(None)
        assert len(queries) == 1


def test_a_name_is_found_soon_after_it_is_written_and_no_longer_than_it_is_there(own_world: None) -> None:
    like = Alias.objects.filter(kind="model").first()
    assert like is not None

    def found() -> bool:
        return any(hit.matched == "Zanzibar Nine" for hit in search.search("zanzibar nine", None))

    def comes(wanted: bool) -> bool:
        ends = time.monotonic() + 2
        while found() != wanted and time.monotonic() < ends:
            time.sleep(0.05)
        return found() == wanted

    assert not found()
    fresh = Alias.objects.create(kind="model", key="zanzibar-nine", name="Zanzibar Nine", model_id=like.model_id)
    assert comes(True)
    fresh.delete()
    raise_data_version(now=LATER)
    assert comes(False)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_what_only_reads_says_so_although_the_page_is_kept(open_world: None, method: str) -> None:
    assert Client().get("/models/").status_code == 200
    assert getattr(Client(), method)("/models/").status_code == 405


def test_inside_a_transaction_nothing_is_kept(world: None) -> None:
    for _ in range(2):
        assert "Server-Timing" not in Client().get("/models/")


def test_a_page_that_is_not_there_is_not_kept(open_world: None) -> None:
    for _ in range(2):
        answer = Client().get("/models/nobody/")
        assert answer.status_code == 404
        assert "Server-Timing" not in answer


def test_what_speaks_to_one_reader_or_in_pieces_is_not_kept(key: str) -> None:
    def personal() -> HttpResponse:
        answer = HttpResponse("yours")
        answer.set_cookie("who", "you")
        return answer

    for number, make in enumerate((personal, lambda: StreamingHttpResponse([b"a", b"b"]))):
        for _ in range(2):
            assert "Server-Timing" not in kept.answer(RequestFactory().get("/"), f"{number}{key[1:]}", make)


def test_an_answer_made_of_another_waits_for_nobody(key: str) -> None:
    def outer() -> HttpResponse:
        return kept.answer(RequestFactory().get("/"), key, lambda: HttpResponse("inner"))  # type: ignore[return-value]

    assert kept.answer(RequestFactory().get("/"), key, outer).content == b"inner"


def test_a_maker_that_fails_leaves_its_turn_to_the_next(key: str) -> None:
    made = []

    def make() -> HttpResponse:
        made.append(1)
        if len(made) == 1:
            raise ValueError("the first one fails")
        return HttpResponse("the second one")

    with pytest.raises(ValueError, match="the first one fails"):
        kept.answer(RequestFactory().get("/"), key, make)
    assert kept.answer(RequestFactory().get("/"), key, make).content == b"the second one"


def test_what_lies_on_disk_stays_within_its_bounds(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(settings.STATE_DIR) / "pages"
    folder.mkdir(exist_ok=True)
    old, new, newer = (folder / f"{name}{key[1:]}.page" for name in "abc")
    for age, file in enumerate((newer, new, old)):
        file.write_bytes(b"x" * 1000)
        os.utime(file, (time.time() + 10 - age, time.time() + 10 - age))
    os.utime(old, (1, 1))
    kept.sweep()
    assert [file.exists() for file in (old, new, newer)] == [False, True, True]
    monkeypatch.setattr(kept, "DISK", 1500)
    kept.sweep()
    assert [file.exists() for file in (old, new, newer)] == [False, False, True]


def told(size: int) -> kept.Kept:
    return kept.Kept((), b"x" * size, packed=False, framed=False)


def test_a_process_holds_no_more_than_it_may() -> None:
    shelf = kept.Shelf()
    shelf.begin("now")
    for number in range(40):
        shelf.put(str(number), told(1 << 20), state="now")
    held = [number for number in range(40) if shelf.get(str(number))[0]]
    assert held == list(range(40 - len(held), 40))
    assert len(held) * (1 << 20) <= kept.MEMORY <= (len(held) + 1) * (1 << 20)


def test_a_process_holds_nothing_of_a_state_that_is_over() -> None:
    shelf = kept.Shelf()
    for state in range(100):
        shelf.begin(str(state))
        for page in range(5):
            shelf.put(f"{state}-{page}", told(1000), state=str(state))
    held = [key for key in (f"{number}-{page}" for number in range(100) for page in range(5)) if shelf.get(key)[0]]
    assert held == [f"{number}-{page}" for number in range(100 - kept.STATES, 100) for page in range(5)]
    shelf.put("late", told(1000), state="0")
    assert not shelf.get("late")[0]


def test_a_changed_score_is_on_every_page_and_in_the_interface_within_two_seconds(own_world: None) -> None:
    """Pages of a run follow when it is computed; those that show facts follow the facts."""

    def shown(address: str) -> str:
        answer = Client().get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200
        return str(body.decode())

    before = next(row for row in scores(ENTRANTS) if row.model == "GPT-5" and row.benchmark == "GPQA Diamond")
    value = round(before.value / 2 + 0.0123, 6)
    changed = [replace(row, value=value) if row.key == before.key else row for row in scores(ENTRANTS)]
    percent, plain = f"{100 * value:.1f} %", repr(value)
    places = {
        "/models/gpt-5/": percent,
        "/benchmarks/gpqa-diamond/": percent,
        "/scores/?benchmark=gpqa-diamond": percent,
        "/scores.csv?benchmark=gpqa-diamond": plain,
        "/scores.json?benchmark=gpqa-diamond": plain,
        "/models/gpt-5.json": plain,
        "/api/v1/scores?model=gpt-5": plain,
        "/data/scores.csv": plain,
    }
    assert [address for address, words in places.items() if words in shown(address)] == []
    body = records(*changed, url=PANEL, on=LATER.date())
    stored, _ = collect.keep(Endpoint.objects.get(url=PANEL), body, fetched_at=LATER, media_type=MEDIA_TYPE)
    assert ingest.ingest(stored.pk, now=LATER, by="test").state == Snapshot.State.INGESTED  # type: ignore[union-attr]
    committed = time.monotonic()
    late = dict(places)
    while late and time.monotonic() - committed < 2:
        late = {address: words for address, words in late.items() if words not in shown(address)}
    assert late == {}


def test_the_answer_on_disk_says_what_it_was(key: str) -> None:
    made = kept.Kept((("Content-Type", "text/html"), ("ETag", '"a"')), b"body\nwith\nlines", packed=False, framed=True)
    assert kept.Kept.of_bytes(made.as_bytes()) == made
    assert json.loads(made.as_bytes().partition(b"\n")[0])["framed"] is True
