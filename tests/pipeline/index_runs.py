"""Six models on five exams, and index runs of them: brought to their end, and all that they show."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from types import ModuleType
from typing import Any

from tests.pipeline.steps import at, killed_when_made, take_in
from tests.pipeline.vintages import OFFERS, PANEL, PRICES, Line, field_of, panel, prices
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


def headlined(lines: Sequence[Line]) -> IndexRun:
    """A run over these scores with its headline, and nothing else."""
    take_in(PRICES, prices(*OPENS), at(1))
    take_in(PANEL, panel(*lines), at(2))
    recompute.plan(now=at(3))
    run = IndexRun.objects.get(historic=False)
    recompute.headline(run.pk, clock=clock_at(at(3)), by="worker")
    run.refresh_from_db()
    return run


DOOMED = """
from django.db import transaction
from tracker.models import IndexRun
from tracker.pipeline import drawing, {report} as report, {module} as module
module.{size} = {value}
run = IndexRun.objects.get(pk={pk})
steps = report.InSteps(run, drawing.fit_of(run)).steps()
for _ in range({steps}):
    next(steps)()
with transaction.atomic():
    next(steps)()
    print("made", flush=True)
    sys.stdin.read()
"""


def kill_within(run: IndexRun, report: ModuleType, *, steps: int, module: ModuleType, size: str, value: int) -> None:
    """A real process takes so many steps of a report and is killed within the next, which is made and not stored;
    `size` in `module` is how much a step does."""
    names = [each.__name__.rpartition(".")[2] for each in (report, module)]
    told = dict(zip(("report", "module"), names, strict=True))
    killed_when_made(DOOMED.format(**told, size=size, value=value, pk=run.pk, steps=steps))


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
