"""Does one step of an evaluation after the other: prepares it, has one batch answered, brings it to its end.

What a process keeps between two steps is only the engine with the model in it, which another would start for itself.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from django.conf import settings

from tracker.domain.evaluation import Answer, ForgedError
from tracker.evals import troubles
from tracker.evals.backends.choosing import device_for
from tracker.evals.energy import Meter
from tracker.evals.session import Session
from tracker.evals.suites import SUITES, find
from tracker.evaluating.answers import checked, recover
from tracker.evaluating.keeper import Clock, Keeper
from tracker.evaluating.surroundings import (
    at_once,
    command_of,
    endpoint_of,
    environment_of,
    host,
    machine,
    memory,
    revision,
    wall,
)
from tracker.models import Evaluation, EvaluationBatch
from tracker.pipeline import evaluating, evaluation_log

IDLE = 3.0  # seconds for which the power without work is measured


class Worker:
    """Does steps, one after the other. `told` hears of every answer."""

    def __init__(self, *, by: str, clock: Clock, told: Callable[[Answer], None] | None = None) -> None:
        self.by, self.clock, self.told = by, clock, told
        self._session: Session | None = None
        self._serves: tuple[str, str, str] | None = None
        self._meter: Meter | None = None
        self._idle: float | None = None

    def work(self) -> bool:
        """One step of whatever is due; False when there is none for this worker. What the engine serves already comes
        first: loading another model takes longer than most batches."""
        due = list(evaluating.due())
        due.sort(key=lambda row: _wanted(row) != self._serves)
        return any(self.step(row.pk) for row in due)

    def step(self, evaluation: int) -> bool:
        """What is next of that evaluation; False when there is nothing that this worker can do now."""
        recover(clock=self.clock)
        fresh = evaluating.unprepared(evaluation, now=self.clock(), by=self.by)
        if fresh is not None:
            return self._prepare(fresh)
        row = Evaluation.objects.get(pk=evaluation)
        if row.state in evaluating.OPEN and (why := evaluating.spent(row, now=self.clock())):
            return self._end(row, Evaluation.State.SPENT, message=why)
        batch = evaluating.next_batch(evaluation, now=self.clock(), by=self.by)
        if batch is not None:
            return self._answer(batch)
        if row.state == Evaluation.State.RUNNING and not evaluating.unanswered(row).exists():
            return self._finish(row)
        return row.state == Evaluation.State.DONE and row.log_id is None and self._hand_in(row)

    # The steps

    def _prepare(self, row: Evaluation) -> bool:
        try:
            suite = find(row.suite)
        except KeyError:
            message = f"There is no suite {row.suite}. There are: {', '.join(sorted(SUITES))}."
            return self._end(row, Evaluation.State.FAILED, message=message)
        if row.week and suite.slug not in SUITES:
            message = f"{suite.title} has the same questions every week: there is no secret series of it."
            return self._end(row, Evaluation.State.FAILED, message=message)
        with Keeper(row, by=self.by, clock=self.clock, stop=self._stop) as keeper:
            try:
                session = self._open(row)
                seed = self._seed(row, suite.public_seed)
                items = suite.items(seed, limit=row.limit)
            except (troubles.Trouble, troubles.EngineLost, ForgedError) as trouble:
                self.close()
                if keeper.lost:
                    return False
                return self._end(row, Evaluation.State.FAILED, message=_said(trouble))
        about = {
            "suite": {"slug": suite.slug, "version": suite.version, "title": suite.title, "system": suite.system},
            "weights": session.weights and asdict(session.weights),
            "engine": asdict(session.ready),
            "hardware": machine(),
            "revision": revision(),
            "command": command_of(row),
        }
        return evaluating.prepare(
            row,
            items,
            version=suite.version,
            seed=seed,
            concurrency=at_once(row),
            about=about,
            now=self.clock(),
            by=self.by,
        )

    def _seed(self, row: Evaluation, public: int) -> int:
        if row.week:
            return evaluating.secret_seed(row.week, now=self.clock())
        return public if row.seed is None else row.seed

    def _answer(self, batch: EvaluationBatch) -> bool:
        row = batch.evaluation
        suite = find(row.suite)
        job = evaluating.job_of(batch, system=suite.system)
        if not job.questions:
            return evaluating.close(batch, by=self.by, seconds=0.0, energy=None, host=host())
        energy, began = None, time.monotonic()
        with Keeper(batch, by=self.by, clock=self.clock, stop=self._stop) as keeper:
            try:
                session, began = self._open(row), time.monotonic()
                with self._measured() as measured:
                    for answer in checked(suite, job, session.ask(job)):
                        if evaluating.take(answer, batch, now=self.clock()) and self.told:
                            self.told(answer)
                energy = measured.energy if measured else None
            except (troubles.EngineLost, ForgedError) as error:
                # Without room too: the server behind the session may be gone, or keep what it could not use.
                self.close()
                if not keeper.lost:
                    memory = isinstance(error, troubles.NoRoom)
                    evaluating.interrupted(batch, by=self.by, now=self.clock(), memory=memory, error=_said(error))
                return not keeper.lost
            except troubles.Trouble as trouble:
                self.close()
                return self._end(row, Evaluation.State.FAILED, message=_said(trouble))
        took = time.monotonic() - began
        if evaluating.close(batch, by=self.by, seconds=took, energy=energy, host=host()):
            return True
        # The sandbox said that it was done, and it was not.
        evaluating.interrupted(batch, by=self.by, now=self.clock(), memory=False, error="Questions were left out.")
        return True

    def _finish(self, row: Evaluation) -> bool:
        found = evaluation_log.summary(row)
        if found.unanswered:
            message = f"{found.unanswered} of {found.samples} samples could not be answered."
            reasons = row.samples.exclude(detail="").order_by("-pk").values_list("detail", flat=True)
            # A reason may tell words of a question that is secret still.
            if not row.week and (reason := reasons.first()):
                message += f" The last reason: {reason}"
            return self._end(row, Evaluation.State.FAILED, message=message)
        return self._end(row, Evaluation.State.DONE)

    def _hand_in(self, row: Evaluation) -> bool:
        evaluation_log.hand_in(row, benchmark=find(row.suite).benchmark, now=self.clock(), by=self.by)
        return False

    def _end(self, row: Evaluation, state: Evaluation.State, *, message: str = "") -> bool:
        found = evaluation_log.summary(row).to_json() if row.samples.exists() else {}
        return evaluating.end(row, state, message=message, now=self.clock(), summary=found)

    # The engine

    def _open(self, row: Evaluation) -> Session:
        wanted = _wanted(row)
        if self._session is not None and self._serves == wanted:
            return self._session
        self.close()
        # One GPU: the engines serve from the first, and what others draw is not the model's.
        self._meter = None if endpoint_of(row) else Meter.open("cuda:0" if device_for(row.device) == "cuda" else "cpu")
        # Before the model is loaded: that is what the machine draws without work.
        self._idle = self._meter.idle(IDLE) if self._meter else None
        folder: Path = settings.EVALUATION_FOLDER
        self._spool = folder / f"{host()}-{uuid4()}.jsonl"
        self._session = Session.open(
            row.model,
            engine=row.engine,
            device=row.device,
            wall=wall(),
            spool=self._spool,
            environment=environment_of(row),
            slots=at_once(row),
            cache=folder / "models",
            memory=memory(),
        )
        if self._meter is not None and self._meter.kind == "nvml" and not self._session.ready.device.startswith("cuda"):
            # The model runs on the processor after all, and the GPU's idling is not its energy.
            self._meter.close()
            self._meter = None
        self._serves = wanted
        return self._session

    @contextlib.contextmanager
    def _measured(self) -> Iterator[Any]:
        if self._meter is None or self._idle is None:
            yield None
            return
        with self._meter.measure(idle=self._idle) as measured:
            yield measured

    def _stop(self) -> None:
        if self._session is not None:
            self._session.stop()

    def close(self) -> None:
        """Let go of the engine."""
        session, meter = self._session, self._meter
        self._session = self._serves = self._meter = self._idle = None
        if session is not None:
            session.close()
        if meter is not None:
            meter.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _wanted(row: Evaluation) -> tuple[str, str, str]:
    """What an engine that serves the evaluation was started for."""
    return row.model, row.engine, row.device


def _said(trouble: Exception) -> str:
    """What happened, and the reason as the engine gave it."""
    what = (type(trouble).__doc__ or type(trouble).__name__).split(":")[0].split(";")[0].strip().rstrip(".")
    return f"{what}: {trouble}" if str(trouble) else f"{what}."
