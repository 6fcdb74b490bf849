"""The operator's letters about alarms: each is a row before the mail server hears of it, and settled by its answer.

A letter of which nobody knows what became of it is not sent again. What it was to tell is told by a later one, if it is
still so once the pause between two letters is over, and that one says so.
"""

import logging
import smtplib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from tracker.domain import letters
from tracker.domain.drift import Severity
from tracker.models import Alarm, OperatorLetter

logger = logging.getLogger(__name__)

MOST_TOLD = 50
LETTER_LOCK = 7_303  # any number that no other lock of ours uses
GONE = "The worker was gone before it could note the server's answer. The letter may have been accepted."
# What a server said no to: everything else that breaks may have broken after it had the letter.
NOT_TAKEN = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError)

State = OperatorLetter.State


class Fate(Enum):
    """What became of a letter, as far as we were told."""

    TAKEN = auto()
    NOT_TAKEN = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Begun:
    """A letter that is committed as being handed over, and what it tells."""

    row: OperatorLetter
    opened: Sequence[Alarm]
    healed: Sequence[Alarm]

    def __len__(self) -> int:
        return len(self.opened) + len(self.healed)


def mail(*, to: Sequence[str], sender: str, now: datetime, by: str) -> int:
    """Tell the operator of the alarms that are new and of those that healed, in one letter; returns of how many.

    One that the server did not take is written again at the next look.
    """
    _give_up_on_the_lost(now=now)
    if not to or (begun := _begin(now=now, by=by)) is None:
        return 0
    letter = EmailMessage(
        subject=begun.row.subject,
        body=_body(begun.opened, begun.healed),
        from_email=sender,
        to=list(to),
        headers={"Auto-Submitted": "auto-generated", "Message-ID": begun.row.message_id},
    )
    fate, said = _carried(letter)
    if fate is not Fate.TAKEN:
        logger.warning("the operator could not be told of %s alarms: %s", len(begun), said)
    _settle(begun, fate, said, now=now)
    return len(begun) if fate is Fate.TAKEN else 0


@transaction.atomic(durable=True)
def _begin(*, now: datetime, by: str) -> Begun | None:
    """The letter's row, committed before anybody else hears of it; None where there is nothing to tell now."""
    # One worker at a time; the rows stay free for a reading that wants to open or close one of these alarms.
    if not _alone() or OperatorLetter.objects.filter(state=State.SENDING).exists():
        return None
    opened, healed = sorted(_new(now), key=_worst_first), list(_healed())
    urgent = any(alarm.severity == Severity.STOPPED for alarm in opened)
    if not (opened or healed) or letters.resting(_last_letter(), now=now, urgent=urgent):
        return None
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    row = OperatorLetter.objects.create(
        message_id=f"<alarms.{uuid.uuid4().hex}@{f'[IPv6:{host}]' if ':' in host else host[-70:].lstrip('.-')}>",
        subject=_subject(len(opened), len(healed)),
        handed_at=now,
        lease_until=now + settings.LEASE,
        lease_by=by,
    )
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in opened]).update(letter=row)
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in healed]).update(healing_letter=row)
    return Begun(row, opened, healed)


def _new(now: datetime) -> QuerySet[Alarm]:
    """What is open and not told. What a lost letter may have told has that letter's pause to be seen in the mailbox."""
    rows = Alarm.objects.select_related("source", "letter").exclude(severity=Severity.NOTICE)
    rows = rows.filter(closed_at=None, mailed_at=None, acknowledged_at=None, opened_at__lte=now - letters.WORTH_AFTER)
    pausing = Q(letter__state=State.AMBIGUOUS, letter__handed_at__gt=now - letters.PAUSE, letter__handed_at__lte=now)
    return rows.exclude(pausing)


def _healed() -> QuerySet[Alarm]:
    """What is over and was told, or perhaps was."""
    rows = Alarm.objects.select_related("source", "letter").filter(closed_at__isnull=False, healing_mailed_at=None)
    told = rows.filter(Q(mailed_at__isnull=False) | Q(letter__state=State.AMBIGUOUS))
    return told.exclude(healing_letter__state=State.AMBIGUOUS)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LETTER_LOCK])
        return bool(cursor.fetchone()[0])


