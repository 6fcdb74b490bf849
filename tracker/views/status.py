"""How the site is: every part, its promises and what went wrong lately; also while the database is away."""

import dataclasses
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tracker.digest import build, schedule
from tracker.queries import health, objectives, status
from tracker.views import formats
from tracker.views.page import Page, show

TITLE = "Status"
DESCRIPTION = "Every part of this site: whether it works, since when, what it promises and how far it kept that."


@require_safe
@never_cache
def status_page(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/status/ and /status.json, made anew each time: 503 while the database cannot be read, with what is known
    without."""
    now = timezone.now()
    checks = health.checks(now=now)
    parts = status.machine(checks, now=now)
    found: dict[str, Any] = {"parts": parts, "sources": [], "objectives": [], "incidents": []}
    readable = all(check.ok for check in checks if check.name in ("database", "migrations"))
    if readable:
        try:
            found |= _rows(now)
        except DatabaseError:  # it went away in between
            readable = False
    found["parts"] = [*parts, *found.pop("work", ())]
    found |= {"state": _state(found["parts"]), "known_at": now.replace(second=0, microsecond=0)}
    code = 200 if readable else 503
    if suffix:
        return _as_json(found, code)
    troubled = [part for part in found["parts"] if part.state != "works"]
    context = {**found, "troubled": troubled, "readable": readable}
    if readable:
        return show(request, "status.html", title=TITLE, description=DESCRIPTION, context=context)
    # What every page says of the data is in the database.
    bare = {"page": Page(TITLE, DESCRIPTION, request.path), "at": "", "and_at": ""}
    return render(request, "status.html", {**bare, **context}, status=code)


def _rows(now: datetime) -> dict[str, Any]:
    today = schedule.hour_of(schedule.last_week(now))
    next_digest = today if now < today else schedule.hour_of(build.week_of(now, settings.DIGEST_ZONE))
    return {
        "work": status.work(now=now, next_digest=next_digest),
        "sources": status.sources(now=now),
        "objectives": objectives.objectives(now=now, counts=settings.COUNTS_FOLDER, digest_hour=settings.DIGEST_HOUR),
        "incidents": status.incidents(now=now),
    }


def _state(parts: list[status.Part]) -> str:
    states = {part.state for part in parts}
    return "broken" if "broken" in states else "degraded" if "degraded" in states else "works"


def _as_json(found: dict[str, Any], code: int) -> HttpResponse:
    told = {
        name: [_plain(row) for row in rows] if isinstance(rows, list) else formats.plain(rows)
        for name, rows in found.items()
    }
    response = formats.answer(orjson.dumps(told, option=orjson.OPT_INDENT_2), "json", "status")
    response.status_code = code
    return response


def _plain(row: Any) -> dict[str, Any]:
    found = {field.name: formats.plain(getattr(row, field.name)) for field in dataclasses.fields(row)}
    if isinstance(row, objectives.Objective):
        found |= {"share": row.share, "state": row.state}
    return found
