"""Documents that must be read again because a curator decided something: rows with leases, like all work."""

import logging
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from tracker.models import Rereading
from tracker.pipeline import ingest, leases
from tracker.sources.base import ParseError

logger = logging.getLogger(__name__)
LEASE = settings.LEASE


def waiting(*, now: datetime) -> list[int]:
    """Ids of the endpoints to read again, the longest waiting first."""
    free = leases.free(now=now, lease=LEASE) & (Q(not_before=None) | Q(not_before__lte=now))
    return list(Rereading.objects.filter(free).order_by("wanted_at").values_list("endpoint", flat=True))


def read_again(endpoint_id: int, *, now: datetime, by: str) -> bool:
    """Read the endpoint's document again if that is wanted and nobody else does it; True if it was done.

    Decisions taken while it is read want it once more: their row stays.
    """
    work = leases.claim(Rereading.objects.filter(endpoint_id=endpoint_id), now=now, lease=LEASE, by=by)
    if work is None:
        return False
    try:
        ingest.reingest(endpoint_id, now=now, taken_back=work.before)
    except ParseError as error:
        # The parser has changed since the document was read. Its facts stay; the next document settles it.
        logger.warning("cannot read %s again: %s", work.endpoint, error)
        leases.failed(work, by=by, now=now, error=str(error))
        return False
    if not leases.held(work, by=by).filter(wanted_at=work.wanted_at).delete()[0]:
        leases.done(work, by=by)
    return True
