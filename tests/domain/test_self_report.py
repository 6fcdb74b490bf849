"""Self-report inflation: which scores make a pair, what a lab's mean is worth, and when there is no answer."""

from datetime import UTC, datetime

import numpy as np
import pytest
from scipy import stats

from tracker.domain.evidence import ScoreFact
from tracker.domain.records import Evaluator
from tracker.domain.self_report import Pair, Verdict, by_lab, clustered_error, pairs

OWN, THIRD, BOARD, NOBODY = Evaluator.FIRST_PARTY, Evaluator.THIRD_PARTY, Evaluator.LEADERBOARD, Evaluator.UNSTATED
_next = iter(range(1, 10_000))


def fact(model: str, value: float, by: Evaluator, *, benchmark="sums", setting="1", day=1) -> ScoreFact:
    at = datetime(2026, 1, day, tzinfo=UTC)
    return ScoreFact(next(_next), model, benchmark, setting, value, by, "a-source", at)


def pair(model: str, difference: float, benchmark: str = "sums") -> Pair:
    return Pair(model, benchmark, "1", 0.5 + difference, 0.5, 1, 2)


def test_a_pair_is_of_one_model_benchmark_and_setting():
    facts = [
        fact("a", 0.9, OWN),
        fact("a", 0.8, THIRD),
        fact("a", 0.7, THIRD, setting="2"),
        fact("a", 0.7, THIRD, benchmark="words"),
        fact("b", 0.6, OWN),
        fact("c", 0.5, BOARD),
    ]
    (found,) = pairs(facts)
    assert (found.model, found.benchmark, found.setting) == ("a", "sums", "1")
    assert found.difference == pytest.approx(0.1)
    assert (found.first, found.third) == (facts[0].id, facts[1].id)


def test_a_score_of_nobody_says_whom_is_no_other_side():
    assert pairs([fact("a", 0.9, OWN), fact("a", 0.8, NOBODY)]) == []


def test_an_independent_run_is_believed_before_a_board_and_the_newest_of_the_labs_own():
    facts = [
        fact("a", 0.91, OWN),
        fact("a", 0.93, OWN, day=9),
        fact("a", 0.85, BOARD, day=9),
        fact("a", 0.8, THIRD),
    ]
    (found,) = pairs(facts)
    assert (found.own, found.other) == (0.93, 0.8)


def test_where_lower_is_better_a_lower_own_score_is_the_inflated_one():
    (found,) = pairs([fact("a", 0.1, OWN), fact("a", 0.3, THIRD)], lower_is_better=["sums"])
    assert found.difference == pytest.approx(0.2)


def test_the_same_number_twice_is_one_measurement():
    (same,) = pairs([fact("a", 0.802, OWN), fact("a", 0.8021, BOARD)])
    (apart,) = pairs([fact("a", 0.802, OWN), fact("a", 0.80, BOARD)])
    assert same.copied
    assert not apart.copied
    (row,) = by_lab([("Lab", same)])
    assert (row.pairs, row.copies, row.value, row.verdict) == (0, 1, None, Verdict.TOO_FEW)


def test_the_error_of_a_mean_treats_a_models_pairs_as_one():
    # Means: a 0.02 and 0.04, b 0.06: mean 0.04; cluster sums -0.02 and 0.02; (4e-4 + 4e-4) / 9 * 2 / 1.
    found = [pair("a", 0.02), pair("a", 0.04, "words"), pair("b", 0.06)]
    assert clustered_error(found) == pytest.approx((8e-4 / 9 * 2) ** 0.5)
    assert clustered_error([pair("a", 0.1)]) == 0.0


def test_with_one_pair_a_model_it_is_the_usual_error_of_a_mean():
    values = [0.01, 0.05, 0.03, 0.11]
    found = [pair(f"m{nth}", value) for nth, value in enumerate(values)]
    assert clustered_error(found) == pytest.approx(np.std(values, ddof=1) / 2)
    (row,) = by_lab([("Lab", one) for one in found])
    expected = stats.ttest_1samp(values, 0)
    assert row.value == pytest.approx(0.05)
    assert row.chance == pytest.approx(expected.pvalue)
    interval = expected.confidence_interval(0.9)
    assert (row.low, row.high) == pytest.approx((interval.low, interval.high))


def test_fewer_than_three_models_have_a_mean_and_no_verdict():
    (row,) = by_lab([("Lab", pair("a", 0.1)), ("Lab", pair("a", 0.2, "words")), ("Lab", pair("b", 0.1))])
    assert (row.pairs, row.models) == (3, 2)
    assert row.value == pytest.approx(0.4 / 3)
    assert (row.low, row.high, row.corrected) == (None, None, None)
    assert row.verdict is Verdict.TOO_FEW


def test_verdicts_are_corrected_over_all_labs():
    def lab(name: str, *values: float):
        return [(name, pair(f"{name}{nth}", value)) for nth, value in enumerate(values)]

    alone = by_lab(lab("A", 0.04, 0.05, 0.06, 0.05))
    beside = by_lab(lab("A", 0.04, 0.05, 0.06, 0.05) + lab("B", 0.01, -0.02, 0.02) + lab("C", -0.03, -0.02, -0.04))
    assert alone[0].verdict is Verdict.INFLATED
    found = {row.lab: row for row in beside}
    assert found["A"].corrected == pytest.approx(3 * found["A"].chance)
    assert found["B"].verdict is Verdict.NOT_RESOLVABLE
    assert found["C"].value < 0
    assert [row.lab for row in beside] == ["A", "B", "C"]


def test_labs_that_report_honestly_are_accused_as_rarely_as_promised():
    random = np.random.default_rng(5)
    accused = 0
    for _ in range(400):
        found = [
            (f"lab {lab}", pair(f"{lab}-{model}", skill + random.normal(0, 0.02), f"b{nth}"))
            for lab in range(5)
            for model in range(6)
            for skill in [random.normal(0, 0.03)]  # what a model's pairs have in common
            for nth in range(4)
        ]
        accused += any(row.verdict is not Verdict.NOT_RESOLVABLE for row in by_lab(found))
    assert accused / 400 < 0.08
