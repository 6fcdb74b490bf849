"""The reconciler: two published lags, or two definitions of one's own, on the same data, and what lies between them."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import reconcile
from tracker.queries.reconcile import ALLOWED, CHOICE_NAMES, LEVEL_NAMES, ORDER, PRESETS
from tracker.views import charts, permalink, question, state
from tracker.views.figures import drawn
from tracker.views.page import show

CHART = CHARTS["waterfall"]


@require_safe
@state.tagged
def reconcile_page(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/gap/reconcile/: two definitions replayed on the stored data; its files are those of the waterfall chart."""
    pinned, params = permalink.pinned(request), question.pair(request)
    run = pinned.run
    found = reconcile.reconciled(run, params)
    rows = list(found.rows)
    if suffix:
        pinned.for_file()
        about = charts.about(CHART, params, pinned.day, run)
        about |= permalink.about(request, pinned, params, reverse("reconcile"))
        about |= {"problems": list(found.problems), "replayed": [_told(found.a), _told(found.b)]}
        return charts.as_file(suffix, CHART, rows, about, run)
    return show(
        request,
        "reconcile.html",
        title="Why two answers differ",
        description="Two published lags of open models replayed on the same data, their difference choice by choice.",
        pinned=pinned,
        said=params,
        context={
            "run": run,
            "found": found,
            "sides": (found.a, found.b),
            "difference": rows and round((found.b.value or 0.0) - (found.a.value or 0.0), reconcile.DECIMALS),
            "figure": drawn(request, CHART, run, params, rows=rows),
            "cells": [CHART.cells(row) for row in rows],
            "presets": [(slug, _label(slug)) for slug in PRESETS],
            "choices": [
                (
                    name,
                    CHOICE_NAMES[name],
                    getattr(found.a.definition, name),
                    getattr(found.b.definition, name),
                    [(level, LEVEL_NAMES[name][level]) for level in ALLOWED[name]],
                )
                for name in ORDER
            ],
            "published": reconcile.published_rows(run),
            "moments": reconcile.moment_rows(run),
            "params": params,
            "query": urlencode({**params, **pinned.said}),
        },
    )


def _label(slug: str) -> str:
    one = PRESETS[slug]
    when = f", {one.on:%b %Y}" if one.on else ""
    return f"{one.author}{when}: {one.says}"


def _told(side: reconcile.Side) -> dict[str, object]:
    return {
        "side": side.key,
        "published": side.published.slug,
        "says": side.said,
        "definition": {name: getattr(side.definition, name) for name in ORDER},
        "value": side.value,
        "since": str(side.since or ""),
        "until": str(side.until or ""),
        "known_at": side.known_at.isoformat() if side.known_at else None,
        "notes": list(side.notes),
    }
