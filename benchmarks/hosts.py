"""Collection and mail with one worker host and with two, as network namespaces with real workers, and how politely."""

import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.core.management import call_command
from django.db import connection, connections
from django.db.models import QuerySet
from django.utils import timezone

from benchmarks import _hosts_net
from benchmarks.collect import _Worker
from benchmarks.digest import _issue, _subscribe
from landscape.local import valkey
from landscape.local.postgres import DATABASE
from tracker.digest import outbox
from tracker.models import Endpoint, Fetch, HostPace, Letter, Source
from tracker.sources import SOURCES

SLOTS: Final = 4  # worker processes of one host
NAMES: Final = 40  # host names of the publisher
EACH: Final = 2  # documents on each of them
ALONE: Final = "one.example.org"  # a name with many documents: for its next turn all hosts wait at once
TURNS: Final = 12  # documents on that one
ANSWER: Final = 1.5  # seconds that each answer of the publisher takes
LETTERS: Final = 800  # sixteen batches: whole rounds for four workers and for eight
TAKES: Final = 0.2  # seconds that the mail server takes for a letter
PATIENCE: Final = 600.0
GAP: Final = 2.0  # what the product leaves between two requests to one name
BROKER_PORT, MAIL_PORT = 6390, 2525
ROOT: Final = Path(__file__).resolve().parents[1]

Write = Callable[[str], None]


def run(write: Write) -> dict[str, Any] | None:
    """Services on host A, workers on B, then on B and C. Needs root; says why where it cannot be had."""
    if why := _hosts_net.missing():
        write(f"not measured: {why}")
        return None
    names = [f"h{number}.example.org" for number in range(NAMES)]
    with ExitStack() as open_:
        open_.enter_context(_ended_in_order())
        state = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="alt-hosts-")))
        state.chmod(0o755)
        hosts = open_.enter_context(_hosts_net.three([*names, ALONE]))
        postgres = open_.enter_context(_hosts_net.PostgresOn(state, hosts).use())
        open_.enter_context(_connected_to(str(postgres.socket)))
        open_.enter_context(_broker(state, hosts))
        call_command("migrate", verbosity=0)
        _install(names)
        publisher = open_.enter_context(
            _on_a(hosts, "_slow_publisher", hosts.a, _hosts_net.PUBLIC, "80", str(ANSWER), str(GAP))
        )
        sink = open_.enter_context(_on_a(hosts, "_sink", hosts.a, hosts.address, str(MAIL_PORT), str(TAKES)))
        write(
            f"{NAMES * EACH} documents on {NAMES} names, {ANSWER} s an answer, and {LETTERS} letters, {TAKES} s each; "
            f"{SLOTS} processes on each worker host; PostgreSQL and the broker over TCP"
        )
        found: dict[str, dict[str, float]] = {}
        for number, name in enumerate(hosts.workers, start=1):
            for queue in ("collect", "mail"):
                open_.enter_context(_workers(state, hosts, name, queue))
            _everyone(state, number)
            publisher.tell("")
            publisher.read()
            spread = Endpoint.objects.exclude(url__contains=f"//{ALONE}/")
            collected = _collection(state, publisher, spread, "collection", write)
            # Its own name has its own turns: one document a gap and an answer, however many hosts there are.
            alone = _collection(state, publisher, Endpoint.objects.difference(spread), "of one name", write)
            found[str(number)] = {
                **collected, **_letters(state, sink, number, write),
                "breaches at one name": alone["breaches"], "shortest pause at one name": alone["shortest_pause"],
            }  # fmt: skip
        for what in ("documents a second", "letters a second"):
            write(f"{what}: two worker hosts have {found['2'][what] / found['1'][what]:.2f} times the rate of one")
        return found


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Whoever ends us by SIGTERM, as with Ctrl-C, gets namespaces and servers taken away first; asked twice, still."""

    def end(signum: int, frame: object) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    for each in before:
        signal.signal(each, end)
    try:
        yield
    finally:
        for each, was in before.items():
            signal.signal(each, was)


@contextmanager
def _connected_to(socket: str) -> Iterator[None]:
    """This process works on the database of host A, by its socket; its own is back at the end."""
    before = dict(connection.settings_dict)
    connections.close_all()
    connection.close_pool()
    connection.settings_dict.update(HOST=socket, NAME=DATABASE, USER="postgres", PASSWORD="", PORT="")
    try:
        yield
    finally:
        connections.close_all()
        connection.close_pool()
        connection.settings_dict.update(before)


@contextmanager
def _process(command: Sequence[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[str]]:
    with log.open("a", encoding="utf-8") as said:
        process = subprocess.Popen(
            list(command), cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            if "-m" in command and "celery" not in command else said, stderr=said, text=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _broker(state: Path, hosts: _hosts_net.Hosts) -> Iterator[None]:
    valkey.prepare(state)
    told = [str(valkey.program()), "--bind", hosts.address, "--port", str(BROKER_PORT), "--protected-mode", "no"]
    told += ["--unixsocket", str(valkey.socket_file(state)), "--save", "", "--dir", str(state / "valkey")]
    with _process(hosts.inside(hosts.a, told), {}, state / "broker.log"):
        _until(lambda: valkey.answers(state), "the broker does not answer")
        yield


@contextmanager
def _on_a(hosts: _hosts_net.Hosts, module: str, name: str, *told: str) -> Iterator[_Worker]:
    command = hosts.inside(name, [sys.executable, "-m", f"benchmarks.{module}", *told])
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:  # fmt: skip
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("both ends were asked for")
        try:
            worker = _Worker(process.stdin, process.stdout)
            worker.read()
            yield worker
        finally:
            process.kill()


@contextmanager
def _workers(state: Path, hosts: _hosts_net.Hosts, name: str, queue: str) -> Iterator[None]:
    """Celery's workers as `up` and the deployment files start them, but for the number of processes."""
    environment = {
        "DATABASE_URL": f"postgres://postgres@{hosts.address}:5432/{DATABASE}", "DATABASE_POOL": "0",
        "BROKER_URL": f"redis://{hosts.address}:{BROKER_PORT}/0", "STATE_DIR": str(state / f"{name}-{queue}"),
        "EMAIL_URL": f"smtp://{hosts.address}:{MAIL_PORT}", "OPERATOR_EMAIL": "operator@example.org",
        "DIGEST_PACE": "1000000", "COLLECT_LIVE": "1", "SOURCE_MIRROR": "", "LOG_LEVEL": "WARNING",
        "SITE_URL": "https://tracker.example.org", "CONTACT": "https://tracker.example.org/about",
    }  # fmt: skip
    command = [
        *(sys.executable, "-m", "celery", "-A", "landscape", "worker", "--loglevel", "WARNING", "--queues", queue),
        *("--hostname", f"{queue}@{name}", "--concurrency", str(SLOTS), "--without-gossip", "--without-mingle"),
    ]
    with _process(hosts.inside(name, command), environment, state / f"{name}-{queue}.log"):
        yield


