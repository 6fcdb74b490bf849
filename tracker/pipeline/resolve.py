"""Turns the source's words into rows with foreign keys: a name matches an alias exactly or waits for a person."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from itertools import compress
from operator import itemgetter
from typing import Self

from tracker.domain.names import EFFORT, Known, normalise, suggest
from tracker.domain.names import Setting as NamedSetting
from tracker.domain.records import Record, ScoreRecord
from tracker.domain.rows import Batch, Rows, batch_of
from tracker.models import AIModel, Endpoint, Fact, Setting, Snapshot, Unresolved
from tracker.models.entities import Kind
from tracker.pipeline.aliases import KEPT, Found
from tracker.pipeline.kinds import KINDS
from tracker.pipeline.reading import Read
from tracker.pipeline.store import Differences

EFFORTS = frozenset(EFFORT.split("|"))
SettingKey = tuple[str, int, str, str, str, str]


@dataclass(slots=True)
class Waiting:
    """A name that nobody has explained, with one of its rows and how many there are."""

    name: str
    example: Record
    rows: int = 0


class Resolution:
    """What became of a document's records: how they differ from the endpoint's facts, and the names that wait. To be
    closed, for the rows of a large document lie in files."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.records: Counter[type[Record]] = Counter()
        self.names: dict[tuple[str, str], Waiting] = {}
        self.waiting = 0
        self.facts: dict[type[Fact], Differences] = {
            kind.fact: Differences(kind.fact, endpoint) for kind in KINDS.values()
        }
        self.settings: list[int] = []  # ids of those that were new, by their numbers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for differences in self.facts.values():
            differences.close()

    @property
    def resolved(self) -> int:
        return sum(differences.rows for differences in self.facts.values())


