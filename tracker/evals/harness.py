"""Inspect AI: a job becomes a task, its questions samples asked side by side, and each answer is told as it is made.

Nothing of Inspect's own record is kept: its log goes to a folder of the sandbox's memory and ends with it, and what we
keep of a sample is an Answer. Retries are the worker's business, so neither Inspect nor the client makes any against a
server of ours.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from tracker.domain.evaluation import LONGEST_ANSWER, Answer, Failure, Item, Job, Mode, Question, Sampling
from tracker.evals.backends import likelihoods
from tracker.evals.backends.base import OUT_OF_MEMORY, Endpoint, Engine
from tracker.evals.backends.mock import Mock
from tracker.evals.suites import SUITES
from tracker.evals.suites.choosing import LABELS
from tracker.evals.troubles import EngineLost, NoRoom, Trouble

# What a server says to one question and would say to it again: too long for its context, say.
REFUSED = (400, 413, 422)
SEEDS = 2**31 - 1
ANSWER = "Answer:"
LONGEST_DETAIL = 2000
NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said, before it is scored."""

    text: str = ""
    failure: str = ""
    detail: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    likelihoods: tuple[float, ...] = ()


class Harness:
    """Asks one engine. `write` is told each answer as it is finished, in any order."""

    def __init__(self, engine: Engine, endpoint: Endpoint, write: Callable[[Answer], None]) -> None:
        self.engine, self.endpoint, self.write = engine, endpoint, write

    def run(self, job: Job) -> EngineLost | None:
        """All questions of a job, or why there are answers missing."""
        try:
            self.endpoint = self.engine.prepared(self.endpoint, job.sampling)
        except EngineLost as lost:
            return lost
        except Trouble as trouble:
            return EngineLost(f"{type(trouble).__name__}: {trouble}")
        run = Run(self, job)
        if isinstance(self.engine, Mock) and not self.engine.room_for(job.concurrency):
            return NoRoom(f"the mock has no room for {job.concurrency} questions at once")
        with tempfile.TemporaryDirectory(prefix="inspect-") as folder:
            run.evaluate(Path(folder))
        return run.lost


def load() -> None:
    """Does what takes seconds once, while an engine is loading: the imports, and those that the first task brings."""
    import openai  # noqa: F401
    import reasoning_gym  # noqa: F401  whose verifiers score
    from inspect_ai import Task
    from inspect_ai import eval as evaluate
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.solver import solver

    @solver
    def silent() -> Any:
        async def solve(state: Any, generate: Any) -> Any:
            return state

        return solve

    with tempfile.TemporaryDirectory(prefix="inspect-") as folder:
        evaluate(Task(MemoryDataset([Sample("")]), solver=silent()), model="mockllm/model", **_quiet(Path(folder)))


def _quiet(folder: Path) -> dict[str, Any]:
    """Nothing is shown, nothing is sent, and the log goes where it is forgotten."""
    return {
        "log_dir": str(folder),
        "log_format": "json",
        "log_samples": False,
        "log_realtime": False,
        "log_model_api": False,
        "score_display": False,
        "ctl_server": False,
        "display": "none",
        "log_level": "error",
    }


