"""Errors of the programming interface in the one shape of RFC 9457."""

from http import HTTPStatus

import orjson
from django.http import HttpResponse

TYPE = "application/problem+json"


def problem(status: int, detail: str) -> HttpResponse:
    """What was wrong with the request, for a program and for whoever reads its log."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    response = HttpResponse(orjson.dumps(body), content_type=TYPE, status=status)
    response["Access-Control-Allow-Origin"] = "*"
    return response
