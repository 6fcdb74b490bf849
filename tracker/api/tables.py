"""`/api/v1/`: which tables there are, and the rows of one, filtered, as known on a day, a page at a time."""

from datetime import date
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse

from tracker.api.openapi import description
from tracker.api.problems import problem
from tracker.queries import runs, slices
from tracker.views.state import tagged

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
RESERVED = ("limit", "cursor", "as_of", "history")
METHODS = ("GET", "HEAD", "OPTIONS")


class BadRequestError(ValueError):
    """A parameter that cannot be meant."""


def _json(body: object) -> HttpResponse:
    response = HttpResponse(orjson.dumps(body), content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag, Link"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _refused(request: HttpRequest) -> HttpResponse | None:
    """The answer to any method that does not read."""
    if request.method in ("GET", "HEAD"):
        return None
    if request.method == "OPTIONS":
        response = HttpResponse(status=204)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response["Allow"] = ", ".join(METHODS)
        return response
    refused = problem(405, f"{request.method} is not allowed: this interface only reads")
    refused["Allow"] = HttpResponseNotAllowed(METHODS)["Allow"]
    return refused


@tagged
def index(request: HttpRequest) -> HttpResponse:
    """Every table with its address."""
    if refused := _refused(request):
        return refused
    found = [
        {
            "name": name,
            "title": extract.table.title,
            "about": extract.table.about,
            "url": request.build_absolute_uri(reverse("api-table", args=[name])),
        }
        for name, extract in slices.tables().items()
    ]
    return _json(
        {
            "data_version": runs.site().data_version,
            "description": request.build_absolute_uri(reverse("api-description")),
            "tables": found,
        }
    )


@tagged
def described(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    if refused := _refused(request):
        return refused
    return _json(description(slices.tables(), default_limit=DEFAULT_LIMIT, max_limit=MAX_LIMIT))


@tagged
def table(request: HttpRequest, name: str) -> HttpResponse:
    """A page of rows."""
    if refused := _refused(request):
        return refused
    extract = slices.tables().get(name)
    if extract is None:
        return problem(404, f"there is no table {name[:60]}; there are {', '.join(slices.tables())}")
    try:
        part = _part(request, extract)
        found = slices.cut(extract, _filters(request), part)
    except (BadRequestError, slices.BadFilterError) as error:
        return problem(400, str(error))
    following = ""
    if found.following is not None:
        query = {**request.GET.dict(), "cursor": str(found.following)}
        following = request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
    response = _json(
        {
            "table": name,
            "data_version": runs.site().data_version,
            "as_of": str(part.day) if part.day else None,
            "rows": found.rows,
            "next": following or None,
        }
    )
    if following:
        response["Link"] = f'<{following}>; rel="next"'
    return response


def _filters(request: HttpRequest) -> dict[str, str]:
    for name in request.GET:
        if len(request.GET.getlist(name)) > 1:
            raise BadRequestError(f"{name[:60]} is given twice")
    return {name: value for name, value in request.GET.dict().items() if name not in RESERVED}


def _part(request: HttpRequest, extract: slices.Extract) -> slices.Part:
    given = request.GET.dict()
    history = given.get("history", "false")
    if history not in ("true", "false"):
        raise BadRequestError("history is true or false")
    day = _day(given["as_of"]) if "as_of" in given else None
    if (day or history == "true") and not slices.has_history(extract):
        raise BadRequestError(f"{extract.table.name} has no history: as_of and history are for tables of facts")
    if day and history == "true":
        raise BadRequestError("as_of asks for one day and history for all of them: give one of the two")
    return slices.Part(
        after=_whole(given.get("cursor", "0"), "cursor", 0, slices.BIGGEST),
        limit=_whole(given.get("limit", str(DEFAULT_LIMIT)), "limit", 1, MAX_LIMIT),
        day=day,
        history=history == "true",
    )


def _whole(text: str, name: str, least: int, most: int) -> int:
    if text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most:
        return int(text)
    raise BadRequestError(f"{name} is a whole number from {least} to {most}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequestError("as_of is a day such as 2026-05-01") from None
