"""One of our runs: what it was, its numbers so far, its record, and its samples a page at a time.

Questions of a secret series are hidden until its week is over, and so is all that repeats them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from tracker.domain.eval_statistics import Sample, summarise
from tracker.domain.evaluation import tells_seed
from tracker.models import Evaluation, EvaluationSample
from tracker.queries.evaluations import OPEN, ClusterRow, EvaluationRow, clusters_of, gpu_words, rows_of, without_user
from tracker.queries.paging import stretch

SAMPLE_PAGE = 25
OUTCOMES = ("right", "wrong", "failed", "waiting")
SECRET = ("seed", "items_sha256")  # of a record, while the week goes on

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One question asked once. What would tell the question is blank while it is `hidden`."""

    item: str
    repeat: int
    cluster: str
    state: str
    failure: str
    detail: str
    prompt: str
    target: str
    choices: tuple[str, ...]
    answer: str
    extracted: str
    exact: float | None
    own: float | None
    likelihoods: tuple[float, ...]
    tokens_in: int | None
    tokens_out: int | None
    seconds: float | None
    finished_at: datetime | None
    hidden: bool

    @property
    def outcome(self) -> str:
        if self.state == EvaluationSample.State.WAITING:
            return "waiting"
        if self.exact is None:
            return "failed"
        return "right" if self.exact else "wrong"


@dataclass(frozen=True, slots=True)
class SampleFilter:
    """Which samples: of one cluster, with one outcome; blank is all."""

    cluster: str = ""
    outcome: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class SamplePage:
    """One page of a run's samples; `total` is how many pass the filter."""

    rows: tuple[SampleRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Detail:
    """A run with all that is known of it. `summary` is that of domain.eval_statistics as JSON: of an unfinished run as
    far as it has come, and `so_far` then."""

    row: EvaluationRow
    model: str
    command: str
    seed: int | None
    system: str
    settings: tuple[tuple[str, str], ...]
    record: str
    summary: Json
    clusters: tuple[ClusterRow, ...]
    so_far: bool
    hidden: bool
    week_over: bool
    spent: tuple[tuple[str, float, float], ...]


def detail(number: int, *, now: datetime) -> Detail | None:
    """The run of that number."""
    of = Evaluation.objects.filter(pk=number).first()
    if of is None:
        return None
    (row,) = rows_of([of])
    hidden = not tells_seed(of.week, now=now)
    so_far = of.state in OPEN or not of.summary
    summary = _so_far(number) if so_far else of.summary
    return Detail(
        row=row,
        model=without_user(of.model),
        command=without_user(str(of.record.get("command") or "")),
        seed=None if hidden else of.seed,
        system=str((of.record.get("suite") or {}).get("system") or ""),
        settings=_settings(of, hidden),
        record=_record(of, hidden),
        summary=summary,
        clusters=tuple(clusters_of(number, summary)),
        so_far=so_far,
        hidden=hidden,
        week_over=tells_seed(of.week, now=now),
        spent=_spent(of, summary),
    )


def _so_far(number: int) -> Json:
    """The summary of the samples that are answered, without energy: a meter's batches are told of at the end."""
    rows = EvaluationSample.objects.filter(evaluation=number).exclude(state=EvaluationSample.State.WAITING)
    columns = ("item", "cluster", "exact", "own", "failure", "tokens_in", "tokens_out", "seconds")
    return summarise([Sample(*values) for values in rows.order_by("pk").values_list(*columns)]).to_json()


def _settings(of: Evaluation, hidden: bool) -> tuple[tuple[str, str], ...]:
    engine, weights, suite = (of.record.get(name) or {} for name in ("engine", "weights", "suite"))
    hardware = of.record.get("hardware") or {}
    seed = "told when the week is over" if hidden else "" if of.seed is None else str(of.seed)
    told = [
        ("Suite", f"{suite.get('title') or of.suite}, version {of.suite_version}" if of.suite_version else of.suite),
        ("Seed of the questions", seed),
        ("Series", f"secret, week {of.week}" if of.week else "public seed" if of.record else ""),
        ("Answers", of.get_mode_display()),
        ("Temperature", f"{of.temperature:g}"),
        ("Top p", f"{of.top_p:g}"),
        ("Samples a question", str(of.repeats)),
        ("Token limit of an answer", f"{of.max_tokens:,}"),
        ("Time limit of an answer", f"{of.sample_seconds:g} s"),
        ("Asked at once", str(of.record.get("concurrency") or "")),
        ("Engine", " ".join(str(engine.get(name) or "") for name in ("engine", "engine_version")).strip() or of.engine),
        ("Device", str(engine.get("device") or of.device)),
        ("Number format", str(engine.get("dtype") or "")),
        ("Context", f"{engine['context']:,} tokens" if engine.get("context") else ""),
        ("Weights", str(weights.get("format") or "")),
        ("Quantisation", str(weights.get("quantisation") or "")),
        ("Architecture", str(weights.get("architecture") or "")),
        ("Parameters", f"{weights['parameters']:,}" if weights.get("parameters") else ""),
        ("Chat template, SHA-256", str(weights.get("template_sha256") or "")),
        ("Questions, SHA-256", "" if hidden else str(of.record.get("items_sha256") or "")),
        ("GPUs", gpu_words(hardware)),
        ("Driver", ", ".join(sorted({str(gpu["driver"]) for gpu in hardware.get("gpus") or () if gpu.get("driver")}))),
        ("Processor", str(hardware.get("processor") or "")),
        ("Locked in by", str(engine.get("isolation") or "")),
        ("Revision of this code", str(of.record.get("revision") or "")),
    ]
    files = [(f"SHA-256 of {name}", f"{digest} ({size:,} bytes)") for name, size, digest in weights.get("files") or ()]
    return tuple((name, value) for name, value in [*told, *files] if value)


def _record(of: Evaluation, hidden: bool) -> str:
    """All that is needed to run it again, as JSON for people."""
    record = {name: value for name, value in of.record.items() if not (hidden and name in SECRET)}
    return without_user(json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True)) if record else ""


