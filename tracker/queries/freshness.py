"""The tag by which a reader knows whether anything on any page has changed."""

from django.db.models import Subquery

from tracker.models import Alias, DataVersion, Endpoint, GapResult, IndexRun
from tracker.queries.pipeline import newest_states


def state_tag() -> str | None:
    """What an ETag is made of, in three queries: it changes when public facts, what was computed from them, the names
    of things or the state of the pipeline change. None before anything was stored."""
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
    asked = Endpoint.objects.order_by("pk").values_list(
        "pk", "checked_at", "confirmed_at", "due_at", "not_before", "last_error", "source__enabled"
    )
    return f"{computed}-{list(asked)}-{newest_states()}"
