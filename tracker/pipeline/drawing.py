"""A run's draws: made slice by slice, each kept as soon as it is there, and shared by all runs of the same scores."""

import hashlib
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from time import monotonic
from typing import Final

from django.conf import settings

from tracker.domain.index import IndexInputError, fit
from tracker.domain.index_draws import DRAW_SEED, DRAWS, Draws, bootstrap, leave_one_out
from tracker.models import DrawSlice, IndexDraws, IndexRun
from tracker.pipeline import leases
from tracker.pipeline.beliefs import Beliefs, beliefs
from tracker.pipeline.fitting import Centre, Fitted, OtherObservationsError, fitted, observed
from tracker.pipeline.packing import packed_draws, packed_fit, unpacked_draws, unpacked_fit

Kind = DrawSlice.Kind
# A slice has so many weights of scores, so that it takes seconds whatever the size of the data; and never more draws.
WEIGHTS: Final = 8_000_000
MOST: Final = 100


def centre_of(run: IndexRun, known: Beliefs) -> Centre:
    """The fit that the run's draws are made around: as it was stored by this run or by any other of the same scores, or
    else made now. Raises IndexInputError; OtherObservationsError where what is shown of the run no longer stands."""
    observations, found = observed(known, run.as_of)
    own = IndexDraws.objects.filter(run=run).first()
    # As long as nothing of a run has been shown, it may as well stand on what is known now of its time.
    if own is not None and own.drawn_from not in ("", found) and run.state != IndexRun.State.DUE:
        raise OtherObservationsError("what this run stands on has changed since its draws were made")
    # Most new facts are prices, news and texts: the scores are an earlier run's, and so are the fit and the draws.
    same = IndexDraws.objects.filter(drawn_from=found, centre__isnull=False)
    stored = same.values_list("centre", flat=True).first()
    centre = Centre(observations, fit(observations) if stored is None else unpacked_fit(bytes(stored)), found)
    if own is None or own.drawn_from != found:
        needed = sum(wanted(run, len(centre.index.benchmarks)).values())
        defaults = {"drawn_from": found, "centre": packed_fit(centre.index), "wanted": needed}
        IndexDraws.objects.update_or_create(run=run, defaults=defaults)
    return centre


def wanted(run: IndexRun, benchmarks: int) -> dict[str, int]:
    """How many draws of each kind the run needs. Which benchmark matters is asked of today's data only."""
    return {Kind.ROWS.value: DRAWS} | ({} if run.historic else {Kind.WITHOUT.value: benchmarks})


def draw(run: IndexRun, centre: Centre, *, until: float, clock: Callable[[], datetime], by: str) -> bool:
    """Make the draws that are missing, one slice at least; True when all are there, False when it is later than `until`
    or another worker has taken the run."""
    size = max(1, min(MOST, WEIGHTS // len(centre.observations)))
    slices = 0
    for kind, total in wanted(run, len(centre.index.benchmarks)).items():
        while (first := made(centre.drawn_from, kind)) < total:
            if slices and monotonic() > until:
                return False
            count = min(size, total - first)
            some = _some(centre, kind, first, count)
            if not leases.renew(run, by=by, now=clock(), lease=settings.LEASE):
                return False
            # A run of another day may stand on the same scores and have made the same slice meanwhile.
            DrawSlice.objects.bulk_create(
                [
                    DrawSlice(
                        drawn_from=centre.drawn_from, kind=kind, first=first, count=count, packed=packed_draws(some)
                    )
                ],
                ignore_conflicts=True,
            )
            slices += 1
    return True


def _some(centre: Centre, kind: str, first: int, count: int) -> Draws:
    if kind == Kind.ROWS:
        return bootstrap(centre.observations, centre.index, first=first, draws=count, seed=DRAW_SEED)
    return leave_one_out(centre.observations, centre.index, first=first, count=count)


def made(drawn_from: str, kind: str) -> int:
    """How many draws are there from the first on without a hole."""
    slices = DrawSlice.objects.filter(drawn_from=drawn_from, kind=kind)
    end = 0
    for first, count in slices.order_by("first").values_list("first", "count"):
        end = first + count if first == end else end
    return end


def fit_of(run: IndexRun, known: Beliefs | None = None, centre: Centre | None = None) -> Fitted:
    """The run's fit with its stored draws. Raises IndexInputError where these are not complete."""
    known = known or beliefs(run.known_at)
    centre = centre or centre_of(run, known)
    drawn, without = _stored(run, centre, Kind.ROWS), None
    if drawn is None:
        raise IndexInputError("the run's draws are not complete")
    if not run.historic:
        without = _stored(run, centre, Kind.WITHOUT)
    return fitted(known, run.as_of, centre, drawn, without=without)


def _stored(run: IndexRun, centre: Centre, kind: Kind) -> Draws | None:
    total = wanted(run, len(centre.index.benchmarks))[kind.value]
    if made(centre.drawn_from, kind) < total:
        return None
    slices = DrawSlice.objects.filter(drawn_from=centre.drawn_from, kind=kind).order_by("first")
    bodies: Iterable[bytes] = map(bytes, slices.values_list("packed", flat=True).iterator(chunk_size=1))
    return unpacked_draws(bodies, centre.index, "rows" if kind == Kind.ROWS else "leave-one-out")


def kept_as(report: str, run_id: int) -> str:
    """The name under which a run keeps what it has for one of its reports until it is done."""
    return hashlib.sha256(f"{report} of run {run_id}".encode()).hexdigest()


def forget(reports: Collection[str]) -> None:
    """Take away the slices that no run stands on any more, but for what unfinished ones keep for these reports."""
    used = IndexDraws.objects.exclude(drawn_from="").values("drawn_from")
    unfinished = IndexRun.objects.exclude(state=IndexRun.State.DONE).values_list("pk", flat=True)
    kept = [kept_as(report, run_id) for run_id in unfinished for report in reports]
    DrawSlice.objects.exclude(drawn_from__in=used).exclude(drawn_from__in=kept).delete()
