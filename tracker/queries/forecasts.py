"""Forecasts as they were registered and scored, published ones among them, and how the methods would have done."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import fmean
from typing import Any

from django.db.models import Q

from tracker.domain import forecasts
from tracker.domain.forecasts import FIGURES as FIGURES
from tracker.domain.forecasts import METHODS as METHODS
from tracker.domain.forecasts import QUESTIONS as QUESTIONS
from tracker.domain.forecasts import Asks as Asks
from tracker.domain.forecasts import Method as Method
from tracker.models import AIModel, Forecast, RunReport
from tracker.queries import runs
from tracker.queries.runs import RunInfo, end_of

REPORT = "forecast-backtest"


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One registered forecast. A figure has `median`, `low` (5 %) and `high` (95 %), an event a `probability`;
    `observed`, `score` and `log_score` are there once its day has been scored. `subject` is a model's slug."""

    method: str
    asks: str
    question: str
    unit: str
    subject: str
    subject_name: str
    made_on: date
    due: date
    data_to: str
    median: float | None
    low: float | None
    high: float | None
    probability: float | None
    observed: float | None
    score: float | None
    log_score: float | None
    scored_on: date | None
    claim: str
    title: str


@dataclass(frozen=True, slots=True)
class RecordRow:
    """How one method did on one question: its mean score, that of persistence on the same forecasts, and the share by
    which it is smaller. `months` is how far ahead; blank for registered forecasts, which are taken together."""

    asks: str
    question: str
    unit: str
    months: int | None
    method: str
    many: int
    score: float
    peer: float | None
    skill: float | None
    inside: float | None
    log: float | None


@dataclass(frozen=True, slots=True)
class FanRow:
    """One point of a fan: what was measured, what was forecast with its 90 % interval, or what came on a scored day."""

    kind: str
    method: str
    made_on: date | None
    on: date
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class HindcastRow:
    """What a method would have said on a day of the past, from the months before alone, and what came."""

    asks: str
    method: str
    subject: str
    made_on: str
    due: str
    months: int
    low: float | None
    median: float | None
    high: float | None
    probability: float | None
    came: float
    score: float


def registered(day: date | None, run: RunInfo | None = None) -> list[ForecastRow]:
    """Every forecast made by the day, newest first, with the scores that were known by then. Of a run those made and
    scored until it had finished, for it makes forecasts itself."""
    at = (run.told_at if run else None) or (end_of(day) if day else None)
    found = Forecast.objects.order_by("-made_on", "question", "due", "method")
    if at is not None:
        found = found.filter(made_on__lte=at.date())
    if run is not None and at is not None:
        # A later run of the same day adds what was not asked before.
        found = found.filter(Q(made_on__lt=at.date()) | Q(run=None) | Q(run__known_at__lte=run.known_at))
    stored = list(found)
    subjects = {row.prediction["subject"] for row in stored if row.prediction.get("subject")}
    names = dict(AIModel.objects.filter(slug__in=subjects).values_list("slug", "name")) if subjects else {}
    return [_row(row, names, at) for row in stored]


def _row(row: Forecast, names: Mapping[str, str], at: datetime | None) -> ForecastRow:
    asked, said = forecasts.asks(row.question), row.prediction
    wording, edges = QUESTIONS[asked], said.get("quantiles", {})
    scored = row.scored_at is not None and (at is None or row.scored_at <= at)
    probability, subject = said.get("probability"), said.get("subject", "")
    log = forecasts.log_score(probability, bool(row.observed)) if scored and probability is not None else None
    claimed = asked is Asks.CLAIM
    return ForecastRow(
        method="" if claimed else row.method,
        asks=asked.value,
        question=wording.title,
        unit=wording.unit,
        subject=subject,
        subject_name=names.get(subject, subject),
        made_on=row.made_on,
        due=row.due,
        data_to=said.get("data_to", ""),
        median=edges.get(str(forecasts.MIDDLE)),
        low=edges.get(str(forecasts.LOW)),
        high=edges.get(str(forecasts.HIGH)),
        probability=probability,
        observed=row.observed if scored else None,
        score=row.score if scored else None,
        log_score=log if log != float("inf") else None,
        scored_on=row.scored_at.date() if scored and row.scored_at else None,
        claim=row.method if claimed else "",
        title=said.get("title", ""),
    )


