"""Draws in slices: a run that is cut, killed or shared between workers has the bytes of one in one go."""

from dataclasses import replace

import pytest

from tests.pipeline.index_runs import SCORES, clock_at, drawn
from tests.pipeline.steps import at, in_threads, stopped_at, take_in
from tests.pipeline.vintages import PANEL, panel
from tracker.domain.index import METHOD
from tracker.models import DrawSlice, IndexRun
from tracker.pipeline import drawing, recompute
from tracker.queries import pipeline, runs

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def slices_of_seven(monkeypatch):
    """Seven draws a slice, one slice a task."""
    monkeypatch.setattr(drawing, "MOST", 7)
    monkeypatch.setattr(recompute, "SLICE_SECONDS", 0.0)


def arrays(run: IndexRun) -> list[bytes]:
    fit = drawing.fit_of(run)
    return [getattr(made, name).tobytes() for made in (fit.draws, fit.without) for name in ("ability", "slope")]


SLICED = """
from tracker.pipeline import drawing, recompute
drawing.MOST, recompute.SLICE_SECONDS = 7, 0.0
recompute.advance({pk}, clock=lambda: datetime(2026, 9, 3, 6, tzinfo=UTC), by="doomed")
"""


@pytest.mark.django_db(transaction=True)
def test_a_run_drawn_in_slices_of_seven_and_killed_between_has_the_bytes_of_one_go(facts, slices_of_seven, monkeypatch):
    recompute.plan(now=at(3))
    run = IndexRun.objects.get(historic=False)
    shown = []
    for _ in range(3):
        assert recompute.advance(run.pk, clock=clock_at(at(3)), by="worker") is True
        shown.append((DrawSlice.objects.count(), runs.run_for(None)))
    assert shown == [(1, None), (2, None), (3, None)], "a run without all its draws is not shown"
    assert pipeline.drawing_progress() == [pipeline.Drawing(run.pk, 21, 505)]
    with stopped_at("tracker_drawslice", SLICED.format(pk=run.pk)) as process:
        process.kill()
        process.wait()
    assert DrawSlice.objects.count() == 3, "what was not stored is made again"
    assert recompute.advance(run.pk, clock=clock_at(at(3, 6, 4)), by="too early") is False
    monkeypatch.setattr(drawing, "MOST", 110)  # the heir makes larger ones
    while recompute.advance(run.pk, clock=clock_at(at(3, 6, 10)), by="heir") and not runs.run_for(None):
        pass
    assert [row[:3] for row in drawn(run)][:2] == [("rows", 0, 7), ("rows", 7, 7)]
    sliced = arrays(run)
    assert pipeline.drawing_progress() == []

    monkeypatch.setattr(drawing, "MOST", 500)
    DrawSlice.objects.all().delete()
    clean = IndexRun.objects.create(
        known_at=run.known_at, as_of=run.as_of, data_version=99, method=METHOD, created_at=at(4)
    )
    recompute.headline(clean.pk, clock=clock_at(at(4)), by="worker")
    assert [row[:3] for row in drawn(clean)] == [("rows", 0, 500), ("without", 0, 5)]
    assert arrays(clean) == sliced


@pytest.mark.django_db(transaction=True)
def test_two_workers_in_a_sliced_run_double_nothing(facts, slices_of_seven):
    recompute.plan(now=at(3))
    run = IndexRun.objects.get(historic=False)

    def work(number: int) -> None:
        for _ in range(4):
            recompute.advance(run.pk, clock=clock_at(at(3)), by=f"worker {number}")

    in_threads(2, work)
    made = [row[:3] for row in drawn(run)]
    assert made == [("rows", 7 * at, 7) for at in range(len(made))]
    assert 4 <= len(made) <= 8


def test_a_run_that_has_draws_is_not_thrown_away_for_newer_facts(facts, slices_of_seven):
    """Where scores come all the time, no run would get to its end."""
    recompute.plan(now=at(3))
    run = IndexRun.objects.get(historic=False)
    recompute.advance(run.pk, clock=clock_at(at(3, 6, 20)), by="worker")
    take_in(PANEL, panel(*SCORES[:-1], replace(SCORES[-1], score=0.3)), at(3, 6, 21))
    recompute.plan(now=at(3, 6, 30))
    assert IndexRun.objects.get(historic=False).pk == run.pk
    recompute.plan(now=at(3, 6, 20) + recompute.UNDER_WAY)
    assert IndexRun.objects.filter(historic=False).count() == 2, "it has not moved for too long"
