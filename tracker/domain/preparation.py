"""What becomes of raw scores before the index is fitted: normalised, filtered, one per model and benchmark."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from tracker.domain.index import IndexInputError, Observation

EARLIEST: Final = date(2023, 1, 1)  # the published index starts here
MIN_BENCHMARKS: Final = 4


@dataclass(frozen=True, slots=True)
class RawScore:
    """A score in the benchmark's own unit; `model` is the release group that all versions and settings share."""

    model: str
    benchmark: str
    value: float
    released_on: date | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """How a benchmark's raw scores become 0..1: `scale` makes them fractions, `floor` is chance, `ceiling` the best
    attainable. A group with a score on `superseded_by` does not keep the one on this benchmark."""

    scale: float = 1.0
    floor: float = 0.0
    ceiling: float = 1.0
    superseded_by: str = ""


def prepare(
    scores: Iterable[RawScore],
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
    best: dict[str, dict[str, float]] = {}
    for score in scores:
        measure = measures.get(score.benchmark)
        if measure is None or not math.isfinite(score.value):
            continue
        if earliest is not None and (score.released_on is None or score.released_on < earliest):
            continue
        value = normalise(score.value, measure)
        group = best.setdefault(score.model, {})
        group[score.benchmark] = max(value, group.get(score.benchmark, 0.0))
    observations = []
    for model in sorted(best):
        kept = {name: value for name, value in best[model].items() if measures[name].superseded_by not in best[model]}
        if len(kept) >= min_benchmarks:
            observations += [Observation(model, name, kept[name]) for name in sorted(kept)]
    return observations


def normalise(value: float, measure: Measure) -> float:
    """(value * scale - floor) / (ceiling - floor), kept within 0..1."""
    span = measure.ceiling - measure.floor
    if not span > 0:
        raise IndexInputError(f"ceiling {measure.ceiling} is not above chance {measure.floor}")
    return min(1.0, max(0.0, (value * measure.scale - measure.floor) / span))