def _everyone(state: Path, hosts: int) -> None:
    """Until every worker answers: who is still starting would count as slow."""

    def there() -> bool:
        return len(_celery(state).control.ping(timeout=2.0)) == 2 * hosts

    _until(there, "the workers do not answer")


def _celery(state: Path) -> Any:
    from celery import Celery

    if not _apps:
        socket = valkey.socket_file(state)
        _apps.append(Celery("hosts", broker=f"redis+socket://{socket}", set_as_current=False))
    return _apps[0]


_apps: list[Any] = []


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > ends:
            raise RuntimeError(otherwise)
        time.sleep(0.2)


def _install(names: Sequence[str]) -> None:
    declared = SOURCES["lab_feeds"]
    source = Source.objects.create(
        slug="lab_feeds", title=declared.title, publisher=declared.publisher, homepage=declared.homepage,
        data_licence="MIT", every=timedelta(days=1),
    )  # fmt: skip
    # Those of one name stand apart: a worker that waits for its turn at a name does nothing else.
    Endpoint.objects.bulk_create(
        Endpoint(source=source, url=f"http://{name}/{document}.xml", etag='"1"')
        for document, name in [*itertools.product(range(EACH), names), *itertools.product(range(TURNS), [ALONE])]
    )
    _subscribe(1, LETTERS)


def _collection(
    state: Path, publisher: _Worker, asked: QuerySet[Endpoint], what: str, write: Write
) -> dict[str, float]:
    """A message for each document, as beat sends them; the publisher tells what came."""
    HostPace.objects.all().delete()
    rows = sorted(row.pk for row in asked)
    Endpoint.objects.filter(pk__in=rows).update(due_at=timezone.now() - timedelta(minutes=1), not_before=None)
    before = Fetch.objects.count()
    began = time.perf_counter()
    for pk in rows:
        _celery(state).send_task("tracker.tasks.collect_endpoint", [pk], queue="collect")
    _until(lambda: Fetch.objects.count() - before >= len(rows), "not every document was asked for")
    seconds = time.perf_counter() - began
    publisher.tell("")
    told: dict[str, float] = json.loads(publisher.read())
    unchanged = Fetch.objects.order_by("-pk")[: len(rows)].values_list("outcome", flat=True)
    if set(unchanged) != {"unchanged"} or told["answers"] != len(rows):
        raise RuntimeError(f"{told['answers']} of {len(rows)} documents were answered: {sorted(set(unchanged))}")
    write(
        f"  {what}: {len(rows) / seconds:.2f} documents/s from {told['names']} names; by the publisher's log "
        f"{told['overlaps']} of {told['answers']} answers overlapped with another to the same name, "
        f"{told['breaches']} came sooner than {GAP:.0f} s after one, and the shortest pause was "
        f"{told['shortest_pause']:.2f} s"
    )
    return {"documents a second": len(rows) / seconds, **told}


def _letters(state: Path, sink: _Worker, number: int, write: Write) -> dict[str, float]:
    made, now = _issue(number), timezone.now()
    # Only fresh issues go by themselves.
    made.since, made.until = now - timedelta(days=7), now
    made.save(update_fields=["since", "until"])
    outbox.address(made, now=now)
    sink.tell("count")
    sink.read()
    began = time.perf_counter()
    for _ in range(2 * SLOTS):
        _celery(state).send_task("tracker.tasks.mail_due", queue="mail")
    mine = Letter.objects.filter(issue=made)
    _until(lambda: not mine.exclude(state=Letter.State.SENT).exists(), "not every letter was sent")
    seconds = time.perf_counter() - began
    sink.tell("count")
    came: dict[str, int] = json.loads(sink.read())
    write(
        f"  mail: {LETTERS / seconds:.1f} letters/s; lost {LETTERS - came['different']}, doubled "
        f"{came['letters'] - came['different']}"
    )
    return {"letters a second": LETTERS / seconds, "letters": came["letters"], "different": came["different"]}
