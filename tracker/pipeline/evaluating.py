"""The queue of evaluations as rows: asked for, prepared, taken batch by batch under leases, answered, at an end.

A worker may be killed at any moment: what is answered is a row, what is not waits for its batch's lease to run out.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet, Sum

from tracker.domain.evaluation import Answer, Energy, Failure, Item, Job, Mode, Question, Sampling
from tracker.models import Evaluation, EvaluationBatch, EvaluationHost, EvaluationSample, WeekSeed
from tracker.pipeline import leases

LEASE = timedelta(seconds=60)  # renewed by whoever works; a killed worker's batch is free again after it
ROUNDS = 4  # times as many questions in a batch as are asked at once: the engine is never without the next
MOST_ATTEMPTS = 3  # of a batch that the engine does not survive, before it is halved or given up
SEED_BITS = 62

State = Evaluation.State
OPEN = (State.WAITING, State.RUNNING)
# Answers without a score of the model's: its machine's fault, not its own.
NOT_ANSWERED = frozenset({Failure.MEMORY, Failure.ENGINE})


def secret_seed(week: str, *, now: datetime) -> int:
    """The week's, drawn when first asked for."""
    row, _ = WeekSeed.objects.get_or_create(week=week, defaults={"seed": secrets.randbits(SEED_BITS), "drawn_at": now})
    return row.seed


# Taking work


def due() -> QuerySet[Evaluation]:
    """What is not at its end, or has not been handed in, oldest first."""
    return Evaluation.objects.filter(Q(state__in=OPEN) | Q(state=State.DONE, log=None)).order_by("pk")


def unprepared(evaluation: int, *, now: datetime, by: str) -> Evaluation | None:
    """The evaluation, leased to be prepared, if that has not been done and nobody is at it."""
    work = Evaluation.objects.filter(pk=evaluation, state=State.WAITING)
    return leases.claim(work, now=now, lease=10 * LEASE, by=by)


