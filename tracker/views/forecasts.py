"""Forecasts of the gap: what is registered, what came, how each method does, and what others have published."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import claims, forecasts, runs
from tracker.queries.forecasts import METHODS, QUESTIONS, Asks, ForecastRow, Method, RecordRow
from tracker.views import formats, state
from tracker.views.figures import drawn
from tracker.views.page import show

CHARTED = {"forecast-lag": Asks.L1, "forecast-catch-up": Asks.L7, "forecast-gap": Asks.L8}
BADGES = {"holds": "good", "fails": "bad", "depends": "warn", "untestable": ""}
SHOWN_SCORED = 60
FILES = ("registered", "backtest", "records")


@dataclass(frozen=True, slots=True)
class Line:
    """One question of one day with what every method said of it, in the order of the methods."""

    asks: str
    question: str
    unit: str
    subject: str
    subject_name: str
    made_on: date
    due: date
    said: tuple[ForecastRow | None, ...]


@require_safe
@state.tagged
def forecast_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    day = state.as_of(request)
    run = runs.run_for(day)
    part = state.choice(request, "part", FILES, FILES[0])
    rows = forecasts.registered(forecasts.known_by(run, day))
    # Without a run of its own a day of the past has nothing to be tried on.
    found = forecasts.backtest(run)
    tried = forecasts.backtest_records(found)
    if suffix:
        about = {
            "as_of": str(day or (run.as_of if run else "")),
            "index_run": run.id if run else None,
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
    waiting = lines(row for row in own if row.score is None)
    scored = [row for row in own if row.score is not None]
    judged = claims.judged(day)
    published = sorted((row for row in claims.claim_rows(judged, ()) if row.due), key=lambda row: (row.due, row.slug))
    given = {row.claim: row for row in rows if row.claim}
    context = {
        "waiting": waiting,
        "methods": [(method.value, METHODS[method]) for method in Method],
        "scored": sorted(scored, key=lambda row: (row.due, row.asks, row.method), reverse=True)[:SHOWN_SCORED],
        "scored_total": len(scored),
        "standing": forecasts.standing_records(rows),
        "tried": tried,
        "tried_from": found["hindcasts"][0]["made_on"] if found.get("hindcasts") else "",
        "tried_many": len(found.get("hindcasts", ())),
        "published": [(row, given.get(row.slug)) for row in published],
        "badges": BADGES,
        "questions": [(asked.value, QUESTIONS[asked]) for asked in Asks if asked is not Asks.CLAIM],
        "next_due": min((line.due for line in waiting), default=None),
        "run": run,
        "and_at": f"&as_of={day}" if day else "",
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
        as_of=day,
        run=run,
        context=context,
    )


def lines(rows: Iterable[ForecastRow]) -> list[Line]:
    """The newest forecasts of each question and day, the methods side by side, the first due first."""
    by: dict[tuple[str, date], list[ForecastRow]] = {}
    for row in rows:
        some = by.setdefault((row.asks, row.due), [])
        # Rows come newest first: what an earlier month said of the same day is in the files.
        if not some or some[0].made_on == row.made_on:
            some.append(row)
    order = list(Asks)
    found = []
    for (asked, due), some in sorted(by.items(), key=lambda one: (order.index(Asks(one[0][0])), one[0][1])):
        said = {row.method: row for row in some}
        first = some[0]
        found.append(
            Line(
                asks=asked,
                question=first.question,
                unit=first.unit,
                subject=first.subject,
                subject_name=first.subject_name,
                made_on=first.made_on,
                due=due,
                said=tuple(said.get(method.value) for method in Method),
            )
        )
    return found
