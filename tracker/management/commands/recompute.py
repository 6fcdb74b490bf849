"""`manage.py recompute`: index, gaps and states from the stored facts, every waiting run to its end."""

import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from tracker.management.console import Shown, SpeakingCommand
from tracker.pipeline import recompute
from tracker.pipeline.versions import raise_data_version
from tracker.queries import pipeline, runs
from tracker.tasks import worker_name


class Command(SpeakingCommand):
    """Works in this process and leaves to a worker what it has. It ends with 1 while no run has results, or where the
    newest had too few scores for an index."""

    help = (
        "Computes what the stored facts are due: the index with its draws, every question about the gap, the states of "
        "models and benchmarks; today's run first, then one for each day of the past on which facts were learned."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="compute today's run again from scratch, due or not")
        parser.add_argument("--headline", action="store_true", help="only the index and the headline of the newest run")
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        self.need_database()
        if recompute.confirmed_on(None) is None:
            raise CommandError("No benchmark data yet: run `manage.py load`, or `manage.py collect`.")
        if options["all"]:
            with transaction.atomic():
                # A run's results never change, pages are cached by its number: from scratch means a run of its own.
                raise_data_version(now=timezone.now())
        recompute.plan(now=timezone.now())
        waiting = recompute.waiting(now=timezone.now())
        if options["headline"]:
            waiting = waiting[:1]
        with self.progress() as shown:
            worked = [self.work(run, shown, at, len(waiting), options["headline"]) for at, run in enumerate(waiting, 1)]
        left = pipeline.queues(now=timezone.now()).to_compute
        current = runs.run_for(None)
        if options["as_json"]:
            facts = (
                {"id": current.id, "as_of": current.as_of.isoformat(), "known_at": current.known_at}
                if current
                else None
            )
            complete = bool(current and current.complete)
            self.print_json({"runs": worked, "not_done": left, "current": facts and {**facts, "complete": complete}})
        else:
            self.tell(worked, left, options["headline"])
        if current is None:
            raise CommandError(
                "No run has results yet: another worker may have it; see `manage.py recompute` again later"
            )
        if current.draws is None:
            raise CommandError(f"Run {current.id} could not be computed: too few scores feed the index")

    def work(self, run: int, shown: Shown, at: int, of: int, headline: bool) -> dict[str, Any]:
        """One run as far as it is asked for."""
        started, step = time.monotonic(), recompute.headline if headline else recompute.advance
        shown.begin(f"Run {run}, {at} of {of}")
        while step(run, clock=timezone.now, by=worker_name()) and not headline:
            pass
        return {"run": run, "seconds": round(time.monotonic() - started, 1)}

    def tell(self, worked: list[dict[str, Any]], left: int, headline: bool) -> None:
        for row in worked:
            self.stdout.write(f"run {row['run']}: worked on for {row['seconds']} s")
        if not worked:
            self.stdout.write("Nothing is due: every run is computed, or another worker has it.")
        if left:
            why = (
                "only headlines were asked for"
                if headline
                else "another worker has them, or they wait to be tried again"
            )
            self.stdout.write(f"{left} {'run is' if left == 1 else 'runs are'} not complete: {why}.")
