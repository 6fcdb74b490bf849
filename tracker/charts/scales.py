"""Where a value lies on an axis, and which values deserve a tick: linear, logarithmic, dates and categories."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

Tick = tuple[float, str]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis: values from `low` to `high` over the pixels from `start` to `end` (either way round)."""

    kind: str
    low: float
    high: float
    start: float
    end: float
    categories: tuple[str, ...] = ()

    def number(self, value: Any) -> float | None:
        """The value as a number on this axis; None when there is nothing to draw (a gap, a log of nothing)."""
        if value is None:
            return None
        if self.kind == "date":
            return day_number(value)
        if self.kind == "category":
            return float(self.categories.index(str(value))) if str(value) in self.categories else float(value)
        if self.kind == "log":
            return math.log10(value) if value > 0 else None
        return None if math.isnan(value) else float(value)

    def at(self, value: Any) -> float | None:
        number = self.number(value)
        return None if number is None else self.pixel(number)

    def pixel(self, number: float) -> float:
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)

    def holds(self, pixel: float) -> bool:
        low, high = sorted((self.start, self.end))
        return low - 0.5 <= pixel <= high + 0.5


def day_number(value: Any) -> float:
    """Days since year 1 of a date or of its ISO spelling."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value or " " in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        return value.toordinal() + (value.hour * 60 + value.minute) / 1440
    return float(value.toordinal())


def scale(axis: dict[str, Any], values: Iterable[Any], start: float, end: float) -> Scale:
    """The scale of an axis dict over these values; its `range` (dates, or exponents on a log axis) goes first."""
    kind = axis.get("type", "linear")
    values = list(values)
    if kind == "category":
        names = tuple(axis.get("categoryarray") or dict.fromkeys(str(value) for value in values))
        low, high = -0.5, max(len(names), 1) - 0.5
        if axis.get("autorange") == "reversed":
            low, high = high, low
        return Scale(kind, low, high, start, end, names)
    loose = Scale(kind, 0, 1, start, end)
    if axis.get("range"):
        low, high = (day_number(v) if kind == "date" else float(v) for v in axis["range"])
    else:
        numbers = [number for number in map(loose.number, values) if number is not None]
        low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
        if kind == "date" and not numbers:
            low, high = day_number("2023-01-01"), day_number("2024-01-01")
        if axis.get("rangemode") == "tozero":
            low, high = min(low, 0.0), max(high, 0.0)
        room = (high - low or abs(high) or 1.0) * (0.02 if kind == "date" else 0.06)
        low -= 0 if axis.get("rangemode") == "tozero" and low == 0 else room
        high += 0 if axis.get("rangemode") == "tozero" and high == 0 else room
    return Scale(kind, low, high, start, end)


def ticks(axis: dict[str, Any], on: Scale, room: float) -> list[Tick]:
    """Ticks no closer together than `room` pixels, as (number, label)."""
    if axis.get("visible") is False or axis.get("showticklabels") is False:
        return []
    if axis.get("tickvals"):
        names = axis.get("ticktext") or [written(value, axis) for value in axis["tickvals"]]
        return [
            (number, name)
            for value, name in zip(axis["tickvals"], names, strict=True)
            if (number := on.number(value)) is not None
        ]
    most = max(2, int(abs(on.end - on.start) / room))
    if on.kind == "category":
        return [(float(at), name) for at, name in enumerate(on.categories)]
    if on.kind == "date":
        return date_ticks(on.low, on.high, most)
    if on.kind == "log":
        return log_ticks(on.low, on.high, most, axis)
    step = nice_step((on.high - on.low) / most)
    first = math.ceil(on.low / step - 1e-9)
    last = math.floor(on.high / step + 1e-9)
    return [(at * step, written(round(at * step, 10), axis)) for at in range(first, last + 1)]


def nice_step(rough: float) -> float:
    """The first of 1, 2, 2.5, 5, 10 (times a power of ten) that is at least the rough step."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= rough * (1 - 1e-9))


def date_ticks(low: float, high: float, most: int) -> list[Tick]:
    """First days of months: the year where one begins, the month's name elsewhere."""
    first, last = date.fromordinal(math.ceil(low)), date.fromordinal(math.floor(high))
    months = range(first.year * 12 + first.month - (first.day == 1), last.year * 12 + last.month)
    step = next((s for s in (1, 3, 6, 12, 24, 60) if len([m for m in months if m % s == 0]) <= most), 120)
    chosen = [month for month in months if month % step == 0]
    found = []
    for nth, month in enumerate(chosen):
        year, of_year = divmod(month, 12)
        label = str(year) if of_year == 0 else MONTHS[of_year]
        if nth == 0 and of_year and all(other % 12 for other in chosen):
            label = f"{MONTHS[of_year]} {year}"
        found.append((float(date(year, of_year + 1, 1).toordinal()), label))
    return found


def log_ticks(low: float, high: float, most: int, axis: dict[str, Any]) -> list[Tick]:
    """Ticks at the powers of ten, and at twice and five times them where there is room; `low` and `high` are
    exponents."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    parts: Sequence[int] = (1, 2, 5) if len(powers) * 3 <= most + 3 else (1,)
    values = [part * 10.0**power for power in powers for part in parts]
    return [(math.log10(value), written(value, axis)) for value in values if low <= math.log10(value) <= high]


def written(value: float, axis: dict[str, Any]) -> str:
    """A tick's label: `tickformat` may be a percentage or a fixed number of decimals; prefix and suffix are kept."""
    style = axis.get("tickformat", "")
    if style.endswith("%"):
        text = f"{100 * value:.{int(style[1:-1] or 0)}f} %"
    elif style.endswith("f"):
        text = f"{value:.{int(style[1:-1])}f}"
    else:
        text = f"{value:,.10g}"
    return f"{axis.get('tickprefix', '')}{text.replace('-', '−')}{axis.get('ticksuffix', '')}"
