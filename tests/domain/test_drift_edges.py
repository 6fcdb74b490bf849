"""Where a drift begins: the last shape of a document that is no finding, and the first that is one."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from tracker.domain.drift import PAUSE, Drift, Finding, Severity, drift
from tracker.domain.shape import KindShape, Sampled, Series, Shape


def shape(
    rows: int = 100,
    *,
    filled: Mapping[str, int] | None = None,
    groups: Mapping[str, int] | None = None,
    series: Mapping[str, Series] | None = None,
    sample: Mapping[str, Sampled] | None = None,
    repeated: int = 0,
    kind: str = "score",
) -> Shape:
    return {kind: KindShape(rows, filled or {}, groups or {}, series or {}, sample or {}, repeated, None, 0)}


def keyed(count: int, digest: str = "same", number: float | None = None, first: int = 0) -> dict[str, Sampled]:
    return {f"row{at:03}": Sampled(digest, number) for at in range(first, first + count)}


def values(middle: float, rows: int = 20, low: float = 0.0, high: float | None = None) -> Series:
    return Series(rows, low, middle, middle if high is None else high)


def kinds(findings: list[Finding]) -> set[Drift]:
    return {finding.kind for finding in findings}


def test_two_rows_in_a_hundred_may_be_about_the_same_and_three_may_not():
    assert drift(shape(repeated=2), [shape()]) == []
    assert kinds(drift(shape(repeated=3), [shape()])) == {Drift.REPEATED}
    assert drift(shape(10, repeated=1), [shape(10)]) == []


@pytest.mark.parametrize(("had", "rows", "emptied"), [(98, 100, True), (97, 100, False), (5, 5, True), (4, 4, False)])
def test_what_nearly_all_rows_of_a_window_said_must_be_said_in_the_next(had, rows, emptied):
    found = drift(shape(rows), [shape(rows, filled={"stderr": had})], rolling=True)
    assert (Drift.EMPTIED in kinds(found)) is emptied


def test_a_list_that_shrank_and_whose_rows_say_as_much_as_before_was_not_emptied():
    before = shape(filled={"stderr": 40})
    assert Drift.EMPTIED not in kinds(drift(shape(30, filled={"stderr": 15}), [before]))
    assert Drift.EMPTIED in kinds(drift(shape(90, filled={"stderr": 15}), [before]))


def test_a_benchmark_that_left_a_window_has_not_gone():
    assert drift(shape(), [shape(groups={"exam": 20})], rolling=True) == []
    assert kinds(drift(shape(), [shape(groups={"exam": 20})])) == {Drift.FIELDS}


def test_rows_that_the_last_document_had_none_of_are_compared_with_nothing():
    assert drift(shape(), [shape(kind="price"), shape(5)]) == []


@pytest.mark.parametrize(("high", "told"), [(10.0, False), (10.1, True)])
def test_a_highest_value_is_told_above_ten_times_that_of_before(high, told):
    now, before = shape(series={"exam": values(0.5, high=high)}), shape(series={"exam": values(0.5, high=1.0)})
    assert (kinds(drift(now, [before])) == {Drift.RANGE}) is told


@pytest.mark.parametrize(("count", "told"), [(9, False), (10, True)])
def test_of_ten_rows_the_keys_are_looked_at_and_of_nine_not(count, told):
    now, before = shape(count, sample=keyed(count, first=500)), shape(count, sample=keyed(count))
    assert (kinds(drift(now, [before])) == {Drift.KEYS}) is told


def test_what_changed_is_told_as_a_share_of_the_rows_that_stayed():
    now = shape(20, sample={**keyed(20), **keyed(15, "new")})
    (told,) = drift(now, [shape(20, sample=keyed(20))])
    assert told.message.startswith("75 % of the score rows changed at once.")


RATIOS = [(49.0, False), (50.0, True), (50.5, True), (1 / 49, False), (1 / 50, True), (1 / 50.5, True)]


@pytest.mark.parametrize(("ratio", "told"), RATIOS)
def test_a_unit_is_another_from_fifty_times_on(ratio, told):
    before = shape(series={"exam": values(2.0)}, sample=keyed(5, number=2.0))
    by_row = shape(sample=keyed(5, number=2.0 * ratio))
    by_middle = shape(series={"exam": values(2.0 * ratio, high=2.0)})
    for now in (by_row, by_middle):
        assert (Drift.UNIT in kinds(drift(now, [before]))) is told


def test_a_benchmark_of_few_rows_hides_no_other_whose_unit_changed():
    before = shape(series={"few": values(0.5, rows=4), "exam": values(0.5)})
    now = shape(series={"few": values(50.0, rows=4, high=0.5), "exam": values(50.0, high=0.5)})
    (told,) = drift(now, [before])
    assert (told.kind, told.severity) == (Drift.UNIT, Severity.QUARANTINE)
    assert told.message.startswith("The middle value of exam is 100 times what it was.")


def test_on_the_last_day_of_the_pause_things_still_happen_at_once():
    grown, before = shape(200), shape(100)
    assert kinds(drift(grown, [before], elapsed=PAUSE)) == {Drift.ROWS}
    assert drift(grown, [before], elapsed=PAUSE + timedelta(seconds=1)) == []
