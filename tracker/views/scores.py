"""Every score in one table, narrowed by facets whose counts stand beside them, and the same rows as files."""

import csv
import dataclasses
import io
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

import orjson
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from tracker.queries import data_package, runs, scores
from tracker.queries.scores import FACETS, Facet, ScoreFilter, ScorePage, ScoreRow
from tracker.queries.slices import Column, Table, Type
from tracker.views import formats, score_markup, state
from tracker.views.models import Pager
from tracker.views.page import show

# Facets with so many values are chosen from a list, the others stand on the page.
LISTED = ("benchmark", "lab")
MOST_VALUES = 20  # of one facet that can be wanted together
PIECE = 500  # rows of a file that are sent at once
SORT_NAMES = {"newest": "when it was learned", "score": "score"}
ABOUT = {
    "fact": (Type.INTEGER, "Number of the fact; its provenance is at /facts/score/ and this number."),
    "model": (Type.STRING, "Model."), "model_slug": (Type.STRING, "Its short name."), "lab": (Type.STRING, "Its lab."),
    "region": (Type.STRING, "us, china, europe or other."),
    "weights": (Type.STRING, "open, closed or untold: whether its weights can be downloaded."),
    "benchmark": (Type.STRING, "Benchmark."), "benchmark_slug": (Type.STRING, "Its short name."),
    "category": (Type.STRING, "What it tests."), "access": (Type.STRING, "Who may read its questions."),
    "unit": (Type.STRING, "Unit of its scores."), "value": (Type.NUMBER, "The score."),
    "stderr": (Type.NUMBER, "Its standard error."), "setting": (Type.STRING, "How it was made."),
    "effort": (Type.STRING, "Reasoning effort."), "evaluator": (Type.STRING, "Who measured it."),
    "evaluated_on": (Type.DATE, "When it was measured."), "known_from": (Type.DATETIME, "Since when it was known."),
    "source": (Type.STRING, "Source."), "source_slug": (Type.STRING, "Its short name."),
}  # fmt: skip


def _filter(request: HttpRequest) -> ScoreFilter:
    """What the address asks for. Raises BadState."""
    wanted = {}
    for name in FACETS:
        values = tuple(dict.fromkeys(value.replace("\0", "")[:100] for value in request.GET.getlist(name) if value))
        if len(values) > MOST_VALUES:
            raise state.BadState(f"{name} has {len(values)} values; at most {MOST_VALUES} can be wanted together")
        if values:
            wanted[name] = values
    limit = request.GET.get("limit") or str(scores.PAGE_SIZE)
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 6 and 1 <= int(limit) <= scores.MOST_ROWS):
        raise state.BadState(f"limit={limit[:20]} is not a number from 1 to {scores.MOST_ROWS}")
    found = ScoreFilter(
        wanted, state.choice(request, "sort", scores.SORTS, "newest"), state.words(request, "next"), int(limit)
    )
    if found.sort == "score" and not scores.one_benchmark(found):
        raise state.BadState("sort=score is for one benchmark: scores of two do not compare")
    return found


@require_safe
@state.tagged
def score_list(request: HttpRequest, suffix: str = "") -> HttpResponseBase:
    """/scores/. Its CSV and Parquet hold every score that passes, its JSON a page with the address of the next."""
    day, wanted = state.as_of(request), _filter(request)
    run = runs.run_for(day)
    known_at = runs.facts_at(run, day)
    try:
        if suffix in ("csv", "parquet"):
            return _file(suffix, scores.score_rows(run, known_at, wanted))
        found = scores.score_page(run, known_at, wanted)
    except scores.BadPlaceError as error:
        raise state.BadState(f"next={wanted.after} was not given out by a page in this order") from error
    if found.unknown and found.every:  # where no score is known no value is wrong
        raise state.BadState(f"{found.unknown[0]} is not known")
    keys = _keys(wanted, str(day or ""))
    if suffix:
        sized = [*keys, *([("limit", str(wanted.size))] if wanted.size != scores.PAGE_SIZE else [])]
        return _json(request, found, sized, {"as_of": str(day or (run.as_of if run else "")), "sort": wanted.sort})
    context = {
        "found": found,
        "lists": [
            (facet, score_markup.options(facet.values, _kept(keys, facet.name)))
            for facet in found.facets
            if facet.name in LISTED
        ],
        "body": score_markup.body(found.rows, f"?as_of={day}" if day else ""),
        "chips": score_markup.chips(_with_links(facet, keys) for facet in found.facets if facet.name not in LISTED),
        "chosen": [
            (f"{facet.title}: {one.label}", _address(_toggled(keys, facet.name, one.value)))
            for facet in found.facets
            for one in facet.values
            if one.selected
        ],
        "hidden": [(name, value) for name, value in keys if name not in (*LISTED, "sort")],
        "pager": Pager(
            text=f"{found.first:,} to {found.first + len(found.rows) - 1:,} of {found.total:,}",
            previous="",
            next=_address([*keys, ("next", found.following)]) if found.following else "",
        ),
        "start": _address(keys) if wanted.after else "",
        "sort": wanted.sort,
        "sort_name": SORT_NAMES[wanted.sort],
        "sortable": scores.one_benchmark(wanted),
        "query": urlencode(keys),
        "run": run,
    }
    return show(
        request,
        "scores.html",
        title="Scores",
        description="Every score of every model on every benchmark, with the setting it was made in and its source.",
        as_of=day,
        run=run,
        context=context,
    )


