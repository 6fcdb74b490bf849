"""A scratch installation: `up` and all that it starts, its publisher and postbox, and where to find whom."""

import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import psycopg

from landscape.local import processes
from landscape.local.postgres import DATABASE, socket_folder
from tests.faults.brokers import Broker
from tests.faults.postbox import Postbox
from tests.faults.proxy import Proxy
from tests.faults.publishing import Press
from tests.faults.surroundings import PUBLISHER, Clock, Disk, Names

PROJECT = Path(__file__).resolve().parents[2]
OURS = frozenset({"DATABASE_URL", "BROKER_URL", "STATE_DIR", "STATIC_HASHED", "DATABASE_POOL", "COLLECT_LIVE"})
ASKED_EVERY = 1.5  # seconds; what publishes every day in the world publishes every few seconds here
QUESTIONS = ("collect", "ingest", "mail", "recompute")
# What beat would say without anybody's work: all of it must have moved on before the installation counts as well.
ROLES = {
    "collector": "collector", "computer": "computer", "beat": " beat ", "web": "granian", "postgres": "/postgres",
    "broker": "valkey-server",
}  # fmt: skip


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def children(pid: int) -> list[int]:
    """Living processes that a process has started or taken over."""
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(each) for each in text.split() if processes.is_alive(int(each))]
    return []


def descendants(pid: int) -> list[int]:
    return [each for child in children(pid) for each in (child, *descendants(child))]


