"""Up to six models side by side: what is known of each, and their believed scores benchmark by benchmark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models.fields.json import KeyTransform

from tracker.domain.told_apart import RESOLVABLE as RESOLVABLE
from tracker.domain.told_apart import Measured, resolved_best, standard_error
from tracker.models import AIModel, ModelState, OpennessState, Score
from tracker.queries.benchmarks import best_scores, shown_scores
from tracker.queries.models import ModelRow, Offer, believed_offers, state_row
from tracker.queries.runs import RunInfo

MOST = 6
# Of a standard error, to each side of a score: nine intervals in ten hold the true one.
INTERVAL_90 = 1.645


@dataclass(frozen=True, slots=True)
class Side:
    """One of the models: its row, its rung on the ladder of openness, its cheapest believed offer."""

    row: ModelRow
    rung: int | None
    rung_label: str
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class Cell:
    """The best believed score of one model on one benchmark. `stderr_from` says whose the standard error is: reported,
    or of the number of items; blank where there is none."""

    fact: int
    value: float
    stderr: float | None
    stderr_from: str
    setting: str
    evaluator: str
    source: str
    best: bool = False


@dataclass(frozen=True, slots=True)
class BenchmarkLine:
    """One benchmark with a cell for each model, None where nobody measured it. `resolved`: one of the scores is better
    than every other by two standard errors of the difference or more; `errors_known`: every score has one."""

    slug: str
    name: str
    category: str
    unit: str
    lower_is_better: bool
    shared_by: int
    shared_by_all: bool
    resolved: bool
    errors_known: bool
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class ComparedScore:
    """One cell as a line of a file."""

    model: str
    model_slug: str
    lab: str
    side: str
    benchmark: str
    benchmark_slug: str
    category: str
    unit: str
    value: float
    stderr: float | None
    stderr_from: str
    setting: str
    evaluator: str
    source: str
    fact: int
    shared_by: int
    shared_by_all: bool
    best: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """One model on one benchmark as the chart has it; no value where nobody measured it there."""

    benchmark: str
    benchmark_slug: str
    category: str
    unit: str
    lower_is_better: bool
    model: str
    model_slug: str
    side: str
    value: float | None
    low: float | None
    high: float | None
    setting: str
    evaluator: str
    source: str
    fact: int | None


def sides(run: RunInfo | None, slugs: Sequence[str]) -> tuple[tuple[Side, ...], tuple[str, ...]]:
    """The models in the order asked for, and the slugs that name none."""
    number = run.id if run else None
    states = ModelState.objects.filter(run_id=number, model__slug__in=slugs)
    rows = {state.model.slug: state_row(state) for state in states.select_related(*_WITH)}
    if missing := [slug for slug in slugs if slug not in rows]:
        # A model that no run knows yet is shown with what the catalogue says.
        models = AIModel.objects.filter(slug__in=missing).select_related("lab", "family")
        rows |= {model.slug: state_row(ModelState(model=model)) for model in models}
    label = KeyTransform("label", KeyTransform("ladder", "verdicts"))
    judged = OpennessState.objects.filter(run_id=number, model__slug__in=slugs)
    rungs = {slug: (rung, words) for slug, rung, words in judged.values_list("model__slug", "rung", label)}
    offers = believed_offers(run, slugs)
    found = []
    for slug in slugs:
        if slug in rows:
            rung, words = rungs.get(slug, (None, ""))
            found.append(Side(rows[slug], rung, words or "", next(iter(offers.get(slug, ())), None)))
    return tuple(found), tuple(slug for slug in slugs if slug not in rows)


_WITH = ("model__lab", "model__family", "licence")


def lines(slugs: Sequence[str], *, known_at: datetime | None) -> tuple[BenchmarkLine, ...]:
    """Every benchmark that one of the models was measured on: those that most share first."""
    facts = best_scores(shown_scores(known_at).filter(model__slug__in=slugs))
    best: dict[str, dict[str, Score]] = {}
    for score in facts.select_related("model", "benchmark", "setting", "endpoint__source"):
        best.setdefault(score.benchmark.slug, {})[score.model.slug] = score
    found = [_line(slugs, scores) for scores in best.values()]
    return tuple(sorted(found, key=lambda line: (-line.shared_by, line.category, line.name)))


def _line(slugs: Sequence[str], scores: Mapping[str, Score]) -> BenchmarkLine:
    benchmark = next(iter(scores.values())).benchmark
    items = benchmark.items if benchmark.unit == "proportion" else None
    measured = {
        slug: Measured(score.value, standard_error(score.value, reported=score.stderr, items=items))
        for slug, score in scores.items()
    }
    asked = [slug for slug in slugs if slug in scores]
    at = resolved_best([measured[slug] for slug in asked], lower_is_better=benchmark.lower_is_better)
    winner = None if at is None else asked[at]
    return BenchmarkLine(
        slug=benchmark.slug,
        name=benchmark.name,
        category=benchmark.category,
        unit=benchmark.unit,
        lower_is_better=benchmark.lower_is_better,
        shared_by=len(asked),
        shared_by_all=len(asked) == len(slugs) > 1,
        resolved=winner is not None,
        errors_known=all(one.stderr is not None for one in measured.values()),
        cells=tuple(
            _cell(scores[slug], measured[slug].stderr, best=slug == winner) if slug in scores else None
            for slug in slugs
        ),
    )


def _cell(score: Score, stderr: float | None, *, best: bool) -> Cell:
    return Cell(
        fact=score.pk,
        value=score.value,
        stderr=stderr,
        stderr_from="" if stderr is None else "reported" if score.stderr else "items",
        setting=str(score.setting),
        evaluator=score.evaluator,
        source=score.endpoint.source.title,
        best=best,
    )


def file_rows(compared: Sequence[Side], shown: Sequence[BenchmarkLine]) -> list[ComparedScore]:
    """Cell by cell what the page shows."""
    return [
        ComparedScore(
            model=side.row.name,
            model_slug=side.row.slug,
            lab=side.row.lab,
            side=side.row.side if side.row.access else "",
            benchmark=line.name,
            benchmark_slug=line.slug,
            category=line.category,
            unit=line.unit,
            value=cell.value,
            stderr=cell.stderr,
            stderr_from=cell.stderr_from,
            setting=cell.setting,
            evaluator=cell.evaluator,
            source=cell.source,
            fact=cell.fact,
            shared_by=line.shared_by,
            shared_by_all=line.shared_by_all,
            best=cell.best,
        )
        for line in shown
        for side, cell in zip(compared, line.cells, strict=True)
        if cell is not None
    ]


def chosen(every: Sequence[BenchmarkLine], wanted: str, models: int) -> list[BenchmarkLine]:
    """The benchmarks that two or more of the models share; `common`: those that all share; `every`: all of them."""
    # One model alone shares nothing: all of its benchmarks are shown.
    if wanted == "every" or models < 2:
        return list(every)
    return [line for line in every if (line.shared_by_all if wanted == "common" else line.shared_by > 1)]


def names(slugs: Sequence[str]) -> dict[str, str]:
    """By slug the names of the models that there are: a slug that is no model's is not in it."""
    return dict(AIModel.objects.filter(slug__in=slugs).values_list("slug", "name"))


