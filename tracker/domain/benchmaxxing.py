"""Whether models do better on questions they can have seen: each model's place on one part of its benchmarks minus its
place on the other, and what that comes to lab by lab."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from tracker.domain.frontier import Floats
from tracker.domain.index import IndexFit, Observation
from tracker.domain.index_draws import LEVEL, Draws
from tracker.domain.many_tests import FAMILY_ERROR, holm, two_sided
from tracker.domain.scoped import Scope, bounds_of, clipped

MIN_SCORES: Final = 3  # on each part: with fewer one benchmark is the answer
MIN_MODELS: Final = 3
REPLICATES: Final = 100
SEED: Final = 20260809
_ASIDE: Final = 2  # neither unseen nor seen


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


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """Every model with enough scores on both parts of its benchmarks, meter by meter, as two takers beside each other:
    the index's curves stay, and the ability of each taker is fitted. `models` are those of each meter, `chance` weighs
    the benchmarks in each replicate."""

    fit: IndexFit
    draws: Draws
    models: Mapping[Meter, tuple[str, ...]]
    scope: Scope
    chance: Floats

    @property
    def replicates(self) -> int:
        """How many there are; none where nobody has scores enough."""
        return len(self.chance) if self.scope.models else 0

    def drawn(self, numbers: range) -> Floats:
        """The deltas of all models of all meters in some replicates, a row each. A row follows from its number.

        A replicate takes its curves from a draw of the run and weighs every benchmark anew, the same for all models
        (the Bayesian bootstrap): a lab's models share their benchmarks, so that drawing each model's scores for itself
        would make the mean of many models look sure though it rests on few benchmarks.
        """
        column = {name: at for at, name in enumerate(self.draws.benchmarks)}
        order = [column[name] for name in self.fit.benchmarks]
        found = np.empty((len(numbers), len(self.scope.models) // 2))
        for row, nth in enumerate(numbers):
            difficulty, slope = (
                part[[nth]][:, order].astype(float) for part in (self.draws.difficulty, self.draws.slope)
            )
            weights = self.scope.weight * self.chance[nth][self.scope.benchmark]
            found[row] = _apart(self.scope.solve(difficulty, slope, weights[None])[0])
        return found

    def deltas(self, drawn: Floats) -> dict[Meter, Deltas]:
        """By meter what all replicates come to."""
        if not self.replicates:
            return {meter: Deltas.none() for meter in self.models}
        scope = self.scope
        centre = _apart(scope.solve(self.fit.difficulty[None], self.fit.slope[None], scope.weight[None])[0])
        parts = np.split(scope.benchmark, np.cumsum(scope.counts)[:-1])
        taken = [frozenset(self.fit.benchmarks[at] for at in part.tolist()) for part in parts]
        found, first = {}, 0
        for meter, models in self.models.items():
            own = slice(first, first + len(models))
            both = list(
                zip(taken[2 * own.start : 2 * own.stop : 2], taken[2 * own.start + 1 : 2 * own.stop : 2], strict=True)
            )
            counts = tuple((len(unseen), len(seen)) for unseen, seen in both)
            found[meter] = Deltas(models, counts, tuple(both), centre[own], drawn[:, own])
            first = own.stop
        return found


def _apart(abilities: Floats) -> Floats:
    """Each model's ability on the unseen part minus that on the seen one."""
    found: Floats = abilities[::2] - abilities[1::2]
    return found


def halved(
    fit: IndexFit,
    draws: Draws,
    observations: Sequence[Observation],
    meters: Mapping[Meter, Unseen],
    *,
    min_scores: int = MIN_SCORES,
    replicates: int = REPLICATES,
    seed: int = SEED,
) -> Halves:
    """The scores made ready for all replicates."""
    names = tuple(dict.fromkeys(row.model for row in observations))
    place = {name: at for at, name in enumerate(names)}
    exam = {name: at for at, name in enumerate(fit.benchmarks)}
    model = np.array([place[row.model] for row in observations], dtype=np.intp)
    benchmark = np.array([exam[row.benchmark] for row in observations], dtype=np.intp)
    chosen, counts = [], []
    models: dict[Meter, tuple[str, ...]] = {}
    for meter, unseen in meters.items():
        told = [unseen(row.model, row.benchmark) for row in observations]
        part = np.array([_ASIDE if one is None else 0 if one else 1 for one in told], dtype=np.intp)
        many = np.bincount(2 * model[part != _ASIDE] + part[part != _ASIDE], minlength=2 * len(names)).reshape(-1, 2)
        kept = many.min(axis=1, initial=len(observations)) >= min_scores
        rows = np.flatnonzero((part != _ASIDE) & kept[model])
        chosen.append(rows[np.argsort(2 * model[rows] + part[rows], kind="stable")])
        counts.append(many[kept].ravel())
        models[meter] = tuple(names[at] for at in np.flatnonzero(kept).tolist())
    rows = np.concatenate([np.empty(0, dtype=np.intp), *chosen])
    count = np.concatenate([np.empty(0, dtype=np.intp), *counts])
    scope = Scope(
        models=tuple(name for own in models.values() for name in own for _ in range(2)),
        counts=tuple(count.tolist()),
        model=np.repeat(np.arange(len(count)), count),
        benchmark=benchmark[rows],
        value=clipped([row.value for row in observations])[rows],
        weight=np.array([row.weight for row in observations], dtype=float)[rows],
        bounds=bounds_of(fit),
    )
    taken = np.flatnonzero(np.bincount(scope.benchmark, minlength=len(fit.benchmarks)))
    by_name = sorted(taken.tolist(), key=lambda at: fit.benchmarks[at])
    chance = np.zeros((min(replicates, len(draws.ability)), len(fit.benchmarks)))
    chance[:, by_name] = np.random.default_rng(seed).exponential(size=(len(chance), len(by_name)))
    return Halves(fit, draws, models, scope, chance)


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
