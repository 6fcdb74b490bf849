"""The links of a reader, which are all that a letter knows of its owner: signed, each good for one use only.

A token is a reader's number, nonce and, where it expires, the time it was made, under a signature salted with its use.
Keys rotate as Django's do: what SECRET_KEY_FALLBACKS names still opens what it once signed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer, b62_decode, b62_encode

from tracker.models import Subscriber

# Longer than any token that we make: what is longer need not be hashed to be refused.
LONGEST = 160


class Use(StrEnum):
    """What a link lets its bearer do; its value is the address."""

    CONFIRM = "subscribe/confirm"
    PREFERENCES = "preferences"
    LEAVE = "unsubscribe"


LIVES = {Use.CONFIRM: timedelta(days=7)}  # the others for as long as the letters in which they stand


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token with a good signature names, whether or not there still is such a reader."""

    pk: int
    nonce: UUID
    made: datetime | None


def _signer(use: Use) -> Signer:
    return Signer(sep=".", salt=f"tracker.digest.tokens:{use}")


def token(subscriber: Subscriber, use: Use, *, now: datetime | None = None) -> str:
    """`now` for a use that expires."""
    parts = [b62_encode(subscriber.pk), b62_encode(subscriber.nonce.int)]
    if use in LIVES:
        if now is None:
            raise ValueError(f"a link to {use} expires and needs the time it is made")
        parts.append(b62_encode(int(now.timestamp())))
    return _signer(use).sign("-".join(parts))


def bearer(token: str, use: Use, *, now: datetime) -> Bearer | None:
    """Whom the token names; None where it is forged, of another use or expired.

    No row is read before the signature holds, and signatures are compared in constant time, so that how long the answer
    takes says nothing of who reads.
    """
    if len(token) > LONGEST or not token.isascii():
        return None
    try:
        pk, nonce, *made = _signer(use).unsign(token).split("-")
    except BadSignature:
        return None
    since = datetime.fromtimestamp(b62_decode(made[0]), UTC) if made else None
    if use in LIVES and (since is None or not since <= now + timedelta(minutes=5) or now >= since + LIVES[use]):
        return None
    return Bearer(b62_decode(pk), UUID(int=b62_decode(nonce)), since)


def subscriber_for(token: str, use: Use, *, now: datetime) -> Subscriber | None:
    """The reader whom the token lets act.

    Another nonce voids what was signed with the one before, but for leaving: whoever holds a letter may always stop the
    letters, and all that a stolen link of that kind can do is to stop them.
    """
    named = bearer(token, use, now=now)
    if named is None:
        return None
    found = Subscriber.objects.filter(pk=named.pk).first()
    return found if found is not None and (use is Use.LEAVE or found.nonce == named.nonce) else None


def _url(subscriber: Subscriber, use: Use, *, now: datetime | None = None) -> str:
    return f"{settings.SITE_URL}/{use}/{token(subscriber, use, now=now)}/"


def leave_url(subscriber: Subscriber) -> str:
    """Where the reader's letters stop. It does not expire, and voiding links leaves it working."""
    return _url(subscriber, Use.LEAVE)


def preferences_url(subscriber: Subscriber) -> str:
    """Where the reader changes wishes, takes an account of the data or is erased; void once links are voided."""
    return _url(subscriber, Use.PREFERENCES)


def confirm_url(subscriber: Subscriber, *, now: datetime) -> str:
    """Where the address is confirmed, within seven days."""
    return _url(subscriber, Use.CONFIRM, now=now)
