"""What a curator decides about models that news or a hub listing seem to speak of: adopt or dismiss."""

import csv
import hashlib
import io
import zlib
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.db import transaction

from tracker.curation.ledger import Done, Ledger, Refused, read_again
from tracker.curation.names import add_alias, new_model
from tracker.domain.names import normalise
from tracker.domain.records import Access, Precision, ReleaseRecord, When
from tracker.models import (
    Blob,
    Decision,
    Endpoint,
    Family,
    Lab,
    Licence,
    ProposedRelease,
    Snapshot,
    Source,
    Unresolved,
)
from tracker.models.entities import Kind

# What curators state at the desk is a document like any other, in the shape of the curated files and of their source.
SCHEME = "desk:"
SOURCE = "curated_releases"
COLUMNS = (*(field.name for field in fields(ReleaseRecord)), "source", "retrieved_on")


@transaction.atomic
def adopt_release(
    proposal: ProposedRelease,
    *,
    title: str,
    lab: Lab,
    url: str,
    family: Family | None = None,
    released: When | None = None,
    access: Access | None = None,
    licence: Licence | None = None,
    by: User,
    reason: str,
    now: datetime,
) -> Done:
    """It is a model: it gets its row and its names, and what `url` says of its release becomes a document of the
    curators' own source, which is read like any publisher's."""
    ledger = Ledger(by=by, reason=reason, now=now)
    (proposal,) = _waiting([proposal])
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise Refused("The release needs the address of the page that tells of it.")
    exact = released.on if released and released.precision is Precision.DAY else None
    model = new_model(ledger, title=title, lab=lab, family=family, released=exact)
    endpoints = add_alias(ledger, Kind.MODEL, model.name, model)
    if normalise(proposal.name) != normalise(model.name):
        endpoints |= add_alias(ledger, Kind.MODEL, proposal.name, model)
    record = ReleaseRecord(
        key=model.slug,
        model=model.name,
        lab=lab.name,
        released=released,
        access=access,
        licence=licence.name if licence else "",
        url=url,
    )
    snapshot = _stated(record, now=now)
    ledger.update(proposal, state=ProposedRelease.State.ADOPTED)
    ledger.concern(snapshot, snapshot.endpoint, snapshot.endpoint.source, licence)
    decision = ledger.sign(
        Decision.Kind.ADOPT_RELEASE, proposal, f"“{proposal.name}” is a new model, {model}, of {lab}"
    )
    return Done((decision,), read_again(endpoints, now=now), (snapshot.pk,))


@transaction.atomic
def dismiss_releases(proposals: Iterable[ProposedRelease], *, by: User, reason: str, now: datetime) -> Done:
    """These are no models that we follow; they are not proposed again, however often they are announced."""
    ledger, decisions = Ledger(by=by, reason=reason, now=now), []
    for proposal in _waiting(proposals):
        ledger.update(proposal, state=ProposedRelease.State.DISMISSED)
        ledger.concern(proposal.lab)
        decisions.append(ledger.sign(Decision.Kind.DISMISS_RELEASE, proposal, f"“{proposal.name}”"))
    return Done(tuple(decisions))


def take_back_statement(ledger: Ledger, decision: Decision) -> set[int]:
    """Of an adoption that is undone: what was stated stays as a document of the past, and its name waits for nobody.
    Returns the endpoints to read, by which the fact ends now."""
    (name,) = (name for name in decision.concerns if name.startswith("snapshot:"))
    snapshot = Snapshot.objects.select_related("endpoint").select_for_update(of=("self",)).get(pk=name.split(":")[1])
    if snapshot.lease_until is not None and snapshot.lease_until > ledger.now:
        raise Refused("What was stated is being read this moment: undo it when that is done.")
    if snapshot.state == Snapshot.State.STORED:
        ledger.update(snapshot, state=Snapshot.State.REJECTED)
        return set()
    model = next(after for row, after in decision.after.items() if row.startswith("aimodel:") and after is not None)
    values = {
        "name": model["name"],
        "first_snapshot": snapshot,
        "last_snapshot": snapshot,
        "rows": 1,
        "state": Unresolved.State.IGNORED,
        "decided_by": ledger.by,
        "decided_at": ledger.now,
        "reason": ledger.reason,
    }
    key = normalise(model["name"])
    Unresolved.objects.update_or_create(endpoint=snapshot.endpoint, kind=Kind.MODEL, key=key, defaults=values)
    return {snapshot.endpoint_id}


def _waiting(proposals: Iterable[ProposedRelease]) -> list[ProposedRelease]:
    wanted = {proposal.pk for proposal in proposals}
    rows = ProposedRelease.objects.select_for_update(of=("self",)).select_related("lab").filter(pk__in=wanted)
    found = list(rows.order_by("pk"))
    for proposal in found:
        if proposal.state != ProposedRelease.State.WAITING:
            raise Refused(f"“{proposal.name}” waits no longer: it is {proposal.get_state_display()}.")
    if len(found) < len(wanted):
        raise Refused("A proposal is gone: load the list again.")
    return found


def _stated(record: ReleaseRecord, *, now: datetime) -> Snapshot:
    """One document a statement: whoever follows a fact to its document sees what was stated, by itself."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    said = (getattr(record, field.name) for field in fields(record))
    rows.writerow([*("" if value is None else str(value) for value in said), urlsplit(record.url).hostname, now.date()])
    body = text.getvalue().encode()
    sha256 = hashlib.sha256(body).hexdigest()
    blob = Blob(sha256=sha256, size=len(body), packed=zlib.compress(body))
    Blob.objects.bulk_create([blob], ignore_conflicts=True)
    endpoint, _ = Endpoint.objects.get_or_create(
        url=f"{SCHEME}releases/{record.key}.csv", defaults={"source": Source.objects.get(slug=SOURCE)}
    )
    return Snapshot.objects.create(endpoint=endpoint, blob_id=sha256, fetched_at=now, media_type="text/csv")