class Run:
    """One job on its way through Inspect."""

    def __init__(self, harness: Harness, job: Job) -> None:
        self.engine, self.endpoint, self.write = harness.engine, harness.endpoint, harness.write
        self.job = job
        # Long ones first: a long one that begins last is waited for alone.
        ordered = sorted(job.questions, key=lambda question: -len(question.item.prompt))
        self.questions = {question.number: question for question in ordered}
        self.lost: EngineLost | None = None

    def evaluate(self, folder: Path) -> None:
        from inspect_ai import Task
        from inspect_ai import eval as evaluate
        from inspect_ai.dataset import MemoryDataset, Sample
        from inspect_ai.scorer import Score, scorer
        from inspect_ai.solver import solver

        @solver
        def asked() -> Any:
            async def solve(state: Any, generate: Any) -> Any:
                # The engine is gone: what was not asked stays unanswered, to be asked again.
                if self.lost is None:
                    await self.ask(self.questions[int(state.sample_id)], state, generate)
                return state

            return solve

        @scorer(metrics=[])
        def told() -> Any:
            async def score(state: Any, target: Any) -> Any:
                answer = state.store.get("answer")
                if answer is not None:
                    self.write(answer)
                return Score(value=answer.exact if answer is not None else 0)

            return score

        samples = [Sample(self._messages(question), id=number) for number, question in self.questions.items()]
        logs = evaluate(
            Task(MemoryDataset(samples, name=self.job.suite), solver=asked(), scorer=told(), name=self.job.suite),
            model=self._model(),
            max_connections=self.job.concurrency,
            max_samples=self.job.concurrency,
            max_retries=self.engine.retries,
            fail_on_error=True,
            **_quiet(folder),
        )
        if logs[0].status != "success" and self.lost is None:
            error = logs[0].error
            self.lost = EngineLost(f"the harness failed: {error.message if error else logs[0].status}")

    def _messages(self, question: Question) -> list[Any]:
        from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser

        messages: list[ChatMessage] = [ChatMessageSystem(content=self.job.system)] if self.job.system else []
        return [*messages, ChatMessageUser(content=question.item.prompt, metadata={NUMBER: question.number})]

    def _model(self) -> Any:
        from inspect_ai.model import ModelOutput, ModelUsage, get_model

        if not isinstance(self.engine, Mock):
            return get_model(
                f"openai-api/local/{self.endpoint.model}",
                base_url=self.endpoint.url,
                api_key=self.endpoint.key,
                memoize=False,
                max_retries=0,
            )
        mock = self.engine

        async def answer(messages: Any, tools: Any, choice: Any, config: Any) -> ModelOutput:
            await asyncio.sleep(mock.seconds)
            item = self.questions[messages[-1].metadata[NUMBER]].item
            output = ModelOutput.from_content("mock", mock.answer(item))
            # Words. Left to Inspect, they would be counted with a table that it fetches.
            read, written = len(item.prompt.split()), len(output.completion.split())
            output.usage = ModelUsage(input_tokens=read, output_tokens=written, total_tokens=read + written)
            return output

        return get_model("mockllm/model", custom_outputs=answer, memoize=False)

    async def ask(self, question: Question, state: Any, generate: Any) -> None:
        began = time.monotonic()
        said: Said | None = Said(failure=Failure.TIMEOUT, detail=f"{self.job.sampling.seconds:g} seconds")
        try:
            async with asyncio.timeout(self.job.sampling.seconds):
                if self.job.sampling.mode is Mode.CHOICE:
                    said = await self._chosen(question.item)
                else:
                    said = await self._generated(question, state, generate)
        except TimeoutError:
            pass
        if isinstance(self.engine, Mock) and self.engine.dead:
            self.lost = self.lost or EngineLost("the mock died, as it was told to")
        if said is not None:
            state.store.set("answer", self._answer(question, said, time.monotonic() - began))

    async def _generated(self, question: Question, state: Any, generate: Any) -> Said | None:
        sampling = self.job.sampling
        async with Watch(self) as watch:
            await generate(
                state,
                temperature=0.0 if sampling.mode is Mode.GREEDY else sampling.temperature,
                top_p=1.0 if sampling.mode is Mode.GREEDY else sampling.top_p,
                max_tokens=sampling.max_tokens,
                seed=(sampling.seed + question.repeat) % SEEDS,
                extra_body=self.engine.extras(sampling) or None,
                cache=False,
            )
            return _from(state.output, sampling)
        return watch.refused

    async def _chosen(self, item: Item) -> Said | None:
        labels = LABELS[: len(item.choices)]
        found: likelihoods.NextToken | None = None
        if isinstance(self.engine, Mock):
            await asyncio.sleep(self.engine.seconds)
            self.engine.answered += 1
            first = item.target if self.engine.knows(item) else labels[-1]
            found = likelihoods.of_labels([(label, -0.5 if label == first else -3.0) for label in labels], labels)
        else:
            async with Watch(self) as watch:
                extras = self.engine.extras(self.job.sampling)
                found = await likelihoods.next_token(
                    self.endpoint, raw_prompt(item), labels, likely=self.engine.likely, extras=extras
                )
            if found is None:
                return watch.refused
        if len(found.unnamed) == len(labels):
            detail = f"none of {labels} is among the {self.engine.likely} likeliest next tokens"
            return Said(failure=Failure.EMPTY, detail=detail, tokens_in=found.tokens)
        chosen = labels[max(range(len(labels)), key=lambda place: found.likelihoods[place])]
        detail = f"not named, so given the most they can have: {', '.join(found.unnamed)}" if found.unnamed else ""
        return Said(chosen, detail=detail, tokens_in=found.tokens, likelihoods=found.likelihoods)

    def _answer(self, question: Question, said: Said, seconds: float) -> Answer:
        answer = Answer(
            nonce=self.job.nonce,
            number=question.number,
            text=said.text[:LONGEST_ANSWER],
            extracted="",
            exact=0.0,
            own=None,
            tokens_in=said.tokens_in,
            tokens_out=said.tokens_out,
            seconds=seconds,
            failure=said.failure,
            detail=said.detail[:LONGEST_ANSWER],
            likelihoods=said.likelihoods,
        )
        if self.job.sampling.mode is Mode.CHOICE:
            return replace(answer, extracted=said.text, exact=float(said.text == question.item.target))
        suite = SUITES[self.job.suite]
        if said.failure:
            # Its reason stands in place of a score, but what can be read in it is kept to be looked at.
            return replace(answer, extracted=suite.extract(said.text)[:LONGEST_ANSWER])
        extracted, exact, own = suite.score(question.item, said.text)
        return replace(answer, extracted=extracted[:LONGEST_ANSWER], exact=exact, own=own)