def beside(compared: Sequence[Side], shown: Sequence[BenchmarkLine]) -> list[Beside]:
    """Benchmark by benchmark every model: measured there or not."""
    return [_beside(side, line, cell) for line in shown for side, cell in zip(compared, line.cells, strict=True)]


def _beside(side: Side, line: BenchmarkLine, cell: Cell | None) -> Beside:
    spread = None if cell is None or cell.stderr is None else INTERVAL_90 * cell.stderr
    # A share of tasks ends at none and at all of them.
    least, most = (0.0, 1.0) if line.unit == "proportion" else (float("-inf"), float("inf"))
    return Beside(
        benchmark=line.name,
        benchmark_slug=line.slug,
        category=line.category,
        unit=line.unit,
        lower_is_better=line.lower_is_better,
        model=side.row.name,
        model_slug=side.row.slug,
        side=side.row.side if side.row.access else "",
        value=cell.value if cell else None,
        low=None if cell is None or spread is None else max(cell.value - spread, min(least, cell.value)),
        high=None if cell is None or spread is None else min(cell.value + spread, max(most, cell.value)),
        setting=cell.setting if cell else "",
        evaluator=cell.evaluator if cell else "",
        source=cell.source if cell else "",
        fact=cell.fact if cell else None,
    )


def chart_rows(run: RunInfo | None, params: Mapping[str, str], *, known_at: datetime | None = None) -> list[Beside]:
    """What the chart of the models that `params` names shows: `models` are slugs with commas, `show` as `chosen` has
    it."""
    slugs = [slug for slug in params.get("models", "").split(",") if slug]
    compared, _ = sides(run, slugs) if slugs else ((), ())
    there = [side.row.slug for side in compared]
    every = lines(there, known_at=run.facts_at if run else known_at) if there else ()
    return beside(compared, chosen(every, params.get("show", ""), len(there)))
