"""The table of all scores: rows narrowed by facets, how many rows each value of a facet has, a page at a time."""

import base64
import binascii
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from tracker.models import AIModel, Benchmark, Endpoint, ModelState, Score, Setting
from tracker.queries import freshness
from tracker.queries.runs import RunInfo
from tracker.queries.score_columns import EVALUATORS, ScoreColumns, score_columns

PAGE_SIZE: Final = 100
MOST_ROWS: Final = 1000
CHUNK: Final = 5000
SORTS: Final = ("newest", "score")
Codes = NDArray[np.int16]
Places = NDArray[np.int64]

FACETS: Final[Mapping[str, str]] = {
    "benchmark": "Benchmark",
    "category": "Category",
    "access": "Questions",
    "lab": "Lab",
    "region": "Region of the lab",
    "weights": "Weights",
    "evaluator": "Measured by",
    "effort": "Effort",
}
WEIGHTS: Final[Mapping[str, str]] = {"open": "can be downloaded", "closed": "closed", "untold": "not told"}
REGION_NAMES: Final[Mapping[str, str]] = {
    "us": "United States", "china": "China", "europe": "Europe", "other": "Elsewhere",
}  # fmt: skip
UNSTATED: Final = "not-stated"


class BadPlaceError(ValueError):
    """The word that says where to go on is none that was given out for this order."""


@dataclass(frozen=True, slots=True)
class ScoreFilter:
    """Facet to the values that are wanted of it; a facet that is not named is not narrowed. `after` is `following` of
    the page before."""

    wanted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "newest"
    after: str = ""
    size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value and how many rows it would leave, given what the other facets are narrowed to."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow the table, and its values that have rows or are wanted, those with most rows first."""

    name: str
    title: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score as its source gives it; `fact` is the number of its provenance."""

    fact: int
    model: str
    model_slug: str
    lab: str
    region: str
    weights: str
    benchmark: str
    benchmark_slug: str
    category: str
    access: str
    unit: str
    value: float
    stderr: float | None
    setting: str
    effort: str
    evaluator: str
    evaluated_on: date | None
    known_from: datetime
    source: str
    source_slug: str


@dataclass(frozen=True, slots=True)
class ScorePage:
    """A page of the table: rows from the `first` on, counted from one, of `total` that pass and `every` that there are.
    `following` leads to the next page and is blank on the last; `unknown` are values that no row can have."""

    rows: tuple[ScoreRow, ...]
    first: int
    total: int
    every: int
    facets: tuple[Facet, ...]
    following: str
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Things:
    """What scores are about, as one state of the facts and one run know it."""

    models: Mapping[int, tuple[str, str, str, str, str, str]]  # name, slug, lab, its slug, region, weights
    benchmarks: Mapping[int, tuple[str, str, str, str, str, bool]]  # name, slug, category, access, unit, less is better
    settings: Mapping[int, tuple[str, str]]  # in words, effort
    sources: Mapping[int, tuple[str, str]]  # by endpoint: title, slug


@dataclass(frozen=True, slots=True)
class _Board:
    """The rows that may be shown, each facet's value of every row as a place in `values`, and its counts over all."""

    columns: ScoreColumns
    things: _Things
    shown: NDArray[np.bool_]
    codes: Mapping[str, Codes]
    values: Mapping[str, tuple[tuple[str, str], ...]]
    counts: Mapping[str, NDArray[np.int64]]
    every: int
    facets: tuple[Facet, ...] = ()  # where nothing is narrowed


_lock = threading.Lock()
_boards: dict[tuple[str, int | None, datetime | None], tuple[str, _Board]] = {}


def score_page(run: RunInfo | None, known_at: datetime | None, wanted: ScoreFilter) -> ScorePage:
    """The rows that pass, `size` of them, and the counts of every facet. Raises BadPlaceError."""
    board = _board(run, known_at)
    chosen, unknown = _chosen(board, wanted.wanted)
    masks = {name: _mask(board.codes[name], values) for name, values in chosen.items()}
    places = _passing(board, masks.values())
    facets = _facets(board, chosen, masks, places) if chosen else board.facets
    ordered = _ordered(board, places, wanted)
    page = ordered[: wanted.size]
    following = _place(board, page[-1], wanted) if len(ordered) > wanted.size else ""
    rows = tuple(_rows(board, page))
    first = len(places) - len(ordered) + 1
    return ScorePage(rows, first, len(places), board.every, facets, following, unknown)


def score_rows(run: RunInfo | None, known_at: datetime | None, wanted: ScoreFilter) -> Iterator[ScoreRow]:
    """Every row that passes, in order, so many at a time that memory stays flat. Raises BadPlaceError at once."""
    board = _board(run, known_at)
    chosen = _chosen(board, wanted.wanted)[0]
    places = _passing(board, (_mask(board.codes[name], values) for name, values in chosen.items()))
    ordered = _ordered(board, places, wanted)
    return (row for start in range(0, len(ordered), CHUNK) for row in _rows(board, ordered[start : start + CHUNK]))


