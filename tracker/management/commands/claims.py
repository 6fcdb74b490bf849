"""`manage.py claims`: the ledger of published claims with today's verdicts, or those of a day of the past."""

from collections import Counter
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.management.console import SpeakingCommand, day
from tracker.pipeline import claims as ledger
from tracker.queries import claims


class Command(SpeakingCommand):
    """Reads what runs have stored. Only --judge writes, and then verdicts alone: no fact and no index changes."""

    help = "Prints every published claim with its verdict, and the assumption it turns on or the datum it lacks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", type=day, metavar="DAY", help="the verdicts on what was known at the end of that day"
        )
        parser.add_argument(
            "--judge",
            action="store_true",
            help="first judge the claims again in every finished run, as after an upgrade",
        )
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        asked: date | None = options["as_of"]
        if asked is not None and asked > timezone.now().date():
            raise CommandError(f"{asked} has not come yet: nobody knows what will be known then")
        self.need_database()
        if options["judge"]:
            with self.progress() as shown:
                shown.begin("Judging")
                for finished in ledger.finished():
                    shown.say(f"Judging on the facts known on {finished.known_at:%Y-%m-%d}")
                    ledger.judge(finished)
        run = claims.judged(asked)
        if run is None:
            when = f"by the end of {asked}" if asked else "yet"
            raise CommandError(
                f"No run has judged the claims {when}. `manage.py recompute` makes the runs that are due; `--judge` "
                "judges them in runs that were finished before."
            )
        changed = claims.flips_of(run)
        rows = claims.claim_rows(run, changed)
        counts = Counter(row.verdict for row in rows)
        if options["as_json"]:
            about = {"as_of": run.as_of.isoformat(), "known_at": run.known_at, "run": run.id}
            flips = [{**asdict(flip), "on": flip.on.isoformat()} for flip in changed]
            verdicts = {name: counts[name] for name in claims.VERDICTS}
            self.print_json({**about, "verdicts": verdicts, "claims": [_plain(row) for row in rows], "flips": flips})
            return
        headings = ("verdict", "claim", "said", "by", "figure", "why")
        why = [row.assumption or row.missing or row.flip for row in rows]
        cells = [
            (row.verdict, row.slug, row.said, row.author, row.figure or "–", words)
            for row, words in zip(rows, why, strict=True)
        ]
        self.print_table(headings, cells)
        told = ", ".join(f"{counts[name]} {name}" for name in claims.VERDICTS)
        self.stdout.write(f"{len(rows)} claims: {told}. Index run {run.id}, data to {run.as_of}.")


def _plain(row: claims.ClaimRow) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(row).items()}
