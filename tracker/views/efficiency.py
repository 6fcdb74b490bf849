"""Intelligence per watt: what is claimed, how single and routed local models compare, and what was measured here."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.queries import claims, efficiency, runs
from tracker.queries.efficiency import CoverageRow
from tracker.views import formats, state
from tracker.views.claims import BADGES
from tracker.views.page import show


@dataclass(frozen=True, slots=True)
class Year:
    """The shares of one year side by side."""

    year: str
    single: CoverageRow | None
    routed: CoverageRow | None
    missing: str


@require_safe
@state.tagged
def efficiency_page(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/efficiency/; its files hold the shares that local models covered, by year."""
    day = state.as_of(request)
    judged, run = claims.judged(day), runs.run_for(day)
    found = efficiency.efficiency(judged, known_at=runs.facts_at(run, day))
    if suffix:
        about = {"as_of": str(day or (judged.as_of if judged else "")), "total": len(found.coverage)}
        return formats.rows_as(suffix, found.coverage, CoverageRow, name="efficiency", about=about)
    return show(
        request,
        "efficiency.html",
        title="Efficiency",
        description="Intelligence per watt: what is claimed, local coverage with and without routing, our own runs.",
        as_of=day,
        run=run,
        context={"found": found, "years": _years(found.coverage), "badges": BADGES, "judged": judged},
    )


def _years(rows: Sequence[CoverageRow]) -> list[Year]:
    years = []
    for year in dict.fromkeys(row.year for row in rows):
        some = [row for row in rows if row.year == year and row.share is not None]
        single = next((row for row in some if not row.routed), None)
        routed = next((row for row in some if row.routed), None)
        years.append(Year(year, single, routed, next((row.missing for row in rows if row.year == year), "")))
    return years
