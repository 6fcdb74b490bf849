"""Labs by how open they are, and one lab with its strategy, its models, its prices and what was said of it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import claims, events, labs, news, runs
from tracker.queries.claims import ClaimFilter
from tracker.views import formats, state
from tracker.views.claims import BADGES
from tracker.views.figures import drawn
from tracker.views.models import REGION_NAMES, REGIONS
from tracker.views.page import show

# A page stays light; the timeline and the files hold every row.
EVENTS, NOTICES, MODELS, PRICES = 40, 12, 60, 60


@require_safe
@state.tagged
def lab_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/labs/ and its files: labs with a model or an event, of one region or all."""
    day = state.as_of(request)
    run = runs.run_for(day)
    region = state.choice(request, "region", REGIONS, "")
    rows = labs.lab_rows(run, known_at=runs.facts_at(run, day), region=region)
    if suffix:
        phases = {str(stance): words for stance, words in labs.STANCES.items()}
        about = {"as_of": str(day or (run.as_of if run else "")), "region": region, "phases": phases}
        return formats.rows_as(suffix, rows, labs.LabRow, name="labs", about=about)
    return show(
        request,
        "labs.html",
        title="Labs",
        description="How open each lab's releases have been, phase by phase, and what each has at the frontier.",
        as_of=day,
        run=run,
        context={
            "rows": rows,
            "regions": REGION_NAMES,
            "wanted": region,
            "run": run,
            "figure": drawn(
                request,
                CHARTS["strategies"],
                run,
                {"region": region} if region else {},
                name=dict(REGION_NAMES).get(region, ""),
            ),
        },
    )


@require_safe
@state.tagged
def lab_detail(request: HttpRequest, slug: str, suffix: str = "") -> HttpResponse:
    """/labs/SLUG/; its files hold the lab's events, which the page shows the newest of."""
    day = state.as_of(request)
    run = runs.run_for(day)
    lab = labs.lab_page(run, slug)
    if lab is None:
        raise Http404(f"No lab is named {slug}")
    at = runs.facts_at(run, day)
    found = events.timeline(events.EventFilter(lab=slug), known_at=at, size=0 if suffix else EVENTS)
    if suffix:
        about = {"lab": lab.name, "slug": slug, "as_of": str(day or (run.as_of if run else ""))}
        return formats.rows_as(suffix, found.rows, events.EventRow, name=f"{slug}-events", about=about)
    judged = claims.judged(day)
    prices = labs.lab_prices(slug, known_at=at, limit=PRICES + 1)
    context = {
        "lab": lab,
        "phase": lab.phases[-1] if lab.phases else None,
        "figure": drawn(request, CHARTS["strategies"], run, {"lab": slug}, name=lab.name) if lab.phases else None,
        "timeline": found,
        "kinds": events.KIND_WORDS,
        "promises": events.promises(lab=slug, known_at=at),
        "families": _shown(lab.families),
        "shown": MODELS,
        "prices": prices[:PRICES],
        "more_prices": len(prices) > PRICES,
        "claims": claims.ledger(judged, ClaimFilter(author=lab.name)).rows,
        "badges": BADGES,
        "news": news.latest_news(lab=slug, known_at=at, limit=NOTICES),
        "run": run,
    }
    return show(
        request,
        "lab.html",
        title=lab.name,
        description=f"{lab.name}: how open its releases are, what it promised, its models, prices and news.",
        as_of=day,
        run=run,
        context=context,
    )


def _shown(families: tuple[tuple[str, tuple[object, ...]], ...]) -> list[tuple[str, tuple[object, ...], int]]:
    """The newest models of every family, as many as a page can carry, with how many each family has."""
    left, found = MODELS, []
    for name, rows in families:
        found.append((name, rows[:left], len(rows)))
        left = max(0, left - len(rows))
    return [one for one in found if one[1]]
