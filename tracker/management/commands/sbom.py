"""`manage.py sbom`: the packages that this installation runs, as a CycloneDX bill of materials."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from tracker.management import supply
from tracker.management.console import SpeakingCommand
from tracker.management.release import release


class Command(SpeakingCommand):
    """With --licences it ends with 1 where a package's licence is not among those that are allowed."""

    help = (
        "Writes a CycloneDX document of what is installed and locked in requirements.txt, with versions, licences and "
        "what needs what, and the programs that come inside packages with their hashes. Equal sets give equal bytes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="where to write it; otherwise stdout")
        parser.add_argument("--all", action="store_true", help="everything installed, what only tests need included")
        parser.add_argument("--licences", action="store_true", help="a table of licences instead")

    def handle(self, *args: Any, **options: Any) -> None:
        names = None if options["all"] else supply.locked(settings.BASE_DIR / "requirements.txt")
        packages = supply.installed(names)
        if options["licences"]:
            rows = [(one.name, one.version, one.licence or "not said") for one in packages]
            self.print_table(("package", "version", "licence"), rows)
            if refused := [one.name for one in packages if not supply.allowed(one.licence)]:
                raise CommandError(f"Not among the allowed licences: {', '.join(refused)}")
            return
        text = json.dumps(supply.bill(packages, version=release()), indent=1) + "\n"
        if options["file"]:
            options["file"].write_text(text)
        else:
            self.stdout.write(text, ending="")
