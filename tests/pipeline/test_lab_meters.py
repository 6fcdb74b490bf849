"""What a run reports of benchmarks' health and of labs' scores, from the facts it knew."""

from collections.abc import Iterator

import pytest

from tests.pages.fixtures import in_world, world_database
from tests.pages.world import ENTRANTS
from tracker.domain.records import Evaluator
from tracker.models import BenchmarkState, IndexRun, RunReport, Score, Setting, Source
from tracker.pipeline import benchmark_health, benchmaxxing, drawing, self_reports
from tracker.pipeline.fitting import Fitted
from tracker.pipeline.run_reports import of_the_fit

__all__ = ["in_world", "world_database"]


@pytest.fixture
def run(in_world: None, db: None) -> Iterator[IndexRun]:
    return IndexRun.objects.get(historic=False)


def fit_of(run: IndexRun) -> Fitted:
    return drawing.fit_of(run)


def report_of(run: IndexRun) -> dict:
    return self_reports.make(run, fit_of(run))


def also(score: Score, **changes: object) -> Score:
    """The same row once more, from the same document, with changes."""
    values = {field.attname: getattr(score, field.attname) for field in Score._meta.concrete_fields}
    del values["id"]
    key = f"{score.key}/{len(Score.objects.filter(key__startswith=score.key))}"
    return Score.objects.create(**values | {"key": key, "digest": key[:32]} | changes)


def scores(model: str, benchmark: str) -> Score:
    return Score.objects.known(None).get(
        model__slug=model, benchmark__slug=benchmark, endpoint__source__may_display=True
    )


def test_a_finished_run_has_all_three_reports(run):
    names = {name for name, _ in of_the_fit()}
    assert {"benchmark-health", "benchmaxxing", "self-report"} <= names
    assert names <= set(RunReport.objects.filter(run=run).values_list("name", flat=True))


def test_made_again_a_report_is_the_same(run):
    fit = fit_of(run)
    for name, make in (("benchmark-health", benchmark_health.make), ("benchmaxxing", benchmaxxing.make)):
        stored = RunReport.objects.get(run=run, name=name).report
        made = make(run, fit)
        assert {key: list(part) if isinstance(part, tuple) else part for key, part in made.items()} == stored


def test_the_last_month_agrees_with_the_benchmarks_state(run):
    report = benchmark_health.make(run, fit_of(run))
    at = benchmark_health.FIELDS.index
    for slug, months in report["benchmarks"].items():
        state = BenchmarkState.objects.get(run=run, benchmark__slug=slug)
        last = months[-1]
        assert last[at("month")] == run.as_of.isoformat()
        assert last[at("state")] == state.state
        assert last[at("information")] == state.information
        assert last[at("alike")] == state.indistinguishable
        assert last[at("headroom")] == state.headroom
        assert last[at("models")] == state.model_count
        assert last[at("low")] < last[at("information")] < last[at("high")]


def test_the_frontier_climbs_and_ends_at_the_best_closed_model(run):
    fit = fit_of(run)
    levels = [level for _, level in benchmark_health.make(run, fit)["frontier"]]
    assert levels == sorted(levels)
    best = max(value for name, value in fit.values.items() if fit.model(name).open_means == ())
    assert levels[-1] == pytest.approx(best, abs=1e-4)


def test_private_and_semi_private_benchmarks_are_the_unseen_ones(run):
    report = benchmaxxing.make(run, fit_of(run))
    assert {(row["unseen"], row["seen"]) for row in report["models"]} == {(3, 3)}
    assert len(report["models"]) == len(ENTRANTS)
    labs = {row["lab"]: row for row in report["labs"]}
    assert labs["Anthropic"]["verdict"] == "too few models"
    assert labs["Birch"]["models"] == 8
    assert labs["Birch"]["corrected"] >= labs["Birch"]["chance"]
    assert labs["Birch"]["low"] < labs["Birch"]["value"] < labs["Birch"]["high"]


def test_without_release_dates_of_benchmarks_nothing_is_said_of_later_ones(run):
    assert {row["meter"] for row in benchmaxxing.make(run, fit_of(run))["labs"]} == {"private"}


def test_a_pair_needs_the_same_model_benchmark_and_setting(run):
    assert report_of(run)["pairs"] == []
    same, other = scores("gpt-5", "repair"), scores("gpt-5", "errands")
    mine = also(same, evaluator=Evaluator.FIRST_PARTY.value, value=same.value + 0.05)
    also(other, evaluator=Evaluator.FIRST_PARTY.value, setting_id=Setting.objects.create(effort="extreme").pk)
    report = report_of(run)
    (pair,) = report["pairs"]
    assert (pair["model"], pair["benchmark"], pair["lab"]) == ("GPT-5", "Repair", "OpenAI")
    assert (pair["own_fact"], pair["other_fact"]) == (mine.pk, same.pk)
    assert pair["difference"] == pytest.approx(0.05)
    assert (report["first_party"], report["other_settings"]) == (2, 1)
    (lab,) = report["labs"]
    assert (lab["pairs"], lab["verdict"], lab["low"]) == (1, "too few models", None)


def test_enough_models_give_a_lab_an_interval_and_a_verdict(run):
    for nth, model in enumerate(("birch-1", "birch-2", "birch-5", "birch-7", "birch-8")):
        score = scores(model, "repair")
        also(score, evaluator=Evaluator.FIRST_PARTY.value, value=score.value + 0.05 + 0.002 * nth)
    (lab,) = report_of(run)["labs"]
    assert (lab["lab"], lab["pairs"], lab["models"], lab["verdict"]) == ("Birch", 5, 5, "higher")
    assert 0.05 < lab["low"] < lab["value"] < lab["high"] < 0.06


def test_what_may_not_be_displayed_and_what_became_known_later_is_no_evidence(run):
    score = scores("gpt-5", "veiled-exam")
    also(score, evaluator=Evaluator.FIRST_PARTY.value, value=0.9)
    seen = scores("gpt-5", "repair")
    also(seen, evaluator=Evaluator.FIRST_PARTY.value, value=0.9, known_from=run.known_at.replace(year=2027))
    assert report_of(run)["pairs"] == []
    also(seen, evaluator=Evaluator.FIRST_PARTY.value, value=0.9)
    fit = fit_of(run)
    assert len(self_reports.make(run, fit)["pairs"]) == 1
    Source.objects.filter(pk=seen.endpoint.source_id).update(may_display=False)
    assert self_reports.make(run, fit)["pairs"] == []
