"""Turns the source's words into rows with foreign keys: a name matches an alias exactly or waits for a person."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Self

from tracker.domain.names import EFFORT, Known, Match, normalise, resolve, suggest
from tracker.domain.names import Setting as NamedSetting
from tracker.domain.records import NewsRecord, Precision, Record, ReleaseRecord, ScoreRecord, StatementRecord
from tracker.models import AIModel, Alias, Fact, Score, Setting, Snapshot, Unresolved
from tracker.models import NamedSetting as StatedSetting
from tracker.models.entities import Kind
from tracker.pipeline.kinds import COLUMNS, KINDS, SETTING, Name
from tracker.pipeline.spool import Row, Spool

EFFORTS = frozenset(EFFORT.split("|"))
DATED = (ReleaseRecord, ScoreRecord)
OF_NO_MODEL = (NewsRecord, StatementRecord)
SettingKey = tuple[str, int, str, str, str, str]


@dataclass(slots=True)
class Waiting:
    """A name that nobody has explained, with one of its rows and how many there are."""

    name: str
    example: Record
    rows: int = 0


class Resolution:
    """What became of a document's records: rows by kind of fact, and the names that wait. To be closed, for the rows
    of a large document lie in files."""

    def __init__(self) -> None:
        self.records: Counter[type[Record]] = Counter()
        self.names: dict[tuple[str, str], Waiting] = {}
        self.waiting = 0
        self.rows: dict[type[Fact], Spool] = {kind.fact: Spool() for kind in KINDS.values()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for spool in self.rows.values():
            spool.close()

    @property
    def resolved(self) -> int:
        return sum(len(rows) for rows in self.rows.values())

    def settle(self, settings: list[int]) -> None:
        """Put the ids of the document's settings in the place of their numbers."""
        at = COLUMNS[Score].index(SETTING)

        def settled(row: Row) -> Row:
            key, content = row
            return key, (*content[:at], settings[content[at]], *content[at + 1 :])

        self.rows[Score].change(settled)


