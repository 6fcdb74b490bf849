"""What crafted bodies cost the readers: `python -m tests.sources.bombs [NAME]` prints MiB and seconds."""

import io
import json
import os
import struct
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.sources.conftest import FETCHED_AT
from tests.sources.test_every_source_damaged import at
from tracker.domain.rows import batches
from tracker.sources import SOURCES
from tracker.sources.base import Document, ParseError

MEBI = 2**20
BOMB = "\U0001f4a3".encode()
ENTITY = b'<!DOCTYPE rss [<!ENTITY a "'
LAUGHS = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))


def zipped(name: str, size: int, *, told: int | None = None) -> bytes:
    """A zip of one member of zeros, whose headers may tell another size."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as member:
        for _ in range(size // MEBI):
            member.write(bytes(MEBI))
    body = bytearray(sink.getvalue())
    if told is not None:
        struct.pack_into("<I", body, body.rindex(b"PK\x01\x02") + 24, told)
    return bytes(body)


class _Zeros(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        return bytes(size)


def tarred(name: str, size: int) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz", compresslevel=1) as archive:
        info = tarfile.TarInfo(f"top/{name}")
        info.size = size
        archive.addfile(info, _Zeros())
    return sink.getvalue()


def feed(inside: bytes, head: bytes = b"") -> bytes:
    return b'<?xml version="1.0"?>' + head + b'<rss version="2.0"><channel>' + inside + b"</channel></rss>"


def parquet() -> bytes:
    """Forty million equal rows, of which a page holds one word and a count."""
    sink = io.BytesIO()
    indices = pa.Array.from_buffers(pa.int8(), 40 * MEBI, [None, pa.py_buffer(bytes(40 * MEBI))])
    column = pa.DictionaryArray.from_arrays(indices, ["x" * 100])
    pq.write_table(pa.table(dict.fromkeys(("model_name", "category"), column)), sink, compression="zstd")
    return sink.getvalue()


# A source, the words of the address, and its body at that source's limit or below it.
BOMBS: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "zip of one huge table": ("epoch_benchmarks", "", lambda: zipped("benchmarks.csv", 255 * MEBI)),
    "zip that lies about its size": ("epoch_benchmarks", "", lambda: zipped("benchmarks.csv", 255 * MEBI, told=100)),
    "tarball of one huge file that is wanted": ("osai", "", lambda: tarred("a.yaml", 200 * MEBI)),
    "tarball of one huge file that is not": ("osai", "", lambda: tarred("a.bin", 100 * MEBI)),
    "tarball beyond every limit": ("osai", "", lambda: tarred("a.bin", 260 * MEBI)),
    "entities of entities": (
        "lab_feeds", "openai.com/news",
        lambda: feed(b"<item>&a9;</item>", b'<!DOCTYPE rss [<!ENTITY a0 "lol">' + LAUGHS + b"]>"),
    ),
    "one long entity many times": (
        "lab_feeds", "openai.com/news",
        lambda: feed(b"<item>" + b"&a;" * 100_000 + b"</item>", ENTITY + b"a" * 100_000 + b'">]>'),
    ),
    "feed of nothing but entries": ("lab_feeds", "openai.com/news", lambda: feed(b"<item/>" * (4 * MEBI // 7 - 10))),
    "feed as deep as it is long": ("lab_feeds", "openai.com/news", lambda: feed(b"<a>" * (4 * MEBI // 3 - 30))),
    "feed of as many entries as one may hold": (
        "lab_feeds", "openai.com/news", lambda: feed(b"<item><title>a</title><link>b</link></item>" * 5_990),
    ),
    "feed of comments that do not end": ("lab_feeds", "openai.com/news", lambda: feed(b"<!--<![CDATA[<a" * 270_000)),
    "deep JSON": ("openrouter", "", lambda: b"[" * 500_000),
    "wide JSON": ("openrouter", "", lambda: b'{"data":[' + b"{}," * 299_000 + b"{}]}"),
    "JSON of nothing but objects": ("openrouter", "", lambda: b'{"data":[' + b"{}," * (5 * MEBI) + b"{}]}"),
    "JSON with a number of a million digits": ("openrouter", "", lambda: b'{"data":[' + b"7" * MEBI + b"]}"),
    "JSON of one wide string": ("openrouter", "", lambda: b'{"data":"' + BOMB + b"a" * (6 * MEBI - 40) + b'"}'),
    "JSON of a longer wide string": ("openrouter", "", lambda: b'{"data":"' + BOMB + b"a" * 15 * MEBI + b'"}'),
    "YAML of nothing but items": ("aider", "", lambda: b"- a\n" * 49_000),
    "deep YAML": ("aider", "", lambda: b"[" * 190_000),
    "long YAML": ("aider", "", lambda: b"- a\n" * 4 * MEBI),
    "CSV of one line": ("epoch_panel", "", lambda: b"ab," * (5 * MEBI)),
    "CSV of one cell": ("epoch_panel", "", lambda: b'"' + b"ab\n" * (5 * MEBI)),
    "parquet of equal rows": ("arena", "webdev", parquet),
}  # fmt: skip


def status(name: str) -> int:
    """Bytes of this process, by the kernel's name for them."""
    told = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in told if line.startswith(name))


def cost(name: str) -> dict[str, object]:
    slug, words, made = BOMBS[name]
    document = Document(at(slug, words), made(), FETCHED_AT)
    resting, began = status("VmRSS:"), time.process_time()
    # What making the body took is given back, and does not count.
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    try:
        count = sum(len(batch) for batch in SOURCES[slug].guarded(document.url, batches(SOURCES[slug].parse(document))))
        outcome = f"{count} rows"
    except ParseError as error:
        outcome = str(error)
    return {
        "name": name, "mib": (status("VmHWM:") - resting) / MEBI + len(document.body) / MEBI,
        "seconds": time.process_time() - began, "outcome": outcome[:200],
    }  # fmt: skip


def main() -> None:
    """Each in a process of its own, forked from one that has loaded everything."""
    for name in sys.argv[1:] or BOMBS:
        child = os.fork()
        if child == 0:
            try:
                print(json.dumps(cost(name)), flush=True)
            finally:
                os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