@transaction.atomic
def prepare(
    evaluation: Evaluation,
    items: Sequence[Item],
    *,
    version: int,
    seed: int,
    concurrency: int,
    about: Mapping[str, Any],
    now: datetime,
    by: str,
) -> bool:
    """Its samples and batches, once; False when another has done it meanwhile. `about` goes into its record."""
    record = {**about, "items_sha256": digest_of(items), "items": len(items), "concurrency": concurrency}
    ours = leases.done(
        evaluation,
        by=by,
        state=State.RUNNING,
        started_at=now,
        suite_version=version,
        seed=seed,
        record={**evaluation.record, **record},
    )
    if not ours:
        return False
    asked = [(item, repeat) for item in items for repeat in range(evaluation.repeats)]
    size = ROUNDS * concurrency
    batches = EvaluationBatch.objects.bulk_create(
        _batch(evaluation, number, concurrency) for number in range(-(-len(asked) // size))
    )
    EvaluationSample.objects.bulk_create(
        (
            EvaluationSample(
                evaluation=evaluation,
                batch=batches[at // size],
                item=item.id,
                repeat=repeat,
                cluster=item.cluster,
                prompt=item.prompt,
                target=item.target,
                choices=list(item.choices),
                meta=dict(item.meta),
            )
            for at, (item, repeat) in enumerate(asked)
        ),
        batch_size=1000,
    )
    return True


def _batch(evaluation: Evaluation, number: int, concurrency: int) -> EvaluationBatch:
    return EvaluationBatch(evaluation=evaluation, number=number, concurrency=concurrency, nonce=secrets.token_hex(16))


def digest_of(items: Iterable[Item]) -> str:
    """SHA-256 over the items as JSON: whoever makes them again can tell that they are the same."""
    found = hashlib.sha256()
    for item in items:
        found.update(json.dumps(asdict(item), sort_keys=True, ensure_ascii=False).encode())
    return found.hexdigest()


def next_batch(evaluation: int, *, now: datetime, by: str) -> EvaluationBatch | None:
    """A free batch of a running evaluation, leased; None where there is none (now)."""
    work = EvaluationBatch.objects.filter(
        evaluation=evaluation, evaluation__state=State.RUNNING, state=EvaluationBatch.State.WAITING
    ).order_by("number")
    return leases.claim(work, now=now, lease=LEASE, by=by)


def job_of(batch: EvaluationBatch, *, system: str) -> Job:
    """What of the batch is not answered yet. Answers made by sampling have a seed for each repeat."""
    of = batch.evaluation
    sampling = Sampling(
        mode=Mode(of.mode),
        temperature=of.temperature,
        top_p=of.top_p,
        max_tokens=of.max_tokens,
        seed=(of.seed or 0) % 2**31,
        seconds=of.sample_seconds,
    )
    questions = tuple(
        Question(row.pk, Item(row.item, row.prompt, row.target, row.cluster, tuple(row.choices), row.meta), row.repeat)
        for row in batch.samples.filter(state=EvaluationSample.State.WAITING).order_by("pk")
    )
    return Job(batch.nonce, of.suite, system, sampling, batch.concurrency, questions)


# Answers


def take(answer: Answer, batch: EvaluationBatch, *, now: datetime) -> bool:
    """Write an answer into its row, unless it has one: False then, and the first stays. The lease does not matter: a
    finished sample is finished, whoever has the batch by now."""
    row = EvaluationSample.objects.filter(pk=answer.number, batch=batch, state=EvaluationSample.State.WAITING)
    lost = answer.failure in NOT_ANSWERED
    return bool(
        row.update(
            state=EvaluationSample.State.FAILED if lost else EvaluationSample.State.DONE,
            failure=answer.failure,
            detail=answer.detail[:2000],
            text=answer.text,
            extracted=answer.extracted,
            exact=None if lost else answer.exact,
            own=None if lost or answer.own is None else min(1.0, answer.own),
            likelihoods=list(answer.likelihoods),
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            seconds=answer.seconds,
            finished_at=now,
        )
    )


def close(batch: EvaluationBatch, *, by: str, seconds: float, energy: Energy | None, host: str) -> bool:
    """The batch is answered whole. Its energy is kept only where all of it was used for this batch."""
    if batch.samples.filter(state=EvaluationSample.State.WAITING).exists():
        return False
    return leases.done(
        batch,
        by=by,
        state=EvaluationBatch.State.DONE,
        seconds=seconds,
        energy=asdict(energy) if energy else None,
        host=host[:120],
    )


@transaction.atomic
def interrupted(batch: EvaluationBatch, *, by: str, now: datetime, memory: bool, error: str) -> None:
    """The engine went away. Without room the rest is halved at once, otherwise tried again; a rest that it does not
    survive is halved too, until it is one question at a time, which then has failed."""
    left = list(batch.samples.filter(state=EvaluationSample.State.WAITING).order_by("pk"))
    if left and not memory and batch.attempts < MOST_ATTEMPTS:
        leases.failed(batch, by=by, now=now, error=error, chance=lambda: 0.0)
        return
    if not leases.done(batch, by=by, error=error, state=EvaluationBatch.State.SPLIT):
        return
    if len(left) == 1 and batch.concurrency == 1:
        why = Failure.MEMORY if memory else Failure.ENGINE
        _fail(batch.samples.filter(state=EvaluationSample.State.WAITING), why, error, now=now)
        return
    last = batch.evaluation.batches.aggregate(last=Max("number"))["last"]
    half = -(-len(left) // 2)
    for number, part in enumerate((left[:half], left[half:]), last + 1):
        if part:
            smaller = _batch(batch.evaluation, number, max(1, min(batch.concurrency // 2, len(part))))
            smaller.save()
            batch.samples.filter(pk__in=[row.pk for row in part]).update(batch=smaller)


def _fail(rows: QuerySet[EvaluationSample], why: Failure, detail: str, *, now: datetime) -> None:
    rows.update(state=EvaluationSample.State.FAILED, failure=why, detail=detail[:2000], finished_at=now)


# Ends


def spent(evaluation: Evaluation, *, now: datetime) -> str:
    """Which budget is used up, in words; blank while none is."""
    if evaluation.budget_tokens is not None:
        used = evaluation.samples.aggregate(i=Sum("tokens_in"), o=Sum("tokens_out"))
        if (total := (used["i"] or 0) + (used["o"] or 0)) >= evaluation.budget_tokens:
            return f"{total:,} tokens of {evaluation.budget_tokens:,} were used."
    if evaluation.budget_seconds is not None:
        used_seconds = evaluation.batches.aggregate(all=Sum("seconds"))["all"] or 0.0
        if used_seconds >= evaluation.budget_seconds:
            return f"{used_seconds:,.0f} seconds of {evaluation.budget_seconds:,.0f} were used."
    return ""


def unanswered(evaluation: Evaluation) -> QuerySet[EvaluationSample]:
    """The samples that still wait. One that failed waits no more: it is finished without a score."""
    return evaluation.samples.filter(state=EvaluationSample.State.WAITING)


def end(evaluation: Evaluation, state: str, *, message: str = "", now: datetime, **fields: Any) -> bool:
    """Set it to its end, once; False where it is at one already."""
    return bool(
        Evaluation.objects.filter(pk=evaluation.pk, state__in=OPEN).update(
            state=state, message=message[:4000], finished_at=now, lease_until=None, lease_by="", **fields
        )
    )


def remember(evaluation: Evaluation, **said: Any) -> None:
    """Add to its record what is said for the first time; of two workers the first is believed."""
    with transaction.atomic():
        row = Evaluation.objects.select_for_update().get(pk=evaluation.pk)
        row.record = {**said, **row.record}
        row.save(update_fields=("record",))
    evaluation.record = row.record


def call_off(number: int, *, message: str, now: datetime) -> bool:
    """End it where it is; False where it is at its end already."""
    return end(Evaluation(pk=number), State.CANCELLED, message=message, now=now)


# What is told of it


@dataclass(frozen=True, slots=True)
class Told:
    """One evaluation as a command tells it."""

    id: int
    label: str
    model: str
    name: str
    suite: str
    suite_version: int | None
    week: str
    seed: int | None
    state: str
    state_label: str
    message: str
    summary: Mapping[str, Any]
    record: Mapping[str, Any]
    asked_at: datetime
    finished_at: datetime | None


def told(number: int) -> Told | None:
    """As it is now; None where no evaluation has that number."""
    row = Evaluation.objects.filter(pk=number).first()
    if row is None:
        return None
    same = "model name suite suite_version week seed state message summary record asked_at finished_at".split()
    said = {name: getattr(row, name) for name in same}
    return Told(id=row.pk, label=str(row), state_label=row.get_state_display(), **said)


def progress(number: int) -> tuple[int, int]:
    """How many samples are finished, and how many there are."""
    samples = EvaluationSample.objects.filter(evaluation=number)
    return samples.exclude(finished_at=None).count(), samples.count()


def is_due(number: int) -> bool:
    """Whether there is work left on it, handing in its log included; an unknown number has none."""
    return due().filter(pk=number).exists()


# Machines


def announce(name: str, hardware: Mapping[str, Any], *, now: datetime) -> None:
    """This machine serves the queue, with this hardware."""
    EvaluationHost.objects.update_or_create(
        name=name,
        defaults={"hardware": dict(hardware), "seen_at": now},
        create_defaults={"hardware": dict(hardware), "seen_at": now, "first_seen": now},
    )
