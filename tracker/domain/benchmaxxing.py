"""Whether models do better on questions they can have seen: each model's place on one part of its benchmarks minus its
place on the other, and what that comes to lab by lab."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from tracker.domain.frontier import Floats
from tracker.domain.index import IndexFit, IndexInputError, Observation
from tracker.domain.index_draws import LEVEL, Draws
from tracker.domain.many_tests import FAMILY_ERROR, holm, two_sided
from tracker.domain.scoped import scope_of

MIN_SCORES: Final = 3  # on each part: with fewer one benchmark is the answer
MIN_MODELS: Final = 3
REPLICATES: Final = 100
SEED: Final = 20260809
_PARTS: Final = ("unseen", "seen")


class Meter(StrEnum):
    """`private`: benchmarks whose questions are not public, minus public ones. `later`: benchmarks that came out after
    the model, minus those that were there before it."""

    PRIVATE = "private"
    LATER = "later"


class Verdict(StrEnum):
    """How a lab's models do on questions they cannot have seen, beside those they can. Lower and higher are said only
    where the p-value, corrected for all tests, falls below FAMILY_ERROR."""

    LOWER = "lower"  # on questions it cannot have seen
    HIGHER = "higher"
    NOT_RESOLVABLE = "not resolvable"
    TOO_FEW = "too few models"


# Whether the questions of a benchmark can have been unseen by a model; None leaves the score out.
Unseen = Callable[[str, str], bool | None]


@dataclass(frozen=True, slots=True)
class Deltas:
    """Each model's index on the unseen part minus that on the seen part, in points of the index. `counts` are the
    scores on both parts, `benchmarks` their names, `drawn` replicates by models."""

    models: tuple[str, ...]
    counts: tuple[tuple[int, int], ...]
    benchmarks: tuple[tuple[frozenset[str], frozenset[str]], ...]
    value: Floats
    drawn: Floats

    @classmethod
    def none(cls) -> "Deltas":
        return cls((), (), (), np.empty(0), np.empty((0, 0)))

    def bounds(self) -> tuple[Floats, Floats]:
        """The central 90 % of each model's draws."""
        if not self.models:
            return np.empty(0), np.empty(0)
        tail = (1.0 - LEVEL) / 2.0
        low, high = np.quantile(self.drawn, (tail, 1.0 - tail), axis=0)
        return low, high


@dataclass(frozen=True, slots=True)
class LabDelta:
    """The mean over a lab's models. `chance` is the p-value as it stands alone, `corrected` beside all other tests;
    without enough models there is neither."""

    lab: str
    meter: Meter
    models: int
    benchmarks: tuple[int, int]
    value: float
    low: float
    high: float
    error: float
    chance: float | None
    corrected: float | None = None

    @property
    def verdict(self) -> Verdict:
        if self.corrected is None:
            return Verdict.TOO_FEW
        if self.corrected >= FAMILY_ERROR:
            return Verdict.NOT_RESOLVABLE
        return Verdict.LOWER if self.value < 0 else Verdict.HIGHER


def deltas(
    fit: IndexFit,
    draws: Draws,
    observations: Sequence[Observation],
    meters: Mapping[Meter, Unseen],
    *,
    min_scores: int = MIN_SCORES,
    replicates: int = REPLICATES,
    seed: int = SEED,
) -> dict[Meter, Deltas]:
    """The deltas under each meter: the index's curves stay, and each model's ability is fitted on either part.

    A replicate takes its curves from a draw of the run and weighs every benchmark anew, the same for all models (the
    Bayesian bootstrap): a lab's models share their benchmarks, so that drawing each model's scores for itself would
    make the mean of many models look sure though it rests on few benchmarks.
    """
    rows: list[Observation] = []
    for meter, unseen in meters.items():
        rows += _split(observations, meter, unseen, min_scores)
    if not rows:
        return {meter: Deltas.none() for meter in meters}
    try:
        scope = scope_of(fit, rows, min_scores=1)
    except IndexInputError:
        return {meter: Deltas.none() for meter in meters}
    centre = scope.solve(fit.difficulty[None], fit.slope[None], scope.weight[None])[0]
    rng = np.random.default_rng(seed)
    taken = np.flatnonzero(np.bincount(scope.benchmark, minlength=len(fit.benchmarks)))
    by_name = sorted(taken.tolist(), key=lambda at: fit.benchmarks[at])
    column = {name: at for at, name in enumerate(draws.benchmarks)}
    order = [column[name] for name in fit.benchmarks]
    drawn = np.empty((min(replicates, len(draws.ability)), len(scope.models)))
    weight = np.zeros(len(fit.benchmarks))
    for nth in range(len(drawn)):
        weight[by_name] = rng.exponential(size=len(by_name))
        difficulty, slope = (part[[nth]][:, order].astype(float) for part in (draws.difficulty, draws.slope))
        drawn[nth] = scope.solve(difficulty, slope, (scope.weight * weight[scope.benchmark])[None])[0]
    at = {name: place for place, name in enumerate(scope.models)}
    return {meter: _deltas(meter, rows, at, centre, drawn) for meter in meters}


