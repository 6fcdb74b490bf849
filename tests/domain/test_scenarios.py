"""Signs of possible futures: what is read, when a sign is there, and which way it moves."""

from datetime import date

import pytest

from tracker.domain.claim_known import Known, KnownBenchmark, KnownModel
from tracker.domain.claim_pace import PaceTest
from tracker.domain.scenarios import ScenarioDefinition, Trend, earlier, read, readings, trend

DAY = date(2026, 11, 22)


def model(slug: str, on: date, value: float, *, open_: bool = False) -> KnownModel:
    means = ("weights",) if open_ else ()
    return KnownModel(slug, slug.upper(), "lab", released_on=on, access="api", open_means=means, value=value)


KNOWN = Known(
    as_of=DAY,
    models={
        one.slug: one
        for one in (
            model("a", date(2024, 1, 1), 120.0),
            model("b", date(2025, 9, 1), 140.0),
            model("c", date(2026, 6, 1), 143.0),
            model("d", date(2025, 1, 1), 130.0, open_=True),
        )
    },
    benchmarks={
        "one": KnownBenchmark("one", "One", "proportion", "live", 0.8, "D", 0.7, "B"),
        "two": KnownBenchmark("two", "Two", "proportion", "saturated", 0.6, "D", 0.9, "B"),
        "three": KnownBenchmark("three", "Three", "proportion", "", None, "", 0.9, "B"),
    },
)


def scenario(test: dict, share: float | None = None) -> ScenarioDefinition:
    sign = {"slug": "sign", "title": "A sign", "why": "Because", "test": test} | ({"share": share} if share else {})
    return ScenarioDefinition.from_toml("s", {"title": "S", "summary": "So", "source": "Us", "indicator": [sign]})


PACE = {"kind": "pace", "side": "closed", "months": 12, "less_than": 5}


def test_pace_is_what_the_best_of_a_side_gained_over_the_window():
    findings = PaceTest.from_toml("x", PACE).findings(KNOWN)
    assert [(round(one.value or 0, 1), one.met, one.own) for one in findings] == [
        (3.0, True, True),  # 140 on 22 November 2025, 143 a year later
        (3.0, True, False),  # 140 half a year before
        (23.0, False, False),  # 120 two years before
    ]


def test_pace_without_a_model_before_the_window_cannot_be_told():
    found = PaceTest.from_toml("x", {**PACE, "side": "open", "months": 36}).findings(KNOWN)[0]
    assert (found.met, found.value) == (None, None)
    assert "No open model on the index by" in found.missing


@pytest.mark.parametrize("stray", [{"side": "neither"}, {"months": 0}, {"weeks": 3}])
def test_a_pace_that_says_nothing_sensible_is_refused_with_its_place(stray):
    with pytest.raises(ValueError, match=r"^x: "):
        PaceTest.from_toml("x", {**PACE, **stray})


def test_a_sign_reads_its_figure_its_interval_and_how_far_it_is():
    sign = scenario({**PACE, "less_than": 2}).indicators[0]
    found = read(sign, KNOWN)
    assert (found.met, found.figure, found.far) == (False, "3.0 points", 1.0)
    assert {piece.ref for piece in found.evidence} == {"b", "c"}


def test_half_a_year_before_is_read_from_the_same_data():
    sign = scenario(PACE).indicators[0]
    before = earlier(sign, KNOWN)
    assert before is not None
    assert before.figure == "20.0 points"  # 140 on 23 May 2026, 120 a year before that
    assert readings(scenario(PACE), KNOWN, {})[0]["trend"] == "towards"


def test_a_sign_of_several_benchmarks_counts_those_that_can_be_told():
    test = {"kind": "side-gap", "benchmarks": ["one", "two", "three"], "at_most": 0}
    half = read(scenario(test, share=0.5).indicators[0], KNOWN)
    assert (half.met, half.figure, half.far) == (True, "1 of 2, 1 not told", 0.0)
    all_ = read(scenario(test).indicators[0], KNOWN)
    assert (all_.met, all_.far) == (False, 0.5)


def test_a_test_of_one_day_takes_the_earlier_run_for_its_trend():
    test = {"kind": "side-gap", "benchmarks": ["one", "two"], "at_most": 0}
    assert earlier(scenario(test).indicators[0], KNOWN) is None
    assert readings(scenario(test), KNOWN, {"sign": 1.0})[0]["trend"] == "towards"
    assert readings(scenario(test), KNOWN, {})[0]["trend"] == "unknown"


def test_what_nobody_measures_says_so():
    row = readings(scenario({"kind": "none", "missing": "No source tells"}), KNOWN, {})[0]
    assert (row["met"], row["missing"], row["trend"]) == (None, "No source tells", "unknown")


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [(2.0, 1.0, Trend.TOWARDS), (1.0, 2.0, Trend.AWAY), (2.0, 1.9, Trend.STEADY), (0.0, 0.0, Trend.STEADY),
     (None, 1.0, Trend.UNKNOWN), (1.0, 0.0, Trend.TOWARDS), (0.0, 1.0, Trend.AWAY)],
)  # fmt: skip
def test_a_trend_is_a_distance_that_changed_by_more_than_a_tenth(before, now, found):
    assert trend(before, now) is found


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"title": "S", "summary": "So", "source": "Us"}, "cannot be watched"),
        ({"title": "S", "summary": "So", "source": "Us", "indicator": [{"slug": "a"}]}, "field title is missing"),
    ],
)
def test_a_future_that_is_no_definition_is_refused(data, complaint):
    with pytest.raises(ValueError, match=complaint):
        ScenarioDefinition.from_toml("s", data)
