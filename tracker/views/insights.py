"""Short dated findings that the data showed, each with evidence, impact, horizon and related ones."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.queries import insights, runs
from tracker.views import formats, state
from tracker.views.models import Pager
from tracker.views.page import show


@require_safe
@state.tagged
def insight_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/insights/ and its files: findings known by the day, narrowed by kind and tag."""
    day = state.as_of(request)
    run = runs.run_for(day)
    kind = state.choice(request, "kind", ("", *insights.KINDS), "")
    tag, page = state.words(request, "tag"), request.GET.get("page", "1")
    at = runs.end_of(day) if day else None
    found = insights.insights(
        known_at=at,
        kind=kind,
        tag=tag,
        page=max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
        size=0 if suffix else insights.PAGE_SIZE,
    )
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else "")), "kind": kind, "tag": tag, "total": found.total}
        return formats.rows_as(suffix, found.rows, insights.InsightRow, name="insights", about=about)
    keys = {"kind": kind, "tag": tag, "as_of": str(day or "")}
    keys = {name: value for name, value in keys.items() if value}
    bare = {name: value for name, value in keys.items() if name != "kind"}
    first = (found.page - 1) * insights.PAGE_SIZE
    context = {
        "found": found,
        "kind": kind,
        "tag": tag,
        "bare": urlencode(bare),
        "chips": [
            (insights.KINDS[name], many, urlencode({**bare, "kind": name}), name == kind) for name, many in found.kinds
        ],
        "query": urlencode(keys),
        "pager": Pager(
            text=f"{first + 1} to {first + len(found.rows)} of {found.total}",
            previous=f"/insights/?{urlencode({**keys, 'page': found.page - 1})}" if found.page > 1 else "",
            next=f"/insights/?{urlencode({**keys, 'page': found.page + 1})}" if found.page < found.pages else "",
        ),
    }
    return show(
        request,
        "insights.html",
        title="Insights",
        description="What the data showed: records, flipped verdicts, moved lags, changed licences and strategies.",
        as_of=day,
        run=run,
        context=context,
    )


@require_safe
@state.tagged
def insight_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """/insights/SLUG/: one finding with those that are related to it."""
    day = state.as_of(request)
    found = insights.insight(slug, known_at=runs.end_of(day) if day else None)
    if found is None:
        raise Http404(f"No insight is named {slug}")
    row, related = found
    return show(
        request,
        "insight.html",
        title=row.title,
        description=row.summary,
        as_of=day,
        run=runs.run_for(day),
        context={"row": row, "related": related},
    )
