"""`manage.py backup`: everything that cannot be had again, as it was at one moment, in a folder of its own."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from landscape.local import backup
from landscape.local.dumping import BackupError, Database
from tracker.management.console import SpeakingCommand
from tracker.management.release import release

# Letters that were kept as files, and answers of models that have not come into the database yet.
FOLDERS = {"mail": "*", "evaluations": "*.jsonl"}


class Command(SpeakingCommand):
    """Answers with the folder that was made. A backup is whole or not there: what is being written has another name."""

    help = (
        "Writes a backup into a new folder of TARGET: the database as it was at one moment, letters kept as files, and "
        "a hash of every table and file. The site may go on meanwhile. It holds readers' addresses: keep it closed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path, help="a folder for backups; made if it is not there")
        parser.add_argument("--keep", type=int, metavar="N", help="afterwards remove all but the newest N")
        parser.add_argument(
            "--with-secret-key",
            action="store_true",
            help="also SECRET_KEY, which opens what the database encrypts; otherwise keep it somewhere else",
        )
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["keep"] is not None and options["keep"] < 1:
            raise CommandError(f"--keep is {options['keep']}; the newest one always stays")
        with self.progress() as shown:
            shown.begin("Connecting")
            try:
                what = backup.Contents(
                    database=Database.of(connection.settings_dict),
                    state=settings.STATE_DIR,
                    folders=FOLDERS,
                    version=release(),
                    secret_key=settings.SECRET_KEY,
                    with_secret_key=options["with_secret_key"],
                )
                folder, manifest = backup.write(
                    options["target"], what, now=timezone.now(), keep=options["keep"], say=shown.say
                )
            except BackupError as error:
                raise CommandError(str(error)) from error
        size = sum(file.stat().st_size for file in folder.iterdir())
        if options["as_json"]:
            told = {"folder": str(folder), "tables": len(manifest.tables), "rows": manifest.rows, "bytes": size}
            self.print_json(told | {"with_secret_key": options["with_secret_key"]})
            return
        self.stdout.write(f"{folder}: {len(manifest.tables)} tables, {manifest.rows:,} rows, {size:,} bytes")
        if not options["with_secret_key"]:
            self.note("SECRET_KEY is not in it: keep it elsewhere, for readers' addresses cannot be read without it.")
