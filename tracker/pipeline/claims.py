"""The claims of the catalogue, judged on one run's answers and on the facts of its time: no fit, rows in a moment."""

from collections import defaultdict
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction

from tracker.domain.claim_base import Looked
from tracker.domain.claim_known import (
    Known,
    KnownBenchmark,
    KnownLicence,
    KnownModel,
    KnownPrice,
    KnownScore,
    Question,
)
from tracker.domain.claims import ClaimDefinition, reading
from tracker.domain.claims import judge as judged
from tracker.models import (
    SHOWN,
    BenchmarkState,
    Claim,
    ClaimVerdict,
    GapResult,
    IndexRun,
    Licence,
    ModelState,
    Price,
    Score,
)


def judge(run: IndexRun) -> int:
    """Write the run's verdict on every listed claim; returns how many. Judging a run again replaces its verdicts."""
    claims = [(row.pk, ClaimDefinition.from_toml(row.slug, row.test)) for row in Claim.objects.filter(listed=True)]
    known = known_to(run, reduce(or_, (claim.test.looks_up for _, claim in claims), Looked()))
    rows = []
    for pk, claim in claims:
        found = judged(claim, known)
        rows.append(
            ClaimVerdict(
                run=run,
                claim_id=pk,
                verdict=found.ruling.verdict.value,
                assumption=found.ruling.assumption,
                reading=reading(found, known),
            )
        )
    with transaction.atomic():
        ClaimVerdict.objects.filter(run=run).exclude(claim_id__in=[row.claim_id for row in rows]).delete()
        ClaimVerdict.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=("run", "claim"),
            update_fields=("verdict", "assumption", "reading"),
        )
    return len(rows)


def finished() -> list[IndexRun]:
    """The last runs of their days that have answered every question, oldest first: those of before a claim was entered
    can be judged."""
    runs = IndexRun.objects.filter(state=IndexRun.State.DONE, draws__isnull=False)
    runs = runs.exclude(pk__in=IndexRun.objects.replaced().values("pk"))
    return list(runs.order_by("known_at", "pk"))


def known_to(run: IndexRun, looked: Looked) -> Known:
    """What the run knows of all that the claims look up. What may not be shown is not known here."""
    return Known(
        as_of=run.as_of,
        reports=_reports(run, looked),
        models=_models(run),
        scores=_scores(run, looked),
        prices=_prices(run, looked),
        benchmarks=_benchmarks(run),
        licences={row.slug: KnownLicence(row.slug, row.name, row.url, _terms(row)) for row in Licence.objects.all()},
    )


def _terms(licence: Licence) -> dict[str, Any]:
    return {**licence.terms, "osi_approved": licence.osi_approved, "commercial": licence.commercial}


def _reports(run: IndexRun, looked: Looked) -> dict[Question, dict[str, Any]]:
    found = {}
    columns = ("scope", "open_means", "region", "max_parameters")
    for scope, open_means, region, size, report in GapResult.objects.filter(
        run=run, scope__in={question.scope for question in looked.questions}
    ).values_list(*columns, SHOWN):
        question = Question(scope, open_means, region, size)
        if question in looked.questions:
            found[question] = report
    return found


def _models(run: IndexRun) -> dict[str, KnownModel]:
    states = ModelState.objects.filter(run=run).select_related("model__lab", "licence")
    return {
        state.model.slug: KnownModel(
            slug=state.model.slug,
            name=state.model.name,
            lab=state.model.lab.slug,
            region=state.model.lab.region,
            released_on=state.released_on,
            access=state.access,
            licence=state.licence.slug if state.licence else "",
            parameters=state.parameters,
            active_parameters=state.active_parameters,
            context=state.context,
            open_means=tuple(state.open_means),
            value=state.value,
            low=state.low,
            high=state.high,
            evidence=state.evidence,
        )
        for state in states
    }


def _scores(run: IndexRun, looked: Looked) -> dict[tuple[str, str], tuple[KnownScore, ...]]:
    facts = Score.objects.known(run.known_at).filter(
        model__slug__in=looked.scored_models,
        benchmark__slug__in=looked.scored_benchmarks,
        benchmark__may_display=True,
        endpoint__source__may_display=True,
    )
    found: dict[tuple[str, str], list[KnownScore]] = defaultdict(list)
    for fact in facts.select_related("model", "benchmark", "setting").order_by("pk"):
        found[fact.model.slug, fact.benchmark.slug].append(
            KnownScore(
                fact=fact.pk,
                model=fact.model.slug,
                benchmark=fact.benchmark.slug,
                value=fact.value,
                evaluator=fact.evaluator,
                setting=str(fact.setting),
                stderr=fact.stderr,
            )
        )
    return {key: tuple(rows) for key, rows in found.items()}


def _prices(run: IndexRun, looked: Looked) -> dict[str, tuple[KnownPrice, ...]]:
    facts = Price.objects.known(run.known_at).filter(
        model__slug__in=looked.priced_models, endpoint__source__may_display=True
    )
    found: dict[str, list[KnownPrice]] = defaultdict(list)
    for fact in facts.select_related("model").order_by("pk"):
        slug = fact.model.slug
        found[slug].append(KnownPrice(fact.pk, slug, fact.host, fact.input, fact.output))
    return {slug: tuple(rows) for slug, rows in found.items()}


def _benchmarks(run: IndexRun) -> dict[str, KnownBenchmark]:
    states = BenchmarkState.objects.filter(run=run, benchmark__may_display=True)
    return {
        state.benchmark.slug: KnownBenchmark(
            slug=state.benchmark.slug,
            name=state.benchmark.name,
            unit=state.benchmark.unit,
            state=state.state,
            best_open=state.best_open,
            best_open_model=state.best_open_model.name if state.best_open_model else "",
            best_closed=state.best_closed,
            best_closed_model=state.best_closed_model.name if state.best_closed_model else "",
            lower_is_better=state.benchmark.lower_is_better,
        )
        for state in states.select_related("benchmark", "best_open_model", "best_closed_model")
    }
