"""Rows put aside until their document is known to be whole: in memory a few, on disk the rest."""

import pickle
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

BATCH = 2000
# A resolved record: its key in the document, the digest of its content, blank where it is not known yet, and its
# content in the order of the kind's columns.
Row = tuple[str, str, tuple[Any, ...]]


class Spool:
    """Rows in the order they came, to be read as often as wanted until it is closed."""

    def __init__(self) -> None:
        self._batch: list[Row] = []
        self._file: IO[bytes] | None = None
        self._sizes: list[int] = []

    def extend(self, rows: Iterable[Row]) -> None:
        self._batch += rows
        if len(self._batch) >= BATCH:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  close() closes it
            pickle.dump(self._batch, self._file, pickle.HIGHEST_PROTOCOL)
            self._sizes.append(len(self._batch))
            self._batch = []

    def __len__(self) -> int:
        return sum(self._sizes) + len(self._batch)

    def batches(self) -> Iterator[list[Row]]:
        if self._file is not None:
            self._file.seek(0)
            for _ in self._sizes:
                yield pickle.load(self._file)  # noqa: S301  our own rows in a file that has no name
        if self._batch:
            yield self._batch

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
