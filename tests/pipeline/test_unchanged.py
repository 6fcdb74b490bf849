"""Answers that an earlier run gave from the same evidence: taken over where nothing they rest on has changed."""

from dataclasses import replace

import pytest

from tests.pipeline.catalogue import change
from tests.pipeline.index_runs import OPENS, SCORES, clock_at, finish
from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import PANEL, PRICES, panel, prices
from tracker.domain.index import METHOD
from tracker.models import GapResult, IndexRun, RunReport, Setting
from tracker.pipeline import drawing, recompute, unchanged
from tracker.pipeline.beliefs import Beliefs, beliefs
from tracker.pipeline.catalog import load_catalog
from tracker.queries import gap, runs


@pytest.fixture(autouse=True)
def facts(installed):
    take_in(PRICES, prices(*OPENS), at(1))
    take_in(PANEL, panel(*SCORES), at(2))


@pytest.fixture
def run() -> IndexRun:
    return IndexRun.objects.create(
        known_at=at(3), as_of=at(2).date(), data_version=1, method=METHOD, created_at=at(3), historic=False
    )


def evidence(run: IndexRun, known: Beliefs | None = None, drawn_from: str = "draws") -> str:
    return unchanged.evidence(run, known or beliefs(run.known_at), drawn_from)


def test_after_new_prices_the_answers_are_the_last_runs_and_stand_under_the_new_one():
    recompute.plan(now=at(3))
    first = finish(IndexRun.objects.get(historic=False), at(3))
    # A mark that no computation makes: wherever it is found, the answer was taken over.
    for row in [*GapResult.objects.filter(run=first), *RunReport.objects.filter(run=first)]:
        type(row).objects.filter(pk=row.pk).update(report={**row.report, "mark": True})
    GapResult.objects.filter(run=first, scope="coding").update(shown={"mark": "of a page", "estimates": {}})
    cheaper = prices(replace(OPENS[0], price=9.0), *OPENS[1:])
    take_in(PRICES, cheaper, at(3, 7))
    recompute.plan(now=at(3, 7))
    second = finish(IndexRun.objects.get(historic=False, state="due"), at(3, 7))
    assert (second.state, second.last_error) == ("done", "")
    answers = GapResult.objects.filter(run=second)
    assert answers.count() == GapResult.objects.filter(run=first).count()
    assert not answers.exclude(report__mark=True).exists()
    assert set(answers.filter(shown__mark="of a page").values_list("scope", flat=True)) == {"coding"}
    reports = RunReport.objects.filter(run=second)
    assert set(reports.filter(report__mark=True).values_list("name", flat=True)) == set(unchanged.REPORTS)
    assert reports.count() == RunReport.objects.filter(run=first).count(), (
        "prices have a report of their own, made anew"
    )
    shown = runs.run_for(None)
    assert shown.id == second.pk
    assert gap.report(shown, gap.Question())["mark"]


def test_one_new_score_and_every_answer_is_given_again():
    recompute.plan(now=at(3))
    first = IndexRun.objects.get(historic=False)
    recompute.headline(first.pk, clock=clock_at(at(3)), by="worker")
    GapResult.objects.filter(run=first).update(report={"mark": True, "points": []})
    IndexRun.objects.filter(pk=first.pk).update(state="done")
    take_in(PANEL, panel(*SCORES[:-1], replace(SCORES[-1], score=0.3)), at(3, 7))
    recompute.plan(now=at(3, 7))
    second = IndexRun.objects.get(historic=False, state="due")
    recompute.headline(second.pk, clock=clock_at(at(3, 7)), by="worker")
    assert not GapResult.objects.filter(run=second, report__mark=True).exists()


def test_prices_are_no_part_of_the_evidence(run):
    before = evidence(run)
    take_in(PRICES, prices(replace(OPENS[0], price=9.0), *OPENS[1:]), at(2, 7))
    assert evidence(run) == before


def test_a_score_a_date_and_a_label_are_each_part_of_the_evidence(run):
    found = {evidence(run)}
    take_in(PANEL, panel(*SCORES[:-1], replace(SCORES[-1], score=0.3)), at(2, 7))
    found.add(evidence(run))
    take_in(PRICES, prices(replace(OPENS[0], released="2025-02-03"), *OPENS[1:]), at(2, 8))
    found.add(evidence(run))
    take_in(PRICES, prices(*(replace(offer, open_weights=not offer.open_weights) for offer in OPENS)), at(2, 9))
    found.add(evidence(run))
    assert len(found) == 4


def test_a_definition_a_setting_the_day_the_draws_and_the_code_are_each_part_of_the_evidence(run, root, monkeypatch):
    found = {evidence(run), evidence(run, drawn_from="others")}
    change(root, "benchmarks/chess-puzzles.toml", "in_index = true", "in_index = false")
    load_catalog(now=at(3, 7), root=root)
    found.add(evidence(run))
    Setting.objects.create(effort="high", budget=4096)
    found.add(evidence(run))
    run.as_of = at(3).date()
    found.add(evidence(run))
    monkeypatch.setattr(unchanged, "code_version", lambda: "another")
    found.add(evidence(run))
    assert len(found) == 6


def test_one_believed_model_more_or_other_is_part_of_the_evidence(run):
    known = beliefs(run.known_at)
    slug, model = next(iter(known.models.items()))
    others = [
        replace(model, lab="Another"), replace(model, region="other"), replace(model, family="Another"),
        replace(model, name="Another"), replace(model, open_means=None), replace(model, open_means=()),
        replace(model, release=replace(model.release, values={**model.release.values, "parameters": 7e9})),
    ]  # fmt: skip
    found = {evidence(run, replace(known, models={**known.models, slug: other})) for other in [model, *others]}
    assert len(found) == 8 - (model.open_means in (None, ()))
    assert evidence(run, replace(known, models={})) not in found


def test_the_code_is_known_by_what_its_files_say():
    assert len(unchanged.code_version()) == 64
    assert drawing.__file__.startswith(str(unchanged.CODE))
