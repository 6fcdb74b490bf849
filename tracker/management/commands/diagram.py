"""`manage.py diagram`: docs/data-path.md, drawn from the code."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from tracker.management import diagram
from tracker.management.console import SpeakingCommand


class Command(SpeakingCommand):
    """With --check it writes nothing and ends with 1 where the file is not what the code says."""

    help = "Draws the path of the data from the code into docs/data-path.md: sources, tasks, modules, tables, layers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether the file is what would be drawn")

    def handle(self, *args: Any, **options: Any) -> None:
        file = settings.BASE_DIR / "docs" / "data-path.md"
        drawn = diagram.page(settings.BASE_DIR)
        if file.is_file() and file.read_text() == drawn:
            self.stdout.write(f"{file.name} is what the code says")
        elif options["check"]:
            raise CommandError(f"docs/{file.name} is not what the code says: run `manage.py diagram`")
        else:
            file.write_text(drawn)
            self.stdout.write(f"docs/{file.name} drawn")
