"""The web server as it is run, on a port of its own, and what it answers to one or to many at once."""

import asyncio
import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2
HOST = "127.0.0.1"


@contextmanager
def served(url: str, state: Path, *, folder: Path = ROOT) -> Iterator[int]:
    """Granian with our application on that database, as `up` starts it but for the number of workers; yields its
    port. `folder` holds the code."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)),
        *("--workers", str(WORKERS), "--blocking-threads", "4", "--no-ws", "--log-level", "error"),
        "landscape.wsgi:application",
    ]
    own = {"DATABASE_URL": url, "STATE_DIR": str(state), "STATIC_HASHED": "0", "COLLECT_LIVE": "0", "BROKER_URL": ""}
    with running(command, own, port, folder=folder):
        yield port


def free_port() -> int:
    with socket.create_server((HOST, 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], own: dict[str, str], port: int, *, patience: float = 120.0, folder: Path = ROOT
) -> Iterator[None]:
    """A server that answers, until the block ends. Raises RuntimeError when it never does."""
    with subprocess.Popen(
        list(command),
        cwd=folder,
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            ends = time.monotonic() + patience
            while True:
                try:
                    if get(port, "/")[0] < 500:
                        break
                except OSError:
                    pass
                if time.monotonic() > ends or process.poll() is not None:
                    raise RuntimeError(f"{command[1:4]} does not answer")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    """One answer over a connection of its own."""
    connection = http.client.HTTPConnection(HOST, port, timeout=120)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


class Visitor:
    """One reader with a connection that stays open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=120)

    def seconds(self, path: str, headers: dict[str, str] | None = None) -> float:
        """How long until the whole answer is there. Raises RuntimeError where it is none."""
        try:
            return self._asked(path, headers or {})
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # A server need not keep a connection on which nothing was said for seconds: that is nobody's slowness.
            self._connection.close()
            return self._asked(path, headers or {})

    def _asked(self, path: str, headers: dict[str, str]) -> float:
        began = time.perf_counter()
        self._connection.request("GET", path, headers={"Accept-Encoding": "gzip", **headers})
        answer = self._connection.getresponse()
        answer.read()
        if answer.status not in (200, 304):
            raise RuntimeError(f"{path} answers {answer.status}")
        return time.perf_counter() - began


async def _asks(port: int, request: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection(HOST, port)
    asked = 0
    try:
        while time.monotonic() < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            if not lines[0].startswith((b"http/1.1 200", b"http/1.1 304")):
                raise RuntimeError(f"answered {lines[0]!r}")
            length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
            if length and b" 304" not in lines[0]:
                await reader.readexactly(length)
            asked += 1
    finally:
        writer.close()
    return asked


def rate(port: int, path: str, headers: dict[str, str], *, connections: int = 16, seconds: float = 2.0) -> float:
    """Requests a second over so many connections that stay open."""
    told = {"Host": f"{HOST}:{port}", "Accept-Encoding": "gzip", **headers}
    request = "\r\n".join([f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""])

    async def all_of_them() -> float:
        began = time.monotonic()
        counts = await asyncio.gather(*(_asks(port, request.encode(), began + seconds) for _ in range(connections)))
        return sum(counts) / (time.monotonic() - began)

    return asyncio.run(all_of_them())


def at_once(port: int, path: str, clients: int) -> list[tuple[float, str]]:
    """So many connections ask for the same thing at the same moment: seconds and the Server-Timing of each answer."""
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode()

    async def one(gate: asyncio.Event) -> tuple[float, str]:
        reader, writer = await asyncio.open_connection(HOST, port)
        await gate.wait()
        began = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].partition("\r")[0])
        await reader.readexactly(length)
        writer.close()
        return time.perf_counter() - began, head.partition("server-timing:")[2].partition("\r")[0].strip()

    async def all_of_them() -> list[tuple[float, str]]:
        gate = asyncio.Event()
        asking = [asyncio.ensure_future(one(gate)) for _ in range(clients)]
        await asyncio.sleep(1)  # until all are connected
        gate.set()
        return list(await asyncio.gather(*asking))

    return asyncio.run(all_of_them())