def _label(meter: Meter, part: str, model: str) -> str:
    return f"{meter.value} {part} {model}"


def _split(observations: Sequence[Observation], meter: Meter, unseen: Unseen, min_scores: int) -> list[Observation]:
    """Every model with enough scores on both parts as two takers, one for each part."""
    parts: dict[str, tuple[list[Observation], list[Observation]]] = {}
    for row in observations:
        side = unseen(row.model, row.benchmark)
        if side is not None:
            parts.setdefault(row.model, ([], []))[0 if side else 1].append(row)
    return [
        Observation(_label(meter, part, model), row.benchmark, row.value, row.weight)
        for model, both in parts.items()
        if min(map(len, both)) >= min_scores
        for part, rows in zip(_PARTS, both, strict=True)
        for row in rows
    ]


def _deltas(meter: Meter, rows: Sequence[Observation], at: Mapping[str, int], centre: Floats, drawn: Floats) -> Deltas:
    taken: dict[str, set[str]] = {}
    for row in rows:
        taken.setdefault(row.model, set()).add(row.benchmark)
    head = _label(meter, _PARTS[0], "")
    models = tuple(label.removeprefix(head) for label in at if label.startswith(head))
    labels = [[_label(meter, part, model) for model in models] for part in _PARTS]
    first, second = ([at[label] for label in part] for part in labels)
    both = [tuple(frozenset(taken[label]) for label in pair) for pair in zip(*labels, strict=True)]
    return Deltas(
        models=models,
        counts=tuple((len(a), len(b)) for a, b in both),
        benchmarks=tuple((a, b) for a, b in both),
        value=centre[first] - centre[second],
        drawn=drawn[:, first] - drawn[:, second],
    )


def by_lab(found: Mapping[Meter, Deltas], lab_of: Mapping[str, str], *, min_models: int = MIN_MODELS) -> list[LabDelta]:
    """Every lab under every meter, corrected by Holm's procedure over all of these tests together: by meter, the lab
    with most models first."""
    rows = []
    for meter, deltas in found.items():
        labs: dict[str, list[int]] = {}
        for at, model in enumerate(deltas.models):
            labs.setdefault(lab_of[model], []).append(at)
        rows += [_lab(lab, meter, deltas, own, min_models) for lab, own in labs.items()]
    tested = [at for at, row in enumerate(rows) if row.chance is not None]
    corrected = holm([rows[at].chance or 0.0 for at in tested])
    for at, chance in zip(tested, corrected, strict=True):
        rows[at] = replace(rows[at], corrected=chance)
    order = list(found)
    return sorted(rows, key=lambda row: (order.index(row.meter), -row.models, row.lab))


def everyone(found: Mapping[Meter, Deltas]) -> list[LabDelta]:
    """The mean over all models of all labs, which no test is made of: what a lab's own is to be read beside."""
    return [
        _lab("", meter, deltas, list(range(len(deltas.models))), len(deltas.models) + 1)
        for meter, deltas in found.items()
        if deltas.models
    ]


def _lab(lab: str, meter: Meter, deltas: Deltas, own: list[int], min_models: int) -> LabDelta:
    drawn = deltas.drawn[:, own].mean(axis=1)
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(drawn, (tail, 1.0 - tail))
    error = float(drawn.std(ddof=1))
    value = float(deltas.value[own].mean())
    unseen, seen = (len(frozenset().union(*(deltas.benchmarks[at][part] for at in own))) for part in (0, 1))
    # What is resampled are benchmarks: the smaller part says how much is known of the error itself.
    chance = two_sided(value, error, min(unseen, seen) - 1) if len(own) >= min_models else None
    return LabDelta(lab, meter, len(own), (unseen, seen), value, float(low), float(high), error, chance)