def _last_letter() -> datetime | None:
    told = Alarm.objects.aggregate(new=Max("mailed_at"), healed=Max("healing_mailed_at"))
    handed = OperatorLetter.objects.aggregate(at=Max("handed_at"))
    return max((at for at in (*told.values(), *handed.values()) if at), default=None)


def _carried(letter: EmailMessage) -> tuple[Fate, str]:
    """Hand it over; what became of it, and what the server or our connection said."""
    carrier = get_connection()
    try:
        carrier.open()
    except OSError as error:  # what SMTP, sockets and disks raise
        return Fate.NOT_TAKEN, str(error)
    letter.connection = carrier
    try:
        letter.send()
    except NOT_TAKEN as error:
        return Fate.NOT_TAKEN, str(error)
    except OSError as error:
        # A provider that is asked over HTTP says no with a number of its own.
        refused = 400 <= (getattr(error, "status_code", None) or 0) < 500
        return Fate.NOT_TAKEN if refused else Fate.UNKNOWN, f"{type(error).__name__}: {error}"
    finally:
        _close(carrier)
    return Fate.TAKEN, ""


def _close(carrier: object) -> None:
    try:
        carrier.close()  # type: ignore[attr-defined]
    except OSError as error:
        logger.info("the mail server did not take its leave: %s", error)


@transaction.atomic(durable=True)
def _settle(begun: Begun, fate: Fate, said: str, *, now: datetime) -> None:
    """Write down what became of it. Late news are still news: what was given up as lost meanwhile is known now."""
    row = OperatorLetter.objects.filter(pk=begun.row.pk, state__in=(State.SENDING, State.AMBIGUOUS))
    if fate is Fate.NOT_TAKEN:
        row.delete()
        return
    values = {"lease_until": None, "lease_by": "", "last_error": said[:2000]}
    if fate is Fate.UNKNOWN:
        row.update(state=State.AMBIGUOUS, **values)
        return
    row.update(state=State.SENT, settled_at=now, **values)
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in begun.opened]).update(mailed_at=now)
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in begun.healed]).update(
        healing_mailed_at=now, mailed_at=Coalesce(F("mailed_at"), now)
    )


def _give_up_on_the_lost(*, now: datetime) -> None:
    """What a worker that is gone had in its hands. A lease that ends later than any can is a clock's that ran ahead."""
    over = Q(lease_until__lte=now) | Q(lease_until__gt=now + 2 * settings.LEASE)
    lost = OperatorLetter.objects.filter(over, state=State.SENDING)
    if lost.update(state=State.AMBIGUOUS, lease_until=None, lease_by="", last_error=GONE):
        logger.warning("nobody knows whether the last letter about alarms arrived")


def _worst_first(alarm: Alarm) -> tuple[int, datetime, int]:
    return (-Severity(alarm.severity).rank, alarm.opened_at, alarm.pk)


def _subject(opened: int, healed: int) -> str:
    parts = [f"{opened} new alarm{'s' if opened > 1 else ''}"] if opened else []
    parts += [f"{healed} healed"] if healed else []
    return f"AI landscape: {', '.join(parts)}"


def _body(opened: Sequence[Alarm], healed: Sequence[Alarm]) -> str:
    lines = []
    for alarm in opened[:MOST_TOLD]:
        lines += [f"{alarm.severity.upper()}: {_named(alarm)}, since {alarm.opened_at:%Y-%m-%d %H:%M} UTC"]
        lines += [alarm.message]
        if alarm.letter is not None and alarm.letter.state == State.AMBIGUOUS:
            lines += [f"A letter of {alarm.letter.handed_at:%Y-%m-%d %H:%M} UTC may have told you of it already."]
        lines += [""]
    if healed:
        lines += ["Healed:", *(f"- {_named(alarm)}, open since {alarm.opened_at:%Y-%m-%d %H:%M} UTC"
                               for alarm in healed[:MOST_TOLD]), ""]  # fmt: skip
    left = max(0, len(opened) - MOST_TOLD) + max(0, len(healed) - MOST_TOLD)
    lines += [f"And {left} others.", ""] if left else []
    return "\n".join([*lines, "All of them are on the page /pipeline/. Each is told once."])


def _named(alarm: Alarm) -> str:
    return f"{alarm.get_kind_display()} ({alarm.source.title if alarm.source else alarm.subject})"
