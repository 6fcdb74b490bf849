"""The capability index: the optimum of the published objective, its scale, its draws."""

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.stats import spearmanr

from tests.domain.synthetic import SHAPES, Case, hub, panel, synthetic
from tracker.domain.index import ANCHOR_BENCHMARK, CLIP, IndexFit, IndexInputError, Observation, fit
from tracker.domain.index_draws import bootstrap, interval, joined, leave_one_out, resample_rows


def reference(case: list[Observation], fitted: IndexFit, *, as_published: bool = False) -> tuple[np.ndarray, float]:
    """Public abilities and objective by scipy, from the published start.

    `as_published` codes the penalty as one residual and keeps scipy's tolerances; otherwise each parameter has its own
    residual, the same sum of squares, and the tolerances are tight.
    """
    models, benchmarks = list(fitted.models), list(fitted.benchmarks)
    m = np.array([models.index(row.model) for row in case])
    b = np.array([benchmarks.index(row.benchmark) for row in case])
    y = np.clip([row.value for row in case], CLIP, 1 - CLIP)
    count, items, fixed = len(models), len(benchmarks), benchmarks.index(fitted.anchors.benchmark)
    parameters = count + 2 * items - 1

    def curves(x):
        return x[:count], x[count : count + items], np.insert(x[count + items :], fixed, 1.0)

    def residuals(x):
        ability, difficulty, slope = curves(x)
        fitting = 1 / (1 + np.exp(-slope[b] * (ability[m] - difficulty[b]))) - y
        penalty = np.sqrt(0.1 / parameters) * x
        return np.append(fitting, np.linalg.norm(penalty) if as_published else penalty)

    random = np.random.RandomState(42)
    start = np.concatenate([random.randn(count) * 0.1, random.randn(items) * 0.1, np.ones(items - 1)])
    lower = np.append(np.full(count + items, -10.0), np.full(items - 1, 0.1))
    tight = {} if as_published else {"ftol": 1e-14, "xtol": 1e-12, "gtol": 1e-10, "max_nfev": 2000}
    found = least_squares(residuals, start, bounds=(lower, np.full(parameters, 10.0)), method="trf", **tight)
    ability, difficulty, _ = curves(found.x)
    if fitted.scale == "logit":
        return ability - difficulty[fixed], 2 * found.cost
    low, high = ability[models.index(fitted.anchors.low)], ability[models.index(fitted.anchors.high)]
    return 130 + 20 * (ability - low) / (high - low), 2 * found.cost


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_the_fit_is_the_optimum_that_scipy_finds_from_the_published_start(shape: Case):
    case = synthetic(shape)
    fitted = fit(case)
    expected, objective = reference(case, fitted)
    error = np.abs(fitted.ability - expected)
    assert fitted.converged
    assert fitted.scale == "eci"
    assert error.mean() < 0.02
    assert error.max() < 0.1
    assert fitted.objective == pytest.approx(objective, rel=1e-7)


@pytest.mark.parametrize("shape", SHAPES[:2], ids=lambda shape: shape.name)
def test_the_fit_agrees_with_the_method_as_published_at_its_own_tolerances(shape: Case):
    case = synthetic(shape)
    fitted = fit(case)
    expected, objective = reference(case, fitted, as_published=True)
    error = np.abs(fitted.ability - expected)
    assert error.mean() < 0.02
    assert error.max() < 0.1
    assert fitted.objective <= objective + 1e-12


def test_the_fit_is_the_optimum_on_the_stored_panel():
    case = panel()
    fitted = fit(case)
    expected, objective = reference(case, fitted)
    error = np.abs(fitted.ability - expected)
    assert fitted.converged
    assert error.mean() < 0.02
    assert error.max() < 0.1
    assert fitted.objective == pytest.approx(objective, rel=1e-7)


def test_the_fit_is_the_optimum_on_the_stored_files_and_ranks_models_as_published():
    case, published = hub("2026-04")
    fitted = fit(case)
    expected, _ = reference(case, fitted)
    error = np.abs(fitted.ability - expected)
    assert error.mean() < 0.02
    assert error.max() < 0.1
    # Chance floors and release groups are not in the old files, so values differ a little; ranks hardly do.
    common = [name for name in fitted.models if name in published]
    ranks = spearmanr([fitted.value(name) for name in common], [published[name] for name in common])
    assert len(common) > 100
    assert ranks.statistic > 0.99


def test_the_anchors_stand_where_the_public_scale_puts_them():
    fitted = fit(synthetic(SHAPES[0]))
    assert fitted.value("Claude 3.5 Sonnet") == pytest.approx(130)
    assert fitted.value("GPT-5") == pytest.approx(150)
    assert fitted.raw_difficulty[fitted.benchmarks.index("Winogrande")] == 0
    assert fitted.raw_slope[fitted.benchmarks.index("Winogrande")] == 1


def test_public_and_raw_curves_predict_the_same_scores():
    fitted = fit(synthetic(SHAPES[0]))
    raw = fitted.raw_slope * (fitted.raw_ability[:, None] - fitted.raw_difficulty)
    public = fitted.slope * (fitted.ability[:, None] - fitted.difficulty)
    np.testing.assert_allclose(raw, public, atol=1e-9)


