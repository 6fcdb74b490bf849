"""The list of models, and one model with its scores, prices, releases and where each was read."""

from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import events, models, openness, regions, runs
from tracker.queries.latest_events import latest_events
from tracker.views import formats, score_markup, state
from tracker.views.figures import drawn
from tracker.views.page import show

OPENNESS = ("", "weights", "commercial", "osi", "osaid", "closed")
REGIONS = ("", "us", "china", "europe", "other")
OPENNESS_NAMES = [
    ("weights", "Weights can be downloaded"),
    ("commercial", "Commercial use"),
    ("osi", "OSI-approved licence"),
    ("osaid", "OSAID 1.0"),
    ("closed", "Closed"),
]
# Of one model; the timeline holds every one.
EVENTS = 40
# A page stays light; the files hold every score of a model.
SHOWN = 200
REGION_NAMES = list(regions.NAMES.items())
SORT_NAMES = {"index": "capability index", "released": "release date", "name": "name", "lab": "lab"}


@dataclass(frozen=True, slots=True)
class Pager:
    """The line under a list: which rows these are, and the addresses before and after, blank where there is none."""

    text: str
    previous: str
    next: str


def _filter(request: HttpRequest) -> models.ModelFilter:
    page = request.GET.get("page", "1")
    return models.ModelFilter(
        search=state.words(request, "q"),
        lab=state.words(request, "lab"),
        openness=state.choice(request, "open", OPENNESS, ""),
        region=state.choice(request, "region", REGIONS, ""),
        sort=state.choice(request, "sort", tuple(models.SORTS), "index"),
        page=max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
    )


@require_safe
@state.tagged
def model_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/models/ and its files: a page of what the day's run knows; files hold all that pass the filter."""
    day = state.as_of(request)
    run = runs.run_for(day)
    wanted = _filter(request)
    found = models.model_page(run.id if run else 0, wanted, size=0 if suffix else models.PAGE_SIZE)
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else "")), "filter": asdict(wanted), "total": found.total}
        return formats.rows_as(suffix, found.rows, models.ModelRow, name="models", about=about)
    keys = {"q": wanted.search, "lab": wanted.lab, "open": wanted.openness, "region": wanted.region}
    keys |= {"sort": wanted.sort if wanted.sort != "index" else "", "as_of": str(day or "")}
    keys = {name: value for name, value in keys.items() if value}
    first = (found.page - 1) * models.PAGE_SIZE
    context = {
        "rows": found.rows,
        "total": found.total,
        "pager": Pager(
            text=f"{first + 1} to {first + len(found.rows)} of {found.total}",
            previous=f"/models/?{urlencode({**keys, 'page': found.page - 1})}" if found.page > 1 else "",
            next=f"/models/?{urlencode({**keys, 'page': found.page + 1})}" if found.page < found.pages else "",
        ),
        "wanted": wanted,
        "openness": OPENNESS_NAMES,
        "regions": REGION_NAMES,
        "sorts": [(key, words.capitalize()) for key, words in SORT_NAMES.items()],
        "sort_name": SORT_NAMES[wanted.sort],
        "labs": models.labs_of(run.id) if run else [],
        "query": urlencode(keys),
        "run": run,
    }
    return show(
        request,
        "models.html",
        title="Models",
        description="Every tracked release with its lab, access, licence, size and place on the capability index.",
        as_of=day,
        run=run,
        context=context,
    )


@require_safe
@state.tagged
def model_detail(request: HttpRequest, slug: str, suffix: str = "") -> HttpResponse:
    """/models/SLUG/, also of a model that no run knows yet. Its files hold every score, believed or not, the page
    SHOWN of them."""
    day = state.as_of(request)
    run = runs.run_for(day)
    known_at = runs.facts_at(run, day)
    row = models.model_row(run.id if run else None, slug)
    if row is None:
        raise Http404(f"No model is named {slug}")
    scores = models.model_scores(slug, known_at=known_at)
    if suffix:
        about = {"model": row.name, "slug": slug, "as_of": str(day or (run.as_of if run else ""))}
        return formats.rows_as(suffix, scores, models.ScoreLine, name=slug, about=about)
    best, shown = models.best_rows(run, scores), models.foremost(scores, SHOWN)
    offers = models.believed_offers(run, [slug])
    context = {
        "row": row,
        "shown": len(shown),
        "total": len(scores),
        "scores": score_markup.of_model(shown, f"?as_of={day}" if day else ""),
        "prices": models.model_prices(slug, known_at=known_at, believed=offers.get(slug, ())),
        "events": latest_events(known_at=known_at, limit=EVENTS, model=slug),
        "kinds": events.KIND_WORDS,
        "late_days": models.LATE_DAYS,
        "releases": models.model_releases(slug, known_at=known_at),
        # Names are explained at any time: a page of the past does not tell which were known then.
        "aliases": [] if day else models.aliases_of(slug),
        "run": run,
        "openness": openness.panel(run.id if run else None, slug),
        "figure": drawn(request, CHARTS["model-scores"], run, {"model": slug}, name=row.name, rows=best),
    }
    return show(
        request,
        "model.html",
        title=row.name,
        description=f"{row.name} by {row.lab}: release, licence, scores by setting and prices, each with its source.",
        as_of=day,
        run=run,
        context=context,
    )
