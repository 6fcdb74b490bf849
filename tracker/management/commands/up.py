"""Starts everything on this machine and keeps it running until Ctrl-C."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from landscape.local.stack import Plan, Stack, StackError


class Command(BaseCommand):
    """Stays in the foreground; what is started, in which order and how it ends is landscape.local.stack's."""

    help = (
        "Starts PostgreSQL and a broker (unless DATABASE_URL and BROKER_URL name others), workers, beat and the web "
        "server, and keeps them running until Ctrl-C."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (%(default)s)")
        parser.add_argument("--no-live", action="store_true", help="do not contact the sources")
        # manage.py has read this before the settings were loaded; here it is explained and its form is checked.
        parser.add_argument("--state", type=Path, metavar="DIR", help="keep everything in DIR (see STATE_DIR)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["port"] <= 65535:
            raise CommandError(f"--port is {options['port']}; it must be from 1 to 65535")
        plan = Plan(
            project=settings.BASE_DIR,
            state=settings.STATE_DIR,
            host=options["host"],
            port=options["port"],
            live=settings.COLLECT_LIVE and not options["no_live"],
            database_url=settings.DATABASE_URL,
            broker_url=settings.BROKER_URL,
            allowed_hosts=tuple(settings.ALLOWED_HOSTS),
            log_level=settings.LOG_LEVEL,
            log_format=settings.LOG_FORMAT,
        )
        try:
            Stack(plan, say=self.say).run()
        except StackError as error:
            raise CommandError(str(error)) from error

    def say(self, line: str) -> None:
        """A terminal that is gone must not keep the programs from being stopped."""
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except OSError:
            pass
