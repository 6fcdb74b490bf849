"""What a run says of something other than a gap, once it has answered that: each by its name, and who makes it."""

from collections.abc import Callable
from typing import Any

from tracker.models import IndexRun
from tracker.pipeline import (
    benchmark_health,
    forecasts,
    lab_meters,
    prices,
    scenarios,
    second_index,
    specialists,
    strategies,
)
from tracker.pipeline.fitting import Fitted

Maker = Callable[[IndexRun, Fitted], dict[str, Any]]


def reports() -> tuple[tuple[str, Maker], ...]:
    """The name each report is stored under, and who makes it. A new one is a line here and a module of its own."""
    return (
        ("benchmark-health", benchmark_health.make),
        ("benchmaxxing", lab_meters.benchmaxxing),
        (forecasts.REPORT, forecasts.make),
        (prices.NAME, prices.make),
        (second_index.NAME, second_index.make),
        ("self-report", lab_meters.self_report),
        (scenarios.NAME, scenarios.make),
        (specialists.NAME, specialists.make),
        (strategies.NAME, strategies.make),
    )
