"""What a reader may ask of us: letters, other letters, none, an account of what we know, and to be forgotten."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, F, Field, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from tracker.digest.addresses import suppression_keys
from tracker.digest.confirmations import ONE_LETTER_A, send_confirmations
from tracker.domain.notable import Topic, Wishes
from tracker.models import Lab, Letter, MailEvent, Subscriber, Suppression

__all__ = [
    "Preferences",
    "addressees",
    "ask",
    "confirm",
    "erase",
    "export",
    "forget",
    "labs",
    "leave",
    "lift",
    "prefer",
    "preferences",
    "send_confirmations",
    "suppressed",
    "void_links",
    "wishes",
]

State = Subscriber.State
# What nobody confirmed outlives its link by a day; what has ended is kept while its letters may still be read.
UNCONFIRMED_FOR = timedelta(days=8)
ENDED_FOR = timedelta(days=30)
REPORTS_FOR = timedelta(days=180)
MOST_FORGOTTEN = 1000


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody wants to read, and how; none of a kind means all of it."""

    topics: tuple[str, ...] = ()
    labs: tuple[str, ...] = ()
    pace: str = Subscriber.Pace.WEEKLY
    text_only: bool = False
    paused_until: date | None = None

    def fields(self) -> dict[str, Any]:
        return {
            "topics": sorted(set(self.topics) & set(Topic)),
            "labs": sorted(set(self.labs)),
            "pace": self.pace,
            "text_only": self.text_only,
            "paused_until": self.paused_until,
        }


def preferences(subscriber: Subscriber) -> Preferences:
    """What the reader chose."""
    return Preferences(
        tuple(subscriber.topics), tuple(subscriber.labs), subscriber.pace, subscriber.text_only, subscriber.paused_until
    )


def wishes(subscriber: Subscriber) -> Wishes:
    """What of an issue the reader wants to hear."""
    return Wishes(
        topics=frozenset(subscriber.topics),
        labs=frozenset(subscriber.labs),
        only_flips=subscriber.pace == Subscriber.Pace.FLIPS,
    )


def labs() -> list[tuple[str, str]]:
    """(slug, name) of every lab that a reader can choose, by name."""
    return list(Lab.objects.order_by(Lower("name")).values_list("slug", "name"))


def addressees(at: datetime) -> QuerySet[Subscriber]:
    """Who gets an issue that goes out at this moment: letters come again on the day that a pause is said to end."""
    today = at.astimezone(settings.DIGEST_ZONE).date()
    return Subscriber.objects.filter(Q(paused_until=None) | Q(paused_until__lte=today), state=State.ACTIVE)


def suppressed(address: str) -> bool:
    """Whether the address must never be written to again."""
    return Suppression.objects.filter(address__in=suppression_keys(address)).exists()


@transaction.atomic
def ask(address: str, wanted: Preferences, *, now: datetime) -> None:
    """Somebody typed this address in: its owner gets at most one letter a day about it.

    Whoever asks may be anybody, so the two statements are the same for every address, known or not, and what differs is
    decided inside the second and by the worker that writes the letter: neither the answer nor its time tells who reads.
    An active reader's choices stay as they are, and so does everything about an address that must not be written to.
    """
    new = Subscriber(email=address, asked_at=now, **wanted.fields())
    Subscriber.objects.bulk_create([new], ignore_conflicts=True)
    stays = Q(state=State.ACTIVE) | Q(Exists(Suppression.objects.filter(address__in=suppression_keys(address))))
    # Whoever left and comes back within the day is written to when the day is over.
    due = Q(confirm_sent_at=None) | Q(confirm_sent_at__lte=now - ONE_LETTER_A) | Q(ended_at__isnull=False)

    def unless(condition: Q, name: str, value: Any) -> Case:
        # Without the column's type an empty list, or nothing, has none.
        kind = cast("Field[Any, Any]", Subscriber._meta.get_field(name))
        return Case(When(condition, then=F(name)), default=Value(value, output_field=kind), output_field=kind)

    begins_anew = {
        **wanted.fields(), "state": State.ASKED, "asked_at": now, "confirmed_at": None, "ended_at": None,
        "soft_bounces": 0, "soft_since": None,
    }  # fmt: skip
    letter = {"confirm_wanted_at": now, "attempts": 0, "not_before": None, "last_error": ""}
    rows = Subscriber.objects.alias(lowered=Lower("email")).filter(lowered=address.lower())
    rows.update(
        **{name: unless(stays, name, value) for name, value in begins_anew.items()},
        **{name: unless(~due, name, value) for name, value in letter.items()},
    )


