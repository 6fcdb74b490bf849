"""Our own evaluations as rows: runs with their accuracy and progress, the machines of the queue, one run's record."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, When
from django.db.models.fields.json import KeyTransform

from tracker.models import AIModel, Benchmark, Evaluation, EvaluationBatch, EvaluationHost, EvaluationSample
from tracker.queries.paging import stretch
from tracker.queries.runs import RunInfo

PAGE_SIZE = 100
AWAKE = timedelta(minutes=15)  # a worker that was not heard of for so long is taken for switched off
STATES = tuple(value for value, _ in Evaluation.State.choices)
MODES = tuple(value for value, _ in Evaluation.Mode.choices)
OPEN = (Evaluation.State.WAITING, Evaluation.State.RUNNING)
SORTS: Mapping[str, tuple[Any, ...]] = {
    "newest": ("-pk",),
    "accuracy": (F("exact_score").desc(nulls_last=True), "-pk"),
    "name": ("name", "-pk"),
    "suite": ("suite", "-pk"),
}
# A word before the @ of an address is a name or a password.
USER_IN_ADDRESS = re.compile(r"(?<=//)[^/@\s]*@")

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EvaluationFilter:
    """What the list can be narrowed by; blank is everything."""

    search: str = ""
    suite: str = ""
    state: str = ""
    mode: str = ""
    sort: str = "newest"
    page: int = 1


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """One run. `exact` is its accuracy, 0 to 1, once it is done; `error` the wider of its plain and its clustered
    standard error, whose 95 % interval is `low` to `high`. Energy is None without a meter: it was not measured."""

    id: int
    name: str
    model_slug: str
    suite: str
    suite_version: int | None
    benchmark_slug: str
    setting: str
    mode: str
    repeats: int
    engine: str
    hardware: str
    state: str
    state_label: str
    message: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    answered: int
    samples: int | None
    questions: int | None
    exact: float | None
    error: float | None
    low: float | None
    high: float | None
    own: float | None
    tokens_in: int | None
    tokens_out: int | None
    seconds: float | None
    watts: float | None
    joules_per_query: float | None
    per_joule: float | None
    per_joule_error: float | None
    week: str
    snapshot: int | None

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def share(self) -> float:
        """How much of it is answered, 0 to 1."""
        return self.answered / self.samples if self.samples else 0.0

    @property
    def badge(self) -> str:
        """How its state looks: as the style sheet calls it."""
        return {"done": "good", "failed": "bad", "running": "", "waiting": ""}.get(self.state, "warn")


@dataclass(frozen=True, slots=True)
class EvaluationPage:
    """One page of runs; `total` is how many pass the filter."""

    rows: tuple[EvaluationRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class HostRow:
    """A machine that serves the queue, what it has, and what it does."""

    name: str
    processor: str
    cores: int | None
    memory: int | None
    gpus: str
    meter: str
    isolation: str
    first_seen: datetime
    seen_at: datetime
    awake: bool


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """One generator at one level of a finished run."""

    evaluation: int
    cluster: str
    questions: int
    answered: int
    exact: float | None
    error: float | None
    low: float | None
    high: float | None
    own: float | None


@dataclass(frozen=True, slots=True)
class Named:
    """A run as the subject of a chart."""

    id: int
    name: str


def evaluation_page(wanted: EvaluationFilter, *, size: int = PAGE_SIZE) -> EvaluationPage:
    """The runs that pass the filter, a page at a time; all of them with size 0."""
    found = _narrowed(wanted)
    total = found.count()
    page, pages, here = stretch(total, wanted.page, size)
    # What a run came to before it was stopped is no score.
    done = When(state=Evaluation.State.DONE, then=KeyTransform("exact", "summary"))
    found = found.annotate(exact_score=Case(done)).order_by(*SORTS[wanted.sort])
    return EvaluationPage(tuple(rows_of(list(found[here]))), total, page, pages)


def _narrowed(wanted: EvaluationFilter) -> QuerySet[Evaluation]:
    found = Evaluation.objects.all()
    if wanted.search:
        found = found.filter(Q(name__icontains=wanted.search) | Q(model__icontains=wanted.search))
    for name in ("suite", "state", "mode"):
        if value := getattr(wanted, name):
            found = found.filter(**{name: value})
    return found


def queue() -> tuple[EvaluationRow, ...]:
    """What runs or waits, oldest first: the order in which it is taken up."""
    return tuple(rows_of(Evaluation.objects.filter(state__in=OPEN).order_by("pk")[:PAGE_SIZE]))


def suites() -> tuple[str, ...]:
    """The suites of which there is a run."""
    return tuple(Evaluation.objects.order_by("suite").values_list("suite", flat=True).distinct())


def evaluation_row(run: RunInfo | None, number: str | int) -> Named | None:
    """The run of that number, by what charts call it. It does not depend on an index run."""
    if not str(number).isdecimal() or len(str(number)) > 12:
        return None
    found = Evaluation.objects.filter(pk=int(number)).first()
    return None if found is None else Named(found.pk, f"{found.name} on {found.suite}")


def rows_of(evaluations: Iterable[Evaluation]) -> list[EvaluationRow]:
    """Rows of runs, whatever their number, in four queries."""
    some = list(evaluations)
    unfinished = [one.pk for one in some if one.state in OPEN]
    counts = _counts(unfinished) if unfinished else {}
    slugs = dict(AIModel.objects.filter(name__in={one.name for one in some}).values_list("name", "slug"))
    benchmarks = set(Benchmark.objects.filter(slug__in={one.suite for one in some}).values_list("slug", flat=True))
    return [_row(one, counts.get(one.pk), slugs.get(one.name, ""), one.suite in benchmarks) for one in some]


def _counts(numbers: Sequence[int]) -> dict[int, tuple[int, int]]:
    left = Count("pk", filter=Q(state=EvaluationSample.State.WAITING))
    samples = EvaluationSample.objects.filter(evaluation__in=numbers).order_by().values("evaluation")
    return {
        one["evaluation"]: (one["all"] - one["left"], one["all"])
        for one in samples.annotate(all=Count("pk"), left=left)
    }


def _row(of: Evaluation, counts: tuple[int, int] | None, slug: str, charted: bool) -> EvaluationRow:
    told: Json = of.summary or {}
    energy: Json = told.get("energy") or {}
    score: Json = told if of.state == Evaluation.State.DONE else {}
    answered, samples = counts or (told.get("answered", 0) + told.get("unanswered", 0), told.get("samples"))
    return EvaluationRow(
        id=of.pk,
        name=of.name,
        model_slug=slug,
        suite=of.suite,
        suite_version=of.suite_version,
        benchmark_slug=of.suite if charted else "",
        setting=setting_words(of),
        mode=of.mode,
        repeats=of.repeats,
        engine=str((of.record.get("engine") or {}).get("engine") or of.engine),
        hardware=hardware_words(of.record),
        state=of.state,
        state_label=of.get_state_display(),
        message=of.message,
        asked_at=of.asked_at,
        started_at=of.started_at,
        finished_at=of.finished_at,
        answered=answered,
        samples=samples,
        questions=told.get("questions"),
        exact=score.get("exact"),
        error=widest(score),
        low=score.get("low"),
        high=score.get("high"),
        own=score.get("own"),
        tokens_in=told.get("tokens_in"),
        tokens_out=told.get("tokens_out"),
        seconds=told.get("seconds"),
        watts=_value(energy, "watts"),
        joules_per_query=_value(energy, "joules_per_query"),
        per_joule=_value(energy, "per_joule"),
        per_joule_error=(energy.get("per_joule") or {}).get("error"),
        week=of.week,
        snapshot=of.log_id,
    )


def _value(energy: Json, name: str) -> float | None:
    found = (energy.get(name) or {}).get("value")
    return None if found is None else float(found)


def widest(told: Json) -> float | None:
    """The error that is printed: the wider of the plain and the clustered one."""
    known = [told[name] for name in ("error", "clustered") if told.get(name) is not None]
    return max(known, default=None)


def setting_words(of: Evaluation) -> str:
    """How answers were made, in short."""
    weights = of.record.get("weights") or {}
    parts = [str(weights.get("quantisation") or ""), of.get_mode_display()]
    if of.mode == Evaluation.Mode.SAMPLED:
        parts.append(f"temperature {of.temperature:g}, {of.repeats} a question")
    if of.limit is not None:
        parts.append(f"first {of.limit} questions")
    if of.week:
        parts.append(f"secret series {of.week}")
    return ", ".join(part for part in parts if part)


def hardware_words(record: Json) -> str:
    """The GPUs of a run, else its processor; blank before a worker has taken it up."""
    hardware = record.get("hardware") or {}
    device = str((record.get("engine") or {}).get("device", ""))
    gpus = gpu_words(hardware)
    if gpus and not device.startswith("cpu"):
        return gpus
    return str(hardware.get("processor") or "")


def gpu_words(hardware: Json) -> str:
    """The GPUs of a machine, each kind with its number."""
    names = [str(gpu.get("name", gpu)) if isinstance(gpu, Mapping) else str(gpu) for gpu in hardware.get("gpus") or ()]
    return ", ".join(f"{names.count(name)} × {name}" for name in dict.fromkeys(names))


def without_user(address: str) -> str:
    """An address without what may stand before its host."""
    return USER_IN_ADDRESS.sub("", address)


def host_rows(*, now: datetime) -> tuple[HostRow, ...]:
    """The machines that have served the queue, those that do now first."""
    found = [
        HostRow(
            name=host.name,
            processor=str(host.hardware.get("processor") or ""),
            cores=host.hardware.get("cores"),
            memory=host.hardware.get("memory"),
            gpus=gpu_words(host.hardware),
            meter=str(host.hardware.get("meter") or ""),
            isolation=str(host.hardware.get("isolation") or ""),
            first_seen=host.first_seen,
            seen_at=host.seen_at,
            awake=now - host.seen_at < AWAKE,
        )
        for host in EvaluationHost.objects.all()
    ]
    return tuple(sorted(found, key=lambda row: (not row.awake, row.name)))


def cluster_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[ClusterRow]:
    """A finished run cluster by cluster, as a chart draws it; one that goes on has none yet. It is the same on every
    day: nothing of a finished run changes, and it stands on no index run."""
    named = evaluation_row(run, params.get("evaluation", ""))
    if named is None:
        return []
    of = Evaluation.objects.exclude(state__in=OPEN).filter(pk=named.id).first()
    return [] if of is None else clusters_of(of.pk, of.summary)


def clusters_of(number: int, summary: Json) -> list[ClusterRow]:
    """The clusters of a summary as rows."""
    return [ClusterRow(evaluation=number, **row) for row in (summary or {}).get("by_cluster", ())]


def batches_of(number: int) -> dict[str, int]:
    """How many batches of a run are in each state."""
    found = EvaluationBatch.objects.filter(evaluation=number).order_by().values_list("state").annotate(n=Count("pk"))
    return dict(found)
