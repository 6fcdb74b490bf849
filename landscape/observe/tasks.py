"""What is noted of every task: who asked for it, how long it waited and took, how it ended, and its ids."""

import time
from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from landscape.observe import context, traces
from landscape.observe.counting import COUNTER

# In the message's headers: the run goes from a request or one wake-up of beat's to every task that follows from it.
RUN, SENT_AT = "landscape_run", "landscape_sent_at"
# Arguments that are rows' ids, by what they are called in a line; a task's own "run" is one of the index.
ABOUT = {"endpoint": "endpoint", "snapshot": "snapshot", "run": "index_run"}
OUTCOMES = {"SUCCESS": "success", "FAILURE": "failure", "RETRY": "retry"}

_open: dict[str, tuple[ExitStack, float]] = {}


def sent(headers: MutableMapping[str, Any], *, pulse: Path | None = None) -> None:
    """A message is about to be sent. Beat also leaves its pulse, which shows that it lives when no worker answers."""
    headers[RUN] = context.ids().get("run") or context.new_id()
    headers[SENT_AT] = time.time()
    traces.hand_on(headers)
    if pulse is not None:
        with suppress(OSError):
            pulse.touch()


def began(
    task_id: str, name: str, queue: str, headers: Mapping[str, Any], arguments: Sequence[str], args: Sequence[Any],
    *, redelivered: bool = False,
) -> None:  # fmt: skip
    """A worker takes it up: `arguments` are the names that the task gives to `args`."""
    short = name.rpartition(".")[2]
    COUNTER.add("tasks_started_total", (queue, short))
    sent_at = headers.get(SENT_AT)
    if isinstance(sent_at, int | float) and not redelivered:
        COUNTER.observe("task_wait_seconds", (queue, short), max(0.0, time.time() - sent_at))
    COUNTER.write()
    stack = ExitStack()
    run = headers.get(RUN)
    rows = {ABOUT[name]: value for name, value in zip(arguments, args, strict=False) if name in ABOUT}
    known = isinstance(run, str) and context.well_formed(run)
    stack.enter_context(
        context.about(run=run if known else context.new_id(), task_id=task_id, task=short, queue=queue, **rows)
    )
    stack.enter_context(
        traces.span(short, kind="CONSUMER", parent={k: v for k, v in headers.items() if k == "traceparent"})
    )
    _open[task_id] = (stack, time.perf_counter())


def ended(task_id: str, name: str, queue: str, state: str) -> None:
    """Count how it ended and how long it took, and leave its ids; `state` is Celery's word. A task that was not seen to
    begin has no length."""
    stack, since = _open.pop(task_id, (ExitStack(), 0.0))
    short = name.rpartition(".")[2]
    if since:
        COUNTER.observe("task_seconds", (queue, short), time.perf_counter() - since)
    COUNTER.add("tasks_ended_total", (queue, short, OUTCOMES.get(state, "other")))
    COUNTER.write()
    stack.close()


def killed(task_id: str, name: str, queue: str) -> None:
    """Told by the worker's parent of a task whose process is gone: it took too long, or too much memory."""
    if task_id not in _open:  # else the process itself will say how it ended
        COUNTER.add("tasks_ended_total", (queue, name.rpartition(".")[2], "killed"))
        COUNTER.write()
