"""Our own evaluations on pages and in files: states, errors, what a secret series hides, comparison, power, export."""

import csv
import hashlib
import io
import json
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.pages.evaluations_world import TOLD_LATER, evaluation, record
from tests.pages.every_eval_ever import RUN, SAMPLE, problems
from tests.pages.reading import read
from tests.pages.world import NOW
from tracker.domain.eval_statistics import clustered_error, standard_error
from tracker.domain.evaluation import tells_seed
from tracker.models import Benchmark, Evaluation, EvaluationSample, IndexRun, RunReport
from tracker.pipeline import next_evaluations

pytestmark = pytest.mark.usefixtures("world")
BY_LEVEL = ("Generator and level", "Questions", "Answered", "Exact")


def rows_of(client, address):
    return list(csv.DictReader(io.StringIO(client.get(address).content.decode())))


def this_week():
    year, week, _ = timezone.now().isocalendar()
    return f"{year}-W{week:02}"


@pytest.fixture
def secret():
    return evaluation("Birch <i>secret</i>", "done", now=NOW, week=this_week(), seed=987_654_321_012_345)


def test_every_run_is_on_the_list_and_in_every_file(ask, client):
    shown = read(ask("/evaluations/")).rows("Model", "Suite")
    assert len(shown) == Evaluation.objects.count() == len(rows_of(client, "/evaluations.csv")) == 7
    assert len(json.loads(ask("/evaluations.json").content)["rows"]) == 7


def test_a_row_has_the_accuracy_with_the_wider_error_and_no_energy_without_a_meter(ask):
    rows = {row[0]: row for row in read(ask("/evaluations/")).rows("Model", "Suite")}
    assert rows["Birch 1"][3].startswith("75.0 % ± ")
    assert float(rows["Birch 1"][7]) == pytest.approx(1860 / 36, abs=0.06)
    assert rows["Acme 5"][7] == "not measured"
    assert rows["Birch 2"][3] == "–"


def test_what_a_stopped_run_came_to_is_no_score_on_the_list_or_in_its_files(ask, client):
    rows = {row[0]: row for row in read(ask("/evaluations/")).rows("Model", "Suite")}
    files = {row["name"]: row for row in rows_of(client, "/evaluations.csv?sort=accuracy")}
    for name in ("Cedar 3", "Cedar 6", "Cedar 9"):
        assert Evaluation.objects.get(name=name).summary["exact"] == 1
        assert rows[name][3] == "–"
        assert (files[name]["exact"], files[name]["low"]) == ("", "")
    assert list(files)[:2] == ["Birch 1", "Acme 5"]


def test_where_all_is_right_the_interval_stands_in_for_an_error_of_nought(client):
    evaluation("Faultless", "done", now=NOW, right=12)
    row = next(row for row in read(client.get("/evaluations/")).rows("Model") if row[0] == "Faultless")
    assert row[3] == "100.0 %90 % to 100 %"


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("state=done", {"Birch 1", "Acme 5"}),
        ("state=spent", {"Cedar 6"}),
        ("q=cedar", {"Cedar 3", "Cedar 6", "Cedar 9"}),
        ("suite=nothing", set()),
        ("mode=sampled", set()),
    ],
)
def test_a_filter_keeps_exactly_what_it_asks_for(client, query, kept):
    assert {row["name"] for row in rows_of(client, f"/evaluations.csv?{query}")} == kept
    assert client.get(f"/evaluations/?{query}").status_code == 200


def test_a_list_is_in_the_order_asked_for(client):
    known = [float(row["exact"]) for row in rows_of(client, "/evaluations.csv?sort=accuracy") if row["exact"]]
    assert known == sorted(known, reverse=True)
    names = [row["name"] for row in rows_of(client, "/evaluations.csv?sort=name")]
    assert names == sorted(names)


def test_the_queue_says_how_far_a_run_is_and_machines_say_what_they_have(ask):
    page = read(ask("/evaluations/"))
    queue = page.rows("Model", "Suite", "State", "Progress")
    assert [(row[0], row[3]) for row in queue] == [("Acme <b>running</b>", "20 of 36"), ("Birch 2", "–")]
    machines = page.rows("Machine", "GPUs")
    assert machines[0][1] == "2 × Example GPU"
    assert machines[1][1] == "none"
    assert "none: energy is not measured" in machines[1]