class Watch:
    """Around one question: tells a question that the server refuses, kept in `refused`, from a server that is gone,
    which ends the job. What is neither is raised."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.refused: Said | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        import openai
        from tenacity import RetryError

        # Inspect makes a RuntimeError of what the server said, with the whole request before it.
        if not isinstance(error, (openai.APIError, *likelihoods.ERRORS, RetryError, RuntimeError)):
            return False
        cause = (error.last_attempt.exception() or error) if isinstance(error, RetryError) else error
        words = getattr(cause, "provider_message", None) or str(cause)
        said = f"{type(cause).__name__}: {words}"[:LONGEST_DETAIL]
        status = getattr(cause, "status_code", None) or getattr(getattr(cause, "response", None), "status_code", 0)
        if lost := await self._gone():
            self.run.lost = self.run.lost or lost
        elif OUT_OF_MEMORY.search(said):
            self.run.lost = self.run.lost or NoRoom(said)
        elif status in REFUSED or isinstance(error, likelihoods.NoLikelihoodsError):
            self.refused = Said(failure=Failure.ENGINE, detail=said)
        else:
            self.run.lost = self.run.lost or EngineLost(said)
        return True

    async def _gone(self) -> EngineLost | None:
        """A connection breaks a moment before the process behind it can be seen to have ended."""
        for _ in range(10):
            if lost := self.run.engine.lost():
                return lost
            await asyncio.sleep(0.05)
        return None


def raw_prompt(item: Item) -> str:
    """What a base model goes on with: the question, and the word after which the label has to stand. Without the
    system's message, which speaks of a form of answer that is not asked for here."""
    return item.prompt if item.prompt.endswith(ANSWER) else f"{item.prompt}\n{ANSWER}"


def _from(output: Any, sampling: Sampling) -> Said:
    usage = output.usage
    tokens_in = usage.input_tokens if usage else 0
    tokens_out = usage.output_tokens if usage else 0
    text = output.completion if output.choices else ""
    if output.stop_reason == "max_tokens" or tokens_out >= sampling.max_tokens:
        return Said(text, Failure.ENDLESS, f"{sampling.max_tokens} tokens", tokens_in, tokens_out)
    if output.stop_reason == "model_length":
        return Said(text, Failure.ENGINE, output.error or "longer than its context", tokens_in, tokens_out)
    if not text.strip():
        return Said(text, Failure.EMPTY, "", tokens_in, tokens_out)
    return Said(text, "", "", tokens_in, tokens_out)
