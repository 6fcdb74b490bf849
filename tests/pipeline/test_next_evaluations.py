"""What to measure next in the world's run: it stands on the run's own draws, and names what can be run."""

import json

import numpy as np
import pytest

from tests.pages.fixtures import in_world, world_database
from tests.pages.world import ENTRANTS
from tracker.domain.estimate import Estimator
from tracker.domain.estimators import over_draws
from tracker.domain.gap import compared as data_of
from tracker.domain.records import Access
from tracker.models import Benchmark, Evaluation, IndexRun
from tracker.pipeline import drawing, next_evaluations
from tracker.pipeline.fitting import Asked, Fitted, compared
from tracker.pipeline.run_reports import of_the_fit

__all__ = ["in_world", "world_database"]

pytestmark = pytest.mark.usefixtures("in_world", "db")


@pytest.fixture
def run() -> IndexRun:
    return IndexRun.objects.get(historic=False)


@pytest.fixture
def fit(run: IndexRun) -> Fitted:
    Benchmark.objects.create(
        slug="own-sums", name="Own sums", category="mathematics", unit="proportion", access="private", items=300,
        floor=0.0, ceiling=1.0,
    )  # fmt: skip
    return drawing.fit_of(run)


@pytest.fixture
def report(run: IndexRun, fit: Fitted) -> dict:
    return next_evaluations.make(run, fit)


def test_it_is_one_of_the_reports_of_every_run():
    assert next_evaluations.NAME in {name for name, _ in of_the_fit()}


def test_the_lag_is_the_headline_estimator_in_every_draw(fit):
    sides = compared(fit, Asked())
    data = data_of(sides.releases, fit.as_of, draws=sides.drawn, scale=fit.index.scale)
    theirs = over_draws(data)[Estimator.L1]
    assert np.array_equal(next_evaluations.lag_draws(fit), theirs, equal_nan=True)


def test_every_row_can_be_run_and_takes_something_for_its_cost(report):
    entrants = {entrant.slug: entrant for entrant in ENTRANTS}
    assert report["rows"]
    json.dumps(report, allow_nan=False)
    for row in report["rows"]:
        weights = entrants[row["slug"]].access is Access.WEIGHTS_PERMISSIVE
        assert (row["gpu_hours"] is not None, row["dollars"] is not None) == (weights, not weights)
        assert 0 < row["share"] <= 1
        assert abs(row["correlation"]) > 0.08
        assert row["suite_slug"] == "own-sums"
        assert row["borrowed"]
    hours = [row["per_hour"] for row in report["rows"] if row["gpu_hours"]]
    assert hours == sorted(hours, reverse=True)
    assert {row["slug"] for row in report["rows"]}.isdisjoint({"gpt-5", "claude-3-5-sonnet-jun-2024"})


def test_the_reduction_is_that_of_the_runs_draws(fit, report):
    row = report["rows"][0]
    name = next(name for name in fit.draws.models if fit.slugs[name] == row["slug"])
    lag, ability = next_evaluations.lag_draws(fit), fit.draws.ability[:, fit.draws.models.index(name)].astype(float)
    known = np.isfinite(lag) & np.isfinite(ability)
    by_hand = np.cov(lag[known], ability[known])[0, 1] ** 2 / (np.var(ability[known], ddof=1) + row["noise"])
    assert row["reduction"] == pytest.approx(by_hand, rel=1e-3)
    assert row["share"] == pytest.approx(by_hand / report["variance"], rel=1e-2)


def test_without_a_suite_of_our_own_there_is_nothing_to_propose(run, fit):
    Benchmark.objects.filter(slug="own-sums").delete()
    fit = drawing.fit_of(run)
    assert next_evaluations.make(run, fit)["rows"] == []


def test_of_a_model_its_best_few_suites_are_kept(run, fit):
    for number in range(5):
        Benchmark.objects.create(
            slug=f"own-{number}", name=f"Own {number}", category="reasoning", unit="proportion", access="private",
            items=100 + number, floor=0.0, ceiling=1.0,
        )  # fmt: skip
    fit = drawing.fit_of(run)
    rows = next_evaluations.make(run, fit)["rows"]
    by_model = {row["slug"]: [one["suite_slug"] for one in rows if one["slug"] == row["slug"]] for row in rows}
    assert {len(suites) for suites in by_model.values()} == {next_evaluations.A_MODEL}


def test_the_past_has_no_list(fit):
    assert next_evaluations.make(IndexRun.objects.filter(historic=True)[0], fit) == {}


def test_the_scatter_is_what_the_fit_leaves(fit):
    assert 0 < next_evaluations.scatter_of(fit) < 0.1
    assert next_evaluations.scatter_of(fit) == pytest.approx(np.sqrt(_squares(fit) / len(fit.observations)), rel=1e-6)


def _squares(fit: Fitted) -> float:
    total = 0.0
    for row in fit.observations:
        at = fit.index.benchmarks.index(row.benchmark)
        raw = fit.index.raw_slope[at] * (
            fit.index.raw_ability[fit.index.models.index(row.model)] - fit.index.raw_difficulty[at]
        )
        total += (row.value - 1 / (1 + np.exp(-raw))) ** 2
    return float(total)


def test_earlier_runs_tell_how_many_tokens_an_answer_takes_and_a_processor_tells_no_speed():
    told = next_evaluations.throughput()
    assert told.tokens_a_question == pytest.approx(12)
    assert told.tokens_a_second is None
    of = Evaluation.objects.filter(state="done").order_by("-pk").first()
    of.record["engine"]["device"] = "cuda"
    of.save()
    of.batches.update(seconds=2.0)
    told = next_evaluations.throughput()
    assert told.tokens_a_second == pytest.approx(36 * 12 / 4.0 * 134_515_008)
    assert told.parameters == 1.0
