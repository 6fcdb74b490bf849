"""Looks at every part of this installation and says of each that is not in order what to do."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker.management.diagnosis import Finding, findings

SIGNS = {"ok": "ok  ", "look": "look", "broken": "BAD "}


class Command(BaseCommand):
    """Works where the database is away: what only the database could tell is left out then."""

    help = (
        "Checks database, migrations, broker, workers, beat, mail server, disk, clock, the state folder's rights and "
        "what holds models back. One line each; exit code 1 where something is broken, 0 otherwise."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        found = findings()
        if options["json"]:
            told = {one.name: {"state": one.state, "detail": one.detail, "do": one.do} for one in found}
            self.stdout.write(json.dumps(told, indent=2))
        else:
            for one in found:
                self.stdout.write(self._line(one))
        broken = [one.name for one in found if one.state == "broken"]
        if broken:
            raise CommandError(f"Not in order: {', '.join(broken)}")

    def _line(self, one: Finding) -> str:
        told = f"{SIGNS[one.state]} {one.name}: {one.detail}"
        return told if one.state == "ok" else f"{told} -> {one.do}"
