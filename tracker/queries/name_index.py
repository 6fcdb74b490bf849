"""Every name as the set of its three-letter pieces, held in this process: how near each is to what somebody typed.

The pieces are those of PostgreSQL's pg_trgm, and so is the nearness of two whole names: the share of the pieces of both
that they have in common. pg_trgm takes some ten microseconds for each name that is compared, and of fifty thousand
names a common word is near to thousands; here all are counted in one or two milliseconds.
"""

import re
import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from tracker.models import Alias
from tracker.queries import freshness

Numbers = NDArray[np.int64]

ALIKE: Final = 0.3  # of the pieces of both names in common, so that they are near
HELD: Final = 0.6  # of the pieces of the words, so that a longer name is near
IN_PART: Final = 0.9  # what a name that holds all of the words counts beside one that is nothing else
SPACE, END, PLAIN = ord(" "), ord("\n"), 128  # letters; so many there are of ASCII
LETTER: Final = 8  # bits
GAPS: Final = re.compile(r"[^\w\n]+|_")


@dataclass(frozen=True, slots=True)
class Names:
    """`starts` says where in `rows` the names with the piece of the same place in `pieces` begin; `sizes` how many
    pieces each name has. `keys` are in alphabetical order, `places` the row of each."""

    ids: Numbers
    sizes: Numbers
    pieces: Numbers
    starts: Numbers
    rows: Numbers
    keys: Sequence[str]
    places: Sequence[int]

    def nearest(self, key: str, most: int) -> list[tuple[int, float]]:
        """Of the aliases that are near to a normalised name the nearest: number and nearness, from 0 to 1."""
        wanted = _pieces([key])[1]
        common = np.zeros(len(self.ids), np.int64)
        for piece in wanted.tolist():
            at = int(np.searchsorted(self.pieces, piece))
            if at < len(self.pieces) and self.pieces[at] == piece:
                common[self.rows[self.starts[at] : self.starts[at + 1]]] += 1  # no name has a piece twice
        alike = common / np.maximum(self.sizes + len(wanted) - common, 1)
        held = common / max(len(wanted), 1)
        near = np.maximum(alike, IN_PART * held)
        found = (alike >= ALIKE) | (held >= HELD)
        found[self._beginning(key, most)] = True
        rows = np.flatnonzero(found)
        if len(rows) > most:
            rows = rows[near[rows] >= np.partition(near[rows], len(rows) - most)[len(rows) - most]]
        rows = rows[np.lexsort((self.ids[rows], -near[rows]))][:most]
        return list(zip(self.ids[rows].tolist(), near[rows].tolist(), strict=True))

    def _beginning(self, key: str, most: int) -> list[int]:
        first = bisect_left(self.keys, key)
        return [
            self.places[at]
            for at in range(first, min(first + most, len(self.keys)))
            if self.keys[at][: len(key)] == key
        ]


_lock = threading.Lock()
_held: dict[str, tuple[str, tuple[Any, ...], Names]] = {}


def names() -> Names:
    """All names as they are now: read anew when one was written, which is looked for once for every state of the
    facts."""
    version = freshness.recent_facts() if freshness.shared() else None
    if version is None:
        return _read()
    database = str(connection.settings_dict["NAME"])
    with _lock:
        at, written, found = _held.get(database, ("", (), None))
        if found is None or at != version:
            before, written = written, _written()
            found = found if found is not None and before == written else _read()
            _held[database] = (version, written, found)
        return found


def _written() -> tuple[Any, ...]:
    """How many there are and which transaction wrote last. Asked before they are read: what comes between is seen
    twice rather than never."""
    table = connection.ops.quote_name(Alias._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), max(xmin::text::bigint) FROM {table}")  # noqa: S608
        return tuple(cursor.fetchone())


def _read() -> Names:
    told = list(Alias.objects.order_by("key", "pk").values_list("pk", "key"))
    return made([number for number, _ in told], [key for _, key in told])


def made(ids: Sequence[int], keys: Sequence[str]) -> Names:
    """The index of these names: `keys` are normalised, and `ids` says whose each is, place by place."""
    rows, codes = _pieces(keys)
    by_piece = np.argsort(codes, kind="stable")
    pieces, starts = np.unique(codes[by_piece], return_index=True)
    ordered = sorted(range(len(keys)), key=keys.__getitem__)
    return Names(
        ids=np.array(ids, np.int64),
        sizes=np.bincount(rows, minlength=len(keys)),
        pieces=pieces,
        starts=np.append(starts, len(codes)),
        rows=rows[by_piece],
        keys=[keys[at] for at in ordered],
        places=ordered,
    )


def _pieces(keys: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Every piece that each name has, once: the place of the name, and its three letters as a number.

    As pg_trgm has it a word is what stands between signs, and has two blanks before it and one behind. Letters beyond
    ASCII share half a byte's numbers: hardly any name has one, and two that meet only make a name a little nearer.
    """
    text = "".join(f"  {key} \n" for key in keys)
    letters = np.frombuffer(GAPS.sub("   ", text).encode("utf-32-le", "replace"), "<u4").astype(np.int64)
    if len(letters) < 3:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    letters = np.where(letters < PLAIN, letters, PLAIN + letters % PLAIN)
    first, second, third = letters[:-2], letters[1:-1], letters[2:]
    whole = (first != END) & (second != END) & (third != END)
    whole &= (second != SPACE) | ((first == SPACE) & (third != SPACE))
    row = np.cumsum(letters == END)[:-2]
    code = (first << 2 * LETTER) | (second << LETTER) | third
    pairs = np.unique(((row << 3 * LETTER) | code)[whole])
    return pairs >> 3 * LETTER, pairs & ((1 << 3 * LETTER) - 1)
