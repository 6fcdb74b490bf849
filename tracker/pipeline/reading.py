"""Records of one kind by column: what a batch of them says, and the rows that its names stand for."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import repeat
from typing import TYPE_CHECKING, Any

from tracker.domain.records import Precision, ReleaseRecord, ScoreRecord
from tracker.domain.rows import Rows
from tracker.models.entities import Kind
from tracker.pipeline.kinds import Named

if TYPE_CHECKING:
    from tracker.pipeline.resolve import Resolver

DATED = frozenset({ReleaseRecord, ScoreRecord})


class Read:
    """What several columns ask for is found once."""

    def __init__(self, names: "Resolver", rows: Rows) -> None:
        self._names, self._rows = names, rows
        self.told = rows.told  # the source's own words
        self._found: dict[tuple[Kind, str, str], list[int | None]] = {}

    def found(self, kind: Kind, field: str, instead_of: str = "") -> list[int | None]:
        """The rows that a field names where the other one is blank; None where it names none or an unknown one."""
        asked = kind, field, instead_of
        if asked not in self._found:
            words = self.told(field)
            if instead_of:
                words = ["" if other else said for said, other in zip(words, self.told(instead_of), strict=True)]
            known = self._names.aliases.ids[kind]
            self._found[asked] = list(map(known.__getitem__, self._dated(words) if kind is Kind.MODEL else words))
        return self._found[asked]

    def settings(self) -> list[int]:
        """The rows of the settings; of those that are new, their numbers."""
        said = self._dated(*map(self.told, ("model", "setting", "scaffold", "shots")))
        return list(map(self._names.settings.__getitem__, said))

    def unknown(self, named: Iterable[Named]) -> Iterator[tuple[int, Kind, str]]:
        """Those of the names that nobody has explained, each with its record's place."""
        for name in named:
            ids = self.found(name.kind, name.field, name.instead_of)
            if None not in ids:
                continue
            others = self.told(name.instead_of) if name.instead_of else repeat("")
            for at, (found, said, other) in enumerate(zip(ids, self.told(name.field), others, strict=False)):
                if found is None and (said or not name.may_be_blank) and not other:
                    yield at, name.kind, said

    def _dated(self, *columns: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
        """The columns with the day on which the source says that the model came out: it tells moving names
        ("deepseek-chat") apart."""
        days: Iterable[date | None] = repeat(None)
        if self._rows.kind in DATED:
            released = self.told("released")
            days = [when.on if when and when.precision is Precision.DAY else None for when in released]
        return zip(*columns, days, strict=False)
