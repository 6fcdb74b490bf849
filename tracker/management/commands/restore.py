"""`manage.py restore`: a backup back into an empty database, or only a look at whether it could be."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from landscape.local import backup, restore
from landscape.local.dumping import BackupError, Database
from landscape.local.locks import TakenError, sole
from tracker.management.console import Shown, SpeakingCommand


class Command(SpeakingCommand):
    """Refuses while the site runs on its embedded database, and refuses a backup of a newer version's tables."""

    help = (
        "Restores a backup and then migrates it to this version's tables. Every byte of it is read and compared with "
        "its hash before anything is changed, and every table's hash afterwards. A database that holds tables is "
        "refused; with --replace these are dropped in the same transaction."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, help="a backup, or a folder of backups, whose newest is meant")
        parser.add_argument("--check", action="store_true", help="only read and compare; nothing is changed")
        parser.add_argument("--replace", action="store_true", help="drop what the database holds")
        parser.add_argument("--other-key", action="store_true", help="go on although SECRET_KEY is another one")
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with self.progress() as shown:
                shown.begin("Reading the backup")
                found = backup.find(options["source"])
                manifest = backup.checked(found)
                if options["check"]:
                    done: dict[str, Any] = {"restored": False}
                else:
                    done = {"restored": True, "files": self._restore(found, manifest, options, shown)}
        except BackupError as error:
            raise CommandError(str(error)) from error
        told = {
            "folder": str(found),
            "made_at": manifest.made_at,
            "tables": len(manifest.tables),
            "rows": manifest.rows,
        }
        if options["as_json"]:
            self.print_json(told | done)
            return
        what = "restored, and every table has the hash it was backed up with" if done["restored"] else "whole"
        self.stdout.write(
            f"{found} of {manifest.made_at}: {len(manifest.tables)} tables, {manifest.rows:,} rows: {what}"
        )

    def _restore(self, found: Path, manifest: backup.Manifest, options: dict[str, Any], shown: Shown) -> dict[str, int]:
        kept_key = settings.STATE_DIR / backup.KEY
        database = Database.of(connection.settings_dict)
        restore.refuse_newer(manifest, set(MigrationLoader(None).disk_migrations))
        key = restore.key_needed(
            found,
            manifest,
            secret_key=settings.SECRET_KEY,
            fallbacks=settings.SECRET_KEY_FALLBACKS,
            kept_in=kept_key,
            other=options["other_key"],
        )
        with ExitStack() as stack:
            if settings.EMBEDDED_POSTGRES:
                try:
                    stack.enter_context(sole(settings.STATE_DIR / "up.lock", note="manage.py restore"))
                except TakenError as other:
                    raise BackupError(f"The site is running ({other}): stop it first") from None
            connection.close()
            restore.rows(found, manifest, database=database, replace=options["replace"], say=shown.say)
            shown.say("Migrating")
            call_command("migrate", interactive=False, verbosity=0)
            files = restore.files(found, manifest, state=settings.STATE_DIR)
        if key is restore.Key.SWAPPED:
            restore.swap_key(found, kept_key)
        if key is not restore.Key.SAME:
            self.note(key.value)
        return files
