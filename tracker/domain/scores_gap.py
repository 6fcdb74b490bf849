"""The whole mathematics on one table of scores: index, difficulties, frontiers and every lag, without a database."""

from datetime import date
from typing import Any

import numpy as np

from tracker.domain import gap_report
from tracker.domain.clock import BenchmarkScore
from tracker.domain.comparison import Reference
from tracker.domain.frontier import Release
from tracker.domain.gap import GapReport, columns, gap
from tracker.domain.index import IndexFit, Observation, fit
from tracker.domain.index_draws import DRAW_SEED, DRAWS, Draws, bootstrap, leave_one_out
from tracker.domain.score_table import ScoreTable
from tracker.domain.solver import sigmoid


def gap_of_scores(
    table: ScoreTable, as_of: date, *, draws: int = DRAWS, seed: int = DRAW_SEED
) -> tuple[IndexFit, GapReport]:
    """The index and the gap of the table's models released by `as_of`. Raises IndexInputError when they are too few.

    The scores are taken as prepared: nothing is filtered but what was released later.
    """
    known = table.released_by(as_of)
    observations = [Observation(score.model, score.benchmark, score.value) for score in known.scores]
    fitted = fit(observations)
    models = [model for model in known.models if model.name in set(fitted.models)]
    names = [model.name for model in models]
    releases = [Release(m.name, m.released_on, m.open, fitted.value(m.name)) for m in models]
    drawn: Draws | None = bootstrap(observations, fitted, draws=draws, seed=seed) if draws else None
    refits = leave_one_out(observations, fitted) if draws and len(fitted.benchmarks) > 1 else None
    facts = {model.name: model for model in models}
    report = gap(
        releases,
        as_of,
        draws=None if drawn is None else columns(drawn, names),
        scores=[
            BenchmarkScore(s.benchmark, s.model, facts[s.model].released_on, facts[s.model].open, s.value)
            for s in known.scores
        ],
        scale=fitted.scale,
        refits=None if refits is None else (refits.labels, columns(refits, names)),
        reference=most_telling(fitted, max((r.value for r in releases if not r.open), default=None)),
    )
    return fitted, report


def most_telling(fitted: IndexFit, ability: float | None) -> Reference | None:
    """The benchmark that tells most at an ability: the largest slope^2 p (1 - p)."""
    if ability is None:
        return None
    predicted = sigmoid(fitted.slope * (ability - fitted.difficulty))
    at = int(np.argmax(fitted.slope**2 * predicted * (1.0 - predicted)))
    return Reference(fitted.benchmarks[at], float(fitted.difficulty[at]), float(fitted.slope[at]))


def answer(table: ScoreTable, as_of: date, *, draws: int = DRAWS, seed: int = DRAW_SEED) -> dict[str, Any]:
    """What `gap --scores --json` prints."""
    fitted, report = gap_of_scores(table, as_of, draws=draws, seed=seed)
    values = sorted(zip(fitted.models, fitted.ability, strict=True), key=lambda pair: (-pair[1], pair[0]))
    curves = sorted(zip(fitted.benchmarks, fitted.difficulty, strict=True), key=lambda pair: (pair[1], pair[0]))
    whole = gap_report.to_dict(report)
    return {
        "index": {name: gap_report.number(float(value), 6) for name, value in values},
        "difficulty": {name: gap_report.number(float(value), 6) for name, value in curves},
        "frontier": whole["frontier"],
        "lags": whole["lags"],
        "estimates": whole["estimates"],
        "spread": whole["spread"],
        "benchmarks": whole["benchmarks"],
        "survival": whole["survival"],
        "as_of": whole["as_of"],
        "scale": fitted.scale,
        "fit": {
            "method": fitted.method,
            "regularisation": fitted.regularisation,
            "objective": gap_report.number(fitted.objective, 9),
            "iterations": fitted.iterations,
            "converged": fitted.converged,
            "scores": fitted.observations,
            "draws": report.draws,
            "seed": seed,
            "anchors": {
                "benchmark": fitted.anchors.benchmark,
                "low": fitted.anchors.low,
                "high": fitted.anchors.high,
            },
            "notes": list(fitted.anchors.notes),
        },
    }
