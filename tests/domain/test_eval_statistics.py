"""Errors of evaluations: by hand, against a second implementation in other terms, and as properties of any scores."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain import eval_statistics
from tracker.domain.eval_statistics import (
    Sample,
    clustered_error,
    interval,
    mean_of,
    normal,
    paired,
    question_means,
    resolvable,
    standard_error,
    summarise,
    wilson,
    within_variance,
)

scores = st.lists(st.floats(0, 1), min_size=3, max_size=40)


def clusters_of(values, size):
    return [f"c{at // size}" for at in range(len(values))]


def second_paired(a, b):
    """SE_A^2 + SE_B^2 - 2 cov(A, B) / n from one table of covariances."""
    table = np.cov(np.array([a, b]), ddof=1)
    return float(np.sqrt(max(0.0, table[0, 0] + table[1, 1] - 2 * table[0, 1]) / len(a)))


def second_clustered(values, clusters):
    """The double sum over all pairs of one cluster, as the paper writes it, with the correction for few clusters."""
    deviations = np.array(values) - np.mean(values)
    alike = np.array([[one == other for other in clusters] for one in clusters])
    c = len(set(clusters))
    return float(np.sqrt(np.sum(np.outer(deviations, deviations)[alike]) * c / (c - 1)) / len(values))


def test_the_error_of_a_mean_by_hand():
    # s^2 = ((0.75)^2 + 3 * (0.25)^2) / 3 = 0.25, over n = 4.
    assert standard_error([1, 0, 0, 0]) == pytest.approx(0.25)


def test_one_question_has_no_error():
    assert standard_error([1.0]) is None
    assert clustered_error([1.0, 0.0], ["a", "a"]) is None


def test_the_clustered_error_by_hand():
    # Mean 1/2; the clusters' sums of deviations are +1 and -1: (1 + 1) * 2/1 = 4, its root over n = 4.
    assert clustered_error([1, 1, 0, 0], ["a", "a", "b", "b"]) == pytest.approx(0.5)
    # The same answers in clusters that agree with each other: sums of nought.
    assert clustered_error([1, 0, 1, 0], ["a", "a", "b", "b"]) == 0


def test_answers_that_are_the_same_within_clusters_count_as_often_as_there_are_clusters():
    values = [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1]
    assert clustered_error(values, clusters_of(values, 4)) == pytest.approx(standard_error([1, 0, 1]))
    assert clustered_error(values, clusters_of(values, 4)) > 1.9 * standard_error(values)


@given(scores)
def test_clusters_of_one_question_each_change_nothing(values):
    alone = [str(at) for at in range(len(values))]
    assert clustered_error(values, alone) == pytest.approx(standard_error(values), abs=1e-9)


@given(scores, st.integers(1, 7))
def test_the_clustered_error_is_the_double_sum_of_the_paper(values, size):
    clusters = clusters_of(values, size)
    if len(set(clusters)) > 1:
        assert clustered_error(values, clusters) == pytest.approx(second_clustered(values, clusters), abs=1e-7)


@given(scores, st.integers(1, 7), st.floats(-0.5, 0.5))
def test_errors_do_not_depend_on_where_the_scores_lie(values, size, shift):
    moved = [value + shift for value in values]
    clusters = clusters_of(values, size)
    assert standard_error(moved) == pytest.approx(standard_error(values), abs=1e-9)
    if len(set(clusters)) > 1:
        assert clustered_error(moved, clusters) == pytest.approx(clustered_error(values, clusters), abs=1e-7)


def test_the_clustered_error_is_that_of_resampled_clusters():
    random = np.random.default_rng(5)
    levels = random.normal(0.5, 0.2, 40)
    values = np.clip(levels[:, None] + random.normal(0, 0.1, (40, 6)), 0, 1)
    clusters = clusters_of(values.ravel(), 6)
    drawn = values[random.integers(0, 40, (4000, 40))].mean(axis=(1, 2)).std()
    assert clustered_error(values.ravel().tolist(), clusters) == pytest.approx(drawn, rel=0.05)
    assert standard_error(values.ravel().tolist()) < 0.6 * drawn


def test_repeats_of_a_question_are_one_observation():
    answers = [("a", 1.0), ("b", 0.0), ("a", 0.0), ("b", 0.0)]
    assert question_means(answers) == {"a": 0.5, "b": 0.0}
    assert standard_error(list(question_means(answers).values())) == pytest.approx(0.25)
    assert within_variance(answers) == pytest.approx((0.5 + 0.0) / 2)
    assert within_variance([("a", 1.0), ("b", 0.0)]) is None


def test_a_paired_difference_by_hand():
    a, b = {"p": 1.0, "q": 1.0, "r": 0.0, "s": 1.0}, {"p": 1.0, "q": 0.0, "r": 0.0, "s": 1.0}
    found = paired(a, b, {})
    # Differences 0 1 0 0: mean 1/4, s^2 = 1/4, error 1/4.
    assert (found.n, found.difference) == (4, 0.25)
    assert found.error == pytest.approx(0.25)
    # var A = 1/4, var B = 1/3, cov = 1/6: 1/16 + 1/12 - 2/24 = 1/16.
    assert found.covariance == pytest.approx(1 / 6)
    assert found.correlation == pytest.approx((1 / 6) / math.sqrt(1 / 4 * 1 / 3))
    assert found.unpaired == pytest.approx(math.sqrt(1 / 16 + 1 / 12))
    assert not found.resolved


def test_only_shared_questions_are_compared():
    found = paired({"p": 1.0, "q": 0.0, "x": 1.0}, {"q": 0.0, "p": 0.0, "y": 1.0}, {})
    assert (found.n, found.mean_a, found.mean_b) == (2, 0.5, 0.0)
    assert paired({"x": 1.0}, {"y": 1.0}, {}) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=40))
def test_the_paired_error_is_both_errors_less_what_they_share(pairs):
    a, b = ({str(at): pair[side] for at, pair in enumerate(pairs)} for side in (0, 1))
    found = paired(a, b, {})
    assert found.error == pytest.approx(second_paired(*zip(*pairs, strict=True)), abs=1e-7)
    assert found.difference == pytest.approx(found.mean_a - found.mean_b, abs=1e-12)
    back = paired(b, a, {})
    assert back.difference == pytest.approx(-found.difference)
    assert back.resolved == found.resolved


@given(scores)
def test_a_run_beside_itself_has_no_difference_to_resolve(values):
    run = {str(at): value for at, value in enumerate(values)}
    found = paired(run, run, {})
    assert (found.difference, found.error, found.resolved) == (0, 0, False)


def test_differences_that_clusters_share_weigh_as_clusters():
    a = {f"{cluster}{at}": float(cluster < 3) for cluster in range(6) for at in range(8)}
    b = dict.fromkeys(a, 0.0)
    alone = paired(a, b, {})
    together = paired(a, b, {question: question[0] for question in a})
    assert alone.resolved
    assert together.clustered > 2.5 * together.error
    assert together.widest == together.clustered


@pytest.mark.parametrize(
    ("difference", "error", "n", "resolved"),
    [
        (0.04, 0.02, 100, True),
        (0.0399, 0.02, 100, False),
        (-0.05, 0.02, 100, True),
        (0.5, None, 1, False),
        (1.0, 0.0, 5, False),
        (1.0, 0.0, 6, True),
        (0.0, 0.0, 100, False),
    ],
)
def test_a_difference_is_resolved_from_two_standard_errors_on(difference, error, n, resolved):
    assert resolvable(difference, error, n) is resolved


@pytest.mark.parametrize(("share", "items", "half"), [(0.94, 198, 0.033), (0.81, 500, 0.034)])
def test_published_examples_of_intervals(share, items, half):
    """GPQA Diamond at 94 % and SWE-bench Verified at 81 %, as quoted in the methods."""
    found = normal(share, math.sqrt(share * (1 - share) / items))
    assert (found.high - found.low) / 2 == pytest.approx(half, abs=0.0005)
    close = wilson(share, items)
    assert (close.high - close.low) / 2 == pytest.approx(half, abs=0.0015)


def test_wilsons_interval_by_hand():
    z = 1.959963984540054
    # 0 of 10: from 0 to z^2 / (n + z^2).
    assert wilson(0, 10).low == 0
    assert wilson(0, 10).high == pytest.approx(z * z / (10 + z * z))


@given(st.integers(1, 200), st.data())
def test_wilsons_ends_are_the_roots_of_its_test(n, data):
    right = data.draw(st.integers(0, n))
    found, share, z = wilson(right / n, n), right / n, 1.959963984540054
    for end in (found.low, found.high):
        if 1e-9 < end < 1 - 1e-9:
            assert abs(share - end) == pytest.approx(z * math.sqrt(end * (1 - end) / n), rel=1e-6)
    assert 0 <= found.low <= share <= found.high + 1e-12 <= 1 + 1e-12


def test_wilson_covers_what_the_normal_interval_misses_near_the_end():
    random = np.random.default_rng(3)
    truth, n = 0.95, 30
    covered = {"wilson": 0, "normal": 0}
    for right in random.binomial(n, truth, 2000):
        share = right / n
        ends = {"wilson": wilson(share, n), "normal": normal(share, math.sqrt(share * (1 - share) / n))}
        for name, found in ends.items():
            covered[name] += found.low <= truth <= found.high
    assert covered["wilson"] / 2000 > 0.93
    assert covered["normal"] / 2000 < 0.85


def test_an_interval_is_wilsons_for_right_or_wrong_and_widens_with_clusters():
    values = [1.0] * 10 + [0.0] * 10
    alone = interval(values, [str(at) for at in range(20)])
    together = interval(values, clusters_of(values, 5))
    assert (alone.method, together.method) == ("wilson", "wilson")
    assert together.high - together.low > 1.5 * (alone.high - alone.low)
    assert interval([0.5, 0.25, 1.0], ["a", "b", "c"]).method == "normal"
    assert interval([1.0], ["a"]).method == "wilson"
    assert interval([0.5], ["a"]) is None


def test_clusters_that_balance_by_luck_do_not_make_the_interval_narrower():
    values = [1.0, 0.0] * 10
    assert clustered_error(values, clusters_of(values, 2)) == 0
    balanced, alone = (interval(values, groups) for groups in (clusters_of(values, 2), [str(at) for at in range(20)]))
    assert (balanced.low, balanced.high) == (pytest.approx(alone.low), pytest.approx(alone.high))
    assert mean_of(values, clusters_of(values, 2)).widest == standard_error(values)


def sample(question, exact, *, cluster="easy", **more):
    return Sample(question, cluster, exact, tokens_in=10, tokens_out=5, seconds=0.5, **more)


def test_a_summary_counts_scores_failures_and_tokens():
    found = summarise(
        [
            sample("a", 1.0, own=1.0),
            sample("b", 0.0, own=0.25),
            sample("c", 0.0, cluster="hard", own=0.0, failure="empty answer"),
            sample("d", 1.0, cluster="hard", own=1.0),
            sample("e", None, cluster="hard", failure="the engine failed"),
        ]
    )
    assert (found.samples, found.questions, found.answered, found.unanswered) == (5, 4, 4, 1)
    assert (found.exact, found.own) == (0.5, 0.5625)
    assert found.error == pytest.approx(standard_error([1, 0, 0, 1]))
    assert found.clustered == pytest.approx(0)
    assert found.failures == {"empty answer": 1, "the engine failed": 1}
    assert (found.tokens_in, found.tokens_out, found.seconds) == (50, 25, 2.5)
    assert [(row.cluster, row.questions, row.answered, row.exact) for row in found.by_cluster] == [
        ("easy", 2, 2, 0.5),
        ("hard", 3, 2, 0.5),
    ]
    assert found.energy is None


def test_a_summary_of_repeats_takes_the_question_for_the_unit():
    found = summarise([sample(q, e) for q, e in (("a", 1.0), ("a", 0.0), ("b", 1.0), ("b", 1.0))])
    assert (found.questions, found.samples, found.repeats) == (2, 4, 2)
    assert found.error == pytest.approx(0.25)
    assert found.within == pytest.approx(0.25)
    assert found.method == "normal"


@pytest.mark.parametrize("samples", [[], [sample("a", None, failure="the engine failed")]])
def test_a_run_without_an_answer_has_a_summary_without_an_accuracy(samples):
    found = summarise(samples)
    assert (found.exact, found.error, found.low, found.questions) == (None, None, None, 0)
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["samples"] == len(samples)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([0.0, 1.0])), min_size=1, max_size=30))
def test_a_summary_is_json_and_does_not_depend_on_the_order_of_answers(answers):
    samples = [sample(str(q), e, cluster=f"c{q % 3}") for q, e in answers]
    one, other = summarise(samples), summarise(sorted(samples, key=lambda s: (s.question, s.exact)))
    assert json.loads(json.dumps(one.to_json(), allow_nan=False))["exact"] == pytest.approx(other.exact)
    assert one.error == (None if other.error is None else pytest.approx(other.error, abs=1e-12))
    assert one.low <= one.exact + 1e-9 if one.low is not None else one.method == ""


def test_the_level_of_intervals_is_the_one_that_pages_print():
    assert eval_statistics.LEVEL == 0.95
