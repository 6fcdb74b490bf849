"""Turns the source's words into rows with foreign keys: a name matches an alias exactly or waits for a person."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date

from tracker.domain.names import EFFORT, Known, Match, normalise, resolve, suggest
from tracker.domain.names import Setting as NamedSetting
from tracker.domain.records import NewsRecord, Precision, Record, ReleaseRecord, ScoreRecord
from tracker.models import AIModel, Alias, Fact, Setting, Snapshot, Unresolved
from tracker.models import NamedSetting as StatedSetting
from tracker.models.entities import Kind
from tracker.pipeline.kinds import KINDS
from tracker.pipeline.store import Row

EFFORTS = frozenset(EFFORT.split("|"))
SettingKey = tuple[str, int, str, str, str, str]


@dataclass(slots=True)
class Waiting:
    """A name that nobody has explained, with one of its rows and how many there are."""

    name: str
    example: Record
    rows: int = 0


@dataclass(slots=True)
class Resolution:
    """What became of a document's records: rows by kind of fact, and the names that wait."""

    rows: dict[type[Fact], list[Row]] = field(default_factory=lambda: defaultdict(list))
    names: dict[tuple[str, str], Waiting] = field(default_factory=dict)
    waiting: int = 0

    @property
    def resolved(self) -> int:
        return sum(len(rows) for rows in self.rows.values())


class Resolver:
    """The alias table, read once."""

    def __init__(self) -> None:
        self.models: dict[str, Known] = {}
        self.others: dict[str, dict[str, int]] = {Kind.LAB: {}, Kind.BENCHMARK: {}, Kind.LICENCE: {}}
        self.model_ids: dict[str, int] = {}
        aliases = Alias.objects.values_list(
            "kind", "key", "model_id", "model__slug", "model__identity_date", "lab_id", "benchmark_id", "licence_id"
        )
        for kind, key, model, slug, released, lab, benchmark, licence in aliases:
            if kind == Kind.MODEL:
                self.models[key] = Known(slug, released)
                self.model_ids[slug] = model
            else:
                self.others[kind][key] = lab or benchmark or licence
        # What a curator read in a name beyond what the rules take off it, by the alias.
        self.stated = {
            key: (effort, mode)
            for key, effort, mode in StatedSetting.objects.values_list("alias__key", "effort", "mode")
        }
        self._matches: dict[tuple[str, date | None], Match | None] = {}
        self._settings: dict[SettingKey, int] = {}

    def match(self, record: Record) -> Match | None:
        """The model that a record names, None where it names none or an unknown one; its own release date tells moving
        names ("deepseek-chat") apart."""
        if isinstance(record, NewsRecord) or not record.model:
            return None
        told = record.released if isinstance(record, ReleaseRecord | ScoreRecord) else None
        key = (record.model, told.on if told and told.precision is Precision.DAY else None)
        if key not in self._matches:
            self._matches[key] = self._as_stated(resolve(key[0], self.models, key[1]))
        return self._matches[key]

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
        return self.others[kind].get(normalise(name)) if name else None

    def resolvable(self, records: Iterable[Record], *, hidden_benchmarks: set[int]) -> list[Record]:
        """The records that resolve, as they came, without those on benchmarks that may not be shown."""
        return [
            record for record in records if not self._missing(record) and not self._hidden(record, hidden_benchmarks)
        ]

    def _hidden(self, record: Record, benchmarks: set[int]) -> bool:
        return isinstance(record, ScoreRecord) and self.other(Kind.BENCHMARK, record.benchmark) in benchmarks

    def _unknown(self, record: Record, names: Iterable[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
        """Those of a record's names that nobody has explained."""
        return [
            (kind, name)
            for kind, name in names
            if (self.match(record) if kind == Kind.MODEL else self.other(kind, name)) is None
        ]

    def _missing(self, record: Record) -> list[tuple[Kind, str]]:
        """The names without which the record cannot be stored."""
        return self._unknown(record, KINDS[type(record)].needs(record))

    def resolve(self, records: list[Record]) -> Resolution:
        """Rows for the facts tables; settings that are new are created. A record with an unknown name waits whole.

        An unknown licence does not hold its release back: the source's words stand in the fact, and the name waits.
        """
        found = Resolution()
        stored = []
        for record in records:
            missing = self._missing(record)
            if missing:
                found.waiting += 1
            else:
                stored.append(record)
            missing += self._unknown(record, KINDS[type(record)].mentions(record))
            for kind, name in missing:
                waiting = found.names.setdefault((kind, normalise(name)), Waiting(name, record))
                waiting.rows += 1
        self._create_settings(record for record in stored if isinstance(record, ScoreRecord))
        for record in stored:
            kind_of_fact = KINDS[type(record)]
            content = tuple(column(self, record) for column in kind_of_fact.columns.values())
            found.rows[kind_of_fact.fact].append(Row(record.key, content))
        return found

    def model_id(self, record: Record) -> int | None:
        """The row of the model that a record names; None where it names none or an unknown one."""
        match = self.match(record)
        return None if match is None else self.model_ids[match.slug]

    def setting_id(self, record: ScoreRecord) -> int:
        return self._settings[self._setting(record)]

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

    def _create_settings(self, records: Iterable[ScoreRecord]) -> None:
        names = ("effort", "budget", "mode", "host", "scaffold", "shots")
        wanted = {self._setting(record) for record in records} - set(self._settings)
        if not wanted:
            return

        def known() -> dict[SettingKey, int]:
            rows = Setting.objects.filter(scaffold__in={key[4] for key in wanted}).values_list("pk", *names)
            return {(row[1], row[2], row[3], row[4], row[5], row[6]): row[0] for row in rows}

        missing = sorted(wanted - set(known()))
        # Another worker may be creating the same settings: the unique constraint makes one row of both.
        Setting.objects.bulk_create(
            [Setting(**dict(zip(names, key, strict=True))) for key in missing], ignore_conflicts=True
        )
        self._settings |= known()

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


def _shown(record: Record) -> dict[str, str]:
    """A record as a curator reads it: its filled fields, in words."""
    # Not asdict(), which takes dates apart.
    shown = ((each.name, getattr(record, each.name)) for each in fields(record))
    return {name: str(value) for name, value in shown if value not in (None, "")}
