"""Runs of our own in every state, as a worker leaves them: their samples, batches, records and machines."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

TOLD_LATER = "Nobody may read this question"
CLUSTERS = ("sums/easy", "sums/hard", "maze/easy")
PUBLIC = 20_261_122


def record(*, name: str = "weights.gguf", engine: str = "xllamacpp") -> dict[str, Any]:
    """What a worker writes of a run when it takes it up."""
    return {
        "suite": {"slug": "own-sums", "version": 1, "title": "Sums & <i>mazes</i>", "system": "Answer: only."},
        "weights": {
            "path": name,
            "files": [[name, 98_362_432, "ab" * 32]],
            "format": "gguf",
            "template_sha256": "cd" * 32,
            "quantisation": "Q4_1",
            "architecture": "llama",
            "parameters": 134_515_008,
        },
        "engine": {
            "engine": engine,
            "engine_version": "2026.10",
            "device": "cpu",
            "dtype": "q4_1",
            "arguments": {"n_parallel": 4},
            "packages": {"inspect-ai": "0.3.285"},
            "isolation": "bubblewrap 0.8.0",
            "seconds": 1.2,
            "context": 2048,
        },
        "hardware": {"processor": "Example CPU", "cores": 4, "memory": 16 * 2**30, "gpus": None, "meter": None},
        "revision": "0" * 40,
        "command": f"manage.py evaluate {name} --suite own-sums --name 'Birch 1'",
        "items_sha256": "ef" * 32,
        "items": 36,
        "concurrency": 4,
    }


def outcomes(right: int) -> Iterator[tuple[int, str, float]]:
    """Twelve questions of each cluster, of which so many in each are right."""
    for nth in range(36):
        yield nth, CLUSTERS[nth % 3], float(nth // 3 < right)


def silent(nth: int, exact: float) -> bool:
    """Some of the wrong answers are no words at all."""
    return not exact and nth % 9 == 0


def energy(number: int) -> dict[str, Any]:
    """What a meter saw of a batch, each a little more."""
    joules = 900.0 + 60 * number
    return {"meter": "nvml", "joules": joules, "seconds": 6.0, "idle": 40.0, "every": 0.1, "watts": [140.0, 170.0]}


def evaluation(
    name: str,
    state: str,
    *,
    now: datetime,
    right: int = 6,
    answered: int = 36,
    week: str = "",
    message: str = "",
    joules: bool = False,
    **fields: Any,
) -> Any:
    """A run with 36 questions, of which so many are answered."""
    from tracker.models import Evaluation, EvaluationBatch, EvaluationSample
    from tracker.pipeline.evaluation_log import summary

    ended = state in ("done", "failed", "cancelled", "spent")
    of = Evaluation.objects.create(
        model="weights.gguf",
        name=name,
        suite="own-sums",
        suite_version=1,
        seed=fields.pop("seed", PUBLIC),
        week=week,
        state=state,
        message=message,
        asked_at=now,
        started_at=now,
        finished_at=now + timedelta(minutes=9) if ended else None,
        record=fields.pop("record", None) or record(),
        **fields,
    )
    batches = [
        EvaluationBatch.objects.create(
            evaluation=of,
            number=number,
            nonce=f"{of.pk:08}{number:024}",
            concurrency=4,
            state="done" if answered >= 18 * (number + 1) else "waiting",
            energy=energy(number) if joules else None,
        )
        for number in range(2)
    ]
    EvaluationSample.objects.bulk_create(
        EvaluationSample(
            evaluation=of,
            batch=batches[nth // 18],
            item=f"{cluster}/{nth // 3}",
            cluster=cluster,
            prompt=f"{TOLD_LATER if week else 'What is'} {nth} + <b>{nth}</b>?",
            target=str(2 * nth),
            **(
                {
                    "state": "done",
                    "text": ""
                    if silent(nth, exact)
                    else f"Answer: {TOLD_LATER if week else ''} {nth + nth * exact:.0f}",
                    "extracted": "" if silent(nth, exact) else f"{nth + nth * exact:.0f}",
                    "exact": exact,
                    "own": exact or 0.25,
                    "failure": "empty answer" if silent(nth, exact) else "",
                    "tokens_in": 30,
                    "tokens_out": 12,
                    "seconds": 0.4,
                    "finished_at": now,
                }
                if nth < answered
                else {}
            ),
        )
        for nth, cluster, exact in outcomes(right)
    )
    if ended:
        of.summary = summary(of).to_json()
        of.save()
    return of


def build(*, now: datetime) -> None:
    """A run in each state, a secret one of the current week, and two machines, one of which is silent."""
    from tracker.models import Evaluation, EvaluationHost

    evaluation("Birch 1", "done", now=now, right=9, joules=True)
    evaluation("Acme 5", "done", now=now, right=4, record=record(engine="transformers"))
    evaluation("Acme <b>running</b>", "running", now=now, answered=20)
    evaluation("Cedar 3", "failed", now=now, answered=3, message="Its files are damaged: weights.gguf ends early.")
    evaluation("Cedar 6", "spent", now=now, answered=18, message="900 tokens of 800 were used.", budget_tokens=800)
    evaluation("Cedar 9", "cancelled", now=now, answered=1)
    Evaluation.objects.create(model="hf:birch/two", name="Birch 2", suite="own-sums", asked_at=now)
    seen = {"first_seen": now - timedelta(days=9)}
    gpu = {"processor": "Example CPU", "cores": 16, "memory": 128 * 2**30, "gpus": [{"name": "Example GPU"}] * 2}
    EvaluationHost.objects.create(name="fast", hardware=gpu | {"meter": "nvml"}, seen_at=now, **seen)
    EvaluationHost.objects.create(name="slow", hardware={}, seen_at=now - timedelta(days=2), **seen)
