"""Every pattern of the URL tree with an address that matches it, and what a role gets there."""

import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

# What stands for a part of an address. Numbers and names that nothing has: who is let in learns that there is nothing.
SAMPLES = {
    "(?P<suffix>csv|json|parquet)": "csv",
    "(?P<suffix>csv|parquet)": "csv",
    "(?P<suffix>json)": "json",
    r"(?P<suffix>csv|json|parquet|svg|png|metadata\.json|readme\.md|bib|csl\.json|zip)": "csv",
    r"(?P<name>[-\w]+\.log)/(?P<offset>\d{1,15})": "no.log/0",
    r"(?P<number>\d{1,12})": "999999",
    r"(?P<week>\d{4}-W\d{2})": "2020-W01",
    r"(?P<slug>[-\w]+)": "none",
    r"(?P<name>[-\w]+)": "none",
    "(?P<name>[a-z_]+)": "none",
    "(?P<lines>l?)": "",
    "(?P<app_label>auth|tracker)": "tracker",
    "(?P<url>.*)$": "none/",
}
CONVERTERS = {"slug": "none", "str": "none", "int": "999999", "path": "999999"}


def patterns(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern with its route from the root."""
    for one in (resolver or get_resolver()).url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one, route)
        else:
            yield route, one


def address(route: str) -> str:
    for part, sample in SAMPLES.items():
        route = route.replace(part, sample)
    route = re.sub(r"<(?:(\w+):)?\w+>", lambda found: CONVERTERS[found[1] or "str"], route)
    route = route.replace("^", "").replace("$", "").replace(r"\.", ".").replace(r"\Z", "")
    assert not set(route) & set("<>()?\\|+*"), f"say in SAMPLES what stands for a part of {route}"
    return f"/{route}"


def outcome(response: HttpResponse) -> str:
    """What somebody gets: nothing said of how a page looks, only whether it is for them."""
    status, location = response.status_code, response.headers.get("Location", "")
    if location.startswith("/admin/login/"):
        return "login"
    if status in (403, 404, 405, 429):
        return {403: "refused", 404: "absent", 405: "wrong method", 429: "too many"}[status]
    return "answers" if status < 500 else f"ERROR {status}"
