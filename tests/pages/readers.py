"""Readers of the digest for tests of their pages: a row in any state, and the address of a link of theirs."""

from django.utils import timezone

from tracker.digest import tokens
from tracker.models import Subscriber

ANN = "ann@example.org"
ASK = {"email": ANN, "pace": "weekly"}


def reader(email=ANN, state="active", **fields):
    now = timezone.now()
    told = {"confirmed_at": now} if state == "active" else {}
    told |= {} if state in ("active", "asked") else {"ended_at": now}
    return Subscriber.objects.create(email=email, state=state, asked_at=now, **told, **fields)


def path(subscriber, use):
    return f"/{use}/{tokens.token(subscriber, use, now=timezone.now())}/"
