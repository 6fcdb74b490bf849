"""Per field of work and benchmark the best model, the cheapest near it and who still leads: report `specialists`."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tracker.domain.evidence import ScoreFact
from tracker.domain.price_frontier import BLEND, Offer
from tracker.domain.records import Evaluator
from tracker.domain.specialists import (
    FIELDS,
    NEAR,
    SHARES,
    TIMES,
    AtLevel,
    Beaten,
    Bench,
    Entrant,
    Standing,
    error_of,
    field_of,
    headline,
    standing,
)
from tracker.models import Benchmark, BenchmarkState, IndexRun, Score
from tracker.pipeline.fitting import Fitted
from tracker.pipeline.prices import offers_today
from tracker.pipeline.score_facts import believed_facts

NAME: Final = "specialists"
Entrants = Mapping[str, Entrant]


@dataclass(frozen=True, slots=True)
class Known:
    """What the run knows of models beside their scores."""

    offers: Mapping[str, Sequence[Offer]]
    values: Mapping[str, float]
    fit: Fitted

    def entrant(self, fact: ScoreFact) -> Entrant:
        model = self.fit.beliefs.models[fact.model]
        some = self.offers.get(fact.model)
        return Entrant(
            model=fact.model,
            score=fact.value,
            error=fact.stderr,
            price=some[0].blend if some else None,
            overall=self.values.get(fact.model),
            open=None if model.open_means is None else bool(model.open_means),
            size=model.release["parameters"],
        )


def make(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """The report as JSON, scores in each benchmark's own unit. Left out is what may not be shown, has no field of work,
    or was measured by nobody but the labs themselves."""
    values = {fit.slugs[name]: value for name, value in fit.values.items()}
    known = Known(offers_today(run, fit), values, fit)
    fields = {
        slug: field
        for slug, row in fit.beliefs.benchmarks.items()
        if row.may_display and (field := field_of(row.domain, row.category))
    }
    states = dict(BenchmarkState.objects.filter(run=run).values_list("benchmark__slug", "state"))
    found: dict[str, dict[str, Any]] = {}
    told: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for slug, facts in sorted(_scores(run, fields, fit).items()):
        row = fit.beliefs.benchmarks[slug]
        bench = Bench(row.unit, row.items, row.lower_is_better)
        entrants = {model: known.entrant(fact) for model, fact in facts.items()}
        stands = standing(entrants.values(), bench)
        if stands is None:
            continue
        told[fields[slug]].append((slug, states.get(slug, ""), stands.priced))
        found[slug] = _benchmark(row, fields[slug], states.get(slug, ""), stands, bench, entrants, facts, known)
    first = headline(told)
    return {
        "blend": list(BLEND),
        "rules": [NEAR, *map(str, SHARES)],
        "times": TIMES,
        "fields": [
            {
                "key": field.key,
                "name": field.name,
                "headline": first.get(field.key, ""),
                "benchmarks": [slug for slug, _, _ in told[field.key]],
            }
            for field in FIELDS
        ],
        "benchmarks": found,
    }


def _scores(run: IndexRun, fields: Mapping[str, str], fit: Fitted) -> dict[str, dict[str, ScoreFact]]:
    """By benchmark and model the best believed score under any setting. What a lab reports of itself does not count:
    the best model would be the one that says so."""
    facts = believed_facts(
        Score.objects.known(run.known_at)
        .filter(endpoint__source__may_display=True, benchmark__slug__in=fields)
        .exclude(evaluator=Evaluator.FIRST_PARTY.value)
    )
    known = np.array([slug in fit.beliefs.models for slug in facts.models], dtype=bool)
    signs = [-1.0 if fit.beliefs.benchmarks[slug].lower_is_better else 1.0 for slug in facts.benchmarks]
    found: dict[str, dict[str, ScoreFact]] = defaultdict(dict)
    for fact in facts.only(known[facts.model]).best(signs):
        found[fact.benchmark][fact.model] = fact
    return found


def _benchmark(
    row: Benchmark,
    field: str,
    state: str,
    stands: Standing,
    bench: Bench,
    entrants: Entrants,
    facts: Mapping[str, ScoreFact],
    known: Known,
) -> dict[str, Any]:
    def entry(slug: str) -> dict[str, Any] | None:
        return _entry(entrants[slug], bench, facts[slug], known) if slug else None

    return {
        "name": row.name,
        "field": field,
        "unit": row.unit,
        "state": state,
        "lower_is_better": row.lower_is_better,
        "items": row.items,
        "models": stands.models,
        "priced": stands.priced,
        "best": entry(stands.best),
        "best_priced": entry(stands.best_priced),
        "levels": [_level(one, entry(one.cheapest), entry(one.leader)) for one in stands.levels],
        "finding": _finding(stands.finding, entry) if stands.finding else None,
    }


def _entry(entrant: Entrant, bench: Bench, fact: ScoreFact, known: Known) -> dict[str, Any]:
    model, some = known.fit.beliefs.models[entrant.model], known.offers.get(entrant.model)
    return {
        "slug": entrant.model,
        "name": model.name,
        "lab": model.lab,
        "score": entrant.score,
        "error": _number(error_of(entrant, bench)),
        "reported": entrant.error is not None,
        "fact": fact.id,
        "price": round(some[0].blend, 6) if some else None,
        "host": some[0].host if some else "",
        "price_fact": some[0].fact if some else None,
        "open": entrant.open,
        "size": entrant.size,
        "size_fact": model.release.evidence.get("parameters") if entrant.size else None,
        "value": _number(entrant.overall),
    }


def _level(one: AtLevel, cheapest: Any, leader: Any) -> dict[str, Any]:
    return {
        "asked": one.asked,
        "rule": one.rule,
        "level": _number(one.level),
        "cheapest": cheapest,
        "reaching": one.reaching,
        "ratio": _number(one.ratio),
        "low": _number(one.low),
        "high": _number(one.high),
        "leader": leader,
    }


def _finding(found: Beaten, entry: Any) -> dict[str, Any]:
    return {
        "model": entry(found.model),
        "beaten": entry(found.beaten),
        "times": _number(found.times),
        "sure": found.sure,
        "many": found.many,
    }


def _number(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6)
