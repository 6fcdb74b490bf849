"""What a run says by the second index: the models' places, the curves, the lags, and where the two indices differ."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from time import monotonic
from typing import Any, Final

import numpy as np

from tracker.domain import beta_index, beta_terms, gap_report
from tracker.domain.beta_index import BetaFit
from tracker.domain.frontier import Point, frontier
from tracker.domain.index import IndexInputError, Observation
from tracker.domain.openness import OpenMeans
from tracker.domain.preparation import Measure, prepare
from tracker.models import IndexRun
from tracker.pipeline.fitting import Asked, Fitted, answer, called, raw_scores
from tracker.pipeline.second_steps import Found, complete

NAME: Final = "second-index"
LARGEST: Final = 12
# What a reader needs of one estimate beside the first index's.
_TOLD: Final = ("value", "low", "high", "unit", "reason")


def make(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """The report; where the scores cannot be fitted, why."""
    return InSteps(run, fit).report()


class InSteps:
    """The report of one run and all that has to be found for it, step by step."""

    def __init__(self, run: IndexRun, fit: Fitted) -> None:
        self._run, self._fit = run, fit
        self.hopeless = False  # the scores cannot be fitted, and the report says why

    @cached_property
    def _shares(self) -> tuple[list[Observation], dict[str, float]]:
        return shares(self._fit)

    @cached_property
    def _found(self) -> Found:
        return Found(self._run.pk, *self._shares)

    def steps(self) -> Iterator[Callable[[], None]]:
        """What is still to be found and stored before the report; every step brings it nearer to its end."""
        while not self.hopeless and not complete(self._run.pk):
            yield self._step

    def _step(self) -> None:
        try:
            self._found.go_on()
        except IndexInputError:
            self.hopeless = True

    def report(self) -> dict[str, Any]:
        """From what has been found; what has not is found now."""
        try:
            second = self._found.whole()
        except IndexInputError as error:
            return {"method": beta_terms.METHOD, "reason": str(error), "models": {}, "benchmarks": {}, "lags": {}}
        return _report(self._fit, second, self._shares[0], self._found.seconds)


def _report(fit: Fitted, second: BetaFit, observations: Sequence[Observation], took: float) -> dict[str, Any]:
    began = monotonic()
    return {
        "method": second.method,
        "reason": "",
        "scale": second.scale,
        "draws": len(second.draws),
        "dropped": second.dropped,
        "seed": beta_index.SEED,
        "converged": second.converged,
        "exact": second.exact,
        "iterations": second.iterations,
        "scores": sum(second.counts),
        "models": _models(fit, second),
        "benchmarks": _benchmarks(second),
        "lags": {means.value: _lags(fit, second, Asked(open_means=means)) for means in OpenMeans},
        "against": against(fit, second, observations),
        "seconds": {"fit": round(took, 2), "all": round(took + monotonic() - began, 2)},
    }


def shares(fit: Fitted) -> tuple[list[Observation], dict[str, float]]:
    """The scores that the first index stands on with chance left in, as shares of what can be scored; and chance."""
    known = fit.beliefs
    floors, measures = {}, {}
    for benchmark in known.benchmarks.values():
        if not benchmark.in_index:
            continue
        # A scale that starts below nothing has chance above its own zero all the same.
        bottom = min(0.0, benchmark.floor or 0.0)
        top = 1.0 if benchmark.ceiling is None else benchmark.ceiling
        name = called(benchmark)
        floors[name] = ((benchmark.floor or 0.0) - bottom) / (top - bottom)
        replaced = benchmark.superseded_by
        measures[name] = Measure(floor=bottom, ceiling=top, superseded_by=called(replaced) if replaced else "")
    return prepare(raw_scores(known, fit.as_of), measures), floors


def second_fit(fit: Fitted, *, draws: int = beta_terms.DRAWS) -> BetaFit:
    """The run's scores under the Beta model. Raises IndexInputError."""
    observations, floors = shares(fit)
    return beta_index.fit(observations, floors, draws=draws)


def _models(fit: Fitted, second: BetaFit) -> dict[str, list[float | None]]:
    """Value, low, high and how many scores, by the model's slug."""
    bounds, counts = second.intervals(), Counter(row.model for row in fit.observations)
    found = {}
    for name, value in zip(second.models, second.ability.tolist(), strict=True):
        band = bounds[name]
        low, high = (band.low, band.high) if band else (None, None)
        found[fit.slugs[name]] = [*map(gap_report.number, (value, low, high)), counts[name]]
    return found


