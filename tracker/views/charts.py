"""Every chart on a page of its own and as files: the same path and query with another suffix."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.charts.base import Chart
from tracker.charts.sheet import Heading
from tracker.queries import benchmarks, evaluations, labs, models, provenance, regions, runs
from tracker.views import compare, formats, permalink, question, readme, state, takeaway
from tracker.views.figures import drawn
from tracker.views.page import show

# Charts of one thing, with the key that names it and its name; all others draw the answer to a question.
SUBJECTS: dict[str, tuple[str, Callable[[None, str], Any]]] = {
    "model-scores": ("model", models.model_row),
    "benchmark-frontier": ("benchmark", benchmarks.benchmark_row),
    "information-over-time": ("benchmark", benchmarks.benchmark_row),
    "strategies": ("lab", labs.lab_page),
    "evaluation-clusters": ("evaluation", evaluations.evaluation_row),
    "events": ("lab", labs.lab_page),
}

# Those of all labs, or of a region's, where no lab is named.
OF_REGIONS = ("strategies",)

# Charts of two definitions.
PAIRS = ("waterfall",)

# Charts of several models.
SEVERAL = ("compared",)


def params_of(request: HttpRequest, slug: str) -> tuple[dict[str, str], str]:
    """The keys of the address that the chart depends on, and the name of the one thing that it is about, if it is.
    Raises BadState: what no chart knows would be drawn, and kept, as one more empty picture."""
    if slug in PAIRS:
        return question.pair(request), ""
    if slug in SEVERAL:
        return compare.chart_params(request)
    if slug not in SUBJECTS:
        return question.params(request), ""
    key, find = SUBJECTS[slug]
    wanted = state.words(request, key)
    if not wanted and slug in OF_REGIONS:
        region = state.choice(request, "region", ("", *regions.REGIONS), "")
        return ({"region": region} if region else {}), regions.NAMES.get(region, "")
    if not wanted:
        return {}, ""
    row = find(None, wanted)
    if row is None:
        raise state.BadState(f"{key}={wanted} is not known")
    return {key: wanted}, row.name


# Rows of a chart's own page: of tens of thousands a table takes seconds and nobody reads it; the files have all.
SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address of a chart asks for, and the rows that answer it."""

    chart: Chart
    pinned: permalink.Pinned
    params: dict[str, str]
    name: str
    rows: list[Any]

    @property
    def day(self) -> date | None:
        return self.pinned.day

    @property
    def run(self) -> runs.RunInfo | None:
        return self.pinned.run

    @property
    def title(self) -> str:
        return f"{self.name}: {self.chart.title}" if self.name else self.chart.title


def asked(request: HttpRequest, slug: str) -> Asked:
    """The chart, its keys, its run and its rows. Raises Http404 in words."""
    if slug not in CHARTS:
        raise Http404(f"No chart is named {slug}")
    chart = CHARTS[slug]
    params, name = params_of(request, slug)
    found = permalink.pinned(request)
    # Without a run of its own a day of the past has nothing to draw: what is known now is not what was known then.
    rows = list(chart.rows(found.run, params)) if found.run or not found.day else []
    return Asked(chart, found, params, name, rows)


@require_safe
@state.tagged
def chart(request: HttpRequest, slug: str, suffix: str = "") -> HttpResponse:
    """/charts/SLUG/ and all its files, of the same rows."""
    found = asked(request, slug)
    if suffix:
        found.pinned.for_file()
        told = about(
            found.chart, found.params, found.day, found.run, name=found.name, site=request.build_absolute_uri("/")
        )
        return as_file(suffix, found.chart, found.rows, told, found.run)
    shown = found.rows[::-1] if found.chart.newest_first else found.rows
    return show(
        request,
        "chart.html",
        title=found.title,
        description=found.chart.describe(found.rows)[:300],
        as_of=found.day,
        run=found.run,
        context={
            "figure": drawn(request, found.chart, found.run, found.params, name=found.name, rows=found.rows),
            "rows": [found.chart.cells(row) for row in shown[:SHOWN]],
            "notes": found.pinned.notes,
        },
    )


def about(
    chart: Chart,
    params: Mapping[str, str],
    day: date | None,
    run: runs.RunInfo | None,
    *,
    name: str = "",
    site: str = "/",
) -> dict[str, Any]:
    """What the file is, under which definition, of which vintage: no number travels without it. `site` is the address
    that its permalink starts with."""
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
        "attribution": formats.attribution(),
        "permalink": takeaway.address(
            f"{site}charts/{chart.slug}/", {**dict(sorted(params.items())), **permalink.keys(run, day)}
        ),
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
        from tracker.charts.drawing import svg

        return svg(figure, title=about["title"], description=chart.describe(rows), heading=heading).encode()
    if suffix == "png":
        from tracker.charts.painting import png

        return png(figure, heading=heading)
    if suffix in ("bib", "csl.json"):
        cited = readme.citation(chart.slug, about)
        return (cited.bibtex if suffix == "bib" else cited.csl).encode()
    if suffix == "readme.md":
        return readme.text(chart, about, rows=len(rows)).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner in ("csv", "metadata.json", "readme.md", "svg"):
            archive.writestr(zipfile.ZipInfo(f"{chart.slug}.{inner}"), content(inner, chart, rows, about, run))
    return packed.getvalue()
