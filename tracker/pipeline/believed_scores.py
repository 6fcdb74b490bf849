"""What is believed of millions of scores: chosen by the database, brought over by COPY, held as columns."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import connection
from django.db.models import Case, IntegerField, Value, When
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from tracker.models import AIModel, Benchmark, Score

# The documents whose scores make the index: one harness or one board each, curated by one publisher. What labs report
# of themselves in model files is shown beside them, never fitted.
INDEX_SOURCES: Final = frozenset({"epoch_benchmarks", "epoch_panel", "own_evals"})

# One row of PostgreSQL's binary COPY: a count of fields, then each with its length before it.
_FIELDS: Final = (
    ("model", ">i4"), ("benchmark", ">i4"), ("setting", ">i4"), ("feeds", ">i4"), ("value", ">f8"), ("stderr", ">f8"),
)  # fmt: skip
_ROW: Final = np.dtype(
    [("fields", ">i2"), *(pair for name, kind in _FIELDS for pair in ((f"{name}_length", ">i4"), (name, kind)))]
)
_HEAD: Final = 19  # bytes before the first row
_TAIL: Final = 2  # and after the last
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

    def only(self, chosen: NDArray[np.bool_]) -> "Scores":
        """Those that are chosen."""
        columns = ("model", "benchmark", "setting", "value", "stderr", "feeds_index")
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})


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
    best = Score.objects.believed(told, "feeds", "model_id", "benchmark_id", "setting_id")
    shown = best.values("model_id", "benchmark_id", "setting_id", "feeds", "value", "error")
    rows = _copied(*shown.query.sql_with_params())
    models, model = _slugs(AIModel, rows["model"])
    benchmarks, benchmark = _slugs(Benchmark, rows["benchmark"])
    return Scores(
        models=models,
        benchmarks=benchmarks,
        model=model,
        benchmark=benchmark,
        setting=rows["setting"].astype(np.int32),
        value=rows["value"].astype(np.float64),
        stderr=rows["stderr"].astype(np.float64),
        feeds_index=rows["feeds"] == 1,
    )


def _copied(chosen: str, values: Sequence[Any]) -> NDArray[Any]:
    columns = "model_id::int4, benchmark_id::int4, setting_id::int4, feeds::int4, value::float8, error::float8"
    asked = f"COPY (SELECT {columns} FROM ({chosen}) AS chosen) TO STDOUT (FORMAT BINARY)"  # noqa: S608
    data = bytearray()
    with connection.cursor() as cursor:
        # COPY takes no values beside it.
        whole = connection.ops.compose_sql(asked, values)  # type: ignore[attr-defined]
        with cursor.copy(whole) as copy:
            for part in copy:
                data += part
    rows = np.frombuffer(memoryview(data)[_HEAD : len(data) - _TAIL], _ROW)
    if len(rows) and (rows["fields"] != len(_FIELDS)).any():
        raise ValueError("the database wrote rows of another form than was asked for")
    return rows


def _slugs(kind: type[AIModel] | type[Benchmark], ids: NDArray[Any]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """The slugs of the rows that are there, and each id's place among them."""
    known, places = np.unique(ids, return_inverse=True)
    slugs = dict(kind._default_manager.values_list("pk", "slug"))
    return tuple(slugs[pk] for pk in known.tolist()), places.astype(np.int32)
