"""Models: what a run believes of each, and one model's scores, prices and history."""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q
from django.db.models.fields.json import KeyTransform

from tracker.domain.openness import LATE_DAYS as LATE_DAYS
from tracker.domain.records import Access
from tracker.models import AIModel, Alias, BenchmarkState, Lab, ModelState, Price, Release, RunReport, Score, Setting
from tracker.queries.benchmarks import shown_scores
from tracker.queries.paging import stretch
from tracker.queries.runs import RunInfo

PAGE_SIZE = 100
PRICES = "prices"  # the run's report of what models cost
SORTS = {
    "index": (F("value").desc(nulls_last=True), "model__name"),
    "released": (F("released_on").desc(nulls_last=True), "model__name"),
    "name": ("model__name",),
    "lab": ("model__lab__name", F("released_on").desc(nulls_last=True)),
}


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model as a run believes it; `evidence` maps a field to the release fact that it was taken from."""

    slug: str
    name: str
    lab: str
    lab_slug: str
    country: str
    region: str
    family: str
    released_on: date | None
    precision: str
    access: str
    licence: str
    parameters: float | None
    active_parameters: float | None
    context: int | None
    open_means: tuple[str, ...]
    value: float | None
    low: float | None
    high: float | None
    benchmarks: int
    scores: int
    frontier: str
    conflicts: tuple[str, ...]
    evidence: dict[str, int]

    @property
    def released(self) -> str:
        """The date as exactly as it is known."""
        if self.released_on is None:
            return ""
        return self.released_on.isoformat()[: {"year": 4, "month": 7}.get(self.precision, 10)]

    @property
    def side(self) -> str:
        return "open" if self.open_means else "closed"

    @property
    def late(self) -> bool:
        """Whether its weights can be downloaded, but came too long after the release for it to count as open."""
        return bool(self.access) and Access(self.access).downloadable and not self.open_means


@dataclass(frozen=True, slots=True)
class ModelFilter:
    """What the list of models can be narrowed by; blank is everything."""

    search: str = ""
    lab: str = ""
    openness: str = ""  # an openness cut, or "closed"
    region: str = ""
    sort: str = "index"
    page: int = 1


@dataclass(frozen=True, slots=True)
class ModelPage:
    """One page of models; `total` is how many pass the filter."""

    rows: tuple[ModelRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One score of a model, with the score fact's id for its provenance."""

    fact: int
    benchmark: str
    benchmark_slug: str
    category: str
    unit: str
    setting: str
    value: float
    stderr: float | None
    evaluator: str
    evaluated_on: date | None
    source: str
    believed: bool
    best_open: float | None = None
    best_closed: float | None = None


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What one source says a host asks; `believed`: the run counts it as that host's offer, `cheapest` as the best."""

    fact: int
    host: str
    input: float | None
    output: float | None
    cache_read: float | None
    since: date | None
    source: str
    believed: bool
    cheapest: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """One host's offer as a run believed it: `blend` weighs three input tokens to one of output."""

    host: str
    blend: float
    fact: int


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """What one source says of a model's release, current or superseded."""

    fact: int
    source: str
    released: str
    access: str
    licence: str
    parameters: float | None
    context: int | None
    url: str
    known_from: datetime
    known_to: datetime | None


def state_row(state: ModelState) -> ModelRow:
    """A run's state of a model as pages and files have it. The state may be unsaved, of a model that no run knows."""
    model = state.model
    return ModelRow(
        slug=model.slug,
        name=model.name,
        lab=model.lab.name,
        lab_slug=model.lab.slug,
        country=model.lab.country,
        region=model.lab.region,
        family=model.family.name if model.family else "",
        released_on=state.released_on,
        precision=state.precision,
        access=state.access,
        licence=state.licence.name if state.licence else "",
        parameters=state.parameters,
        active_parameters=state.active_parameters,
        context=state.context,
        open_means=tuple(state.open_means),
        value=state.value,
        low=state.low,
        high=state.high,
        benchmarks=state.benchmarks,
        scores=state.scores,
        frontier=state.frontier,
        conflicts=tuple(state.conflicts),
        evidence=state.evidence,
    )


