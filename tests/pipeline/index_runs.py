"""Six models on five exams, and index runs of them: brought to their end, and all that they show."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.pipeline.vintages import OFFERS, Line, field_of
from tracker.models import BenchmarkState, DrawSlice, GapResult, IndexRun, ModelState
from tracker.pipeline import recompute

EXAMS = ("gpqa_diamond", "math_level_5", "frontiermath", "chess_puzzles", "simpleqa_verified")
MODELS = (
    Line("claude-example-3", "", 0.62, released="2025-02-01"),
    Line("gpt-example", "", 0.74, released="2025-08-07"),
    Line("gpt-example-mini", "", 0.58, released="2025-08-07"),
    Line("claude-example-4", "", 0.86, released="2026-01-15"),
    Line("deepseek-example", "", 0.81, released="2026-03-01"),
    Line("deepseek-example-lite", "", 0.52, released="2025-05-01"),
)
SCORES = tuple(replace(line, score=round(line.score - 0.003 * n, 4)) for n, line in enumerate(field_of(MODELS, EXAMS)))
OPENS = (
    *OFFERS,
    replace(OFFERS[2], name="deepseek-example-lite", released="2025-05-01"),
)


def clock_at(when: datetime) -> Callable[[], datetime]:
    return lambda: when


def finish(run: IndexRun, when: datetime, by: str = "worker") -> IndexRun:
    while recompute.advance(run.pk, clock=clock_at(when), by=by):
        pass
    return IndexRun.objects.get(pk=run.pk)


def results(run: IndexRun) -> dict[str, list[Any]]:
    """Everything that a run shows, by natural keys."""
    answers = GapResult.objects.filter(run=run).order_by("scope", "open_means", "region", "max_parameters")
    states = ModelState.objects.filter(run=run).order_by("model__slug")
    exams = BenchmarkState.objects.filter(run=run).order_by("benchmark__slug")
    return {
        "answers": list(answers.values_list("scope", "open_means", "region", "max_parameters", "report")),
        "models": list(states.values_list("model__slug", "released_on", "access", "value", "low", "high", "frontier")),
        "benchmarks": list(exams.values_list("benchmark__slug", "difficulty", "slope", "best_open", "best_closed")),
    }


def drawn(run: IndexRun) -> list[tuple[str, int, int, bytes]]:
    """The slices that hold the run's draws, byte for byte."""
    slices = DrawSlice.objects.filter(drawn_from=run.draw_arrays.drawn_from).order_by("kind", "first")
    return [(row.kind, row.first, row.count, bytes(row.packed)) for row in slices]
