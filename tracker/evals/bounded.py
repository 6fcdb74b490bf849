"""How a file that nobody trusts is read: every count against what is left of it, before anything is made of it."""

import json
import struct
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tracker.evals.troubles import BrokenWeights

DEEPEST = 64  # objects in objects; a configuration has four


class BoundedFile:
    """A binary file, read from the start; asking for more than it has is BrokenWeights."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._file = path.open("rb")
        self.size = path.stat().st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    @property
    def place(self) -> int:
        return self._file.tell()

    def broken(self, what: str) -> BrokenWeights:
        return BrokenWeights(f"{self.name}: {what}")

    def take(self, count: int) -> bytes:
        if not 0 <= count <= self.size - self.place:
            raise self.broken(f"its header speaks of {count} bytes at {self.place}, and it has {self.size}")
        taken = self._file.read(count)
        if len(taken) != count:
            raise self.broken("it became shorter while it was read")
        return taken

    def skip(self, count: int) -> None:
        if not 0 <= count <= self.size - self.place:
            raise self.broken(f"its header speaks of {count} bytes at {self.place}, and it has {self.size}")
        self._file.seek(count, 1)

    def number(self, form: str) -> Any:
        """The next number, in the letters of `struct`, little-endian."""
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))[0]


def read_json(content: bytes, name: str) -> Any:
    """A JSON document without doubled keys: of two, one reader takes the first and another the last."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise BrokenWeights(f"{name}: a key is there twice")
        return found

    try:
        read = json.loads(content.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise BrokenWeights(f"{name} is no JSON: {str(error)[:200]}") from None
    if _deeper(read, DEEPEST):
        raise BrokenWeights(f"{name}: nested deeper than {DEEPEST}")
    return read


def _deeper(value: Any, most: int) -> bool:
    level: list[Any] = [value]
    for _ in range(most):
        level = [
            child
            for one in level
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
