"""How one table of a definition file is read: field by field, and what does not belong is refused with its place."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from tracker.domain.records import When

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


def unrepeated(where: str, what: str, values: list[str]) -> None:
    """Raises ValueError with the place and the values that stand there more than once."""
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"{where}: {what} {', '.join(repeated)} is used twice")


class Table:
    """One TOML table, read field by field; `where` names it in every complaint."""

    def __init__(self, where: str, data: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
        self.where = where
        self.data = data
        unknown = sorted(set(data) - set(allowed))
        if unknown:
            # A misspelt key would otherwise leave its field at the default and say nothing.
            raise ValueError(f"{where}: unknown field {', '.join(unknown)}; allowed: {', '.join(allowed)}")

    def _typed(self, field: str, kind: type[T], default: T | None, what: str) -> T:
        value = self.data.get(field, default)
        if value is None:
            raise ValueError(f"{self.where}: field {field} is missing; it must be {what}")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{self.where}: field {field} is {value!r}; it must be {what}")
        return value

    def text(self, field: str, *, required: bool = False) -> str:
        value = self._typed(field, str, None if required else "", "text")
        if value != value.strip() or (required and not value):
            raise ValueError(f"{self.where}: field {field} is {value!r}; it must be text without blanks around it")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        values = self._typed(field, list, [], "a list of texts")
        for value in values:
            if not isinstance(value, str) or not value or value != value.strip():
                raise ValueError(
                    f"{self.where}: field {field} holds {value!r}; allowed: texts without blanks around them"
                )
        unrepeated(self.where, field, values)
        return tuple(values)

    def tables(self, field: str) -> tuple[Mapping[str, Any], ...]:
        values = self._typed(field, list, [], "a list of tables")
        stray = [value for value in values if not isinstance(value, Mapping)]
        if stray:
            raise ValueError(f"{self.where}: field {field} holds {stray[0]!r}; allowed: tables")
        return tuple(values)

    def choice(self, field: str, choices: type[E], default: E | None = None) -> E:
        allowed = "one of " + ", ".join(choices)
        value = self._typed(field, str, None if default is None else str(default), allowed)
        if value not in list(choices):
            raise ValueError(f"{self.where}: field {field} is {value!r}; allowed: {', '.join(choices)}")
        return choices(value)

    def flag(self, field: str, default: bool | None = None) -> bool:
        return self._typed(field, bool, default, "true or false")

    def number(self, field: str) -> float | None:
        if field not in self.data:
            return None
        value = self.data[field]
        return float(self._typed(field, int if isinstance(value, int) else float, None, "a number"))

    def whole(self, field: str) -> int:
        value = self._typed(field, int, 0, "a whole number, 0 where there is none")
        if value < 0:
            raise ValueError(f"{self.where}: field {field} is {value}; allowed: 0 and above")
        return value

    def when(self, field: str) -> When | None:
        text = self.text(field)
        try:
            return When.parse(text)
        except ValueError as error:
            raise ValueError(f"{self.where}: field {field}: {error}") from error
