"""How a value is taken out of a document whose shape nobody guarantees: it is of its kind, or the document is refused.

`where` begins every refusal: the document's address and the row.
"""

import math
from datetime import date, datetime
from typing import Any, TypeVar

from tracker.domain.records import When
from tracker.sources.base import ParseError

T = TypeVar("T")


def field(row: Any, name: str, kind: type[T], where: str) -> T | None:
    """A field of an object; None where it is null or missing. Raises ParseError when it is of another kind."""
    if not isinstance(row, dict):
        raise ParseError(f"{where}: a {type(row).__name__} stands where an object with {name} was expected")
    value = row.get(name)
    if value is not None and not isinstance(value, kind):
        raise ParseError(f"{where}: {name} is {str(value)[:60]!r}")
    return value


def text(row: Any, name: str, where: str) -> str:
    """A name or a word on one line; blank where it is null or missing."""
    return one_line(field(row, name, str, where) or "")


def one_line(words: str) -> str:
    """Names come with trailing newlines and tabs, and an alias must match exactly."""
    return " ".join(words.split())


def required(row: Any, name: str, where: str) -> str:
    """A word without which the row says nothing."""
    if not (found := text(row, name, where)):
        raise ParseError(f"{where}: there is no {name}")
    return found


def number(row: Any, name: str, where: str) -> float | None:
    """A finite number; None where it is null or missing."""
    value: Any = field(row, name, object, where)
    if value is None:
        return None
    # A flag is a whole number to Python, and a whole number of 400 digits is no float.
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= 1e18 or not math.isfinite(value):
        raise ParseError(f"{where}: {name} is {str(value)[:60]!r}, which is no number to be stored")
    return float(value)


def day(row: Any, name: str, where: str) -> When | None:
    """A date as JSON writes it ("2026-01-15") or YAML reads it (the same without quotes); None where it is missing."""
    value: Any = field(row, name, object, where)
    if isinstance(value, datetime):
        return When(value.date())
    if isinstance(value, date):
        return When(value)
    try:
        return When.parse(text(row, name, where))
    except ValueError as error:
        raise ParseError(f"{where}: {name} is {str(value)[:60]!r}, which is no date") from error


def proportion(percent: float, where: str) -> float:
    """The share that a percentage stands for. Raises ParseError when it is none."""
    if not 0 <= percent <= 100:
        raise ParseError(f"{where} is {percent:g}, which is no percentage")
    return round(percent / 100, 12)  # 41.8 percent is 0.418, not 0.41800000000000004


def expect_percentages(highest: float, where: str) -> None:
    """Raises ParseError when the highest of a table's percentages is a fraction."""
    if 0 < highest <= 1:
        # Divided by a hundred all the same, every model would fall to a hundredth of its score.
        raise ParseError(f"{where} goes up to {highest:g}: fractions, where there were percentages before")
