"""Benchmaxxing: deltas on frozen curves, intervals that know how few the benchmarks are, and false alarms counted."""

from typing import Any

import numpy as np
import pytest

from tracker.domain.benchmaxxing import Deltas, Meter, Verdict, by_lab, everyone, halved
from tracker.domain.index import Observation, fit
from tracker.domain.index_draws import bootstrap
from tracker.domain.scoped import scoped

PRIVATE = frozenset({f"p{nth}" for nth in range(8)})
LABS = ("Honest", "Plain", "Maxxed")


def deltas(*told: Any, **limits: Any) -> dict[Meter, Deltas]:
    """The deltas under each meter, all replicates in one go."""
    halves = halved(*told, **limits)
    return halves.deltas(halves.drawn(range(halves.replicates)))


def lab_of(model: str) -> str:
    return next((lab for lab in LABS if model.startswith(lab)), "Anchors")


def world(seed: int, *, boost: float = 0.0, models: int = 8) -> list[Observation]:
    """Three labs of like ability on 10 public and 8 private benchmarks; `boost` lifts one lab on the public ones."""
    random = np.random.default_rng(seed)
    names = [f"{lab} {nth}" for lab in LABS for nth in range(models)]
    ability = {name: random.normal(0.5, 0.8) for name in names} | {"Claude 3.5 Sonnet": 0.2, "GPT-5": 1.8}
    benchmarks = ["Winogrande", *(f"b{nth}" for nth in range(9)), *sorted(PRIVATE)]
    curves = {name: (random.normal(0.6, 0.8), np.exp(random.normal(0.4, 0.2))) for name in benchmarks}
    curves["Winogrande"] = (0.0, 1.0)
    rows = []
    for model, level in ability.items():
        for name, (difficulty, slope) in curves.items():
            own = level + (boost if lab_of(model) == "Maxxed" and name not in PRIVATE else 0.0)
            value = 1 / (1 + np.exp(-slope * (own - difficulty))) + random.normal(0, 0.03)
            rows.append(Observation(model, name, float(np.clip(value, 0, 1))))
    return rows


def private(model: str, benchmark: str) -> bool:
    return benchmark in PRIVATE


def measured(rows: list[Observation], *, replicates: int = 60) -> dict[Meter, Deltas]:
    index = fit(rows)
    return deltas(index, bootstrap(rows, index, draws=60), rows, {Meter.PRIVATE: private}, replicates=replicates)


def test_a_delta_is_the_ability_on_unseen_minus_that_on_seen_benchmarks():
    rows = world(1)
    index = fit(rows)
    found = deltas(index, bootstrap(rows, index, draws=5), rows, {Meter.PRIVATE: private}, replicates=5)[Meter.PRIVATE]
    unseen = scoped(index, None, [row for row in rows if row.benchmark in PRIVATE])
    seen = scoped(index, None, [row for row in rows if row.benchmark not in PRIVATE])
    places = [dict(zip(part.models, part.ability, strict=True)) for part in (unseen, seen)]
    expected = [places[0][model] - places[1][model] for model in found.models]
    np.testing.assert_allclose(found.value, expected, atol=1e-6)
    assert set(found.counts) == {(8, 10)}


def test_a_model_with_too_few_scores_on_one_part_has_no_delta():
    rows = [row for row in world(1) if row.model != "Plain 0" or row.benchmark not in PRIVATE - {"p0", "p1"}]
    index = fit(rows)
    draws = bootstrap(rows, index, draws=3)
    found = deltas(index, draws, rows, {Meter.PRIVATE: private}, replicates=3)[Meter.PRIVATE]
    assert "Plain 0" not in found.models
    fewer = deltas(index, draws, rows, {Meter.PRIVATE: private}, replicates=3, min_scores=2)[Meter.PRIVATE]
    assert dict(zip(fewer.models, fewer.counts, strict=True))["Plain 0"] == (2, 10)