class Resolver:
    """The alias table as it was when this was made, and the settings met since."""

    def __init__(self) -> None:
        self.aliases = KEPT.now()
        self.settings = Found(lambda said: self._setting_number(self._setting(*said)))
        self._known: dict[SettingKey, int] | None = None
        self._new: dict[SettingKey, int] = {}

    @property
    def models(self) -> dict[str, Known]:
        return self.aliases.models

    def knows(self, kind: Kind, name: str) -> bool:
        """Whether a name by itself, without its row's date, is explained."""
        return (self.aliases.matches[name, None] if kind == Kind.MODEL else self.other(kind, name)) is not None

    def other(self, kind: Kind, name: str) -> int | None:
        found: int | None = self.aliases.ids[kind][name]
        return found

    def resolvable(self, records: Iterable[Record], *, hidden_benchmarks: set[int]) -> list[Record]:
        """The records that resolve, as they came, without those on benchmarks that may not be shown."""
        return [record for record in records if not self._waits(record) and not self._hidden(record, hidden_benchmarks)]

    def _hidden(self, record: Record, benchmarks: set[int]) -> bool:
        return isinstance(record, ScoreRecord) and self.other(Kind.BENCHMARK, record.benchmark) in benchmarks

    def _waits(self, record: Record) -> bool:
        (rows,) = batch_of([record]).kinds
        return any(Read(self, rows).unknown(KINDS[rows.kind].needs))

    def resolve(self, coming: Iterable[Batch], *, into: Resolution) -> None:
        """Rows for the facts tables; settings that are new are created. A record with an unknown name waits whole.

        An unknown licence does not hold its release back: the source's words stand in the fact, and the name waits.
        """
        for batch in coming:
            waiting: list[tuple[int, Rows, int, Kind, str]] = []
            for rows in batch.kinds:
                waiting += [(rows.places[at], rows, at, named, name) for at, named, name in self._take(rows, into)]
            # In the order of the document, so that the example of a name is the first of its rows.
            for _, rows, at, named, name in sorted(waiting, key=itemgetter(0)):
                key = named, normalise(name)
                if key not in into.names:
                    into.names[key] = Waiting(name, rows.record(at))
                into.names[key].rows += 1
        into.settings = self._created()

    def _take(self, rows: Rows, into: Resolution) -> list[tuple[int, Kind, str]]:
        """Gives the names that wait, each with its record's place."""
        becomes, read = KINDS[rows.kind], Read(self, rows)
        unknown = list(read.unknown(becomes.needs))
        keys = rows.told("key")
        columns = [column(read) for column in becomes.columns.values()]
        if unknown:
            whole = [True] * len(rows)
            for at, _, _ in unknown:
                whole[at] = False
            into.waiting += whole.count(False)
            keys, columns = list(compress(keys, whole)), [list(compress(column, whole)) for column in columns]
        into.records[rows.kind] += len(rows)
        into.facts[becomes.fact].add(keys, columns)
        return [*unknown, *read.unknown(becomes.mentions)]

    def _setting(self, name: str, stated: str, scaffold: str, shots: str, day: date | None) -> SettingKey:
        """What the name hides and what the source states in columns of its own, together; the columns come first."""
        match = self.aliases.matches[name, day]
        named = match.setting if match else NamedSetting()
        stated = stated.strip()
        effort = stated.lower() if stated.lower() in EFFORTS else named.effort
        mode = stated if stated and stated.lower() not in EFFORTS else named.mode
        return effort, named.budget or 0, mode, named.host, scaffold.strip(), shots.strip() or named.shots

    def _setting_number(self, key: SettingKey) -> int:
        """Its row's id; of one that has no row yet -1, -2 and so on: no fact can have it yet."""
        if self._known is None:
            self._known = _settings()
        return self._known.get(key) or self._new.setdefault(key, -1 - len(self._new))

    def _created(self) -> list[int]:
        """Rows for the settings that are new; their ids in the order of their numbers."""
        # Another worker may be creating the same settings: the unique constraint makes one row of both, and the order
        # keeps the two from waiting for each other.
        fresh = [Setting(**dict(zip(SETTING_COLUMNS, key, strict=True))) for key in sorted(self._new)]
        if not fresh:
            return []
        Setting.objects.bulk_create(fresh, ignore_conflicts=True)
        ids = _settings()
        return [ids[key] for key in self._new]

    def remember_unresolved(self, resolution: Resolution, *, snapshot: Snapshot) -> None:
        """Keep the names that wait, with a suggestion for the curator; names of this endpoint that no longer wait are
        marked resolved. A name that waited before with as many rows is left alone."""
        existing = {(row.kind, row.key): row for row in Unresolved.objects.filter(endpoint_id=snapshot.endpoint_id)}
        fresh, slugs = [], {}
        for (kind, key), waiting in resolution.names.items():
            row = existing.pop((kind, key), None)
            if row is None:
                suggested = suggest(waiting.name, self.models, limit=1) if kind == Kind.MODEL else []
                row = Unresolved(
                    kind=kind,
                    key=key,
                    name=waiting.name,
                    endpoint_id=snapshot.endpoint_id,
                    first_snapshot=snapshot,
                    last_snapshot=snapshot,
                    rows=waiting.rows,
                    example=_shown(waiting.example),
                )
                if suggested:
                    slugs[(kind, key)] = suggested[0]
                fresh.append(row)
            elif row.rows != waiting.rows or row.state == Unresolved.State.RESOLVED:
                state = Unresolved.State.WAITING if row.state == Unresolved.State.RESOLVED else row.state
                Unresolved.objects.filter(pk=row.pk).update(rows=waiting.rows, last_snapshot=snapshot, state=state)
        ids = dict(AIModel.objects.values_list("slug", "pk")) if slugs else {}
        for row in fresh:
            if suggestion := slugs.get((row.kind, row.key)):
                row.suggestion_id, row.suggestion_score = ids[suggestion[0]], suggestion[1]
        Unresolved.objects.bulk_create(fresh, batch_size=1000)
        gone = [row.pk for row in existing.values() if row.state == Unresolved.State.WAITING]
        Unresolved.objects.filter(pk__in=gone).update(state=Unresolved.State.RESOLVED)


SETTING_COLUMNS = ("effort", "budget", "mode", "host", "scaffold", "shots")


def _settings() -> dict[SettingKey, int]:
    rows = Setting.objects.values_list("pk", *SETTING_COLUMNS)
    return {(row[1], row[2], row[3], row[4], row[5], row[6]): row[0] for row in rows}


def _shown(record: Record) -> dict[str, str]:
    """A record as a curator reads it: its filled fields, in words."""
    # Not asdict(), which takes dates apart.
    shown = ((each.name, getattr(record, each.name)) for each in fields(record))
    return {name: str(value) for name, value in shown if value not in (None, "")}
