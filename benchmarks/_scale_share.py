"""One index run in a process of its own, `python -m benchmarks._scale_share [headline]`: what each part of it took.

Seconds are the processor's: neighbours on the machine do not lengthen them."""

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landscape.settings")
django.setup()

from django.utils import timezone  # noqa: E402  its settings are read first

from tracker.models import IndexRun  # noqa: E402
from tracker.pipeline import benchmaxxing, fitting, recompute, second_index  # noqa: E402

# Each figure's name in the report, and the function that it times where the run looks it up.
PARTS: tuple[tuple[str, ModuleType | type, str], ...] = (
    ("beliefs", recompute, "beliefs"),
    ("observations", fitting, "observations_of"),
    ("one fit", recompute.drawing, "fit"),
    ("draws", recompute.drawing, "bootstrap"),
    ("fits without a benchmark", recompute.drawing, "leave_one_out"),
    ("packing the draws", recompute.drawing, "packed_draws"),
    ("draws as they are read back", recompute.drawing, "fit_of"),
    ("conflicts", recompute.conflicts, "refresh"),
    ("fingerprint of the evidence", recompute.unchanged, "evidence"),
    ("models' states", recompute, "model_states"),
    ("benchmarks' states", recompute, "benchmark_states"),
    ("openness", recompute.openness, "compute"),
    ("questions", recompute, "_report"),
    ("second index", second_index.InSteps, "_step"),
    ("second index, its report", second_index.InSteps, "report"),
    ("benchmaxxing", benchmaxxing.InSteps, "_step"),
    ("benchmaxxing, its report", benchmaxxing.InSteps, "report"),
    ("replays", recompute.replays, "of_scope"),
    ("claims", recompute.claims, "judge"),
    ("forecasts", recompute.forecasts, "register"),
    ("insights", recompute.insights, "find"),
    ("forgetting", recompute, "forget"),
)
Maker = Callable[..., Any]


class Watch:
    """Seconds and calls by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)

    def timed(self, title: str, made: Maker) -> Maker:
        @wraps(made)
        def wrapped(*args: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return made(*args, **named)
            finally:
                self.seconds[title] += time.process_time() - began
                self.calls[title] += 1

        return wrapped

    def watch(self) -> None:
        for title, module, name in PARTS:
            setattr(module, name, self.timed(title, getattr(module, name)))
        for kind, listed in (("report", "of_the_fit"), ("report", "of_the_answers"), ("part", "parts")):
            self._watch_list(kind, listed)

    def _watch_list(self, kind: str, listed: str) -> None:
        original = getattr(recompute, listed)

        def listing() -> tuple[tuple[str, Maker], ...]:
            return tuple((name, self.timed(f"{kind} {name}", made)) for name, made in original())

        setattr(recompute, listed, listing)


def memory(field: str) -> float:
    """Megabytes of this process; getrusage would count its parent's, from before the exec."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(dict(line.split(":", 1) for line in lines)[field].split()[0]) / 1024


def main() -> None:
    watch, began, worked = Watch(), time.perf_counter(), time.process_time()
    watch.watch()
    resting = memory("VmRSS")
    watch.timed("planning", recompute.plan)(now=timezone.now())
    run = IndexRun.objects.filter(historic=False).exclude(state=IndexRun.State.DONE).latest("known_at")
    if run.state == IndexRun.State.DUE:
        recompute.headline(run.pk, clock=timezone.now, by="benchmark")
    headline = time.process_time() - worked
    turns, longest, more = 0, 0.0, sys.argv[1:] != ["headline"]
    while more:
        turn = time.process_time()
        more = recompute.advance(run.pk, clock=timezone.now, by="benchmark")
        turns += 1
        longest = max(longest, time.process_time() - turn)
    run.refresh_from_db()
    told = {
        "wall": time.perf_counter() - began, "worked": time.process_time() - worked, "headline": headline,
        "turns": turns, "longest_turn": longest,
        "state": run.state, "error": run.last_error, "observations": run.observations, "draws": run.draws,
        "parts": dict(watch.seconds), "calls": dict(watch.calls),
        "resting_mb": resting, "peak_mb": memory("VmHWM"),
    }  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main()