def test_scores_that_are_on_neither_part_are_left_out():
    rows = world(1)
    index = fit(rows)
    draws = bootstrap(rows, index, draws=3)

    def some(model: str, benchmark: str) -> bool | None:
        return None if benchmark == "Winogrande" else benchmark in PRIVATE

    found = deltas(index, draws, rows, {Meter.LATER: some}, replicates=3)[Meter.LATER]
    assert set(found.counts) == {(8, 9)}


def test_where_nobody_has_both_parts_there_is_nothing():
    rows = world(1)
    index = fit(rows)
    found = deltas(index, bootstrap(rows, index, draws=3), rows, {Meter.PRIVATE: lambda m, b: True}, replicates=3)
    assert found[Meter.PRIVATE].models == ()
    assert by_lab(found, {}) == []
    assert everyone(found) == []


def test_a_lab_that_trained_on_public_questions_is_found_and_the_others_are_not_called_so():
    found = measured(world(2, boost=0.9))
    labs = {row.lab: row for row in by_lab(found, {model: lab_of(model) for model in found[Meter.PRIVATE].models})}
    assert labs["Maxxed"].verdict is Verdict.LOWER
    assert labs["Maxxed"].high < 0
    assert labs["Maxxed"].value < labs["Honest"].value
    assert labs["Honest"].verdict is not Verdict.LOWER
    assert labs["Anchors"].verdict is Verdict.TOO_FEW
    assert labs["Anchors"].models == 2
    assert labs["Maxxed"].benchmarks == (8, 10)


def test_where_no_lab_did_so_none_is_accused_more_often_than_promised():
    accused = 0
    for seed in range(10):
        found = measured(world(100 + seed, models=4), replicates=20)
        rows = by_lab(found, {model: lab_of(model) for model in found[Meter.PRIVATE].models})
        accused += any(row.verdict in (Verdict.LOWER, Verdict.HIGHER) for row in rows)
    assert accused <= 1


def test_many_models_on_few_benchmarks_are_not_taken_for_much_evidence():
    """Every model is bad at the same private benchmark: the interval must come from eight benchmarks, not 30 models."""

    def with_trap(models: int) -> float:
        rows = world(5, models=models)
        rows = [
            Observation(row.model, row.benchmark, max(0.0, row.value - 0.3), row.weight)
            if row.benchmark == "p0" and lab_of(row.model) == "Plain"
            else row
            for row in rows
        ]
        found = measured(rows)
        return next(
            row.error
            for row in by_lab(found, {model: lab_of(model) for model in found[Meter.PRIVATE].models})
            if row.lab == "Plain"
        )

    few, many = with_trap(5), with_trap(20)
    # Independent models would halve it.
    assert many > 0.7 * few


def test_all_tests_of_all_meters_are_corrected_together():
    drawn = np.random.default_rng(1).normal(0, 1, (200, 3))
    parts = (frozenset({f"p{n}" for n in range(6)}), frozenset({f"b{n}" for n in range(9)}))
    one = Deltas(("a", "b", "c"), ((6, 9),) * 3, (parts,) * 3, np.array([-2.5, -2.5, -2.5]), drawn - 2.5)
    lab = dict.fromkeys("abc", "Lab")
    (alone,) = by_lab({Meter.PRIVATE: one}, lab)
    both = by_lab({Meter.PRIVATE: one, Meter.LATER: one}, lab)
    assert alone.corrected == alone.chance
    assert [row.corrected for row in both] == pytest.approx([2 * alone.chance] * 2)
    assert [row.meter for row in both] == [Meter.PRIVATE, Meter.LATER]
    assert alone.value == pytest.approx(-2.5)
    assert alone.error == pytest.approx(drawn.mean(axis=1).std(ddof=1))


def test_the_level_of_all_labs_is_the_mean_of_all_models_and_no_test():
    found = measured(world(3), replicates=10)
    (row,) = everyone(found)
    assert row.value == pytest.approx(found[Meter.PRIVATE].value.mean())
    assert (row.chance, row.corrected, row.models) == (None, None, 26)
