"""What becomes of a reader when a mail server or provider reports on a letter: recorded once, and acted on.

Two doors lead here: django-anymail's webhooks, and mail reports that a server of one's own hands in. Anymail tells of
its webhooks by a signal and in no other way; its receiver is the one signal of this house.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from tracker.digest import readers
from tracker.digest.addresses import suppression_keys
from tracker.models import Letter, MailEvent, Subscriber, Suppression

Kind = MailEvent.Kind
State = Subscriber.State
SOFT_WITHIN, MOST_SOFT = timedelta(days=30), 3
# A provider's clock may be wrong; its queue is no older than this.
OLDEST = timedelta(days=14)
ADDRESS = re.compile(r"[^\s<>\"';:,]+@[^\s<>\"';:,]+")


@dataclass(frozen=True, slots=True)
class Told:
    """One report of one letter to one address. `trusted`: by somebody who proved who they are, and not merely by a mail
    that anybody may write."""

    provider: str
    event_id: str
    kind: Kind
    at: datetime
    address: str = ""
    message_ids: tuple[str, ...] = ()
    receipt: str = ""
    detail: str = ""
    trusted: bool = False


@transaction.atomic
def record(told: Told) -> bool:
    """Write the report down and act on it; False when it was told before, and then nothing happens.

    What a mail says of an address alone could be written by anybody, so without the name of a letter of ours, which
    only its receiver knows, it ends a subscription and puts nobody on the list of those never to be written to.
    """
    letter, subscriber = _about(told)
    event, new = MailEvent.objects.get_or_create(
        provider=told.provider[:40],
        event_id=told.event_id if len(told.event_id) <= 200 else hashlib.sha256(told.event_id.encode()).hexdigest(),
        defaults={
            "kind": told.kind,
            "subscriber": subscriber,
            "letter": letter,
            "at": told.at,
            "detail": without_addresses(told.detail),
        },
    )
    if new and subscriber is not None:
        _act(event, subscriber, proven=told.trusted or letter is not None)
    return new


def without_addresses(words: str) -> str:
    """On one line, short, and without anybody's address."""
    seen = "".join(c if c.isprintable() else " " for c in words[:2000].encode(errors="replace").decode())
    return ADDRESS.sub("…", " ".join(seen.split()))[:300]


def _about(told: Told) -> tuple[Letter | None, Subscriber | None]:
    """The letter by its name or the provider's number for it, and the reader: whose letter it is or, where no letter is
    known by then, whose address."""
    letter = Letter.objects.filter(message_id__in=told.message_ids).first() if told.message_ids else None
    if letter is not None:
        return letter, _locked(Q(pk=letter.subscriber_id)) if letter.subscriber_id else None
    if not told.address:
        return None, None
    subscriber = _locked(Q(lowered=told.address.lower()[:254]))
    if subscriber is not None and told.trusted and told.receipt:
        letter = subscriber.letters.filter(receipt=told.receipt[:200]).first()
    return letter, subscriber


def _locked(who: Q) -> Subscriber | None:
    """Reports of one reader are acted on one after the other: else two that come at once both count to two."""
    return Subscriber.objects.select_for_update().alias(lowered=Lower("email")).filter(who).first()


def _act(event: MailEvent, subscriber: Subscriber, *, proven: bool) -> None:
    if event.kind == Kind.HARD:
        _stop(subscriber, State.BOUNCED, Suppression.Why.BOUNCED if proven else None, at=event.at)
    elif event.kind == Kind.COMPLAINT:
        _stop(subscriber, State.COMPLAINED, Suppression.Why.COMPLAINED if proven else None, at=event.at)
    elif event.kind == Kind.LEFT:
        readers.leave(subscriber.pk, now=event.at)
    elif event.kind == Kind.DELIVERED:
        Subscriber.objects.filter(pk=subscriber.pk).update(soft_bounces=0, soft_since=None)
    elif event.kind == Kind.SOFT:
        _count(event, subscriber)


def _count(event: MailEvent, subscriber: Subscriber) -> None:
    """Letters that did not come through within the last thirty days and since the last one that did; a letter that is
    reported twice counts once."""
    events = subscriber.mail_events.filter(at__gt=event.at - SOFT_WITHIN, at__lte=event.at)
    through = events.filter(kind=Kind.DELIVERED).order_by("at").values_list("at", flat=True).last()
    soft = events.filter(kind=Kind.SOFT, **({"at__gt": through} if through else {})).order_by("at")
    failed = {letter or f"event {pk}": at for letter, pk, at in reversed(soft.values_list("letter", "pk", "at"))}
    Subscriber.objects.filter(pk=subscriber.pk).update(soft_bounces=len(failed), soft_since=min(failed.values()))
    if len(failed) >= MOST_SOFT:
        # A full mailbox may be emptied: its owner can subscribe again.
        _stop(subscriber, State.BOUNCED, None, at=event.at)


