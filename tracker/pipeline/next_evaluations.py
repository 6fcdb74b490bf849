"""What to measure next, as one run's draws see it: the report `next-evaluations`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from django.db.models import Sum

from tracker.domain import next_evaluation
from tracker.domain.estimate import Estimator
from tracker.domain.frontier import Floats, months
from tracker.domain.gap import compared as data_of
from tracker.domain.gap_report import number
from tracker.domain.index import IndexInputError
from tracker.domain.lags import backward, mean
from tracker.domain.next_evaluation import Instrument, Proposal, Subject, Throughput, proposals
from tracker.domain.price_frontier import Offer
from tracker.domain.records import Access
from tracker.models import Evaluation, IndexRun
from tracker.pipeline.fitting import Asked, Fitted, called, compared
from tracker.pipeline.prices import offers_today

NAME: Final = "next-evaluations"
OWN: Final = "own-"  # what the slugs of our own suites begin with
MOST: Final = 60  # pairs of each kind that are kept
A_MODEL: Final = 3  # suites of one model that are: after the first the others tell less than is said of them here
WEIGHTS: Final = (Access.WEIGHTS_PERMISSIVE, Access.WEIGHTS_RESTRICTED, Access.WEIGHTS_NONCOMMERCIAL)
ASSUMED: Final = (
    "TOKENS_A_QUESTION", "PROMPT_TOKENS", "BYTES_A_PARAMETER", "BANDWIDTH", "SHARE_REACHED", "AT_ONCE",
    "LOAD_BYTES_A_SECOND",
)  # fmt: skip


def make(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """Pairs by the variance of the headline lag (L1, in months) that measuring them can be expected to take away. Of
    the past nothing is said: nobody can measure there any more."""
    lag = None if run.historic else lag_draws(fit)
    if lag is None:
        return {}
    scatter = scatter_of(fit)
    suites = instruments(fit, scatter)
    seen = throughput()
    asked = frozenset((fit.slugs[row.model], fit.slugs[row.benchmark]) for row in fit.observations)
    found = proposals(lag, subjects(fit, offers_today(run, fit)), suites, done=asked, seen=seen)
    known = lag[np.isfinite(lag)]
    kept = [
        *_kept(one for one in found if one.dollars is None),
        *_kept(one for one in found if one.dollars is not None),
    ]
    return {
        "headline": Estimator.L1.value,
        "unit": "months",
        "variance": number(float(np.var(known, ddof=1)), 6) if len(known) > 1 else None,
        "draws": len(known),
        "scatter": number(scatter),
        "suites": len(suites),
        "a_model": A_MODEL,
        "borrowed": sum(one.borrowed for one in suites),
        "seen": asdict(seen),
        "assumed": {name.lower(): getattr(next_evaluation, name) for name in ASSUMED},
        "rows": [_row(fit, one) for one in kept],
    }


def _kept(found: Iterable[Proposal]) -> list[Proposal]:
    """The first of them, of each model its best few suites."""
    kept: list[Proposal] = []
    suites: Counter[str] = Counter()
    for one in found:
        if suites[one.model] < A_MODEL and len(kept) < MOST:
            suites[one.model] += 1
            kept.append(one)
    return kept


def lag_draws(fit: Fitted) -> Floats | None:
    """The headline lag in each draw of the run; None where a side is empty or there are no draws."""
    try:
        sides = compared(fit, Asked())
    except IndexInputError:
        return None
    data = data_of(sides.releases, fit.as_of, draws=sides.drawn, scale=fit.index.scale)
    if data.open_draws is None or data.closed_draws is None:
        return None
    return mean(months(backward(data.open_draws, data.closed_draws, data.window_days)))


def scatter_of(fit: Fitted) -> float:
    """The root mean square distance of the run's scores from their curves, 0 to 1."""
    ability = dict(zip(fit.index.models, fit.index.ability, strict=True))
    curve = dict(zip(fit.index.benchmarks, zip(fit.index.difficulty, fit.index.slope, strict=True), strict=True))
    off = []
    for row in fit.observations:
        difficulty, slope = curve[row.benchmark]
        off.append(row.value - 1 / (1 + np.exp(-slope * (ability[row.model] - difficulty))))
    return float(np.sqrt(np.mean(np.square(off))))


