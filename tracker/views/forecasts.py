"""Forecasts of the gap: what is registered, what came, how each method does, and what others have published."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import claims, forecasts
from tracker.queries.forecasts import FIGURES, METHODS, Asks, ForecastRow, Method, RecordRow
from tracker.views import formats, permalink, state
from tracker.views.figures import drawn
from tracker.views.page import show

CHARTED = {"forecast-lag": Asks.L1, "forecast-catch-up": Asks.L7, "forecast-gap": Asks.L8}
BADGES = {"holds": "good", "fails": "bad", "depends": "warn", "untestable": ""}
SHOWN_SCORED = 60
FILES = ("registered", "backtest", "records")


@dataclass(frozen=True, slots=True)
class Head:
    """One column of a grid: what was asked, by which method; `subject` is the model that is to be reached."""

    asks: str
    method: str
    question: str
    subject: str
    subject_name: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The newest open forecasts: a column per question and method, a row per day, with when they were made."""

    heads: tuple[Head, ...]
    groups: tuple[tuple[Head, int], ...]
    rows: tuple[tuple[date, tuple[ForecastRow | None, ...], date], ...]


@require_safe
@state.tagged
def forecast_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/forecasts/: what is open, what came true and how each method does; `part` says which of FILES a file is."""
    pinned = permalink.pinned(request)
    day, run = pinned.day, pinned.run
    part = state.choice(request, "part", FILES, FILES[0])
    rows = forecasts.registered(day, run)
    # Without a run of its own a day of the past has nothing to be tried on.
    found = forecasts.backtest(run)
    tried = forecasts.backtest_records(found)
    if suffix:
        pinned.for_file()
        about = permalink.about(request, pinned, {}, reverse("forecasts"))
        about |= {
            "part": part,
            "registered_as_forecasts": part == "registered",
            "methods": {method.value: text for method, text in METHODS.items()},
        }
        if part == "backtest":
            hindcasts = forecasts.hindcast_rows(found)
            return formats.rows_as(suffix, hindcasts, forecasts.HindcastRow, name="forecast-backtest", about=about)
        if part == "records":
            return formats.rows_as(suffix, tried, RecordRow, name="forecast-records", about=about)
        return formats.rows_as(suffix, rows, ForecastRow, name="forecasts", about=about)
    own = [row for row in rows if not row.claim]
    waiting = [row for row in own if row.score is None]
    scored = [row for row in own if row.score is not None]
    judged = claims.judged(day, run)
    published = sorted((row for row in claims.claim_rows(judged, ()) if row.due), key=lambda row: (row.due, row.slug))
    given = {row.claim: row for row in rows if row.claim}
    context = {
        "grids": [
            ("figures", "Figures, with their 90 % intervals", grid(waiting, FIGURES)),
            ("events", "Events, with their probabilities", grid(waiting, (Asks.PARITY, Asks.MATCHED))),
        ],
        "waiting": waiting,
        "said": said_of(waiting),
        "methods": [(method.value, METHODS[method]) for method in Method],
        "scored": sorted(scored, key=lambda row: (row.due, row.asks, row.method), reverse=True)[:SHOWN_SCORED],
        "scored_total": len(scored),
        "standing": forecasts.standing_records(rows),
        "tried": tried,
        "tried_from": found["hindcasts"][0]["made_on"] if found.get("hindcasts") else "",
        "tried_many": len(found.get("hindcasts", ())),
        "published": [(row, given.get(row.slug)) for row in published],
        "badges": BADGES,
        "next_due": min((row.due for row in waiting), default=None),
        "run": run,
        "figures": [
            drawn(request, CHARTS[slug], run, {}, rows=forecasts.fan_of(found, rows, asked))
            for slug, asked in CHARTED.items()
        ],
    }
    return show(
        request,
        "forecasts.html",
        title="Forecasts",
        description="Forecasts of the gap between open and closed models, registered beforehand and scored afterwards.",
        pinned=pinned,
        context=context,
    )


def grid(rows: Iterable[ForecastRow], asked: Iterable[Asks]) -> Grid:
    """Of each question, method and day the newest; what was said before is in the files. A level to be reached is that
    of the newest forecast: another model's would be another question."""
    wanted = [one.value for one in asked]
    newest: dict[tuple[str, str], dict[date, ForecastRow]] = {}
    for row in rows:  # newest first
        if row.asks in wanted:
            newest.setdefault((row.asks, row.method), {}).setdefault(row.due, row)
    heads, columns = [], []
    for key in [(one, method.value) for one in wanted for method in Method]:
        if found := newest.get(key):
            last = max(found.values(), key=lambda row: row.made_on)
            heads.append(Head(*key, last.question, last.subject, last.subject_name))
            columns.append({due: row for due, row in found.items() if row.subject == last.subject})
    days = sorted({due for column in columns for due in column})
    told = []
    for due in days:
        cells = tuple(column.get(due) for column in columns)
        told.append((due, cells, max(cell.made_on for cell in cells if cell)))
    counted = Counter(head.asks for head in heads)
    first = {head.asks: head for head in reversed(heads)}
    return Grid(tuple(heads), tuple((first[one], counted[one]) for one in wanted if one in first), tuple(told))


def said_of(rows: Iterable[ForecastRow]) -> Mapping[str, ForecastRow]:
    """What the sentence at the top is made of: the newest forecasts for the first end of a quarter still open."""
    rows = list(rows)
    due = min((row.due for row in rows if row.due.month % 3 == 0 and row.due.day > 29), default=None)
    named = (
        (Asks.L1, Method.PERSISTENCE, "lag"),
        (Asks.PARITY, Method.PERSISTENCE, "parity"),
        (Asks.MATCHED, Method.HAZARD, "matched"),
    )
    return {
        name: row
        for asked, method, name in named
        for row in [next((r for r in rows if (r.due, r.asks, r.method) == (due, asked.value, method.value)), None)]
        if row is not None
    }
