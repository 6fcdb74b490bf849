"""Every route: who gets in, which headers its answer carries, and which views take forms from elsewhere."""

import csv
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver

from tests.accounts.routes import address, outcome, patterns
from tests.entering import Entered

MATRIX = Path(__file__).with_name("routes.csv")
ROLES = ("anonymous", "reader", "curator", "superuser")
# Whom a token in the address or a secret in the letter's head lets in; the session has nothing to do with it.
EXEMPT = {
    "tracker.views.subscribe.confirm",
    "tracker.views.subscribe.unsubscribe",
    "tracker.views.subscribe.preferences",
    "tracker.views.mail.hand_in",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), usb=()"
    ),
    "Server": "",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {}; object-src 'none'"
)


def routes():
    return {route: address(route) for route, _ in patterns(get_resolver())}


def golden():
    with MATRIX.open(newline="") as file:
        return {row["route"]: tuple(row[role] for role in ROLES) for row in csv.DictReader(file)}


@pytest.fixture
def roles(db, curator):
    """A browser for each role."""
    reader = User.objects.create_user("reader", password="a long enough secret")
    root = User.objects.create_superuser("root", password="a long enough secret")
    browsers = {"anonymous": Client(raise_request_exception=False)}
    for name, user in (("reader", reader), ("curator", curator), ("superuser", root)):
        browsers[name] = Entered(raise_request_exception=False)
        browsers[name].force_login(user)
    return browsers


def test_every_route_has_its_row_in_the_matrix_and_no_row_is_left_over():
    assert sorted(golden()) == sorted(routes())


def faults_of_headers(where, response):
    framed = "*" if where.startswith("/embed/") else "'none'"
    wanted = {**HEADERS, "Content-Security-Policy": POLICY.format(framed)}
    # Files of public data may be shown anywhere, pages may not.
    public = framed == "*" or (response.status_code == 200 and not response["Content-Type"].startswith("text/html"))
    if not public:
        wanted["Cross-Origin-Resource-Policy"] = "same-origin"
    for name, value in wanted.items():
        if response.headers.get(name) != value:
            yield f"{where} {response.status_code}: {name} is {response.headers.get(name)!r}"
    for name in ("Referrer-Policy", "Cross-Origin-Resource-Policy"):
        if not response.headers.get(name):
            yield f"{where} {response.status_code}: no {name}"
    if framed != "*" and response.headers.get("X-Frame-Options") != "DENY":
        yield f"{where} {response.status_code}: may be framed"


def test_every_route_answers_every_role_as_the_matrix_says_with_every_header(roles):
    """How it was made: `found` below, looked through row by row. A row says what a role gets, not how it looks."""
    found, faults = {}, []
    for route, where in routes().items():
        if where == "/admin/logout/":  # it takes a form only, and would end the sessions
            found[route] = golden()[route]
            continue
        answers = {role: browser.get(where) for role, browser in roles.items()}
        found[route] = tuple(outcome(answers[role]) for role in ROLES)
        faults += [fault for answer in answers.values() for fault in faults_of_headers(where, answer)]
    assert faults == []
    assert {route: row for route, row in found.items() if golden().get(route) != row} == {}


def test_files_redirects_and_errors_carry_the_headers_too(client, db, settings):
    client.raise_request_exception = False
    wrong = [
        ("/static/css/site.css", {}),
        ("/static/none.css", {}),
        ("/favicon.ico", {}),
        ("/gap", {}),
        ("/nothing/here/", {}),
        ("/%00/", {}),
        ("/", {"HTTP_HOST": "evil.example"}),
    ]
    faults = [fault for where, told in wrong for fault in faults_of_headers(where, client.get(where, **told))]
    assert faults + list(faults_of_headers("POST /gap/", client.post("/gap/"))) == []


def test_behind_https_pages_are_kept_to_it_for_a_year(client, settings, db):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 365 * 86_400
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    turned = client.get("/methods/")
    assert (turned.status_code, turned["Location"]) == (301, "https://testserver/methods/")
    assert list(faults_of_headers("/methods/", turned)) == []
    for where in ("/methods/", "/nothing/", "/admin/login/", "/static/css/site.css"):
        answer = client.get(where, headers={"X-Forwarded-Proto": "https"})
        assert answer["Strict-Transport-Security"] == "max-age=31536000", where


def test_only_these_views_take_forms_without_a_token_against_forged_requests():
    views = {pattern.callback for _, pattern in patterns(get_resolver())}
    exempt = {f"{view.__module__}.{view.__name__}" for view in views if getattr(view, "csrf_exempt", False)}
    assert exempt == EXEMPT
