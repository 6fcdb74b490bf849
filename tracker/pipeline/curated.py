"""The curators' door: their files in the catalogue become snapshots and are read like any publisher's document."""

from datetime import datetime

from tracker.models import Endpoint, Snapshot
from tracker.pipeline import ingest
from tracker.pipeline.catalog import CATALOG
from tracker.pipeline.collect import keep

SCHEME = "catalog:"


def take_in(*, now: datetime, by: str) -> list[Snapshot]:
    """Read every curated file that changed since it was read last; returns the snapshots it made."""
    taken = []
    for endpoint in Endpoint.objects.filter(url__startswith=SCHEME).select_related("source"):
        body = (CATALOG / endpoint.url.removeprefix(SCHEME)).read_bytes()
        snapshot, fresh = keep(endpoint, body, fetched_at=now, media_type="text/csv")
        if fresh:
            taken.append(ingest.ingest(snapshot.pk, now=now, by=by) or snapshot)
    return taken