def _benchmarks(second: BetaFit) -> dict[str, dict[str, float | int | None]]:
    """The curves by the benchmark's name: the noise is the standard deviation of a score at one half."""
    return {
        name: {
            "difficulty": gap_report.number(second.difficulty[at]),
            "slope": gap_report.number(second.slope[at]),
            "noise": gap_report.number(second.noise[at]),
            "noise_low": gap_report.number(second.noise[at] * np.exp(-1.645 * second.noise_spread[at])),
            "noise_high": gap_report.number(second.noise[at] * np.exp(1.645 * second.noise_spread[at])),
            "floor": gap_report.number(second.floor[at]),
            "scores": second.counts[at],
        }
        for at, name in enumerate(second.benchmarks)
    }


def lags_of(fit: Fitted, second: BetaFit, asked: Asked) -> dict[str, Any]:
    """L1 to L8 of one question by the second index. Raises IndexInputError."""
    index, draws = second.as_index()
    report, _ = answer(replace(fit, index=index, draws=draws, unasked={}, narrowed={}, bounds={}), asked)
    return {key: {name: row[name] for name in _TOLD} for key, row in gap_report.estimates(report).items()}


def _lags(fit: Fitted, second: BetaFit, asked: Asked) -> dict[str, Any]:
    try:
        return lags_of(fit, second, asked)
    except IndexInputError as error:
        return {"reason": str(error)}


def against(fit: Fitted, second: BetaFit, observations: Sequence[Observation]) -> dict[str, Any]:
    """How the two indices agree: correlation of values and of ranks, and the models that stand furthest apart."""
    ours = fit.values
    common = [name for name in second.models if name in ours]
    place = {name: at for at, name in enumerate(second.models)}
    here, there = np.array([ours[name] for name in common]), second.ability[[place[name] for name in common]]
    found: dict[str, Any] = {
        "models": len(common),
        "correlation": gap_report.number(_correlation(here, there)),
        "rank_correlation": gap_report.number(_correlation(_ranks(here), _ranks(there))),
        "frontier": {
            "first": _frontier(fit, dict(zip(common, here.tolist(), strict=True))),
            "second": _frontier(fit, dict(zip(common, there.tolist(), strict=True))),
        },
        "median_difference": None,
        "largest": [],
    }
    if second.scale == fit.index.scale == "eci":
        apart = there - here
        rows: dict[str, list[Observation]] = {}
        for row in observations:
            rows.setdefault(row.model, []).append(row)
        found["median_difference"] = gap_report.number(float(np.median(np.abs(apart))))
        found["largest"] = [
            {
                "slug": fit.slugs[common[at]],
                "difference": gap_report.number(apart[at]),
                "scores": len(rows[common[at]]),
                **_why(fit, second, rows[common[at]]),
            }
            for at in np.argsort(-np.abs(apart), kind="stable")[:LARGEST]
        ]
    return found


def _why(fit: Fitted, second: BetaFit, rows: Sequence[Observation]) -> dict[str, Any]:
    """The score of a model that the second index finds the least likely on the model's place on the first one, and by
    how much in that benchmark's own noise: where the two weigh the same evidence differently."""
    model = rows[0].model
    at, place = second.models.index(model), {name: nth for nth, name in enumerate(second.benchmarks)}
    raw = (fit.values[model] - second.offset) / second.factor
    worst: tuple[float, str] = (0.0, "")
    for row in rows:
        b = place[row.benchmark]
        eta = second.raw_slope[b] * np.array([raw, second.raw_ability[at]]) - second.raw_difficulty[b]
        first, own = second.floor[b] + (1 - second.floor[b]) / (1 + np.exp(-np.clip(eta, -500, 500)))
        sizes = [
            (row.value - mean) / (2 * second.noise[b] * max(np.sqrt(mean * (1 - mean)), 0.05)) for mean in (first, own)
        ]
        if abs(sizes[0]) - abs(sizes[1]) > abs(worst[0]):
            worst = (abs(float(sizes[0])) - abs(float(sizes[1])), row.benchmark)
    return {"benchmark": worst[1], "surprise": gap_report.number(worst[0], 1)}


def _frontier(fit: Fitted, values: Mapping[str, float]) -> dict[str, list[str]]:
    """Which models moved the open and the closed frontier, by slug."""
    sides: dict[str, list[Point]] = {"open": [], "closed": []}
    for name, value in values.items():
        model = fit.model(name)
        if model.open_means is not None and model.released_on is not None:
            sides["open" if model.open_means else "closed"].append(Point(model.released_on, value, name))
    return {side: [fit.slugs[point.model] for point in frontier(points)] for side, points in sides.items()}


def _ranks(values: Any) -> Any:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(float)


def _correlation(one: Any, two: Any) -> float | None:
    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(two) == 0:
        return None
    return float(np.corrcoef(one, two)[0, 1])
