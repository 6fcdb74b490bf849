"""The one letter that goes to whoever has not confirmed yet: leased work over the readers' rows, at least once."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import formataddr, make_msgid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string

from tracker.digest import tokens, transport
from tracker.digest.addresses import suppression_keys
from tracker.digest.letter import SENDER, UNTOLD
from tracker.digest.transport import Answer, Fate, ServerShutError
from tracker.models import Subscriber, Suppression

ONE_LETTER_A = timedelta(hours=24)  # to an address, whoever asks however often
LEASE = settings.LEASE
MOST_AT_ONCE = 50
# With the doubling below, about a day; then the row is given up until somebody asks again.
MOST_ATTEMPTS = 12
FIRST_WAIT, LONGEST_WAIT = 60.0, 4 * 3600.0
LATE = timedelta(hours=1)


def waiting(*, now: datetime) -> QuerySet[Subscriber]:
    """Who is owed a letter about a subscription: to confirm it or, where it is active, to be told so."""
    return Subscriber.objects.filter(
        Q(confirm_sent_at=None)
        | Q(confirm_sent_at__lt=F("confirm_wanted_at"), confirm_sent_at__lte=now - ONE_LETTER_A),
        state__in=(Subscriber.State.ASKED, Subscriber.State.ACTIVE),
        confirm_wanted_at__isnull=False,
    )


def late(*, now: datetime) -> QuerySet[Subscriber]:
    """Who has waited for longer than anybody looks at an empty mailbox, or was given up: something for an alarm."""
    return waiting(now=now - LATE).filter(Q(confirm_wanted_at__lt=now - LATE) | Q(attempts__gte=MOST_ATTEMPTS))


@transaction.atomic
def _claim(*, now: datetime, by: str) -> Subscriber | None:
    free = waiting(now=now).filter(
        Q(lease_until=None) | Q(lease_until__lte=now) | Q(lease_until__gt=now + 2 * LEASE),
        Q(not_before=None) | Q(not_before__lte=now),
        attempts__lt=MOST_ATTEMPTS,
    )
    row = free.select_for_update(skip_locked=True).order_by("confirm_wanted_at", "pk").first()
    if row is not None:
        row.lease_until, row.lease_by, row.attempts = now + LEASE, by, row.attempts + 1
        row.save(update_fields=("lease_until", "lease_by", "attempts"))
    return row


def _held(row: Subscriber) -> QuerySet[Subscriber]:
    return Subscriber.objects.filter(pk=row.pk, lease_by=row.lease_by, lease_until=row.lease_until)


def letter(subscriber: Subscriber, *, now: datetime) -> EmailMultiAlternatives:
    """The confirmation, or for an active reader the word that there is nothing to confirm."""
    active = subscriber.state == Subscriber.State.ACTIVE
    subject = "You already get the weekly AI Landscape" if active else "Confirm: the weekly AI Landscape"
    context = {
        "site": settings.SITE_URL,
        "postal_address": settings.POSTAL_ADDRESS,
        "active": active,
        "link": tokens.preferences_url(subscriber) if active else tokens.confirm_url(subscriber, now=now),
        "leave": tokens.leave_url(subscriber),
        "days": tokens.LIVES[tokens.Use.CONFIRM].days,
        "subject": subject,
    }
    message = EmailMultiAlternatives(
        subject,
        render_to_string("subscribe/letter.txt", context),
        formataddr((SENDER, settings.DIGEST_FROM)),
        [subscriber.email],
        reply_to=[settings.DIGEST_REPLY_TO],
        headers={
            "Message-ID": make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost"),
            # Out-of-office programs need not answer.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    message.attach_alternative(render_to_string("subscribe/letter.html", context), "text/html")
    if settings.MAIL_PROVIDER and settings.MAIL_PROVIDER not in UNTOLD:
        message.track_clicks = message.track_opens = False  # type: ignore[attr-defined]  # Anymail's
    return message


def send_confirmations(*, now: datetime, by: str, chance: Callable[[], float] = random.random) -> int:
    """Send what is due, a batch at most; returns how many letters were handed over.

    A worker that dies between the handing over and the writing down sends the letter again when its lease ends, and so
    does one that never heard the server's answer: twice is better than never where nobody can subscribe without it.
    """
    sent, line = 0, None
    try:
        for _ in range(MOST_AT_ONCE):
            row = _claim(now=now, by=by)
            if row is None:
                break
            if Suppression.objects.filter(address__in=suppression_keys(row.email)).exists():
                _pass_over(row, now=now)
                continue
            try:
                if line is None:
                    line = transport.carrier()
                    line.open()
                answer = line.carry(letter(row, now=now))
            except ServerShutError as error:
                answer = Answer(Fate.SHUT, str(error))
            if answer.fate is Fate.ACCEPTED:
                _give_back(row, confirm_sent_at=now, attempts=0, not_before=None, last_error="")
                sent += 1
                continue
            # An address that does not exist is not tried again until somebody types it in again.
            last = MOST_ATTEMPTS if answer.fate is Fate.NOBODY else row.attempts
            wait = chance() * min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (row.attempts - 1))
            later = now + timedelta(seconds=wait)
            _give_back(row, attempts=last, not_before=later, last_error=answer.said or answer.fate.name.lower())
            # With no way to the server the others would only wait for it in turn.
            if answer.fate in (Fate.SHUT, Fate.UNHEARD):
                break
    finally:
        if line is not None:
            line.close()
    return sent


def _give_back(row: Subscriber, **values: Any) -> None:
    """Unless another worker has it by now."""
    _held(row).update(lease_until=None, lease_by="", **values)


def _pass_over(row: Subscriber, *, now: datetime) -> None:
    """The address must not be written to: what somebody else, or its own forgetful owner, asked for is deleted."""
    if row.state == Subscriber.State.ASKED:
        _held(row).delete()
    else:
        _give_back(row, confirm_sent_at=now, attempts=0)
