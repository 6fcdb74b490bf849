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
    """The latest issues, the newest first; two queries."""
    return _letters(Issue.objects.order_by("-week")[:weeks])


def letters_of(week: str) -> IssueLetters | None:
    found = _letters(Issue.objects.filter(week=week))
    return found[0] if found else None


def _letters(wanted: QuerySet[Issue]) -> list[IssueLetters]:
    issues = list(wanted.only("week", "state", "addressed_at", "sent_at"))
    unsent = Q(state__in=("waiting", "ambiguous", "dead"))
    rows = Letter.objects.filter(issue__in=[issue.pk for issue in issues]).order_by()
    grouped = rows.values_list("issue", "state").annotate(
        number=Count("pk"), since=Min("created_at"), error=Max("last_error", filter=unsent)
    )
    counts: dict[int, dict[str, int]] = {}
    since: dict[int, datetime] = {}
    errors: dict[int, str] = {}
    for issue, state, number, oldest, error in grouped:
        counts.setdefault(issue, dict.fromkeys(STATES, 0))[state] = number
        if state == Letter.State.WAITING:
            since[issue] = oldest
        if error:
            errors[issue] = error
    return [
        IssueLetters(
            week=issue.week,
            state=issue.state,
            state_label=issue.get_state_display(),
            counts=counts.get(issue.pk, dict.fromkeys(STATES, 0)),
            addressed_at=issue.addressed_at,
            sent_at=issue.sent_at,
            waiting_since=since.get(issue.pk),
            error=errors.get(issue.pk, ""),
        )
        for issue in issues
    ]