class Resolver:
    """The alias table, read once."""

    def __init__(self) -> None:
        self.models: dict[str, Known] = {}
        self.others: dict[str, dict[str, int]] = {kind: {} for kind in Kind if kind != Kind.MODEL}
        self.model_ids: dict[str, int] = {}
        aliases = Alias.objects.values_list(
            *("kind", "key", "model_id", "model__slug", "model__identity_date"),
            *("lab_id", "benchmark_id", "licence_id", "person_id"),
        )
        for kind, key, model, slug, released, *others in aliases:
            if kind == Kind.MODEL:
                self.models[key] = Known(slug, released)
                self.model_ids[slug] = model
            else:
                self.others[kind][key] = next(filter(None, others))
        # What a curator read in a name beyond what the rules take off it, by the alias.
        self.stated = {
            key: (effort, mode)
            for key, effort, mode in StatedSetting.objects.values_list("alias__key", "effort", "mode")
        }
        # A document says the same few names thousands of times: each is taken apart once.
        self._matches: dict[tuple[str, date | None], Match | None] = {}
        self._others: dict[tuple[Kind, str], int | None] = {}
        self._numbers: dict[tuple[str, date | None, str, str, str], int] = {}
        self._settings: dict[SettingKey, int] = {}

    def match(self, record: Record) -> Match | None:
        """The model that a record names, None where it names none or an unknown one; its own release date tells moving
        names ("deepseek-chat") apart."""
        if isinstance(record, OF_NO_MODEL) or not record.model:
            return None
        name, day = record.model, _day(record)
        try:
            return self._matches[name, day]
        except KeyError:
            match = self._matches[name, day] = self._as_stated(resolve(name, self.models, day))
            return match

    def knows(self, kind: Kind, name: str) -> bool:
        """Whether a name by itself, without its row's date, is explained."""
        return resolve(name, self.models) is not None if kind == Kind.MODEL else self.other(kind, name) is not None

    def _as_stated(self, match: Match | None) -> Match | None:
        if match is None or match.alias not in self.stated:
            return match
        effort, mode = self.stated[match.alias]
        setting = replace(match.setting, effort=match.setting.effort or effort, mode=match.setting.mode or mode)
        return replace(match, setting=setting)

    def other(self, kind: Kind, name: str) -> int | None:
        try:
            return self._others[kind, name]
        except KeyError:
            found = self._others[kind, name] = self.others[kind].get(normalise(name)) if name else None
            return found

    def resolvable(self, records: Iterable[Record], *, hidden_benchmarks: set[int]) -> list[Record]:
        """The records that resolve, as they came, without those on benchmarks that may not be shown."""
        return [
            record for record in records if not self._missing(record) and not self._hidden(record, hidden_benchmarks)
        ]

    def _hidden(self, record: Record, benchmarks: set[int]) -> bool:
        return isinstance(record, ScoreRecord) and self.other(Kind.BENCHMARK, record.benchmark) in benchmarks

    def _unknown(self, record: Record, names: Iterable[Name]) -> list[Name]:
        """Those of a record's names that nobody has explained."""
        return [
            (kind, name)
            for kind, name in names
            if (self.match(record) if kind is Kind.MODEL else self.other(kind, name)) is None
        ]

    def _missing(self, record: Record) -> list[Name]:
        """The names without which the record cannot be stored."""
        return self._unknown(record, KINDS[type(record)].needs(record))

    def resolve(self, records: Iterable[Record], *, into: Resolution) -> None:
        """Rows for the facts tables; settings that are new are created. A record with an unknown name waits whole.

        An unknown licence does not hold its release back: the source's words stand in the fact, and the name waits.
        """
        for record in records:
            kind = KINDS[type(record)]
            into.records[type(record)] += 1
            missing = self._unknown(record, kind.needs(record))
            if missing:
                into.waiting += 1
            else:
                into.rows[kind.fact].append((record.key, kind.content(self, record)))
            if kind.mentions:
                missing += self._unknown(record, kind.mentions(record))
            for names, name in missing:
                waiting = into.names.setdefault((names, normalise(name)), Waiting(name, record))
                waiting.rows += 1
        into.settle(self._setting_ids())

    def model_id(self, record: Record) -> int | None:
        """The row of the model that a record names; None where it names none or an unknown one."""
        match = self.match(record)
        return None if match is None else self.model_ids[match.slug]

    def setting(self, record: ScoreRecord) -> int:
        """The number of the record's setting among those met so far."""
        said = (record.model, _day(record), record.setting, record.scaffold, record.shots)
        try:
            return self._numbers[said]
        except KeyError:
            number = self._settings.setdefault(self._setting(record), len(self._settings))
            self._numbers[said] = number
            return number

    def _setting(self, record: ScoreRecord) -> SettingKey:
        """What the name hides and what the source states in columns of its own, together; the columns come first."""
        match = self.match(record)
        named = match.setting if match else NamedSetting()
        stated = record.setting.strip()
        effort = stated.lower() if stated.lower() in EFFORTS else named.effort
        mode = stated if stated and stated.lower() not in EFFORTS else named.mode
        return (
            effort,
            named.budget or 0,
            mode,
            named.host,
            record.scaffold.strip(),
            record.shots.strip() or named.shots,
        )

    def _setting_ids(self) -> list[int]:
        """The rows of the settings met, by their number; those that are new are created."""
        names = ("effort", "budget", "mode", "host", "scaffold", "shots")
        if not self._settings:
            return []

        def known() -> dict[SettingKey, int]:
            rows = Setting.objects.filter(scaffold__in={key[4] for key in self._settings}).values_list("pk", *names)
            return {(row[1], row[2], row[3], row[4], row[5], row[6]): row[0] for row in rows}

        ids = known()
        # Another worker may be creating the same settings: the unique constraint makes one row of both, and the order
        # keeps the two from waiting for each other.
        if missing := sorted(self._settings.keys() - ids.keys()):
            fresh = [Setting(**dict(zip(names, key, strict=True))) for key in missing]
            Setting.objects.bulk_create(fresh, ignore_conflicts=True)
            ids = known()
        return [ids[key] for key in self._settings]

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


def _day(record: Record) -> date | None:
    """The day on which the source says that the model came out."""
    told = record.released if isinstance(record, DATED) else None
    return told.on if told is not None and told.precision is Precision.DAY else None


def _shown(record: Record) -> dict[str, str]:
    """A record as a curator reads it: its filled fields, in words."""
    # Not asdict(), which takes dates apart.
    shown = ((each.name, getattr(record, each.name)) for each in fields(record))
    return {name: str(value) for name, value in shown if value not in (None, "")}
