"""What the reconciler shows: the lag under every combination of choices, replayed on a run's facts scope by scope."""

import math
from collections.abc import Sequence
from typing import Any

from tracker.domain import reconcile
from tracker.domain.gap_replay import replay
from tracker.domain.gap_replay_draws import drawn_lags
from tracker.domain.gap_report import number
from tracker.domain.index import IndexInputError
from tracker.domain.openness import OpenMeans
from tracker.domain.reconcile import Definition, Window
from tracker.domain.scopes import ALL
from tracker.domain.timeline import Timeline
from tracker.models import GapResult, IndexRun
from tracker.pipeline.fitting import Asked, Fitted, compared

# So many of the latest days that runs counted to are looked at again.
MOMENTS = 60
OVER_A_YEAR = ("L1", "L5")
WAITS = {"L7": "waiting"}

SCOPES = reconcile.ALLOWED["benchmarks"]
_SCOPE = reconcile.AXES.index("benchmarks")


def stored_as(scope: str) -> str:
    """The scope under which a run keeps one scope's replays until it has them all."""
    return f"{reconcile.STORED_AS}/{scope}"


def missing(run: IndexRun) -> set[str]:
    """The scopes whose replays the run has not made yet."""
    names = {stored_as(scope): scope for scope in SCOPES}
    stored = GapResult.objects.filter(run=run, scope__in=(*names, reconcile.STORED_AS)).values_list("scope", flat=True)
    return set() if reconcile.STORED_AS in stored else {scope for name, scope in names.items() if name not in stored}


def of_scope(run: IndexRun, fit: Fitted, scope: str) -> dict[str, Any]:
    """The replays on one scope's benchmarks: a slice of `whole`, made beside the answers that share its refit."""
    values: dict[tuple[str, ...], float | None] = {}
    drawn: dict[str, list[float | None]] = {}
    again = reconcile.between_published()
    for means in OpenMeans:
        line = _line(fit, Asked(scope, means))
        if line is None:
            continue
        for window in reconcile.WINDOWS:
            for (estimator, tolerance, censoring), value in replay(line, fit.as_of, window).items():
                values[window.slug, estimator, tolerance, scope, means.value, censoring] = value
            drawn |= _drawn(fit, line, window, [one for one in again if _of(one) == (window.slug, scope, means)])
    keys = [key for key in reconcile.combinations() if key[_SCOPE] == scope]
    return {
        "values": [number(values.get(key)) for key in keys],
        "drawn": drawn,
        "moments": _moments(run, fit) if scope == ALL else {},
    }


def whole(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """All scopes' replays together, in place of the slices that were stored."""
    names = {stored_as(scope): scope for scope in SCOPES}
    slices = GapResult.objects.filter(run=run, scope__in=names)
    stored = {names[name]: report for name, report in slices.values_list("scope", "report")}
    made = {scope: stored.get(scope) or of_scope(run, fit, scope) for scope in SCOPES}
    slices.delete()
    values = {scope: iter(one["values"]) for scope, one in made.items()}
    return {
        "as_of": fit.as_of.isoformat(),
        "axes": {name: list(reconcile.ALLOWED[name]) for name in reconcile.AXES},
        "windows": {
            window.slug: [window.begins(fit.as_of).isoformat(), window.ends(fit.as_of).isoformat()]
            for window in reconcile.WINDOWS
        },
        "values": [next(values[key[_SCOPE]]) for key in reconcile.combinations()],
        "drawn": {place: rows for one in made.values() for place, rows in one["drawn"].items()},
        "moments": made[ALL]["moments"],
    }


def _line(fit: Fitted, asked: Asked) -> Timeline | None:
    """The question's releases; None where the data hold no such model."""
    try:
        sides = compared(fit, asked)
    except IndexInputError:
        return None
    return Timeline(sides.releases, fit.as_of, drawn=sides.drawn, scores=sides.scores, scale=fit.index.scale)


def _of(one: Definition) -> tuple[str, str, OpenMeans]:
    return one.window, one.benchmarks, OpenMeans(one.openness)


def _drawn(fit: Fitted, line: Timeline, window: Window, wanted: Sequence[Definition]) -> dict[str, list[float | None]]:
    """By their place each definition's lag in every draw, in hundredths of a month as they are printed."""
    places = {(one.estimator, one.tolerance, one.censoring): reconcile.place(one) for one in wanted}
    return {
        str(places[key]): [round(row, 2) if math.isfinite(row) else None for row in rows.tolist()]
        for key, rows in drawn_lags(line, fit.as_of, window, places).items()
    }


def _moments(run: IndexRun, fit: Fitted) -> dict[str, dict[str, float | None]]:
    """The default question's lags on the days that earlier runs counted to, on this run's facts: what the same days
    look like now."""
    line = _line(fit, Asked())
    if line is None:
        return {}
    earlier = IndexRun.objects.filter(known_at__lte=run.known_at, as_of__lte=fit.as_of)
    days = sorted({fit.as_of, *earlier.values_list("as_of", flat=True)})[-MOMENTS:]
    found = {}
    for day in days:
        latest, since_2023 = (replay(line, day, window) for window in reconcile.WINDOWS[:2])
        # As the estimators do it: the age of today's level over a year, the time to match over the whole history.
        found[day.isoformat()] = {
            name: number(
                (latest if name in OVER_A_YEAR else since_2023).get((name, "plain", WAITS.get(name, "matched")))
            )
            for name in reconcile.ALLOWED["estimator"]
        }
    return found
