"""The second opinion where readers meet it: beside the estimators, on Methods, as a chart and in files."""

import pytest

from tests.pages.reading import read
from tests.pages.world import HIDDEN_BENCHMARK
from tracker.models import IndexRun, RunReport
from tracker.queries import second_index
from tracker.queries.runs import run_for

pytestmark = pytest.mark.usefixtures("world")


def stored():
    return RunReport.objects.get(run__historic=False, name="second-index").report


def test_the_estimators_of_the_second_index_stand_beside_the_first(client):
    rows = read(client.get("/gap/")).rows("Estimator", "This index", "Second index")
    lags = stored()["lags"]["weights"]
    assert [row[0][:2] for row in rows] == sorted(lags)
    first = {row["id"]: row for row in client.get("/gap.json").json()["rows"]}
    for row in rows:
        key = row[0][:2]
        assert row[1] == (
            f"{first[key]['value']:.1f} {first[key]['unit']}" if first[key]["value"] is not None else "not identified"
        ).replace("-", "−")


def test_another_meaning_of_open_has_its_own_lags_and_a_scope_has_none(client):
    commercial = client.get("/gap.json?open=commercial").json()["second_opinion"]
    assert {row["id"]: row["second"] for row in commercial} == {
        key: row["value"] for key, row in stored()["lags"]["commercial"].items()
    }
    assert client.get("/gap.json?scope=coding").json()["second_opinion"] == []
    assert "another model of the same scores" not in read(client.get("/gap/?scope=coding")).text


def test_methods_tells_how_far_the_two_agree_and_where_they_do_not(client):
    page = read(client.get("/methods/"))
    against = stored()["against"]
    assert f"{against['models']} models, correlation {against['correlation']:.3f}" in page.text
    largest = page.rows("Model", "First index", "Second index", "Difference")
    assert largest
    assert [row[0] for row in largest[:3]] == [row.model for row in second_index.place_rows(run_for(None), {})[:3]]


def test_a_difference_is_second_minus_first_on_the_chart_and_largest_first(client):
    rows = client.get("/charts/second-index.json").json()["rows"]
    assert len(rows) == len(stored()["models"])
    assert [abs(row["difference"]) for row in rows] == sorted((abs(row["difference"]) for row in rows), reverse=True)
    for row in rows:
        assert row["difference"] == pytest.approx(row["second"] - row["first"], abs=1e-3)


def test_a_benchmark_that_may_not_be_shown_is_nowhere(client):
    assert HIDDEN_BENCHMARK in stored()["benchmarks"]
    for url in ("/methods/", "/charts/second-index.json", "/charts/second-index.csv", "/gap/", "/gap.json"):
        assert HIDDEN_BENCHMARK not in client.get(url).content.decode()
    assert HIDDEN_BENCHMARK not in {row.benchmark for row in second_index.noise_rows(stored())}


def test_a_run_that_has_not_come_to_it_says_so(client):
    RunReport.objects.filter(name="second-index").delete()
    IndexRun.objects.filter(historic=False).update(state=IndexRun.State.READY)
    assert "has not come to the second index yet" in read(client.get("/methods/")).text
    assert "another model of the same scores" not in read(client.get("/gap/")).text


def test_methods_describes_every_definition_that_the_site_shows(client):
    text = read(client.get("/methods/")).text
    for name in ("specification curve", "reconciler", "Ladder of openness", "depends", "Benchmaxxing",
                 "Self-report inflation", "Holm", "Brier", "CRPS", "Headroom", "Beta likelihood"):  # fmt: skip
        assert name in text, name
