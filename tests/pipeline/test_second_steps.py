"""The second index step by step: killed between, taken up by another, after a new catalogue; the digits of one go."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.pipeline.catalogue import change
from tests.pipeline.index_runs import SCORES, clock_at, finish, headlined, kill_within
from tests.pipeline.steps import at
from tracker.models import DrawSlice, IndexRun, RunReport
from tracker.pipeline import drawing, recompute, second_index, second_steps
from tracker.pipeline.beliefs import beliefs
from tracker.pipeline.catalog import load_catalog
from tracker.pipeline.fitting import Fitted

pytestmark = pytest.mark.usefixtures("installed")

LOOKS = 180  # of thirty scores: six steps towards the mode, or draws under three values of the noise
ARRAYS = (
    "raw_ability", "raw_difficulty", "raw_slope", "noise", "noise_spread", "draws", "drawn_difficulty", "drawn_slope",
)  # fmt: skip


@pytest.fixture
def run(installed: None) -> IndexRun:
    """Its headline is there, nothing else."""
    return headlined(SCORES)


def kept(run: IndexRun) -> list[tuple[str, int, int]]:
    rows = DrawSlice.objects.filter(drawn_from=second_steps.kept_as(run.pk)).order_by("kind", "first")
    return list(rows.values_list("kind", "first", "count"))


def found(run: IndexRun, fit: Fitted) -> second_steps.Found:
    return second_steps.Found(run.pk, *second_index.shares(fit))


def one_step(run: IndexRun, fit: Fitted) -> bool:
    """As a worker takes it who knows nothing but what is stored."""
    step = next(second_index.InSteps(run, fit).steps(), None)
    if step:
        step()
    return step is not None


def digits(report: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in report.items() if name != "seconds"}


@pytest.mark.django_db(transaction=True)
def test_a_run_killed_within_a_step_goes_on_from_the_one_before_to_the_digits_of_one_go(run, monkeypatch):
    fit = drawing.fit_of(run)
    monkeypatch.setattr(second_steps, "LOOKS", LOOKS)
    climbing = 0
    while one_step(run, fit) and not any(kind == "second" for kind, _, _ in kept(run)):
        climbing += 1
    assert climbing > 2, "the way to the mode takes several steps"
    DrawSlice.objects.filter(drawn_from=second_steps.kept_as(run.pk)).delete()

    kill_within(run, second_index, steps=climbing + 2, module=second_steps, size="LOOKS", value=LOOKS)
    before = kept(run)
    assert [row[1:] for row in before if row[0] == "second"] == [(0, 3), (3, 3)], "the third was not stored"

    monkeypatch.setattr(recompute, "SLICE_SECONDS", 0.0)
    while not RunReport.objects.filter(run=run, name=second_index.NAME).exists():
        assert recompute.advance(run.pk, clock=clock_at(at(3, 6, 10)), by="heir")
    made = kept(run)
    assert made[: len(before)] == before
    assert [row[1:] for row in made if row[0] == "second"] == [(n, min(3, 25 - n)) for n in range(0, 25, 3)]

    cut, whole = found(run, fit).whole(), second_index.second_fit(fit)
    for name in ARRAYS:
        assert getattr(cut, name).tobytes() == getattr(whole, name).tobytes(), name
    assert (cut.iterations, cut.objective, cut.dropped) == (whole.iterations, whole.objective, whole.dropped)
    stored = RunReport.objects.get(run=run, name=second_index.NAME).report
    assert stored["reason"] == ""
    assert stored["draws"] == 500
    DrawSlice.objects.filter(drawn_from=second_steps.kept_as(run.pk)).delete()
    monkeypatch.setattr(second_steps, "LOOKS", 10**9)
    assert digits(second_index.make(run, fit)) == digits(stored)
    assert kept(run) == [("climb", 0, cut.iterations), ("second", 0, 25)]


def test_what_was_found_under_another_catalogue_is_found_anew(run, root, monkeypatch):
    monkeypatch.setattr(second_steps, "LOOKS", LOOKS)
    fit = drawing.fit_of(run)
    while not any(kind == "second" for kind, _, _ in kept(run)):
        assert one_step(run, fit)
    change(root, "benchmarks/chess-puzzles.toml", "floor = 0.0", "floor = 0.1")
    load_catalog(now=at(3, 7), root=root)
    fit = replace(fit, beliefs=beliefs(run.known_at))
    assert one_step(run, fit)
    assert kept(run) == [("climb", 0, 6)]
    np.testing.assert_array_equal(found(run, fit).whole().draws, second_index.second_fit(fit).draws)


def test_scores_that_cannot_be_fitted_are_found_out_and_told_in_one_turn(run):
    """Otherwise a turn that is short of time would find it out again and again."""
    fit = drawing.fit_of(run)
    none = replace(fit.beliefs, scores=fit.beliefs.scores.only(np.zeros(len(fit.beliefs.scores), dtype=bool)))
    wanted = ((second_index.NAME, second_index.make),)
    groups = []
    for together, step in recompute._reports(run, replace(fit, beliefs=none), wanted):
        step()
        groups.append(together)
    assert len(groups) == 2
    assert len(set(groups)) == 1
    assert "hold 0" in RunReport.objects.get(run=run, name=second_index.NAME).report["reason"]


def test_slices_stay_while_their_run_is_under_way_and_go_when_it_is_done(run):
    assert one_step(run, drawing.fit_of(run))
    drawing.forget([second_steps.KEPT_AS])
    assert kept(run)
    assert finish(run, at(3)).state == "done"
    assert kept(run) == []
    assert DrawSlice.objects.filter(drawn_from=run.draw_arrays.drawn_from).exists()
