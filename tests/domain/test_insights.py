"""Findings by the stated rules, on figures whose findings can be told by hand."""

from datetime import date

import pytest

from tracker.domain import insights
from tracker.domain.insights import Flip, Lag, PhaseBegun, Reworded, Settled, StateChange, Step

DAY = date(2026, 11, 22)
GAP = Lag("L8", "How many points?", -1.5, -3.0, 1.0)


def step(on: date, *, low: float = 151.0, before: float | None = 150.0) -> Step:
    return Step("open", "m", "M", "Lab", "lab", on, 152.0, low, 153.0, "N" if before else "", before)


def test_a_record_is_news_for_a_quarter():
    steps = [step(date(2026, 11, 1)), step(date(2026, 8, 1)), step(date(2026, 12, 1))]
    found = list(insights.frontier(steps, gap=GAP, as_of=DAY))
    assert [one.key for one in found] == ["frontier:open:m"]
    assert "152.0 points (90 % interval 151.0 to 153.0), 2.0 above N." in found[0].summary
    assert found[0].impact == "The best closed model is now −1.5 index points from the best open one."


def test_a_record_whose_interval_reaches_below_the_last_one_is_not_resolvable_and_weighs_less():
    sure, unsure = (next(iter(insights.frontier([step(DAY, low=low)], gap=None, as_of=DAY))) for low in (151.0, 149.0))
    assert "not resolvable" in unsure.summary
    assert "not resolvable" not in sure.summary
    assert unsure.weight < sure.weight


@pytest.mark.parametrize(("value", "way"), [(9.1, "longer"), (2.9, "shorter"), (3.0, None), (9.0, None), (None, None)])
def test_a_lag_is_a_finding_when_it_leaves_the_interval_before(value, way):
    before = {"L1": Lag("L1", "How old?", 6.0, 3.0, 9.0)}
    found = list(insights.lags(before, {"L1": Lag("L1", "How old?", value, 2.0, 12.0)}, on=DAY))
    assert [way in one.title for one in found] == ([True] if way else [])


def test_an_estimator_without_an_interval_before_tells_nothing():
    before = {"L1": Lag("L1", "", 6.0, None, None)}
    assert (
        list(insights.lags(before, {"L1": Lag("L1", "", 99.0, 1.0, 2.0), "L2": Lag("L2", "", 1.0, 0, 2)}, on=DAY)) == []
    )


@pytest.mark.parametrize(("before", "now", "many"), [(0.40, 0.46, 1), (0.40, 0.44, 0), (None, 0.9, 0), (0.5, 0.4, 1)])
def test_the_spread_is_told_where_it_moved_by_five_points(before, now, many):
    assert len(list(insights.spread(before, now, 477, on=DAY))) == many


def test_a_verdict_that_changed_sides_weighs_more_than_one_that_came_to_depend():
    flips = [Flip("a", "A", "holds", "fails", ""), Flip("b", "B", "holds", "depends", "the window")]
    sides, depends = insights.verdicts(flips, on=DAY)
    assert sides.weight > depends.weight
    assert "the window" in depends.summary
    assert sides.key == "verdict:a:fails:2026-11-22"


def test_a_phase_is_told_when_it_is_settled_and_lately_begun():
    words = {"open": "open", "closed": "closed"}
    begun = [
        PhaseBegun("Lab", "lab", "closed", "open", date(2026, 7, 1), provisional=False),
        PhaseBegun("Lab", "lab", "closed", "open", date(2026, 10, 1), provisional=True),
        PhaseBegun("Lab", "lab", "open", "closed", date(2024, 7, 1), provisional=False),
    ]
    assert [one.key for one in insights.strategy(begun, words, as_of=DAY)] == ["phase:lab:2026-07-01"]


def test_promises_benchmarks_and_licences_say_what_became_of_them():
    kept = Settled("k", "Lab", "lab", "Will open it", "kept", "Opened it", date(2026, 11, 1), 7)
    assert [one.title for one in insights.promises([kept], as_of=DAY)] == ["Lab: a promise kept"]
    states = insights.benchmarks([StateChange("b", "B", "narrowing", "saturated")], on=DAY)
    assert [(one.title, one.weight) for one in states] == [("B is now saturated", 4.0)]
    changes = [
        Reworded(1, "L", "/licences/l/", (), ("commercial use",), "licence:l"),
        Reworded(2, "M", "/x/", (), (), "x"),
    ]
    lost, none = insights.licences(changes)
    assert lost.weight > none.weight
    assert lost.summary == "No longer allowed: commercial use."