def confirm(subscriber: Subscriber, *, now: datetime) -> bool:
    """The owner of the address says that it is wanted; again changes nothing. False: it has left or was refused since,
    and an old link must not bring it back."""
    Subscriber.objects.filter(pk=subscriber.pk, nonce=subscriber.nonce, state=State.ASKED).update(
        state=State.ACTIVE, confirmed_at=now, confirm_wanted_at=None
    )
    return Subscriber.objects.filter(pk=subscriber.pk, state=State.ACTIVE).exists()


def leave(pk: int, *, now: datetime) -> None:
    """No letter after this moment. Whoever has left, or is forgotten, has left."""
    Subscriber.objects.filter(pk=pk, state__in=(State.ASKED, State.ACTIVE)).update(
        state=State.LEFT, ended_at=now, confirm_wanted_at=None
    )


def prefer(subscriber: Subscriber, wanted: Preferences) -> None:
    """Put these wishes in place of all that the reader chose before."""
    Subscriber.objects.filter(pk=subscriber.pk).update(**wanted.fields())


def void_links(subscriber: Subscriber) -> Subscriber:
    """Make every link handed out so far worthless, but those for leaving; returns the reader with the new nonce."""
    Subscriber.objects.filter(pk=subscriber.pk).update(nonce=uuid.uuid4())
    subscriber.refresh_from_db()
    return subscriber


def export(subscriber: Subscriber) -> dict[str, Any]:
    """All that is kept about a person, as JSON has it."""
    letters = Letter.objects.filter(subscriber=subscriber).order_by("pk")
    events = MailEvent.objects.filter(subscriber=subscriber).order_by("pk")

    def day(moment: date | None) -> str | None:
        return None if moment is None else moment.isoformat()

    return {
        "email": subscriber.email,
        "state": subscriber.state,
        "pace": subscriber.pace,
        "topics": subscriber.topics,
        "labs": subscriber.labs,
        "text_only": subscriber.text_only,
        "paused_until": day(subscriber.paused_until),
        "asked_at": day(subscriber.asked_at),
        "confirmation_wanted_at": day(subscriber.confirm_wanted_at),
        "confirmation_sent_at": day(subscriber.confirm_sent_at),
        "confirmed_at": day(subscriber.confirmed_at),
        "ended_at": day(subscriber.ended_at),
        "letters_that_did_not_arrive": subscriber.soft_bounces,
        "they_did_not_arrive_since": day(subscriber.soft_since),
        "last_trouble_with_the_confirmation": subscriber.last_error,
        "letters": [
            {"week": week, "state": state, "message_id": message_id, "made_at": day(made), "settled_at": day(settled)}
            for week, state, message_id, made, settled in letters.values_list(
                "issue__week", "state", "message_id", "created_at", "settled_at"
            )
        ],
        "reports": [
            {"kind": kind, "at": day(at), "said": said} for kind, at, said in events.values_list("kind", "at", "detail")
        ],
    }


@transaction.atomic
def erase(pks: Sequence[int], *, now: datetime) -> int:
    """Delete these people. Their letters stay as numbers only: no name, no domain, no report of what a server said.

    An address that called a letter spam, or does not exist, leaves its keyed hash behind, so that nobody who types it
    in again has it written to.
    """
    letters = Letter.objects.filter(subscriber__in=pks)
    letters.filter(state=Letter.State.WAITING).update(state=Letter.State.DROPPED, settled_at=now)
    letters.exclude(state=Letter.State.SENDING).update(domain="", receipt="", last_error="")
    MailEvent.objects.filter(subscriber__in=pks).update(detail="")
    _, gone = Subscriber.objects.filter(pk__in=pks).delete()
    return gone.get("tracker.Subscriber", 0)


def lift(pks: Sequence[int]) -> None:
    """Let these addresses be written to again: their owners asked for it themselves, by another way."""
    Suppression.objects.filter(pk__in=pks).delete()


def forget(*, now: datetime) -> int:
    """Erase who never confirmed and whose letters ended a while ago: there is no reason left to keep their address."""
    old = Q(state=State.ASKED, asked_at__lt=now - UNCONFIRMED_FOR) & (
        Q(confirm_wanted_at=None) | Q(confirm_wanted_at__lt=now - UNCONFIRMED_FOR)
    )
    ended = Q(ended_at__lt=now - ENDED_FOR)
    rows = Subscriber.objects.filter(old | ended).values_list("pk", flat=True)[:MOST_FORGOTTEN]
    reports = MailEvent.objects.filter(at__lt=now - REPORTS_FOR).values_list("pk", flat=True)[:MOST_FORGOTTEN]
    MailEvent.objects.filter(pk__in=list(reports)).delete()
    return erase(list(rows), now=now)
