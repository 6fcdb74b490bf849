"""The alias table, and what names stand for by it: kept from document to document while the table is the same."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from tracker.domain.names import Known, Match, normalise, resolve
from tracker.models import AIModel, Alias
from tracker.models import NamedSetting as StatedSetting
from tracker.models.entities import Kind

MOST_KEPT = 50_000  # names; a worker lives long and sees many documents
COLUMNS = ("kind", "key", "model_id", "lab_id", "benchmark_id", "licence_id", "person_id")
Rows = list[tuple[Any, ...]]


class Found(dict[Any, Any]):
    """What was looked up, each once: a document says the same few names thousands of times."""

    def __init__(self, find: Callable[[Any], Any]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, said: Any) -> Any:
        found = self[said] = self._find(said)
        return found


class Aliases:
    """A table as it was read. `ids` gives a name's row by its kind, of models by name and day, and None for unknown
    ones; `matches` the model and the setting that are in a name."""

    def __init__(self, table: Rows, models: Rows, stated: Rows) -> None:
        known = {model: Known(slug, released) for model, slug, released in models}
        self.models: dict[str, Known] = {}
        self._others: dict[str, dict[str, int]] = {kind: {} for kind in Kind if kind != Kind.MODEL}
        self._by_slug: dict[str, int] = {}
        for kind, key, model, *others in table:
            if model in known:  # and was not deleted between the two questions
                self.models[key] = known[model]
                self._by_slug[known[model].slug] = model
            elif kind != Kind.MODEL:
                self._others[kind][key] = next(filter(None, others))
        # What a curator read in a name beyond what the rules take off it, by the alias.
        self._stated = {key: (effort, mode) for key, effort, mode in stated}
        self.matches = Found(lambda said: self._match(*said))
        self.ids: dict[Kind, Found] = {kind: self._finding(kind) for kind in Kind}

    def _finding(self, kind: Kind) -> Found:
        if kind is Kind.MODEL:
            return Found(lambda said: self._by_slug[match.slug] if (match := self.matches[said]) else None)
        others = self._others[kind]
        return Found(lambda name: others.get(normalise(name)) if name else None)

    def _match(self, name: str, day: date | None) -> Match | None:
        match = resolve(name, self.models, day) if name else None
        if match is None or match.alias not in self._stated:
            return match
        effort, mode = self._stated[match.alias]
        setting = replace(match.setting, effort=match.setting.effort or effort, mode=match.setting.mode or mode)
        return replace(match, setting=setting)

    @property
    def kept(self) -> int:
        return len(self.matches) + sum(map(len, self.ids.values()))


class Kept:
    """The table that was read last."""

    def __init__(self) -> None:
        self._last: tuple[Any, Aliases] | None = None

    def now(self) -> Aliases:
        """The table as it is now. It is read every time: a curator's decision, or a catalogue that another process
        loaded, must not meet what was looked up before it."""
        read = (
            # Not joined: on statistics from when the tables were empty the join is a loop in a loop.
            list(Alias.objects.order_by("pk").values_list(*COLUMNS)),
            list(AIModel.objects.order_by("pk").values_list("pk", "slug", "identity_date")),
            list(StatedSetting.objects.order_by("pk").values_list("alias__key", "effort", "mode")),
        )
        last = self._last  # once, as another thread may change it
        if last is None or last[0] != read or last[1].kept > MOST_KEPT:
            last = self._last = read, Aliases(*read)
        return last[1]


KEPT = Kept()
