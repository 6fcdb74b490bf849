"""A run's observations as columns, and which of them the clock of raw scores reads for one question."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.domain.clock import BenchmarkScore, telling
from tracker.domain.frontier import Release
from tracker.domain.index import Observation
from tracker.domain.solver import Floats, Ints


@dataclass(frozen=True, slots=True)
class Columns:
    """Observations as they are, and beside them their columns: `model` and `benchmark` are places among the names,
    which stand in the order of the alphabet."""

    rows: list[Observation]
    models: tuple[str, ...]
    benchmarks: tuple[str, ...]
    model: Ints
    benchmark: Ints
    value: Floats

    @classmethod
    def of(cls, rows: list[Observation]) -> "Columns":
        models, benchmarks = sorted({row.model for row in rows}), sorted({row.benchmark for row in rows})
        model_at, benchmark_at = ({name: at for at, name in enumerate(names)} for names in (models, benchmarks))
        return cls(
            rows,
            tuple(models),
            tuple(benchmarks),
            np.array([model_at[row.model] for row in rows], dtype=np.intp),
            np.array([benchmark_at[row.benchmark] for row in rows], dtype=np.intp),
            np.array([row.value for row in rows], dtype=float),
        )

    def read_by_a_clock(self, inside: NDArray[np.bool_], releases: Sequence[Release]) -> tuple[BenchmarkScore, ...]:
        """Of the rows that are `inside` those that the clock of these releases reads, as its objects."""
        of = {release.model: release for release in releases}
        known = [of.get(name) for name in self.models]
        released = np.array([one.released_on.toordinal() if one else 0 for one in known], dtype=np.intp)
        opened = np.array([bool(one and one.open) for one in known], dtype=bool)
        some = np.flatnonzero(inside & np.array([one is not None for one in known], dtype=bool)[self.model])
        model, benchmark = self.model[some], self.benchmark[some]
        chosen = some[telling(2 * benchmark + opened[model], released[model], self.value[some], model)]
        return tuple(
            BenchmarkScore(row.benchmark, row.model, one.released_on, one.open, row.value)
            for row in (self.rows[at] for at in chosen.tolist())
            for one in (of[row.model],)
        )
