"""Benchmarks: what each still tells apart at the frontier, and the believed scores on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, F, QuerySet, When

from tracker.models import Benchmark, BenchmarkState, ModelState, Score, Setting
from tracker.queries.runs import RunInfo

# Half the width of a 90 % interval in standard errors.
NORMAL_90 = 1.645


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """One benchmark in one run. Best scores are in the benchmark's unit."""

    slug: str
    name: str
    category: str
    domain: str
    unit: str
    access: str
    released_on: date | None
    floor: float | None
    ceiling: float | None
    lower_is_better: bool
    items: int | None
    in_index: bool
    maintainer: str
    homepage: str
    note: str
    superseded_by: str
    state: str
    information: float | None
    indistinguishable: float | None
    headroom: float | None
    difficulty: float | None
    slope: float | None
    models: int
    scores: int
    best_open: float | None
    best_open_model: str
    best_open_slug: str
    best_closed: float | None
    best_closed_model: str
    best_closed_slug: str


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One model's believed score on one benchmark, in the benchmark's unit, with a 90 % interval where one is known."""

    model: str
    slug: str
    lab: str
    side: str
    released_on: date | None
    value: float
    low: float | None
    high: float | None
    setting: str
    evaluator: str
    fact: int = 0
    source: str = ""


def _row(benchmark: Benchmark, state: BenchmarkState | None) -> BenchmarkRow:
    best_open = state.best_open_model if state else None
    best_closed = state.best_closed_model if state else None
    return BenchmarkRow(
        slug=benchmark.slug,
        name=benchmark.name,
        category=benchmark.category,
        domain=benchmark.domain,
        unit=benchmark.unit,
        access=benchmark.access,
        released_on=benchmark.released_on,
        floor=benchmark.floor,
        ceiling=benchmark.ceiling,
        lower_is_better=benchmark.lower_is_better,
        items=benchmark.items,
        in_index=benchmark.in_index,
        maintainer=benchmark.maintainer,
        homepage=benchmark.homepage,
        note=benchmark.note,
        superseded_by=benchmark.superseded_by.slug if benchmark.superseded_by else "",
        state=state.state if state else "",
        information=state.information if state else None,
        indistinguishable=state.indistinguishable if state else None,
        headroom=state.headroom if state else None,
        difficulty=state.difficulty if state else None,
        slope=state.slope if state else None,
        models=state.model_count if state else 0,
        scores=state.score_count if state else 0,
        best_open=state.best_open if state else None,
        best_open_model=best_open.name if best_open else "",
        best_open_slug=best_open.slug if best_open else "",
        best_closed=state.best_closed if state else None,
        best_closed_model=best_closed.name if best_closed else "",
        best_closed_slug=best_closed.slug if best_closed else "",
    )


def benchmark_rows(run: int | None) -> list[BenchmarkRow]:
    """Every benchmark that may be shown, those with scores first, by category and name."""
    states = BenchmarkState.objects.filter(run_id=run).select_related("best_open_model", "best_closed_model")
    known = {state.benchmark_id: state for state in states}
    benchmarks = Benchmark.objects.filter(may_display=True).select_related("superseded_by")
    rows = [_row(benchmark, known.get(benchmark.pk)) for benchmark in benchmarks]
    return sorted(rows, key=lambda row: (row.models == 0, row.category, row.name))


def benchmark_row(run: int | None, slug: str) -> BenchmarkRow | None:
    """One benchmark with what the run believes of it; None: no benchmark of that slug may be shown."""
    benchmark = Benchmark.objects.filter(slug=slug, may_display=True).select_related("superseded_by").first()
    if benchmark is None:
        return None
    state = BenchmarkState.objects.filter(run_id=run, benchmark=benchmark)
    return _row(benchmark, state.select_related("best_open_model", "best_closed_model").first())


def shown_scores(known_at: datetime | None) -> QuerySet[Score]:
    """The score facts known at a time that may be shown, for whoever needs a part of them."""
    return Score.objects.known(known_at).filter(benchmark__may_display=True, endpoint__source__may_display=True)


def best_scores(facts: QuerySet[Score]) -> QuerySet[Score]:
    """Of each model on each benchmark the believed score that is best over its settings, of equal ones the older fact.
    The database chooses: of a benchmark in use there are tens of thousands."""
    believed = Score.objects.believed(facts, "model_id", "benchmark_id", "setting_id")
    worse = Case(When(benchmark__lower_is_better=True, then=F("value")), default=-F("value"))
    same = ("model_id", "benchmark_id")
    return Score.objects.filter(pk__in=believed.values("pk")).order_by(*same, worse, "pk").distinct(*same)


def score_rows(run: RunInfo | None, params: Mapping[str, str], *, known_at: datetime | None = None) -> list[ScoreRow]:
    """The best believed score of each model on the benchmark that `params` names, best first. A model of unknown access
    has no side. `known_at` is for days without a run."""
    facts = shown_scores(run.facts_at if run else known_at).filter(benchmark__slug=params.get("benchmark", ""))
    told = list(
        best_scores(facts).values_list(
            "model_id", "model__name", "model__slug", "model__lab__name", "value", "stderr", "setting_id", "evaluator",
            "pk", "endpoint__source__title", "benchmark__lower_is_better",
        )
    )  # fmt: skip
    settings = {pk: str(row) for pk, row in Setting.objects.in_bulk({row[6] for row in told}).items()}
    states = ModelState.objects.filter(run_id=run.id if run else None, model_id__in=[row[0] for row in told])
    known = {pk: rest for pk, *rest in states.values_list("model_id", "access", "open_means", "released_on")}
    rows = []
    for pk, model, slug, lab, value, stderr, setting, evaluator, fact, source, _ in told:
        access, open_means, released_on = known.get(pk, ("", (), None))
        margin = None if stderr is None else NORMAL_90 * stderr
        rows.append(
            ScoreRow(
                model=model,
                slug=slug,
                lab=lab,
                side="" if not access else ("open" if open_means else "closed"),
                released_on=released_on,
                value=value,
                low=None if margin is None else value - margin,
                high=None if margin is None else value + margin,
                setting=settings[setting],
                evaluator=evaluator,
                fact=fact,
                source=source,
            )
        )
    sign = -1.0 if told and told[0][-1] else 1.0
    return sorted(rows, key=lambda row: (-sign * row.value, row.model))


def drawing_options(run: RunInfo | None, params: Mapping[str, str]) -> dict[str, object]:
    """What the chart of a benchmark needs to know besides its rows: unit, direction, the day of the data."""
    found = Benchmark.objects.filter(slug=params.get("benchmark", ""), may_display=True)
    unit, lower = found.values_list("unit", "lower_is_better").first() or ("", False)
    return {"unit": unit, "lower_is_better": lower, "until": run.as_of if run else None}
