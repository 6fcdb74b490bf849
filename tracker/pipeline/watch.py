"""Looks after the alarms where beat, the broker or the worker that should do so is silent: a dead man cannot call."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tracker.domain.rhythm import STARTED
from tracker.models import Beat
from tracker.pipeline import alarm_letters, alarms

QUESTION = "alarms"
# Beat asks every five minutes; an index run on the same worker may make it miss one.
SILENT_AFTER = timedelta(minutes=12)


def needed(*, now: datetime) -> bool:
    """Whether nobody else looks. Before the question was ever heard, and after a start, there is nobody yet."""
    heard = dict(Beat.objects.filter(name__in=(QUESTION, STARTED)).values_list("name", "at"))
    return QUESTION in heard and now - max(heard.values()) > SILENT_AFTER


def stand_in(
    *, to: Sequence[str], sender: str, now: datetime, live: bool = True, digest: tuple[str, datetime] | None = None
) -> int | None:
    """Look at everything and write to the operator as a worker would; returns of how many alarms, None where a worker
    does it itself. A worker that comes back at this very moment does it too, and nothing is told twice."""
    if not needed(now=now):
        return None
    alarms.look(now=now, live=live, digest=digest)
    return alarm_letters.mail(to=to, sender=sender, now=now, by="watch")
