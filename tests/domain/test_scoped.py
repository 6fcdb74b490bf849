"""The index on part of the benchmarks: frozen curves, abilities fitted anew."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from tests.domain.synthetic import SHAPES, synthetic
from tracker.domain import scoped as domain_scoped
from tracker.domain.index import CLIP, IndexInputError, Observation, fit
from tracker.domain.index_draws import bootstrap
from tracker.domain.scoped import ABILITY_BOUNDS, scoped

CASE = synthetic(SHAPES[0])
CENTRE = fit(CASE)


def test_each_ability_is_the_least_squares_one_for_the_frozen_curves():
    scope = [row for row in CASE if row.benchmark in {"b1", "b2", "b5", "b7"}]
    found = scoped(CENTRE, None, scope)
    assert found.draws is None
    for model, ability in zip(found.models, found.ability, strict=True):
        rows = [row for row in scope if row.model == model]

        def loss(at, rows=rows):
            total = 0.0
            for row in rows:
                b = CENTRE.benchmarks.index(row.benchmark)
                curve = 1 / (1 + np.exp(-CENTRE.slope[b] * (at - CENTRE.difficulty[b])))
                total += (curve - np.clip(row.value, CLIP, 1 - CLIP)) ** 2
            return total

        grid = np.linspace(*ABILITY_BOUNDS, 2001)
        near = grid[np.argmin([loss(at) for at in grid])]
        best = minimize_scalar(loss, bounds=(near - 1, near + 1), method="bounded", options={"xatol": 1e-8})
        assert loss(ability) <= best.fun + 1e-10


def test_on_all_benchmarks_the_scoped_index_is_close_to_the_index_itself():
    found = scoped(CENTRE, None, CASE)
    general = [CENTRE.value(name) for name in found.models]
    assert np.median(np.abs(found.ability - general)) < 0.3  # they differ by the penalty only


def test_a_draw_uses_its_own_curves():
    draws = bootstrap(CASE, CENTRE, draws=30)
    found = scoped(CENTRE, draws, CASE)
    assert found.draws.shape == (30, len(found.models))
    intervals = found.interval()
    assert all(intervals[name].low < intervals[name].high for name in found.models)
    again = scoped(CENTRE, draws, CASE)
    np.testing.assert_array_equal(found.draws, again.draws)


def test_takers_that_are_solved_beside_others_have_the_digits_of_those_alone(monkeypatch):
    draws = bootstrap(CASE, CENTRE, draws=12)
    whole = scoped(CENTRE, draws, CASE[::-1])
    for beside in (1, 7, 50):
        monkeypatch.setattr(domain_scoped, "_BESIDE", beside)
        found = scoped(CENTRE, draws, CASE[::-1])
        assert found.draws.tobytes() == whole.draws.tobytes()
        assert found.ability.tobytes() == whole.ability.tobytes()


def test_models_with_too_few_scores_in_scope_are_left_out():
    scope = [row for row in CASE if row.benchmark in {"b1", "b2"}]
    both = {row.model for row in scope if row.benchmark == "b1"} & {row.model for row in scope if row.benchmark == "b2"}
    found = scoped(CENTRE, None, scope, min_scores=2)
    assert set(found.models) == both
    assert set(found.counts) == {2}


def test_a_model_that_is_not_in_the_fit_can_be_placed_on_its_curves():
    rows = [Observation("new", f"b{b}", 0.5) for b in range(1, 5)]
    found = scoped(CENTRE, None, rows)
    assert found.models == ("new",)
    assert found.interval() == {"new": None}


def test_an_empty_scope_is_refused():
    with pytest.raises(IndexInputError, match="no model has 2 scores"):
        scoped(CENTRE, None, [Observation("a", "unknown", 0.5)])
