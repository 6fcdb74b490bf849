"""How much one address may ask of a web process in a minute: counts in its memory, headers that tell, and 429.

Reads are counted by each web process for itself, because a count in the database would cost more than most pages:
with N processes an address gets up to N times as much. Logins are counted in the database (tracker/accounts).
"""

import re
from collections.abc import Callable
from threading import Lock
from time import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tracker.clients import client_of, is_local

WINDOW = 60
# More addresses in one minute than this share one count, so that memory stays bounded.
MOST_KNOWN = 50_000
REST = "everybody else"
# Whole tables, and archives that are packed when asked for.
EXPORT = re.compile(r"^/data/[^/]+\.(csv|parquet)$|\.zip$|^/snapshots/\d+/document$")
FILE = re.compile(r"\.(csv|json|jsonl|parquet|svg|png|md|bib|txt|atom)$")
FREE = frozenset({"/healthz", "/readyz", "/metrics"})


def kind_of(path: str, query: str) -> str:
    """What a request asks for, by what it may cost; blank: a page as it lies there."""
    if path.startswith("/api/v1/"):
        return "api"
    if path.startswith("/search"):
        return "search"
    if path.startswith(("/static/", "/admin/")) or path in FREE:
        return ""
    if EXPORT.search(path):
        return "exports"
    if FILE.search(path):
        return "files"
    return "questions" if query else ""


class Counts:
    """Fixed windows on one clock: when a minute ends, all counts go at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute = 0
        self._counts: dict[tuple[str, str], int] = {}

    def take(self, kind: str, who: str, *, now: float) -> int:
        """Count one more and return how many there were in this minute."""
        minute = int(now) // WINDOW
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            key = (kind, who)
            if key not in self._counts and len(self._counts) >= MOST_KNOWN:
                key = (kind, REST)
            count = self._counts[key] = self._counts.get(key, 0) + 1
        return count


class Limits:
    """Refuses what is too much before anything is looked up. Programs of this very machine are not counted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.counts = Counts()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        kind = "" if is_local(request.META) else kind_of(request.path_info, request.META.get("QUERY_STRING", ""))
        most = settings.LIMITS.get(kind, 0)
        if not most:
            return self.get_response(request)
        now = time()
        count = self.counts.take(kind, client_of(request.META), now=now)
        wait = WINDOW - int(now) % WINDOW
        response = self.get_response(request) if count <= most else refusal(kind, most, wait)
        response["RateLimit-Policy"] = f'"{kind}";q={most};w={WINDOW}'
        response["RateLimit"] = f'"{kind}";r={max(0, most - count)};t={wait}'
        return response


def refusal(kind: str, most: int, wait: int) -> HttpResponse:
    """429 in words for who asked more than `most` times in this minute: `wait` is the seconds until the next begins."""
    words = f"Too many requests: {most} a minute of this kind ({kind}). The next one is answered in {wait} seconds.\n"
    response = HttpResponse(words, content_type="text/plain; charset=utf-8", status=429)
    response["Retry-After"] = str(wait)
    response["Cache-Control"] = "no-store"
    return response
