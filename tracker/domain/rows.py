"""A document's records in batches, and each kind's part of a batch by column: what is read once is not read again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any

from tracker.domain.records import Record

BATCH = 2000  # records


class Rows:
    """Records of one kind, `places` being where they stand in their batch."""

    def __init__(self, kind: type[Record], records: Sequence[Record], places: Sequence[int]) -> None:
        self.kind, self.records, self.places = kind, records, places
        self._told: dict[str, list[Any]] = {}

    def __len__(self) -> int:
        return len(self.records)

    def told(self, field: str) -> list[Any]:
        """The column of that field, not to be changed."""
        if field not in self._told:
            self._told[field] = list(map(attrgetter(field), self.records))
        return self._told[field]


@dataclass(frozen=True, slots=True)
class Batch:
    """Records as they came, and the same by kind."""

    records: Sequence[Record]
    kinds: Sequence[Rows]


def batch_of(records: Sequence[Record]) -> Batch:
    """All of them in one batch."""
    kinds = set(map(type, records))
    if len(kinds) == 1:
        return Batch(records, [Rows(kinds.pop(), records, range(len(records)))])
    places: dict[type[Record], list[int]] = {}
    for place, record in enumerate(records):
        places.setdefault(type(record), []).append(place)
    return Batch(records, [Rows(kind, [records[place] for place in at], at) for kind, at in places.items()])


def batches(records: Iterable[Record]) -> Iterator[Batch]:
    """The records as they come, two thousand at a time."""
    coming = iter(records)
    while some := list(islice(coming, BATCH)):
        yield batch_of(some)
