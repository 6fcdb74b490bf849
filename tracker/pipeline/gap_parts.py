"""What a run says of all its answers together, once it has them: the specification curve, the slices, the replays."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from tracker.domain import gap_slices, reconcile, specification
from tracker.domain.definitions import Category, ItemAccess, Region
from tracker.domain.frontier import Floats
from tracker.domain.gap_replay import replay
from tracker.domain.gap_replay_draws import drawn_lags
from tracker.domain.gap_report import number
from tracker.domain.index import IndexInputError
from tracker.domain.index_draws import Float32s
from tracker.domain.openness import OpenMeans
from tracker.domain.reconcile import Definition, Window
from tracker.domain.scopes import ALL, NON_PUBLIC
from tracker.domain.specification import Effort
from tracker.models import GapResult, IndexRun
from tracker.pipeline.beliefs import BelievedModel
from tracker.pipeline.fitting import Asked, Compared, Fitted, compared

# What a specification reads of a report, so that not all of it need leave the database.
_READ = ("report__models", "report__estimates", "report__tolerant", "report__survival")

# So many of the latest days that runs counted to are looked at again.
MOMENTS = 60
OVER_A_YEAR = ("L1", "L5")
WAITS = {"L7": "waiting"}


def parts() -> tuple[tuple[str, Callable[[IndexRun, Fitted], dict[str, Any]]], ...]:
    """The scope each part is stored under, and who makes it. None has estimates of its own."""
    return (
        (specification.STORED_AS, lambda run, fit: _specification(run)),
        (gap_slices.STORED_AS, _slices),
        (reconcile.STORED_AS, _replays),
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
    rows = found.order_by("scope", "open_means").values_list("scope", "open_means", *_READ)
    for stored, means, *read in rows.iterator(chunk_size=20):
        scope, effort = wanted[stored]
        values = (part or {} for part in read)
        yield scope, means, effort, dict(zip(("models", "estimates", "tolerant", "survival"), values, strict=True))


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
        report = GapResult.objects.filter(run=run, **where).values_list("report", flat=True).first()
        if report is not None:
            rows.append(gap_slices.slice_row(group, name, report))
    try:
        sides = compared(fit, Asked())
    except IndexInputError:
        return {"slices": rows, "families": []}
    of = {release.model: _family(fit.model(release.model)) for release in sides.releases}
    places = gap_slices.families(sides.releases, of, fit.as_of, _exact(sides.drawn))
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


def _exact(drawn: Float32s | None) -> Floats | None:
    return None if drawn is None else drawn.astype(float)


def _replays(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """The lag under every combination that the reconciler may pass through, on this run's facts."""
    values: dict[tuple[str, ...], float | None] = {}
    drawn: dict[str, list[float | None]] = {}
    again = reconcile.between_published()
    for scope in reconcile.ALLOWED["benchmarks"]:
        for means in OpenMeans:
            try:
                sides = compared(fit, Asked(scope, means))
            except IndexInputError:
                continue
            for window in reconcile.WINDOWS:
                found = replay(
                    sides.releases,
                    fit.as_of,
                    window,
                    drawn=sides.drawn,
                    scores=sides.scores,
                    scale=fit.index.scale,
                )
                for (estimator, tolerance, censoring), value in found.items():
                    values[window.slug, estimator, tolerance, scope, means.value, censoring] = value
                drawn |= _drawn(fit, sides, window, [one for one in again if _of(one) == (window.slug, scope, means)])
    return {
        "as_of": fit.as_of.isoformat(),
        "axes": {name: list(reconcile.ALLOWED[name]) for name in reconcile.AXES},
        "windows": {
            window.slug: [window.begins(fit.as_of).isoformat(), window.ends(fit.as_of).isoformat()]
            for window in reconcile.WINDOWS
        },
        "values": [number(values.get(key)) for key in reconcile.combinations()],
        "drawn": drawn,
        "moments": _moments(run, fit),
    }


def _of(one: Definition) -> tuple[str, str, OpenMeans]:
    return one.window, one.benchmarks, OpenMeans(one.openness)


def _drawn(fit: Fitted, sides: Compared, window: Window, wanted: Sequence[Definition]) -> dict[str, list[float | None]]:
    """By their place each definition's lag in every draw, in hundredths of a month as they are printed."""
    places = {(one.estimator, one.tolerance, one.censoring): reconcile.place(one) for one in wanted}
    found = drawn_lags(
        sides.releases,
        fit.as_of,
        window,
        drawn=sides.drawn,
        scores=sides.scores,
        scale=fit.index.scale,
        wanted=places,
    )
    return {
        str(places[key]): [round(row, 2) if math.isfinite(row) else None for row in rows.tolist()]
        for key, rows in found.items()
    }


def _moments(run: IndexRun, fit: Fitted) -> dict[str, dict[str, float | None]]:
    """The default question's lags on the days that earlier runs counted to, on this run's facts: what the same days
    look like now."""
    try:
        sides = compared(fit, Asked())
    except IndexInputError:
        return {}
    earlier = IndexRun.objects.filter(known_at__lte=run.known_at, as_of__lte=fit.as_of)
    days = sorted({fit.as_of, *earlier.values_list("as_of", flat=True)})[-MOMENTS:]
    found = {}
    for day in days:
        latest, whole = (
            replay(
                sides.releases, day, window, drawn=sides.drawn, scores=sides.scores, scale=fit.index.scale
            )
            for window in reconcile.WINDOWS[:2]
        )  # fmt: skip
        # As the estimators do it: the age of today's level over a year, the time to match over the whole history.
        found[day.isoformat()] = {
            name: number((latest if name in OVER_A_YEAR else whole).get((name, "plain", WAITS.get(name, "matched"))))
            for name in reconcile.ALLOWED["estimator"]
        }
    return found
