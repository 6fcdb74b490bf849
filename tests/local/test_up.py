"""The whole product, started the way the README says: pages, deaths, the end, and real servers in place of ours."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from landscape.local import processes, valkey
from landscape.local.postgres import Postgres
from landscape.local.supervisor import Program, Supervisor

pytestmark = pytest.mark.e2e

PROJECT = Path(__file__).resolve().parents[2]
FIRST_PAGE = 90.0  # seconds, as promised to whoever starts it for the first time
OURS = frozenset(  # what tests/conftest.py has set for the tests' own process
    {"DATABASE_URL", "BROKER_URL", "STATE_DIR", "STATIC_HASHED", "DATABASE_POOL", "COLLECT_LIVE"}
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def children(pid: int) -> list[int]:
    """The living processes that a process has started or taken over."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid and processes.is_alive(int(folder.name)):
            found.append(int(folder.name))
    return found


def descendants(pid: int) -> list[int]:
    return [each for child in children(pid) for each in (child, *descendants(child))]


class Up:
    """A running `manage.py up`."""

    def __init__(self, state: Path, *arguments: str, **variables: str) -> None:
        self.port = free_port()
        self.output = state / "output"
        clean = {name: value for name, value in os.environ.items() if name not in OURS}
        command = [sys.executable, "manage.py", "up", "--no-live", "--port", str(self.port), "--state", str(state)]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, *arguments], cwd=PROJECT, env=clean | variables, stdout=output, stderr=subprocess.STDOUT
            )
        self.began = time.monotonic()

    def said(self) -> str:
        return self.output.read_text()

    def get(self, path: str = "/") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def answers(self) -> bool:
        try:
            return self.get()[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_open(self, seconds: float = FIRST_PAGE) -> float:
        """Seconds until it said that it is open."""

        def settled() -> bool:
            return "\nOpen http://" in self.said() or self.process.poll() is not None

        processes.wait_until(settled, seconds=seconds, every=0.2)
        assert "\nOpen http://" in self.said(), f"not open after {seconds:.0f} s:\n{self.said()}"
        return time.monotonic() - self.began

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)


@contextmanager
def up(state: Path, *arguments: str, **variables: str) -> Iterator[Up]:
    running = Up(state, *arguments, **variables)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.end(signal.SIGTERM)


def found(running: Up, name: str) -> int | None:
    """The child that is the program of that name."""
    for pid in children(running.process.pid):
        if any(name in argument for argument in processes.arguments(pid)):
            return pid
    return None


def is_back(running: Up, name: str, *, not_as: int) -> bool:
    def back() -> bool:
        return found(running, name) not in {None, not_as} and running.answers()

    return processes.wait_until(back, seconds=40, every=0.2)


def test_from_an_empty_folder_to_the_answer_through_every_death_to_a_clean_end(state_folder: Path) -> None:
    with up(state_folder) as running:
        assert running.wait_open() < FIRST_PAGE
        status, page = running.get()
        assert status == 200, f"the front page answers {status}:\n{running.said()}"
        answer = re.search(r'id="answer"[^>]*>(.*?)</', page, re.DOTALL)
        assert answer, "the front page has no element with the id answer"
        assert re.search(r"\d", answer[1]), f"the answer names no figure: {answer[1]}"

        for name in ("postgres", "valkey-server", "granian", "collector@", "computer@", "beat"):
            first = found(running, name)
            assert first, f"no process of {name} among the children"
            os.kill(first, signal.SIGKILL)
            assert is_back(running, name, not_as=first), f"{name} did not come back:\n{running.said()}"

        everything = descendants(running.process.pid)
        assert running.end() == 0
        left = [processes.arguments(pid) for pid in everything if processes.is_alive(pid)]
        assert not left
        assert running.said().endswith("Stopped.\n")

    with up(state_folder) as again:  # the same data, migrated and not loaded anew
        again.wait_open()
        assert again.get()[0] == 200
        again.process.kill()
        again.process.wait()
        with up(state_folder) as after_a_kill:
            after_a_kill.wait_open()
            assert after_a_kill.get()[0] == 200


def test_a_port_in_use_is_told_before_anything_is_started(state_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with up(state_folder, "--port", str(port)) as running:
            assert running.process.wait(30) == 1
    assert f"Port {port} of 127.0.0.1 is already in use" in running.said()
    assert not (state_folder / "postgres").exists()
    assert not (state_folder / "valkey").exists()


def test_a_second_start_on_the_same_folder_is_told_of_the_first(state_folder: Path) -> None:
    with up(state_folder) as first:
        held = state_folder / "up.lock"
        assert processes.wait_until(lambda: held.is_file() and held.read_text() != "", seconds=30)
        with up(state_folder) as second:
            assert second.process.wait(30) == 1
            assert f"process {first.process.pid}" in second.said()
        assert first.process.poll() is None


def test_asked_to_stop_while_it_starts_it_stops(state_folder: Path) -> None:
    with up(state_folder) as running:
        assert processes.wait_until(lambda: "PostgreSQL ready" in running.said(), seconds=30)
        everything = descendants(running.process.pid)
        assert running.end(signal.SIGTERM) == 0
    assert not [pid for pid in everything if processes.is_alive(pid)]


def test_servers_named_by_the_environment_take_the_place_of_the_embedded_ones(state_folder: Path) -> None:
    elsewhere, here = state_folder / "servers", state_folder / "site"
    elsewhere.mkdir()
    here.mkdir()
    valkey.prepare(elsewhere)
    supervisor = Supervisor(folder=elsewhere, logs=elsewhere, environment={}, say=lambda line: None)
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(elsewhere, durable=False).use())
        stack.callback(lambda: supervisor.stop(supervisor.children))
        child = supervisor.start(Program("valkey", valkey.command(elsewhere)))
        assert supervisor.wait_for(lambda: valkey.answers(elsewhere), child=child, seconds=20)
        running = stack.enter_context(
            up(
                here,
                DATABASE_URL=f"postgresql://postgres@{quote(str(postgres.socket), safe='')}/landscape",
                BROKER_URL=f"redis+socket://{valkey.socket_file(elsewhere)}",
            )
        )
        running.wait_open()
        assert running.get()[0] == 200
        assert not (here / "postgres").exists()
        assert not (here / "valkey").exists()
        assert running.end() == 0
        with postgres.connect() as connection:  # theirs is left running, with our tables in it
            assert connection.execute("SELECT count(*) FROM django_migrations").fetchone() > (0,)


def test_a_database_that_cannot_be_reached_is_named(state_folder: Path) -> None:
    with up(state_folder, DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_port()}/x") as running:
        assert running.process.wait(60) == 1
    assert "DATABASE_URL" in running.said()
