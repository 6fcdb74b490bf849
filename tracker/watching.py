"""Every request has an id that its lines, its tasks and its answer carry, and is counted by route and status."""

from collections.abc import Callable
from time import perf_counter

from django.db import connection
from django.http import HttpRequest, HttpResponse

from landscape.observe import context, traces
from landscape.observe.counting import COUNTER

HEADER = "X-Request-Id"
CLASSES = {status: f"{status}xx" for status in range(1, 6)}


class Watched:
    """The outermost of all, so that what it counts is what a reader waits for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        ident = given if given and context.well_formed(given) else context.new_id()
        request.ident = ident  # type: ignore[attr-defined]
        before = context.set_ids({"run": ident, "request": ident})
        try:
            response = self._traced(request) if traces.on() else self.get_response(request)
        finally:
            context.reset_ids(before)
        response.headers[HEADER] = ident
        status = CLASSES.get(response.status_code // 100, "5xx")
        COUNTER.observe("page_seconds", (route(request), status), perf_counter() - began)
        return response

    def _traced(self, request: HttpRequest) -> HttpResponse:
        with (
            traces.span(str(request.method), kind="SERVER") as span,
            connection.execute_wrapper(traces.sql),
        ):
            response = self.get_response(request)
            span.update_name(f"{request.method} {route(request)}")
            span.set_attributes({"http.route": route(request), "http.response.status_code": response.status_code})
            return response


def route(request: HttpRequest) -> str:
    """The name of the address's pattern: a path would make a new row for every model, and hold readers' links."""
    match = request.resolver_match
    if match is None:
        return "none"
    return match.namespaces[0] if match.namespaces else match.url_name or "unnamed"
