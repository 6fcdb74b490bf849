"""Forecasts of the gap in points against what was measured and what came."""

from collections.abc import Sequence
from functools import partial

from tracker.charts.base import Chart
from tracker.charts.fans import CAPTION, COLUMNS, EMPTY, fan, said
from tracker.charts.theme import Figure
from tracker.queries import forecasts
from tracker.queries.forecasts import Asks, FanRow


def figure(rows: Sequence[FanRow]) -> Figure:
    """Points between the best models: measured, forecast, and what came."""
    return fan(rows, y="Index points", unit="points")


CHART = Chart(
    __name__,
    title="The gap in points to come",
    subtitle="Best closed model minus best open model on the capability index (L8)",
    caption=CAPTION,
    unit="points",
    empty=EMPTY,
    rows=partial(forecasts.fan, asked=Asks.L8),
    figure=figure,
    alt=lambda rows: said(rows, "points"),
    columns=COLUMNS,
)
