from dataclasses import replace
from datetime import date

import pytest

from tests.sources.conftest import document
from tracker.domain.records import Evaluator, ScoreRecord, When
from tracker.sources.base import ParseError
from tracker.sources.metr import SOURCE


@pytest.fixture
def later(example):
    return example("metr/suite_1_1.yaml")


@pytest.fixture
def earlier(example):
    return example("metr/suite_1_0.yaml")


def with_text(page, old, new):
    assert page.body.count(old) >= 1
    return replace(page, body=page.body.replace(old, new, 1))


def test_a_horizon_is_read_whole_in_minutes(later):
    assert SOURCE.records(later)[0] == ScoreRecord(
        "example_4_5_inspect",
        "example_4.5",
        "METR-Horizon-v1.1",
        290.5,
        scaffold="Inspect",
        evaluator=Evaluator.LEADERBOARD,
        released=When(date(2026, 1, 15)),
        url="https://metr.org/time-horizons/",
    )


def test_the_two_suites_are_two_benchmarks(later, earlier):
    both = {score.model: score for score in SOURCE.records(earlier)}
    assert both["example_4.5"].benchmark == "METR-Horizon-v1"
    assert both["example_4.5"].value != SOURCE.records(later)[0].value


def test_a_row_of_the_earlier_suite_within_the_later_file_says_so_itself(later):
    suites = {score.key: score.benchmark for score in SOURCE.records(later)}
    assert suites["early_example_002"] == "METR-Horizon-v1.0"


def test_a_suite_that_nobody_knows_goes_by_its_own_name(later):
    third = replace(later, body=later.body.replace(b"METR-Horizon-v1.1", b"METR-Horizon-v2"))
    assert {score.benchmark for score in SOURCE.records(third)} == {"METR-Horizon-v2", "METR-Horizon-v1.0"}


def test_keys_give_back_the_dots_that_they_may_not_hold(later, earlier):
    assert [score.model for score in SOURCE.records(later)] == [
        "example_4.5",
        "example_9",
        "gpt_4",
        "early_example_002",
        "example_2_2025_08_07",
    ]
    assert [score.model for score in SOURCE.records(earlier)] == [
        "example_4.5",
        "open-example-120b",
        "example_1",
        "gpt_4",
        "example_3.5_turbo_1106",
    ]


def test_how_a_model_was_run_is_its_scaffold(later, earlier):
    assert [score.scaffold for score in SOURCE.records(later)] == ["Inspect", "Inspect", "", "", "Inspect"]
    assert SOURCE.records(earlier)[2].scaffold == "elicited"


def test_a_horizon_beyond_sixteen_hours_is_kept_as_it_was_published(later):
    assert SOURCE.records(later)[1].value == 1044.0


def test_an_interval_with_a_factor_on_each_side_is_no_standard_error(later):
    assert {score.stderr for score in SOURCE.records(later)} == {None}


@pytest.mark.parametrize("other_unit", [b"estimate: 0.075", b"estimate: 270.0"])
def test_hours_and_seconds_are_noticed_by_a_model_whose_minutes_are_known(later, other_unit):
    page = replace(
        later, body=later.body.replace(b"ci_high: 8.0", b"ci_high: 900.0").replace(b"ci_low: 2.0", b"ci_low: 0.0")
    )
    with pytest.raises(ParseError, match=r"gpt_4: the horizon is .* four to five minutes"):
        SOURCE.records(with_text(page, b"estimate: 4.5", other_unit))


def test_a_horizon_outside_its_bounds_is_refused(later):
    with pytest.raises(ParseError, match=r"example_4_5_inspect: the horizon 290\.5 is not within its bounds"):
        SOURCE.records(with_text(later, b"ci_high: 640.5", b"ci_high: 64.0"))


def test_a_renamed_measure_is_refused(later):
    with pytest.raises(ParseError, match="example_4_5_inspect: a NoneType stands where an object with estimate"):
        SOURCE.records(with_text(later, b"p50_horizon_length", b"p50"))


def test_a_file_that_does_not_say_its_suite_is_refused(later):
    with pytest.raises(ParseError, match="there is no benchmark_name"):
        SOURCE.records(with_text(later, b"benchmark_name", b"name"))


def test_a_model_twice_is_refused(later):
    with pytest.raises(ParseError, match="the key 'gpt_4' twice"):
        SOURCE.records(with_text(later, b"early_example_002", b"gpt_4"))


def test_results_that_are_gone_are_refused(later):
    with pytest.raises(ParseError, match="holds 0 records"):
        SOURCE.records(with_text(later, b"results:", b"rows:"))


def test_horizons_are_kept_and_not_shown():
    assert not SOURCE.may_display  # no licence is stated


@pytest.mark.parametrize(
    ("name", "count", "suites"),
    [
        ("2026-01/benchmark_results_1_1.yaml", 17, {"METR-Horizon-v1.1": 14, "METR-Horizon-v1.0": 3}),
        ("2026-03/benchmark_results_1_1.yaml", 23, {"METR-Horizon-v1.1": 20, "METR-Horizon-v1.0": 3}),
        ("benchmark_results_1_0.yaml", 33, {"METR-Horizon-v1": 33}),
    ],
)
def test_the_stored_vintages_are_read(sample, name, count, suites):
    found = SOURCE.records(document((sample("metr") / name).read_bytes()))
    assert len(found) == count
    told = [score.benchmark for score in found]
    assert {suite: told.count(suite) for suite in told} == suites
    assert all(score.released for score in found)
