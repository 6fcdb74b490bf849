"""Where the queue of evaluations, which has a database, meets what runs models, which has none."""

from tracker.evaluating.surroundings import announce
from tracker.evaluating.worker import Worker

__all__ = ["Worker", "announce"]
