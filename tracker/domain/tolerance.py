"""L2: the backward lag where a closed model is ahead only if the draws leave little doubt."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.frontier import Days, Floats, Release
from tracker.domain.lags import ALPHA

Rows = NDArray[np.floating]  # a model's values, draw by draw
_BLOCK: Final = 256  # models compared at a time: the one looked for mostly stands near the beginning


def first_ahead(models: Rows, other: Rows, alpha: float = ALPHA) -> int:
    """The first row of `models` that is surely ahead of the `other` one; -1 for none."""
    for first in range(0, len(models), _BLOCK):
        sure = (models[first : first + _BLOCK] > other).mean(axis=1) > 1.0 - alpha
        if sure.any():
            return first + int(np.argmax(sure))
    return -1


def first_not_behind(models: Rows, other: Rows, alpha: float = ALPHA) -> int:
    """The first row of `models` that the `other` one is not surely ahead of; -1 for none."""
    for first in range(0, len(models), _BLOCK):
        open_still = ~((other > models[first : first + _BLOCK]).mean(axis=1) > 1.0 - alpha)
        if open_still.any():
            return first + int(np.argmax(open_still))
    return -1


def by_model(draws: Rows, columns: Sequence[int]) -> Rows:
    """The columns as rows that lie together in memory."""
    return np.ascontiguousarray(draws[:, columns].T)


def tolerant(releases: Sequence[Release], values: Rows, draws: Rows, days: Days, alpha: float = ALPHA) -> Floats:
    """L2 on each of `days`, for each row of `values`, in days.

    The best open model of a day is that of the row; how sure each closed model is ahead of it comes from all draws, row
    by row of `draws`. Signed as L1: negative where the first sure lead came later; NaN where there is none.
    """
    opens = [at for at, release in enumerate(releases) if release.open]
    opens.sort(key=lambda at: (releases[at].released_on, releases[at].model))
    closeds = [at for at, release in enumerate(releases) if not release.open]
    closeds.sort(key=lambda at: releases[at].released_on)
    result = np.full((len(values), len(days)), np.nan)
    if not opens or not closeds:
        return result
    ever, leaders = _leaders(values[:, opens])
    rivals = by_model(draws, closeds)
    ahead_since = np.full(len(opens), np.nan)
    for leader in np.unique(leaders):
        first = first_ahead(rivals, draws[:, opens[leader]], alpha)
        if first >= 0:
            ahead_since[leader] = releases[closeds[first]].released_on.toordinal()
    released = np.array([releases[at].released_on.toordinal() for at in opens])
    place = np.searchsorted(released, days, side="right") - 1
    out = place >= 0
    then = np.maximum(np.searchsorted(ever, place[out], side="right") - 1, 0)
    result[:, out] = days[out] - ahead_since[leaders[:, then]]
    return result


def _leaders(values: Rows) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places whose value leads in any row, and for each row and each of these where the best value up to there
    stands; a tie is left to the earlier. Most models never lead."""
    known = np.nan_to_num(values, nan=-np.inf)
    best = np.maximum.accumulate(known, axis=1)
    leads = np.ones(known.shape, dtype=bool)
    np.greater(known[:, 1:], best[:, :-1], out=leads[:, 1:])
    ever = np.flatnonzero(leads.any(axis=0))
    step = np.where(leads[:, ever], ever, 0)
    return ever, np.maximum.accumulate(step, axis=1)
