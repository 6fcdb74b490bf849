"""Whether labs' models do better on questions they can have seen: the report `benchmaxxing`, replicate by replicate."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

import numpy as np

from tracker.domain import benchmaxxing as maxxing
from tracker.domain.benchmaxxing import Deltas, Halves, LabDelta, Meter, Unseen
from tracker.domain.definitions import ItemAccess
from tracker.domain.gap_report import number
from tracker.domain.many_tests import FAMILY_ERROR, METHOD
from tracker.models import DrawSlice, IndexRun
from tracker.pipeline import drawing
from tracker.pipeline.fitting import Fitted
from tracker.pipeline.packing import packed, told_of, unpacked

NAME: Final = "benchmaxxing"
KIND: Final = DrawSlice.Kind.MAXXING
# A step weighs so many scores, so that it takes seconds whatever the size of the data; and never more replicates.
WEIGHTS: Final = 8_000_000
MOST: Final = 100


def make(run: IndexRun, fit: Fitted) -> dict[str, Any]:
    """Both meters by lab and by model, from the run's own fit and draws."""
    return InSteps(run, fit).report()


class InSteps:
    """The report of one run and the replicates that it stands on, some of them at a time: each follows from the scores
    and its number, so that whoever goes on comes to the same digits as in one go."""

    def __init__(self, run: IndexRun, fit: Fitted) -> None:
        self._fit, self._name = fit, kept_as(run.pk)
        self.hopeless = False  # nobody has scores enough on both parts

    @cached_property
    def _halves(self) -> Halves:
        """The scores made ready, once for all that this worker does. What rests on other scores, or on another
        catalogue, is taken away."""
        fit = self._fit
        halves = maxxing.halved(fit.index, fit.draws, fit.observations, _meters(fit))
        self._rests_on = _fingerprint(fit, halves)
        slices = DrawSlice.objects.filter(drawn_from=self._name)
        bodies = slices.values_list("packed", flat=True).iterator(chunk_size=1)
        if any(told_of(bytes(body))["rests_on"] != self._rests_on for body in bodies):
            slices.delete()
        return halves

    @property
    def _made(self) -> int:
        return drawing.made(self._name, KIND)

    def steps(self) -> Iterator[Callable[[], None]]:
        """What is still to be found and stored before the report."""
        while not self.hopeless and self._made < min(maxxing.REPLICATES, len(self._fit.draws.ability)):
            yield self._step

    def _step(self) -> None:
        halves = self._halves
        if not halves.replicates:
            self.hopeless = True
            return
        size = max(1, min(MOST, WEIGHTS // len(halves.scope.value)))
        first = self._made
        some = range(first, min(first + size, halves.replicates))
        body = packed({"rests_on": self._rests_on}, drawn=halves.drawn(some))
        # Another worker, who took the run for left, may have made the same ones.
        row = DrawSlice(drawn_from=self._name, kind=KIND, first=first, count=len(some), packed=body)
        DrawSlice.objects.bulk_create([row], ignore_conflicts=True)

    def _deltas(self) -> dict[Meter, Deltas]:
        halves = self._halves
        for step in self.steps():
            step()
        slices = DrawSlice.objects.filter(drawn_from=self._name, kind=KIND).order_by("first")
        bodies = slices.values_list("packed", flat=True).iterator(chunk_size=1)
        drawn = [unpacked(bytes(body))[1]["drawn"] for body in bodies] if halves.replicates else []
        return halves.deltas(np.concatenate([np.empty((0, len(halves.scope.models) // 2)), *drawn]))

    def report(self) -> dict[str, Any]:
        """From the replicates that have been found; what has not is found now."""
        fit, found = self._fit, self._deltas()
        labs = {name: fit.model(name).lab for name in fit.index.models}
        return {
            "replicates": max((len(deltas.drawn) for deltas in found.values()), default=0),
            "least_scores": maxxing.MIN_SCORES,
            "least_models": maxxing.MIN_MODELS,
            "family_error": FAMILY_ERROR,
            "correction": METHOD,
            "labs": [_delta(row) for row in maxxing.by_lab(found, labs)],
            "everyone": [_delta(row) for row in maxxing.everyone(found)],
            "models": [row for meter, deltas in found.items() for row in _models(fit, meter, deltas)],
        }


def kept_as(run_id: int) -> str:
    """The name under which a run keeps the replicates that it has."""
    return drawing.kept_as(NAME, run_id)


def _fingerprint(fit: Fitted, halves: Halves) -> str:
    """Of all that the replicates follow from, beside the code."""
    scope = halves.scope
    told = (fit.drawn_from, maxxing.SEED, halves.replicates, list(halves.models.items()))
    found = hashlib.sha256(repr(told).encode())
    for array in (scope.model, scope.benchmark, scope.value, scope.weight):
        found.update(array.tobytes())
    return found.hexdigest()


def _meters(fit: Fitted) -> Mapping[Meter, Unseen]:
    benchmarks = {name: fit.beliefs.benchmarks[fit.slugs[name]] for name in fit.index.benchmarks}
    hidden = {name: row.access != ItemAccess.PUBLIC.value for name, row in benchmarks.items()}
    came = {name: row.released_on for name, row in benchmarks.items()}
    released = {name: fit.model(name).released_on for name in fit.index.models}

    def private(model: str, benchmark: str) -> bool:
        return hidden[benchmark]

    def later(model: str, benchmark: str) -> bool | None:
        exam, own = came[benchmark], released[model]
        return None if exam is None or own is None else exam > own

    return {Meter.PRIVATE: private, Meter.LATER: later}


def _delta(row: LabDelta) -> dict[str, Any]:
    return {
        "lab": row.lab,
        "meter": row.meter.value,
        "models": row.models,
        "unseen": row.benchmarks[0],
        "seen": row.benchmarks[1],
        "value": number(row.value),
        "low": number(row.low),
        "high": number(row.high),
        "error": number(row.error),
        "chance": number(row.chance),
        "corrected": number(row.corrected),
        "verdict": row.verdict.value,
    }


def _models(fit: Fitted, meter: Meter, deltas: Deltas) -> list[dict[str, Any]]:
    low, high = deltas.bounds()
    rows = []
    for at, name in enumerate(deltas.models):
        model = fit.model(name)
        unseen, seen = deltas.counts[at]
        rows.append(
            {
                "meter": meter.value,
                "model": model.name,
                "slug": model.slug,
                "lab": model.lab,
                "unseen": unseen,
                "seen": seen,
                "value": number(float(deltas.value[at])),
                "low": number(float(low[at])),
                "high": number(float(high[at])),
            }
        )
    return sorted(rows, key=lambda row: (row["value"], row["slug"]))
