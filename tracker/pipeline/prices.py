"""What capability costs, as one run places models and believes prices: the report `prices`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np

from tracker.domain.names import normalise
from tracker.domain.price_frontier import (
    BLEND,
    Chosen,
    Offer,
    Placed,
    Told,
    by_model,
    cost_of_closed,
    levels,
    month_ends,
    offers,
    pareto,
    price_of_level,
)
from tracker.domain.prices import Quote
from tracker.models import AIModel, Alias, IndexRun, Price
from tracker.models.entities import Kind
from tracker.pipeline import choices
from tracker.pipeline.fitting import Fitted
from tracker.sources.models_dev_labs import LABS

NAME: Final = "prices"
# Read to check the others, and wrong too often to say alone what the cheapest offer is.
ONLY_CHECKS: Final = frozenset({"litellm"})
# Tells prices step by step. What it does not date held from the model's release, but not from before the first day on
# which it dates anything: earlier it looked at nothing.
HISTORY: Final = "model_prices"
# Hosts of a lab's own beside those that models.dev lists.
OWN: Final = {**LABS, "ai21": "AI21 Labs", "google-vertex": "Google"}
SIDES: Final = (("open", True), ("closed", False))


def make(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """By model its cheapest and its maker's own offer, the Pareto frontier, and what each level of the index cost."""
    on = run.known_at.date()
    told, chosen = told_to(run, fit), _chosen(run)
    values, bounds = {fit.slugs[name]: value for name, value in fit.values.items()}, fit.intervals()
    named = {slug: name for name, slug in fit.slugs.items() if slug in values}
    today = by_model(offers(told, on, chosen))
    makers = _makers()
    about = {
        slug: (name, lab, lab_name, region)
        for slug, name, lab, lab_name, region in AIModel.objects.filter(slug__in=today).values_list(
            "slug", "name", "lab__slug", "lab__name", "lab__region"
        )
    }
    models: dict[str, dict[str, Any]] = {}
    for slug, some in sorted(today.items()):
        known, (name, lab, lab_name, region) = fit.beliefs.models.get(slug), about[slug]
        own = next((offer for offer in some if makers.get(offer.host) == lab), None)
        band = bounds.get(named.get(slug, ""))
        means = known.open_means if known else None
        models[slug] = {
            **_offer(some[0]),
            "first_party": _offer(own) if own else None,
            "hosts": [_offer(offer) for offer in some],
            "value": _number(values.get(slug)),
            "low": _number(band.low if band else None),
            "high": _number(band.high if band else None),
            "open": None if means is None else bool(means),
            "released": str(known.released_on) if known and known.released_on else "",
            "name": name,
            "lab": lab,
            "lab_name": lab_name,
            "region": region,
        }
    placed = list(_placed(models, fit))
    days = _days([one for one in told if one.quote.model in values], on, chosen)
    sides = {side: {model.model for model in placed if model.open is is_open} for side, is_open in SIDES}
    grid = levels(model.value for model in placed if model.open is not None)
    followed: list[dict[str, Any]] = [
        {"level": level, "side": side, "months": months}
        for level in grid
        for side, _ in SIDES
        if (months := _months(days, values, _ever(fit, side), level))
    ]
    best = {"all": pareto(placed)}
    best |= {side: pareto(model for model in placed if model.open is is_open) for side, is_open in SIDES}
    return {
        "blend": list(BLEND),
        "on": str(on),
        "placed_to": str(run.as_of),
        "models": models,
        "pareto": {side: [model.model for model in some] for side, some in best.items()},
        "levels": followed,
        "names": {month[2]: fit.beliefs.models[month[2]].name for one in followed for month in one["months"]},
        "ratios": _ratios(placed, grid, fit),
        "counts": {side: len(some) for side, some in sides.items()},
    }


def offers_today(run: IndexRun, fit: Fitted) -> dict[str, list[Offer]]:
    """Each model's offers in force on the day of the run's facts, the cheapest first."""
    return by_model(offers(told_to(run, fit), run.known_at.date(), _chosen(run)))


