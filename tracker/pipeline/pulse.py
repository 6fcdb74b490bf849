"""Proof of life: when a worker last took up one of beat's questions."""

from datetime import datetime

from tracker.domain.rhythm import STARTED
from tracker.models import Beat


def heard(question: str, *, now: datetime) -> None:
    """A worker has just been asked this: beat and broker and worker are all there."""
    Beat.objects.update_or_create(name=question, defaults={"at": now})


def started(*, now: datetime) -> None:
    """The installation starts, perhaps after a pause: workers have a while to be heard before they count as silent."""
    heard(STARTED, now=now)
