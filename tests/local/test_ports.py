"""What is said about a port that cannot be had."""

import errno
import socket
import threading
from collections.abc import Iterator

import pytest

from landscape.local import ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_free_port_is_not_refused_and_stays_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    assert ports.refusal("127.0.0.1", port) is None
    assert ports.refusal("127.0.0.1", port) is None


def test_a_port_in_use_is_named_with_the_way_out(taken: int) -> None:
    said = ports.refusal("127.0.0.1", taken)
    assert said is not None
    assert str(taken) in said
    assert "--port" in said


def test_an_address_of_another_machine_is_refused() -> None:
    said = ports.refusal("192.0.2.1", 8000)
    assert said is not None
    assert "--host" in said


def test_each_error_has_its_own_words() -> None:
    said = {ports.message(OSError(code, ""), "h", 80) for code in (errno.EADDRINUSE, errno.EACCES, errno.EIO)}
    assert len(said) == 3


def test_a_program_that_is_just_ending_is_waited_for() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    timer = threading.Timer(0.3, server.close)
    timer.start()
    assert ports.refusal_after("127.0.0.1", port, patience=5) is None
    timer.join()


def test_one_that_stays_is_not_waited_for_longer_than_said(taken: int) -> None:
    assert ports.refusal_after("127.0.0.1", taken, patience=0.2) is not None


def test_addresses_to_listen_on_are_turned_into_addresses_to_open() -> None:
    assert ports.reachable("0.0.0.0") == "127.0.0.1"
    assert ports.in_url(ports.reachable("::")) == "[::1]"
    assert ports.reachable("10.1.2.3") == "10.1.2.3"
