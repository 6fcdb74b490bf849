"""A page that cannot be made because the database is away says when to ask again; any other fault is ours."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, ProgrammingError, connection, transaction
from django.test import Client, RequestFactory
from django.views.defaults import bad_request, permission_denied

from tests.pages.reading import read

pytestmark = pytest.mark.django_db


def asked(address, error, *, method="get"):
    """The answer while every question to the database ends so."""

    def end(execute, sql, params, many, context):
        raise error

    with connection.execute_wrapper(end):
        return getattr(Client(raise_request_exception=False), method)(address)


@pytest.mark.parametrize(
    ("address", "method"),
    [
        ("/", "get"),
        ("/", "head"),
        ("/models/", "get"),
        ("/gap.json", "get"),
        ("/feeds/news.atom", "get"),
        ("/admin/login/", "post"),
        ("/api/v1/scores", "get"),
    ],
)
@pytest.mark.parametrize("error", [OperationalError("terminating connection"), InterfaceError("connection is closed")])
def test_while_the_database_is_away_every_page_says_when_to_ask_again(address, method, error):
    response = asked(address, error, method=method)
    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "10", "no-store")
    assert b"terminating" not in response.content
    assert "script-src 'self'" in response["Content-Security-Policy"]
    if address.startswith("/api/"):
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == 503
    elif method == "get":
        assert "ask again in a few seconds" in read(response).text


def test_a_question_that_takes_the_database_too_long_is_no_fault_of_the_page():
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1")

        def slow(execute, sql, params, many, context):
            return execute("SELECT pg_sleep(1)", None, many, context)

        with connection.execute_wrapper(slow):
            response = Client(raise_request_exception=False).get("/models/")
        transaction.set_rollback(True)
    assert response.status_code == 503


def test_what_is_not_the_databases_doing_is_still_an_error():
    response = asked("/models/", ProgrammingError("no such column"))
    assert response.status_code == 500
    assert "Retry-After" not in response
    assert "Something broke on our side" in read(response).text


@pytest.mark.parametrize("status", [400, 403])
def test_what_is_refused_is_refused_on_a_page_of_ours(status):
    response = {400: bad_request, 403: permission_denied}[status](RequestFactory().get("/"), PermissionDenied("x"))
    page = read(response)
    assert response.status_code == status
    assert page.all("h1")
    assert "css/site" in page.all("link")[0]["href"]
