"""The second index: its derivatives, its mode, its intervals, its scale, and what it makes of hand-made scores."""

import importlib.util

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import polygamma

from tests.domain.synthetic import SHAPES, synthetic
from tracker.domain import beta_density, beta_index, beta_solver, beta_terms
from tracker.domain.beta_density import Local, Scores, objective
from tracker.domain.beta_sampling import SamplerMissingError, basis, density, free, sample
from tracker.domain.beta_solver import Gaussian, climb, maximise, mode_at, posterior
from tracker.domain.index import IndexInputError, Observation


def simulated(
    seed: int, models: int = 30, benchmarks: int = 12, fill: float = 0.5
) -> tuple[list[Observation], dict[str, float], np.ndarray]:
    """Scores drawn from the model itself, with curves and noise from around its priors; and the true abilities."""
    random = np.random.default_rng(seed)
    ability = np.sort(random.standard_normal(models))
    difficulty, slope = random.standard_normal(benchmarks), np.exp(random.normal(0, 0.4, benchmarks))
    noise = np.clip(np.exp(random.normal(np.log(0.05), 0.5, benchmarks)), 0.01, 0.3)
    floor = random.choice([0.0, 0.0, 0.25], benchmarks)
    names = [f"m{at}" for at in range(models)]
    names[models // 2], names[int(0.9 * models)] = "Claude 3.5 Sonnet", "GPT-5"
    rows = []
    for m in range(models):
        # The anchors have taken nearly everything, as the real ones have: their places move all others.
        share = 1.0 if names[m] in ("Claude 3.5 Sonnet", "GPT-5") else fill
        for b in random.choice(benchmarks, max(4, random.binomial(benchmarks, share)), replace=False):
            mean = floor[b] + (1 - floor[b]) / (1 + np.exp(-(slope[b] * ability[m] - difficulty[b])))
            size = 1 / (4 * noise[b] ** 2) - 1
            rows.append(Observation(names[m], f"b{b}", float(random.beta(mean * size, (1 - mean) * size))))
    return rows, {f"b{b}": float(floor[b]) for b in range(benchmarks)}, ability


def arrays(seed: int) -> Scores:
    return beta_index.scores_of(*simulated(seed)[:2])[0]


def elsewhere(scores: Scores, seed: int) -> np.ndarray:
    return beta_solver.start(scores) + 0.1 * np.random.default_rng(seed).standard_normal(scores.size)


def noise_of(scores: Scores) -> slice:
    return slice(scores.models + 2 * scores.benchmarks, scores.models + 3 * scores.benchmarks)


def whole(local: Local) -> np.ndarray:
    curve = local.observed
    return np.block([[np.diag(curve.diagonal), curve.coupling], [curve.coupling.T, curve.rest]])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_gradient_is_that_of_finite_differences(seed):
    scores = arrays(seed)
    x = elsewhere(scores, seed)
    steps = 1e-6 * np.eye(scores.size)
    numeric = [(objective(x + step, scores) - objective(x - step, scores)) / 2e-6 for step in steps]
    np.testing.assert_allclose(Local.at(x, scores).gradient, numeric, atol=1e-4)


def test_the_curvature_is_that_of_the_gradients_differences_with_the_noise_held():
    scores = arrays(3)
    x = elsewhere(scores, 3)
    steps = 1e-6 * np.eye(scores.size)
    numeric = np.array([Local.at(x + s, scores).gradient - Local.at(x - s, scores).gradient for s in steps]) / 2e-6
    moving = np.ones(scores.size, bool)
    moving[noise_of(scores)] = False
    np.testing.assert_allclose(
        whole(Local.at(x, scores))[np.ix_(moving, moving)], numeric[np.ix_(moving, moving)], atol=1e-3
    )


def test_the_mode_given_the_noise_is_the_one_that_scipy_finds():
    scores = arrays(4)
    mode = maximise(scores)
    assert mode.converged
    assert mode.exact
    held = np.zeros(scores.size, bool)
    held[noise_of(scores)] = True
    across = basis(scores.models)

    def put(moving: np.ndarray) -> np.ndarray:
        x = mode.x.copy()
        x[~held] = np.concatenate([across @ moving[: scores.models - 1], moving[scores.models - 1 :]])
        return x

    def gradient(moving: np.ndarray) -> np.ndarray:
        found = Local.at(put(moving), scores).gradient[~held]
        return np.concatenate([across.T @ found[: scores.models], found[scores.models :]])

    start = beta_solver.start(scores)[~held]
    start = np.concatenate([across.T @ start[: scores.models], start[scores.models :]])
    # Its first steps go where curves are too steep for numbers; it comes back from there by itself.
    with np.errstate(all="ignore"):
        found = minimize(
            lambda moving: objective(put(moving), scores), start, jac=gradient, method="BFGS", options={"gtol": 1e-5}
        )
    assert mode.objective == pytest.approx(found.fun, abs=1e-6)
    np.testing.assert_allclose(mode.x, put(found.x), atol=1e-3)


def test_the_noise_is_where_its_own_gradient_is_outweighed_by_the_freedom_that_the_curves_take():
    """The most probable noise with the rest integrated out: the objective plus half the log determinant is flat."""
    scores = arrays(5)
    mode = maximise(scores)

    def integrated(at: int, by: float) -> float:
        x = mode.x.copy()
        x[noise_of(scores).start + at] += by
        for _ in range(20):
            local = Local.at(x, scores)
            x = x + Gaussian.of(local.observed).solve(-local.given_noise)
        gaussian = Gaussian.of(Local.at(x, scores).expected)
        # The determinant on abilities of sum zero: their own block's, the constraint's, and that of the rest.
        own = np.log(gaussian.diagonal).sum() + np.log((1 / gaussian.diagonal).sum())
        return float(objective(x, scores) + 0.5 * own + np.log(np.diag(gaussian.factor)).sum())

    slopes = [(integrated(at, 0.01) - integrated(at, -0.01)) / 0.02 for at in range(scores.benchmarks)]
    curvatures = 1 / mode.noise_spread**2
    # In the noise's own standard deviations: hardly off its peak.
    assert np.abs(slopes / np.sqrt(curvatures)).max() < 0.2


def test_a_drawn_place_on_a_curve_has_the_variance_that_the_schur_complement_gives():
    scores = arrays(6)
    mode = maximise(scores)
    local = Local.at(mode.x, scores)
    bordered = np.zeros((scores.size + 1, scores.size + 1))
    bordered[:-1, :-1] = whole(local)
    bordered[-1, : scores.models] = bordered[: scores.models, -1] = 1
    covariance = np.linalg.inv(bordered)[:-1, :-1]
    rows = np.arange(len(scores.value))
    jacobian = np.zeros((len(rows), scores.size))
    jacobian[rows, scores.model] = local.jacobian[0]
    jacobian[rows, scores.models + scores.benchmark] = -1
    jacobian[rows, scores.models + scores.benchmarks + scores.benchmark] = local.jacobian[1]
    expected = np.einsum("ij,jk,ik->i", jacobian, covariance, jacobian)
    np.testing.assert_allclose(mode.gaussian.of_curves(scores, local.jacobian), expected, rtol=1e-8)
    drawn = mode.gaussian.draw(20_000, np.random.default_rng(1))
    np.testing.assert_allclose(drawn[:, : scores.models].sum(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose((drawn @ jacobian.T).var(axis=0), expected, rtol=0.06)


def test_nine_of_ten_intervals_hold_the_truth():
    """Over many simulated data sets, on the public scale: between 85 and 95 % of the 90 % intervals."""
    inside, models, sets = [], 40, 16
    for seed in range(sets):
        rows, floors, ability = simulated(1000 + seed, models, 15)
        fitted = beta_index.fit(rows, floors, draws=200)
        low, high = ability[models // 2], ability[int(0.9 * models)]
        public = 130 + 20 * (ability - low) / (high - low)
        truth = dict(zip(dict.fromkeys(row.model for row in rows), public, strict=True))
        inside += [band.low <= truth[name] <= band.high for name, band in fitted.intervals().items() if band]
    assert len(inside) == sets * (models - 2)
    assert 0.85 <= np.mean(inside) <= 0.95


def test_abilities_and_noise_are_recovered_from_many_scores():
    rows, floors, ability = simulated(7, models=80, benchmarks=30, fill=0.8)
    fitted = beta_index.fit(rows, floors, draws=50)
    assert np.corrcoef(fitted.raw_ability, ability)[0, 1] > 0.99
    random = np.random.default_rng(7)
    random.standard_normal(80), random.standard_normal(30), random.normal(0, 0.4, 30)
    noise = np.clip(np.exp(random.normal(np.log(0.05), 0.5, 30)), 0.01, 0.3)
    order = [int(name.removeprefix("b")) for name in fitted.benchmarks]
    assert np.abs(np.log(fitted.noise / noise[order])).mean() < 0.1


def test_the_anchors_stand_where_the_public_scale_puts_them_and_have_no_interval():
    rows, floors, _ = simulated(8)
    fitted = beta_index.fit(rows, floors, draws=60)
    low, high = fitted.models.index("Claude 3.5 Sonnet"), fitted.models.index("GPT-5")
    assert (fitted.ability[low], fitted.ability[high]) == (pytest.approx(130), pytest.approx(150))
    np.testing.assert_allclose(fitted.draws[:, [low, high]], [[130, 150]] * len(fitted.draws))
    assert fitted.intervals()["GPT-5"] is None
    assert fitted.scale == "eci"


def test_without_an_anchor_there_is_no_public_scale():
    rows, floors, _ = simulated(9)
    rows = [Observation("another" if row.model == "GPT-5" else row.model, row.benchmark, row.value) for row in rows]
    fitted = beta_index.fit(rows, floors, draws=20)
    assert (fitted.scale, fitted.offset, fitted.factor) == ("logit", 0.0, 1.0)


def test_the_curves_on_the_public_scale_are_those_of_the_fit():
    rows, floors, _ = simulated(10)
    fitted = beta_index.fit(rows, floors, draws=20)
    raw = fitted.raw_slope * fitted.raw_ability[:, None] - fitted.raw_difficulty
    np.testing.assert_allclose(fitted.slope * (fitted.ability[:, None] - fitted.difficulty), raw, atol=1e-9)


def test_the_same_seed_gives_the_same_draws():
    rows, floors, _ = simulated(11)
    one, two, other = (beta_index.fit(rows, floors, draws=30, seed=seed).draws for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_the_way_to_the_mode_and_the_draws_have_the_same_digits_in_pieces():
    scores = arrays(18)
    whole, cut, goes = maximise(scores), None, 0
    while cut is None or not cut.ended:
        cut, goes = climb(scores, cut, 3), goes + 1
    assert goes == -(-whole.iterations // 3) > 2
    mode = mode_at(scores, cut)
    assert (mode.iterations, mode.converged, mode.objective) == (whole.iterations, True, whole.objective)
    np.testing.assert_array_equal(mode.x, whole.x)
    np.testing.assert_array_equal(mode.noise_spread, whole.noise_spread)
    together = posterior(scores, whole, 60, np.random.default_rng(3))
    parts = [range(9), range(9, 10), range(10, beta_terms.NOISE_DRAWS)]
    apart = [posterior(scores, mode, 60, np.random.default_rng(3), some) for some in parts]
    np.testing.assert_array_equal(np.concatenate(apart), together)
    assert [len(part) for part in apart] == [sum(beta_solver.shared_out(60)[at] for at in some) for some in parts]


def test_our_trigamma_is_scipys():
    x = np.concatenate([np.geomspace(1e-6, 1e6, 2001), [9.999999, 10.0, 10.000001]])
    np.testing.assert_allclose(beta_density.trigamma(x), polygamma(1, x), rtol=4e-15)


def test_a_benchmark_that_contradicts_all_others_is_found_noisy_and_pulls_less():
    rows, floors, _ = simulated(12, benchmarks=10, fill=0.9)
    random = np.random.default_rng(0)
    wild = [Observation(name, "wild", float(random.uniform(0.1, 0.9))) for name in dict.fromkeys(r.model for r in rows)]
    fitted = beta_index.fit([*rows, *wild], floors, draws=20)
    noise = dict(zip(fitted.benchmarks, fitted.noise, strict=True))
    assert noise["wild"] > 1.5 * max(value for name, value in noise.items() if name != "wild")
    without = beta_index.fit(rows, floors, draws=20)
    assert np.corrcoef(fitted.raw_ability, without.raw_ability)[0, 1] > 0.999


def test_a_benchmark_that_two_models_took_is_not_thought_to_be_exact():
    """Its two scores can be hit by its own curve whatever the noise: they tell nothing of it, and the prior stays."""
    rows, floors, _ = simulated(13)
    names = list(dict.fromkeys(row.model for row in rows))[3:5]
    fitted = beta_index.fit([*rows, *(Observation(name, "two", 0.4) for name in names)], floors, draws=20)
    at = fitted.benchmarks.index("two")
    assert 0.03 < fitted.noise[at] < 0.08
    assert fitted.noise_spread[at] > 0.3


def test_scores_of_nothing_and_of_everything_are_taken_just_inside():
    rows, floors, _ = simulated(14)
    rows = [Observation(r.model, r.benchmark, {0: 0.0, 1: 1.0}.get(n, r.value)) for n, r in enumerate(rows)]
    scores, _, _ = beta_index.scores_of(rows, floors)
    assert (scores.value[0], scores.value[1]) == (beta_terms.CLIP, 1 - beta_terms.CLIP)
    assert np.isfinite(beta_index.fit(rows, floors, draws=10).ability).all()


def test_a_score_below_chance_counts_against_a_model_but_only_a_little_more_than_chance_does():
    rows, floors, _ = simulated(15)
    guessed = next(name for name, floor in floors.items() if floor > 0)
    taker = next(row.model for row in rows if row.benchmark == guessed and row.model.startswith("m"))

    def with_score(value: float) -> float:
        changed = [
            Observation(r.model, r.benchmark, value if (r.model, r.benchmark) == (taker, guessed) else r.value)
            for r in rows
        ]
        fitted = beta_index.fit(changed, floors, draws=2)
        return float(fitted.raw_ability[fitted.models.index(taker)])

    assert with_score(0.2) < with_score(0.25) < with_score(0.9)


@pytest.mark.parametrize(
    ("rows", "floors", "message"),
    [
        ([Observation("a", "x", 0.5)], {}, "hold 1"),
        ([Observation("a", "x", 1.5), Observation("b", "x", 0.5)], {}, "0..1"),
        ([Observation("a", "x", 0.5), Observation("a", "x", 0.6)], {}, "two scores"),
        ([Observation("a", "x", 0.5), Observation("b", "x", 0.6)], {"x": 1.0}, "chance"),
    ],
)
def test_scores_that_cannot_be_fitted_are_refused_with_the_reason(rows, floors, message):
    with pytest.raises(IndexInputError, match=message):
        beta_index.fit(rows, floors)


def test_every_shape_of_data_comes_to_an_end():
    """Saturated benchmarks, a perfect model, an island: a finite place for everyone, intervals that hold it."""
    for shape in SHAPES:
        fitted = beta_index.fit(synthetic(shape), {}, draws=60)
        assert fitted.converged, shape.name
        assert np.isfinite(fitted.draws).all(), shape.name


def test_the_samplers_density_is_the_objective_in_other_coordinates():
    scores = arrays(16)
    x = elsewhere(scores, 16)
    x[: scores.models] -= x[: scores.models].mean()
    potential = density(scores, np, beta_density.gammaln)
    assert potential(free(x, scores.models)) == pytest.approx(objective(x, scores))
    across = basis(scores.models)
    np.testing.assert_allclose(across.T @ across, np.eye(scores.models - 1), atol=1e-12)
    np.testing.assert_allclose(across.sum(axis=0), 0, atol=1e-12)


def test_without_its_library_the_sampler_says_what_is_missing():
    if importlib.util.find_spec("numpyro") is not None:
        pytest.skip("numpyro is installed here")
    scores = arrays(17)
    with pytest.raises(SamplerMissingError, match="is not installed"):
        sample(scores, maximise(scores), warmup=1, draws=1, chains=1, seed=1)


def test_the_sampler_finds_what_the_approximation_says():
    pytest.importorskip("numpyro", reason="the optional sampler is not installed")
    rows, floors, _ = simulated(17, models=12, benchmarks=8, fill=0.9)
    scores, _, _ = beta_index.scores_of(rows, floors)
    mode = maximise(scores)
    theirs = sample(scores, mode, warmup=200, draws=300, chains=1, seed=1).draws[:, : scores.models]
    ours = posterior(scores, mode, 300, np.random.default_rng(1))[:, : scores.models]
    assert np.corrcoef(ours.mean(axis=0), theirs.mean(axis=0))[0, 1] > 0.99
