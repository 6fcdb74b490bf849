"""The facts of one kind that an endpoint holds, in 32 bytes each: enough to tell which of a document's rows are new."""

from collections.abc import Sequence

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from tracker.models import Endpoint, Fact

CHUNK = 5000  # rows had from the database at once


class Holding:
    """Facts by the hash of their key, with the digest of their content and their id.

    A row is a fact already where both agree: by mistake in one row of 2 to the 128 times as many as there are facts.
    """

    def __init__(self, kind: type[Fact], endpoint: Endpoint) -> None:
        hashes, contents, ids = [np.empty(0, np.int64)], [np.empty((0, 2), np.uint64)], [np.empty(0, np.int64)]
        # Not through a query set: it spends more on a row than all the rest does.
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT key, digest, id FROM {kind._meta.db_table} WHERE endpoint_id = %s AND known_to IS NULL",
                [endpoint.pk],
            )
            while rows := cursor.fetchmany(CHUNK):
                keys, digests, pks = zip(*rows, strict=True)
                hashes.append(_hashed(keys))
                contents.append(_packed(bytes.fromhex("".join(digests))))
                ids.append(np.array(pks, np.int64))
        order = np.argsort(unordered := np.concatenate(hashes), kind="stable")
        self._hashes, self._contents = unordered[order], np.concatenate(contents)[order]
        self._ids = np.concatenate(ids)[order]
        self._left = np.ones(len(order), bool)

    def __len__(self) -> int:
        return len(self._ids)

    def take(self, keys: Sequence[str], digests: bytes) -> list[bool]:
        """Which of the rows are no facts yet; those that are stay. `digests` are sixteen bytes for each of the keys."""
        hashes = _hashed(keys)
        places = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        same = (self._hashes[places] == hashes) & (self._contents[places] == _packed(digests)).all(axis=1)
        self._left[places[same]] = False
        new: list[bool] = (~same).tolist()
        return new

    def ended(self) -> list[int]:
        """The ids of those that no row was."""
        found: list[int] = self._ids[self._left].tolist()
        return found

    def keep_but(self, keys: Sequence[str]) -> None:
        """Of those that no row was, only the ones with such a key have ended."""
        self._left &= np.isin(self._hashes, _hashed(keys))


def _hashed(keys: Sequence[str]) -> NDArray[np.int64]:
    return np.fromiter(map(hash, keys), np.int64, len(keys))


def _packed(digests: bytes) -> NDArray[np.uint64]:
    return np.frombuffer(digests, np.uint64).reshape(-1, 2)