def model_page(run: int, wanted: ModelFilter, *, size: int = PAGE_SIZE) -> ModelPage:
    """One page of the models that a run knows anything of; `size` 0 is all of them."""
    states = ModelState.objects.filter(run_id=run).select_related("model__lab", "model__family", "licence")
    if wanted.search:
        words = Q(model__name__icontains=wanted.search) | Q(model__lab__name__icontains=wanted.search)
        states = states.filter(words | Q(model__slug__icontains=wanted.search.replace(" ", "-").lower()))
    if wanted.lab:
        states = states.filter(model__lab__slug=wanted.lab)
    if wanted.openness == "closed":
        states = states.exclude(access="").filter(open_means=[])
    elif wanted.openness:
        states = states.filter(open_means__contains=wanted.openness)
    if wanted.region:
        states = states.filter(model__lab__region=wanted.region)
    total = states.count()
    states = states.order_by(*SORTS.get(wanted.sort, SORTS["index"]), "pk")
    page, pages, here = stretch(total, wanted.page, size)
    return ModelPage(tuple(state_row(state) for state in states[here]), total, page, pages)


def labs_of(run: int) -> list[tuple[str, str]]:
    """(slug, name) of the labs with a model in the run."""
    return list(Lab.objects.filter(models__states__run_id=run).distinct().values_list("slug", "name"))


def model_row(run: int | None, slug: str) -> ModelRow | None:
    """One model; a model that no run knows yet is shown with what the catalogue says. None: there is none."""
    state = ModelState.objects.filter(run_id=run, model__slug=slug).select_related(
        "model__lab", "model__family", "licence"
    )
    found = state.first()
    if found is not None:
        return state_row(found)
    model = AIModel.objects.select_related("lab", "family").filter(slug=slug).first()
    return None if model is None else state_row(ModelState(model=model))


def aliases_of(slug: str) -> list[str]:
    """Every name by which sources know the model, by alphabet; of a slug that is no model's none."""
    return list(Alias.objects.filter(model__slug=slug).order_by("name").values_list("name", flat=True))


def model_scores(slug: str, *, known_at: datetime | None) -> list[ScoreLine]:
    """Every score of a model, grouped by benchmark, in each the believed ones first, and of these the best."""
    facts = shown_scores(known_at).filter(model__slug=slug)
    believed = set(Score.objects.believed(facts, "benchmark_id", "setting_id").values_list("pk", flat=True))
    # Of some models there are thousands: their columns, without an object of each benchmark and source for every one.
    told = facts.values_list(
        "pk", "benchmark__slug", "benchmark__name", "benchmark__category", "benchmark__unit",
        "benchmark__lower_is_better", "setting_id", "value", "stderr", "evaluator", "evaluated_on",
        "endpoint__source__title", named=True,
    )  # fmt: skip
    rows = list(told)
    settings = Setting.objects.in_bulk({row.setting_id for row in rows})
    names = {pk: str(setting) for pk, setting in settings.items()}

    def place(fact: Any) -> tuple[str, str, bool, float, int]:
        better = fact.value if fact.benchmark__lower_is_better else -fact.value
        return fact.benchmark__category, fact.benchmark__name, fact.pk not in believed, better, fact.pk

    return [
        ScoreLine(
            fact=fact.pk,
            benchmark=fact.benchmark__name,
            benchmark_slug=fact.benchmark__slug,
            category=fact.benchmark__category,
            unit=fact.benchmark__unit,
            setting=names[fact.setting_id],
            value=fact.value,
            stderr=fact.stderr,
            evaluator=fact.evaluator,
            evaluated_on=fact.evaluated_on,
            source=fact.endpoint__source__title,
            believed=fact.pk in believed,
        )
        for fact in sorted(rows, key=place)
    ]


