"""The vertical gap over time: how many index points lie between the best closed and the best open model."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, number
from tracker.charts.series import said, series
from tracker.charts.theme import Figure
from tracker.queries import gap
from tracker.queries.gap import SeriesRow

EMPTY = "No day has a gap under this definition yet: one of the two sides has no dated model."


def figure(rows: Sequence[SeriesRow]) -> Figure:
    """The gap in index points; below zero open models lead."""
    return series(rows, y="Index points between the two frontiers", unit="points", zero="no gap", empty=EMPTY)


CHART = Chart(
    __name__,
    title="The gap in points",
    subtitle="Best closed model minus best open model on the capability index, each day",
    caption=(
        "The line is the vertical gap (L8), the band its 90 % interval over bootstrap draws. A gap in points is not a "
        "lag: the same five points can be three months in a fast year and nine in a slow one."
    ),
    unit="index points",
    empty=EMPTY,
    rows=gap.vertical_rows,
    figure=figure,
    alt=lambda rows: said(rows, "points"),
    columns=(
        Column("on", "Day"),
        Column("value", "Points", number, numeric=True),
        Column("low", "Low (5 %)", number, numeric=True),
        Column("high", "High (95 %)", number, numeric=True),
    ),
)
