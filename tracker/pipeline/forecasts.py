"""Forecasts of the gap: registered once a month by every method, scored when their day has come, tried on the past."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from tracker.domain import forecasts
from tracker.domain.claim_texts import NoTest
from tracker.domain.claims import ClaimDefinition
from tracker.domain.forecast_backtest import Hindcast, hindcasts, records
from tracker.domain.forecasts import LEVELS, Asks, Prediction
from tracker.domain.frontier import Release
from tracker.domain.frontier_history import Standing, history, standing
from tracker.domain.gap_report import number
from tracker.models import Claim, ClaimVerdict, DataVersion, Forecast, GapResult, IndexRun
from tracker.pipeline.fitting import Asked, Fitted

REPORT = "forecast-backtest"


def headline(run: IndexRun) -> list[Release]:
    """The run's models under the default question, by their slugs; none where it has no answer."""
    asked = Asked()
    found = GapResult.objects.filter(
        run=run,
        scope=asked.stored_scope,
        open_means=asked.open_means.value,
        region=asked.region,
        max_parameters=asked.max_parameters,
    )
    report = found.values_list("report", flat=True).first() or {}
    return [
        Release(row["slug"], date.fromisoformat(row["released_on"]), row["side"] == "open", row["value"])
        for row in report.get("points", [])
        if row["value"] is not None
    ]


def register(run: IndexRun, *, now: datetime) -> int:
    """Write down what every method says of the days to come, once a month, and each published forecast once; returns
    how many. What is registered is never touched again. A run of the past registers nothing: its days have come."""
    if run.historic:
        return 0
    made_on = now.date()
    past = history(headline(run), run.as_of)
    published = _published(made_on)
    rows = [*(_rows(past, run, made_on, {claim.due for claim in published}) if past else []), *published]
    with transaction.atomic():
        # Two runs that end at once would both find the month empty: one waits here.
        DataVersion.objects.select_for_update().get(pk=1)
        known = Forecast.objects.all()
        claims = set(known.filter(question=Asks.CLAIM.value).values_list("method", "due"))
        month = known.filter(made_on__year=made_on.year, made_on__month=made_on.month)
        done = {(method, forecasts.asks(question)) for method, question in month.values_list("method", "question")}
        fresh = [
            row
            for row in rows
            if row.due > made_on
            and (
                (row.method, row.due) not in claims
                if row.question == Asks.CLAIM.value
                else (row.method, forecasts.asks(row.question)) not in done
            )
        ]
        for row in fresh:
            row.run, row.made_on = run, made_on
        return len(Forecast.objects.bulk_create(fresh))


def _rows(past: Sequence[Standing], run: IndexRun, made_on: date, claimed: set[date]) -> list[Forecast]:
    """What the methods say of the month and quarter ends, and of parity on the days of published forecasts."""
    days = [day for day in forecasts.due_days(made_on) if day > run.as_of]
    said = [one for day in days for one in forecasts.predictions(past, day)]
    others = sorted(day for day in claimed.difference(days) if day > run.as_of)
    said += [one for day in others for one in forecasts.predictions(past, day) if one.asks is Asks.PARITY]
    return [
        Forecast(
            method=one.method.value, question=question(one), due=one.due, prediction=prediction(one, run, past[-1])
        )
        for one in said
    ]


def question(said: Prediction) -> str:
    """The stored question: what it asks, and behind a colon the model whose level is to be reached."""
    room = Forecast._meta.get_field("question").max_length or 0
    return f"{said.asks.value}:{said.subject}"[:room] if said.subject else said.asks.value


def prediction(said: Prediction, run: IndexRun, now: Standing) -> dict[str, Any]:
    """The stored prediction, with what it was made on: the last day of the data and the figure on that day."""
    made_on: dict[str, Any] = {"data_to": run.as_of.isoformat(), "method": run.method}
    if said.probability is not None:
        subject = {"subject": said.subject} if said.subject else {}
        return {"probability": number(said.probability), **subject, **made_on}
    levels = {str(level): number(edge) for level, edge in zip(LEVELS, said.quantiles, strict=True)}
    return {"quantiles": levels, "now": number(forecasts.observed(said.asks, now)), **made_on}


