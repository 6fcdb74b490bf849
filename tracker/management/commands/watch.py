"""The dead man's switch: run every few minutes by what does not depend on beat, broker and workers."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from tracker.digest import schedule
from tracker.pipeline import watch

TOLD_AGAIN = 6 * 3600.0


class Command(BaseCommand):
    """It ends with 1 where the database is away, of which the operator hears at once and then every six hours."""

    help = (
        "Looks whether a worker still looks after the alarms and, where none does, does it instead and writes to the "
        "operator. `up` runs it every five minutes; elsewhere a timer or cron should, on a machine without beat."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        to, now = [admin[1] for admin in settings.ADMINS], timezone.now()
        told = Path(settings.STATE_DIR) / "database-is-away"
        try:
            done = watch.stand_in(
                to=to,
                sender=settings.SERVER_EMAIL,
                now=now,
                live=settings.COLLECT_LIVE,
                digest=schedule.expected(now),
            )
        except DatabaseError as error:
            self._database_is_away(told, to, str(error).strip())
            raise CommandError(f"The database does not answer: {error}") from error
        if told.exists():
            self._write(to, "the database answers again", "It did not when this was last looked at.")
            told.unlink(missing_ok=True)
        if done is None:
            self.stdout.write("A worker looks after the alarms.")
        else:
            self.stdout.write(f"No worker looks after the alarms: looked instead, and wrote of {done}.")

    def _database_is_away(self, told: Path, to: list[str], reason: str) -> None:
        """Alarms are rows, which there are none of now: a file remembers that the operator was told."""
        if told.exists() and time.time() - told.stat().st_mtime < TOLD_AGAIN:
            return
        self._write(
            to,
            "the database does not answer",
            f"{reason}\n\nPages are shown as far as they are kept, and nothing is collected, computed or sent. "
            "`manage.py doctor` says which part is missing; the README says what to do.",
        )
        told.touch()

    def _write(self, to: list[str], subject: str, body: str) -> None:
        letter = EmailMessage(f"AI landscape: {subject}", body, settings.SERVER_EMAIL, to)
        letter.extra_headers["Auto-Submitted"] = "auto-generated"
        try:
            letter.send()
        except OSError as error:  # what SMTP, sockets and disks raise
            raise CommandError(f"The operator could not be told that {subject}: {error}") from error
