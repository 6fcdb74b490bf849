"""The ways to have the same questions answered: our own path, a bare server, and transformers' plain `generate`."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final, Protocol

import httpx

from tracker.domain.evaluation import Energy, Job, Ready, Weights
from tracker.evals.energy import Meter
from tracker.evals.isolation import Wall
from tracker.evals.session import Session
from tracker.evals.troubles import EngineLost, Trouble

ROOT: Final = Path(__file__).resolve().parents[1]
IDLING: Final = 5.0  # seconds over which the power without work is measured
WARMING: Final = 8  # tokens of each of the answers that are asked for, once all at a time, before the clock starts
BATCHES: Final = (1, 2, 4, 8, 16, 32, 64)
SEARCHED: Final = 64  # questions, and about so many seconds, for each size of a static batch
SEARCHING: Final = 20.0
STATIC: Final = 128  # questions of a turn of plain generate: two batches of the largest


class NotToBeHadError(Exception):
    """Why there is no such arm here, in a sentence."""


@dataclass(frozen=True, slots=True)
class Result:
    """A turn. `lengths` are tokens asked and answered of each answer, where they are told; `started` is how long it
    took from nothing to an engine that answers, and is in no figure."""

    tokens: int
    samples: int
    seconds: float
    started: float
    failures: int = 0
    lengths: tuple[tuple[int, int], ...] = ()
    energy: Energy | None = None
    busy: float | None = None
    note: str = ""


class Arm(Protocol):
    name: str

    def turn(self) -> Result:
        """Once more, from nothing. Raises NotToBeHadError."""


@contextmanager
def _baseline(device: str) -> Iterator[tuple[Meter | None, float]]:
    """A meter and the machine's power before an engine is started; no meter where there is none."""
    meter = Meter.open(device)
    if meter is None:
        yield None, 0.0
        return
    with meter:
        idle = meter.idle(IDLING)
        yield (None, 0.0) if idle is None else (meter, idle)


class _Watch:
    """Times a block, and meters it where there is a meter."""

    def __init__(self, meter: Meter | None, idle: float) -> None:
        self._meter, self._idle = meter, idle
        self.seconds = 0.0
        self.energy: Energy | None = None
        self.busy: float | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        began = time.perf_counter()
        if self._meter is None:
            yield
            self.seconds = time.perf_counter() - began
            return
        with self._meter.measure(idle=self._idle) as measured:
            yield
            self.seconds = time.perf_counter() - began
        self.energy, self.busy = measured.energy, measured.busy


class Ours:
    """The path of every evaluation: the sandbox, the engine in it, and the harness that asks it."""

    name = "our own path"

    def __init__(self, model: str, device: str, job: Job, *, wall: Wall, spool: Path) -> None:
        self._model, self._device, self._job, self._wall, self._spool = model, device, job, wall, spool
        self._context = max(len(question.item.prompt) for question in job.questions) + job.sampling.max_tokens + 512
        self.ready: Ready | None = None
        self.weights: Weights | None = None
        self._turns = 0

    def turn(self) -> Result:
        self._turns += 1
        jobs = [
            replace(_warming(self._job), nonce=f"warm-{self._turns}"),
            replace(self._job, nonce=f"turn-{self._turns}"),
        ]
        try:
            with _baseline(self._device) as (meter, idle):
                began = time.perf_counter()
                with Session.open(
                    self._model,
                    device=self._device,
                    wall=self._wall,
                    spool=self._spool / f"turn-{self._turns}",
                    environment=os.environ,
                    context=self._context,
                    slots=self._job.concurrency,
                ) as session:
                    started = time.perf_counter() - began
                    self.ready, self.weights = session.ready, session.weights
                    list(session.ask(jobs[0]))
                    watch = _Watch(meter, idle)
                    with watch.watching():
                        answers = list(session.ask(jobs[1]))
        except (Trouble, EngineLost) as trouble:
            raise NotToBeHadError(f"{type(trouble).__name__}: {trouble}") from trouble
        return Result(
            tokens=sum(answer.tokens_out for answer in answers),
            samples=len(answers),
            seconds=watch.seconds,
            started=started,
            failures=sum(bool(answer.failure) for answer in answers),
            lengths=tuple((answer.tokens_in, answer.tokens_out) for answer in answers),
            energy=watch.energy,
            busy=watch.busy,
        )


def _warming(job: Job) -> Job:
    """As many questions as are asked at once, and the beginnings of their answers."""
    short = replace(job.sampling, max_tokens=WARMING)
    return replace(job, sampling=short, questions=job.questions[: job.concurrency])


