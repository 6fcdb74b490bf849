"""One box for everything with a name; works without scripts, and as JSON."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.queries import runs, search
from tracker.views import formats, state
from tracker.views.page import show


@require_safe
@state.tagged
def search_page(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/search/?q=WORDS, of one kind of thing or all; without words it suggests some."""
    day = state.as_of(request)
    run = runs.run_for(day)
    words = state.words(request, "q")
    kind = state.choice(request, "kind", ("", *search.KINDS), "")
    hits = search.search(words, run, kind=kind)
    if suffix:
        return formats.rows_as(suffix, hits, search.Hit, name="search", about={"q": words, "kind": kind})
    return show(
        request,
        "search.html",
        title=f"Search: {words}" if words else "Search",
        description="Models, labs, licences, benchmarks, people and claims by any of their names.",
        as_of=day,
        run=run,
        context={
            "words": words,
            "kind": kind,
            "kinds": [(key, heading) for key, (heading, _) in search.KINDS.items()],
            "groups": search.grouped(hits),
            "total": len(hits),
            "try": [] if words else search.suggestions(),
        },
    )
