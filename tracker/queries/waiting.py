"""Work that is due now, by kind: how much of it, and how long the oldest has waited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from tracker.models import Endpoint, Evaluation, IndexRun, Issue, Letter, Rereading, Snapshot, Subscriber

# Which queue's worker does it.
QUEUES = {
    "collect": "collect",
    "read": "compute",
    "read-again": "compute",
    "compute": "compute",
    "letters": "mail",
    "confirmations": "mail",
    "evaluations": "evaluations",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of work. `since` is when the oldest of it became due, None where nothing waits."""

    work: str
    queue: str
    count: int
    since: datetime | None


def waiting(*, now: datetime) -> list[Waiting]:
    """Every kind, in one query each."""
    rows: Mapping[str, tuple[QuerySet[Any], Min]] = {
        "collect": (
            Endpoint.objects.filter(source__enabled=True, source__every__isnull=False, due_at__lte=now).filter(
                Q(not_before=None) | Q(not_before__lte=now)
            ),
            Min(Greatest("due_at", Coalesce("not_before", "due_at"))),
        ),
        "read": (Snapshot.objects.filter(state=Snapshot.State.STORED), Min("fetched_at")),
        "read-again": (Rereading.objects.all(), Min("wanted_at")),
        # Runs of the past may take the night: only those of today's facts make anybody wait.
        "compute": (
            IndexRun.objects.exclude(state=IndexRun.State.DONE),
            Min("created_at", filter=Q(historic=False)),
        ),
        # A withheld issue's letters wait because somebody wants them to.
        "letters": (
            Letter.objects.filter(state=Letter.State.WAITING).exclude(issue__state=Issue.State.WITHHELD),
            Min("created_at"),
        ),
        "confirmations": (
            Subscriber.objects.filter(confirm_sent_at=None, confirm_wanted_at__lte=now),
            Min("confirm_wanted_at"),
        ),
        "evaluations": (
            Evaluation.objects.filter(
                Q(state__in=(Evaluation.State.WAITING, Evaluation.State.RUNNING))
                | Q(state=Evaluation.State.DONE, log=None)
            ),
            Min("asked_at"),
        ),
    }
    found = []
    for work, (due, oldest) in rows.items():
        told = due.order_by().aggregate(n=Count("pk"), since=oldest)
        found.append(Waiting(work, QUEUES[work], told["n"], told["since"]))
    return found
