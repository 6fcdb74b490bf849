"""What a body that unpacks to a gibibyte costs in memory."""

import gzip
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fetch.hostile_server import (
    ROOT,
    HostileServer,
    Reply,
)

MEGABYTES = 1024 * 1024
WEIGH = """
import sys
from tracker.fetch import Fetcher, FetchRefused

def status(name):
    line = next(line for line in open("/proc/self/status") if line.startswith(name))
    return int(line.split()[1]) * 1024

mirror, limit = sys.argv[1], int(sys.argv[2])
with Fetcher("Weigher/1 (+https://tracker.example)", mirror=mirror) as fetcher:
    fetcher.fetch("https://data.example/scores.json")
    resting = status("VmRSS:")
    try:
        fetcher.fetch("https://data.example/bomb.json", max_bytes=limit or None)
    except FetchRefused as refused:
        print(status("VmHWM:") - resting, refused)
"""


def zeros(size: int, *, noise: int = 0) -> Iterator[bytes]:
    """`size` bytes in blocks of 16 MiB, of which `noise` bytes do not compress."""
    for _ in range(size // (16 * MEGABYTES)):
        yield os.urandom(noise) + bytes(16 * MEGABYTES - noise)


def bombs(kind: str) -> tuple[str, bytes]:
    if kind == "deflate":
        packer = zlib.compressobj(9, wbits=-15)
        block = packer.compress(bytes(16 * MEGABYTES)) + packer.flush(zlib.Z_FULL_FLUSH)
        return "deflate", block * 64 + packer.flush()
    noise = 120_000 if kind == "under the ratio" else 0
    return "gzip", gzip.compress(next(zeros(16 * MEGABYTES, noise=noise)), 9) * 64


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to read the memory of a process from")
@pytest.mark.parametrize(
    ("kind", "limit", "why"),
    [
        ("gzip", 0, "decompression bomb"),
        ("deflate", 0, "decompression bomb"),
        ("under the ratio", 32 * MEGABYTES, "more than the limit"),
    ],
)
def test_a_bomb_of_a_gibibyte_costs_less_than_64_mebibytes(
    kind: str, limit: int, why: str, server: HostileServer
) -> None:
    encoding, body = bombs(kind)
    assert len(body) < 16 * MEGABYTES
    server.pages["data.example/bomb.json"] = Reply(body, headers={"Content-Encoding": encoding})
    command = [sys.executable, "-c", WEIGH, server.url, str(limit)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    cost, message = done.stdout.split(maxsplit=1)
    assert why in message
    assert int(cost) < 64 * MEGABYTES