def test_a_run_has_its_numbers_with_both_errors_and_its_interval(ask):
    of = Evaluation.objects.get(pk=1)
    values = [float(nth // 3 < 9) for nth in range(36)]
    clusters = [nth % 3 for nth in range(36)]
    assert of.summary["error"] == pytest.approx(standard_error(values))
    assert of.summary["clustered"] == pytest.approx(clustered_error(values, [str(one) for one in clusters]))
    text = read(ask("/evaluations/1/")).text
    assert "75.0 % right, 95 % interval" in text
    assert f"Standard error over questions {100 * of.summary['error']:.2f} %" in text


def test_levels_stand_in_a_table_and_in_the_chart_with_the_same_numbers(ask):
    page = read(ask("/evaluations/1/"))
    assert [row[:4] for row in page.rows(*BY_LEVEL)] == [
        [cluster, "12", "12", "75.0 %"] for cluster in ("sums/easy", "sums/hard", "maze/easy")
    ]
    drawn = json.loads(ask("/charts/evaluation-clusters.json?evaluation=1").content)
    assert [row["exact"] for row in drawn["rows"]] == [0.75] * 3


def test_energy_is_told_gross_net_and_idle_with_errors_or_as_not_measured(ask):
    metered, other = read(ask("/evaluations/1/")).text, read(ask("/evaluations/2/")).text
    assert "1,860 J in 12 s (nvml, 36 queries in 2 batches)" in metered
    assert "1,380 J; idle power 40.0 W" in metered
    assert "Accuracy per joule, net" in metered
    assert "no meter: not measured" in other
    for words in ("watt", "joule", " J ", " W "):
        assert words not in other.partition("no meter")[0].rpartition("Tokens read")[2]


def test_settings_and_the_command_are_those_of_the_record(ask):
    page = read(ask("/evaluations/1/"))
    for words in ("Q4_1", "xllamacpp 2026.10", "ab" * 32, "cd" * 32, "ef" * 32, "bubblewrap 0.8.0", "20261122"):
        assert words in page.text
    assert "manage.py evaluate weights.gguf --suite own-sums --name 'Birch 1'" in page.text
    assert '"hardware"' in page.text


def test_a_password_in_an_endpoints_address_is_not_told(client):
    of = Evaluation.objects.create(
        model="https://user:hunter2@example.org/v1#m", name="Hosted", suite="own-sums", asked_at=NOW,
        record=record() | {"command": "manage.py evaluate https://user:hunter2@example.org/v1#m"},
    )  # fmt: skip
    for address in (f"/evaluations/{of.pk}/", f"/evaluations/{of.pk}.eee.json", f"/evaluations/{of.pk}.json"):
        body = client.get(address).content.decode()
        assert "hunter2" not in body
    assert "https://example.org/v1#m" in read(client.get(f"/evaluations/{of.pk}/")).text


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (3, "20 of 36 samples answered."),
        (4, "Its files are damaged: weights.gguf ends early."),
        (5, "900 tokens of 800 were used."),
        (6, "cancelled"),
        (7, "It waits for a worker"),
    ],
)
def test_each_state_is_told_with_its_message(ask, number, said):
    page = read(ask(f"/evaluations/{number}/"))
    assert said in page.text
    assert (page.count("progress") > 0) == (number == 3)


def test_a_run_that_did_not_finish_says_that_it_is_no_score(ask):
    for number in (4, 5, 6):
        page = read(ask(f"/evaluations/{number}/"))
        assert "it is no score" in page.text
        assert page.within("answer").endswith(": no score.")
    for number in (1, 3):
        assert "it is no score" not in read(ask(f"/evaluations/{number}/")).text


def test_a_running_page_is_loaded_again_only_for_who_follows_it(ask):
    assert "Refresh" not in ask("/evaluations/3/")
    assert ask("/evaluations/3/?follow=yes")["Refresh"] == "15"
    assert "Refresh" not in ask("/evaluations/1/?follow=yes")


def test_a_running_page_shows_the_next_answer_at_once(client):
    before = read(client.get("/evaluations/3/")).text
    row = EvaluationSample.objects.filter(evaluation=3, state="waiting").first()
    EvaluationSample.objects.filter(pk=row.pk).update(state="done", exact=1, finished_at=NOW)
    after = client.get("/evaluations/3/")
    assert "21 of 36 samples answered." in read(after).text
    assert "21 of 36" not in before
    assert after["Cache-Control"] == "no-cache"


