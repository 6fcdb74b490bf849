"""What a run said of something other than a gap, by the name of the report."""

from typing import Any

from tracker.models import RunReport
from tracker.queries.runs import RunInfo


def report(run: RunInfo | None, name: str) -> dict[str, Any]:
    """The report; empty where there is no run, or it has not come so far."""
    found = RunReport.objects.filter(run_id=run.id if run else None, name=name).values_list("report", flat=True).first()
    return found or {}