def one_benchmark(wanted: ScoreFilter) -> bool:
    """Whether scores can be put in order: of two benchmarks they do not compare."""
    return len(wanted.wanted.get("benchmark", ())) == 1


def _chosen(board: _Board, wanted: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[int]], tuple[str, ...]]:
    """By facet the places of the wanted values, and those values that no row has."""
    found: dict[str, list[int]] = {}
    unknown = []
    for name, values in wanted.items():
        known = {value: place for place, (value, _) in enumerate(board.values[name])}
        found[name] = [known[value] for value in values if value in known]
        unknown += [f"{name}={value}" for value in values if value not in known]
    return found, tuple(unknown)


def _mask(codes: Codes, values: Sequence[int]) -> NDArray[np.bool_]:
    """The rows that have one of a few values: to compare with each takes a twentieth of looking every row up."""
    mask = np.zeros(len(codes), np.bool_)
    for value in values:
        mask |= codes == value
    return mask


def _passing(board: _Board, masks: Iterable[NDArray[np.bool_]]) -> Places:
    """The places of the rows that pass all of these. Numbers are picked by place: by mask it takes ten times as
    long."""
    passing = board.shown
    for mask in masks:
        passing = passing & mask
    return np.flatnonzero(passing)


def _facets(
    board: _Board, chosen: Mapping[str, list[int]], masks: Mapping[str, NDArray[np.bool_]], places: Places
) -> tuple[Facet, ...]:
    return tuple(_facet(board, name, chosen, masks, places) for name in FACETS)


def _facet(
    board: _Board,
    name: str,
    chosen: Mapping[str, list[int]],
    masks: Mapping[str, NDArray[np.bool_]],
    places: Places,
) -> Facet:
    """Counted over the rows that pass all other facets, so that what else could be chosen has a number too."""
    others = [mask for other, mask in masks.items() if other != name]
    kinds = len(board.values[name])
    if not others:
        counts = board.counts[name]
    else:
        places = _passing(board, others) if name in masks else places
        counts = np.bincount(board.codes[name].take(places), minlength=kinds)
    selected = set(chosen.get(name, ()))
    found = [
        FacetValue(value, label, int(count), place in selected)
        for place, ((value, label), count) in enumerate(zip(board.values[name], counts, strict=True))
        if count or place in selected
    ]
    return Facet(name, FACETS[name], tuple(sorted(found, key=lambda one: (-one.count, one.label))))


def _ordered(board: _Board, places: Places, wanted: ScoreFilter) -> Places:
    """The places in the order that is asked for, behind the one that `after` names."""
    columns = board.columns
    if wanted.sort != "score":
        places = places[::-1]  # rows are stored as they are learned
        if wanted.after:
            places = places[columns.id[places] < _whole(_told(wanted)[0])]
        return places
    slug = wanted.wanted["benchmark"][0]
    less = any(one[5] for one in board.things.benchmarks.values() if one[1] == slug)
    value = columns.value[places] if less else -columns.value[places]
    order = np.lexsort((columns.id[places], value))
    if wanted.after:
        at, number = _told(wanted)
        last, after = _number(at), _whole(number)
        last = last if less else -last
        behind = (value > last) | ((value == last) & (columns.id[places] > after))
        order = order[behind[order]]
    return places[order]


def _place(board: _Board, place: np.int64, wanted: ScoreFilter) -> str:
    """The word for what comes after a row: of its own values, so that rows which arrive meanwhile move nothing."""
    number = str(board.columns.id[place])
    parts = [number] if wanted.sort != "score" else [repr(float(board.columns.value[place])), number]
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def _told(wanted: ScoreFilter) -> list[str]:
    try:
        parts = base64.urlsafe_b64decode(wanted.after + "=" * (-len(wanted.after) % 4)).decode().split("|")
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise BadPlaceError(wanted.after) from error
    if len(parts) != (2 if wanted.sort == "score" else 1):
        raise BadPlaceError(wanted.after)
    return parts


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadPlaceError(text)
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise BadPlaceError(text) from error


def _rows(board: _Board, places: Places) -> Iterator[ScoreRow]:
    columns, things = board.columns, board.things
    found = _told_by_sources(columns.id[places])
    about = (columns.id, columns.model, columns.benchmark, columns.setting, columns.endpoint, columns.evaluator)
    for fact, of, on, how, at, by in zip(*(column[places].tolist() for column in about), strict=True):
        value, stderr, evaluated_on, known_from = found[fact]
        model, model_slug, lab, _, region, weights = things.models[of]
        name, slug, category, access, unit, _ = things.benchmarks[on]
        setting, effort = things.settings[how]
        source, source_slug = things.sources[at]
        yield ScoreRow(
            fact=fact,
            model=model,
            model_slug=model_slug,
            lab=lab,
            region=region,
            weights=weights,
            benchmark=name,
            benchmark_slug=slug,
            category=category,
            access=access,
            unit=unit,
            value=value,
            stderr=stderr,
            setting=setting,
            effort=effort,
            evaluator=EVALUATORS[by],
            evaluated_on=evaluated_on,
            known_from=known_from,
            source=source,
            source_slug=source_slug,
        )


