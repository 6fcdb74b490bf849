"""The child that runs a model, behind the wall: an engine and the harness, jobs in on one side, answers out on another.

The first line of its standard input is a Plan, every other a Job. Its standard output holds one line of JSON about the
start, then a line an answer as each is finished, and after a job's last one how the job ended. It has no database, no
network but its own, no secret but the key of a hosted endpoint, and it ends when its input does.
"""

import json
import os
import queue
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from tracker.domain.evaluation import Answer, Ready, job_from_json, to_json
from tracker.evals import harness
from tracker.evals.backends.base import Engine, Plan, versions
from tracker.evals.backends.choosing import ENGINES
from tracker.evals.troubles import EngineLost, NoRoom, Trouble

PACKAGES = ("inspect-ai", "openai", "httpx", "reasoning-gym")


class Output:
    """Whole lines on the standard output, which is taken away from everybody else who would print there."""

    def __init__(self) -> None:
        self.descriptor = os.dup(1)
        os.dup2(2, 1)
        self.lock = threading.Lock()

    def line(self, content: bytes) -> None:
        with self.lock:
            while content:
                content = content[os.write(self.descriptor, content) :]

    def say(self, **words: Any) -> None:
        self.line(json.dumps(words, ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    def answer(self, answer: Answer) -> None:
        self.line(to_json(answer))


class Input:
    """Lines of the standard input. Its end means that the worker is gone, and ends us in the middle of anything."""

    def __init__(self) -> None:
        self.lines: queue.Queue[bytes] = queue.Queue()
        self.engine: Engine | None = None
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin.buffer:
            self.lines.put(line)
        if self.engine is not None:
            self.engine.stop()
        os._exit(0)

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield self.lines.get()


def main() -> int:
    """The exit status where the engine did not start. Where it did, jobs are done until the end of the input ends
    us."""
    output, given = Output(), Input()
    lines = iter(given)
    plan = Plan.from_json(next(lines))
    try:
        engine = given.engine = ENGINES[plan.engine](plan)
        # Launched by this thread: a server ends with the thread that started it.
        engine.launch()
        with ThreadPoolExecutor(1) as waiting:
            started = waiting.submit(engine.start)
            harness.load()
            endpoint = started.result()
    except (Trouble, EngineLost) as trouble:
        if given.engine is not None:
            given.engine.stop()
        output.say(trouble=type(trouble).__name__, detail=str(trouble))
        return 1
    output.say(ready=asdict(_ready(engine, plan)))
    asking = harness.Harness(engine, endpoint, output.answer)
    for line in lines:
        job = job_from_json(line)
        lost = asking.run(job)
        kind = "" if lost is None else "memory" if isinstance(lost, NoRoom) else "engine"
        output.say(done=job.nonce, trouble=kind, detail="" if lost is None else str(lost))
    return 0


def _ready(engine: Engine, plan: Plan) -> Ready:
    said = engine.describe()
    return Ready(
        engine=engine.slug,
        engine_version=said.version,
        device=said.device,
        dtype=said.dtype,
        arguments={**said.arguments, "slots": plan.slots},
        packages={**versions(*PACKAGES), **said.packages},
        isolation=plan.isolation,
        seconds=getattr(engine, "seconds", 0.0),
        context=said.context,
    )


if __name__ == "__main__":
    # Not in the ordinary way, in which the interpreter would wait for the reader, who waits for the worker.
    os._exit(main())
