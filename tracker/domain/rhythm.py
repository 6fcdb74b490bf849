"""How long a source may stay silent, and how long our own workers may."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import median

# Three of its usual pauses in a row are no longer a pause.
PATIENCE = 3
# Fewer pauses tell no rhythm.
MIN_PAUSES = 3
# Nobody need look on a Sunday because Saturday was quiet.
LEAST = timedelta(days=3)
# What beat asks, each heard by a worker; see tracker/tasks.py.
QUESTIONS = ("collect", "ingest", "recompute", "alarms")
# An index run may keep a worker's hands full for five minutes, and several may come one after another.
SILENT_AFTER = timedelta(minutes=15)
# When the installation was last started, beside the questions: while it was off nobody could hear one.
STARTED = "start"


def rhythm(changes: Sequence[datetime]) -> timedelta | None:
    """The usual pause between two changes; None of too few."""
    times = sorted(changes)
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    return timedelta(seconds=median(pauses)) if len(pauses) >= MIN_PAUSES else None


def patience(
    changes: Sequence[datetime], *, every: timedelta | None, stale_after: timedelta | None
) -> timedelta | None:
    """How old the newest datum may become before somebody should look; None where nobody can tell.

    What the declaration says goes before what the past shows: a board that was rebuilt daily at first may be frozen.
    """
    if every is None:
        return None
    if stale_after is not None:
        return stale_after
    usual = rhythm(changes)
    # A source cannot show a pause shorter than ours between two questions.
    return None if usual is None else max(PATIENCE * usual, 2 * every, LEAST)


def newest_datum(changed: datetime | None, named: date | None, *, only_met: bool) -> datetime | None:
    """How new the data are: the latest day that a row names, or the last time that rows changed, whichever is later.

    `only_met` says that they changed only once, when they were met: that tells nothing of when they were made.
    """
    day = datetime.combine(named, time.max, tzinfo=UTC) if named else None
    if day is None or changed is None:
        return day or changed
    return day if only_met else max(day, changed)


def confirmation_patience(every: timedelta) -> timedelta:
    """How long a source may go unconfirmed: three of its own intervals in a row, and never less than a long weekend."""
    return max(PATIENCE * every, LEAST)


def silent(heard: Mapping[str, datetime], *, now: datetime) -> dict[str, datetime]:
    """The questions that a worker took up once and none has for too long, with the last time one did. What was never
    heard may not have been asked yet; what it would have done is missed elsewhere. A start begins the wait anew."""
    began = heard.get(STARTED)
    return {
        name: heard[name]
        for name in QUESTIONS
        if name in heard and now - max(filter(None, (heard[name], began))) > SILENT_AFTER
    }


def silence(question: str, last: datetime) -> str:
    """What the silence of a question means, in words."""
    return (
        f"No worker has taken up the question {question!r} since {last:%Y-%m-%d %H:%M} UTC: beat, the broker or the "
        "workers are down. Nothing new is collected, read or computed, and every page stays as it is. Start them; "
        "/readyz says which part is missing."
    )
