"""The outbox of the digest as it stands: how many letters of each issue are in which state, and what is wrong."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q, QuerySet

from tracker.models import Issue, Letter

STATES = tuple(state.value for state in Letter.State)


@dataclass(frozen=True, slots=True)
class IssueLetters:
    """The letters of one issue. `counts` names every state; `waiting_since` is when the oldest that waits was made,
    `error` what was said of the last that could not be sent."""

    week: str
    state: str
    state_label: str
    counts: dict[str, int]
    addressed_at: datetime | None
    sent_at: datetime | None
    waiting_since: datetime | None
    error: str

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def to_settle(self) -> int:
        """Letters that wait for a person."""
        return self.counts["ambiguous"] + self.counts["dead"]


def outbox(*, weeks: int = 8) -> list[IssueLetters]:
    """The latest issues, the newest first; one query."""
    return _letters(Issue.objects.all(), weeks)


def letters_of(week: str) -> IssueLetters | None:
    """The letters of one week's issue; None: there is no such issue yet."""
    return next(iter(_letters(Issue.objects.filter(week=week), 1)), None)


def _letters(wanted: QuerySet[Issue], most: int) -> list[IssueLetters]:
    waiting, unsent = Q(letters__state="waiting"), Q(letters__state__in=("waiting", "ambiguous", "dead"))
    counts = {state: Count("letters", filter=Q(letters__state=state)) for state in STATES}
    rows = wanted.order_by("-week").annotate(
        waiting_since=Min("letters__created_at", filter=waiting),
        error=Max("letters__last_error", filter=unsent),
        **{f"letters_{state}": count for state, count in counts.items()},
    )
    columns = ("week", "state", "addressed_at", "sent_at", "waiting_since", "error")
    return [
        IssueLetters(
            week=row["week"],
            state=row["state"],
            state_label=str(Issue.State(row["state"]).label),
            counts={state: row[f"letters_{state}"] for state in STATES},
            addressed_at=row["addressed_at"],
            sent_at=row["sent_at"],
            waiting_since=row["waiting_since"],
            error=row["error"] or "",
        )
        for row in rows.values(*columns, *(f"letters_{state}" for state in STATES))[:most]
    ]
