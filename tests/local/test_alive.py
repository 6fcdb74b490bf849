"""The containers' health check, as a process against a web server of this machine."""

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

PROJECT = Path(__file__).resolve().parents[2]


class Site(BaseHTTPRequestHandler):
    """Says at /healthz what it is told to."""

    status = 200

    def do_GET(self) -> None:
        """Answer with the status, or with none where another page is asked for."""
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: pytest's output is for its results."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("localhost", 0), Site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def asked(port: int) -> int:
    return subprocess.run([sys.executable, "-m", "landscape.local.alive", str(port)], cwd=PROJECT).returncode


@pytest.mark.parametrize(("status", "code"), [(200, 0), (500, 1)])
def test_a_server_is_well_when_it_says_so(port: int, status: int, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Site, "status", status)
    assert asked(port) == code


def test_where_nobody_listens_nobody_is_well(port: int) -> None:
    free = ThreadingHTTPServer(("localhost", 0), Site)
    free.server_close()
    assert asked(free.server_address[1]) == 1