def test_a_benchmark_that_ranks_backwards_is_held_at_the_least_slope_allowed():
    case = synthetic(SHAPES[0])
    models = sorted({row.model for row in case}, key=lambda name: -fit(case).value(name))
    case += [Observation(name, "backwards", 0.05 + 0.9 * at / len(models)) for at, name in enumerate(models)]
    fitted = fit(case)
    expected, objective = reference(case, fitted)
    assert fitted.raw_slope[fitted.benchmarks.index("backwards")] == 0.1
    assert fitted.converged
    assert fitted.objective == pytest.approx(objective, rel=1e-7)
    assert np.abs(fitted.ability - expected).max() < 0.1


@pytest.mark.parametrize("spelling", ["claude-3-5-sonnet", "CLAUDE 3.5  SONNET", "claude_3.5_sonnet"])
def test_anchor_names_may_differ_in_case_and_punctuation(spelling):
    case = [renamed(row, {"Claude 3.5 Sonnet": spelling, "GPT-5": "gpt 5"}) for row in synthetic(SHAPES[0])]
    fitted = fit(case)
    assert (fitted.scale, fitted.anchors.low, fitted.anchors.high) == ("eci", spelling, "gpt 5")
    assert fitted.value(spelling) == pytest.approx(130)


def test_without_an_anchor_model_values_are_logits_and_the_fit_says_so():
    case = [renamed(row, {"GPT-5": "another"}) for row in synthetic(SHAPES[0])]
    fitted = fit(case)
    assert (fitted.scale, fitted.offset, fitted.factor) == ("logit", 0.0, 1.0)
    assert any("GPT-5 is not in the data" in note for note in fitted.anchors.notes)
    np.testing.assert_array_equal(fitted.ability, fitted.raw_ability)
    expected, _ = reference(case, fitted)
    assert np.abs(fitted.ability - expected).max() < 0.005


def test_anchors_in_the_wrong_order_give_logits_and_a_note():
    case = [renamed(row, {"GPT-5": "Claude 3.5 Sonnet", "Claude 3.5 Sonnet": "GPT-5"}) for row in synthetic(SHAPES[0])]
    fitted = fit(case)
    assert fitted.scale == "logit"
    assert "does not stand above" in fitted.anchors.notes[-1]


def test_without_winogrande_the_benchmark_with_most_scores_holds_the_raw_scale():
    case = [row for row in synthetic(SHAPES[0]) if row.benchmark != ANCHOR_BENCHMARK]
    fitted = fit(case)
    counts = {name: sum(row.benchmark == name for row in case) for name in fitted.benchmarks}
    assert counts[fitted.anchors.benchmark] == max(counts.values())
    assert "Winogrande is not in the data" in fitted.anchors.notes[0]
    assert fitted.raw_slope[fitted.benchmarks.index(fitted.anchors.benchmark)] == 1


def renamed(row: Observation, names: dict[str, str]) -> Observation:
    return Observation(names.get(row.model, row.model), row.benchmark, row.value)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "hold 0"),
        ([Observation("a", "x", 0.5)], "hold 1"),
        ([Observation("a", "x", 0.5), Observation("b", "x", 1.5)], "0..1"),
        ([Observation("a", "x", 0.5), Observation("b", "x", float("nan"))], "0..1"),
        ([Observation("a", "x", 0.5), Observation("a", "x", 0.6), Observation("b", "x", 0.1)], "two scores"),
        ([Observation("a", "x", 0.5, -1.0), Observation("b", "x", 0.1)], "weight"),
    ],
)
def test_scores_that_cannot_be_fitted_are_refused_with_the_reason(rows, message):
    with pytest.raises(IndexInputError, match=message):
        fit(rows)


def test_weights_scale_the_residuals_and_a_weight_of_nothing_removes_a_score():
    case = synthetic(SHAPES[0])
    odd = Observation(case[0].model, case[0].benchmark, case[0].value, 0.0)
    moved = Observation(case[0].model, case[0].benchmark, 1.0 - case[0].value, 0.0)
    np.testing.assert_allclose(fit([odd, *case[1:]]).ability, fit([moved, *case[1:]]).ability, atol=1e-6)
    doubled = fit([Observation(r.model, r.benchmark, r.value, 2.0) for r in case], regularisation=0.2)
    np.testing.assert_allclose(doubled.ability, fit(case).ability, atol=1e-6)
    assert doubled.objective == pytest.approx(2 * fit(case).objective)


def test_a_warm_start_reaches_the_same_optimum_in_fewer_steps():
    case = synthetic(SHAPES[0])
    cold = fit(case)
    warm = fit(case, start=cold)
    assert warm.iterations < cold.iterations
    np.testing.assert_allclose(warm.ability, cold.ability, atol=1e-4)


