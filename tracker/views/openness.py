"""Releases under every rubric of openness, what blocks the next rung of each, and how that changed over time."""

from dataclasses import asdict
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import openness, runs
from tracker.queries.openness import LABELS, PASSES, RUBRICS, SORTS, OpennessFilter, OpennessRow
from tracker.views import formats, state
from tracker.views.figures import drawn
from tracker.views.models import REGION_NAMES, REGIONS, Pager
from tracker.views.page import show

# On a chip a rung stands for all of its labels.
CHIPS = {0: "unreleased, or not told", 2: "weights, non-commercial or untold"}
SORT_NAMES = {"released": "release date", "rung": "rung", "name": "name", "lab": "lab"}
PASS_NAMES = {
    "mof-3": "MOF class III or better (strict)",
    "mof-2": "MOF class II or better (strict)",
    "mof-1": "MOF class I (strict)",
    "mof-paper": "MOF class III or better (paper)",
    "osaid": "OSAID 1.0",
    "eu": "EU Art. 53(2), likely (non-binding)",
}
CHARTED = ("ladder-over-time", "openness-share", "open-frontier-licences")


def _filter(request: HttpRequest) -> OpennessFilter:
    page = request.GET.get("page", "1")
    return OpennessFilter(
        search=state.words(request, "q"),
        lab=state.words(request, "lab"),
        region=state.choice(request, "region", REGIONS, ""),
        rung=state.choice(request, "rung", ("", *map(str, LABELS)), ""),
        rubric=state.choice(request, "rubric", ("", *PASSES), ""),
        sort=state.choice(request, "sort", SORTS, "released"),
        page=max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
    )


@require_safe
@state.tagged
def openness_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/openness/ and its files: releases under every rubric as the day's run judged them."""
    day = state.as_of(request)
    run = runs.run_for(day)
    wanted = _filter(request)
    found = openness.openness_page(run.id if run else 0, wanted, size=0 if suffix else openness.PAGE_SIZE)
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else "")), "filter": asdict(wanted), "total": found.total}
        about |= {"rubrics": {slug: f"{rubric.title}, {rubric.version}" for slug, rubric in RUBRICS.items()}}
        return formats.rows_as(suffix, found.rows, OpennessRow, name="openness", about=about)
    keys = {name: value for name, value in asdict(wanted).items() if value and name not in ("page", "search")}
    keys |= {"q": wanted.search, "sort": wanted.sort if wanted.sort != "released" else "", "as_of": str(day or "")}
    keys = {name: value for name, value in keys.items() if value}
    unranked = {name: value for name, value in keys.items() if name != "rung"}
    first = (found.page - 1) * openness.PAGE_SIZE
    params = {"region": wanted.region} if wanted.region else {}
    every = sum(found.rungs.values())
    context = {
        "rows": found.rows,
        "total": found.total,
        "every": every,
        "rungs": [
            (str(rung), CHIPS.get(rung, label), found.rungs.get(rung, 0), urlencode({**unranked, "rung": rung}))
            for rung, label in LABELS.items()
        ],
        "unranked": urlencode(unranked),
        "wanted": wanted,
        "regions": REGION_NAMES,
        "passes": PASS_NAMES.items(),
        "labs": openness.labs_of(run.id) if run else [],
        "sorts": [(key, words.capitalize()) for key, words in SORT_NAMES.items()],
        "sort_name": SORT_NAMES[wanted.sort],
        "pager": Pager(
            text=f"{first + 1} to {first + len(found.rows)} of {found.total}",
            previous=f"/openness/?{urlencode({**keys, 'page': found.page - 1})}" if found.page > 1 else "",
            next=f"/openness/?{urlencode({**keys, 'page': found.page + 1})}" if found.page < found.pages else "",
        ),
        "query": urlencode(keys),
        "rubrics": [
            (rubric, rubric.in_force(run.as_of) if run else True)
            for rubric in RUBRICS.values()
            if rubric.slug != "ladder"
        ],
        "run": run,
        "figures": [drawn(request, CHARTS[slug], run, params if nth < 2 else {}) for nth, slug in enumerate(CHARTED)],
    }
    return show(
        request,
        "openness.html",
        title="How open is it really?",
        description="Every release under every rubric of openness, and the one step that blocks the next rung.",
        as_of=day,
        run=run,
        context=context,
    )
