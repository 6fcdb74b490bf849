"""What each listed future's signs read in one run."""

from functools import reduce
from operator import or_
from typing import Any

from tracker.domain.claim_base import Looked
from tracker.domain.scenarios import HALF_A_YEAR, ScenarioDefinition, readings
from tracker.models import IndexRun, RunReport, Scenario
from tracker.pipeline.claims import known_to
from tracker.pipeline.fitting import Fitted

NAME = "scenarios"


def make(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """By scenario its readings; the run of half a year before or the oldest since then tells how signs moved."""
    found = [ScenarioDefinition.from_toml(row.slug, row.definition) for row in Scenario.objects.filter(listed=True)]
    tests = [indicator.test for scenario in found for indicator in scenario.indicators]
    known = known_to(run, reduce(or_, (test.looks_up for test in tests), Looked()))
    past = _past(run)
    return {scenario.slug: readings(scenario, known, past.get(scenario.slug, {})) for scenario in found}


def _past(run: IndexRun) -> dict[str, dict[str, float]]:
    """Distances to the thresholds by scenario and sign, as an earlier run stored them."""
    earlier = RunReport.objects.filter(
        name=NAME, run__as_of__gte=run.as_of - HALF_A_YEAR, run__as_of__lt=run.as_of, run__known_at__lt=run.known_at
    )
    report = earlier.order_by("run__as_of", "run__known_at").values_list("report", flat=True).first() or {}
    return {slug: {row["slug"]: row["far"] for row in rows if row["far"] is not None} for slug, rows in report.items()}
