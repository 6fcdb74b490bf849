"""What labs did, by date: releases by access, licence changes, pivots, funding, people, policy, promises."""

from dataclasses import asdict
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import events, runs
from tracker.views import formats, state
from tracker.views.figures import Drawn, drawn
from tracker.views.models import REGION_NAMES, REGIONS, Pager
from tracker.views.page import show


@require_safe
@state.tagged
def timeline(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/timeline/ and its files: events known by the day, newest first, and what became of promises."""
    day = state.as_of(request)
    run = runs.run_for(day)
    page = request.GET.get("page", "1")
    wanted = events.EventFilter(
        lab=state.words(request, "lab"),
        kind=state.choice(request, "kind", ("", *events.KINDS), ""),
        region=state.choice(request, "region", REGIONS, ""),
        since=state.day(request, "from"),
        until=state.day(request, "to"),
        page=max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
    )
    at = runs.facts_at(run, day)
    found = events.timeline(wanted, known_at=at, size=0 if suffix else events.PAGE_SIZE)
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else "")), "total": found.total}
        about |= {"filter": {name: str(value or "") for name, value in asdict(wanted).items() if name != "page"}}
        return formats.rows_as(suffix, found.rows, events.EventRow, name="timeline", about=about)
    keys = {"lab": wanted.lab, "kind": wanted.kind, "region": wanted.region, "as_of": str(day or "")}
    keys |= {"from": str(wanted.since or ""), "to": str(wanted.until or "")}
    keys = {name: value for name, value in keys.items() if value}
    bare = {name: value for name, value in keys.items() if name != "kind"}
    first = (found.page - 1) * events.PAGE_SIZE
    context = {
        "timeline": found,
        "years": [(year, list(rows)) for year, rows in groupby(found.rows, key=lambda row: row.occurred[:4])],
        "wanted": wanted,
        "regions": REGION_NAMES,
        "kinds": events.KIND_WORDS,
        "chips": [
            (events.KIND_WORDS[events.EventKind(kind)], many, urlencode({**bare, "kind": kind}), kind == wanted.kind)
            for kind, many in found.kinds
        ],
        "bare": urlencode(bare),
        "query": urlencode(keys),
        "promises": events.promises(lab=wanted.lab, known_at=at),
        "pager": Pager(
            text=f"{first + 1} to {first + len(found.rows)} of {found.total}",
            previous=f"/timeline/?{urlencode({**keys, 'page': found.page - 1})}" if found.page > 1 else "",
            next=f"/timeline/?{urlencode({**keys, 'page': found.page + 1})}" if found.page < found.pages else "",
        ),
        "figure": _figure(request, wanted.lab, {slug: name for slug, name, _ in found.labs}, run, day),
        "run": run,
    }
    return show(
        request,
        "timeline.html",
        title="Timeline",
        description="Who opened or closed what, and when: releases, licences, pivots, funding, people and promises.",
        as_of=day,
        run=run,
        context=context,
    )


def _figure(request: HttpRequest, lab: str, names: dict[str, str], run: runs.RunInfo | None, day: date | None) -> Drawn:
    """Every kind of event, of one lab where the page is narrowed to one that there is."""
    params = {"lab": lab} if lab in names else {}
    # Without a run of its own a day of the past has nothing to draw.
    rows: list[Any] | None = None if run or not day else []
    return drawn(request, CHARTS["events"], run, params, name=names.get(lab, ""), rows=rows)
