"""The page of forecasts: what is registered, what came, what only would have been said; each number as it is stored."""

import json
from datetime import UTC, date, datetime

import pytest

from tests.pages.addresses import on
from tests.pages.reading import read
from tests.pages.world import NOW
from tracker.domain.forecasts import LEVELS
from tracker.models import Forecast, IndexRun, RunReport
from tracker.queries import forecasts
from tracker.queries.runs import run_for

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def run():
    return IndexRun.objects.get(historic=False)


MADE_ON = NOW.date()


def forecast(run, question="L8", method="persistence", made_on=MADE_ON, due=date(2026, 9, 30), **more):
    quantiles = {str(level): 4.0 + 4 * level for level in LEVELS}
    said = {"probability": 0.3, "subject": "gpt-5"} if ":" in question else {"quantiles": quantiles, "now": 6.0}
    return Forecast.objects.create(
        run=run, question=question, method=method, made_on=made_on, due=due, prediction=said, **more
    )


def scored(run, at=datetime(2026, 10, 2, tzinfo=UTC), **more):
    return {"observed": 7.0, "score": 0.5, "scored_by": run, "scored_at": at, **more}


def rows(client, address="/forecasts.json"):
    return json.loads(client.get(address).content)["rows"]


def test_the_worlds_run_has_registered_what_its_page_shows(client):
    stored = list(Forecast.objects.filter(question="L1", method="persistence").order_by("due"))
    assert stored
    page = read(client.get("/forecasts/"))
    for row in stored:
        edges = row.prediction["quantiles"]
        said = f"{edges['0.5']:.1f} months {edges['0.05']:.1f} to {edges['0.95']:.1f}".replace("-", "−")
        assert said in " ".join(page.text.split())
    assert {row["due"] for row in rows(client)} == {
        str(due) for due in Forecast.objects.values_list("due", flat=True).distinct()
    }


def test_every_registered_forecast_is_in_the_files(client):
    found = rows(client)
    assert len(found) == Forecast.objects.count() > 20
    lines = client.get("/forecasts.csv").content.decode().splitlines()
    assert len(lines) == len(found) + 1
    about = json.loads(client.get("/forecasts.json").content)
    assert about["registered_as_forecasts"] is True


def test_a_level_to_be_reached_is_told_by_its_model(client, run):
    Forecast.objects.all().delete()
    forecast(run, "matched:gpt-5", "hazard")
    page = read(client.get("/forecasts/"))
    assert "Today's frontier matched: GPT-5" in page.text
    assert "/models/gpt-5/" in page.links
    assert "30 %" in page.within("content")


def test_of_one_day_the_newest_forecast_is_shown_and_the_older_is_in_the_files(client, run):
    Forecast.objects.all().delete()
    forecast(run, made_on=date(2026, 8, 2))
    newer = forecast(run)
    Forecast.objects.filter(pk=newer.pk).update(
        prediction={"quantiles": {str(level): 40.0 + level for level in LEVELS}}
    )
    text = read(client.get("/forecasts/")).within("content")
    assert "40.5 points" in text
    assert "6.0 points" not in text
    assert [row["median"] for row in rows(client)] == [40.5, 6.0]


def test_a_scored_forecast_stands_beside_what_came_with_the_peers_mean(client, run):
    Forecast.objects.all().delete()
    forecast(run, **scored(run, score=0.5))
    forecast(run, method="linear", **scored(run, score=0.4))
    page = read(client.get("/forecasts/"))
    records = {row[1]: row for row in page.rows("Question", "Method", "Forecasts", "Mean score")}
    assert records["linear"][2:7] == ["1", "0.40 points", "0.50", "20 %", "100 %"]
    assert records["persistence"][2:6] == ["1", "0.50 points", "0.50", "–"]
    each = page.rows("Question", "For", "Method", "Made on")
    assert sorted(row[2] for row in each) == ["linear", "persistence"]
    assert {row[5] for row in each} == {"7.0"}


def test_a_method_is_measured_against_persistence_on_the_same_forecasts_only(run):
    Forecast.objects.all().delete()
    forecast(run, **scored(run, score=1.0))
    forecast(run, due=date(2026, 10, 31), **scored(run, score=9.0))
    forecast(run, method="linear", **scored(run, score=0.5))
    found = {row.method: row for row in forecasts.standing_records(forecasts.registered(None))}
    assert (found["linear"].peer, found["linear"].skill) == (1.0, 0.5)
    assert found["persistence"].score == 5.0


