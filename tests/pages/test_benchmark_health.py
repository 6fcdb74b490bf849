"""The pages of benchmark health: every state as the run has it, months, meters, pairs and known leaks."""

import csv
import io
import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages.reading import read
from tests.pages.world import HIDDEN_BENCHMARK
from tracker.domain.saturation import State
from tracker.models import Benchmark, BenchmarkState, IndexRun, RunReport, Score
from tracker.queries import benchmark_health, lab_meters, runs

pytestmark = pytest.mark.usefixtures("world")
LEAK = {"text": "Half of the questions stand on a page.", "url": "https://example.org/leak", "date": "2026-05"}


def rows_of(client, address):
    return list(csv.DictReader(io.StringIO(client.get(address).content.decode())))


@pytest.fixture
def report():
    return RunReport.objects.get(run__historic=False, name="benchmark-health").report


@pytest.fixture
def leaked():
    Benchmark.objects.filter(slug="repair").update(contamination=[LEAK])


def test_every_benchmark_with_a_ceiling_is_on_the_page_and_in_every_file(ask, client, report):
    shown = read(ask("/benchmarks/health/")).rows("Benchmark", "State", "Since")
    files = rows_of(client, "/benchmarks/health.csv")
    assert len(shown) == len(files) == len(json.loads(ask("/benchmarks/health.json").content)["rows"]) == 5
    assert {row["slug"] for row in files} | {"veiled-exam"} == set(report["latest"])


def test_what_may_not_be_shown_is_nowhere(client):
    for address in ("/benchmarks/health/", "/benchmarks/health.csv", "/charts/information-over-time.csv"):
        assert HIDDEN_BENCHMARK not in client.get(address).content.decode()


def test_the_state_is_the_one_that_the_list_and_the_benchmarks_own_page_show(client):
    listed = {row["slug"]: row["state"] for row in rows_of(client, "/benchmarks.csv") if row["state"]}
    assert {row["slug"]: row["state"] for row in rows_of(client, "/benchmarks/health.csv")} == listed
    for state in BenchmarkState.objects.filter(run__historic=False, benchmark__slug__in=listed):
        months = read(client.get(f"/benchmarks/{state.benchmark.slug}/")).rows("Month's end", "State")
        assert months[0][1] == state.state == listed[state.benchmark.slug]


def test_months_run_from_the_first_closed_model_to_the_day_of_the_data(client):
    run = IndexRun.objects.get(historic=False)
    months = [date.fromisoformat(row[0]) for row in read(client.get("/benchmarks/gpqa-diamond/")).rows("Month's end")]
    assert months == sorted(months, reverse=True)
    assert months[0] == run.as_of
    assert months[-1] == date(2023, 3, 31)
    assert all((day.replace(day=28) - day).days < 1 for day in months[1:])


def test_a_benchmark_outside_the_index_has_its_months_without_information(client):
    Benchmark.objects.filter(slug="sums").update(in_index=False)
    stored = RunReport.objects.get(run__historic=False, name="benchmark-health")
    blank = [[*row[:5], None, None, None, None, None, *row[10:12], None] for row in stored.report["benchmarks"]["sums"]]
    stored.report["benchmarks"]["sums"] = blank
    stored.save()
    page = read(client.get("/benchmarks/sums/"))
    assert "Not part of the index: there is no information at the frontier" in page.text
    assert len(page.rows("Month's end", "State")) == len(blank)


def test_the_list_tells_the_trend_in_words_beside_the_drawing(client, report):
    page = read(client.get("/benchmarks/"))
    rows = {row[0]: row[3] for row in page.rows("Benchmark", "Category", "State", "Information")}
    trend = report["trends"]["gpqa-diamond"]
    assert rows["GPQA Diamond"] == f"{100 * trend[-1]:.0f} % {100 * trend[-13]:.0f} % a year ago"
    assert rows["Duels"] == "–"
    assert len(page.all("polyline")) == 5


def test_a_trend_stays_on_its_small_sheet():
    for trend in benchmark_health.trends(runs.run_for(None)).values():
        points = [tuple(map(float, point.split(","))) for point in trend.points.split()]
        assert len(points) == 18
        assert points[-1][0] == benchmark_health.TREND_WIDTH
        assert all(0 <= y <= benchmark_health.TREND_HEIGHT for _, y in points)


def test_known_leaks_stand_with_their_source_on_both_pages(client, leaked):
    for address in ("/benchmarks/health/", "/benchmarks/repair/"):
        page = read(client.get(address))
        assert LEAK["text"] in page.text
        assert LEAK["url"] in page.links
    assert {row["slug"]: row["leaks"] for row in rows_of(client, "/benchmarks/health.csv")}["repair"] == "1"
    assert LEAK["text"] not in read(client.get("/benchmarks/gpqa-diamond/")).text


def test_a_leak_is_not_known_before_it_was_found(leaked):
    assert benchmark_health.leak_rows(date(2026, 4, 30)) == []
    assert [row.slug for row in benchmark_health.leak_rows(date(2026, 5, 1))] == ["repair"]
    assert [row.slug for row in benchmark_health.leak_rows()] == ["repair"]


def test_influence_on_each_lag_is_the_gap_explorers(client):
    asked = [row for row in rows_of(client, "/charts/influence.csv") if row["benchmark"] == "GPQA Diamond"]
    shown = read(client.get("/benchmarks/gpqa-diamond/")).rows("Estimator", "With it", "Without it")
    assert [row[0] for row in shown] == [row["estimator"] for row in asked]
    assert len(shown) > 4
    for row, told in zip(shown, asked, strict=True):
        assert row[1].replace("−", "-") == f"{float(told['value']):.1f}"


