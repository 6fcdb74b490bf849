"""What no document may hold: two rows under one key, and values that no column can keep. Looked for by column."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import compress
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from tracker.domain.records import Record
from tracker.domain.rows import Batch, Rows

# What PostgreSQL cannot keep in a text: NUL, and halves of characters, which are no UTF-8.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# An index entry of PostgreSQL holds 2,704 bytes, and a key stands in one beside others.
LONGEST_KEY = 500
# A model of no parameters or no context is a blank cell read as a number.
COUNTS = frozenset({"parameters", "active_parameters", "context"})


class RefusedError(Exception):
    """Why the document cannot be believed."""


def guarded(coming: Iterable[Batch]) -> Iterator[Batch]:
    """The batches as they come. Raises RefusedError where one has another's key or a value that cannot be stored."""
    seen: dict[type[Record], _Keys] = {}
    for batch in coming:
        for rows in batch.kinds:
            _refuse_long(rows)
            if repeated := seen.setdefault(rows.kind, _Keys()).add(rows.told("key")):
                # Two rows under one key would supersede each other at every reading.
                raise RefusedError(f" holds two {rows.kind.__name__} rows with the key {repeated!r}")
            _refuse_unstorable(rows)
        yield batch


class _Keys:
    """Which keys have been seen: eight bytes each, where a set of them would hold a hundred.

    Two keys of one hash would be taken for the same. Of 400,000 that happens in one reading of two hundred million, and
    in the next process, which hashes otherwise, not again.
    """

    def __init__(self) -> None:
        self._old: NDArray[np.int64] = np.empty(0, np.int64)

    def add(self, keys: Sequence[str]) -> str:
        """The first key that was there before; blank if there is none."""
        hashes = np.fromiter(map(hash, keys), np.int64, len(keys))
        places = np.searchsorted(self._old, hashes)
        there = np.zeros(len(keys), bool)
        within = places < len(self._old)
        there[within] = self._old[places[within]] == hashes[within]
        if there.any() or len(set(keys)) < len(keys):
            known = set(compress(keys, there))
            for key in keys:
                if key in known:
                    return key
                known.add(key)
        # Two runs that are in order already: one pass.
        self._old = np.sort(np.concatenate([self._old, np.sort(hashes)]), kind="stable")
        return ""


def _refuse_long(rows: Rows) -> None:
    keys = rows.told("key")
    if 4 * max(map(len, keys)) <= LONGEST_KEY:
        return
    for key in keys:
        if len(key.encode("utf-8", "replace")) > LONGEST_KEY:
            raise RefusedError(f": a {rows.kind.__name__} key is longer than {LONGEST_KEY} bytes: {key[:60]!r}…")


def _refuse_unstorable(rows: Rows) -> None:
    columns = COLUMNS[rows.kind]
    if all(_texts_fit(rows.told(name)) for name in columns.texts) and all(
        _numbers_fit(name, rows.told(name)) for name in columns.numbers
    ):
        return
    for at, key in enumerate(rows.told("key")):
        for name in (*columns.texts, *columns.numbers):
            value = rows.told(name)[at]
            fits = _texts_fit([value]) if name in columns.texts else _numbers_fit(name, [value])
            if not fits:
                raise RefusedError(f": {rows.kind.__name__} {key!r}: {name} is {repr(value)[:60]}")


def _texts_fit(texts: Iterable[str]) -> bool:
    whole = "".join(texts)
    # Nearly every text is plain ASCII, and that is told far faster than a pattern is searched for.
    return (whole.isascii() and "\0" not in whole) or not UNSTORABLE.search(whole)


def _numbers_fit(name: str, values: Iterable[float | None]) -> bool:
    there = [value for value in values if value is not None]
    if name in COUNTS and not all(value > 0 for value in there):
        return False
    # A sum of finite numbers is finite unless they are far larger than any that is left alone here.
    if set(map(type, there)) <= {float} and math.isfinite(sum(there)):
        return True
    return all(value.bit_length() < 64 if isinstance(value, int) else math.isfinite(value) for value in there)


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of a kind's fields that hold text, and of those that hold numbers."""

    texts: tuple[str, ...]
    numbers: tuple[str, ...]


def _columns(kind: type) -> Columns:
    texts = tuple(field.name for field in fields(kind) if field.type is str)
    numbers = tuple(field.name for field in fields(kind) if field.type in (float, float | None, int | None))
    return Columns(texts, numbers)


COLUMNS: dict[type[Record], Columns] = {kind: _columns(kind) for kind in get_args(Record)}
