"""The futures that are watched, each with the signs that would show it coming and what they read today."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.queries import runs, scenarios
from tracker.views import formats, state
from tracker.views.claims import proof_of
from tracker.views.page import show

TRENDS = {"towards": "moving towards it", "away": "moving away", "steady": "steady", "unknown": "not known"}


@require_safe
@state.tagged
def scenario_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/scenarios/; its files hold a row for each sign of each future."""
    day = state.as_of(request)
    run = runs.run_for(day)
    found = scenarios.scenarios(run)
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else ""))}
        about |= {"scenarios": {row.slug: {"title": row.title, "summary": row.summary} for row in found}}  # type: ignore[dict-item]
        signs = [sign for row in found for sign in row.signs]
        return formats.rows_as(suffix, signs, scenarios.SignRow, name="scenarios", about=about)
    at = f"as_of={day}" if day else ""
    context = {
        "scenarios": [
            (row, [(sign, [proof_of(*piece, at) for piece in sign.evidence]) for sign in row.signs]) for row in found
        ],
        "trends": TRENDS,
        "run": run,
    }
    return show(
        request,
        "scenarios.html",
        title="Scenarios",
        description="Three futures of open and closed AI, the signs that would show each coming, and their readings.",
        as_of=day,
        run=run,
        context=context,
    )
