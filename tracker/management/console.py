"""How commands speak: answers on stdout, progress where a person watches, advice where the database is not ready."""

import argparse
import io
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

# A pipe has no edge: what is read by a program or kept in a file is not cut to somebody's window.
PIPE_COLUMNS = 240


class Shown:
    """The progress of one command; on anything but a terminal it shows nothing at all."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._step = progress.add_task("", total=None, visible=False, count="")

    def begin(self, text: str, total: int | None = None) -> None:
        """Start a step; without a total only its time is shown."""
        self._progress.remove_task(self._step)
        self._step = self._progress.add_task(text, total=total, count=f"0 of {total}" if total else "")

    def say(self, text: str) -> None:
        """What the step is at now."""
        self._progress.update(self._step, description=text)

    def advance(self) -> None:
        """One of the step's total is done."""
        self._progress.advance(self._step)
        task = next(task for task in self._progress.tasks if task.id == self._step)
        self._progress.update(self._step, count=f"{task.completed:.0f} of {task.total:.0f}")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Out of the way while an answer is printed."""
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()


class SpeakingCommand(BaseCommand):
    """A command with an answer. Django's own checks, which `manage.py check` makes, do not come before it."""

    requires_system_checks = ()

    def json_option(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else, on stdout"
        )

    def need_database(self) -> None:
        """Raises CommandError that says what to do when there is no database to work with."""
        try:
            executor = MigrationExecutor(connection)
            missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except OperationalError as error:
            raise CommandError(f"The database does not answer; it is named in DATABASE_URL. {error}".strip()) from error
        if missing:
            raise CommandError(
                "The database has not the tables that this version needs: run `manage.py migrate` and then "
                "`manage.py load`, or ./run, which does both."
            )

    @contextmanager
    def progress(self) -> Iterator[Shown]:
        """Progress on stderr, which is gone again when the work is done."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[count]}", markup=False),
            TimeElapsedColumn(),
        )
        console = Console(stderr=True)
        with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
            yield Shown(progress)

    def note(self, text: str) -> None:
        """A remark that is no part of the answer."""
        self.stderr.write(text, style_func=str)

    def print_json(self, answer: Any) -> None:
        self.stdout.write(json.dumps(answer, indent=1, allow_nan=False, default=_plain))

    def print_table(self, headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> None:
        """A table as wide as the terminal; in a pipe as wide as it needs to be."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for at, heading in enumerate(headings):
            table.add_column(heading, justify="right" if at in right else "left", no_wrap=at in (0, *right))
        for row in rows:
            table.add_row(*row)
        terminal = bool(self.stdout.isatty())
        text = io.StringIO()
        width = shutil.get_terminal_size().columns if terminal else PIPE_COLUMNS
        Console(file=text, width=width, force_terminal=terminal, markup=False, highlight=False, emoji=False).print(
            table
        )
        self.stdout.write("\n".join(line.rstrip() for line in text.getvalue().splitlines()))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no form in JSON")


def moment(when: datetime | None) -> str:
    """As commands print times: to the minute, without its zone, which callers name; a dash where there is none."""
    return f"{when:%Y-%m-%d %H:%M}" if when else "–"


def day(text: str) -> date:
    """A day as it is typed behind an option. Raises ArgumentTypeError, whose words argparse prints."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-05-01") from None
