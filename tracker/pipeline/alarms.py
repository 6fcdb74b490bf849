"""Alarms: opened when something is wrong, and closed by themselves when it is not."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from tracker.domain.drift import Severity
from tracker.models import Alarm
from tracker.pipeline import letters_owed, silence, troubles
from tracker.pipeline.troubles import OF_DOCUMENTS, OF_SOURCES, OF_WORK, Trouble

logger = logging.getLogger(__name__)


def after_reading(endpoint: int, *, now: datetime) -> None:
    """A document of this address was read or refused: open what is wrong with it, close what is not any more."""
    _settle(lambda: troubles.of_documents([endpoint]), OF_DOCUMENTS, endpoints=[endpoint], now=now)


def look(*, now: datetime, live: bool = True, digest: tuple[str, datetime] | None = None) -> None:
    """Look at everything. An installation that is not `live` asks no source, so that none can fall silent; `digest` is
    the week whose issue was due last, and when."""

    def sources() -> Iterator[Trouble]:
        yield from troubles.of_names()
        if live:
            yield from silence.of_sources(now=now)

    _settle(troubles.of_documents, OF_DOCUMENTS, now=now)
    _settle(sources, OF_SOURCES, now=now)
    _settle(lambda: troubles.of_work(now=now), OF_WORK, now=now)
    _settle(lambda: letters_owed.of_letters(due=digest, now=now), {Alarm.Kind.DIGEST}, now=now)


def _settle(
    find: Callable[[], Iterable[Trouble]],
    kinds: Collection[Alarm.Kind],
    *,
    now: datetime,
    endpoints: Collection[int] | None = None,
) -> None:
    """Make the open alarms of these kinds (and addresses) those that are found now."""
    open_now = Alarm.objects.filter(closed_at=None, kind__in=kinds)
    if endpoints is not None:
        open_now = open_now.filter(endpoint__in=endpoints)
    # Read before the search: what another worker opens meanwhile stays open.
    known = {(alarm.kind, alarm.subject): alarm for alarm in open_now}
    found = {(trouble.kind.value, trouble.subject): trouble for trouble in find()}
    fresh = [_opened(trouble, now) for name, trouble in found.items() if name not in known]
    for alarm in fresh:
        logger.log(_level(alarm), "alarm opened: %s: %s", alarm, alarm.message)
    Alarm.objects.bulk_create(fresh, ignore_conflicts=True)
    with transaction.atomic():
        seen = [known[name].pk for name in found if name in known]
        Alarm.objects.filter(pk__in=seen, closed_at=None).update(last_seen_at=Greatest(F("last_seen_at"), now))
        for name in found.keys() & known.keys():
            _retold(known[name], found[name])
        healed = [alarm for name, alarm in known.items() if name not in found]
        Alarm.objects.filter(pk__in=[alarm.pk for alarm in healed], closed_at=None).update(
            closed_at=Greatest(F("last_seen_at"), now)
        )
    for alarm in healed:
        logger.info("alarm closed: %s", alarm)


def _opened(trouble: Trouble, now: datetime) -> Alarm:
    return Alarm(
        kind=trouble.kind,
        subject=trouble.subject,
        severity=trouble.severity,
        message=trouble.message,
        source_id=trouble.source,
        endpoint_id=trouble.endpoint,
        snapshot_id=trouble.snapshot,
        opened_at=now,
        last_seen_at=now,
    )


def _retold(alarm: Alarm, trouble: Trouble) -> None:
    """An alarm that stays open says what is so now."""
    told = {"severity": trouble.severity.value, "message": trouble.message, "snapshot_id": trouble.snapshot}
    if any(getattr(alarm, name) != value for name, value in told.items()):
        Alarm.objects.filter(pk=alarm.pk, closed_at=None).update(**told)


def _level(alarm: Alarm) -> int:
    return logging.INFO if alarm.severity == Severity.NOTICE else logging.WARNING
