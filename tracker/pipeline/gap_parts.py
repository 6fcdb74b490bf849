"""What a run says of all its answers together, once it has them: the specification curve, the slices, the replays."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from tracker.domain import gap_slices, reconcile, specification
from tracker.domain.definitions import Category, ItemAccess, Region
from tracker.domain.gap_report import number
from tracker.domain.index import IndexInputError
from tracker.domain.openness import OpenMeans
from tracker.domain.scopes import ALL, NON_PUBLIC
from tracker.domain.specification import Effort
from tracker.models import SHOWN, GapResult, IndexRun, part_shown
from tracker.pipeline import replays
from tracker.pipeline.beliefs import BelievedModel
from tracker.pipeline.fitting import Asked, Fitted, compared

# What a specification reads of a report, so that not all of it need leave the database.
_READ = ("models", "estimates", "tolerant", "survival")


def parts() -> tuple[tuple[str, Callable[[IndexRun, Fitted], dict[str, Any]]], ...]:
    """The scope each part is stored under, and who makes it. None has estimates of its own."""
    return (
        (specification.STORED_AS, lambda run, fit: _specification(run)),
        (gap_slices.STORED_AS, _slices),
        (reconcile.STORED_AS, replays.whole),
    )


def _specification(run: IndexRun) -> dict[str, Any]:
    """Every definition's answer, sorted, and what tells them apart."""
    curve = specification.from_reports(_reports(run))
    return {
        "definitions": [
            [*(getattr(one, name) for name in specification.CHOICES), *map(number, one.answer)]
            for one in curve.definitions
        ],
        "longer": curve.longer,
        "told": curve.told,
        "unknown": curve.unknown,
        "thin": curve.thin,
        "median": number(curve.median),
        "choices": [
            {key: number(value) if isinstance(value, float) else value for key, value in asdict(choice).items()}
            for choice in curve.choices
        ],
        "rest": number(curve.rest),
    }  # fmt: skip


def _reports(run: IndexRun) -> Iterable[tuple[str, str, str, dict[str, Any]]]:
    wanted = {
        gap_slices.stored_scope(scope, effort=effort.value): (scope, effort.value)
        for scope in specification.SCOPES
        for effort in Effort
    }
    found = GapResult.objects.filter(run=run, scope__in=wanted, region="", max_parameters=0)
    rows = found.order_by("scope", "open_means").values_list("scope", "open_means", *map(part_shown, _READ))
    for stored, means, *read in rows.iterator(chunk_size=20):
        scope, effort = wanted[stored]
        values = (part or {} for part in read)
        yield scope, means, effort, dict(zip(_READ, values, strict=True))


def _slices(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """The headline's estimates slice by slice, and every family's best open model."""
    wanted: list[tuple[str, str, dict[str, Any]]] = [("all", ALL, {"scope": ALL})]
    wanted += [("category", category.value, {"scope": category.value}) for category in Category]
    wanted += [("access", access.value, {"scope": access.value}) for access in ItemAccess]
    wanted += [("access", NON_PUBLIC, {"scope": NON_PUBLIC})]
    wanted += [("open", means.value, {"scope": ALL, "open_means": means.value}) for means in OpenMeans]
    wanted += [("effort", Effort.DEFAULT.value, {"scope": gap_slices.stored_scope(ALL, effort=Effort.DEFAULT.value)})]
    wanted += [("region", region.value, {"scope": ALL, "region": region.value}) for region in Region]
    wanted += [("size", "consumer-gpu", {"scope": ALL, "max_parameters__gt": 0})]
    defaults: dict[str, Any] = {"open_means": OpenMeans.WEIGHTS.value, "region": "", "max_parameters": 0}
    rows = []
    for group, name, keys in wanted:
        where = {**defaults, **keys}
        if "max_parameters__gt" in keys:
            del where["max_parameters"]
        report = GapResult.objects.filter(run=run, **where).values_list(SHOWN, flat=True).first()
        if report is not None:
            rows.append(gap_slices.slice_row(group, name, report))
    try:
        sides = compared(fit, Asked())
    except IndexInputError:
        return {"slices": rows, "families": []}
    of = {release.model: _family(fit.model(release.model)) for release in sides.releases}
    places = gap_slices.families(sides.releases, of, fit.as_of, sides.drawn)
    return {
        "slices": rows,
        "families": [
            {
                **{key: number(value) if isinstance(value, float) else value for key, value in asdict(place).items()},
                "released_on": place.released_on.isoformat(),
                "model": fit.model(place.model).name,
                "slug": fit.model(place.model).slug,
                "level_first_by": fit.model(place.level_first_by).name if place.level_first_by else "",
            }
            for place in places
        ],
    }


def _family(model: BelievedModel) -> str:
    """The family readers speak of, or else the lab."""
    slug = gap_slices.family_of(model.name, model.family)
    return gap_slices.FAMILIES[slug][0] if slug else model.lab
