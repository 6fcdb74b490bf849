"""Every chart on a page of its own and as files: the same path and query with another suffix."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.charts.base import Chart
from tracker.charts.drawing import Heading, png, svg
from tracker.queries import benchmarks, models, provenance, runs
from tracker.views import formats, question, state
from tracker.views.figures import drawn
from tracker.views.page import show

# Charts of one thing, with the key that names it and its name; all others draw the answer to a question.
SUBJECTS: dict[str, tuple[str, Callable[[int | None, str], models.ModelRow | benchmarks.BenchmarkRow | None]]] = {
    "model-scores": ("model", models.model_row),
    "benchmark-frontier": ("benchmark", benchmarks.benchmark_row),
}

# Charts of two definitions.
PAIRS = ("waterfall",)


def params_of(request: HttpRequest, slug: str) -> tuple[dict[str, str], str]:
    """The keys of the address that the chart depends on, and the name of the one thing that it is about, if it is.
    Raises BadState: what no chart knows would be drawn, and kept, as one more empty picture."""
    if slug in PAIRS:
        return question.pair(request), ""
    if slug not in SUBJECTS:
        return question.params(request), ""
    key, find = SUBJECTS[slug]
    wanted = state.words(request, key)
    if not wanted:
        return {}, ""
    row = find(None, wanted)
    if row is None:
        raise state.BadState(f"{key}={wanted} is not known")
    return {key: wanted}, row.name


@require_safe
@state.tagged
def chart(request: HttpRequest, slug: str, suffix: str = "") -> HttpResponse:
    if slug not in CHARTS:
        raise Http404(f"No chart is named {slug}")
    chart, day = CHARTS[slug], state.as_of(request)
    params, name = params_of(request, slug)
    run = runs.run_for(day)
    # Without a run of its own a day of the past has nothing to draw: what is known now is not what was known then.
    rows = list(chart.rows(run, params)) if run or not day else []
    if suffix:
        return as_file(suffix, chart, rows, about(chart, params, day, run, name=name), run)
    shown = rows[::-1] if chart.newest_first else rows
    return show(
        request,
        "chart.html",
        title=f"{name}: {chart.title}" if name else chart.title,
        description=chart.describe(rows)[:300],
        as_of=day,
        run=run,
        context={
            "figure": drawn(request, chart, run, params, name=name, rows=rows),
            "rows": [chart.cells(row) for row in shown],
        },
    )


def about(
    chart: Chart, params: Mapping[str, str], day: date | None, run: runs.RunInfo | None, *, name: str = ""
) -> dict[str, Any]:
    """What the file is, under which definition, of which vintage: no number travels without it."""
    return {
        "title": f"{name}: {chart.title}" if name else chart.title,
        "subtitle": chart.subtitle,
        "how_to_read": chart.caption,
        "unit": chart.unit,
        "parameters": dict(params),
        "as_of": str(day or (run.as_of if run else "")),
        "known_at": run.known_at.isoformat() if run else None,
        "index_run": run.id if run else None,
        "method": run.method if run else None,
        "data_version": run.data_version if run else None,
        "source": provenance.credit_line(runs.facts_at(run, day)),
        "columns": {column.field: column.heading for column in chart.columns},
    }


def as_file(
    suffix: str, chart: Chart, rows: list[Any], about: Mapping[str, Any], run: runs.RunInfo | None
) -> HttpResponse:
    """The chart as a file of that suffix, named for chart and day."""
    name = f"{chart.slug}-{about['as_of'] or 'empty'}"
    return formats.answer(content(suffix, chart, rows, about, run), suffix, name)


def content(suffix: str, chart: Chart, rows: list[Any], about: Mapping[str, Any], run: runs.RunInfo | None) -> bytes:
    """The bytes of that file. A picture takes its title, its day and its sources along."""
    figure = chart.drawn(rows, run, about["parameters"]) if suffix in ("json", "svg", "png") else {}
    subtitle = ", as of ".join(part for part in (chart.subtitle, str(about["as_of"])) if part)
    heading = Heading(about["title"], subtitle, f"Source: {about['source']}")
    columns = [column.field for column in chart.columns]
    if suffix == "csv":
        return formats.as_csv(rows, columns)
    if suffix == "parquet":
        return formats.as_parquet(rows, columns)
    if suffix == "json":
        return orjson.dumps({**about, "figure": figure, "rows": formats.as_dicts(rows)}, option=orjson.OPT_NON_STR_KEYS)
    if suffix == "metadata.json":
        return json.dumps(about, indent=1).encode()
    if suffix == "svg":
        return svg(figure, title=about["title"], description=chart.describe(rows), heading=heading).encode()
    if suffix == "png":
        return png(figure, heading=heading)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner in ("csv", "metadata.json", "svg"):
            archive.writestr(zipfile.ZipInfo(f"{chart.slug}.{inner}"), content(inner, chart, rows, about, run))
    return packed.getvalue()
