"""What an earlier run answered from the very same evidence: its answers are taken over instead of being made again."""

import hashlib
import platform
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.db import connection

from tracker.models import Benchmark, GapResult, IndexDraws, IndexRun, RunReport, Setting
from tracker.pipeline import benchmark_health, benchmaxxing, second_index
from tracker.pipeline.beliefs import Beliefs

CODE: Final = Path(__file__).resolve().parents[1]
# The reports that rest on nothing but what the fingerprint holds.
REPORTS: Final = (second_index.NAME, benchmark_health.NAME, benchmaxxing.NAME)


@cache
def code_version() -> str:
    """Of everything that computes: other code, or another NumPy, may answer otherwise."""
    found = hashlib.sha256(f"{platform.python_version()} {np.__version__}".encode())
    for folder in ("domain", "pipeline", "models"):
        for file in sorted((CODE / folder).rglob("*.py")):
            found.update(file.relative_to(CODE).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def evidence(run: IndexRun, known: Beliefs, drawn_from: str) -> str:
    """The fingerprint of all that the run's answers follow from: the code, the draws, the days that lags are counted
    to, every believed model with its date and its openness, every believed score, each benchmark's and each setting's
    definition. Prices, news and texts are no part of it. What cannot matter to one question may be in it all the same:
    then that one is answered once more than it needed to be."""
    told: list[Any] = [
        code_version(), run.method, run.historic, run.as_of.isoformat(), drawn_from,
        sorted({day.isoformat() for day in _days(run)}),
        [_model(known, slug) for slug in sorted(known.models)],
        list(Benchmark.objects.order_by("pk").values_list()),
        list(Setting.objects.order_by("pk").values_list()),
        list(known.scores.models), list(known.scores.benchmarks),
    ]  # fmt: skip
    found = hashlib.sha256()
    for part in told:
        found.update(repr(part).encode() + b"\0")
    scores = known.scores
    for column in (scores.model, scores.benchmark, scores.setting, scores.value, scores.stderr, scores.feeds_index):
        found.update(column.tobytes() + b"\0")
    return found.hexdigest()


def _days(run: IndexRun) -> Any:
    """The days that earlier runs counted to, which the default question is asked of again."""
    earlier = IndexRun.objects.filter(known_at__lte=run.known_at, as_of__lte=run.as_of)
    return earlier.order_by("as_of").values_list("as_of", flat=True).distinct()


def _model(known: Beliefs, slug: str) -> tuple[Any, ...]:
    model = known.models[slug]
    release = sorted((name, str(value)) for name, value in model.release.values.items())
    means = None if model.open_means is None else tuple(one.value for one in model.open_means)
    return model.id, slug, model.name, model.lab, model.region, model.family, release, means


def before(run: IndexRun, fingerprint: str) -> IndexRun | None:
    """The newest other run that answered from the same evidence."""
    same = IndexRun.objects.filter(draw_arrays__answered_from=fingerprint, method=run.method, draws__isnull=False)
    return same.exclude(pk=run.pk).exclude(state=IndexRun.State.DUE).order_by("-known_at").first()


def remember(run: IndexRun, fingerprint: str) -> None:
    """What the run's answers follow from, for the runs after it."""
    IndexDraws.objects.filter(run=run).update(answered_from=fingerprint)


def headline(earlier: IndexRun) -> dict[str, Any] | None:
    """The earlier run's answer to the first question, to stand on again."""
    asked = GapResult.objects.filter(run=earlier, scope="all", open_means="weights", region="", max_parameters=0)
    report: dict[str, Any] | None = asked.values_list("report", flat=True).first()
    return report


def take_over(run: IndexRun, earlier: IndexRun) -> None:
    """Every answer that the earlier run has and this one has not, without one of them leaving the database."""
    answers, reports = GapResult._meta.db_table, RunReport._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {answers} (run_id, scope, open_means, region, max_parameters, report, shown)
            SELECT %s, scope, open_means, region, max_parameters, report, shown FROM {answers} WHERE run_id = %s
            ON CONFLICT DO NOTHING
            """,  # noqa: S608  a table of ours
            [run.pk, earlier.pk],
        )
        cursor.execute(
            f"""
            INSERT INTO {reports} (run_id, name, report)
            SELECT %s, name, report FROM {reports} WHERE run_id = %s AND name = ANY(%s)
            ON CONFLICT DO NOTHING
            """,  # noqa: S608
            [run.pk, earlier.pk, list(REPORTS)],
        )
