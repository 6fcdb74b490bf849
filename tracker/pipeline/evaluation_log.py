"""The log of a finished evaluation, handed in as a document of the source "own evaluations"."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count

from tracker.domain.eval_energy import MeteredBatch
from tracker.domain.eval_statistics import Sample, Summary, mean_of, question_means, summarise
from tracker.domain.evaluation import Energy
from tracker.models import Endpoint, Evaluation, EvaluationSample, Source
from tracker.pipeline import ingest
from tracker.pipeline.collect import keep
from tracker.sources.own_evaluations import FORMAT, MEDIA_TYPE

SCHEME = "evaluation:"
SOURCE = "own_evaluations"
WHOLE = frozenset({"", "F32", "F16", "BF16"})  # weights as they were published


class NoCatalogueError(LookupError):
    """There is no source yet that the log could be a document of."""


def summary(evaluation: Evaluation) -> Summary:
    """The finished samples in numbers, with what a meter saw of the batches."""
    rows = evaluation.samples.exclude(state=EvaluationSample.State.WAITING).order_by("pk")
    samples = [
        Sample(
            question=row.item,
            cluster=row.cluster,
            exact=row.exact,
            own=row.own,
            failure=row.failure,
            tokens_in=row.tokens_in,
            tokens_out=row.tokens_out,
            seconds=row.seconds,
        )
        for row in rows
    ]
    metered = evaluation.batches.filter(energy__isnull=False).annotate(asked=Count("samples")).order_by("number")
    return summarise(samples, [MeteredBatch(Energy(**batch.energy), batch.asked) for batch in metered if batch.energy])


def setting_of(evaluation: Evaluation) -> str:
    """How it was run, as far as that makes it another measurement: other weights than the published, other decoding."""
    weights = evaluation.record.get("weights") or {}
    parts = [weights.get("quantisation", "")] if weights.get("quantisation", "") not in WHOLE else []
    if evaluation.mode == Evaluation.Mode.SAMPLED:
        parts.append(f"sampled at {evaluation.temperature:g}, {evaluation.repeats} a question")
    elif evaluation.mode == Evaluation.Mode.CHOICE:
        parts.append("likelihood of choices")
    return ", ".join(parts)


def write(evaluation: Evaluation, *, benchmark: str, finished: datetime) -> bytes:
    """The log. Equal runs give equal bytes. Of a secret series it holds the digests of the questions only, and of the
    targets nothing: the seed, told when the week is over, gives both."""
    rows: Sequence[EvaluationSample] = list(evaluation.samples.order_by("pk"))
    clusters = {row.item: row.cluster for row in rows}
    means = question_means((row.item, row.exact or 0.0) for row in rows)
    found = mean_of(list(means.values()), [clusters[item] for item in means])
    record = {name: said for name, said in evaluation.record.items() if not evaluation.week or name != "seed"}
    log = {
        "format": FORMAT,
        "key": f"{evaluation.suite}:{evaluation.pk}",
        "model": evaluation.name,
        "benchmark": benchmark,
        "suite": evaluation.suite,
        "suite_version": evaluation.suite_version,
        "seed": None if evaluation.week else evaluation.seed,
        "week": evaluation.week,
        "setting": setting_of(evaluation),
        "finished": finished.date().isoformat(),
        "url": f"{settings.SITE_URL}/evaluations/{evaluation.pk}/",
        "questions": len(rows) // evaluation.repeats,
        "repeats": evaluation.repeats,
        "sampling": {
            name: getattr(evaluation, name) for name in ("mode", "temperature", "top_p", "max_tokens", "sample_seconds")
        },
        "score": {"value": found.mean, "stderr": found.widest},
        "record": record,
        "samples": [_sample(row, secret=bool(evaluation.week)) for row in rows],
    }
    return json.dumps(log, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _sample(row: EvaluationSample, *, secret: bool) -> dict[str, Any]:
    said = {
        name: getattr(row, name)
        for name in (
            *("item", "repeat", "cluster", "exact", "own", "failure"),
            *("tokens_in", "tokens_out", "seconds", "likelihoods"),
        )
    }
    return said if secret else said | {name: getattr(row, name) for name in ("prompt", "target", "text", "extracted")}


def hand_in(evaluation: Evaluation, *, benchmark: str, now: datetime, by: str) -> None:
    """Its log becomes a document, which is read like any other; once: a second call finds the document there. Raises
    NoCatalogueError before `load` has run: the answers are kept, and the next try hands them in."""
    source = Source.objects.filter(slug=SOURCE).first()
    if source is None:
        raise NoCatalogueError(
            "The catalogue is not there yet: run `manage.py load`, after which the log is handed in."
        )
    endpoint, _ = Endpoint.objects.get_or_create(url=f"{SCHEME}{evaluation.pk}", defaults={"source": source})
    finished = evaluation.finished_at or now
    body = write(evaluation, benchmark=benchmark, finished=finished)
    snapshot, _ = keep(endpoint, body, fetched_at=now, media_type=MEDIA_TYPE)
    Evaluation.objects.filter(pk=evaluation.pk).update(log=snapshot)
    ingest.ingest(snapshot.pk, now=now, by=by)
