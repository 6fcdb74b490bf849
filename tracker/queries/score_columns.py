"""Every score as columns of numbers in this process, brought up to date by what was written since it last looked."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from tracker.domain.records import Evaluator
from tracker.models import Score
from tracker.queries import freshness

Whole = NDArray[np.int32]

# So many times are held at once, now among them.
MOMENTS: Final = 3
# As COPY writes a row in its binary form: how many fields, then each with its length before it.
FIELDS: Final = (
    ("id", ">i8"), ("model", ">i4"), ("benchmark", ">i4"), ("setting", ">i4"), ("endpoint", ">i4"),
    ("evaluator", ">i4"), ("value", ">f8"), ("holds", ">i4"),
)  # fmt: skip
ROW: Final = np.dtype(
    [("fields", ">i2"), *(part for name, kind in FIELDS for part in ((f"{name}_length", ">i4"), (name, kind)))]
)
HEAD, TAIL = 19, 2  # bytes
EVALUATORS: Final = tuple(one.value for one in Evaluator)


@dataclass(frozen=True, slots=True)
class ScoreColumns:
    """The scores known at one time, oldest row first. `evaluator` is a place in EVALUATORS; what was written by the
    transactions before `seen` is in."""

    id: NDArray[np.int64]
    model: Whole
    benchmark: Whole
    setting: Whole
    endpoint: Whole
    evaluator: Whole
    value: NDArray[np.float64]
    seen: int

    def __len__(self) -> int:
        return len(self.id)


_lock = threading.Lock()
_held: OrderedDict[tuple[str, datetime | None], tuple[str, ScoreColumns]] = OrderedDict()


def score_columns(known_at: datetime | None) -> ScoreColumns:
    """The scores known at a time; None is now. Read once for every state of the facts, and of now's only the rest."""
    version = freshness.recent_facts() if freshness.shared() else None
    if version is None:
        # Inside a transaction, or before anything was stored: nobody else may be shown what is read here.
        return _read(known_at)
    key = (str(connection.settings_dict["NAME"]), known_at)
    with _lock:
        at, columns = _held.get(key, ("", None))
        if columns is None or at != version:
            columns = _brought_up(columns) if columns is not None and known_at is None else _read(known_at)
            _held[key] = (version, columns)
        _held.move_to_end(key)
        while len(_held) > MOMENTS:
            _held.popitem(last=False)
        return columns


def _brought_up(before: ScoreColumns) -> ScoreColumns:
    """The columns with what was written since: rows are added and ended, and never taken away."""
    seen = _first_unfinished()
    if seen >> 32 != before.seen >> 32:  # the counter of transactions that rows carry has begun anew
        return _read(None)
    # Ages are numbers for the server; to compare the transactions themselves it would write each out as text.
    rows = _copied("WHERE age(xmin) <= age(%s::text::xid)", [str(before.seen & 0xFFFFFFFF)])
    if not len(rows):
        return replace(before, seen=seen)
    left = ~np.isin(before.id, rows["id"])
    fresh = _columns(rows[rows["holds"] == 1], seen)
    merged = {
        name: np.concatenate([getattr(before, name)[left], getattr(fresh, name)])
        for name in ("id", "model", "benchmark", "setting", "endpoint", "evaluator", "value")
    }
    order = np.argsort(merged["id"], kind="stable")
    return ScoreColumns(**{name: column[order] for name, column in merged.items()}, seen=seen)


def _read(known_at: datetime | None) -> ScoreColumns:
    seen = _first_unfinished()
    if known_at is None:
        rows = _copied("WHERE known_to IS NULL ORDER BY id", [])
    else:
        where = "WHERE known_from <= %s AND (known_to IS NULL OR known_to > %s) ORDER BY id"
        rows = _copied(where, [known_at, known_at])
    return _columns(rows, seen)


def _first_unfinished() -> int:
    """The oldest transaction that may still write: every one before it is over and seen by the next question."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _copied(where: str, values: list[Any]) -> NDArray[Any]:
    table = connection.ops.quote_name(Score._meta.db_table)
    columns = (
        "id, model_id::int4, benchmark_id::int4, setting_id::int4, endpoint_id::int4, "
        "coalesce(array_position(%s::text[], evaluator::text), 1)::int4, value, (known_to IS NULL)::int4"
    )
    asked = f"COPY (SELECT {columns} FROM {table} {where}) TO STDOUT (FORMAT BINARY)"  # noqa: S608
    with connection.cursor() as cursor:
        # COPY takes no values beside it.
        whole = connection.ops.compose_sql(asked, [list(EVALUATORS), *values])  # type: ignore[attr-defined]
        with cursor.copy(whole) as copy:
            data = b"".join(bytes(part) for part in copy)
    rows = np.frombuffer(data[HEAD : len(data) - TAIL], ROW)
    if len(rows) and (rows["fields"] != len(FIELDS)).any():
        raise ValueError("the database wrote rows of another form than was asked for")
    return rows


def _columns(rows: NDArray[Any], seen: int) -> ScoreColumns:
    def whole(name: str) -> Whole:
        return rows[name].astype(np.int32)

    return ScoreColumns(
        id=rows["id"].astype(np.int64),
        model=whole("model"),
        benchmark=whole("benchmark"),
        setting=whole("setting"),
        endpoint=whole("endpoint"),
        evaluator=whole("evaluator") - 1,
        value=rows["value"].astype(np.float64),
        seen=seen,
    )
