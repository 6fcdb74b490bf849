"""The lag over time: on each day, how old the level of the best open model was."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, number
from tracker.charts.series import said, series
from tracker.charts.theme import Figure
from tracker.queries import gap
from tracker.queries.gap import SeriesRow

EMPTY = "No day has a lag under this definition yet: one of the two sides has no dated model."


def figure(rows: Sequence[SeriesRow]) -> Figure:
    """The lag in months; below zero open models lead."""
    return series(rows, y="Months behind", unit="months", zero="level with closed models", empty=EMPTY)


CHART = Chart(
    __name__,
    title="The lag, day by day",
    subtitle="How long before each day a closed model first had the level that open models had on it",
    caption=(
        "The line is the backward lag (L1) on each day, the band its 90 % interval over bootstrap draws. It climbs by "
        "a day every day while no better open model appears, and drops when one does; below zero open models lead."
    ),
    unit="months",
    empty=EMPTY,
    rows=gap.lag_rows,
    figure=figure,
    alt=lambda rows: said(rows, "months"),
    columns=(
        Column("on", "Day"),
        Column("value", "Months behind", number, numeric=True),
        Column("low", "Low (5 %)", number, numeric=True),
        Column("high", "High (95 %)", number, numeric=True),
    ),
)
