"""What a curator decides about a document that failed a guard."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from tracker.curation.ledger import Done, Ledger, Refused, read_again
from tracker.models import Decision, DocumentShape, Endpoint, Snapshot, Waiver

# The one guard that a person may waive: that a document holds much less than the one before it, or cannot be what that
# one was. Both leave this word with the document.
SHRINKAGE = "shrinkage"


@transaction.atomic
def accept_quarantined(snapshot: Snapshot, *, by: User, reason: str, now: datetime) -> Done:
    """The document is right, although it shrank or is not like the ones before it: it is read, and what it no longer
    shows ends now. A document that cannot be parsed cannot be accepted, because nobody knows what it says."""
    ledger = Ledger(by=by, reason=reason, now=now)
    snapshot, endpoint = _locked(snapshot)
    if snapshot.counts.get("refused_by") != SHRINKAGE:
        raise Refused(f"It cannot be read, so there is nothing to accept: {snapshot.message}")
    current = endpoint.current
    if current is not None and current.fetched_at >= snapshot.fetched_at:
        raise Refused(f"A newer document, of {current.fetched_at:%Y-%m-%d %H:%M} UTC, was read already.")
    drifted = DocumentShape.objects.filter(snapshot=snapshot).exclude(findings=[]).exists()
    words = f"is right: {snapshot.message[:200]}" if drifted else "may have shrunk"
    ledger.create(Waiver(snapshot=snapshot, at=now))
    values = {"state": Snapshot.State.STORED, "message": "", "last_error": "", "attempts": 0, "not_before": None}
    ledger.update(snapshot, **values)
    ledger.concern(endpoint, endpoint.source, current)
    decision = ledger.sign(Decision.Kind.ACCEPT_DOCUMENT, snapshot, f"{snapshot} {words}")
    return Done((decision,), snapshots=(snapshot.pk,))


@transaction.atomic
def reject_quarantined(snapshot: Snapshot, *, by: User, reason: str, now: datetime) -> Done:
    """The document is wrong: it is kept, marked so, and waits for nobody."""
    ledger = Ledger(by=by, reason=reason, now=now)
    snapshot, endpoint = _locked(snapshot)
    ledger.update(snapshot, state=Snapshot.State.REJECTED)
    ledger.concern(endpoint, endpoint.source)
    return Done((ledger.sign(Decision.Kind.REJECT_DOCUMENT, snapshot, f"{snapshot} is wrong"),))


def take_back(ledger: Ledger, decision: Decision) -> tuple[int, ...]:
    """Undo an acceptance: the document goes back into quarantine, and where it was read, the one before it is read
    again. Returns the endpoints to read."""
    endpoint_id = Snapshot.objects.values_list("endpoint", flat=True).get(pk=decision.row)
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)  # first, as whoever reads a document does
    snapshot = Snapshot.objects.select_for_update(of=("self",)).get(pk=decision.row)
    if snapshot.lease_until is not None and snapshot.lease_until > ledger.now:
        raise Refused("The document is being read this moment: undo it when that is done.")
    if snapshot.state not in (Snapshot.State.STORED, Snapshot.State.INGESTED):
        raise Refused(f"The document is {snapshot.get_state_display()} by now.")
    was_read = snapshot.state == Snapshot.State.INGESTED
    if was_read and endpoint.current_id != snapshot.pk:
        raise Refused("A newer document has been read since: what this one said is past.")
    ledger.delete(Waiver.objects.get(snapshot=snapshot))
    before = decision.before[f"snapshot:{snapshot.pk}"]
    restored = {"state": before["state"], "message": before["message"], "last_error": before["last_error"]}
    counts = {"refused_by": SHRINKAGE, "records": snapshot.counts.get("records", {})}
    ledger.update(snapshot, ingested_at=None, counts=counts, **restored)
    if not was_read:
        return ()
    good = endpoint.snapshots.filter(state=Snapshot.State.INGESTED, fetched_at__lt=snapshot.fetched_at)
    ledger.update(endpoint, current_id=good.order_by("-fetched_at").values_list("pk", flat=True).first())
    return read_again({endpoint.pk}, now=ledger.now, before=snapshot)


def _locked(snapshot: Snapshot) -> tuple[Snapshot, Endpoint]:
    endpoint = Endpoint.objects.select_for_update(of=("self",)).select_related("current", "source")
    found = endpoint.get(pk=snapshot.endpoint_id)
    held = Snapshot.objects.select_for_update(of=("self",)).select_related("endpoint").get(pk=snapshot.pk)
    if held.state != Snapshot.State.QUARANTINED:
        raise Refused(f"The document is not in quarantine: it is {held.get_state_display()}.")
    return held, found
