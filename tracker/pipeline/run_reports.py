"""What a run says of something other than a gap: each report by its name, and who makes it."""

from collections.abc import Callable
from typing import Any, Final

from tracker.models import IndexRun
from tracker.pipeline import (
    benchmark_health,
    forecasts,
    lab_meters,
    next_evaluations,
    prices,
    scenarios,
    second_index,
    specialists,
    strategies,
)
from tracker.pipeline.fitting import Fitted

Maker = Callable[[IndexRun, Fitted], dict[str, Any]]
Reports = tuple[tuple[str, Maker], ...]


# Too long for one step at the size that the data are to have: their work is stored in pieces first.
IN_STEPS: Final = {second_index.NAME: second_index.InSteps}


def of_the_fit() -> Reports:
    """Those that rest on the facts and the fit alone: they are there seconds after the headline. A new one is a line
    here and a module of its own."""
    return (
        (strategies.NAME, strategies.make),
        (prices.NAME, prices.make),
        (specialists.NAME, specialists.make),
        (benchmark_health.NAME, benchmark_health.make),
        ("self-report", lab_meters.self_report),
        (second_index.NAME, second_index.make),
        ("benchmaxxing", lab_meters.benchmaxxing),
        (next_evaluations.NAME, next_evaluations.make),
    )


def of_the_answers() -> Reports:
    """Those that read what the run answered to its questions."""
    return (
        (forecasts.REPORT, forecasts.make),
        (scenarios.NAME, scenarios.make),
    )
