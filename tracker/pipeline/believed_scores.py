"""What is believed of millions of scores: chosen by the database, brought over by COPY, held as columns."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db.models import Case, IntegerField, Value, When
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from tracker.models import AIModel, Benchmark, Score, Source
from tracker.pipeline.copying import copied

# The documents whose scores make the index: one harness or one board each, curated by one publisher. What labs report
# of themselves in model files is shown beside them, never fitted.
INDEX_SOURCES: Final = frozenset({"epoch_benchmarks", "epoch_panel", "own_evals"})

Slugged = type[AIModel] | type[Benchmark] | type[Source]
_AT_ONCE: Final = 100_000  # rows that are Python's objects at a time


@dataclass(frozen=True, slots=True)
class BelievedScore:
    """One believed score, ready for the index. `feeds_index` is False for what only the pages show; `setting` is the
    id of its setting, written out."""

    model: str
    benchmark: str
    value: float
    stderr: float | None
    feeds_index: bool
    setting: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The believed scores as columns, for there are millions: `model` and `benchmark` are places among the slugs.
    Whoever goes through them gets one after another."""

    models: Sequence[str]
    benchmarks: Sequence[str]
    model: NDArray[np.int32]
    benchmark: NDArray[np.int32]
    setting: NDArray[np.int32]
    value: NDArray[np.float64]
    stderr: NDArray[np.float64]
    feeds_index: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[BelievedScore]:
        for first in range(0, len(self), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            columns = (self.model, self.benchmark, self.value, self.stderr, self.feeds_index, self.setting)
            for model, benchmark, value, stderr, feeds, setting in zip(
                *(column[some].tolist() for column in columns), strict=True
            ):
                error = None if stderr != stderr else stderr
                yield BelievedScore(self.models[model], self.benchmarks[benchmark], value, error, feeds, str(setting))

    def feeding(self) -> "Scores":
        """Those that feed the index."""
        return self.only(self.feeds_index)

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Scores":
        """Those that are chosen, or that stand at these places, in their order."""
        columns = ("model", "benchmark", "setting", "value", "stderr", "feeds_index")
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})

    def best(self, lower: Collection[str] = ()) -> "Scores":
        """Of each model on each benchmark the best, benchmark by benchmark; less is better on those in `lower`."""
        sign = np.array([1.0 if slug in lower else -1.0 for slug in self.benchmarks])
        order = np.lexsort((sign[self.benchmark] * self.value, self.model, self.benchmark))
        model, benchmark = self.model[order], self.benchmark[order]
        new = np.ones(len(order), dtype=bool)
        new[1:] = (model[1:] != model[:-1]) | (benchmark[1:] != benchmark[:-1])
        return self.only(order[new])


def counted(scores: Scores) -> tuple[dict[str, int], dict[str, int]]:
    """By model's slug how many scores and on how many benchmarks."""
    pairs = np.unique(scores.model.astype(np.int64) * max(1, len(scores.benchmarks)) + scores.benchmark)
    models = pairs // max(1, len(scores.benchmarks))
    return tuple(  # type: ignore[return-value]
        {scores.models[at]: many for at, many in enumerate(np.bincount(rows).tolist()) if many}
        for rows in (scores.model, models)
    )


def believed_columns(known_at: datetime | None) -> Scores:
    """One score per model, benchmark and setting, as domain.evidence chooses it; what feeds the index is chosen among
    the index's sources only."""
    facts = Score.objects.known(known_at).filter(endpoint__source__may_display=True)
    feeding = When(endpoint__source__slug__in=INDEX_SOURCES, then=1)
    told = facts.annotate(
        feeds=Case(feeding, default=0, output_field=IntegerField()), error=Coalesce("stderr", Value(math.nan))
    )
    same = ("feeds", "model_id", "benchmark_id", "setting_id")
    best = Score.objects.believed(told, *same)
    rows = copied(best, {**dict.fromkeys(same, "int4"), "value": "float8", "error": "float8"})
    models, model = slugs_of(AIModel, rows["model_id"])
    benchmarks, benchmark = slugs_of(Benchmark, rows["benchmark_id"])
    return Scores(
        models=models,
        benchmarks=benchmarks,
        model=model,
        benchmark=benchmark,
        setting=rows["setting_id"].astype(np.int32),
        value=rows["value"].astype(np.float64),
        stderr=rows["error"].astype(np.float64),
        feeds_index=rows["feeds"] == 1,
    )


def slugs_of(kind: Slugged, ids: NDArray[Any]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """The slugs of the rows that are there, and each id's place among them."""
    own = ids.astype(np.int64)
    there = np.zeros(int(own.max(initial=0)) + 1, dtype=bool)
    there[own] = True
    slugs = dict(kind._default_manager.values_list("pk", "slug"))
    return tuple(slugs[pk] for pk in np.flatnonzero(there).tolist()), (np.cumsum(there) - 1)[own].astype(np.int32)
