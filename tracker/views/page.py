"""What every page has: navigation, the data's version, the day it stands for, and the files it can be had as."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tracker.queries import runs

NAVIGATION = (
    ("The answer", "home"),
    ("Gap", "gap"),
    ("Models", "models"),
    ("Benchmarks", "benchmarks"),
    ("Pipeline", "pipeline"),
    ("Methods", "methods"),
)


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
    label: str
    url: str
    current: bool


def meta(as_of: date | None, run: runs.RunInfo | None) -> Meta:
    site = runs.site()
    return Meta(site.data_version, as_of, site.last_checked, site.next_due, run)


def navigation(request: HttpRequest) -> list[Link]:
    links = []
    for label, name in NAVIGATION:
        url = reverse(name)
        here = request.path == url if url == "/" else request.path.startswith(url)
        links.append(Link(label, with_as_of(url, request), here))
    return links


def with_as_of(url: str, request: HttpRequest) -> str:
    """The address with the page's own day, so that a walk through the past stays there."""
    day = request.GET.get("as_of", "")
    return f"{url}?as_of={day}" if day and len(day) == 10 else url


def show(
    request: HttpRequest,
    template: str,
    *,
    title: str,
    description: str,
    as_of: date | None = None,
    run: runs.RunInfo | None = None,
    context: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Render a page."""
    page = Page(title, description, request.path)
    common = {"page": page, "meta": meta(as_of, run), "navigation": navigation(request), "now_url": request.path}
    return render(request, template, {**common, **(context or {})})
