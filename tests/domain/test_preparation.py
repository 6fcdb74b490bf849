"""Raw scores to observations, in the published order of steps."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from tracker.domain import preparation
from tracker.domain.index import IndexInputError, Observation
from tracker.domain.preparation import Measure, RawScores, normalise

DAY = date(2024, 1, 1)
MEASURES = {name: Measure() for name in "abcd"}


Row = tuple[str, str, float, date | None]


def scores(*values: tuple[str, str, float], on: date | None = DAY) -> list[Row]:
    return [(*value, on) for value in values]


def prepare(rows: list[Row], measures: dict[str, Measure], **more: Any) -> list[Observation]:
    places = np.arange(len(rows))
    models, benchmarks, values, days = zip(*rows, strict=True)
    released = np.array([on.toordinal() if on else 0 for on in days])
    raw = RawScores(models, benchmarks, places, places, np.array(values, dtype=float), released)
    return preparation.prepare(raw, measures, **more)


def test_chance_becomes_nothing_and_the_ceiling_one():
    quarter = Measure(scale=0.01, floor=0.25, ceiling=0.95)
    assert normalise(25, quarter) == 0
    assert normalise(95, quarter) == 1
    assert normalise(60, quarter) == pytest.approx(0.5)


def test_scores_below_chance_and_above_the_ceiling_are_kept_within_bounds():
    quarter = Measure(floor=0.25, ceiling=0.95)
    assert (normalise(0.1, quarter), normalise(0.99, quarter)) == (0.0, 1.0)


def test_the_best_of_a_groups_settings_counts():
    rows = scores(("m", "a", 0.3), ("m", "a", 0.7), ("m", "a", 0.5))
    assert prepare(rows, MEASURES, min_benchmarks=1) == [Observation("m", "a", 0.7)]


def test_models_with_fewer_than_four_benchmarks_are_left_out():
    four = scores(*(("m", name, 0.5) for name in "abcd"))
    three = scores(*(("n", name, 0.5) for name in "abc"), ("n", "a", 0.6))
    assert {row.model for row in prepare(four + three, MEASURES)} == {"m"}


def test_models_before_2023_or_without_a_date_are_left_out():
    old = scores(*(("m", name, 0.5) for name in "abcd"), on=date(2022, 12, 31))
    undated = scores(*(("n", name, 0.5) for name in "abcd"), on=None)
    assert prepare(old + undated, MEASURES) == []
    assert len(prepare(old, MEASURES, earliest=None)) == 4


def test_a_superseded_benchmark_is_dropped_only_where_the_replacement_exists():
    measures = {"old": Measure(superseded_by="new"), "new": Measure()}
    rows = scores(("m", "old", 0.5), ("m", "new", 0.4), ("n", "old", 0.5))
    kept = prepare(rows, measures, min_benchmarks=1)
    assert [(row.model, row.benchmark) for row in kept] == [("m", "new"), ("n", "old")]


def test_a_superseded_benchmark_does_not_count_towards_the_four():
    measures = MEASURES | {"old": Measure(superseded_by="a")}
    rows = scores(*(("m", name, 0.5) for name in ("a", "b", "c", "old")))
    assert prepare(rows, measures) == []


def test_values_that_are_no_number_and_unknown_benchmarks_are_left_out():
    rows = scores(("m", "a", float("nan")), ("m", "zzz", 0.5), ("m", "b", 0.5))
    assert prepare(rows, MEASURES, min_benchmarks=1) == [Observation("m", "b", 0.5)]


def test_a_measure_without_a_span_is_refused():
    with pytest.raises(IndexInputError, match="not above chance"):
        normalise(0.5, Measure(floor=0.5, ceiling=0.5))
