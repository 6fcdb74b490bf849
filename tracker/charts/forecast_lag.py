"""Forecasts of the lag against what was measured and what came."""

from collections.abc import Sequence
from functools import partial

from tracker.charts.base import Chart
from tracker.charts.fans import CAPTION, COLUMNS, EMPTY, fan, said
from tracker.charts.theme import Figure
from tracker.queries import forecasts
from tracker.queries.forecasts import Asks, FanRow


def figure(rows: Sequence[FanRow]) -> Figure:
    """Months that open models are behind: measured, forecast, and what came."""
    return fan(rows, y="Months behind", unit="months")


CHART = Chart(
    __name__,
    title="The lag to come",
    subtitle="Backward lag (L1), the mean over a year to each day",
    caption=CAPTION,
    unit="months",
    empty=EMPTY,
    rows=partial(forecasts.fan, asked=Asks.L1),
    figure=figure,
    alt=lambda rows: said(rows, "months"),
    columns=COLUMNS,
)
