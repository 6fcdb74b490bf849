"""`manage.py migrate` as Django has it, under limits: whoever waits behind it waits for a moment, not for ever."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from tracker.management.migration_rules import TIMEOUTS
from tracker.management.patience import TRIES, patiently


class Command(migrate.Command):
    """Takes the place of Django's command of that name, so that no way of migrating goes without the limits."""

    help = (
        f"{migrate.Command.help} A step that does not get its lock within {TIMEOUTS['lock_timeout']} lets the others "
        f"through and tries again, up to {TRIES} times. Indexes that an earlier try left unfinished are made anew."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        connection, migrate_as_django_does = connections[options["database"]], super().handle
        patiently(connection, lambda: migrate_as_django_does(*args, **options), say=self.stderr.write)
