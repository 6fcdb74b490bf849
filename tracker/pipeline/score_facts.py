"""Score facts by the hundred thousand: the database chooses which are believed, and only what is asked for becomes an
object."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from tracker.domain.evidence import EVALUATOR_RANK, ScoreFact
from tracker.models import AIModel, Benchmark, Score, Source
from tracker.pipeline.believed_scores import slugs_of
from tracker.pipeline.copying import copied

_SAME: Final = ("model_id", "benchmark_id", "setting_id")
_COLUMNS: Final = {
    "id": "int8", **dict.fromkeys((*_SAME, "told_by", "evaluator_rank"), "int4"), "value": "float8", "error": "float8",
    "known_from": "timestamptz",
}  # fmt: skip
_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)  # of the times of binary COPY
_EVALUATORS: Final = {rank: one for one, rank in EVALUATOR_RANK.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Facts as columns: `model`, `benchmark` and `source` are places among the slugs. Whoever goes through them gets
    one object after another."""

    models: Sequence[str]
    benchmarks: Sequence[str]
    sources: Sequence[str]
    model: NDArray[np.int32]
    benchmark: NDArray[np.int32]
    source: NDArray[np.int32]
    rows: NDArray[Any]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[ScoreFact]:
        columns = (self.rows[name] for name in ("id", "setting_id", "value", "evaluator_rank", "known_from", "error"))
        places = (self.model, self.benchmark, self.source)
        told = zip(*(column.tolist() for column in (*places, *columns)), strict=True)
        for model, benchmark, source, pk, setting, value, evaluator, known, error in told:
            yield ScoreFact(
                id=pk,
                model=self.models[model],
                benchmark=self.benchmarks[benchmark],
                setting=str(setting),
                value=value,
                evaluator=_EVALUATORS[evaluator],
                source=self.sources[source],
                known_from=_BEGINNING + timedelta(microseconds=known),
                stderr=None if error != error else error,
            )

    def only(self, chosen: NDArray[Any]) -> "Facts":
        """Those that are chosen, or at these places."""
        columns = ("model", "benchmark", "source", "rows")
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})

    def measured(self) -> NDArray[np.int64]:
        """A number for each model on each benchmark."""
        found: NDArray[np.int64] = self.model.astype(np.int64) * len(self.benchmarks) + self.benchmark
        return found

    def best(self, signs: Sequence[float]) -> "Facts":
        """Of each model on each benchmark the best under any setting, of equals the one that was stored first; `signs`
        is by benchmark -1 where less is better."""
        signed = np.array(signs)[self.benchmark] * self.rows["value"]
        order = np.lexsort((self.rows["id"], -signed, self.measured()))
        there = self.measured()[order]
        return self.only(order[np.flatnonzero(np.diff(there, prepend=-1))])


def believed_facts(facts: QuerySet[Score], *apart: str) -> Facts:
    """Of these facts the one that is believed of each model, benchmark and setting, as domain.evidence chooses it;
    where they differ in what is annotated under the names `apart`, one of each."""
    same = (*apart, *_SAME)
    told = facts.annotate(told_by=F("endpoint__source_id"), error=Coalesce("stderr", Value(math.nan)))
    columns = {**dict.fromkeys(apart, "int4"), **_COLUMNS}
    rows = copied(Score.objects.believed(told, *same), columns)
    models, model = slugs_of(AIModel, rows["model_id"])
    benchmarks, benchmark = slugs_of(Benchmark, rows["benchmark_id"])
    sources, source = slugs_of(Source, rows["told_by"])
    return Facts(models, benchmarks, sources, model, benchmark, source, rows)