def test_every_lab_is_on_the_meter_with_its_numbers_and_a_verdict(client):
    stored = RunReport.objects.get(run__historic=False, name="benchmaxxing").report
    shown = read(client.get("/benchmarks/health/")).rows("Lab", "Meter", "n")
    assert len(shown) == len(stored["labs"]) + len(stored["everyone"]) > 4
    assert shown[0][0] == "All labs"
    for row, told in zip(shown[1:], stored["labs"], strict=True):
        assert row[0] == " ".join(told["lab"].split())
        assert (row[2], row[8]) == (str(told["models"]), told["verdict"])
        assert row[4].replace("−", "-") == f"{told['value']:.1f}"


def test_models_are_in_their_own_file(client):
    rows = rows_of(client, "/benchmarks/health/models.csv")
    assert len(rows) == len(lab_meters.model_rows(runs.run_for(None))) == 26
    assert {(row["meter"], row["unseen"], row["seen"]) for row in rows} == {("private", "3", "3")}


def test_where_nobody_reports_of_itself_the_page_says_so(ask, client):
    text = read(ask("/benchmarks/health/")).text
    assert "Of 0 scores that labs report of themselves 0 have a counterpart" in text
    assert "No lab's own score can be set beside another's of the same setting yet." in text
    assert rows_of(client, "/benchmarks/health/self-report.csv") == []


def test_pairs_lead_to_both_facts_and_repeated_numbers_are_told_apart(client):
    fact = Score.objects.filter(benchmark__slug="repair", model__slug="gpt-5").latest("pk")
    stored = RunReport.objects.get(run__historic=False, name="self-report")
    pair = {
        "lab": "OpenAI", "model": "GPT-5", "slug": "gpt-5", "benchmark": "Repair", "benchmark_slug": "repair",
        "setting": "high", "own": 0.81, "other": 0.77, "difference": 0.04, "copied": False, "own_fact": fact.pk,
        "other_fact": fact.pk,
    }  # fmt: skip
    lab = {"lab": "OpenAI", "pairs": 1, "models": 1, "copies": 1, "value": 0.04, "low": None, "high": None,
           "chance": None, "corrected": None, "verdict": "too few models"}  # fmt: skip
    stored.report |= {"pairs": [{**pair, "copied": True}, pair], "labs": [lab], "everyone": lab, "first_party": 2}
    stored.save()
    page = read(client.get("/benchmarks/health/"))
    rows = page.rows("Model", "Lab", "Benchmark", "Setting")
    assert [row[4:] for row in rows] == [["81.0 %", "77.0 %", "4.0 %", "yes"], [*rows[1][4:7], "no, the same number"]]
    assert page.links.count(f"/facts/score/{fact.pk}/") == 4
    assert page.rows("Lab", "n", "Models")[1][-1] == "too few models"
    assert "Too few pairs in this run" in page.text


def test_a_run_without_its_reports_says_that_they_follow(client):
    RunReport.objects.all().delete()
    text = read(client.get("/benchmarks/health/")).text
    assert "Not computed in this run yet" in text
    assert "No benchmark's health is known." in text
    assert rows_of(client, "/benchmarks/health.csv") == []


def test_every_state_is_explained_with_the_thresholds_in_use(ask):
    text = read(ask("/benchmarks/health/")).text
    assert tuple(state.name.lower() for state in State) == benchmark_health.STATES
    for name, meaning in benchmark_health.MEANINGS.items():
        assert f"{name.capitalize()} {meaning[0].upper()}{meaning[1:]}." in text
    for signal, narrowing, saturated in benchmark_health.thresholds():
        assert f"{signal} {narrowing} {saturated}" in text


def test_a_page_asks_no_more_when_there_are_many_more_benchmarks(client, report):
    addresses = ("/benchmarks/", "/benchmarks/health/", "/benchmarks/gpqa-diamond/", "/benchmarks/health.csv")

    def asked(address):
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    before = {address: asked(address) for address in addresses}
    assert max(before.values()) <= 20
    like = Benchmark.objects.get(slug="repair")
    values = {field.attname: getattr(like, field.attname) for field in Benchmark._meta.concrete_fields}
    del values["id"]
    Benchmark.objects.bulk_create(
        Benchmark(**values | {"slug": f"many-{n}", "name": f"Many {n}", "contamination": [LEAK]}) for n in range(150)
    )
    for part in ("benchmarks", "latest", "trends"):
        report[part] |= {f"many-{n}": report[part]["repair"] for n in range(150)}
    RunReport.objects.filter(run__historic=False, name="benchmark-health").update(report=report)
    assert {address: asked(address) for address in addresses} == before
    assert len(rows_of(client, "/benchmarks/health.csv")) == 155


def test_of_very_many_models_the_page_shows_the_lowest_of_each_meter_and_the_file_all(client, monkeypatch):
    rows = rows_of(client, "/benchmarks/health/models.csv")
    lowest = [row["model"] for row in rows if row["meter"] == rows[0]["meter"]][:2]
    monkeypatch.setattr("tracker.views.benchmarks.SHOWN", 4)
    page = read(client.get("/benchmarks/health/"))
    shown = page.rows("Model", "Lab", "Meter")
    assert len(rows) > 4
    assert [row[0] for row in shown[:2]] == lowest
    assert len(shown) == 2, "the world has one meter of two"
    assert f"Model by model ({len(rows)} rows)" in page.text
    assert "The 2 lowest of them; all are in the files." in page.text
