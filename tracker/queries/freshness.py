"""The tag by which a reader knows whether anything on any page has changed."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from time import monotonic
from typing import Any, ParamSpec, Self, TypeVar

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, Subquery
from django.db.models.expressions import RawSQL
from psycopg import Cursor

from tracker.models import (
    Alarm,
    Alias,
    Benchmark,
    Claim,
    ClaimVerdict,
    Conflict,
    DataVersion,
    Forecast,
    GapResult,
    IndexRun,
    Insight,
    Issue,
    Lab,
    Licence,
    LicenceChange,
    LicenceReading,
    Person,
    ProposedRelease,
    RunReport,
    Scenario,
    Source,
)

# Digested where the rows are: there are hundreds, and this is asked several times a second. Written out, because to
# make it of models takes longer than to answer it.
TOLD_BY_ENDPOINTS = """
(SELECT md5(string_agg((
    e.id, e.checked_at, e.confirmed_at, e.due_at, e.not_before, e.last_error, s.enabled, newest.state
)::text, '' ORDER BY e.id))
FROM tracker_endpoint e JOIN tracker_source s ON s.id = e.source_id
LEFT JOIN LATERAL (
    SELECT state FROM tracker_snapshot WHERE endpoint_id = e.id ORDER BY fetched_at DESC LIMIT 1
) newest ON true)
"""
# Small tables that people and runs write without a new version of the data.
WRITTEN = (
    Alarm, Benchmark, Claim, ClaimVerdict, Conflict, Forecast, Insight, Issue, Lab, Licence, LicenceChange,
    LicenceReading, Person, ProposedRelease, RunReport, Scenario, Source,
)  # fmt: skip
# A page may be as much older than the last commit as this: an eighth of what readers are promised, because what follows
# (the columns brought up to date, the page made) takes its time too where the machine is busy.
AGE = 0.25  # seconds
ANSWERS = 200  # that are held of the questions that every page asks

P = ParamSpec("P")
T = TypeVar("T")

_lock = threading.Lock()
_recent: dict[str, tuple[float, tuple[str | None, str]]] = {}
_making = threading.local()
_answers: OrderedDict[object, Any] = OrderedDict()


def shared() -> bool:
    """Whether what is read now is what everybody reads: inside a transaction it may not be."""
    return not connection.in_atomic_block


@contextmanager
def making(tag: str) -> Iterator[None]:
    """While a page of this state is made. It may be shown for as long as the tag holds, so what it asks may be too."""
    before, _making.tag = getattr(_making, "tag", None), tag
    try:
        yield
    finally:
        _making.tag = before


def once_a_state(question: Callable[P, T]) -> Callable[P, T]:
    """What every page asks is asked once for each state while pages are made, and each time by anybody else."""

    @wraps(question)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        tag = getattr(_making, "tag", None)
        if tag is None or not shared():
            return question(*args, **kwargs)
        key = (str(connection.settings_dict["NAME"]), tag, question, args, tuple(sorted(kwargs.items())))
        with _lock:
            if key in _answers:
                held: T = _answers[key]
                return held
        # Not under the lock: the tag is older than this answer, whoever asked first.
        found = question(*args, **kwargs)
        with _lock:
            _answers[key] = found
            while len(_answers) > ANSWERS:
                _answers.popitem(last=False)
        return found

    return answer


def recent_tag() -> str | None:
    """The state's tag as it was a quarter of a second ago or later: most requests need not ask the database for it."""
    facts, told = _recently()
    return None if facts is None else f"{facts}-{told}"


def recent_facts() -> str | None:
    """The part of it that moves with facts, names and what was computed, and not with every look at a source."""
    return _recently()[0]


def _recently() -> tuple[str | None, str]:
    if not shared():
        return _parts()
    name = str(connection.settings_dict["NAME"])
    with _lock:
        asked, parts = _recent.get(name, (0.0, (None, "")))
        if parts[0] is None or monotonic() - asked > AGE:
            # Taken before the question: what is committed while it is answered is news after that time.
            asked = monotonic()
            parts = _parts()
            _recent[name] = (asked, parts)
        return parts


def _last_write(kind: type[Model]) -> RawSQL:
    """How many rows a table has and which transaction wrote last: no row can come, change or go without either."""
    table = connection.ops.quote_name(kind._meta.db_table)
    return RawSQL(f"(SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM {table})", ())  # noqa: S608, S611


def state_tag() -> str | None:
    """What an ETag is made of, in one query: it changes when public facts, what was computed from them, the names
    of things or the state of the pipeline change. None before anything was stored."""
    facts, told = _parts()
    return None if facts is None else f"{facts}-{told}"


def _parts() -> tuple[str | None, str]:
    """What facts and results are there, and what endpoints tell."""
    with _planned_once() as cursor:
        cursor.execute(*_question())
        found = cursor.fetchone()
    return (None, "") if found is None else (str(found[:-1]), str(found[-1]))


class _Prepared(Cursor[Any]):
    """A cursor whose questions the database plans once a connection, where the settings let it (DATABASE_PREPARE)."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(query, params, **{**options, "prepare": True})


def _planned_once() -> CursorWrapper:
    """Django's cursor in every other way: to plan the tag's question takes ten times as long as to answer it."""
    connection.ensure_connection()
    dress = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    # django-stubs takes a wrapper for what is wrapped.
    return dress(_Prepared(connection.connection))  # type: ignore[arg-type]


@cache
def _question() -> tuple[str, tuple[Any, ...]]:
    runs = IndexRun.objects.exclude(state=IndexRun.State.DUE).order_by("-finished_at", "-pk")
    stored = DataVersion.objects.filter(pk=1).values_list(
        "value",
        Subquery(runs.values("pk")[:1]),
        Subquery(runs.values("state")[:1]),
        # A run that is ready goes on answering questions, each a new row.
        Subquery(GapResult.objects.order_by("-pk").values("pk")[:1]),
        Subquery(Alias.objects.order_by("-pk").values("pk")[:1]),
        *(_last_write(kind) for kind in WRITTEN),
        RawSQL(TOLD_BY_ENDPOINTS, ()),  # noqa: S611
    )
    sql, params = stored.query.sql_with_params()
    return sql, tuple(params)
