"""`manage.py migrate` as Django has it, under limits: whoever waits behind it waits for seconds, not for ever."""

import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from tracker.management.migration_rules import TIMEOUTS

LOCK_NOT_AVAILABLE = "55P03"
TRIES, PAUSE = 20, 3.0


class Command(migrate.Command):
    help = (
        f"{migrate.Command.help} A step that does not get its lock within {TIMEOUTS['lock_timeout']} lets the others "
        f"through and tries again, up to {TRIES} times."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        for left in reversed(range(TRIES)):
            with connection.cursor() as cursor:
                for name, limit in TIMEOUTS.items():
                    cursor.execute(f"SET {name} = '{limit}'")
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                    raise
                if not left:
                    raise CommandError("The tables are in use without a pause: try again in a quieter hour") from error
                self.stderr.write(f"A table is in use; trying again in {PAUSE:.0f} s")
                time.sleep(PAUSE)
            else:
                return
            finally:
                # The next who is given this connection has limits of its own.
                with connection.cursor() as cursor:
                    for name in TIMEOUTS:
                        cursor.execute(f"RESET {name}")
