"""Small documents of ours in the sources' shapes, and the stored samples where this machine has them."""

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tracker.sources.base import Document

DOCUMENTS = Path(__file__).parents[1] / "documents"
SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples"
FETCHED_AT = datetime(2026, 9, 10, 6, 0, tzinfo=UTC)


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 9, 10, 6, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def tarred(members: dict[str, bytes], top: str = "models.dev-dev/") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, body in members.items():
            info = tarfile.TarInfo(top + name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return buffer.getvalue()


def arena_rows() -> list[dict[str, Any]]:
    """Rows of a subset of LMArena's dataset: the five of ours, and others beside them until no board is too short."""
    from tracker.sources.arena import BOARDS

    first = json.loads((DOCUMENTS / "arena" / "rows.json").read_bytes())
    fewest, categories = BOARDS["text_style_control"]
    rest = [
        {**first[0], "model_name": f"example-{number}", "category": category}
        for category in (*categories, "a_category_nobody_asked_for")
        for number in range(fewest + 1)
    ]
    return first + rest


def parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink, compression="zstd")
    return sink.getvalue()


def document(body: bytes, name: str = "document") -> Document:
    return Document(f"https://example.org/{name}", body, FETCHED_AT)


def files(folder: Path, pattern: str = "**/*") -> dict[str, bytes]:
    """The files of a folder by their path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.glob(pattern))
        if path.is_file()
    }


@pytest.fixture
def example() -> Callable[[str], Document]:
    """A file of tests/documents as the document that a source would answer with."""

    def read(name: str) -> Document:
        return document((DOCUMENTS / name).read_bytes(), name)

    return read


@pytest.fixture
def members() -> Callable[[str], dict[str, bytes]]:
    """A folder of tests/documents as the members of an archive, to be changed and packed by the test."""

    def read(folder: str) -> dict[str, bytes]:
        return files(DOCUMENTS / folder)

    return read


@pytest.fixture
def sample() -> Callable[[str], Path]:
    """A path of the stored samples; without them the test is skipped, and the one on our own document remains."""

    def find(name: str) -> Path:
        if not (SAMPLES / name).exists():
            pytest.skip(f"the stored sample {name} is not on this machine")
        return SAMPLES / name

    return find
