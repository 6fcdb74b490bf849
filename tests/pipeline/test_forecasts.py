"""Forecasts are registered once a month and for good, scored when the data reach their day, and tried on the past."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tracker.domain.forecasts import LEVELS, QUESTIONS, due_days, quantile_score
from tracker.domain.frontier_history import standing
from tracker.models import Claim, ClaimVerdict, DataVersion, Forecast, GapResult, IndexRun
from tracker.pipeline import forecasts

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)
MONTH = 30.4375


@pytest.fixture(autouse=True)
def version(db: None) -> None:
    DataVersion.objects.create(pk=1, value=1, changed_at=NOW)


def points(until: date, *, more: tuple[tuple[str, str, date, float], ...] = ()) -> list[dict[str, Any]]:
    """Closed models a point better every other month since 2023, open ones half a year behind and uneven."""
    start, found = date(2023, 1, 10), []
    for n in range(60):
        on = start + timedelta(days=round(n * 2 * MONTH))
        found.append(("closed", f"closed-{n}", on, 100.0 + n))
        found.append(("open", f"open-{n}", on + timedelta(days=190 + 17 * (n % 4)), 100.2 + n))
    return [
        {"side": side, "slug": slug, "released_on": on.isoformat(), "value": value}
        for side, slug, on, value in (*found, *more)
        if on <= until
    ]


def a_run(as_of: date = DAY, *, historic: bool = False, **more: Any) -> IndexRun:
    known_at = datetime.combine(as_of, NOW.time(), tzinfo=UTC)
    run = IndexRun.objects.create(
        known_at=known_at, as_of=as_of, data_version=1, method="m", historic=historic, created_at=known_at
    )
    GapResult.objects.create(run=run, report={"points": points(as_of, **more)})
    return run


def said(row: Forecast) -> tuple[Any, ...]:
    return row.method, row.question, row.made_on, row.due, row.run_id, row.prediction


def a_claim(slug: str = "parity-by-then", due: str = "2026-12-03", **test: Any) -> Claim:
    wanted = {"kind": "lag", "estimator": "L8", "at_most": 0, "vary": ["scope"], **test}
    return Claim.objects.create(
        slug=slug,
        title="Parity",
        author="Somebody",
        said_on=date(2026, 6, 1),
        test={
            "title": "Parity",
            "author": "Somebody",
            "date": "2026-06",
            "publication": "A paper",
            "topic": "forecasts",
            "test": wanted,
            "forecast": {"due": due},
        },
    )


def a_verdict(run: IndexRun, claim: Claim, *, met: bool | None, brier: float | None) -> None:
    figures = [{"choice": "", "met": met}, {"choice": "scope", "met": met is False}]
    ClaimVerdict.objects.create(
        run=run, claim=claim, verdict="holds" if met else "fails", reading={"figures": figures, "brier": brier}
    )


def test_every_method_is_registered_for_every_day_it_answers():
    run = a_run()
    assert forecasts.register(run, now=NOW) == Forecast.objects.count() > 0
    rows = list(Forecast.objects.all())
    assert {row.due for row in rows} == set(due_days(NOW.date()))
    assert {row.question.partition(":")[0] for row in rows} == {name.value for name in QUESTIONS} - {"claim"}
    assert {row.method for row in rows} == {"persistence", "linear", "hazard"}
    assert {(row.made_on, row.run_id, row.observed, row.score) for row in rows} == {(NOW.date(), run.pk, None, None)}
    for row in rows:
        assert row.prediction["data_to"] == "2026-11-20"
        if "quantiles" in row.prediction:
            assert set(row.prediction["quantiles"]) == {str(level) for level in LEVELS}
        else:
            assert 0 < row.prediction["probability"] < 1
    top = max((one for one in forecasts.headline(run) if not one.open), key=lambda one: one.value)
    assert {row.question for row in rows if row.question.startswith("matched")} == {f"matched:{top.model}"}


def test_registering_again_in_the_month_changes_nothing():
    forecasts.register(a_run(), now=NOW)
    before = {row.pk: said(row) for row in Forecast.objects.all()}
    later = a_run(date(2026, 11, 28), more=(("open", "leap", date(2026, 11, 25), 500.0),))
    assert forecasts.register(later, now=NOW + timedelta(days=7)) == 0
    assert {row.pk: said(row) for row in Forecast.objects.all()} == before


def test_the_next_month_is_registered_beside_the_last():
    first = forecasts.register(a_run(), now=NOW)
    second = forecasts.register(a_run(date(2026, 12, 2)), now=datetime(2026, 12, 2, tzinfo=UTC))
    assert second > 0
    assert Forecast.objects.count() == first + second
    assert set(Forecast.objects.values_list("made_on", flat=True)) == {NOW.date(), date(2026, 12, 2)}


def test_a_run_of_the_past_neither_registers_nor_scores():
    run = a_run(historic=True)
    assert forecasts.register(run, now=NOW) == 0
    forecasts.register(a_run(date(2026, 11, 19)), now=NOW)
    assert forecasts.score(a_run(date(2028, 1, 1), historic=True), now=NOW) == 0
    assert not Forecast.objects.exclude(score=None).exists()


def test_a_run_without_an_answer_registers_nothing():
    run = a_run()
    GapResult.objects.filter(run=run).update(report={"reason": "nothing", "estimates": {}, "points": []})
    assert forecasts.register(run, now=NOW) == 0
    GapResult.objects.all().delete()
    assert forecasts.register(run, now=NOW) == 0


def test_on_old_data_only_days_to_come_are_forecast():
    """The data may end months before the day on which somebody runs this."""
    forecasts.register(a_run(date(2026, 8, 9)), now=NOW)
    assert Forecast.objects.filter(due__lte=NOW.date()).count() == 0
    assert Forecast.objects.filter(due=date(2026, 11, 30)).exists()


def test_nothing_is_scored_before_its_day():
    forecasts.register(a_run(), now=NOW)
    assert forecasts.score(a_run(date(2026, 11, 29)), now=NOW) == 0


def test_a_figure_is_scored_against_the_day_it_was_made_for():
    forecasts.register(a_run(), now=NOW)
    due = date(2026, 11, 30)
    then = datetime(2026, 12, 5, 8, tzinfo=UTC)
    # What was released after the day due is no part of what came.
    run = a_run(date(2026, 12, 4), more=(("open", "leap", date(2026, 12, 2), 500.0),))
    assert forecasts.score(run, now=then) == Forecast.objects.filter(due=due).count()
    day = standing(forecasts.headline(run), due)
    assert day is not None
    for question, came in (("L1", day.lag), ("L7", day.catch_up), ("L8", day.gap)):
        for row in Forecast.objects.filter(due=due, question=question):
            assert row.observed == pytest.approx(came)
            edges = [row.prediction["quantiles"][str(level)] for level in LEVELS]
            assert row.score == pytest.approx(quantile_score(edges, came))
            assert (row.scored_by_id, row.scored_at) == (run.pk, then)
    for row in Forecast.objects.filter(due=due, question="parity"):
        assert (row.observed, row.score) == (0, pytest.approx(row.prediction["probability"] ** 2))
    assert not Forecast.objects.filter(due__gt=due).exclude(score=None).exists()


@pytest.mark.parametrize(("value", "came"), [(500.0, 1), (50.0, 0)])
def test_a_level_is_reached_by_an_open_model_released_by_then(value, came):
    forecasts.register(a_run(), now=NOW)
    run = a_run(date(2026, 12, 4), more=(("open", "leap", date(2026, 11, 27), value),))
    forecasts.score(run, now=NOW + timedelta(days=14))
    rows = Forecast.objects.filter(question__startswith="matched:", due=date(2026, 11, 30))
    assert {row.observed for row in rows} == {came}
    assert {row.method for row in rows} == {"persistence", "linear", "hazard"}
    for row in rows:
        assert row.score == pytest.approx((row.prediction["probability"] - came) ** 2)


def test_scoring_fills_in_and_never_changes():
    forecasts.register(a_run(), now=NOW)
    before = {row.pk: said(row) for row in Forecast.objects.all()}
    forecasts.score(a_run(date(2026, 12, 4)), now=NOW + timedelta(days=14))
    scored = {row.pk: (row.observed, row.score, row.scored_at) for row in Forecast.objects.all()}
    other = a_run(date(2026, 12, 20), more=(("open", "found-late", date(2026, 11, 27), 500.0),))
    assert forecasts.score(other, now=NOW + timedelta(days=30)) == 0
    assert {row.pk: said(row) for row in Forecast.objects.all()} == before
    assert {row.pk: (row.observed, row.score, row.scored_at) for row in Forecast.objects.all()} == scored


def test_a_model_that_is_no_longer_on_the_index_leaves_its_question_open():
    forecasts.register(a_run(), now=NOW)
    run = a_run(date(2026, 12, 4))
    (name,) = set(Forecast.objects.filter(question__startswith="matched:").values_list("question", flat=True))
    result = GapResult.objects.get(run=run)
    kept = [row for row in result.report["points"] if f"matched:{row['slug']}" != name]
    GapResult.objects.filter(pk=result.pk).update(report={"points": kept})
    forecasts.score(run, now=NOW + timedelta(days=14))
    assert not Forecast.objects.filter(question=name).exclude(score=None).exists()
    assert Forecast.objects.filter(question="L8").exclude(score=None).exists()


def test_a_published_forecast_is_registered_once_with_parity_by_our_methods_for_its_day():
    a_claim()
    forecasts.register(a_run(), now=NOW)
    row = Forecast.objects.get(method="parity-by-then")
    assert (row.question, row.due, row.made_on) == ("claim", date(2026, 12, 3), NOW.date())
    assert row.prediction["probability"] == 1.0
    rivals = Forecast.objects.filter(due=date(2026, 12, 3)).exclude(pk=row.pk)
    assert {(one.method, one.question) for one in rivals} == {("persistence", "parity"), ("linear", "parity")}
    forecasts.register(a_run(date(2026, 12, 2)), now=datetime(2026, 12, 2, tzinfo=UTC))
    assert Forecast.objects.filter(method="parity-by-then").count() == 1


@pytest.mark.parametrize(
    "claim",
    [
        {"due": "2026-11-22"},
        {"kind": "none", "missing": "Nobody counts them", "estimator": None, "at_most": None, "vary": None},
        {"slug": "a-name-that-is-far-too-long-for-the-column-of-methods"},
    ],
)
def test_what_is_past_or_cannot_be_tested_is_not_registered(claim: Mapping[str, Any]):
    made = a_claim(**claim)
    made.test["test"] = {name: value for name, value in made.test["test"].items() if value is not None}
    made.save()
    forecasts.register(a_run(), now=NOW)
    assert not Forecast.objects.filter(question="claim").exists()
    assert Forecast.objects.exists()


@pytest.mark.parametrize(("met", "came", "score"), [(True, 1, 0.0), (False, 0, 1.0)])
def test_a_published_forecast_is_scored_as_its_claim_was_judged(met, came, score):
    claim = a_claim()
    forecasts.register(a_run(), now=NOW)
    run = a_run(date(2026, 12, 4))
    a_verdict(run, claim, met=met, brier=score)
    forecasts.score(run, now=NOW + timedelta(days=14))
    row = Forecast.objects.get(method=claim.slug)
    assert (row.observed, row.score) == (came, score)


def test_a_claim_without_a_verdict_stays_open():
    claim = a_claim()
    forecasts.register(a_run(), now=NOW)
    run = a_run(date(2026, 12, 4))
    a_verdict(run, claim, met=None, brier=None)
    forecasts.score(run, now=NOW + timedelta(days=14))
    assert Forecast.objects.get(method=claim.slug).score is None


def test_the_backtest_is_a_report_and_registers_nothing():
    run = a_run()
    report = forecasts.make(run, None)  # type: ignore[arg-type]  # the report reads stored places, not the fit
    assert not Forecast.objects.exists()
    assert report["history"][-1]["on"] == "2026-11-20"
    assert {row["months"] for row in report["records"]} == {1, 3, 6, 12}
    days = {row["on"] for row in report["history"]}
    for row in report["hindcasts"]:
        assert row["made_on"] < row["due"]
        assert {row["made_on"], row["due"]} <= days
        assert (row["probability"] is None) == (row["median"] is not None)
    for row in report["records"]:
        own = [
            one["score"]
            for one in report["hindcasts"]
            if (one["asks"], one["months"], one["method"]) == (row["asks"], row["months"], row["method"])
        ]
        assert 0 < row["many"] <= len(own)


def test_where_nothing_is_measured_the_backtest_is_empty():
    run = a_run()
    GapResult.objects.all().delete()
    report = forecasts.make(run, None)  # type: ignore[arg-type]
    assert report == {"history": [], "records": [], "hindcasts": []}
