"""The whole product, started the way the README says: pages, deaths, the end, and real servers in place of ours."""

import http.client
import math
import os
import re
import shutil
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
from tests.conftest import make_state_folder

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

    def __init__(self, state: Path, *arguments: str, output: str = "output", **variables: str) -> None:
        self.state = state
        self.port = free_port()
        self.output = state / output
        clean = {name: value for name, value in os.environ.items() if name not in OURS}
        command = [sys.executable, "manage.py", "up", "--no-live", "--port", str(self.port), "--state", str(state)]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, *arguments], cwd=PROJECT, env=clean | variables, stdout=output, stderr=subprocess.STDOUT
            )
        self.began = time.monotonic()
        self.opened_after = math.inf

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

    def wait_open(self, seconds: float = 5 * FIRST_PAGE) -> None:
        """Until it says that it is open; raises AssertionError where it does not. One test says how soon it must."""

        def settled() -> bool:
            return "\nOpen http://" in self.said() or self.process.poll() is not None

        processes.wait_until(settled, seconds=seconds, every=0.2)
        assert "\nOpen http://" in self.said(), f"not open after {seconds:.0f} s:\n{self.said()}"
        self.opened_after = time.monotonic() - self.began

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)


@contextmanager
def up(state: Path, *arguments: str, output: str = "output", **variables: str) -> Iterator[Up]:
    running = Up(state, *arguments, output=output, **variables)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.end(signal.SIGTERM)


def named(pids: list[int], name: str) -> list[int]:
    """Those that run the program of that name."""
    return [pid for pid in pids if any(name in argument for argument in processes.arguments(pid))]


def is_back(running: Up, name: str, *, not_as: list[int]) -> bool:
    """Whether `up` has started it anew: what a dead program leaves behind becomes a child of `up` too."""

    def back() -> bool:
        return bool(set(named(children(running.process.pid), name)) - {*not_as}) and running.answers()

    return processes.wait_until(back, seconds=40, every=0.2)


@pytest.fixture(scope="module")
def first() -> Iterator[Up]:
    """The product on an empty folder, open: started once, because that takes longer than all the rest."""
    folder = make_state_folder()
    with up(folder) as running:
        running.wait_open()
        yield running
    shutil.rmtree(folder, ignore_errors=True)


def ended(running: Up) -> Path:
    """The folder of a product that has ended, by now or before."""
    if running.process.poll() is None:
        running.end()
    return running.state


def test_from_an_empty_folder_to_the_answer(first: Up) -> None:
    assert first.opened_after < FIRST_PAGE
    status, page = first.get()
    assert status == 200, f"the front page answers {status}:\n{first.said()}"
    answer = re.search(r'id="answer"[^>]*>(.*?)</', page, re.DOTALL)
    assert answer, "the front page has no element with the id answer"
    assert re.search(r"\d", answer[1]), f"the answer names no figure: {answer[1]}"


def test_a_second_start_on_the_same_folder_is_told_of_the_first(first: Up) -> None:
    with up(first.state, output="second") as second:
        assert second.process.wait(30) == 1
        assert f"process {first.process.pid}" in second.said()
    assert first.process.poll() is None
    assert first.get()[0] == 200


@pytest.mark.parametrize("names", ["postgres", "valkey-server", "granian", "collector@ computer@ beat"])
def test_whatever_dies_comes_back(first: Up, names: str) -> None:
    before = {name: named(descendants(first.process.pid), name) for name in names.split()}
    for name, pids in before.items():
        alive = named(children(first.process.pid), name)
        assert alive, f"no process of {name} among the children"
        assert {*alive} <= {*pids}
        os.kill(alive[0], signal.SIGKILL)
    for name, pids in before.items():
        assert is_back(first, name, not_as=pids), f"{name} did not come back:\n{first.said()}"


def test_it_ends_clean_and_begins_again_with_its_data_even_after_a_kill(first: Up) -> None:
    everything = descendants(first.process.pid)
    assert first.end() == 0
    left = [processes.arguments(pid) for pid in everything if processes.is_alive(pid)]
    assert not left
    assert first.said().endswith("Stopped.\n")

    with up(first.state, output="again") as again:  # the same data, migrated and not loaded anew
        again.wait_open()
        assert again.get()[0] == 200
        again.process.kill()
        again.process.wait()
        with up(first.state, output="after a kill") as after_a_kill:
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


def test_asked_to_stop_while_it_starts_it_stops(state_folder: Path) -> None:
    with up(state_folder) as running:
        assert processes.wait_until(lambda: "PostgreSQL ready" in running.said(), seconds=30)
        everything = descendants(running.process.pid)
        assert running.end(signal.SIGTERM) == 0
    assert not [pid for pid in everything if processes.is_alive(pid)]


def test_servers_named_by_the_environment_take_the_place_of_the_embedded_ones(first: Up, state_folder: Path) -> None:
    elsewhere, here = state_folder / "servers", state_folder / "site"
    elsewhere.mkdir()
    here.mkdir()
    valkey.prepare(elsewhere)
    supervisor = Supervisor(folder=elsewhere, logs=elsewhere, environment={}, say=lambda line: None)
    with ExitStack() as stack:
        # A database with all of ours in it, but for a name: whoever loads the catalogue puts it back.
        postgres = stack.enter_context(Postgres(ended(first), durable=False).use())
        with postgres.connect() as connection:
            (name,) = connection.execute(
                "DELETE FROM tracker_alias WHERE id = (SELECT max(id) FROM tracker_alias) RETURNING key"
            ).fetchone()
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
        with postgres.connect() as connection:  # theirs is left running, and was written to
            assert connection.execute("SELECT count(*) FROM tracker_alias WHERE key = %s", [name]).fetchone() > (0,)


def test_a_database_that_cannot_be_reached_is_named(state_folder: Path) -> None:
    with up(state_folder, DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_port()}/x") as running:
        assert running.process.wait(60) == 1
    assert "DATABASE_URL" in running.said()
