"""What to measure next, as the newest run reported it: with weights by the GPU hour, behind an API by the dollar."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.queries.run_reports import report
from tracker.queries.runs import RunInfo

REPORT = "next-evaluations"


@dataclass(frozen=True, slots=True)
class NextRow:
    """One model on one of our suites. `reduction` is the variance, in months squared, that measuring it can be expected
    to take from the headline lag, and `share` that of the whole; `noise` the variance with which the suite tells the
    ability, in points squared. Cost as `gpu_hours` or `dollars`; None where nobody has told what it rests on."""

    model: str
    slug: str
    lab: str
    side: str
    suite: str
    suite_slug: str
    parameters: float | None
    ability_spread: float
    expected_score: float
    correlation: float
    noise: float | None
    reduction: float
    share: float
    gpu_hours: float | None
    dollars: float | None
    per_hour: float | None
    per_dollar: float | None
    borrowed: bool


@dataclass(frozen=True, slots=True)
class NextPage:
    """The list in its two parts; `told` is the rest of the report: what it was counted with."""

    with_weights: tuple[NextRow, ...]
    behind_api: tuple[NextRow, ...]
    told: Mapping[str, Any]

    @property
    def rows(self) -> tuple[NextRow, ...]:
        return (*self.with_weights, *self.behind_api)

    @property
    def spread(self) -> float | None:
        """The standard deviation of the headline lag over the draws, in months."""
        variance = self.told.get("variance")
        return None if variance is None else float(variance) ** 0.5


def next_page(run: RunInfo | None) -> NextPage:
    """The list of a run; empty where it has none."""
    told = report(run, REPORT)
    rows = [NextRow(**row) for row in told.get("rows", ())]
    return NextPage(
        with_weights=tuple(row for row in rows if row.dollars is None),
        behind_api=tuple(row for row in rows if row.dollars is not None),
        told={name: value for name, value in told.items() if name != "rows"},
    )