def test_every_sample_is_on_a_page_and_in_the_files(ask, client):
    first, second = (read(client.get(f"/evaluations/1/?page={page}")).rows("Question", "Outcome") for page in (1, 2))
    assert (len(first), len(second)) == (25, 11)
    rows = rows_of(client, "/evaluations/1.csv")
    shown = [row[0] for row in first + second]
    assert shown == [f"{row['item']}{row['cluster']}" for row in rows]
    assert rows[0]["prompt"] == "What is 0 + <b>0</b>?"
    assert {row["failure"] for row in rows} == {"", "empty answer"}


@pytest.mark.parametrize(("query", "many"), [("outcome=wrong", 9), ("outcome=right", 27), ("cluster=maze/easy", 12)])
def test_samples_can_be_narrowed(client, query, many):
    assert len(rows_of(client, f"/evaluations/1.csv?{query}")) == many


def test_a_secret_series_hides_its_questions_everywhere_until_the_week_is_over(client, secret):
    addresses = [f"/evaluations/{secret.pk}{end}" for end in ("/", "/?outcome=wrong", ".csv", ".json", ".eee.json")] + [
        f"/evaluations/compare/?a=1&b={secret.pk}",
        "/evaluations/",
        "/evaluations.json",
        "/evaluations/power/",
    ]
    for address in addresses:
        body = client.get(address).content.decode()
        assert TOLD_LATER not in body
        assert "987654321012345" not in body.replace(",", "")
        assert address.startswith("/evaluations/compare") or "ef" * 32 not in body
    assert TOLD_LATER.encode() not in client.get(f"/evaluations/{secret.pk}.parquet").content
    assert client.get(f"/evaluations/{secret.pk}.eee.jsonl").status_code == 404
    shown = read(client.get(f"/evaluations/{secret.pk}/")).text
    assert "hidden until the week is over" in shown
    assert "50.0 % right" in shown


def test_a_secret_series_is_told_when_its_week_is_over(client, secret):
    Evaluation.objects.filter(pk=secret.pk).update(week="2025-W01")
    for end in ("/", ".csv", ".eee.jsonl"):
        assert TOLD_LATER in client.get(f"/evaluations/{secret.pk}{end}").content.decode()
    assert "987654321012345" in read(client.get(f"/evaluations/{secret.pk}/")).text


def test_a_week_is_over_when_another_has_begun_in_utc():
    monday = NOW.replace(year=2026, month=11, day=23, hour=0)
    assert not tells_seed("2026-W47", now=monday - timedelta(minutes=1))
    assert tells_seed("2026-W47", now=monday)
    assert tells_seed("2026-W53", now=NOW.replace(year=2027, month=1, day=4))
    assert tells_seed("", now=monday)


def test_two_runs_are_compared_on_what_both_were_asked(client, ask):
    text = read(ask("/evaluations/compare/?a=1&b=2")).text
    assert "Birch 1 75.0 %, Acme 5 33.3 % on the same 36 questions: a difference of 41.67 ±" in text
    assert "Birch 1 is better than Acme 5, and the difference stands out." in text
    assert "Engine: xllamacpp and transformers" in text
    about = json.loads(client.get("/evaluations/compare.json?a=1&b=2").content)
    differences = [float(4 <= nth // 3 < 9) for nth in range(36)]
    assert about["paired"]["error"] == pytest.approx(np.std(differences, ddof=1) / 6)
    assert len(about["rows"]) == 3


def test_a_difference_below_two_errors_is_not_resolvable(client):
    near = evaluation("Near", "done", now=NOW, right=9)
    row = EvaluationSample.objects.filter(evaluation=near, exact=1).first()
    EvaluationSample.objects.filter(pk=row.pk).update(exact=0)
    text = read(client.get(f"/evaluations/compare/?a=1&b={near.pk}")).text
    assert "Difference not resolvable." in text
    assert "questions would show it with 80 % power" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"suite": "own-logic"}, "They ran different suites: own-sums and own-logic."),
        ({"suite_version": 2}, "They ran different versions of the suite: 1 and 2."),
        ({"seed": 5}, "Their questions were made from different seeds."),
        ({"week": "2026-W01"}, "Their questions were made from different seeds."),
        ({"record": {"items_sha256": "00"}}, "one of the two is broken"),
    ],
)
def test_runs_with_other_questions_are_not_compared(client, changes, said):
    Evaluation.objects.filter(pk=2).update(**changes)
    page = read(client.get("/evaluations/compare/?a=1&b=2"))
    assert "These two cannot be compared." in page.text
    assert said in page.text
    assert "stands out" not in page.text


