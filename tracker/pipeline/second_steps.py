"""How the second index of a run is found: step by step to its mode, then draws, each kept until the run is done."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING, Final

import numpy as np

from tracker.domain import beta_index, beta_terms
from tracker.domain.beta_index import BetaFit
from tracker.domain.index import ANCHOR_BENCHMARK, Observation, find_anchors
from tracker.domain.solver import Floats
from tracker.models import DrawSlice
from tracker.pipeline import drawing
from tracker.pipeline.packing import packed, packed_draws, told_of, unpacked, unpacked_draws

if TYPE_CHECKING:
    from tracker.domain.beta_solver import Climb, Mode  # brings half of SciPy along: for who fits

Kind = DrawSlice.Kind
# A step looks so often at a score, so that it takes seconds whatever the size of the data.
LOOKS: Final = 5_000_000
_LOOKS_A_PART: Final = 2
KEPT_AS: Final = "second index"
_TOLD: Final = ("damping", "steps", "near", "moved", "ended")


def kept_as(run_id: int) -> str:
    """The name under which a run keeps what it has of its second index."""
    return drawing.kept_as(KEPT_AS, run_id)


def complete(run_id: int) -> bool:
    """Whether all draws are there."""
    return drawing.made(kept_as(run_id), Kind.SECOND) >= len(_parts())


def _parts() -> list[int]:
    from tracker.domain.beta_solver import shared_out

    return shared_out(beta_terms.DRAWS)


class Found:
    """What is there of one run's second index. All follows from the scores and the seed: whoever goes on, here or
    elsewhere, comes to the same digits as in one go."""

    def __init__(self, run_id: int, observations: Sequence[Observation], floors: Mapping[str, float]) -> None:
        """Raises IndexInputError where the scores cannot be fitted."""
        self.run_id, self.name = run_id, kept_as(run_id)
        self.slices = DrawSlice.objects.filter(drawn_from=self.name)
        self.scores, self.models, self.benchmarks = beta_index.scores_of(observations, floors)
        self.anchors = find_anchors(self.models, observations, ANCHOR_BENCHMARK)
        self.rests_on = self._fingerprint()
        self.seconds = 0.0
        self.climbed = self._stored()

    def _fingerprint(self) -> str:
        told = (beta_terms.METHOD, beta_terms.DRAWS, beta_index.SEED, self.models, self.benchmarks, self.anchors)
        found = hashlib.sha256(repr(told).encode())
        for array in (self.scores.model, self.scores.benchmark, self.scores.value, self.scores.floor):
            found.update(array.tobytes())
        return found.hexdigest()

    def _stored(self) -> "Climb | None":
        """Where the way to the mode was left. What rests on other scores, or another catalogue, is taken away."""
        from tracker.domain.beta_solver import Climb

        body = self.slices.filter(kind=Kind.CLIMB).values_list("packed", flat=True).first()
        if body is not None:
            told, arrays = unpacked(bytes(body))
            if told["rests_on"] == self.rests_on:
                self.seconds = told["seconds"]
                return Climb(arrays["x"], **{name: told[name] for name in _TOLD})
        self.slices.delete()
        return None

    def go_on(self) -> None:
        """One step: towards the mode, and from there on some draws."""
        if self.climbed is None or not self.climbed.ended:
            self._climb()
        else:
            self._draw()

    def _climb(self) -> None:
        from tracker.domain import beta_solver

        began = monotonic()
        self.climbed = beta_solver.climb(self.scores, self.climbed, max(1, LOOKS // len(self.scores.value)))
        self.seconds += monotonic() - began
        told = {name: getattr(self.climbed, name) for name in _TOLD}
        body = packed({**told, "rests_on": self.rests_on, "seconds": self.seconds}, x=self.climbed.x)
        kept = {"count": self.climbed.steps, "packed": body}
        self.slices.update_or_create(drawn_from=self.name, kind=Kind.CLIMB, first=0, defaults=kept)

    def _draw(self) -> None:
        from tracker.domain import beta_solver

        began = monotonic()
        first, size = drawing.made(self.name, Kind.SECOND), LOOKS // (_LOOKS_A_PART * len(self.scores.value))
        parts = range(first, min(first + max(1, size), len(_parts())))
        chance = np.random.default_rng(beta_index.SEED)
        drawn = beta_solver.posterior(self.scores, self._mode, beta_terms.DRAWS, chance, parts)
        _, some = self._on_scale(drawn).as_index()
        body = packed_draws(some, seconds=monotonic() - began)
        # Another worker, who took the run for left, may have made the same ones.
        row = DrawSlice(drawn_from=self.name, kind=Kind.SECOND, first=first, count=len(parts), packed=body)
        DrawSlice.objects.bulk_create([row], ignore_conflicts=True)

    @cached_property
    def _mode(self) -> "Mode":
        from tracker.domain import beta_solver

        return beta_solver.mode_at(self.scores, self.climbed or beta_solver.climb(self.scores))

    def _on_scale(self, drawn: Floats) -> BetaFit:
        return beta_index.on_scale(self.scores, self.models, self.benchmarks, self._mode, drawn, self.anchors)

    def whole(self) -> BetaFit:
        """The fit with all its draws, those that are missing made now."""
        while not complete(self.run_id):
            self.go_on()
        bare = self._on_scale(np.empty((0, self.scores.size)))
        index, _ = bare.as_index()
        slices = self.slices.filter(kind=Kind.SECOND).order_by("first").values_list("packed", flat=True)
        bodies = [bytes(body) for body in slices]
        self.seconds += sum(told_of(body)["seconds"] for body in bodies)
        return bare.with_draws([unpacked_draws([body], index, "rows") for body in bodies])
