"""The tag by which a reader knows whether anything on any page has changed."""

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Subquery, TextField, Value
from django.db.models.functions import MD5, Cast, Concat

from tracker.models import Alias, DataVersion, Endpoint, GapResult, IndexRun
from tracker.queries.pipeline import newest_state

# Digested where the rows are: there are hundreds, and this is asked before every 304.
SHOWN = ("pk", "checked_at", "confirmed_at", "due_at", "not_before", "last_error", "source__enabled", "newest")
LINE = Concat(*(part for name in SHOWN for part in (Cast(name, TextField()), Value("|"))), output_field=TextField())
TOLD_BY_ENDPOINTS = MD5(StringAgg(LINE, delimiter=Value("\n"), order_by="pk", output_field=TextField()))


def state_tag() -> str | None:
    """What an ETag is made of, in two queries: it changes when public facts, what was computed from them, the names
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
    asked = Endpoint.objects.annotate(newest=newest_state()).aggregate(told=TOLD_BY_ENDPOINTS)
    return f"{computed}-{asked['told']}"
