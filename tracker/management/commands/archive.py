"""`manage.py archive`: snapshots out and in, and the starter archive made from them."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tracker.pipeline import archive, collect
from tracker.pipeline.catalog import load_catalog
from tracker.tasks import worker_name


class Command(BaseCommand):
    """What is read in passes the same guards as what is collected; a document that does not is kept, and the command
    ends with 1."""

    help = "Write all snapshots to a folder, read a folder of snapshots in, or make the starter archive."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, text in {
            "export": "every stored snapshot, bytes as they came",
            "import": "take the snapshots of a folder in and read them, oldest first",
            "starter": "record files in our own schema, of the sources whose licence allows it",
        }.items():
            verbs.add_parser(verb, help=text).add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folder, verb = options["folder"], options["verb"]
        if verb == "import":
            # Into an empty database as well: documents hang on their sources, and names resolve by the catalogue.
            load_catalog(now=timezone.now())
        collect.enrol(now=timezone.now())
        try:
            if verb == "import":
                bad = 0
                for entry, snapshot in archive.load(folder, now=timezone.now(), by=worker_name()):
                    bad += snapshot.state == snapshot.State.QUARANTINED
                    what = snapshot.message or snapshot.counts
                    self.stdout.write(f"{entry.source} {entry.retrieved_at[:10]}: {snapshot.state} {what}")
                if bad:
                    raise CommandError(f"{bad} documents failed their guards; they are kept and shown on /pipeline/")
                return
            write = archive.export if verb == "export" else archive.write_starter
            for entry in write(folder):
                self.stdout.write(entry.file)
        except archive.ArchiveError as error:
            raise CommandError(str(error)) from error