def _published(made_on: date) -> list[Forecast]:
    """The listed claims that are forecasts of a day to come and can be tested."""
    found = []
    for row in Claim.objects.filter(listed=True, test__has_key="forecast").order_by("slug"):
        claim = ClaimDefinition.from_toml(row.slug, row.test)
        # What names nothing to be tested can never be scored; a name that does not fit would be another's.
        fits = len(row.slug) <= (Forecast._meta.get_field("method").max_length or 0)
        if claim.forecast is None or claim.test.kind == NoTest.kind or not fits or claim.forecast.due <= made_on:
            continue
        said = {"probability": claim.forecast.probability, "title": row.title, "said": row.test.get("date", "")}
        found.append(Forecast(method=row.slug, question=Asks.CLAIM.value, due=claim.forecast.due, prediction=said))
    return found


def score(run: IndexRun, *, now: datetime) -> int:
    """Score every forecast whose day the run's data have reached; returns how many. A figure that its day does not have
    leaves its forecasts without a score."""
    if run.historic:
        return 0
    waiting = list(Forecast.objects.filter(scored_at=None, due__lte=run.as_of))
    if not waiting:
        return 0
    releases = headline(run)
    then = {due: standing(releases, due) for due in {row.due for row in waiting}}
    level = {release.model: release.value for release in releases}
    verdicts = _verdicts(run, {row.method for row in waiting if row.question == Asks.CLAIM.value})
    scored = 0
    for row in waiting:
        asked, on = forecasts.asks(row.question), then[row.due]
        if asked is Asks.CLAIM:
            came = verdicts.get(row.method)
        else:
            came = None if on is None else forecasts.observed(asked, on, level.get(row.prediction.get("subject", "")))
        if came is None:
            continue
        filled = {"observed": came, "score": mark(row.prediction, came), "scored_by": run, "scored_at": now}
        scored += Forecast.objects.filter(pk=row.pk, scored_at=None).update(**filled)
    return scored


def mark(prediction: Mapping[str, Any], came: float) -> float:
    """The score of a stored prediction."""
    if "probability" in prediction:
        return forecasts.brier(prediction["probability"], bool(came))
    return forecasts.quantile_score([prediction["quantiles"][str(level)] for level in LEVELS], came)


def _verdicts(run: IndexRun, slugs: set[str]) -> dict[str, float]:
    """Whether each claim came true on its own definition, as the run judged it: 1 or 0."""
    found = {}
    for verdict in ClaimVerdict.objects.filter(run=run, claim__slug__in=slugs).select_related("claim"):
        own = next((row for row in verdict.reading.get("figures", []) if not row["choice"]), None)
        if verdict.reading.get("brier") is not None and own is not None and own["met"] is not None:
            found[verdict.claim.slug] = float(own["met"])
    return found


def make(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """The backtest: the methods on every month of the run's own history. None of it was ever registered."""
    past = history(headline(run), run.as_of)
    tried = hindcasts(past)
    return {
        "history": [
            {"on": one.on.isoformat(), "L1": number(one.lag), "L7": number(one.catch_up), "L8": number(one.gap)}
            for one in past
        ],
        "records": [
            {
                "asks": row.asks.value,
                "months": row.months,
                "method": row.method.value,
                "many": row.many,
                "score": number(row.score),
                "peer": number(row.peer),
                "skill": number(row.skill),
                "inside": number(row.inside),
                "log": number(row.log),
            }
            for row in records(tried)
        ],
        "hindcasts": [_hindcast(one) for one in tried],
    }


def _hindcast(one: Hindcast) -> dict[str, Any]:
    edges = dict(zip(LEVELS, one.said.quantiles, strict=False))
    return {
        "asks": one.said.asks.value,
        "method": one.said.method.value,
        "subject": one.said.subject,
        "made_on": one.made_on.isoformat(),
        "due": one.said.due.isoformat(),
        "months": one.months,
        "low": number(edges.get(forecasts.LOW)),
        "median": number(edges.get(forecasts.MIDDLE)),
        "high": number(edges.get(forecasts.HIGH)),
        "probability": number(one.said.probability),
        "came": number(one.came),
        "score": number(one.score),
    }
