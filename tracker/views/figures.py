"""A chart as a page carries it: drawn on the server, with its words, its table and its files."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest

from tracker.charts.base import Chart
from tracker.queries import provenance, runs
from tracker.queries.gap import ROWS
from tracker.queries.runs import RunInfo
from tracker.views import kept, permalink, state
from tracker.views.takeaway import TakeAway, take_away

VARIANTS = ("wide", "narrow")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What `_figure.html` shows."""

    chart: Chart
    title: str
    subtitle: str
    svgs: tuple[str, ...]
    description: str
    headings: tuple[Any, ...]
    rows: tuple[Any, ...]
    total: int
    url: str
    query: str
    source: str
    source_url: str
    height: int
    take: TakeAway


def drawn(
    request: HttpRequest,
    chart: Chart,
    run: RunInfo | None,
    params: Mapping[str, str],
    *,
    name: str = "",
    rows: list[Any] | None = None,
    total: int | None = None,
    table: bool = True,
) -> Drawn:
    """The chart of one run under `params`, with those of its `total` rows that a page shows. It is drawn once on this
    machine."""
    from tracker.charts.drawing import svg

    found = chart.rows(run, params) if rows is None else rows
    title = f"{name}: {chart.title}" if name else chart.title
    description = chart.describe(found)
    pictures = []
    figure = chart.drawn(found, run, params)
    for variant in VARIANTS:
        # Named for all that is drawn: facts go on changing under a run that stands.
        what = orjson.dumps([state.code_tag(), figure, title, description, variant], option=orjson.OPT_SORT_KEYS)
        draw = partial(svg, figure, title=title, description=description, variant=variant)
        pictures.append(kept.drawing(hashlib.sha256(what).hexdigest(), draw))
    shown = found[::-1] if chart.newest_first else found
    day = state.as_of(request)
    asked = {name: value for name, value in sorted(params.items()) if value}
    query = urlencode({**asked, **permalink.kept(request, run, day)})
    source = provenance.credit_line(runs.facts_at(run, day))
    height = _height(pictures[0])
    return Drawn(
        chart=chart,
        title=title,
        subtitle=chart.subtitle,
        svgs=tuple(pictures),
        description=description,
        headings=chart.columns,
        rows=tuple(chart.cells(row) for row in shown[:ROWS]) if table else (),
        total=len(found) if total is None else total,
        url=f"/charts/{chart.slug}",
        query=query,
        source=source,
        source_url="/pipeline/",
        height=height,
        take=take_away(
            site=request.build_absolute_uri("/").rstrip("/"),
            slug=chart.slug,
            title=title,
            params=asked,
            permanent=permalink.keys(run, day),
            on=day or (run.known_at.date() if run else None),
            run=run.id if run else None,
            method=run.method if run else "",
            source=source,
            height=height,
        ),
    )


def _height(picture: str) -> int:
    """How high a drawing is on its own sheet."""
    return round(float(picture.partition('viewBox="')[2].partition('"')[0].split()[3]))
