"""What a document looks like beside the last good ones of its address, worked out when it is read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

from tracker.domain.definitions import Unit
from tracker.domain.drift import Bounds, Finding, Severity, drift
from tracker.domain.names import normalise
from tracker.domain.shape import Shape, from_dict, newest, to_dict
from tracker.models import Alias, DocumentShape, Snapshot
from tracker.models.entities import Kind
from tracker.sources import SOURCES

# How many of the last good documents say what is usual: one odd one among them is outvoted.
REMEMBERED = 5
NOT_SHOWN = "a benchmark that is not displayed"


@dataclass(frozen=True, slots=True)
class Look:
    """A document's shape and what is wrong with it, the worst first."""

    shape: Shape
    findings: tuple[Finding, ...]

    @property
    def unbelievable(self) -> str:
        """Why nobody should believe the document; blank if it may be believed."""
        return " ".join(one.message for one in self.findings if one.severity is Severity.QUARANTINE)


def look_at(snapshot: Snapshot, shape: Shape) -> Look:
    """The document beside the last good ones."""
    source = SOURCES[snapshot.endpoint.source.slug]
    past, elapsed = _past(snapshot)
    bounds, hidden = _benchmarks() if "score" in shape else ({}, frozenset())
    found = drift(
        shape,
        past,
        slug=source.slug,
        rolling=source.rolling,
        elapsed=elapsed,
        bounds=lambda words: bounds.get(normalise(words)),
        named=lambda words: NOT_SHOWN if normalise(words) in hidden else words,
    )
    return Look(shape, tuple(found))


def keep(snapshot: Snapshot, look: Look) -> None:
    """Call in the transaction that says what became of the snapshot."""
    findings = [asdict(finding) for finding in look.findings]
    kept = {"shape": to_dict(look.shape), "newest": newest(look.shape), "findings": findings}
    DocumentShape.objects.update_or_create(snapshot=snapshot, defaults=kept)


def _past(snapshot: Snapshot) -> tuple[list[Shape], timedelta]:
    """The last good documents' shapes, newest first, and how long ago the newest of them was had."""
    good = DocumentShape.objects.filter(
        snapshot__endpoint=snapshot.endpoint_id,
        snapshot__state=Snapshot.State.INGESTED,
        snapshot__fetched_at__lt=snapshot.fetched_at,
    ).order_by("-snapshot__fetched_at")
    rows = list(good.values_list("shape", "snapshot__fetched_at")[:REMEMBERED])
    return [from_dict(kept) for kept, _ in rows], snapshot.fetched_at - rows[0][1] if rows else timedelta(0)


def _benchmarks() -> tuple[Mapping[str, Bounds], frozenset[str]]:
    """What each benchmark can give, and which may not be displayed, by every name that it has."""
    rows = Alias.objects.filter(kind=Kind.BENCHMARK).values_list(
        "key", "benchmark__unit", "benchmark__ceiling", "benchmark__may_display"
    )
    bounds, hidden = {}, set()
    for key, unit, ceiling, may_display in rows:
        # Not the floor: a model may well do worse than guessing.
        bounds[key] = Bounds(0.0 if Unit(unit).bounded else None, ceiling)
        if not may_display:
            hidden.add(key)
    return bounds, frozenset(hidden)
