"""`manage.py load`: the catalogue into the database, and on first start the starter archive and the headline."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tracker.pipeline import archive, catalog, collect, curated, ingest, pulse, recompute
from tracker.tasks import worker_name


class Command(BaseCommand):
    """Every start of `up` runs it, between migrations and workers: what is there already is left as it is."""

    help = (
        "Bring the catalogue's definitions in; where no facts are stored yet, the starter archive too. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--archive", type=Path, default=archive.STARTER, help="folder of the starter archive")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        try:
            written = catalog.load_catalog(now=timezone.now())
        except ValueError as error:
            raise CommandError(f"The catalogue cannot be read: {error}") from error
        self.say(f"catalogue ready, {written} rows written", started)
        for endpoint in ingest.explained() if written else ():
            read = ingest.reingest(endpoint, now=timezone.now())
            self.say(f"names explained by the catalogue brought {read.added} facts in", started)
        collect.enrol(now=timezone.now())
        if not archive.is_loaded(options["archive"]):
            self.load(options["archive"])
        for snapshot in curated.take_in(now=timezone.now(), by=worker_name()):
            self.say(
                f"curated file {snapshot.endpoint.url}: {snapshot.message or snapshot.counts['resolved']} facts",
                started,
            )
        recompute.plan(now=timezone.now())
        for run in recompute.waiting(now=timezone.now())[:1]:
            started = time.monotonic()
            recompute.headline(run, clock=timezone.now, by=worker_name())
            self.say("index and headline computed", started)
        pulse.started(now=timezone.now())

    def load(self, folder: Path) -> None:
        total = len(archive.manifest(folder))
        try:
            for number, (entry, snapshot) in enumerate(archive.load(folder, now=timezone.now(), by=worker_name()), 1):
                started = time.monotonic()
                counts = snapshot.counts
                what = f"{counts.get('added', 0)} new facts" if counts else snapshot.message
                self.say(
                    f"starter archive {number} of {total}: {entry.source} of {entry.retrieved_at[:10]}, {what}", started
                )
        except archive.ArchiveError as error:
            raise CommandError(str(error)) from error

    def say(self, text: str, started: float) -> None:
        self.stdout.write(f"  {text} ({time.monotonic() - started:.1f} s)")
        self.stdout.flush()
