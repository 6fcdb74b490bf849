"""What every page has: navigation, the data's version, the day it stands for, and the files it can be had as."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tracker.queries import runs
from tracker.views import permalink

NAVIGATION = (
    ("The answer", "home"),
    ("Gap", "gap"),
    ("Models", "models"),
    ("Openness", "openness"),
    ("Labs", "labs"),
    ("Prices", "prices"),
    ("Claims", "claims"),
    ("Insights", "insights"),
)
# What stands behind "More", in the menu of a phone and at the foot of every page.
MORE = (
    ("Choose", "choose"),
    ("Compare", "compare"),
    ("Benchmarks", "benchmarks"),
    ("Benchmark health", "benchmark-health"),
    ("Scores", "scores"),
    ("Own evaluations", "evaluations"),
    ("Licences", "licences"),
    ("Can I use it?", "can-i-use"),
    ("Reconcile", "reconcile"),
    ("Forecasts", "forecasts"),
    ("Scenarios", "scenarios"),
    ("Specialists", "specialists"),
    ("Efficiency", "efficiency"),
    ("Timeline", "timeline"),
    ("Regions", "regions"),
    ("Weekly digest", "digest"),
    ("Statements", "statements"),
    ("People", "people"),
    ("Search", "search"),
    ("Pipeline", "pipeline"),
    ("Status", "status"),
    ("Methods", "methods"),
    ("Data", "data"),
    ("Interface", "api"),
)
# What is done now: there is no such page of the past.
PRESENT = ("evaluations", "pipeline", "status", "data", "api")


@dataclass(frozen=True, slots=True)
class Page:
    """A page's own head: its title, what search engines show, its path."""

    title: str
    description: str
    path: str


@dataclass(frozen=True, slots=True)
class Meta:
    """What the footer says of the data under the page."""

    data_version: int
    as_of: date | None
    updated_at: object
    next_at: object
    run: runs.RunInfo | None


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the navigation; `more` is behind "More" where there is room for a few only."""

    label: str
    url: str
    current: bool
    more: bool


def meta(as_of: date | None, run: runs.RunInfo | None) -> Meta:
    """A page of the past says only what was known then, so that later readings leave its bytes alone."""
    if as_of is not None:
        return Meta(run.data_version if run else 0, as_of, None, None, run)
    now = runs.site()
    return Meta(now.data_version, as_of, now.last_checked, now.next_due, run)


@cache
def _urls() -> dict[str, str]:
    return {name: reverse(name) for _, name in (*NAVIGATION, *MORE)}


def current(path: str) -> str:
    """The address of the navigation that a page is at or under: of two such only the nearer; blank where none is."""
    return max(
        (url for url in _urls().values() if path == url or (url != "/" and path.startswith(url))), default="", key=len
    )


def navigation(here: str, at: str = "") -> list[Link]:
    """The pages of the site, of which `here` is the current one; `at` keeps a walk through the past there, but for
    pages that only know the present."""
    urls = _urls()
    return [
        Link(label, urls[name] if name in PRESENT else f"{urls[name]}{at}", urls[name] == here, more)
        for pages, more in ((NAVIGATION, False), (MORE, True))
        for label, name in pages
    ]


def show(
    request: HttpRequest,
    template: str,
    *,
    title: str,
    description: str,
    as_of: date | None = None,
    run: runs.RunInfo | None = None,
    pinned: permalink.Pinned | None = None,
    said: Mapping[str, str] | None = None,
    context: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Render a page. `at` is what a link inside the site ends in, so that it leads to the same day; `and_at` the same
    behind other keys. A page that can be `pinned` has its day and run from there, and offers the permalink to what its
    address `said`."""
    at = f"?as_of={as_of}" if as_of else ""
    if pinned is not None:
        as_of, run, at = pinned.day, pinned.run, pinned.at
    common = {
        "page": Page(title, description, request.path),
        "meta": meta(as_of, run),
        "at": at,
        "and_at": at.replace("?", "&", 1),
        "pinned": pinned,
        "permanent": permalink.permanent(request, pinned, said or {}, title) if pinned else None,
    }
    return render(request, template, {**common, **(context or {})})
