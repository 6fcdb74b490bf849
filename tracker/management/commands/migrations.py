"""`manage.py migrations --lint`: whether the new migrations can be run while the version before still serves."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tracker.management import migration_rules
from tracker.management.console import SpeakingCommand


class Command(SpeakingCommand):
    """Runs no migration and touches no table; it ends with 1 where one of them breaks a rule."""

    help = (
        f"Holds every migration after {migration_rules.BASELINE} to the rules of docs/upgrading.md: our own over its "
        "operations, and squawk's over its SQL where squawk is installed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--lint", action="store_true", required=True, help="say what is wrong with them")
        parser.add_argument("--since", default=migration_rules.BASELINE, metavar="NAME", help="only those after this")
        parser.add_argument("--sql", action="store_true", help="also print the SQL")

    def handle(self, *args: Any, **options: Any) -> None:
        program = migration_rules.squawk()
        if program is None:
            self.note("squawk is not installed: only our own rules were asked")
        wrong = []
        found = migration_rules.new_migrations(options["since"])
        for migration in found:
            before = migration_rules.state_before(migration)
            sql = migration_rules.statements(migration, before)
            wrong += migration_rules.faults(migration, before)
            wrong += migration_rules.sql_faults(program, migration, sql) if program else []
            if options["sql"]:
                self.stdout.write(f"-- {migration.name}\n{sql}")
        for fault in wrong:
            self.stdout.write(str(fault))
        if wrong:
            raise CommandError(f"{len(wrong)} reasons not to run them while the version before still serves")
        self.stdout.write(f"{len(found)} migrations after {options['since']}: nothing is wrong with them")
