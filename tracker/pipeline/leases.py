"""Work as rows: claiming one under a lock, giving it back, and how long to wait after a failure."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F, Model, Q, QuerySet

from tracker.fetch import backoff

M = TypeVar("M", bound=Model)


def free(*, now: datetime, lease: timedelta) -> Q:
    """That nobody has the row. One that is held for much longer than a lease lasts was taken while the machine's clock
    ran ahead: it is not kept until that hour has come again."""
    return Q(lease_until=None) | Q(lease_until__lte=now) | Q(lease_until__gt=now + 2 * lease)


def claim(work: QuerySet[M], *, now: datetime, lease: timedelta, by: str, **fields: Any) -> M | None:
    """The first free row of `work`, now leased to `by` and given `fields`; None when there is none.

    The row is locked before it is written. An UPDATE alone would do where `work` asks about the row's own columns;
    where it joins another table, Django puts the conditions into a subquery, and PostgreSQL does not look at that again
    when the UPDATE has waited for another's: both would have the row.
    """
    waiting = work.filter(free(now=now, lease=lease)).filter(Q(not_before=None) | Q(not_before__lte=now))
    with transaction.atomic():
        row = waiting.select_for_update(of=("self",)).first()
        if row is not None:
            type(row)._default_manager.filter(pk=row.pk).update(
                lease_until=now + lease, lease_by=by, attempts=F("attempts") + 1, **fields
            )
            row.refresh_from_db()
    return row


def held(row: M, *, by: str) -> QuerySet[M]:
    """The row, if `by` still has it: every write of a result goes through this, so that a worker that lost its lease
    to another cannot overwrite what that one did. The lease's end tells it from a later one of the same worker."""
    return type(row)._default_manager.filter(
        pk=row.pk,
        lease_by=by,
        lease_until=row.lease_until,  # type: ignore[attr-defined]
    )


def renew(row: M, *, by: str, now: datetime, lease: timedelta) -> bool:
    """Keep the row for another `lease`, between two steps of long work; False when it was lost meanwhile."""
    until = now + lease
    kept = bool(held(row, by=by).update(lease_until=until))
    if kept:
        row.lease_until = until  # type: ignore[attr-defined]
    return kept


def done(row: M, *, by: str, error: str = "", **fields: Any) -> bool:
    """Give the row back with its results, `error` being one that trying again would not mend; False when the lease was
    lost meanwhile."""
    free = {"lease_until": None, "lease_by": "", "attempts": 0, "not_before": None, "last_error": error[:2000]}
    return bool(held(row, by=by).update(**free, **fields))


def failed(
    row: M,
    *,
    by: str,
    now: datetime,
    error: str,
    retry_after: float | None = None,
    chance: Callable[[], float] = random.random,
    **fields: object,
) -> bool:
    """Give the row back to be tried again later: full jitter, doubling, Retry-After first."""
    wait = backoff(row.attempts, retry_after=retry_after, random=chance)  # type: ignore[attr-defined]
    if not retry_after:
        wait *= settings.HASTE
    not_before = now + timedelta(seconds=wait)
    return bool(
        held(row, by=by).update(lease_until=None, lease_by="", not_before=not_before, last_error=error[:2000], **fields)
    )
