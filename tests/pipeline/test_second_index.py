"""The second index of a run: the same scores with chance left in, the lags beside the first ones, what it stores."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.pages.fixtures import in_world, world_database
from tests.pages.world import EXAMS
from tracker.domain import gap_report
from tracker.domain.index_draws import interval
from tracker.domain.openness import OpenMeans
from tracker.models import IndexRun, RunReport
from tracker.pipeline import drawing, second_index
from tracker.pipeline.fitting import Asked, Fitted, answer
from tracker.pipeline.run_reports import of_the_fit

__all__ = ["in_world", "world_database"]

pytestmark = pytest.mark.usefixtures("in_world", "db")


@pytest.fixture
def run() -> IndexRun:
    return IndexRun.objects.get(historic=False)


@pytest.fixture
def fit(run: IndexRun) -> Fitted:
    return drawing.fit_of(run)


@pytest.fixture
def stored(run: IndexRun) -> dict:
    return RunReport.objects.get(run=run, name=second_index.NAME).report


def test_it_is_one_of_the_reports_of_every_run(run):
    assert second_index.NAME in {name for name, _ in of_the_fit()}
    assert RunReport.objects.filter(name=second_index.NAME).count() == IndexRun.objects.filter(state="done").count()


def test_it_stands_on_the_same_scores_as_the_first_index_with_chance_left_in(fit):
    rows, floors = second_index.shares(fit)
    ours = {(row.model, row.benchmark): row.value for row in rows}
    theirs = {(row.model, row.benchmark): row.value for row in fit.observations}
    assert ours.keys() == theirs.keys()
    known = {name: floor for _, name, _, unit, _, floor, _, _ in EXAMS if unit == "proportion"}
    assert {name: floors[name] for name in known} == known
    for key, value in theirs.items():
        if value > 0:
            floor = floors[key[1]]
            assert ours[key] == pytest.approx(floor + (1 - floor) * value)


def test_every_model_of_the_index_has_a_place_with_an_interval_and_the_anchors_have_none(fit, stored):
    assert stored["reason"] == ""
    assert stored["models"].keys() == {fit.slugs[name] for name in fit.index.models}
    for slug, (value, low, high, scores) in stored["models"].items():
        if slug in ("gpt-5", "claude-3-5-sonnet-jun-2024"):
            assert (low, high) == (None, None)
        else:
            assert low < value < high
        assert scores >= 4
    assert stored["models"]["gpt-5"][0] == pytest.approx(150)


def test_its_lags_are_those_of_the_estimators_on_its_own_draws(fit, stored):
    second = second_index.second_fit(fit)
    again = second_index.lags_of(fit, second, Asked())
    assert stored["lags"]["weights"] == json.loads(json.dumps(again))
    first = gap_report.estimates(answer(fit, Asked())[0])
    assert again.keys() == first.keys()
    assert again["L4"]["value"] == first["L4"]["value"], "it reads scores, not the index"
    assert again["L8"]["value"] != first["L8"]["value"]
    assert set(stored["lags"]) == {means.value for means in OpenMeans}


def test_how_the_two_agree_is_counted_over_the_models_that_both_have(fit, stored):
    slugs = [fit.slugs[name] for name in fit.index.models]
    here = fit.index.ability
    there = np.array([stored["models"][slug][0] for slug in slugs])
    against = stored["against"]
    assert against["models"] == len(slugs)
    assert against["correlation"] == pytest.approx(np.corrcoef(here, there)[0, 1], abs=1e-4)
    assert against["median_difference"] == pytest.approx(np.median(np.abs(there - here)), abs=1e-3)
    sizes = [abs(row["difference"]) for row in against["largest"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == pytest.approx(np.abs(there - here).max(), abs=1e-3)


def test_it_is_plain_json_without_numbers_that_json_has_not(stored):
    json.dumps(stored, allow_nan=False)
    assert stored["converged"]
    assert stored["seconds"]["all"] >= stored["seconds"]["fit"] > 0


def test_without_any_score_the_report_says_why(run, fit):
    nothing = fit.beliefs.scores.only(np.zeros(len(fit.beliefs.scores), dtype=bool))
    empty = second_index.make(run, replace(fit, beliefs=replace(fit.beliefs, scores=nothing)))
    assert empty["models"] == {}
    assert "hold 0" in empty["reason"]


def test_the_first_indexs_intervals_stay_its_own_after_it(fit):
    second_index.lags_of(fit, second_index.second_fit(fit, draws=5), Asked())
    assert fit.intervals() == interval(fit.draws)