def standing_records(rows: Iterable[ForecastRow]) -> list[RecordRow]:
    """How each method has done so far on the registered forecasts of each question whose day has been scored."""
    by: dict[tuple[str, str], list[ForecastRow]] = defaultdict(list)
    for row in rows:
        if row.score is not None and not row.claim:
            by[row.asks, row.method].append(row)
    found = []
    for (asked, method), some in sorted(by.items(), key=lambda one: (list(Asks).index(Asks(one[0][0])), one[0][1])):
        peers = {(one.made_on, one.due): one.score for one in by.get((asked, Method.PERSISTENCE.value), ())}
        shared = [one for one in some if (one.made_on, one.due) in peers] or some
        scores = [one.score for one in shared if one.score is not None]
        others = [peer for one in shared if (peer := peers.get((one.made_on, one.due))) is not None]
        score, peer = fmean(scores), fmean(others) if others else None
        figures = [one for one in shared if one.low is not None and one.high is not None and one.observed is not None]
        inside = [one.low <= one.observed <= one.high for one in figures]  # type: ignore[operator]
        logs = [one.log_score for one in shared if one.log_score is not None]
        wording = QUESTIONS[Asks(asked)]
        found.append(
            RecordRow(
                asks=asked,
                question=wording.title,
                unit=wording.unit,
                months=None,
                method=method,
                many=len(shared),
                score=score,
                peer=peer,
                skill=1 - score / peer if peer else None,
                inside=sum(inside) / len(inside) if inside else None,
                log=fmean(logs) if logs else None,
            )
        )
    return found


def backtest(run: RunInfo | None) -> Mapping[str, Any]:
    """How the methods did on the past, by the run or, while it has not come so far, by the one before; empty where
    there is none."""
    if run is None:
        return {}
    known = runs.beside(run.id, known_at=run.known_at, created_at=run.created_at)
    reports = RunReport.objects.filter(name=REPORT, run__in=known.values("pk")).order_by("-run__known_at")
    return reports.values_list("report", flat=True).first() or {}


def backtest_records(found: Mapping[str, Any]) -> list[RecordRow]:
    """How the methods would have done on the past, by question and distance."""
    return [
        RecordRow(**row, question=QUESTIONS[Asks(row["asks"])].title, unit=QUESTIONS[Asks(row["asks"])].unit)
        for row in found.get("records", [])
    ]


def hindcast_rows(found: Mapping[str, Any]) -> list[HindcastRow]:
    """Every forecast of the backtest, oldest first."""
    return [HindcastRow(**row) for row in found.get("hindcasts", [])]


def fan(run: RunInfo | None, params: Mapping[str, str], *, asked: Asks) -> list[FanRow]:
    """The chart of one figure: its measured past, the latest forecasts of each method, what came on scored days."""
    rows = [row for row in registered(None, run) if row.asks == asked.value]
    return fan_of(backtest(run), rows, asked)


def fan_of(found: Mapping[str, Any], rows: Sequence[ForecastRow], asked: Asks) -> list[FanRow]:
    """The same from what a page has read already."""
    of = [row for row in rows if row.asks == asked.value]
    drawn = [
        FanRow("measured", "", None, date.fromisoformat(row["on"]), row[asked.value], None, None)
        for row in found.get("history", [])
        if row[asked.value] is not None
    ]
    for method in Method:
        own = [row for row in of if row.method == method.value]
        last = max((row.made_on for row in own), default=None)
        drawn += [
            FanRow("forecast", method.value, row.made_on, row.due, row.median, row.low, row.high)
            for row in sorted(own, key=lambda row: row.due)
            if row.made_on == last
        ]
    came = {row.due: row.observed for row in of if row.observed is not None}
    return [*drawn, *(FanRow("came", "", None, due, value, None, None) for due, value in sorted(came.items()))]
