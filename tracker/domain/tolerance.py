"""L2: the backward lag where a closed model is ahead only if the draws leave little doubt."""

from collections.abc import Sequence

import numpy as np

from tracker.domain.frontier import Days, Floats, Release
from tracker.domain.lags import ALPHA


def tolerant(releases: Sequence[Release], values: Floats, draws: Floats, days: Days, alpha: float = ALPHA) -> Floats:
    """L2 on each of `days`, for each row of `values`, in days.

    The best open model of a day is that of the row; how sure each closed model is ahead of it comes from all draws, row
    by row of `draws`. Signed as L1: negative where the first sure lead came later; NaN where there is none.
    """
    opens = [at for at, release in enumerate(releases) if release.open]
    opens.sort(key=lambda at: (releases[at].released_on, releases[at].model))
    closeds = [at for at, release in enumerate(releases) if not release.open]
    result = np.full((len(values), len(days)), np.nan)
    if not opens or not closeds:
        return result
    leaders = _leaders(values[:, opens])
    closed_days = np.array([releases[at].released_on.toordinal() for at in closeds], dtype=float)
    ahead_since = np.full(len(opens), np.nan)
    for leader in np.unique(leaders):
        sure = (draws[:, closeds] > draws[:, [opens[leader]]]).mean(axis=0) > 1.0 - alpha
        if sure.any():
            ahead_since[leader] = closed_days[sure].min()
    released = np.array([releases[at].released_on.toordinal() for at in opens])
    place = np.searchsorted(released, days, side="right") - 1
    out = place >= 0
    result[:, out] = days[out] - ahead_since[leaders[:, place[out]]]
    return result


def _leaders(values: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """For each row and place, where the best value up to that place stands; a tie is left to the earlier."""
    known = np.nan_to_num(values, nan=-np.inf)
    best = np.maximum.accumulate(known, axis=1)
    before = np.concatenate([np.full((len(known), 1), -np.inf), best[:, :-1]], axis=1)
    step = np.where(known > before, np.arange(known.shape[1]), 0)
    return np.maximum.accumulate(step, axis=1)
