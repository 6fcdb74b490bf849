"""Drawings that a run brought along."""

from collections.abc import Sequence

from tracker.models import Rendering


def stored(run: int | None, keys: Sequence[str]) -> dict[str, bytes]:
    """Packed drawings by key."""
    if run is None:
        return {}
    return {
        key: bytes(packed)
        for key, packed in Rendering.objects.filter(run_id=run, key__in=keys).values_list("key", "packed")
    }
