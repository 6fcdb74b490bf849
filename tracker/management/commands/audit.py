"""`manage.py audit`: whether a vulnerability is known in what is locked; a question that went unanswered is no yes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from tracker.management.console import SpeakingCommand

LISTS = ("requirements.txt",)


class Command(SpeakingCommand):
    """Asks through pip-audit, the one beside this Python or else on the path. With --json what was found is printed
    before it ends with 1 or 2."""

    help = (
        "Asks pip-audit's vulnerability service about every package of the locked lists. Exit code 1: something is "
        "known. Exit code 2: the service could not be asked, about all packages or some, so nothing is known."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("lists", nargs="*", default=LISTS, help="locked lists (requirements.txt)")
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        program = Path(sys.executable).with_name("pip-audit")
        found = str(program) if program.is_file() else shutil.which("pip-audit")
        if found is None:
            raise CommandError("pip-audit is not installed: it comes with requirements-dev.txt", returncode=2)
        command = [found, "--disable-pip", "--require-hashes", "--format=json", "--progress-spinner=off"]
        command += [part for name in options["lists"] for part in ("-r", str(settings.BASE_DIR / name))]
        done = subprocess.run(command, capture_output=True, text=True)
        try:
            packages = json.loads(done.stdout)["dependencies"]
        except (ValueError, KeyError):
            last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
            raise CommandError(f"Nothing was audited. pip-audit: {last[0]}", returncode=2) from None
        self._tell(packages, as_json=options["as_json"])

    def _tell(self, packages: list[dict[str, Any]], *, as_json: bool) -> None:
        unasked = [one["name"] for one in packages if "skip_reason" in one]
        known = [(one["name"], one["version"], bug) for one in packages for bug in one.get("vulns", [])]
        if as_json:
            self.print_json({"packages": len(packages), "unasked": unasked, "vulnerabilities": known})
        elif known:
            rows = [(name, version, bug["id"], ", ".join(bug["fix_versions"])) for name, version, bug in known]
            self.print_table(("package", "version", "vulnerability", "fixed in"), rows)
        if unasked:
            raise CommandError(
                f"The vulnerability service does not answer for {len(unasked)} of {len(packages)} packages "
                f"({', '.join(unasked[:4])} …): nothing is known of them. Ask again where the internet can be reached",
                returncode=2,
            )
        if known:
            raise CommandError(f"{len(known)} known vulnerabilities", returncode=1)
        if not as_json:
            self.stdout.write(f"{len(packages)} packages, and no vulnerability of them is known")
