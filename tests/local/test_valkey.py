"""The embedded Valkey: a real one, killed and started again by the supervisor."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from landscape.local import processes, valkey
from landscape.local.supervisor import Child, Program, Supervisor


@pytest.fixture
def supervisor(state_folder: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(folder=state_folder, logs=state_folder / "logs", environment={}, say=lambda line: None)
    valkey.prepare(state_folder)
    yield supervisor
    supervisor.stop(supervisor.children)


def program(state: Path) -> Program:
    return Program("valkey", valkey.command(state), may_start=lambda: not valkey.answers(state))


def started(supervisor: Supervisor, state: Path) -> Child:
    child = supervisor.start(program(state))
    assert supervisor.wait_for(lambda: valkey.answers(state), child=child, seconds=20)
    return child


def test_nobody_answers_before_the_start_and_after_the_end(supervisor: Supervisor, state_folder: Path) -> None:
    assert not valkey.answers(state_folder)
    child = started(supervisor, state_folder)
    supervisor.stop([child])
    assert not valkey.answers(state_folder)


def test_messages_older_than_a_second_survive_a_kill(supervisor: Supervisor, state_folder: Path) -> None:
    child = started(supervisor, state_folder)
    with redis.Redis(unix_socket_path=str(valkey.socket_file(state_folder))) as client:
        client.lpush("queue", "message")
        client.waitaof(1, 0, 5000)  # until it is on the disk, which it is within a second by itself
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    child.process.wait()
    assert supervisor.wait_for(lambda: valkey.answers(state_folder), child=child, seconds=20)
    assert child.process.pid != first
    with redis.Redis(unix_socket_path=str(valkey.socket_file(state_folder))) as client:
        assert client.lrange("queue", 0, -1) == [b"message"]


def test_a_second_one_does_not_start_beside_the_first(supervisor: Supervisor, state_folder: Path) -> None:
    started(supervisor, state_folder)
    assert not program(state_folder).may_start()


def test_it_listens_on_a_socket_of_this_user_alone_and_on_no_port(supervisor: Supervisor, state_folder: Path) -> None:
    started(supervisor, state_folder)
    assert stat.S_IMODE(valkey.socket_file(state_folder).stat().st_mode) == 0o700
    with redis.Redis(unix_socket_path=str(valkey.socket_file(state_folder))) as client:
        kept = client.config_get("port", "maxmemory-policy", "appendonly")
    assert kept == {b"port": b"0", b"maxmemory-policy": b"noeviction", b"appendonly": b"yes"} or kept == {
        "port": "0",
        "maxmemory-policy": "noeviction",
        "appendonly": "yes",
    }


def test_a_silent_socket_is_no_answer(state_folder: Path) -> None:
    valkey.prepare(state_folder)
    valkey.socket_file(state_folder).touch()
    assert processes.wait_until(lambda: not valkey.answers(state_folder), seconds=5)
