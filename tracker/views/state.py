"""What a page's address says: the day it is asked for, and the tag by which a reader knows whether it has changed."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, wraps
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from tracker.middleware import matches, not_modified, tag_of
from tracker.queries import freshness
from tracker.views import kept

View = Callable[..., HttpResponseBase]


class BadState(Http404):
    """The address asks for something that is no day, no scope, no cut: said in words on the page."""


class Gone(BadState):
    """The address asks for something that was here and is kept no more: a machine need not ask again."""


def as_of(request: HttpRequest) -> date | None:
    """The day of `?as_of=2026-05-01`; None is now. Raises BadState on anything that is not a day."""
    text = request.GET.get("as_of", "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadState(f"as_of={text} is not a day; write it as 2026-05-01") from error


def choice(request: HttpRequest, name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of the allowed values of a query key. Raises BadState naming them."""
    value = request.GET.get(name, default) or default
    if value not in allowed:
        raise BadState(f"{name}={value} is not known; it can be {', '.join(allowed)}")
    return value


def day(request: HttpRequest, name: str) -> date | None:
    """A day of the address; None where the key is blank. Raises BadState."""
    text = words(request, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadState(f"{name}={text} is not a day; write it as 2026-05-01") from error


def words(request: HttpRequest, name: str) -> str:
    """A query key's free text, short, and without the one character that the database cannot hold."""
    return request.GET.get(name, "").replace("\0", "").strip()[:100]


def clock() -> datetime:
    """The time that pages are made for: the hour, so that what they say of sources' age is as steady as their tag."""
    return timezone.now().replace(minute=0, second=0, microsecond=0)


@cache
def code_tag() -> str:
    """A digest of the code and templates that make pages, so that a new release is never answered with 304."""
    digest = hashlib.sha256()
    for folder, pattern in (("tracker", "**/*.py"), ("templates", "**/*.html"), ("static", "**/*.*")):
        for path in sorted((Path(settings.BASE_DIR) / folder).glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


# Keys that ask for what was known: such an address gives the same bytes for ever, and its tag is that of the bytes.
PINNED = ("as_of", "run")


def tagged(view: View) -> View:
    """Answer 304 from the data's version alone, before anything is read or drawn, and else with the page as it was
    made for whoever asked first. What is gone is told as such."""

    def found(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Gone as gone:
            return render(request, "404.html", {"exception": str(gone), "gone": True}, status=410)

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        known = freshness.recent_tag()
        if known is None:
            return found(request, *args, **kwargs)
        state = f"{known}|{clock()}"
        what = f"{request.get_full_path()}|{code_tag()}|{state}"
        etag = f'"{hashlib.sha256(what.encode()).hexdigest()[:32]}"'
        pinned = any(request.GET.get(key) for key in PINNED)
        if not pinned and matches(request.headers.get("If-None-Match", ""), etag):
            same = HttpResponse()
            same["ETag"] = etag
            same["Cache-Control"] = "no-cache"
            return not_modified(same)

        def make() -> HttpResponseBase:
            with freshness.making(known):
                response = found(request, *args, **kwargs)
            if response.status_code == 200:
                response["ETag"] = tag_of(response) if pinned and isinstance(response, HttpResponse) else etag
                response["Cache-Control"] = "no-cache"
            return response

        if request.method not in ("GET", "HEAD") or not freshness.shared():
            return make()
        place = f"{request.scheme}://{request.get_host()}|{settings.DATABASES['default']['NAME']}|{what}"
        return kept.answer(request, hashlib.sha256(place.encode()).hexdigest(), make, state=state)

    return answer
