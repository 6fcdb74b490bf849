"""What every page's footer says, and the tag by which a reader knows whether anything on any page has changed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min, Subquery

from tracker.models import Alias, DataVersion, Endpoint, GapResult, IndexRun
from tracker.queries.pipeline import endpoints_with_newest


@dataclass(frozen=True, slots=True)
class Site:
    """The data's version, and when sources were last and will next be asked."""

    data_version: int
    changed_at: datetime | None
    last_checked: datetime | None
    next_due: datetime | None


def site() -> Site:
    """One query for the version, one for the clock of the pipeline."""
    version = DataVersion.objects.filter(pk=1).first()
    scheduled = Endpoint.objects.filter(source__enabled=True, source__every__isnull=False)
    clock = scheduled.aggregate(last=Max("checked_at"), following=Min("due_at"))
    return Site(
        data_version=version.value if version else 0,
        changed_at=version.changed_at if version else None,
        last_checked=clock["last"],
        next_due=clock["following"],
    )


def state_tag() -> str | None:
    """What an ETag is made of, in two queries: it changes when public facts, what was computed from them, the names of
    things or the state of the pipeline change. None before anything was stored."""
    runs = IndexRun.objects.exclude(state=IndexRun.State.DUE).order_by("-finished_at", "-pk")
    stored = DataVersion.objects.filter(pk=1).values_list(
        "value",
        Subquery(runs.values("pk")[:1]),
        Subquery(runs.values("state")[:1]),
        # A run that is ready goes on answering questions, each a new row.
        Subquery(GapResult.objects.order_by("-pk").values("pk")[:1]),
        Subquery(Alias.objects.order_by("-pk").values("pk")[:1]),
    )
    computed = stored.first()
    if computed is None:
        return None
    asked = endpoints_with_newest().values_list(
        "pk", "checked_at", "confirmed_at", "due_at", "not_before", "last_error", "source__enabled", "newest_state"
    )
    return f"{computed}-{list(asked.order_by('pk'))}"
