"""By how much labs' own scores lie above what others measured: one mark and interval a lab."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, interval, number
from tracker.charts.benchmaxxing import KEEP, p_value, parted
from tracker.charts.rows import Line, lines
from tracker.charts.theme import Figure, plain
from tracker.queries import lab_meters
from tracker.queries.lab_meters import InflationRow

EMPTY = "No lab's own score can be set beside another's of the same model, benchmark and setting in this run yet."


def _points(value: float | None) -> str:
    return "" if value is None else number(100 * value)


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _worded(row: InflationRow) -> str:
    many = f"{row.pairs} pair{'' if row.pairs == 1 else 's'}"
    if row.value is None:
        return parted("no pair measured twice", f"{row.copies} repeated")
    known = interval(_percent(row.low), _percent(row.high))
    points = f"{_points(row.value)} points{f' ({known})' if known else ''}"
    return parted(points, many, row.verdict)


def figure(rows: Sequence[InflationRow]) -> Figure:
    """A mark a lab, in percentage points; a lab of which nothing was measured twice has words and no mark."""
    shown = [
        Line(
            row.lab,
            _percent(row.value),
            _percent(row.low),
            _percent(row.high),
            _worded(row),
            f"{plain(row.lab)}<br>{_worded(row)}<br>{row.models} models",
        )
        for row in rows
    ]
    return lines(shown, x="Percentage points (90 % interval)", role="gap", empty=EMPTY)


def alt(rows: Sequence[InflationRow]) -> str:
    """Lab by lab the difference, its interval and its verdict."""
    return "; ".join(f"{row.lab}: {_worded(row)}" for row in rows).replace(KEEP, " ") + "." if rows else EMPTY


CHART = Chart(
    __name__,
    title="Higher when the lab reports it?",
    subtitle="Mean difference between a lab's own score and another's of the same model, benchmark and setting",
    caption=(
        "Right of the line a lab reports more than others measure. Pairs with the same number on both sides are one "
        "measurement that was repeated, and do not count. The interval treats a model's pairs as one; with fewer than "
        "three models there is none, and no verdict. Verdicts are corrected over all labs (Holm, 5 %)."
    ),
    unit="percentage points",
    empty=EMPTY,
    rows=lab_meters.inflation_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("lab", "Lab"),
        Column("pairs", "Pairs", numeric=True),
        Column("models", "Models", numeric=True),
        Column("copies", "Repeated, not counted", numeric=True),
        Column("value", "Difference (points)", _points, numeric=True),
        Column("low", "Low (5 %)", _points, numeric=True),
        Column("high", "High (95 %)", _points, numeric=True),
        Column("corrected", "p corrected (Holm)", p_value, numeric=True),
        Column("verdict", "Verdict"),
    ),
)
