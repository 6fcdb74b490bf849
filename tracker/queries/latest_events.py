"""The newest events, of all labs or of one model, in one query: what a page shows that is not the timeline itself."""

from datetime import datetime

from tracker.models import Event
from tracker.queries import events


def latest_events(*, known_at: datetime | None, limit: int, model: str = "") -> tuple[events.EventRow, ...]:
    """Newest first, from sources that may be shown. On a day of the past an announcement for a day to come is told when
    it has come."""
    found = Event.objects.known(known_at).filter(endpoint__source__may_display=True)
    if known_at is not None:
        found = found.filter(occurred_on__lte=known_at.date())
    if model:
        found = found.filter(model__slug=model)
    newest = found.select_related("lab", "model", "endpoint__source").order_by("-occurred_on", "-pk")
    return tuple(events.row(event) for event in newest[:limit])
