"""The second index sampled instead of approximated: NUTS on the very density whose mode the nightly run takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracker.domain.beta_density import Scores, objective
from tracker.domain.beta_solver import Mode
from tracker.domain.beta_terms import NOISE_BOUNDS
from tracker.domain.solver import Floats


class SamplerMissingError(RuntimeError):
    """The sampler's library is not installed: it is an optional extra."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Draws of all parameters, one a row, in the solver's order, chain after chain; and how the sampler fared.

    `split` is the largest split R-hat over the parameters, `effective` the smallest effective number of draws.
    """

    draws: Floats
    chains: int
    divergent: int
    split: float
    effective: float


def basis(models: int) -> Floats:
    """Orthonormal columns that span the abilities summing to zero: a sampler moves freely in their coordinates."""
    columns = np.zeros((models, models - 1))
    for at in range(models - 1):
        columns[: at + 1, at] = 1.0
        columns[at + 1, at] = -(at + 1.0)
    return np.asarray(columns / np.sqrt((columns**2).sum(axis=0)))


def free(x: Floats, models: int) -> Floats:
    """The solver's parameters in the sampler's coordinates: one fewer, and none of them bound."""
    return np.concatenate([basis(models).T @ x[:models], x[models:]])


def density(scores: Scores, xp: Any, log_gamma: Any) -> Callable[[Any], Any]:
    """Minus the log density in the sampler's coordinates, in the arrays of `xp`."""
    across, m = xp.asarray(basis(scores.models)), scores.models

    def potential(free: Any) -> Any:
        return objective(xp.concatenate([across @ free[: m - 1], free[m - 1 :]]), scores, xp, log_gamma)

    return potential


def sample(scores: Scores, mode: Mode, *, warmup: int, draws: int, chains: int, seed: int) -> Sample:
    """NUTS from the mode, each chain from a place of its own around it. Raises SamplerMissingError."""
    try:
        import jax  # type: ignore[import-not-found,unused-ignore]
        from jax.scipy.special import gammaln  # type: ignore[import-not-found,unused-ignore]
        from numpyro.diagnostics import effective_sample_size, split_gelman_rubin  # type: ignore[import-not-found,unused-ignore]
        from numpyro.infer import MCMC, NUTS  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise SamplerMissingError(f"{error.name or 'numpyro'} is not installed") from error
    jax.config.update("jax_enable_x64", True)
    rng = np.random.default_rng(seed)
    m, b = scores.models, scores.benchmarks
    starts = mode.x + mode.gaussian.draw(chains, rng)
    noise = slice(m + 2 * b, m + 3 * b)
    starts[:, noise] = np.clip(mode.x[noise], *np.log(NOISE_BOUNDS))
    first = np.stack([free(row, m) for row in starts])
    kernel = NUTS(potential_fn=density(scores, jax.numpy, gammaln), target_accept_prob=0.9, max_tree_depth=8)
    runner = MCMC(
        kernel, num_warmup=warmup, num_samples=draws, num_chains=chains, chain_method="sequential", progress_bar=False
    )
    begin = jax.numpy.asarray(first if chains > 1 else first[0])
    runner.run(jax.random.PRNGKey(seed), init_params=begin, extra_fields=("diverging",))
    drawn = np.asarray(runner.get_samples(group_by_chain=True), dtype=float)
    flat = drawn.reshape(-1, drawn.shape[-1])
    abilities = flat[:, : m - 1] @ basis(m).T
    return Sample(
        draws=np.concatenate([abilities, flat[:, m - 1 :]], axis=1),
        chains=chains,
        divergent=int(np.sum(runner.get_extra_fields()["diverging"])),
        split=float(np.max(split_gelman_rubin(drawn))),
        effective=float(np.min(effective_sample_size(drawn))),
    )
