"""Every definition in words and formulas, with its source."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import gap, methods, runs, second_index
from tracker.views import state
from tracker.views.figures import drawn
from tracker.views.page import show


@require_safe
@state.tagged
def methods_page(request: HttpRequest) -> HttpResponse:
    """/methods/: its constants are those of the code that runs now, its figures those of the day's run."""
    day = state.as_of(request)
    run = runs.run_for(day)
    second = second_index.report(run)
    agreement = second_index.agreement(second)
    places = second_index.place_rows(run, {}, second) if second else []
    # The estimators are stored with the run's first answer; what the second index says beside them came later.
    first = gap.report(run, gap.Question()) if agreement else None
    return show(
        request,
        "methods.html",
        title="Methods",
        description="What every number on this site means: the index, the eight estimators, openness, evidence.",
        as_of=day,
        run=run,
        context={
            "run": run,
            "constants": methods.constants(),
            "agreement": agreement,
            "second_reason": (second or {}).get("reason", ""),
            "places": places[: second_index.LABELLED],
            "lags": second_index.lag_rows(second, (first or {}).get("estimates")),
            "noise": second_index.noise_rows(second),
            "figure": drawn(request, CHARTS["second-index"], run, {}, rows=places) if places else None,
        },
    )
