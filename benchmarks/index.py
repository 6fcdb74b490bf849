"""Seconds for an index fit and a 500-draw bootstrap of 1,150 scores on a core, beside scipy on the same objective."""

import statistics
import time
from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.optimize import least_squares
from scipy.sparse import csr_array

from tracker.domain.index import METHOD, REGULARISATION, Observation, fit
from tracker.domain.index_draws import DRAWS, bootstrap
from tracker.domain.solver import Floats, sigmoid

SCORES: Final = 1150
MODELS: Final = 150
BENCHMARKS: Final = 40
ROUNDS: Final = 7
BOOTSTRAP_ROUNDS: Final = 3
PROMISE_SECONDS: Final = 15.0


def run(write: Callable[[str], None]) -> None:
    """Fits by both methods take turns A B B A; processor time, so that neighbours on the machine count for little."""
    rows = scores()
    fitted = fit(rows)
    objective = plain(rows)
    write(f"{METHOD}: {len(rows)} scores, {len(fitted.models)} models, {len(fitted.benchmarks)} benchmarks")
    write(f"objective: ours {fitted.objective:.9f}, scipy's {objective:.9f}")
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(ROUNDS):
        for mine in (True, False) if turn % 2 == 0 else (False, True):
            (ours if mine else theirs).append(_seconds((lambda: fit(rows)) if mine else (lambda: plain(rows))))
    ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
    won = sum(ratio > 1 for ratio in ratios)
    write(
        f"one fit, processor time, median of {ROUNDS}: ours {statistics.median(ours):.4f} s, scipy's "
        f"{statistics.median(theirs):.4f} s; ratio {statistics.median(ratios):.1f} ({ratios[0]:.1f} to "
        f"{ratios[-1]:.1f}), faster in {won} of {ROUNDS}"
    )
    taken = [_seconds(lambda: bootstrap(rows, fitted, draws=DRAWS)) for _ in range(BOOTSTRAP_ROUNDS)]
    times = statistics.median(theirs) * DRAWS / statistics.median(taken)
    write(
        f"{DRAWS} draws, processor time, worst of {BOOTSTRAP_ROUNDS}: {max(taken):.2f} s (promised: at most "
        f"{PROMISE_SECONDS:.0f} s); as many plain scipy fits, reckoned from the time of one: {times:.0f} times as long"
    )


def scores() -> list[Observation]:
    """Seeded logistic curves with noise, as sparse as the published table."""
    random = np.random.default_rng(2026)
    ability, difficulty = np.sort(random.normal(1.5, 1.2, MODELS)), random.normal(1.0, 1.3, BENCHMARKS)
    slope = np.exp(random.normal(0.7, 0.5, BENCHMARKS))
    difficulty[0], slope[0] = 0.0, 1.0
    cells = [(m, b) for m in range(MODELS) for b in random.choice(BENCHMARKS, 4, replace=False)]
    free = sorted({(m, b) for m in range(MODELS) for b in range(BENCHMARKS)} - set(cells))
    cells += [free[at] for at in random.choice(len(free), SCORES - len(cells), replace=False)]
    names = {int(MODELS * 0.55): "Claude 3.5 Sonnet", int(MODELS * 0.9): "GPT-5"}
    rows = []
    for m, b in cells:
        value = float(sigmoid(slope[b] * (ability[m] - difficulty[b]))) + random.normal(0.0, 0.04)
        rows.append(Observation(names.get(m, f"m{m}"), "Winogrande" if b == 0 else f"b{b}", min(1.0, max(0.0, value))))
    return rows


def plain(rows: list[Observation]) -> float:
    """The objective where scipy's trust region ends, with an exact sparse Jacobian, called as published."""
    models = {name: at for at, name in enumerate(dict.fromkeys(row.model for row in rows))}
    benchmarks = {name: at for at, name in enumerate(dict.fromkeys(row.benchmark for row in rows))}
    m = np.array([models[row.model] for row in rows])
    b = np.array([benchmarks[row.benchmark] for row in rows])
    y = np.clip([row.value for row in rows], 1e-3, 1 - 1e-3)
    count, items, fixed, total = len(models), len(benchmarks), benchmarks["Winogrande"], len(rows)
    parameters = count + 2 * items - 1
    free = b != fixed
    slope_at = count + items + np.where(b < fixed, b, b - 1)
    every = np.arange(total)
    where = (
        np.concatenate([every, every, every[free], np.full(parameters, total)]),
        np.concatenate([m, count + b, slope_at[free], np.arange(parameters)]),
    )

    def curves(x: Floats) -> tuple[Floats, Floats, Floats]:
        slope = np.insert(x[count + items :], fixed, 1.0)[b]
        distance = x[m] - x[count + b]
        return slope, distance, sigmoid(slope * distance)

    def residuals(x: Floats) -> Floats:
        return np.append(curves(x)[2] - y, np.sqrt(REGULARISATION * np.sum(x**2) / parameters))

    def jacobian(x: Floats) -> csr_array:
        slope, distance, predicted = curves(x)
        steep = predicted * (1 - predicted)
        penalty = np.sqrt(REGULARISATION * np.sum(x**2) / parameters)
        last = REGULARISATION * x / (parameters * penalty)
        cells = np.concatenate([steep * slope, -steep * slope, (steep * distance)[free], last])
        return csr_array((cells, where), shape=(total + 1, parameters))

    random = np.random.RandomState(42)
    start = np.concatenate([random.randn(count) * 0.1, random.randn(items) * 0.1, np.ones(items - 1)])
    lower = np.append(np.full(count + items, -10.0), np.full(items - 1, 0.1))
    found = least_squares(residuals, start, jac=jacobian, bounds=(lower, np.full(parameters, 10.0)), method="trf")
    return 2.0 * float(found.cost)


def _seconds(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began
