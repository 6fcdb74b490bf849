"""What a public data set is made of: tables with typed, described columns, and who stands behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Type(StrEnum):
    """A column's type, by its name in the Data Package standard; blank cells are missing in all of them."""

    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    OBJECT = "object"  # JSON


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `about` says what it means and its unit, `required` that no cell of it is blank."""

    name: str
    type: Type
    about: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One file of the data set. `key` names the columns that tell its rows apart, `references` maps a column to the
    table whose key it holds."""

    name: str
    title: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credit:
    """A publisher whose data are in the data set, as the licence of the data wants it named."""

    slug: str
    title: str
    publisher: str
    homepage: str
    licence: str
    attribution: str
