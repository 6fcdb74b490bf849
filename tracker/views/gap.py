"""The gap explorer: estimators side by side, every definition at once, slice by slice; the question in the address."""

from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import gap, gap_parts, runs, second_index
from tracker.queries.gap import CUTS, EFFORTS, FAMILIES, SCOPES, TOLERANCES, EstimateRow, Question
from tracker.views import charts, formats, permalink, question, state
from tracker.views.answer import answer_of
from tracker.views.figures import drawn
from tracker.views.home import CUT_NAMES
from tracker.views.page import show

SCOPE_NAMES = {"all": "All benchmarks", "non-public": "Semi-private and private"}
REGION_NAMES = {"": "Anywhere", "us": "United States", "china": "China", "europe": "Europe", "other": "Elsewhere"}
SIZE_NAMES = {"": "Any size", "40": "Up to 40 billion parameters"}
FAMILY_NAMES = {"": "Any family", **{slug: name for slug, (name, _) in FAMILIES.items()}}
EFFORT_NAMES = {"best": "Best effort of each model", "default": "Default effort only"}
TOLERANCE_NAMES = {"plain": "If its value is higher", "95": "If it is 95 % sure"}
TITLE = "The gap, under every definition"
# Of the question asked, and of the run as a whole.
ASKED = ("frontier", "estimators", "lag", "survival", "clocks", "vertical")
WHOLE = {
    "specification": "specification",
    "choices": "specification",
    "slices": "slices",
    "families": "slices",
}


def _sentence(params: dict[str, str]) -> str:
    """The question in words."""
    scope = params.get("scope", "all")
    parts = [
        SCOPE_NAMES.get(scope, f"{scope.capitalize()} benchmarks"),
        CUT_NAMES[params.get("open", "weights")][0].lower(),
    ]
    if params.get("region"):
        parts.append(f"open models from {REGION_NAMES[params['region']]}")
    if params.get("size"):
        parts.append(SIZE_NAMES[params["size"]].lower())
    if params.get("family"):
        parts.append(f"open models of the family {FAMILY_NAMES[params['family']]}")
    if params.get("effort"):
        parts.append(EFFORT_NAMES[params["effort"]].lower())
    if params.get("tolerance"):
        parts.append("a closed model is ahead only if it is 95 % sure")
    return ", ".join(parts)


@require_safe
@state.tagged
def gap_page(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/gap/: the answer to one question, and beside it what the run holds of all questions. Its JSON has the whole
    report."""
    pinned, params = permalink.pinned(request), question.params(request)
    day, run, asked = pinned.day, pinned.run, Question.of(params)
    report = gap.report(run, asked, whole=suffix == "json")
    rows = gap.estimates_of(report or {})
    if suffix:
        pinned.for_file()
        told = charts.about(CHARTS["frontier"], params, day, run)
        told |= permalink.about(request, pinned, params, reverse("gap"))
        return _file(suffix, params, rows, report, run, told)
    parts = gap_parts.stored(run)
    whole = gap_parts.summary(run, parts["specification"])
    read: dict[str, Any] = dict.fromkeys(ASKED, report) if report else {}
    if whole:
        read |= {slug: parts[part] for slug, part in WHOLE.items()}
    if whole and report and asked.default:
        read["influence"] = report
    figures = []
    for slug, found in read.items():
        # What does not depend on the question has one address.
        keys = params if slug in ASKED else {}
        chart = CHARTS[slug]
        shown = list(chart.rows(run, keys, found))
        total = gap.models_of(found) if slug == "frontier" else None
        figures.append(drawn(request, chart, run, keys, rows=shown, total=total))
    context = {
        "run": run,
        "awaited": run is None and runs.awaited(day),
        "params": params,
        "question": asked,
        "computing": run is not None and not run.complete and asked.planned,
        "sentence": _sentence(params),
        "report": report,
        "answer": answer_of(report),
        "estimates": rows,
        "second": _second(run, asked, report),
        "figures": {figure.chart.slug: figure for figure in figures},
        "whole": whole,
        "selects": _selects(params),
        "query": urlencode({**params, **pinned.said}),
    }
    return show(
        request,
        "gap.html",
        title=TITLE,
        description="Eight estimators of how far open models trail closed ones, side by side, on the same data.",
        pinned=pinned,
        said=params,
        context=context,
    )


def _second(run: runs.RunInfo | None, asked: Question, report: dict[str, Any] | None) -> list[second_index.LagRow]:
    """The estimators by the second index: it is asked the headline's question under every meaning of "open"."""
    if run is None or asked != Question(open_means=asked.open_means) or not (report or {}).get("estimates"):
        return []
    return second_index.lag_rows(second_index.lags_told(run), (report or {})["estimates"], asked.open_means)


def _selects(params: dict[str, str]) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """The form's fields: key, label, what is chosen, what can be chosen."""
    scopes = [(key, SCOPE_NAMES.get(key, key.capitalize().replace("-", " "))) for key in SCOPES]
    choices = (
        ("scope", "Benchmarks", scopes),
        ("open", "“Open” means", [(key, CUT_NAMES[key][0]) for key in CUTS]),
        ("effort", "Scores that count", [(key, EFFORT_NAMES[key]) for key in EFFORTS]),
        ("tolerance", "A closed model is ahead", [(key, TOLERANCE_NAMES[key]) for key in TOLERANCES]),
        ("region", "Open models from", list(REGION_NAMES.items())),
        ("size", "Size of open models", list(SIZE_NAMES.items())),
        ("family", "Family of open models", list(FAMILY_NAMES.items())),
    )
    return [(key, label, params.get(key, question.DEFAULTS[key]), some) for key, label, some in choices]


def _file(
    suffix: str,
    params: dict[str, str],
    rows: list[EstimateRow],
    report: dict[str, Any] | None,
    run: runs.RunInfo | None,
    told: dict[str, Any],
) -> HttpResponse:
    """The whole report as JSON, the estimators as a table, the frontier as a picture."""
    chart = CHARTS["frontier"]
    about = {**told, "title": TITLE, "columns": {}, "question": _sentence(params)}
    name = f"gap-{about['as_of'] or 'empty'}"
    if suffix == "json":
        second = formats.as_dicts(_second(run, Question.of(params), report))
        return formats.answer(
            orjson.dumps(
                {**about, "rows": formats.as_dicts(rows), "report": gap.exported(report), "second_opinion": second},
                option=orjson.OPT_INDENT_2,
            ),
            suffix,
            name,
        )
    if suffix in ("csv", "parquet"):
        return formats.rows_as(suffix, rows, EstimateRow, name=name, about=about)
    if suffix == "metadata.json":
        return formats.answer(orjson.dumps(about, option=orjson.OPT_INDENT_2), suffix, name)
    # What is cited is the page; everything else is of the one chart.
    named = about if suffix in ("bib", "csl.json") else {**told, "title": chart.title}
    return charts.as_file(suffix, chart, list(chart.rows(run, params)), named, run)