class Installation:
    """From an empty folder to the last process, whatever happens between."""

    def __init__(
        self,
        *,
        lease: int,
        broker: Broker,
        doubled: bool,
        say: Callable[[str], None],
        surroundings: Collection[str] = (),
    ) -> None:
        self.lease, self.broker, self.doubled, self.say = lease, broker, doubled, say
        self.base = Path(tempfile.mkdtemp(prefix="faults-"))
        self.base.chmod(0o755)
        self.state = self.base / "s"
        self.state.mkdir(mode=0o755)
        self.clock, self.disk, self.names = Clock(self.base), Disk(self.state), Names(self.base)
        # What of it cannot be had here, and why.
        self.missing = {
            name: reason
            for name, part in {"clock": self.clock, "disk": self.disk, "names": self.names}.items()
            if (reason := part.missing() if name in surroundings else "not asked for")
        }
        self.port = free_port()
        self.output = self.base / "output"
        self._stack = contextlib.ExitStack()
        self.up: subprocess.Popen[bytes] | None = None
        self.clerk: subprocess.Popen[str] | None = None
        self.issues = 0

    def __enter__(self) -> "Installation":
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self) -> None:
        self._stack.callback(shutil.rmtree, self.base, ignore_errors=True)
        for name, part in {"disk": self.disk, "names": self.names}.items():
            if name not in self.missing:
                self._stack.enter_context(part)
        self.broker.attach(self)
        self._stack.enter_context(self.broker)
        self.press = self._stack.enter_context(Press(self.base / "press"))
        self.proxy = self._stack.enter_context(Proxy(self.press.server_address[1]))
        self.postbox = self._stack.enter_context(Postbox(self.base / "post"))
        self._stack.callback(self._end)
        self.environment = self._environment()
        began = time.monotonic()
        self._launch()
        opened = processes.wait_until(lambda: self._opened() or not self._runs(), seconds=600, every=0.2)
        if not opened or not self._opened():
            raise RuntimeError(f"the installation did not start:\n{self.output.read_text()}")
        self.clerk = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.clerk", "serve", str(self.base / "clerk.jsonl")],
            cwd=PROJECT, env=self.environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.clerk.stdout is not None
        self.clerk.stdout.readline()
        self.say(f"installation ready after {time.monotonic() - began:.0f} s in {self.state}")

    def _environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if name not in OURS}
        for name in ("DJANGO_SETTINGS_MODULE", "TESTS_STATE_DIR"):
            clean.pop(name, None)
        return clean | {
            "STATE_DIR": str(self.state),
            "LEASE_SECONDS": str(self.lease),
            "FAULTS_EVERY": str(ASKED_EVERY),
            "SOURCE_MIRROR": f"http://{'127.0.0.1' if 'names' in self.missing else PUBLISHER}:{self.proxy.port}",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.postbox.port}",
            "OPERATOR_EMAIL": "operator@operator.example",
            "COLLECT_LIVE": "1",
            "EVALUATIONS": "0",
            "DIGEST_AUTOMATIC": "0",
            "DIGEST_PACE": "60",
            "STATIC_HASHED": "0",
            "DATABASE_POOL": "4",
            **self.broker.environment(),
            **({} if "clock" in self.missing else self.clock.environment()),
        }

    def _launch(self) -> None:
        how = "doubled" if self.doubled else "single"
        prefix = [] if "names" in self.missing else self.names.prefix()
        with self.output.open("ab") as output:
            self.up = subprocess.Popen(
                [*prefix, sys.executable, "-m", "tests.faults.launch", str(self.port), how],
                cwd=PROJECT, env=self.environment, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def _opened(self) -> bool:
        return "\nOpen http://" in self.output.read_text()

    def _runs(self) -> bool:
        return self.up is not None and self.up.poll() is None

    def _end(self) -> None:
        self.press.stop()
        self.press.hold.clear()
        for process in (self.clerk, self.up):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(60)
                process.kill()
                process.wait()

    # Asking it

    @property
    def database_url(self) -> str:
        return f"host={socket_folder(self.state)} user=postgres dbname={DATABASE}"

    @contextlib.contextmanager
    def database(self, *, patience: float = 60) -> Iterator[psycopg.Connection[Any]]:
        """A connection of our own; while the server is away, it is waited for."""
        end = time.monotonic() + patience
        while True:
            try:
                connection = psycopg.connect(self.database_url, autocommit=True, connect_timeout=5)
                break
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)
        with connection:
            yield connection

    def ask(self, question: str, *given: Any) -> list[tuple[Any, ...]]:
        """The rows; asked again when the server went away meanwhile."""
        for _ in range(50):
            with contextlib.suppress(psycopg.OperationalError), self.database() as connection:
                return connection.execute(question, given).fetchall()
            time.sleep(0.2)
        raise RuntimeError("the database does not come back")

    def order(self, *words: Any) -> dict[str, Any]:
        """Have the clerk do something; what it says was committed."""
        assert self.clerk is not None
        assert self.clerk.stdin is not None
        assert self.clerk.stdout is not None
        self.clerk.stdin.write(json.dumps(words) + "\n")
        self.clerk.stdin.flush()
        return dict(json.loads(self.clerk.stdout.readline()))

    def letters(self, readers: int, *, unless: int = 0) -> None:
        """One more issue goes out to readers of its own, where not more than `unless` letters wait already."""
        waiting = "SELECT count(*) FROM tracker_letter WHERE state = 'waiting'"
        if not unless or self.ask(waiting)[0][0] < unless:
            self.issues += 1
            self.order("issue", self.issues, readers)

    def page(self, path: str = "/", *, seconds: float = 20) -> tuple[int, bytes, str]:
        """The status, the whole body, and in how many seconds one shall ask again, where that is said. Raises OSError
        or HTTPException where it is not whole."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("Retry-After", "")
        finally:
            connection.close()

    def answers(self) -> bool:
        try:
            return self.page("/", seconds=5)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def heard(self) -> dict[str, Any]:
        """When each of beat's questions last reached a worker, and the number of the last request that was noted."""
        with self.database() as connection:
            rows = connection.execute("SELECT name, at FROM tracker_beat WHERE name = ANY(%s)", [list(QUESTIONS)])
            (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM tracker_fetch").fetchone() or (0,)
            return {**dict(rows.fetchall()), "fetch": last}

    def recovered(self, *, seconds: float) -> float | None:
        """How long it takes from now until a page answers and every question has been heard anew; None: not in time."""
        began = time.monotonic()
        with contextlib.suppress(psycopg.OperationalError):
            before: dict[str, Any] = {}
            while time.monotonic() - began < seconds:
                try:
                    now = self.heard()
                    before = before or now
                    if all(now.get(name) != before.get(name) for name in (*QUESTIONS, "fetch")) and self.answers():
                        return time.monotonic() - began
                except psycopg.OperationalError:
                    pass
                time.sleep(0.1)
        return None

    # Who is who

    def found(self, role: str) -> list[int]:
        """The processes that `up` keeps running in that role."""
        if self.up is None:
            return []
        sought = ROLES[role]
        return [
            pid
            for pid in children(self.up.pid)
            if sought in f" {' '.join(processes.arguments(pid))} "
        ]  # fmt: skip

    def pool(self, role: str) -> list[int]:
        """The processes in which a worker does its tasks."""
        return [child for worker in self.found(role) for child in children(worker)]

    def kill(self, pid: int) -> bool:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def power_cut(self) -> int:
        """Everything of the installation dies at once, and somebody switches it on again."""
        if self.up is None:
            return 0
        everybody = [self.up.pid, *descendants(self.up.pid)]
        for pid in everybody:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        killed = sum(self.kill(pid) for pid in everybody)
        self.up.wait()
        self._launch()
        return killed

    def one(self, chance: random.Random, pids: list[int]) -> int | None:
        return chance.choice(sorted(pids)) if pids else None
