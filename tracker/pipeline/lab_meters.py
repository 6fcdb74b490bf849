"""What a run says of labs and their scores: better on questions they can have seen? Higher than others measure?"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from tracker.domain import benchmaxxing as maxxing
from tracker.domain import self_report as reported
from tracker.domain.benchmaxxing import Deltas, LabDelta, Meter, Unseen
from tracker.domain.definitions import ItemAccess
from tracker.domain.evidence import ScoreFact
from tracker.domain.gap_report import number
from tracker.domain.many_tests import FAMILY_ERROR, METHOD
from tracker.domain.records import Evaluator
from tracker.domain.self_report import Inflation, Pair
from tracker.models import IndexRun, Score, Setting
from tracker.pipeline.fitting import Fitted

_UNITS: Final = ("proportion", "rate")


def benchmaxxing(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """The report `benchmaxxing`: both meters by lab and by model, from the run's own fit and draws."""
    found = maxxing.deltas(fit.index, fit.draws, fit.observations, _meters(fit))
    labs = {name: fit.model(name).lab for name in fit.index.models}
    return {
        "replicates": max((len(deltas.drawn) for deltas in found.values()), default=0),
        "least_scores": maxxing.MIN_SCORES,
        "least_models": maxxing.MIN_MODELS,
        "family_error": FAMILY_ERROR,
        "correction": METHOD,
        "labs": [_delta(row) for row in maxxing.by_lab(found, labs)],
        "everyone": [_delta(row) for row in maxxing.everyone(found)],
        "models": [row for meter, deltas in found.items() for row in _models(fit, meter, deltas)],
    }


def _meters(fit: Fitted) -> Mapping[Meter, Unseen]:
    benchmarks = {name: fit.beliefs.benchmarks[fit.slugs[name]] for name in fit.index.benchmarks}

    def private(model: str, benchmark: str) -> bool:
        return benchmarks[benchmark].access != ItemAccess.PUBLIC.value

    def later(model: str, benchmark: str) -> bool | None:
        came, released = benchmarks[benchmark].released_on, fit.model(model).released_on
        return None if came is None or released is None else came > released

    return {Meter.PRIVATE: private, Meter.LATER: later}


def _delta(row: LabDelta) -> dict[str, Any]:
    return {
        "lab": row.lab,
        "meter": row.meter.value,
        "models": row.models,
        "unseen": row.benchmarks[0],
        "seen": row.benchmarks[1],
        "value": number(row.value),
        "low": number(row.low),
        "high": number(row.high),
        "error": number(row.error),
        "chance": number(row.chance),
        "corrected": number(row.corrected),
        "verdict": row.verdict.value,
    }


def _models(fit: Fitted, meter: Meter, deltas: Deltas) -> list[dict[str, Any]]:
    low, high = deltas.bounds()
    rows = []
    for at, name in enumerate(deltas.models):
        model = fit.model(name)
        unseen, seen = deltas.counts[at]
        rows.append(
            {
                "meter": meter.value,
                "model": model.name,
                "slug": model.slug,
                "lab": model.lab,
                "unseen": unseen,
                "seen": seen,
                "value": number(float(deltas.value[at])),
                "low": number(float(low[at])),
                "high": number(float(high[at])),
            }
        )
    return sorted(rows, key=lambda row: (row["value"], row["slug"]))


def self_report(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """The report `self-report`: first-party scores against others' of the same model, benchmark and setting."""
    facts = _facts(run)
    found = reported.pairs(facts, [slug for slug, one in fit.beliefs.benchmarks.items() if one.lower_is_better])
    models = fit.beliefs.models
    labelled = [(models[pair.model].lab, pair) for pair in found if pair.model in models]
    settings = {str(setting.pk): str(setting) for setting in Setting.objects.filter(pk__in=_settings(found))}
    own = {(fact.model, fact.benchmark) for fact in facts if fact.evaluator is Evaluator.FIRST_PARTY}
    other = {(fact.model, fact.benchmark) for fact in facts if fact.evaluator in reported.THIRD}
    everyone = reported.by_lab([("", pair) for _, pair in labelled])
    return {
        "least_models": reported.MIN_MODELS,
        "family_error": FAMILY_ERROR,
        "correction": METHOD,
        "first_party": sum(fact.evaluator is Evaluator.FIRST_PARTY for fact in facts),
        "other_settings": len((own & other) - {(pair.model, pair.benchmark) for pair in found}),
        "labs": [_inflation(row) for row in reported.by_lab(labelled)],
        "everyone": _inflation(everyone[0]) if everyone else None,
        "pairs": [_pair(fit, lab, pair, settings) for lab, pair in labelled],
    }


def _facts(run: IndexRun) -> list[ScoreFact]:
    """The scores known to the run that may be shown, on benchmarks where a difference is one of points of score."""
    rows = (
        Score.objects.known(run.known_at)
        .filter(endpoint__source__may_display=True, benchmark__may_display=True, benchmark__unit__in=_UNITS)
        .exclude(evaluator=Evaluator.UNSTATED.value)
        .values_list(
            "pk", "model__slug", "benchmark__slug", "setting_id", "value", "evaluator", "endpoint__source__slug",
            "known_from", "stderr",
        )
    )  # fmt: skip
    return [
        ScoreFact(pk, model, benchmark, str(setting), value, Evaluator(evaluator), source, known_from, stderr)
        for pk, model, benchmark, setting, value, evaluator, source, known_from, stderr in rows.iterator(
            chunk_size=5000
        )
    ]


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