def foremost(lines: Sequence[ScoreLine], most: int) -> list[ScoreLine]:
    """Of very many lines so many: the first of each benchmark, then the second of each, in the order of all."""
    if len(lines) <= most:
        return list(lines)
    nth: Counter[str] = Counter()
    places = []
    for at, line in enumerate(lines):
        places.append((nth[line.benchmark_slug], at))
        nth[line.benchmark_slug] += 1
    return [lines[at] for at in sorted(at for _, at in heapq.nsmallest(most, places))]


def believed_offers(run: RunInfo | None, slugs: Sequence[str]) -> dict[str, tuple[Offer, ...]]:
    """Each model's offers as the run believed them, the cheapest first; of the run's report no more than is asked."""
    if run is None or not slugs:
        return {}
    hosts = [KeyTransform("hosts", KeyTransform(slug, KeyTransform("models", "report"))) for slug in slugs]
    found = RunReport.objects.filter(run_id=run.id, name=PRICES).values_list(*hosts).first()
    return {
        slug: tuple(Offer(one["host"], one["blend"], one["fact"]) for one in told or ())
        for slug, told in zip(slugs, found or (), strict=False)
    }


def model_prices(slug: str, *, known_at: datetime | None, believed: Sequence[Offer] = ()) -> list[PriceLine]:
    """What every source says that hosts ask; `believed` are the run's offers, the cheapest first."""
    counted = [offer.fact for offer in believed]
    prices = Price.objects.known(known_at).filter(model__slug=slug, endpoint__source__may_display=True)
    return [
        PriceLine(
            fact=price.pk,
            host=price.host,
            input=price.input,
            output=price.output,
            cache_read=price.cache_read,
            since=price.since,
            source=price.endpoint.source.title,
            believed=price.pk in counted,
            cheapest=price.pk in counted[:1],
        )
        for price in prices.select_related("endpoint__source").order_by("host", "input", "pk")
    ]


def model_releases(slug: str, *, known_at: datetime | None) -> list[ReleaseLine]:
    """What every source says or said of the model's release, current statements first."""
    facts = Release.objects.filter(model__slug=slug, endpoint__source__may_display=True)
    facts = facts.select_related("endpoint__source", "licence")
    if known_at is not None:
        facts = facts.filter(known_from__lte=known_at)
    lines = [
        ReleaseLine(
            fact=fact.pk,
            source=fact.endpoint.source.title,
            released=fact.released_on.isoformat()[: {"year": 4, "month": 7}.get(fact.precision, 10)]
            if fact.released_on
            else "",
            access=fact.access,
            licence=fact.licence.name if fact.licence else fact.licence_words,
            parameters=fact.parameters,
            context=fact.context,
            url=fact.url,
            known_from=fact.known_from,
            known_to=fact.known_to if known_at is None or (fact.known_to and fact.known_to <= known_at) else None,
        )
        for fact in facts
    ]
    return sorted(lines, key=lambda line: (line.known_to is not None, line.source, line.known_from, line.fact))


def score_rows(run: RunInfo | None, params: Mapping[str, str], *, known_at: datetime | None = None) -> list[ScoreLine]:
    """The best believed score per benchmark of the model that `params` names, for its chart: with the best open and the
    best closed score beside each, on benchmarks whose scores are proportions."""
    return best_rows(run, model_scores(params.get("model", ""), known_at=run.facts_at if run else known_at))


def best_rows(run: RunInfo | None, lines: Sequence[ScoreLine]) -> list[ScoreLine]:
    """The same of the model's lines, best first in each benchmark, where they are at hand."""
    best: dict[str, ScoreLine] = {}
    for line in lines:
        if line.believed and line.unit == "proportion":
            best.setdefault(line.benchmark_slug, line)
    states = BenchmarkState.objects.filter(run_id=run.id if run else None, benchmark__slug__in=best)
    bests = {
        slug: (top, closed) for slug, top, closed in states.values_list("benchmark__slug", "best_open", "best_closed")
    }
    return [
        replace(line, best_open=bests.get(slug, (None, None))[0], best_closed=bests.get(slug, (None, None))[1])
        for slug, line in best.items()
    ]
