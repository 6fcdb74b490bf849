"""A browser without scripts that has been through the way in, for tests of other things."""

from typing import Any

from django.test import Client
from django.utils import timezone

from tracker.accounts import sessions


class Entered(Client):
    """Django's client, whose `force_login` leaves what the second factor would have left in the session."""

    def force_login(self, user: Any, backend: str | None = None) -> None:
        super().force_login(user, backend)
        session = self.session
        sessions.mark(session, now=timezone.now())
        session.save()
