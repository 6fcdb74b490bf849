"""Rows put aside until their document is known to be whole: in memory a few, on disk the rest."""

import pickle
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Any

BATCH = 2000
# A resolved record: its key in the document, and its content in the order of the kind's columns.
Row = tuple[str, tuple[Any, ...]]


class Spool:
    """Rows in the order they came, to be read as often as wanted until it is closed."""

    def __init__(self) -> None:
        self._batch: list[Row] = []
        self._file: IO[bytes] | None = None
        self._batches = 0
        self._change: Callable[[Row], Row] | None = None

    def append(self, row: Row) -> None:
        self._batch.append(row)
        if len(self._batch) == BATCH:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  close() closes it
            pickle.dump(self._batch, self._file, pickle.HIGHEST_PROTOCOL)
            self._batch = []
            self._batches += 1

    def change(self, change: Callable[[Row], Row]) -> None:
        """Every row is changed so whenever it is read."""
        self._change = change

    def __len__(self) -> int:
        return self._batches * BATCH + len(self._batch)

    def __iter__(self) -> Iterator[Row]:
        return map(self._change, self._rows()) if self._change else self._rows()

    def _rows(self) -> Iterator[Row]:
        if self._file is not None:
            self._file.seek(0)
            for _ in range(self._batches):
                yield from pickle.load(self._file)  # noqa: S301  our own rows in a file that has no name
        yield from self._batch

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