def _stop(subscriber: Subscriber, state: State, why: Suppression.Why | None, *, at: datetime) -> None:
    if why is not None:
        Suppression.objects.get_or_create(
            address=suppression_keys(subscriber.email)[0], defaults={"why": why, "since": at}
        )
    going = Subscriber.objects.filter(pk=subscriber.pk, state__in=(State.ASKED, State.ACTIVE))
    going.update(state=state, ended_at=at, confirm_wanted_at=None)
    if state == State.COMPLAINED:
        # Some leave first and complain then: that they complained is what must be known.
        Subscriber.objects.filter(pk=subscriber.pk, state=State.LEFT).update(state=state)


# RFC 3463: permanent for this letter, but of the mailbox's size, the network, or what the letter holds; the address
# itself is good.
NOT_THE_ADDRESS = re.compile(r"5\.(2\.[23]|3\.\d+|4\.[235-9]|6\.\d+|7\.\d+)")
STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
REPLY = re.compile(r"(?<![\d.])([45])\d\d(?![\d.]*\d)")


def weight(status: str, words: str = "") -> Kind:
    """How bad a failure is, by its status or, where that is none, by the server's answer; soft when neither tells."""
    found = STATUS.search(status) or STATUS.search(words)
    if found is not None and found[0] != "5.0.0":
        return Kind.HARD if found[1] == "5" and not NOT_THE_ADDRESS.fullmatch(found[0]) else Kind.SOFT
    reply = REPLY.search(words)
    if reply is not None:
        return Kind.HARD if reply[1] == "5" else Kind.SOFT
    return Kind.HARD if found is not None else Kind.SOFT


BY_TYPE = {
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.COMPLAINED: Kind.COMPLAINT,
    EventType.UNSUBSCRIBED: Kind.LEFT,
    EventType.DEFERRED: Kind.OTHER,
    EventType.FAILED: Kind.OTHER,
}
# The provider does not even try, because of what it knows from before.
BY_REASON = {
    RejectReason.INVALID: Kind.HARD,
    RejectReason.BOUNCED: Kind.HARD,
    RejectReason.SPAM: Kind.COMPLAINT,
    RejectReason.UNSUBSCRIBED: Kind.LEFT,
}


def kind_of(event: AnymailTrackingEvent) -> Kind | None:
    """None for what is no business of ours: that a letter was opened, say, which no letter of ours asks about."""
    if event.event_type == EventType.REJECTED:
        return BY_REASON.get(event.reject_reason, Kind.OTHER)
    if event.event_type != EventType.BOUNCED:
        return BY_TYPE.get(event.event_type)
    words = f"{event.mta_response or ''} {event.description or ''}"
    if STATUS.search(words) or REPLY.search(words):
        return weight("", words)
    # Some providers call both kinds a bounce, and say which only in words of their own.
    own = event.esp_event if isinstance(event.esp_event, dict) else {}
    told = (own.get(key) for key in ("Type", "event", "type", "bounce_type", "bounceType", "severity"))
    soft = any(re.search(r"soft|transient|temporary", str(value), re.IGNORECASE) for value in told)
    return BY_REASON.get(event.reject_reason, Kind.SOFT) if not soft else Kind.SOFT


def from_anymail(event: AnymailTrackingEvent, provider: str, *, now: datetime) -> bool:
    """What a provider's webhook told; Anymail has seen to it that it was the provider."""
    kind = kind_of(event)
    if kind is None:
        return False
    at = event.timestamp if event.timestamp and now - OLDEST <= event.timestamp <= now else now
    # Not every provider keeps the letter's own name, but most hand back what came along with it.
    names = ((event.metadata or {}).get("letter", ""), event.message_id or "")
    told = "|".join(str(part) for part in (event.message_id, event.recipient, event.event_type, event.timestamp))
    return record(
        Told(
            provider=provider.lower(),
            event_id=event.event_id or hashlib.sha256(told.encode()).hexdigest(),
            kind=kind,
            at=at,
            address=event.recipient or "",
            message_ids=tuple(f"<{name.strip('<>')}>" for name in names if name),
            receipt=event.message_id or "",
            detail=f"{event.reject_reason or ''} {event.mta_response or event.description or ''}",
            trusted=True,
        )
    )


def _heard(sender: Any, event: AnymailTrackingEvent, esp_name: str, **kwargs: Any) -> None:
    from_anymail(event, esp_name, now=timezone.now())


def listen() -> None:
    """Once, when the application starts."""
    tracking.connect(_heard, dispatch_uid="tracker.digest.bounces")
