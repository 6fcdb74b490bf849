"""What is answered where a page could not be made: 503 while the database is away or busy, for then it pays to ask
again, and 500 where the fault is ours."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

from tracker.api.problems import problem

AWAY = "The database does not answer just now. Nothing is lost: ask again in a few seconds."


def broken(request: HttpRequest) -> HttpResponse:
    """Called by Django while the error is at hand, wherever it was raised. Nothing here asks the database; when to ask
    again is said by the headers that every page has."""
    if not isinstance(sys.exception(), OperationalError | InterfaceError):
        return HttpResponseServerError(render_to_string("500.html"))
    if request.path_info.startswith("/api/"):
        response = problem(503, AWAY)
    else:
        response = HttpResponse(render_to_string("503.html", {"said": AWAY}), status=503)
    response["Cache-Control"] = "no-store"
    return response