def test_as_of_a_day_later_forecasts_and_later_scores_are_unknown(client, run):
    Forecast.objects.all().delete()
    forecast(run, made_on=date(2026, 9, 2), **scored(run))
    forecast(run, made_on=date(2026, 10, 1), due=date(2026, 12, 31))
    now = {row["due"]: row["observed"] for row in rows(client)}
    assert now == {"2026-09-30": 7.0, "2026-12-31": None}
    then = rows(client, on("/forecasts.json", "2026-09-15"))
    assert [(row["due"], row["observed"], row["score"], row["scored_on"]) for row in then] == [
        ("2026-09-30", None, None, None)
    ]
    assert rows(client, on("/forecasts.json", "2026-09-01")) == []
    assert rows(client, on("/forecasts.json", "2026-10-02"))[1]["observed"] == 7.0
    assert "No forecast is open on this day." in read(client.get(on("/forecasts/", "2026-09-01"))).text


def test_the_chart_fans_out_of_the_last_measured_day(client, run):
    found = forecasts.fan(run_for(None), {}, asked=forecasts.Asks.L8)
    measured = [row for row in found if row.kind == "measured"]
    said = [row for row in found if row.kind == "forecast"]
    assert measured[-1].on == run.as_of
    report = RunReport.objects.get(run=run, name="forecast-backtest").report
    assert [row.value for row in measured] == [row["L8"] for row in report["history"]]
    assert {row.made_on for row in said} == {Forecast.objects.latest("made_on").made_on}
    assert all(row.low <= row.value <= row.high for row in said)
    assert client.get("/charts/forecast-gap.json").json()["rows"]


def test_the_charts_are_those_of_the_day_asked_for(client):
    past = client.get(on("/charts/forecast-lag.json", "2026-04-15")).json()["rows"]
    assert {row["kind"] for row in past} <= {"measured"}
    assert "forecast" in {row["kind"] for row in client.get("/charts/forecast-lag.json").json()["rows"]}


def test_the_backtest_is_marked_and_its_files_say_that_nobody_registered_it(client, run):
    text = read(client.get("/forecasts/")).text
    assert "Backtest, not registered" in text
    assert "Nobody made these forecasts" in text
    report = RunReport.objects.get(run=run, name="forecast-backtest").report
    for part, key in (("backtest", "hindcasts"), ("records", "records")):
        found = json.loads(client.get(f"/forecasts.json?part={part}").content)
        assert found["registered_as_forecasts"] is False
        assert len(found["rows"]) == len(report[key]) > 0
    assert client.get("/forecasts.csv?part=all").status_code == 404


def test_the_table_of_the_backtest_holds_the_stored_means(client, run):
    report = RunReport.objects.get(run=run, name="forecast-backtest").report
    shown = read(client.get("/forecasts/")).rows("Question", "Months ahead", "Method")
    assert len(shown) == len(report["records"])
    for row, stored in zip(shown, report["records"], strict=True):
        assert (row[1], row[2], row[3]) == (str(stored["months"]), stored["method"], str(stored["many"]))
        assert row[4].startswith(f"{stored['score']:.2f}")


def test_a_run_that_has_not_come_so_far_shows_the_backtest_of_the_one_before(run):
    report = RunReport.objects.get(run=run, name="forecast-backtest")
    values = {
        field.attname: getattr(run, field.attname) for field in IndexRun._meta.concrete_fields if field.name != "id"
    }
    IndexRun.objects.create(
        **values | {"known_at": datetime(2026, 9, 3, tzinfo=UTC), "data_version": 99, "state": "ready"}
    )
    newer = run_for(None)
    assert newer.id != run.pk
    assert forecasts.backtest(newer) == report.report


def test_a_published_forecast_leads_to_its_claim(client, run):
    from tracker.models import Claim, ClaimVerdict

    claim = Claim.objects.create(
        slug="level-by-december",
        title="Level by December",
        author="Somebody",
        said_on=date(2026, 6, 1),
        test={"forecast": {"due": "2026-12-03"}},
    )
    ClaimVerdict.objects.create(run=run, claim=claim, verdict="untestable", reading={"missing": "It is not due"})
    Forecast.objects.create(
        run=run, method=claim.slug, question="claim", made_on=NOW.date(), due=date(2026, 12, 3),
        prediction={"probability": 1.0, "title": claim.title, "said": "2026-06"},
    )  # fmt: skip
    page = read(client.get("/forecasts/"))
    assert "/claims/level-by-december/" in page.links
    (row,) = [row for row in page.rows("Forecast", "Said by", "Said") if row[0] == "Level by December"]
    assert row[3:6] == ["2026-12-03", str(NOW.date()), "100 %"]
    assert row[-1] == "not due"


def test_the_gap_and_the_claims_lead_to_the_forecasts(client):
    assert "/forecasts/" in read(client.get("/gap/")).links
    assert "/forecasts/" in read(client.get("/claims/")).links
