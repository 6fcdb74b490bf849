"""A document's records in batches, and each kind's part of a batch by column: what is read once is not read again.

A document that comes by column anyway is never made into records, but for the few that something has to be said about.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any

from tracker.domain.records import Record

BATCH = 2000  # records


class Rows:
    """Records of one kind, `places` being where they stand in their batch; from records, or from all their columns."""

    def __init__(
        self,
        kind: type[Record],
        places: Sequence[int],
        *,
        records: Sequence[Record] = (),
        columns: Mapping[str, Sequence[Any]] | None = None,
    ) -> None:
        self.kind, self.places = kind, places
        self._records = records
        self._told: dict[str, Sequence[Any]] = dict(columns or {})

    def __len__(self) -> int:
        return len(self.places)

    def told(self, field: str) -> Sequence[Any]:
        """The column of that field, not to be changed."""
        if field not in self._told:
            self._told[field] = list(map(attrgetter(field), self._records))
        return self._told[field]

    def record(self, at: int) -> Record:
        """The one in that row."""
        if self._records:
            return self._records[at]
        return self.kind(**{name: column[at] for name, column in self._told.items()})


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records of a document, by kind."""

    kinds: Sequence[Rows]

    def __len__(self) -> int:
        return sum(map(len, self.kinds))

    def records(self) -> list[Record]:
        """In the order of the document."""
        placed = ((place, rows, at) for rows in self.kinds for at, place in enumerate(rows.places))
        return [rows.record(at) for _, rows, at in sorted(placed, key=lambda found: found[0])]


def batch_of(records: Sequence[Record]) -> Batch:
    """All of them in one batch."""
    kinds = set(map(type, records))
    if len(kinds) == 1:
        return Batch([Rows(kinds.pop(), range(len(records)), records=records)])
    places: dict[type[Record], list[int]] = {}
    for place, record in enumerate(records):
        places.setdefault(type(record), []).append(place)
    return Batch([Rows(kind, at, records=[records[place] for place in at]) for kind, at in places.items()])


def batches(records: Iterable[Record]) -> Iterator[Batch]:
    """The records as they come, two thousand at a time."""
    coming = iter(records)
    while some := list(islice(coming, BATCH)):
        yield batch_of(some)
