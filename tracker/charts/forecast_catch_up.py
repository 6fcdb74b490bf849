"""Forecasts of the catch-up time against what was measured and what came."""

from collections.abc import Sequence
from functools import partial

from tracker.charts.base import Chart
from tracker.charts.fans import CAPTION, COLUMNS, EMPTY, fan, said
from tracker.charts.theme import Figure
from tracker.queries import forecasts
from tracker.queries.forecasts import Asks, FanRow


def figure(rows: Sequence[FanRow]) -> Figure:
    """Months until half of the closed records were matched: measured, forecast, and what came."""
    return fan(rows, y="Months to be matched", unit="months")


CHART = Chart(
    __name__,
    title="The catch-up time to come",
    subtitle="Months until half of the closed records were matched (L7)",
    caption=CAPTION,
    unit="months",
    empty=EMPTY,
    rows=partial(forecasts.fan, asked=Asks.L7),
    figure=figure,
    alt=lambda rows: said(rows, "months"),
    columns=COLUMNS,
)
