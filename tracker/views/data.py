"""Take it away: every table of the public data set as a file, its description, how to cite it, and the interface."""

import tempfile
from pathlib import Path
from urllib.parse import urlencode

import orjson
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.queries import data_package, public, runs, slices
from tracker.queries.news_feeds import FEEDS
from tracker.views import formats, permalink, state, takeaway
from tracker.views.page import show


@require_safe
@state.tagged
def overview(request: HttpRequest) -> HttpResponse:
    """/data/: the tables to download, the feeds and how to cite them, always as known now."""
    pinned = permalink.Pinned(None, runs.run_for(None), named=False, said={})
    run, site = pinned.run, request.build_absolute_uri("/").rstrip("/")
    return show(
        request,
        "data.html",
        title="Data",
        description="The whole data set as CSV and Parquet, the programming interface, feeds, and how to cite it.",
        run=run,
        context={
            "tables": [extract.table for extract in slices.tables().values()],
            "credits": public.credited(),
            "site": site,
            "feeds": [
                {"url": reverse("feed", args=[name]), "title": one.title, "about": one.about}
                for name, one in FEEDS.items()
            ],
            "citation": _cited(request, pinned),
            "citation_query": urlencode(permalink.keys(run, None)),
            "run": run,
        },
    )


@require_safe
@state.tagged
def interface(request: HttpRequest) -> HttpResponse:
    """/api/ for people: every table that the programming interface has, and which of them go back in time."""
    tables = [(extract.table, slices.has_history(extract)) for extract in slices.tables().values()]
    return show(
        request,
        "api.html",
        title="Programming interface",
        description="Every table as JSON, page by page, with filters and as known on a day; described in OpenAPI 3.1.",
        run=runs.run_for(None),
        context={"tables": tables, "site": request.build_absolute_uri("/").rstrip("/")},
    )


@require_safe
@state.tagged
def table_file(request: HttpRequest, name: str, suffix: str) -> HttpResponse | FileResponse:
    """One table whole. It is written to a file first: a reader gets all of it or an error, and memory stays flat."""
    extract = slices.tables().get(name)
    if extract is None:
        raise Http404(f"No table is named {name}")
    with tempfile.TemporaryDirectory() as folder, public.one_moment():
        data_package.write_table(Path(folder), extract.table, extract.rows())
        # The open file outlives its folder's entry, and goes when the answer is sent.
        content = (Path(folder) / f"{name}.{suffix}").open("rb")
    response = FileResponse(content, content_type=formats.TYPES[suffix])
    response["Content-Disposition"] = f'inline; filename="{name}.{suffix}"'
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@state.tagged
def package(request: HttpRequest) -> HttpResponse:
    """The description of all tables, whose paths are their addresses here."""
    resources = [
        data_package.resource(
            extract.table, suffix, request.build_absolute_uri(reverse("table-file", args=[name, suffix]))
        )
        for name, extract in slices.tables().items()
        for suffix in data_package.FORMATS
    ]
    body = data_package.package(resources, public.credited(), data_package.ABOUT)
    return formats.answer(orjson.dumps(body, option=orjson.OPT_INDENT_2), "json", "datapackage")


@require_safe
@state.tagged
def citation(request: HttpRequest) -> HttpResponse:
    """How to cite the data as known on a day, in BibTeX: day, run and definition are in the address that it names."""
    pinned = permalink.pinned(request)
    pinned.for_file()
    cited = _cited(request, pinned).bibtex
    return HttpResponse(cited, content_type="application/x-bibtex; charset=utf-8")


def _cited(request: HttpRequest, pinned: permalink.Pinned) -> takeaway.Citation:
    url = permalink.url_of(request, pinned, {}, reverse("home"))
    return permalink.citation(pinned, url=url, slug="data", title="How far open models trail closed ones")
