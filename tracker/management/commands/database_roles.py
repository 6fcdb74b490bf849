"""`manage.py database_roles`: the SQL that gives web, workers and readers of the database only what each needs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker.accounts import roles


class Command(BaseCommand):
    """Only prints: whoever owns the database runs the SQL."""

    help = "Prints SQL for a database of one's own: run it as the owner, after migrate, and again after each upgrade."

    def add_arguments(self, parser: CommandParser) -> None:
        for name, role in roles.USUAL.items():
            parser.add_argument(f"--{name}", default=role, metavar="ROLE", help=f"the {name}'s role ({role})")

    def handle(self, *args: Any, **options: Any) -> None:
        names = {name: options[name] for name in roles.USUAL}
        if wrong := [role for role in names.values() if not roles.is_plain(role)]:
            raise CommandError(f"{wrong[0]!r} is no plain name: lower-case letters, digits and underscores")
        for statement in roles.statements(names):
            self.stdout.write(f"{statement};")
