"""Proof of life: when a worker last took up one of beat's questions."""

from datetime import datetime

from tracker.models import Beat


def heard(question: str, *, now: datetime) -> None:
    """A worker has just been asked this: beat and broker and worker are all there."""
    Beat.objects.update_or_create(name=question, defaults={"at": now})
