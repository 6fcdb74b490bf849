"""What the reports of two runs a week apart say otherwise: prices, benchmark leads, signs of futures, labs' phases."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from tracker.domain.insights import PhaseBegun
from tracker.domain.notable_facts import Lead, PriceWeek, Sign, Sold
from tracker.domain.specialists import FIELDS
from tracker.models import AIModel, Lab
from tracker.queries import prices as price_queries
from tracker.queries import scenarios, specialists
from tracker.queries.prices import PriceRow
from tracker.queries.run_reports import report
from tracker.queries.week_runs import Pair

STRATEGIES = "strategies"
# A phase shows at a quarter's end, and must hold for another: that is how old the news of it can be.
PHASE_IS_NEWS = timedelta(days=200)


def prices(pair: Pair) -> PriceWeek | None:
    """The price frontier then and now; None where one of the runs has none."""
    if not pair.differ:
        return None
    before, now = price_queries.prices(pair.before), price_queries.prices(pair.now)
    if not before.pareto or not now.pareto:
        return None
    return PriceWeek(
        before=tuple(_sold(row) for row in before.pareto),
        now=tuple(_sold(row) for row in now.pareto),
        asked_before={row.slug: row.blend for row in before.rows},
        asked_now={row.slug: row.blend for row in now.rows},
    )


def _sold(row: PriceRow) -> Sold:
    return Sold(row.slug, row.model, row.lab, row.lab_slug, row.side, row.host, row.blend, row.value or 0.0)


def leads(pair: Pair) -> tuple[Lead, ...]:
    """Benchmarks of a field of work on which another result is the best than a week ago."""
    if not pair.differ:
        return ()
    was, told = (report(run, specialists.REPORT) for run in (pair.before, pair.now))
    changed = [
        (slug, bench, was["benchmarks"][slug])
        for slug, bench in sorted(told.get("benchmarks", {}).items())
        if slug in was.get("benchmarks", {}) and _best(bench) != _best(was["benchmarks"][slug])
    ]
    if not changed:
        return ()
    models = AIModel.objects.filter(slug__in={bench["best"]["slug"] for _, bench, _ in changed})
    labs = dict(models.values_list("slug", "lab__slug"))
    headlines = {field["headline"] for field in told.get("fields", [])}
    return tuple(_lead(slug, now, before, labs, headlines) for slug, now, before in changed)


def _best(bench: Mapping[str, Any]) -> tuple[str, float]:
    return bench["best"]["slug"], bench["best"]["score"]


def _lead(
    slug: str, now: Mapping[str, Any], before: Mapping[str, Any], labs: Mapping[str, str], headlines: set[str]
) -> Lead:
    best, old = now["best"], before["best"]
    sign = -1 if now["lower_is_better"] else 1
    return Lead(
        slug=slug,
        benchmark=now["name"],
        field=next(field.name for field in FIELDS if field.key == now["field"]),
        unit=now["unit"],
        headline=slug in headlines,
        model=best["name"],
        model_slug=best["slug"],
        labs=(labs[best["slug"]],) if best["slug"] in labs else (),
        side="" if best["open"] is None else "open" if best["open"] else "closed",
        score=best["score"],
        price=best["price"],
        before=old["name"],
        before_score=old["score"],
        better=sign * best["score"] > sign * old["score"],
    )


def signs(pair: Pair) -> tuple[Sign, ...]:
    """Every sign of the listed futures, with what it was a week ago."""
    before = {
        (sign.scenario, sign.slug): sign.met
        for future in (scenarios.scenarios(pair.before) if pair.before else ())
        for sign in future.signs
    }
    raw = report(pair.now, scenarios.REPORT)
    far = {(future, sign["slug"]): sign["far"] for future, some in raw.items() for sign in some}
    return tuple(
        Sign(
            scenario=future.slug,
            future=future.title,
            slug=sign.slug,
            title=sign.title,
            figure=sign.figure,
            met=sign.met,
            met_before=before.get((future.slug, sign.slug)),
            towards=sign.trend == "towards",
            far=far.get((future.slug, sign.slug)),
            value=sign.value,
        )
        for future in (scenarios.scenarios(pair.now) if pair.now else ())
        for sign in future.signs
    )


def phases(pair: Pair, *, as_of: date) -> tuple[PhaseBegun, ...]:
    """Phases of labs' openness that have settled since a week ago."""
    if not pair.differ:
        return ()
    known = {(lab, *begun[:2]) for lab, begun in _settled(report(pair.before, STRATEGIES))}
    fresh = [
        (lab, begun)
        for lab, begun in _settled(report(pair.now, STRATEGIES))
        if (lab, *begun[:2]) not in known and as_of - PHASE_IS_NEWS < date.fromisoformat(begun[1]) <= as_of
    ]
    names = dict(Lab.objects.filter(slug__in={lab for lab, _ in fresh}).values_list("slug", "name")) if fresh else {}
    return tuple(
        PhaseBegun(names[lab], lab, stance, before, date.fromisoformat(since), provisional=False)
        for lab, (stance, since, before) in fresh
        if lab in names
    )


def _settled(told: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """By lab each phase but the first, with the day it began on and the stance before it."""
    for lab, found in sorted(told.get("labs", {}).items()):
        for old, new in pairwise(found["phases"]):
            if not new["provisional"]:
                yield lab, (new["stance"], new["since"], old["stance"])
