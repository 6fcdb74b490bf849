"""Benchmaxxing some replicates at a time: killed between, after a new catalogue, without scores: digits of one go."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.pipeline.catalogue import BENCHMARKS, change
from tests.pipeline.index_runs import EXAMS, MODELS, clock_at, finish, headlined, kill_within
from tests.pipeline.steps import at
from tests.pipeline.vintages import field_of
from tracker.domain import benchmaxxing as maxxing
from tracker.models import DrawSlice, IndexRun, RunReport
from tracker.pipeline import benchmaxxing, drawing, recompute
from tracker.pipeline.catalog import load_catalog
from tracker.pipeline.fitting import Fitted
from tracker.pipeline.packing import unpacked

MORE = ("first-more", "second-more")
LINES = list(field_of(MODELS, (*EXAMS, *(slug.replace("-", "_") for slug in MORE))))
WEIGHTS = 30 * len(LINES)  # of every score: thirty replicates


@pytest.fixture
def exams(root: Path) -> Path:
    """Seven, three of them private."""
    for slug in MORE:
        text = (
            BENCHMARKS["math-level-5"]
            .replace("MATH Level 5", slug.title())
            .replace("math_level_5", slug.replace("-", "_"))
        )
        (root / "benchmarks" / f"{slug}.toml").write_text(text, "utf-8")
    for slug in (*MORE, "chess-puzzles"):
        change(root, f"benchmarks/{slug}.toml", 'access = "public"', 'access = "private"')
    return root


@pytest.fixture
def run(exams: Path, installed: None) -> IndexRun:
    return headlined(LINES)


def slices(run: IndexRun) -> list[DrawSlice]:
    return list(DrawSlice.objects.filter(drawn_from=benchmaxxing.kept_as(run.pk)).order_by("first"))


def kept(run: IndexRun) -> list[tuple[int, int]]:
    return [(row.first, row.count) for row in slices(run)]


def one_step(run: IndexRun, fit: Fitted) -> None:
    """As a worker takes it who knows nothing but what is stored."""
    next(benchmaxxing.InSteps(run, fit).steps())()


def digits(run: IndexRun) -> bytes:
    return np.concatenate([unpacked(bytes(row.packed))[1]["drawn"] for row in slices(run)]).tobytes()


def stored(run: IndexRun) -> dict[str, Any] | None:
    return RunReport.objects.filter(run=run, name=benchmaxxing.NAME).values_list("report", flat=True).first()


@pytest.mark.django_db(transaction=True)
def test_a_run_killed_within_a_step_goes_on_from_the_one_before_to_the_digits_of_one_go(run, monkeypatch):
    fit = drawing.fit_of(run)
    monkeypatch.setattr(benchmaxxing, "WEIGHTS", WEIGHTS)
    kill_within(run, benchmaxxing, steps=1, module=benchmaxxing, size="WEIGHTS", value=WEIGHTS)
    assert kept(run) == [(0, 30)], "the second was not stored"

    monkeypatch.setattr(recompute, "SLICE_SECONDS", 0.0)
    turns = 0
    while stored(run) is None:
        assert recompute.advance(run.pk, clock=clock_at(at(3, 6, 10)), by="heir")
        turns += 1
    assert kept(run) == [(0, 30), (30, 30), (60, 30), (90, 10)]
    assert turns > 4, "a turn that is short of time makes room after each step"

    halves = maxxing.halved(fit.index, fit.draws, fit.observations, benchmaxxing._meters(fit))
    assert digits(run) == halves.drawn(range(100)).tobytes()
    in_steps = stored(run)
    assert in_steps is not None
    assert in_steps["replicates"] == 100
    assert len(in_steps["models"]) == len(MODELS)
    DrawSlice.objects.filter(drawn_from=benchmaxxing.kept_as(run.pk)).delete()
    monkeypatch.setattr(benchmaxxing, "WEIGHTS", 10**9)
    assert benchmaxxing.make(run, fit) == in_steps
    assert kept(run) == [(0, 100)]


def test_what_was_found_under_another_catalogue_is_found_anew(run, exams, monkeypatch):
    monkeypatch.setattr(benchmaxxing, "WEIGHTS", WEIGHTS)
    fit = drawing.fit_of(run)
    one_step(run, fit)
    before = digits(run)
    change(exams, "benchmarks/frontiermath.toml", 'access = "public"', 'access = "private"')
    load_catalog(now=at(3, 7), root=exams)
    fit = drawing.fit_of(run)
    one_step(run, fit)
    assert kept(run) == [(0, 30)]
    assert digits(run) != before
    assert {(row["unseen"], row["seen"]) for row in benchmaxxing.make(run, fit)["models"]} == {(4, 3)}


def test_where_nobody_has_scores_enough_that_is_found_out_and_told_in_one_turn(installed):
    """Otherwise a turn that is short of time would find it out again and again."""
    run = headlined(LINES)
    groups = []
    for together, step in recompute._reports(run, drawing.fit_of(run), ((benchmaxxing.NAME, benchmaxxing.make),)):
        step()
        groups.append(together)
    assert len(groups) == 2
    assert len(set(groups)) == 1
    found = stored(run)
    assert found is not None
    assert (found["replicates"], found["models"]) == (0, [])
    assert kept(run) == []


def test_slices_stay_while_their_run_is_under_way_and_go_when_it_is_done(run):
    one_step(run, drawing.fit_of(run))
    drawing.forget([benchmaxxing.NAME])
    assert kept(run)
    assert finish(run, at(3)).state == "done"
    assert kept(run) == []
    assert stored(run) is not None
