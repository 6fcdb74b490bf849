"""A verdict follows from its findings alone: what holds, what depends and on what, what would flip it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.claim_parts import Demand, Finding, measured, told, wanting
from tracker.domain.claim_ruling import Verdict, rule

numbers = st.floats(-40, 40, allow_nan=False)


@st.composite
def demands(draw: st.DrawFn) -> Demand:
    low, high = sorted((draw(numbers), draw(numbers)))
    kind = draw(st.sampled_from(("low", "high", "both")))
    strict = draw(st.booleans())
    if kind == "low":
        return Demand(low=low, low_strict=strict)
    return Demand(high=high, high_strict=strict) if kind == "high" else Demand(low, high)


@st.composite
def findings(draw: st.DrawFn, demand: Demand) -> list[Finding]:
    found = []
    for at in range(draw(st.integers(1, 6))):
        choice = draw(st.sampled_from(("", "which estimator", "which benchmarks"))) if at else ""
        if draw(st.integers(0, 4)) == 0:
            found.append(wanting(f"way {at}", f"datum {at}", choice=choice))
            continue
        value, spread = draw(numbers), draw(st.sampled_from((0.0, 0.5, 20.0)))
        interval = (value - spread, value + spread) if spread else (None, None)
        found.append(measured(demand, f"way {at}", value, "months", interval=interval, choice=choice))
    return found


@given(st.data())
def test_a_verdict_is_consistent_with_its_demand(data):
    demand = data.draw(demands())
    found = data.draw(findings(demand))
    ruling = rule(found, demand)
    own = [finding for finding in found if finding.own and finding.value is not None]
    known = [finding for finding in found if finding.value is not None]
    if ruling.verdict is Verdict.HOLDS:
        assert all(demand.met(finding.value) for finding in known)
        assert all(demand.met(f.low) and demand.met(f.high) for f in own if f.low is not None)
    elif ruling.verdict is Verdict.FAILS:
        assert not any(demand.met(finding.value) for finding in known)
    elif ruling.verdict is Verdict.UNTESTABLE:
        assert own == []
    assert ruling == rule(found, demand)


@given(st.data())
def test_what_depends_names_its_assumption_and_what_cannot_be_tested_names_what_is_missing(data):
    demand = data.draw(demands())
    ruling = rule(data.draw(findings(demand)), demand)
    assert bool(ruling.assumption) is (ruling.verdict is Verdict.DEPENDS)
    if ruling.verdict is Verdict.UNTESTABLE:
        assert "datum" in ruling.missing
    assert bool(ruling.flip) is (ruling.verdict in (Verdict.HOLDS, Verdict.FAILS))


@given(demands(), numbers)
def test_a_neighbour_that_says_otherwise_makes_it_depend_with_both_figures(demand, value):
    other = next(
        (end for end in (value + 100, value - 100, demand.low, demand.high) if end is not None
         and demand.met(end) is not demand.met(value)),
        None,
    )  # fmt: skip
    if other is None:
        return
    own = measured(demand, "its own way", value, "months")
    neighbour = measured(demand, "another way", other, "months", choice="which way")
    ruling = rule([own, neighbour], demand)
    assert ruling.verdict is Verdict.DEPENDS
    for finding in (own, neighbour):
        assert finding.assumption in ruling.assumption
        assert finding.figure in ruling.assumption
    assert ruling.assumption.startswith("Which way: holds with ")


def test_an_interval_that_straddles_the_threshold_depends_and_names_the_threshold():
    demand = Demand(low=6)
    ruling = rule([measured(demand, "L1", 6.5, "months", interval=(5.2, 7.8))], demand)
    assert ruling.verdict is Verdict.DEPENDS
    assert "[5.2 months, 7.8 months] contains 6.0 months" in ruling.assumption
    assert rule([measured(demand, "L1", 6.5, "months", interval=(6.1, 7.8))], demand).verdict is Verdict.HOLDS


def test_an_interval_wider_than_a_demand_on_both_sides_straddles_it():
    demand = Demand(8, 10)
    assert rule([measured(demand, "L1", 9, "months", interval=(5, 13))], demand).verdict is Verdict.DEPENDS


def test_a_missing_neighbour_changes_nothing():
    demand = Demand(low=6)
    own = measured(demand, "L1", 9.0, "months")
    assert rule([own, wanting("L3", "no levels in common", choice="which estimator")], demand).verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("demand", "value", "said"),
    [
        (Demand(low=8), 9.0, "fail below 8.0"),
        (Demand(low=8), 5.0, "hold at 8.0 months or above"),
        (Demand(low=0, low_strict=True), 5.0, "fail at 0.0 months or below"),
        (Demand(high=10), 9.0, "fail above 10.0"),
        (Demand(high=10, high_strict=True), 12.0, "hold below 10.0"),
        (Demand(8, 10), 9.9, "fail above 10.0"),
    ],
)
def test_what_would_flip_a_verdict_names_the_edge_and_the_side(demand, value, said):
    assert said in rule([measured(demand, "L1", value, "months")], demand).flip


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.887, "share", "88.7 %"), (-0.04, "points", "0.0 points"), (-3.5, "points", "−3.5 points"),
        (1, "labs", "1 lab"), (2, "labs", "2 labs"), (7e8, "", "700,000,000"), (15.25, "ratio", "15.2 times"),
    ],
)  # fmt: skip
def test_a_figure_is_told_with_its_unit(value, unit, text):
    assert told(value, unit) == text