def test_a_draw_is_the_optimum_of_its_own_resample_on_its_own_scale():
    case = synthetic(SHAPES[0])
    centre = fit(case)
    drawn = bootstrap(case, centre, draws=3, seed=7)
    model = np.array([centre.models.index(row.model) for row in case])
    counts = resample_rows(model, len(centre.models), range(3), 7)
    for draw in range(3):
        weighted = [Observation(r.model, r.benchmark, r.value, w) for r, w in zip(case, counts[draw], strict=True)]
        alone = fit(weighted, start=centre)
        np.testing.assert_allclose(drawn.ability[draw], alone.ability, atol=2e-3)
        np.testing.assert_allclose(drawn.difficulty[draw], alone.difficulty, atol=2e-2)


def test_every_model_keeps_its_number_of_scores_in_every_draw():
    model = np.array([0, 1, 1, 0, 2, 1])
    counts = resample_rows(model, 3, range(200), 1)
    for at in range(3):
        assert (counts[:, model == at].sum(axis=1) == (model == at).sum()).all()
    assert counts[:, model == 1].std() > 0
    assert (counts[:, 4] == 1).all()


def test_draws_are_the_same_for_the_same_seed_and_differ_for_another():
    case = synthetic(SHAPES[1])
    centre = fit(case)
    first, second = bootstrap(case, centre, draws=20, seed=3), bootstrap(case, centre, draws=20, seed=3)
    other = bootstrap(case, centre, draws=20, seed=4)
    np.testing.assert_array_equal(first.ability, second.ability)
    assert not np.array_equal(first.ability, other.ability)
    assert first.ability.dtype == np.float32


@pytest.mark.parametrize("resampling", ["rows", "benchmarks"])
def test_draws_made_in_slices_are_those_of_one_go_byte_for_byte(resampling):
    case = synthetic(SHAPES[1])
    centre = fit(case)
    whole = bootstrap(case, centre, draws=23, seed=3, resampling=resampling)
    cuts = [(0, 7), (7, 7), (14, 7), (21, 2)]
    slices = [bootstrap(case, centre, first=at, draws=many, seed=3, resampling=resampling) for at, many in cuts]
    for name in ("ability", "difficulty", "slope"):
        assert getattr(joined(slices), name).tobytes() == getattr(whole, name).tobytes()


def test_leaving_benchmarks_out_in_slices_is_the_same_as_in_one_go():
    case = [*synthetic(SHAPES[0]), Observation("lonely", "b3", 0.5)]
    centre = fit(case)
    whole = leave_one_out(case, centre)
    slices = [leave_one_out(case, centre, first=at, count=5) for at in range(0, len(centre.benchmarks), 5)]
    assert joined(slices).labels == whole.labels
    assert joined(slices).ability.tobytes() == whole.ability.tobytes()


def test_intervals_hold_the_centre_mostly_and_anchors_have_none():
    case = synthetic(SHAPES[0])
    centre = fit(case)
    intervals = interval(bootstrap(case, centre, draws=200))
    assert intervals["GPT-5"] is None
    assert intervals["Claude 3.5 Sonnet"] is None
    inside = [found.low <= centre.value(name) <= found.high for name, found in intervals.items() if found]
    assert sum(inside) / len(inside) > 0.9
    narrow = interval(bootstrap(case, centre, draws=200), level=0.5)
    assert all(narrow[n].high - narrow[n].low < i.high - i.low for n, i in intervals.items() if i)


def test_whole_benchmarks_can_be_resampled():
    case = synthetic(SHAPES[0])
    centre = fit(case)
    drawn = bootstrap(case, centre, draws=100, resampling="benchmarks")
    assert np.isfinite(drawn.ability).all()
    anchored = [centre.models.index(name) for name in ("GPT-5", "Claude 3.5 Sonnet")]
    np.testing.assert_allclose(drawn.ability[:, anchored], [[150, 130]] * 100, atol=1e-3)


def test_leaving_a_benchmark_out_is_a_fit_without_its_rows():
    case = synthetic(SHAPES[0])
    centre = fit(case)
    refits = leave_one_out(case, centre)
    assert refits.labels == centre.benchmarks
    left = centre.benchmarks[3]
    without = fit(
        [row for row in case if row.benchmark != left],
        # lambda / P of the whole fit: two parameters fewer remain
        regularisation=0.1
        * (len(centre.models) + 2 * len(centre.benchmarks) - 3)
        / (len(centre.models) + 2 * len(centre.benchmarks) - 1),
    )
    row = refits.ability[3]
    np.testing.assert_allclose([row[centre.models.index(m)] for m in without.models], without.ability, atol=5e-3)


def test_a_model_known_from_one_benchmark_is_undefined_when_that_is_left_out():
    case = [*synthetic(SHAPES[0]), Observation("lonely", "b3", 0.5)]
    centre = fit(case)
    refits = leave_one_out(case, centre)
    column = refits.ability[:, centre.models.index("lonely")]
    assert np.flatnonzero(np.isnan(column)).tolist() == [centre.benchmarks.index("b3")]


def test_resampling_other_scores_than_the_fits_is_refused():
    case = synthetic(SHAPES[0])
    with pytest.raises(IndexInputError, match="not those of the fit"):
        bootstrap([*case, Observation("new", "b1", 0.5)], fit(case), draws=2)
