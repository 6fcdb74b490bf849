"""What comes out of a sandbox, looked at again; and what a killed worker was told and had not written."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.conf import settings

from tracker.domain.evaluation import Answer, ForgedError, Job, Mode, answer_from_json
from tracker.evals.session import leftovers
from tracker.evals.suites import find
from tracker.evals.suites.base import Suite
from tracker.evaluating.keeper import Clock
from tracker.evaluating.surroundings import wall
from tracker.models import EvaluationBatch
from tracker.pipeline import evaluating


def checked(suite: Suite, job: Job, answers: Iterable[Answer]) -> Iterator[Answer]:
    """The answers; programs that a model wrote are run on their inputs here, in a sandbox that holds no model."""
    items = {question.number: question.item for question in job.questions}
    for answer in answers:
        item = items[answer.number]
        if job.sampling.mode is not Mode.CHOICE and not suite.agrees(item, answer.extracted, answer.exact):
            raise ForgedError("a score that the answer does not have")
        if suite.needs_code and answer.extracted:
            exact, own, trouble = suite.check(item, answer.extracted, wall=wall())
            answer = replace(answer, exact=exact, own=own, detail=answer.detail or trouble)
        yield answer


def recover(*, clock: Clock) -> int:
    """Write what a killed worker of this machine was told and had not written; how many answers that were."""
    found = 0
    for file, lines in leftovers(settings.EVALUATION_FOLDER):
        told: dict[str, list[bytes]] = {}
        for line in lines:
            told.setdefault(_nonce(line), []).append(line)
        batches = EvaluationBatch.objects.filter(nonce__in=[nonce for nonce in told if nonce])
        for batch in batches.select_related("evaluation"):
            found += _taken(batch, told[batch.nonce], clock=clock)
        file.unlink(missing_ok=True)
    return found


def _taken(batch: EvaluationBatch, lines: Iterable[bytes], *, clock: Clock) -> int:
    job = evaluating.job_of(batch, system="")
    numbers, found = {question.number for question in job.questions}, 0
    for line in lines:
        with contextlib.suppress(ForgedError):
            answer = answer_from_json(line, nonce=batch.nonce, numbers=numbers)
            for whole in checked(find(batch.evaluation.suite), job, [answer]):
                found += evaluating.take(whole, batch, now=clock())
    return found


def _nonce(line: bytes) -> str:
    with contextlib.suppress(ValueError, RecursionError, AttributeError):
        nonce = json.loads(line).get("nonce")
        return nonce if isinstance(nonce, str) and nonce.isalnum() else ""
    return ""
