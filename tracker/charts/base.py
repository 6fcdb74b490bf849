"""What a chart is: a declaration, a pure function from rows to a figure dict, and the rows as a table and in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.charts.theme import Figure
from tracker.queries.runs import RunInfo

Rows = Sequence[Any]


def text(value: object) -> str:
    """A cell's value for a reader: blank when there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def number(value: float | None, decimals: int = 1) -> str:
    """A number with the same decimals on the chart, in the table and in a sentence; a true minus sign."""
    if value is None:
        return ""
    written = f"{value:.{decimals}f}"
    # -0.04 is not less than nothing at one decimal.
    return written.removeprefix("-") if float(written) == 0 else written.replace("-", "−")


def share(value: float | None) -> str:
    """A share of one in per cent, to one decimal; blank where there is none."""
    return "" if value is None else f"{number(100 * value)} %"


def interval(low: float | None, high: float | None, decimals: int = 1) -> str:
    """An interval in words, blank when it is not known."""
    return "" if low is None or high is None else f"{number(low, decimals)} to {number(high, decimals)}"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a chart's table and CSV: a field of the row, what it is called, and how a reader sees it."""

    field: str
    heading: str
    shown: Callable[[Any], str] = text
    numeric: bool = False
    link: Callable[[Any], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as a page shows it. `whole` is text that a line break would spoil: a date."""

    text: str
    numeric: bool
    link: str | None
    sort: str
    whole: bool = False


def no_options(run: RunInfo | None, params: Mapping[str, str]) -> Mapping[str, Any]:
    """The options of a chart that has none."""
    return {}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart. `rows` is the query that feeds it, `figure` makes rows into a dict in Plotly's own format, `alt` says
    the main numbers in words, `caption` says how to read it, `empty` stands in for the data while there are none.
    `newest_first` turns the rows round where they stand in a table."""

    module: str
    title: str
    subtitle: str
    caption: str
    unit: str
    empty: str
    rows: Callable[..., Rows]
    figure: Callable[..., Figure]
    alt: Callable[[Rows], str]
    columns: tuple[Column, ...]
    options: Callable[[RunInfo | None, Mapping[str, str]], Mapping[str, Any]] = no_options
    newest_first: bool = False

    def drawn(self, rows: Rows, run: RunInfo | None, params: Mapping[str, str]) -> Figure:
        """The figure of rows under a run and an address's keys: its options (day of the data, unit) come of them."""
        return self.figure(rows, **self.options(run, params))

    @property
    def slug(self) -> str:
        return self.module.rpartition(".")[2].replace("_", "-")

    def cells(self, row: Any) -> list[Cell]:
        """The row as the table shows it; `sort` is what a column is ordered by."""
        found = []
        for column in self.columns:
            value = getattr(row, column.field)
            link = column.link(row) if column.link else None
            found.append(Cell(column.shown(value), column.numeric, link, text(value), isinstance(value, date)))
        return found

    def describe(self, rows: Rows) -> str:
        """The main numbers in words, for who cannot see the picture."""
        return self.alt(rows) if rows else self.empty
