"""L2: the backward lag where a closed model is ahead only if the draws leave little doubt."""

import math
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


class SureLeads:
    """Which open model is the best of each day in each row of `values`, and since when a closed one is surely ahead of
    it: how sure comes from all draws, row by row of `draws`."""

    def __init__(self, releases: Sequence[Release], values: Rows, draws: Rows, alpha: float = ALPHA) -> None:
        opens = [at for at, release in enumerate(releases) if release.open]
        opens.sort(key=lambda at: (releases[at].released_on, releases[at].model))
        closeds = [at for at, release in enumerate(releases) if not release.open]
        closeds.sort(key=lambda at: releases[at].released_on)
        self.rows, self.empty = len(values), not opens or not closeds
        self.released = np.array([releases[at].released_on.toordinal() for at in opens])
        self.ahead_since = np.full(len(opens), np.nan)
        if self.empty:
            return
        self.ever, self.leaders = _leaders(values[:, opens])
        rivals = by_model(draws, closeds)
        for leader in np.unique(self.leaders):
            first = first_ahead(rivals, draws[:, opens[leader]], alpha)
            if first >= 0:
                self.ahead_since[leader] = releases[closeds[first]].released_on.toordinal()

    def lags(self, days: Days, known: float = math.inf) -> Floats:
        """L2 on each of `days`, for each row of values, in days; a closed model released after the day `known` is not
        known. Signed as L1: negative where the first sure lead came later; NaN where there is none."""
        result = np.full((self.rows, len(days)), np.nan)
        if self.empty:
            return result
        place = np.searchsorted(self.released, days, side="right") - 1
        out = place >= 0
        then = np.maximum(np.searchsorted(self.ever, place[out], side="right") - 1, 0)
        since = np.where(self.ahead_since <= known, self.ahead_since, np.nan)
        result[:, out] = days[out] - since[self.leaders[:, then]]
        return result


def tolerant(releases: Sequence[Release], values: Rows, draws: Rows, days: Days, alpha: float = ALPHA) -> Floats:
    """L2 on each of `days`, for each row of `values`, in days; see SureLeads."""
    return SureLeads(releases, values, draws, alpha).lags(days)


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