@contextmanager
def _child(module: str, *arguments: str) -> Iterator[tuple[IO[str], IO[str]]]:
    """A process of ours that is told and tells a line at a time, until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("both ends were asked for")
        try:
            yield process.stdin, process.stdout
        finally:
            process.kill()


class Bare:
    """The engine's own server, started with the same settings and asked directly: what the sandbox and the harness
    cost is the difference."""

    def __init__(self, ours: Ours, job: Job, *, at_once: int) -> None:
        self._ours, self._job, self._at_once = ours, job, at_once
        self.name = f"the bare server, {at_once} at once" if at_once > 1 else "the bare server, one by one"

    def turn(self) -> Result:
        ready, weights = self._ours.ready, self._ours.weights
        if ready is None or weights is None or ready.engine != "llama":
            raise NotToBeHadError("only xllamacpp has a bare server here")
        arguments = (weights.path, json.dumps(dict(ready.arguments)))
        with _baseline("cpu") as (meter, idle):
            began = time.perf_counter()
            with _child("benchmarks._bare_server", *arguments) as (_, tells):
                url = next((line.split()[1] for line in tells if line.startswith("listening ")), None)
                if url is None:
                    raise NotToBeHadError("the bare server did not start")
                started = time.perf_counter() - began
                asyncio.run(self._ask(url, _warming(self._job)))
                watch = _Watch(meter, idle)
                with watch.watching():
                    lengths = asyncio.run(self._ask(url, self._job))
        return Result(
            tokens=sum(answered for _, answered in lengths),
            samples=len(lengths),
            seconds=watch.seconds,
            started=started,
            lengths=tuple(lengths),
            energy=watch.energy,
            busy=watch.busy,
        )

    async def _ask(self, url: str, job: Job) -> list[tuple[int, int]]:
        waiting, lengths, sampling = iter(job.questions), [], job.sampling
        async with httpx.AsyncClient(base_url=url, timeout=sampling.seconds * 10, trust_env=False) as client:

            async def some() -> None:
                for question in waiting:
                    system = {"role": "system", "content": job.system}
                    asked = {
                        "messages": [system, {"role": "user", "content": question.item.prompt}],
                        "max_tokens": sampling.max_tokens,
                        "temperature": sampling.temperature,
                        "top_p": sampling.top_p,
                        "seed": sampling.seed,
                    }
                    answer = await client.post("/v1/chat/completions", json=asked)
                    used = answer.raise_for_status().json()["usage"]
                    lengths.append((used["prompt_tokens"], used["completion_tokens"]))

            await asyncio.gather(*(some() for _ in range(self._at_once)))
        return lengths


class Plain:
    """transformers' `generate` with static batches of like prompts, at the size that was fastest when tried first."""

    name = "plain generate"

    def __init__(self, folder: Path, device: str, job: Job) -> None:
        self._folder, self._device, self._job = folder, device, job
        self.batch: int | None = None
        self.bandwidth: float | None = None
        self.tried: dict[int, float] = {}

    def turn(self) -> Result:
        with _baseline(self._device) as (meter, idle):
            began = time.perf_counter()
            with _child("benchmarks._plain_generate", str(self._folder), self._device) as (told, tells):
                ready = _line(tells)["ready"]
                started = time.perf_counter() - began
                if self.batch is None:
                    self.bandwidth = float(_said(told, tells, {"bandwidth": True})["bandwidth"])
                    self.batch = self._best(told, tells)
                _said(told, tells, self._asked(self.batch, self.batch, 1.0))
                watch = _Watch(meter, idle)
                with watch.watching():
                    done = _said(told, tells, self._asked(STATIC, self.batch, 600.0))
        if "tokens" not in done:
            raise NotToBeHadError("it ran out of memory at the size that had been fastest")
        return Result(
            tokens=done["tokens"],
            samples=done["samples"],
            seconds=done["seconds"],
            started=started,
            energy=watch.energy,
            busy=watch.busy,
            note=f"transformers {ready['transformers']}, torch {ready['torch']}, batches of {self.batch}",
        )

    def _best(self, told: IO[str], tells: IO[str]) -> int:
        """The size with the most tokens a second, doubled until memory or the largest ends it."""
        _said(told, tells, self._asked(1, 1, 1.0))
        for batch in BATCHES:
            done = _said(told, tells, self._asked(SEARCHED, batch, SEARCHING))
            if "tokens" not in done:
                break
            self.tried[batch] = done["tokens"] / done["seconds"]
        if not self.tried:
            raise NotToBeHadError("not even one question fits into memory")
        return max(self.tried, key=lambda batch: self.tried[batch])

    def _asked(self, count: int, batch: int, seconds: float) -> dict[str, Any]:
        job = self._job
        return {
            "asked": [[job.system, question.item.prompt] for question in job.questions[:count]],
            "batch": batch,
            "tokens": job.sampling.max_tokens,
            "temperature": job.sampling.temperature,
            "seconds": seconds,
        }


def _said(told: IO[str], tells: IO[str], asked: Mapping[str, Any]) -> dict[str, Any]:
    told.write(f"{json.dumps(asked)}\n")
    told.flush()
    return _line(tells)


def _line(tells: IO[str]) -> dict[str, Any]:
    line = tells.readline()
    if not line:
        raise NotToBeHadError("its process ended before its time")
    found: dict[str, Any] = json.loads(line)
    return found
