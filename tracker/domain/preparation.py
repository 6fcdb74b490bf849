"""What becomes of raw scores before the index is fitted: normalised, filtered, one per model and benchmark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.index import IndexInputError, Observation
from tracker.domain.solver import Floats

EARLIEST: Final = date(2023, 1, 1)  # the published index starts here
MIN_BENCHMARKS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class RawScores:
    """Scores in the benchmarks' own units as columns, for there are millions: `model` and `benchmark` are places among
    the names, `released` the day of the model's release as an ordinal, 0 without one. A name that stands for several
    models is a release group that all its versions share."""

    models: Sequence[str]
    benchmarks: Sequence[str]
    model: NDArray[np.integer[Any]]
    benchmark: NDArray[np.integer[Any]]
    value: Floats
    released: NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Measure:
    """How a benchmark's raw scores become 0..1: `scale` makes them fractions, `floor` is chance, `ceiling` the best
    attainable. A group with a score on `superseded_by` does not keep the one on this benchmark."""

    scale: float = 1.0
    floor: float = 0.0
    ceiling: float = 1.0
    superseded_by: str = ""


def prepare(
    scores: RawScores,
    measures: Mapping[str, Measure],
    *,
    earliest: date | None = EARLIEST,
    min_benchmarks: int = MIN_BENCHMARKS,
) -> list[Observation]:
    """The observations of the index, by model and benchmark: the best of each group's versions and settings.

    Scores of models released before `earliest`, or without a date, are left out first; then superseded benchmarks
    where the replacement exists; then models with fewer than `min_benchmarks` benchmarks. Scores on benchmarks without
    a measure, and values that are no number, are left out. Raises IndexInputError on a measure without a span.
    """
    models, model = _named(scores.models, scores.model)
    names, benchmark = _named(scores.benchmarks, scores.benchmark)
    measured = np.array([name in measures for name in names], dtype=bool)
    counted = measured[benchmark] & np.isfinite(scores.value)
    if earliest is not None:
        counted &= scores.released >= earliest.toordinal()
    pair = (model * len(names) + benchmark)[counted]
    order = np.argsort(pair, kind="stable")
    pair, first = np.unique(pair[order], return_index=True)
    group, exam = np.divmod(pair, max(1, len(names)))
    value = _normalised(scores.value[counted], benchmark[counted], [measures.get(name) for name in names])
    best = np.maximum.reduceat(value[order], first) if len(first) else value
    place = {name: at for at, name in enumerate(names)}
    instead = np.array(
        [place.get(measures[name].superseded_by, -1) if name in measures else -1 for name in names], dtype=np.int64
    )
    kept = (instead[exam] < 0) | ~np.isin(group * len(names) + instead[exam], pair)
    kept &= np.bincount(group[kept], minlength=len(models))[group] >= min_benchmarks
    told = zip(group[kept].tolist(), exam[kept].tolist(), best[kept].tolist(), strict=True)
    return [Observation(models[at], names[nth], one) for at, nth, one in told]


def _named(names: Sequence[str], places: NDArray[np.integer[Any]]) -> tuple[list[str], NDArray[np.int64]]:
    """The names in the order of the alphabet, each once, and the places among these."""
    known = sorted(set(names))
    at = {name: place for place, name in enumerate(known)}
    return known, np.array([at[name] for name in names], dtype=np.int64)[places]


def _normalised(value: Floats, benchmark: NDArray[np.int64], measures: Sequence[Measure | None]) -> Floats:
    found = np.empty(len(value))
    order = np.argsort(benchmark, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(benchmark[order])) + 1):
        if len(rows) and (measure := measures[benchmark[rows[0]]]) is not None:
            found[rows] = normalise(value[rows], measure)
    return found


def normalise(value: Floats, measure: Measure) -> Floats:
    """(value * scale - floor) / (ceiling - floor), kept within 0..1."""
    span = measure.ceiling - measure.floor
    if not span > 0:
        raise IndexInputError(f"ceiling {measure.ceiling} is not above chance {measure.floor}")
    # Nothing below nothing: a zero has no sign.
    found: Floats = np.clip((value * measure.scale - measure.floor) / span, 0.0, 1.0) + 0.0
    return found
