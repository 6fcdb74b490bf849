"""The regions side by side: how open they release, what is best in each, how far their open models trail."""

from collections import defaultdict

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import regions, runs
from tracker.views import formats, state
from tracker.views.figures import drawn
from tracker.views.page import show

# Labs of one region on the page; the list of labs holds all.
LABS = 15


@require_safe
@state.tagged
def region_page(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/regions/; its files hold a row for each region, those of `region_years` a row for each of its years."""
    day = state.as_of(request)
    run = runs.run_for(day)
    found = regions.regions(run, known_at=runs.facts_at(run, day))
    about = {
        "as_of": str(day or (run.as_of if run else "")),
        "lag": "L1, months behind the closed models of everywhere",
    }
    if suffix:
        return formats.rows_as(suffix, found.rows, regions.RegionRow, name="regions", about=about)
    by_year: dict[str, dict[str, regions.YearRow]] = defaultdict(dict)
    for row in found.years:
        by_year[row.year][row.region] = row
    names = regions.NAMES
    return show(
        request,
        "regions.html",
        title="Regions",
        description="How open each region's labs release, its best models, and how far its open ones trail.",
        as_of=day,
        run=run,
        context={
            "parts": [(names[part.row.region], part.row, part.labs[:LABS], len(part.labs)) for part in found.parts],
            "regions": [names[region] for region in regions.REGIONS],
            "years": [
                (year, [rows.get(region) for region in regions.REGIONS]) for year, rows in sorted(by_year.items())
            ],
            "figure": drawn(request, CHARTS["region-lags"], run, {}, rows=[row for row in found.rows if row.releases]),
            "run": run,
        },
    )


@require_safe
@state.tagged
def region_years(request: HttpRequest, suffix: str) -> HttpResponse:
    """The shares by year, as a file."""
    day = state.as_of(request)
    run = runs.run_for(day)
    found = regions.regions(run, known_at=runs.facts_at(run, day))
    about = {"as_of": str(day or (run.as_of if run else ""))}
    return formats.rows_as(suffix, found.years, regions.YearRow, name="regions-years", about=about)
