"""What a curator may switch: whether a source is asked, a benchmark shown, an alarm told again."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from tracker.curation.ledger import Done, Ledger, Refused, readers_see_it
from tracker.models import Alarm, Benchmark, Decision, Source


@transaction.atomic
def switch_source(source: Source, *, enabled: bool, by: User, reason: str, now: datetime) -> Done:
    """Collect from the source, or no more. What it said before stays up."""
    ledger = Ledger(by=by, reason=reason, now=now)
    source = Source.objects.select_for_update().get(pk=source.pk)
    if source.enabled == enabled:
        raise Refused(f"{source} is {_onoff(enabled)} already.")
    ledger.update(source, enabled=enabled)
    return Done((ledger.sign(Decision.Kind.SWITCH_SOURCE, source, f"{source} is {_onoff(enabled)}"),))


@transaction.atomic
def switch_benchmark_display(benchmark: Benchmark, *, shown: bool, by: User, reason: str, now: datetime) -> Done:
    """Hide a benchmark's scores, or show again what was hidden here. What the catalogue's file hides stays hidden: its
    terms forbid republishing, and no switch changes terms."""
    ledger = Ledger(by=by, reason=reason, now=now)
    benchmark = Benchmark.objects.select_for_update().get(pk=benchmark.pk)
    if benchmark.may_display == shown:
        raise Refused(f"{benchmark} is {'shown' if shown else 'hidden'} already.")
    standing = Decision.objects.last_standing(Decision.Kind.SWITCH_BENCHMARK).get(benchmark.pk)
    if shown and (standing is None or standing["may_display"]):
        raise Refused(f"The catalogue's file says that {benchmark} may not be shown.")
    ledger.update(benchmark, may_display=shown)
    words = f"{benchmark} is {'shown' if shown else 'hidden'}"
    decision = ledger.sign(Decision.Kind.SWITCH_BENCHMARK, benchmark, words)
    readers_see_it(now=now)
    return Done((decision,))


@transaction.atomic
def acknowledge_alarms(alarms: Iterable[Alarm], *, by: User, reason: str, now: datetime) -> Done:
    """These are known: they stay open until they heal, and the operator gets no letter about them."""
    ledger, decisions = Ledger(by=by, reason=reason, now=now), []
    wanted = [alarm.pk for alarm in alarms]
    for alarm in Alarm.objects.select_for_update().filter(pk__in=wanted).order_by("pk"):
        if alarm.closed_at is not None or alarm.acknowledged_at is not None:
            raise Refused(f"“{alarm}” is {'healed' if alarm.closed_at else 'acknowledged'} already.")
        ledger.update(alarm, acknowledged_by_id=by.pk, acknowledged_at=now, reason=ledger.reason)
        decisions.append(ledger.sign(Decision.Kind.ACKNOWLEDGE, alarm, f"{alarm}"))
    return Done(tuple(decisions))


def _onoff(enabled: bool) -> str:
    return "on" if enabled else "off"