Keys = list[tuple[str, str]]


def _keys(wanted: ScoreFilter, day: str) -> Keys:
    """The state as an address says it, without what is so anyway."""
    keys = [(name, value) for name, values in wanted.wanted.items() for value in values]
    keys += [("sort", wanted.sort)] if wanted.sort != "newest" else []
    return [*keys, ("as_of", day)] if day else keys


def _kept(keys: Keys, name: str) -> str:
    """The first value that a list stands at."""
    return next((value for key, value in keys if key == name), "")


def _toggled(keys: Keys, name: str, value: str) -> Keys:
    """The state with a value wanted that was not, or the other way round. Only one benchmark can be put in order."""
    others = [pair for pair in keys if pair != (name, value)]
    found = others if len(others) < len(keys) else [*keys, (name, value)]
    ordered = sum(key == "benchmark" for key, _ in found) == 1
    return [pair for pair in found if ordered or pair[0] != "sort"]


def _address(keys: Keys) -> str:
    return f"/scores/?{urlencode(keys)}" if keys else "/scores/"


def _with_links(facet: Facet, keys: Keys) -> tuple[Facet, list[tuple[scores.FacetValue, str]]]:
    return facet, [(one, _address(_toggled(keys, facet.name, one.value))) for one in facet.values]


def _json(request: HttpRequest, found: ScorePage, keys: Keys, about: dict[str, str]) -> HttpResponse:
    """A page of rows, every facet with the address that each of its values leads to, and where to go on."""
    site = request.build_absolute_uri("/").rstrip("/")
    following = f"{site}/scores.json?{urlencode([*keys, ('next', found.following)])}" if found.following else None
    facets = {
        facet.name: [
            {
                "value": one.value, "label": one.label, "count": one.count, "selected": one.selected,
                "toggle_url": f"{site}{link.replace('/scores/', '/scores.json', 1)}",
            }
            for one, link in _with_links(facet, keys)[1]
        ]
        for facet in found.facets
    }  # fmt: skip
    credited = {**about, "attribution": formats.attribution()}
    told = {**credited, "total": found.total, "facets": facets, "rows": formats.as_dicts(found.rows), "next": following}
    response = formats.answer(orjson.dumps(told), "json", "scores")
    if following:
        response["Link"] = f'<{following}>; rel="next"'
    return response


def _file(suffix: str, rows: Iterator[ScoreRow]) -> HttpResponseBase:
    response: HttpResponseBase
    if suffix == "csv":
        response = StreamingHttpResponse(_lines(rows), content_type=formats.TYPES[suffix])
    else:
        # Written to a file first: a reader gets all of it or an error, and memory stays flat.
        table = Table("scores", "Scores", "Every score.", tuple(Column(name, *told) for name, told in ABOUT.items()))
        with tempfile.TemporaryDirectory() as folder:
            data_package.write_table(Path(folder), table, (dataclasses.astuple(row) for row in rows))
            response = FileResponse((Path(folder) / "scores.parquet").open("rb"), content_type=formats.TYPES[suffix])
    response["Content-Disposition"] = f'inline; filename="scores.{suffix}"'
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _lines(rows: Iterator[ScoreRow]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(ABOUT)
    while True:
        piece = list(islice(rows, PIECE))
        writer.writerows([formats.cell(formats.plain(getattr(row, name))) for name in ABOUT] for row in piece)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
        if len(piece) < PIECE:
            return
