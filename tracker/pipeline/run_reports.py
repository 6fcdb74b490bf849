"""What a run says of something other than a gap: each report by its name, and who makes it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

from tracker.models import IndexRun
from tracker.pipeline import (
    benchmark_health,
    benchmaxxing,
    forecasts,
    next_evaluations,
    prices,
    scenarios,
    second_index,
    self_reports,
    specialists,
    strategies,
)
from tracker.pipeline.fitting import Fitted

Maker = Callable[[IndexRun, Fitted], dict[str, Any]]
Reports = tuple[tuple[str, Maker], ...]


class InSteps(Protocol):
    """A report whose work is stored in pieces before it is made; `hopeless` where it was found that there is none."""

    hopeless: bool

    def steps(self) -> Iterator[Callable[[], None]]:
        """What is still to be done, piece by piece."""

    def report(self) -> dict[str, Any]:
        """The report, from what is stored."""


# Too long for one step at the size that the data are to have.
IN_STEPS: Final[Mapping[str, Callable[[IndexRun, Fitted], InSteps]]] = {
    second_index.NAME: second_index.InSteps,
    benchmaxxing.NAME: benchmaxxing.InSteps,
}


def of_the_fit() -> Reports:
    """Those that rest on the facts and the fit alone: they are there seconds after the headline. A new one is a line
    here and a module of its own."""
    return (
        (strategies.NAME, strategies.make),
        (prices.NAME, prices.make),
        (specialists.NAME, specialists.make),
        (benchmark_health.NAME, benchmark_health.make),
        (self_reports.NAME, self_reports.make),
        (second_index.NAME, second_index.make),
        (benchmaxxing.NAME, benchmaxxing.make),
        (next_evaluations.NAME, next_evaluations.make),
    )


def of_the_answers() -> Reports:
    """Those that read what the run answered to its questions."""
    return (
        (forecasts.REPORT, forecasts.make),
        (scenarios.NAME, scenarios.make),
    )