def _told_by_sources(numbers: NDArray[np.int64]) -> dict[int, tuple[float, float | None, date | None, datetime]]:
    """Value, standard error, day and since when known, of the facts of these numbers. Written out, because to make the
    question of models takes longer than to answer it."""
    if not len(numbers):
        return {}
    which, told = "id = ANY(%s)", [numbers.tolist()]
    if numbers.max() - numbers.min() < 3 * len(numbers):
        # A stretch of the table is named by its ends: a list of thousands takes the database longer to read than it.
        which, told = "id BETWEEN %s AND %s", [int(numbers.min()), int(numbers.max())]
    table = connection.ops.quote_name(Score._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, value, stderr, evaluated_on, known_from FROM {table} WHERE {which}",  # noqa: S608
            told,
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _board(run: RunInfo | None, known_at: datetime | None) -> _Board:
    """The board of a time, made once for every state of the facts."""
    version = freshness.recent_facts() if freshness.shared() else None
    if version is None:
        return _made(run, score_columns(known_at))
    key = (str(connection.settings_dict["NAME"]), run.id if run else None, known_at)
    with _lock:
        at, board = _boards.get(key, ("", None))
        if board is None or at != version:
            board = _made(run, score_columns(known_at))
            _boards.pop(key, None)
            _boards[key] = (version, board)
            while len(_boards) > 3:
                del _boards[next(iter(_boards))]
        return board


def _made(run: RunInfo | None, columns: ScoreColumns) -> _Board:
    things = _things(run)
    shown = np.isin(columns.benchmark, list(things.benchmarks)) & np.isin(columns.endpoint, list(things.sources))
    # A name explained since the columns were read is in the next state's.
    shown &= np.isin(columns.model, list(things.models)) & np.isin(columns.setting, list(things.settings))
    rows = np.flatnonzero(shown)
    told: dict[str, tuple[NDArray[Any], Mapping[int, tuple[str, str]]]] = {
        "benchmark": (columns.benchmark, {pk: (one[1], one[0]) for pk, one in things.benchmarks.items()}),
        "category": (columns.benchmark, {pk: (one[2], one[2]) for pk, one in things.benchmarks.items()}),
        "access": (columns.benchmark, {pk: (one[3], one[3]) for pk, one in things.benchmarks.items()}),
        "lab": (columns.model, {pk: (one[3], one[2]) for pk, one in things.models.items()}),
        "region": (columns.model, {pk: (one[4], REGION_NAMES[one[4]]) for pk, one in things.models.items()}),
        "weights": (columns.model, {pk: (one[5], WEIGHTS[one[5]]) for pk, one in things.models.items()}),
        "evaluator": (columns.evaluator, {place: (one, one) for place, one in enumerate(EVALUATORS)}),
        "effort": (
            columns.setting,
            {pk: (one[1] or UNSTATED, one[1] or "not stated") for pk, one in things.settings.items()},
        ),
    }
    codes, values, counts = {}, {}, {}
    for name, (column, pairs) in told.items():
        values[name] = tuple(sorted(set(pairs.values())))
        places = {pair: place for place, pair in enumerate(values[name])}
        by_key = np.zeros(max([*pairs, int(column.max()) if len(column) else 0], default=0) + 1, np.int16)
        for key, pair in pairs.items():
            by_key[key] = places[pair]
        codes[name] = by_key.take(column)
        counts[name] = np.bincount(codes[name].take(rows), minlength=len(values[name]))
    board = _Board(columns, things, shown, codes, values, counts, len(rows))
    return replace(board, facets=_facets(board, {}, {}, rows))


def _things(run: RunInfo | None) -> _Things:
    sides = ModelState.objects.filter(run_id=run.id if run else None).values_list("model", "access", "open_means")
    weights = {model: "open" if means else "closed" if access else "untold" for model, access, means in sides}
    named = AIModel.objects.order_by().values_list("pk", "name", "slug", "lab__name", "lab__slug", "lab__region")
    shown = Benchmark.objects.filter(may_display=True).order_by()
    about = ("name", "slug", "category", "access", "unit", "lower_is_better")
    endpoints = Endpoint.objects.filter(source__may_display=True).order_by()
    return _Things(
        models={
            pk: (name, slug, lab, lab_slug, region, weights.get(pk, "untold"))
            for pk, name, slug, lab, lab_slug, region in named
        },
        benchmarks={row[0]: row[1:] for row in shown.values_list("pk", *about)},
        settings={setting.pk: (str(setting), setting.effort) for setting in Setting.objects.all()},
        sources={pk: (title, slug) for pk, title, slug in endpoints.values_list("pk", "source__title", "source__slug")},
    )