def test_the_calculator_answers_the_question_of_two_points(client):
    text = read(client.get("/evaluations/power/")).text
    # Greedy, both at 70 %, correlation 1/2: 2.8016^2 * 0.21 / 0.0004.
    assert "4,121 questions show a difference of 2.0 points." in text
    more = read(client.get("/evaluations/power/?questions=500&difference=5&chance=0.5&repeats_a=4&repeats_b=4")).text
    assert "With 500 questions a difference of" in more


def test_the_calculator_takes_the_variances_of_two_runs(client):
    text = read(client.get("/evaluations/power/?difference=2&a=1&b=2")).text
    assert "The variances are those that runs 1 and 2 measured." in text
    differences = [float(4 <= nth // 3 < 9) for nth in range(36)]
    assert f"ω² = {np.var(differences, ddof=1):.4f}" in text


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/evaluations/?state=lost", "state=lost is not known"),
        ("/evaluations/99999/", "There is no evaluation 99999"),
        ("/evaluations/1/?outcome=odd", "outcome=odd is not known"),
        ("/evaluations/compare/?a=x&b=1", "a=x is not the number of an evaluation"),
        ("/evaluations/compare/?a=1&b=99999", "There is no evaluation 1 or no evaluation 99999"),
        ("/evaluations/power/?power=120", "power=120 is not between 1 and 99.99"),
        ("/evaluations/power/?difference=nan", "difference=nan is not between"),
        ("/evaluations/power/?accuracy_a=some", "accuracy_a=some is not a number"),
        ("/charts/evaluation-clusters/?evaluation=99999", "evaluation=99999 is not known"),
    ],
)
def test_nonsense_in_an_address_is_told_in_words(client, address, said):
    response = client.get(address)
    assert response.status_code == 404
    assert said in read(response).text


@pytest.mark.parametrize("number", range(1, 8))
def test_a_run_is_handed_on_in_the_shared_schema(client, number):
    document = json.loads(client.get(f"/evaluations/{number}.eee.json").content)
    assert problems(document, RUN) == []
    body = client.get(f"/evaluations/{number}.eee.jsonl").content
    told = document["detailed_evaluation_results"]
    assert (told["checksum"], told["total_rows"]) == (hashlib.sha256(body).hexdigest(), body.count(b"\n"))
    for line in body.splitlines():
        sample = json.loads(line)
        assert problems(sample, SAMPLE) == []
        assert sample["evaluation_id"] == document["evaluation_id"]


def test_the_shared_schema_has_the_score_its_error_and_how_to_repeat_it(client):
    document = json.loads(client.get("/evaluations/1.eee.json").content)
    exact = document["evaluation_results"][0]
    assert exact["score_details"]["score"] == 0.75
    assert exact["score_details"]["uncertainty"]["standard_error"]["value"] == pytest.approx(
        Evaluation.objects.get(pk=1).summary["error"]
    )
    assert exact["generation_config"]["generation_args"]["execution_command"].startswith("manage.py evaluate")
    assert json.loads(client.get("/evaluations/7.eee.json").content)["evaluation_results"] == []


def test_what_to_measure_next_is_what_the_run_reported(client):
    assert "Not one of our own suites is in the catalogue." in read(client.get("/evaluations/next/")).text
    run = IndexRun.objects.get(historic=False)
    Benchmark.objects.create(
        slug="own-sums", name="Own sums", category="mathematics", unit="proportion", access="private", items=300,
        floor=0.0, ceiling=1.0,
    )  # fmt: skip
    from tracker.pipeline import drawing

    fit = drawing.fit_of(run)
    report = next_evaluations.make(run, fit)
    RunReport.objects.filter(run=run, name=next_evaluations.NAME).update(report=report)
    page = read(client.get("/evaluations/next/"))
    first = report["rows"][0]
    assert f"{first['model']} on Own sums." in " ".join(page.text.split())
    assert len(rows_of(client, "/evaluations/next.csv")) == len(report["rows"])
    assert "1 of 1 suites have no curve of their own yet" in page.text


def test_the_pages_ask_no_more_when_there_are_ten_times_as_many_runs(client):
    addresses = ("/evaluations/", "/evaluations.csv", "/evaluations/1/", "/evaluations/compare/?a=1&b=2")

    def asked(address):
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    before = {address: asked(address) for address in addresses}
    assert max(before.values()) <= 25
    for nth in range(30):
        evaluation(f"Many {nth}", "done" if nth % 2 else "running", now=NOW)
    assert {address: asked(address) for address in addresses} == before
