"""The gap's headline figures on any day of the past, from release days and places on one index."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tracker.domain import lags
from tracker.domain.frontier import DAYS_PER_MONTH, Release, frontier, months
from tracker.domain.gap import compared
from tracker.domain.survival import product_limit, subjects


@dataclass(frozen=True, slots=True)
class Standing:
    """A day as the models released by then stand on one index: not as the index of that day had it.

    `lag` is L1, `catch_up` L7's median, `gap` L8; NaN where the day has none. `top` is the closed frontier's last
    record, set on `top_on`; `waits` is how long each closed record stood (months, whether matched).
    """

    on: date
    lag: float
    catch_up: float
    gap: float
    open_best: float
    closed_best: float
    top: str
    top_on: date
    waits: tuple[tuple[float, bool], ...]


def standing(releases: Sequence[Release], on: date) -> Standing | None:
    """The day's figures; None before both sides have a model."""
    data = compared(releases, on)
    if not data.opens or not data.closeds:
        return None
    steps = frontier(data.closeds)
    waits = tuple((one.months, one.matched) for one in subjects(steps, data.opens, on))
    half = float(
        product_limit(np.array([wait for wait, _ in waits]), np.array([float(hit) for _, hit in waits])).median()
    )
    open_best = max(point.value for point in data.opens)
    return Standing(
        on=on,
        lag=float(lags.mean(months(lags.backward(data.open_side, data.closed_side, data.window_days)))[0]),
        catch_up=half if math.isfinite(half) else math.nan,
        gap=steps[-1].value - open_best,
        open_best=open_best,
        closed_best=steps[-1].value,
        top=steps[-1].model,
        top_on=steps[-1].on,
        waits=waits,
    )


def history(releases: Sequence[Release], until: date) -> list[Standing]:
    """A standing a month, the last on `until`, the first when both sides had a model."""
    found: list[Standing] = []
    while (here := standing(releases, until - timedelta(days=round(len(found) * DAYS_PER_MONTH)))) is not None:
        found.append(here)
    return found[::-1]
