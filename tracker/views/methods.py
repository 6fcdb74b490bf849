"""Every definition in words and formulas, with its source."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.queries import methods, runs
from tracker.views import state
from tracker.views.page import show


@require_safe
@state.tagged
def methods_page(request: HttpRequest) -> HttpResponse:
    day = state.as_of(request)
    run = runs.run_for(day)
    return show(
        request,
        "methods.html",
        title="Methods",
        description="What every number on this site means: the index, the eight estimators, openness, evidence.",
        as_of=day,
        run=run,
        context={"run": run, "constants": methods.constants()},
    )
