"""The explorer's whole: every definition, slices, families, one benchmark less; each number as the run stored it."""

import pytest

from tests.pages.reading import read
from tests.pages.world import HIDDEN_BENCHMARK
from tracker.models import GapResult, IndexRun
from tracker.queries import gap, gap_parts
from tracker.queries.runs import run_for

pytestmark = pytest.mark.usefixtures("world")


def stored(scope, **where):
    where = {"open_means": "weights", "region": "", "max_parameters": 0, **where}
    return GapResult.objects.get(run__historic=False, scope=scope, **where).report


def test_the_sentence_counts_the_definitions_of_the_table(client):
    rows = client.get("/charts/specification.json").json()["rows"]
    told = [row for row in rows if row["value"] is not None or row["at_least"] >= 6]
    longer = [row for row in told if row["value"] is None or row["value"] > 6]
    whole = gap_parts.summary(run_for(None))
    assert (whole.definitions, whole.told, whole.longer) == (len(rows), len(told), len(longer))
    expected = f"{100 * len(longer) / len(told):.0f} % of {len(told)} definitions say more than six months"
    assert expected in read(client.get("/gap/")).text


def test_every_definition_of_the_curve_is_an_answer_of_the_run(client):
    rows = client.get("/charts/specification.json").json()["rows"]
    assert rows == sorted(rows, key=lambda row: row["rank"])
    for row in rows[::7]:
        effort = "/default" if row["effort"] == "default" else ""
        report = stored(f"{row['scope']}{effort}", open_means=row["open_means"])
        if row["tolerance"] == "plain":
            estimate = report["estimates"][row["estimator"]]
        else:
            estimate = report["estimates"]["L2"] if row["estimator"] == "L1" else report["tolerant"][row["estimator"]]
        assert (row["value"], row["low"], row["high"]) == (estimate["value"], estimate["low"], estimate["high"])


def test_a_slice_says_what_its_own_question_says(client):
    rows = {(row["group"], row["name"]): row for row in client.get("/charts/slices.json").json()["rows"]}
    assert rows["region", "china"]["lag"] == stored("all", region="china")["estimates"]["L1"]["value"]
    assert rows["access", "public"]["points"] == stored("public")["estimates"]["L8"]["value"]
    assert rows["size", "consumer-gpu"]["open_models"] == stored("all", max_parameters=40e9)["models"]["open"]
    lacking = rows["category", "multimodal"]
    assert lacking["lag"] is None
    assert lacking["reason"]


def test_each_closed_record_has_a_clock_and_one_that_runs_says_so(client):
    rows = client.get("/charts/clocks.json").json()["rows"]
    steps = stored("all")["frontier"]["closed"]
    assert [row["model"] for row in rows] == [step["model"] for step in steps]
    last = rows[-1]
    assert last["running"]
    assert (last["matched_by"], last["matched_on"]) == ("", None)
    assert last["months"] > 0
    assert all(row["matched_by"] for row in rows if not row["running"])
    page = read(client.get("/gap/"))
    assert any("not matched yet" in cell for row in page.rows("Closed record", "Released") for cell in row)


def test_without_a_benchmark_never_names_one_that_may_not_be_shown(client):
    rows = client.get("/charts/influence.json").json()["rows"]
    assert HIDDEN_BENCHMARK in stored("all")["benchmarks"]["L1"]["without"]
    assert {"GPQA Diamond", "Repair"} <= {row["benchmark"] for row in rows}
    assert HIDDEN_BENCHMARK not in {row["benchmark"] for row in rows}
    for row in rows:
        if row["without"] is not None:
            assert row["change"] == pytest.approx(row["without"] - row["value"])


def test_one_benchmark_less_is_for_the_default_question_only(client):
    assert client.get("/charts/influence.json?scope=coding").json()["rows"] == []


def test_a_tolerance_puts_the_tolerant_forms_in_the_place_of_the_plain_ones(client):
    report = stored("all")
    rows = {row["id"]: row for row in client.get("/gap.json?tolerance=95").json()["rows"]}
    assert "L1" not in rows
    assert rows["L2"]["value"] == report["estimates"]["L2"]["value"]
    for name in ("L3", "L5", "L7"):
        assert rows[name]["value"] == report["tolerant"][name]["value"]
    assert rows["L4"]["value"] == report["estimates"]["L4"]["value"]


def test_the_default_effort_is_an_answer_of_its_own():
    best, default = (gap.Question(effort=effort) for effort in ("best", "default"))
    run = run_for(None)
    assert gap.report(run, default) == stored("all/default")
    assert gap.report(run, best) == stored("all")


def test_the_form_offers_every_key_and_shows_what_is_chosen(client):
    page = read(client.get("/gap/?effort=default&tolerance=95&scope=public"))
    chosen = [attrs["value"] for tag, attrs in page.tags if tag == "option" and "selected" in attrs]
    assert chosen == ["public", "weights", "default", "95", "", "", ""]
    assert client.get("/gap/?family=nobody").status_code == 404


def test_until_the_run_is_through_the_whole_is_said_to_follow(client):
    IndexRun.objects.filter(historic=False).update(state=IndexRun.State.READY)
    GapResult.objects.filter(run__historic=False, scope="specification").delete()
    page = read(client.get("/gap/"))
    assert "being compared" in page.text
    assert "Every reasonable definition" not in page.text