def instruments(fit: Fitted, scatter: float) -> list[Instrument]:
    """Our own suites. One that has no curve yet borrows the middle one of those of ours that have, else of benchmarks
    whose questions are private, else of all."""
    curves = dict(zip(fit.index.benchmarks, zip(fit.index.difficulty, fit.index.slope, strict=True), strict=True))
    own = [row for slug, row in sorted(fit.beliefs.benchmarks.items()) if slug.startswith(OWN) and row.items]
    fitted = [row for row in own if called(row) in curves]
    others = [fit.beliefs.benchmarks[fit.slugs[name]] for name in curves]
    private = [row for row in others if row.access == "private"]
    middle = _middle([curves[called(row)] for row in fitted or private or others])
    found = []
    for row in own:
        difficulty, slope = curves.get(called(row), middle)
        found.append(
            Instrument(
                suite=row.slug,
                difficulty=float(difficulty),
                slope=float(slope),
                questions=row.items or 0,
                scatter=scatter,
                borrowed=called(row) not in curves,
                floor=row.floor or 0.0,
            )
        )
    return found


def _middle(curves: Sequence[tuple[float, float]]) -> tuple[float, float]:
    difficulties, slopes = zip(*curves, strict=True)
    return float(np.median(difficulties)), float(np.median(slopes))


def subjects(fit: Fitted, offers: dict[str, list[Offer]]) -> list[Subject]:
    """The models of the index that somebody can run: with weights, or through an API that has a price."""
    found, values = [], fit.values
    for column, name in enumerate(fit.draws.models):
        model = fit.model(name)
        access, some = model.release["access"], offers.get(model.slug)
        runnable = access in WEIGHTS
        if not runnable and access != Access.API:
            continue
        found.append(
            Subject(
                model=model.slug,
                ability=values[name],
                draws=fit.draws.ability[:, column],
                runnable=runnable,
                parameters=model.release["parameters"],
                price_in=some[0].input if some else None,
                price_out=some[0].output if some else None,
            )
        )
    return found


def throughput() -> Throughput:
    """What our own finished runs on a GPU wrote a second; the newest ten."""
    rates, written = [], []
    for of in Evaluation.objects.filter(state=Evaluation.State.DONE).order_by("-pk")[:10]:
        told, engine, weights = of.summary, of.record.get("engine") or {}, of.record.get("weights") or {}
        seconds = of.batches.aggregate(all=Sum("seconds"))["all"]
        if told.get("samples") and told.get("tokens_out"):
            written.append(told["tokens_out"] / told["samples"])
            if str(engine.get("device", "")).startswith("cuda") and seconds and weights.get("parameters"):
                rates.append(told["tokens_out"] / seconds * weights["parameters"])
    return Throughput(
        # As if of a model with one parameter: the rate falls with their number.
        tokens_a_second=float(np.median(rates)) if rates else None,
        parameters=1.0 if rates else None,
        tokens_a_question=float(np.median(written)) if written else None,
    )


def _row(fit: Fitted, one: Proposal) -> dict[str, Any]:
    model, suite = fit.beliefs.models[one.model], fit.beliefs.benchmarks[one.suite]
    return {
        "model": model.name,
        "slug": model.slug,
        "lab": model.lab,
        "side": "" if model.open_means is None else "open" if model.open_means else "closed",
        "suite": suite.name,
        "suite_slug": suite.slug,
        "parameters": model.release["parameters"],
        "ability_spread": number(one.ability_spread),
        "expected_score": number(one.expected_score),
        "correlation": number(one.correlation),
        "noise": number(one.noise),
        "reduction": number(one.reduction, 8),
        "share": number(one.share, 6),
        "gpu_hours": number(one.gpu_hours, 6),
        "dollars": number(one.dollars, 6),
        "per_hour": number(one.per_hour, 6),
        "per_dollar": number(one.per_dollar, 6),
        "borrowed": one.borrowed,
    }
