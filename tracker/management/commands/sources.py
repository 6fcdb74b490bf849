"""`manage.py sources`: every source, how it fares, how old its newest datum is, and what is wrong with it."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.management.console import SpeakingCommand, moment
from tracker.queries.pipeline import TROUBLED, SourceRow, source_rows


class Command(SpeakingCommand):
    """The rows of /pipeline/ for a terminal or a program. It asks no source and ends with 0 whatever their state."""

    help = "Lists every source: state, last success, next run, age of its newest datum, records, licence, alarms."

    def add_arguments(self, parser: CommandParser) -> None:
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        self.need_database()
        now = timezone.now()
        rows = source_rows(now=now)
        if not rows:
            raise CommandError("No source is known yet: run `manage.py load`, or `manage.py collect`.")
        ages = {row.slug: now - row.newest_datum if row.newest_datum else None for row in rows}
        if options["as_json"]:
            self.print_json([{**asdict(row), "age_hours": _hours(ages[row.slug]), "alarm": alarm(row)} for row in rows])
            return
        headings = ("source", "state", "last success", "next run", "newest datum", "records", "unresolved", "licence")
        cells = [
            (
                row.slug,
                row.state,
                moment(row.last_success),
                moment(row.next_run),
                age(ages[row.slug]),
                str(row.records),
                str(row.unresolved),
                row.data_licence,
            )
            for row in rows
        ]
        self.print_table(headings, cells, right=(5, 6))
        self.stdout.write(
            "Times are UTC; records are rows of the newest good documents, unresolved are names nobody has explained."
        )
        for row in rows:
            if text := alarm(row):
                self.stdout.write(f"ALARM {row.slug} ({row.state}): {text}")


def alarm(row: SourceRow) -> str:
    """What an operator should look at; blank when there is nothing."""
    return row.explanation if row.state in TROUBLED else ""


def age(span: timedelta | None) -> str:
    """An age in the largest unit that says something."""
    if span is None:
        return "–"
    hours = span.total_seconds() / 3600
    return (
        f"{hours * 60:.0f} min old" if hours < 1 else f"{hours:.0f} h old" if hours < 48 else f"{hours / 24:.0f} d old"
    )


def _hours(span: timedelta | None) -> float | None:
    return round(span.total_seconds() / 3600, 2) if span is not None else None