def told_to(run: IndexRun, fit: Fitted) -> list[Told]:
    """Every price that the run could know of and that may be shown, with the days on which it counts."""
    rows = list(
        Price.objects.filter(known_from__lte=run.known_at, endpoint__source__may_display=True)
        .exclude(endpoint__source__slug__in=ONLY_CHECKS)
        .order_by("pk")
        .values_list(
            "pk", "model__slug", "host", "endpoint__source__slug", "input", "output", "name", "since",
            "known_from", "known_to",
        )
    )  # fmt: skip
    began = min((row[7] for row in rows if row[3] == HISTORY and row[7]), default=None)
    found = []
    for pk, slug, host, source, asked, answered, name, since, known_from, known_to in rows:
        ended = known_to if known_to is not None and known_to <= run.known_at else None
        if ended and source == HISTORY:
            continue  # the history is told anew: what it no longer says was a mistake
        begins = since or (began if source == HISTORY and began else known_from.date())
        model = fit.beliefs.models.get(slug)
        if model is not None and model.released_on is not None:
            begins = max(begins, model.released_on)
        quote = Quote(slug, host, source, pk, asked, answered, name=name, since=since)
        found.append(Told(quote, begins, ended.date() if ended else None))
    return found


def _chosen(run: IndexRun) -> Chosen:
    slugs = dict(AIModel.objects.values_list("pk", "slug"))
    return {
        (slugs[model], host, field.removeprefix("price-")): choice.fact
        for (model, field, host), choice in choices.of_prices(run.known_at).items()
    }


def _makers() -> dict[str, str]:
    """Which lab's own shop a host is, by the lab's slug."""
    keys = {host: normalise(lab) for host, lab in OWN.items()}
    labs = dict(Alias.objects.filter(kind=Kind.LAB, key__in=keys.values()).values_list("key", "lab__slug"))
    return {host: labs[key] for host, key in keys.items() if key in labs}


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "input": offer.input,
        "output": offer.output,
        "blend": round(offer.blend, 6),
        "host": offer.host,
        "fact": offer.fact,
        "since": str(offer.since or ""),
    }


def _placed(models: Mapping[str, Mapping[str, Any]], fit: Fitted) -> Iterable[Placed]:
    """The models with a price, a place on the index and a day of release."""
    for slug, model in models.items():
        released = fit.beliefs.models[slug].released_on if slug in fit.beliefs.models else None
        if model["value"] is not None and released is not None:
            yield Placed(slug, model["blend"], model["value"], model["open"], released)


def _ever(fit: Fitted, side: str) -> frozenset[str]:
    """The models of a side, whether they are sold today or were."""
    wanted = dict(SIDES)[side]
    return frozenset(
        slug
        for slug, model in fit.beliefs.models.items()
        if model.open_means is not None and bool(model.open_means) is wanted
    )


def _days(told: Sequence[Told], on: date, chosen: Chosen) -> dict[date, list[Offer]]:
    """The offers in force at every month's end, and on the day itself."""
    first = min((one.begins for one in told if one.begins <= on), default=None)
    return {} if first is None else {end: offers(told, end, chosen) for end in month_ends(first, on)}


def _months(
    days: Mapping[date, Sequence[Offer]], values: Mapping[str, float], able: frozenset[str], level: float
) -> list[list[Any]]:
    return [
        [str(one.on), round(one.price, 6), one.offer.model, one.offer.host, one.offer.fact]
        for one in price_of_level(days, values, able, level)
    ]


def _ratios(placed: Sequence[Placed], grid: Sequence[float], fit: Fitted) -> list[dict[str, Any]]:
    """What staying closed costs at each level today."""
    column = {fit.slugs[name]: at for at, name in enumerate(fit.draws.models)}
    drawn = np.full((len(fit.draws.ability), len(placed)), np.nan)
    for at, model in enumerate(placed):
        if model.model in column:
            drawn[:, at] = fit.draws.ability[:, column[model.model]]
    found = [cost_of_closed(placed, level, drawn) for level in grid]
    return [
        {
            "level": ratio.level,
            "open": round(ratio.open, 6),
            "closed": round(ratio.closed, 6),
            "ratio": _number(ratio.value),
            "low": _number(ratio.low),
            "high": _number(ratio.high),
            "held": round(ratio.held, 4),
        }
        for ratio in found
        if ratio is not None
    ]


def _number(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
