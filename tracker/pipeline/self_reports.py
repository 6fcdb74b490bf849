"""Whether labs' own scores lie above what others measure: the report `self-report`."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import numpy as np
from django.db.models import Case, IntegerField, QuerySet, When

from tracker.domain import self_report as reported
from tracker.domain.evidence import EVALUATOR_RANK
from tracker.domain.gap_report import number
from tracker.domain.many_tests import FAMILY_ERROR, METHOD
from tracker.domain.records import Evaluator
from tracker.domain.self_report import Inflation, Pair
from tracker.models import IndexRun, Score, Setting
from tracker.pipeline.fitting import Fitted
from tracker.pipeline.score_facts import believed_facts

NAME: Final = "self-report"
_UNITS: Final = ("proportion", "rate")


def make(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """First-party scores against others' of the same model, benchmark and setting."""
    known = _known(run)
    lower = [slug for slug, one in fit.beliefs.benchmarks.items() if one.lower_is_better]
    found, on_both = _pairs(known, lower)
    models = fit.beliefs.models
    labelled = [(models[pair.model].lab, pair) for pair in found if pair.model in models]
    settings = {str(setting.pk): str(setting) for setting in Setting.objects.filter(pk__in=_settings(found))}
    everyone = reported.by_lab([("", pair) for _, pair in labelled])
    return {
        "least_models": reported.MIN_MODELS,
        "family_error": FAMILY_ERROR,
        "correction": METHOD,
        "first_party": known.filter(evaluator=Evaluator.FIRST_PARTY.value).count(),
        "other_settings": on_both - len({(pair.model, pair.benchmark) for pair in found}),
        "labs": [_inflation(row) for row in reported.by_lab(labelled)],
        "everyone": _inflation(everyone[0]) if everyone else None,
        "pairs": [_pair(fit, lab, pair, settings) for lab, pair in labelled],
    }


def _known(run: IndexRun) -> QuerySet[Score]:
    """The scores known to the run that may be shown, on benchmarks where a difference is one of points of score."""
    return (
        Score.objects.known(run.known_at)
        .filter(endpoint__source__may_display=True, benchmark__may_display=True, benchmark__unit__in=_UNITS)
        .exclude(evaluator=Evaluator.UNSTATED.value)
    )


def _pairs(known: QuerySet[Score], lower_is_better: list[str]) -> tuple[list[Pair], int]:
    """The pairs, and how many models on how many benchmarks both sides have measured under whatever settings."""
    first = Case(When(evaluator=Evaluator.FIRST_PARTY.value, then=1), default=0, output_field=IntegerField())
    facts = believed_facts(known.annotate(first_party=first), "first_party")
    own = facts.rows["evaluator_rank"] == EVALUATOR_RANK[Evaluator.FIRST_PARTY]
    measured, setting = facts.measured(), facts.rows["setting_id"].astype(np.int64)
    same = measured * (1 + int(setting.max(initial=0))) + setting
    both = np.intersect1d(same[own], same[~own], assume_unique=True)
    chosen = facts.only(np.isin(same, both))
    return reported.pairs(chosen, lower_is_better), len(np.intersect1d(measured[own], measured[~own]))


def _settings(found: list[Pair]) -> set[int]:
    return {int(pair.setting) for pair in found}


def _inflation(row: Inflation) -> dict[str, Any]:
    plain = {field.name: getattr(row, field.name) for field in fields(row)}
    rounded = {name: number(value, 6) if isinstance(value, float) else value for name, value in plain.items()}
    return {**rounded, "verdict": row.verdict.value}


def _pair(fit: Fitted, lab: str, pair: Pair, settings: Mapping[str, str]) -> dict[str, Any]:
    model, benchmark = fit.beliefs.models[pair.model], fit.beliefs.benchmarks[pair.benchmark]
    sign = -1.0 if benchmark.lower_is_better else 1.0
    return {
        "lab": lab,
        "model": model.name,
        "slug": model.slug,
        "benchmark": benchmark.name,
        "benchmark_slug": benchmark.slug,
        "setting": settings.get(pair.setting, ""),
        "own": number(sign * pair.own, 6),
        "other": number(sign * pair.other, 6),
        "difference": number(pair.difference, 6),
        "copied": pair.copied,
        "own_fact": pair.first,
        "other_fact": pair.third,
    }
