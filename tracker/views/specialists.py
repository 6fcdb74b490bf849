"""Per field of work the best model, the cheapest one near it, and the generalist that still beats that."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import runs, specialists
from tracker.queries.specialists import NAMES, RULES, SpecialistRow
from tracker.views import formats, state
from tracker.views.figures import drawn
from tracker.views.page import show


@require_safe
@state.tagged
def specialist_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/specialists/: per field who comes near the best and at what price; `level` says how near, by default two
    standard errors."""
    day = state.as_of(request)
    run = runs.run_for(day)
    level = state.choice(request, "level", RULES, "")
    field = state.choice(request, "field", ("", *(key for key, _ in NAMES)), "")
    found = specialists.fields(run, level, field)
    keys = {name: value for name, value in (("level", level), ("field", field)) if value}
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else "")), "filter": keys}
        about |= {"blend": "3 input : 1 output", "unit": "US dollars per million tokens"}
        return formats.rows_as(suffix, specialists.table(found), SpecialistRow, name="specialists", about=about)
    return show(
        request,
        "specialists.html",
        title="Specialists",
        description="Per field of work the cheapest model near the best, what the best costs beside it, and who leads.",
        as_of=day,
        run=run,
        context={
            "fields": found,
            "every": sum(len(one.benchmarks) for one in found),
            "names": NAMES,
            "rules": [(rule, f"{rule} % of the best") for rule in RULES if rule],
            "level": level,
            "wanted": field,
            "query": urlencode({**keys, **({"as_of": str(day)} if day else {})}),
            "figure": drawn(request, CHARTS["specialists"], run, {}),
            "run": run,
        },
    )
