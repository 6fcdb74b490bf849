"""`manage.py evaluate`: run a suite on a model, here and now, or leave it to a worker of the queue."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.curation import Refused
from tracker.curation.evaluations import wish
from tracker.domain.evaluation import Mode, tells_seed, week_of
from tracker.evals.suites import SUITES, find
from tracker.evaluating import Worker
from tracker.management.console import Shown, SpeakingCommand
from tracker.pipeline import evaluating
from tracker.pipeline.evaluating import Told
from tracker.pipeline.evaluation_log import NoCatalogueError
from tracker.tasks import worker_name

PATIENCE = 2.0  # seconds between two looks at what another worker is doing
ENDED_EARLY = ("failed", "spent", "cancelled")


class Command(SpeakingCommand):
    """What is asked for is a row before anything runs: --resume finds it after any end, and so does a worker of the
    queue."""

    help = (
        "Runs a suite on a model and records every answer. MODEL is a GGUF file, a folder of safetensors, smollm2 (the "
        "small model that the extra brings), hf:owner/name, an endpoint such as https://host/v1#model-name, or mock. "
        "Killed, it goes on where it was with --resume. Exits with 1 when the run did not come to its end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", nargs="?", metavar="MODEL")
        parser.add_argument("--suite", metavar="S", help="one of --suites")
        parser.add_argument("--suites", action="store_true", help="list the suites and stop")
        parser.add_argument("--name", default="", help="what the model is called in the scores")
        parser.add_argument("--engine", default="auto", help="auto, llama, vllm, transformers, hosted, mock")
        parser.add_argument("--device", default="auto", help="auto, cpu or cuda (%(default)s)")
        parser.add_argument("--limit", type=int, metavar="N", help="questions; default: all of the suite")
        series = parser.add_mutually_exclusive_group()
        series.add_argument("--seed", type=int, metavar="N", help="of the questions; default: the suite's public one")
        series.add_argument(
            "--secret", action="store_true", help="this week's secret series: fresh questions that nobody has seen"
        )
        parser.add_argument(
            "--mode", choices=[mode.value for mode in Mode], default="greedy", help="%(default)s by default"
        )
        parser.add_argument("--temperature", type=float, metavar="T", help="with --mode sampled; default 0.7")
        parser.add_argument("--top-p", type=float, default=1.0, metavar="P")
        parser.add_argument("--repeats", type=int, default=1, metavar="K", help="answers a question, when sampled")
        parser.add_argument("--max-tokens", type=int, default=512, metavar="N", help="of an answer (%(default)s)")
        parser.add_argument("--sample-seconds", type=float, default=120.0, metavar="S", help="for one answer")
        parser.add_argument("--budget-tokens", type=int, metavar="N", help="stop after so many tokens, in and out")
        parser.add_argument("--budget-seconds", type=float, metavar="S", help="stop after so many seconds of work")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--queue", action="store_true", help="leave it to a worker and return at once")
        what.add_argument("--resume", type=int, metavar="ID", help="go on with this one")
        what.add_argument("--cancel", type=int, metavar="ID", help="call this one off")
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["suites"]:
            self.list_suites(as_json=options["as_json"])
            return
        self.need_database()
        if options["cancel"] is not None:
            self.cancel(self.known(options["cancel"]).id)
            return
        number = self.known(options["resume"]).id if options["resume"] is not None else self.asked(options)
        if not options["queue"]:
            self.run(number)
        told = self.known(number)
        self.show(told, as_json=options["as_json"])
        if told.state in ENDED_EARLY:
            raise CommandError(f"Evaluation {number} is {told.state_label}. {told.message}".strip())

    def list_suites(self, *, as_json: bool) -> None:
        if as_json:
            self.print_json(
                [
                    {"slug": suite.slug, "title": suite.title, "area": suite.area, "version": suite.version}
                    for suite in SUITES.values()
                ]
            )
            return
        rows = [(suite.slug, suite.area, f"{suite.version}", suite.about) for suite in SUITES.values()]
        self.print_table(("suite", "area", "version", "what it asks"), rows, right=(2,))

    def known(self, number: int) -> Told:
        told = evaluating.told(number)
        if told is None:
            raise CommandError(f"There is no evaluation {number}")
        return told

    def asked(self, options: dict[str, Any]) -> int:
        if not options["model"] or not options["suite"]:
            raise CommandError("Which model, and which --suite? --suites lists them")
        try:
            find(options["suite"])
        except KeyError:
            raise CommandError(
                f"There is no suite {options['suite']}. There are: {', '.join(sorted(SUITES))}"
            ) from None
        now, sampled = timezone.now(), options["mode"] == Mode.SAMPLED
        same = "engine device limit seed mode top_p repeats max_tokens sample_seconds budget_tokens budget_seconds"
        temperature = options["temperature"] if options["temperature"] is not None else 0.7 if sampled else 0.0
        try:
            row = wish(
                model=options["model"],
                suite=options["suite"],
                name=options["name"],
                now=now,
                temperature=temperature,
                week=week_of(now) if options["secret"] else "",
                **{name: options[name] for name in same.split()},
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        row.save()
        self.note(f"Evaluation {row.pk}: {row}")
        return row.pk

    def cancel(self, number: int) -> None:
        if not evaluating.call_off(number, message="Called off by command.", now=timezone.now()):
            told = self.known(number)
            raise CommandError(f"Evaluation {number} is {told.state_label}: there is nothing to call off")
        self.stdout.write(f"Evaluation {number} was called off.")

    def run(self, number: int) -> None:
        """Until it is at its end; Ctrl-C leaves it as it is, to be taken up again."""
        name = self.known(number).label
        with self.progress() as shown, _ending():
            shown.begin(f"{name}: starting the engine")
            begun = False

            def told(_: object) -> None:
                nonlocal begun
                if not begun:
                    begun = True
                    done, total = evaluating.progress(number)
                    shown.begin(name, total=total)
                    for _done in range(done - 1):
                        shown.advance()
                shown.advance()

            try:
                with Worker(by=worker_name(), clock=timezone.now, told=told) as worker:
                    self.go(number, name, worker, shown)
            except NoCatalogueError as error:
                raise CommandError(f"{error} `manage.py evaluate --resume {number}` does it at once.") from error
            except KeyboardInterrupt:
                raise CommandError(
                    f"Stopped. `manage.py evaluate --resume {number}` goes on; `--cancel {number}` calls it off."
                ) from None

    def go(self, number: int, name: str, worker: Worker, shown: Shown) -> None:
        while evaluating.is_due(number):
            if not worker.step(number) and evaluating.is_due(number):
                shown.say(f"{name}: another worker has it")
                time.sleep(PATIENCE)

    def show(self, told: Told, *, as_json: bool) -> None:
        if as_json:
            self.print_json(_document(told))
            return
        found = told.summary
        self.stdout.write(f"Evaluation {told.id}, {told.label}: {told.state_label}")
        if found.get("exact") is None:
            return
        error = max((e for e in (found["error"], found["clustered"]) if e is not None), default=None)
        plus = f" ± {error:.3f} (standard error, clustered)" if error is not None else ""
        self.stdout.write(f"{found['exact']:.3f}{plus} over {found['questions']:,} questions")
        own = f"{found['own']:.3f}" if found["own"] is not None else "not had"
        self.stdout.write(
            f"{found['tokens_in']:,} tokens in, {found['tokens_out']:,} out; the generator's own score: {own}"
        )
        energy = found.get("energy")
        self.stdout.write(
            f"{energy['joules']:,.0f} J ({energy['meter']})" if energy else "No meter: energy was not measured."
        )
        rows = [
            (one["cluster"], f"{one['answered']}", f"{one['exact']:.3f}" if one["exact"] is not None else "–")
            for one in found["by_cluster"]
        ]
        self.print_table(("kind and level", "questions", "exact"), rows, right=(1, 2))


def _document(told: Told) -> dict[str, Any]:
    said = asdict(told)
    return said if tells_seed(told.week, now=timezone.now()) else said | {"seed": None}


@contextmanager
def _ending() -> Iterator[None]:
    """SIGTERM ends it like Ctrl-C, so that the engine is let go of."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