def _spent(of: Evaluation, summary: Json) -> tuple[tuple[str, float, float], ...]:
    """Each budget: what it is, how much of it was used, how large it is."""
    tokens = float(summary.get("tokens_in", 0) + summary.get("tokens_out", 0))
    found = [("tokens", tokens, of.budget_tokens), ("seconds", summary.get("seconds", 0.0), of.budget_seconds)]
    return tuple((name, used, float(most)) for name, used, most in found if most is not None)


def sample_page(number: int, wanted: SampleFilter, *, hidden: bool, size: int = SAMPLE_PAGE) -> SamplePage:
    """The samples that pass the filter in the order in which they were asked; all of them with size 0."""
    found = _narrowed(EvaluationSample.objects.filter(evaluation=number), wanted).order_by("pk")
    total = found.count()
    page, pages, here = stretch(total, wanted.page, size)
    return SamplePage(tuple(_sample(one, hidden) for one in found[here]), total, page, pages)


def _narrowed(found: QuerySet[EvaluationSample], wanted: SampleFilter) -> QuerySet[EvaluationSample]:
    if wanted.cluster:
        found = found.filter(cluster=wanted.cluster)
    outcomes = {
        "right": Q(exact=1),
        "wrong": Q(exact=0),
        "failed": ~Q(failure=""),
        "waiting": Q(state=EvaluationSample.State.WAITING),
    }
    return found.filter(outcomes[wanted.outcome]) if wanted.outcome else found


def _sample(of: EvaluationSample, hidden: bool) -> SampleRow:
    choices: Sequence[str] = () if hidden else of.choices
    return SampleRow(
        item=of.item,
        repeat=of.repeat,
        cluster=of.cluster,
        state=of.state,
        failure=of.failure,
        # It may quote the question.
        detail="" if hidden else of.detail,
        prompt="" if hidden else of.prompt,
        target="" if hidden else of.target,
        choices=tuple(choices),
        answer="" if hidden else of.text,
        extracted="" if hidden else of.extracted,
        exact=of.exact,
        own=of.own,
        likelihoods=tuple(of.likelihoods),
        tokens_in=of.tokens_in,
        tokens_out=of.tokens_out,
        seconds=of.seconds,
        finished_at=of.finished_at,
        hidden=hidden,
    )
