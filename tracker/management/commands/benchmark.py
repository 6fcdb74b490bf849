"""`manage.py benchmark`: our measured promises, one file each in benchmarks/."""

import ast
import importlib
import inspect
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from tracker.management.console import SpeakingCommand

OPTIONS = (
    "scores", "readers", "datasette", "model", "size", "device", "questions", "percent", "seed", "parts", "keep",
    "old", "seconds",
)  # fmt: skip


class Command(SpeakingCommand):
    """A benchmark is a module of benchmarks/ with `run(write, **options)`; one that does not take an option refuses
    it."""

    help = "Lists the benchmarks, or runs one and prints its figures as they come. BLAS has one thread, as in workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="the benchmark to run; without it they are listed")
        parser.add_argument(
            "--scores", type=int, help="pages, versions: so many scores, instead of 200,000 or 1,000,000"
        )
        parser.add_argument("--readers", type=int, help="digest: so many readers, instead of 100,000")
        parser.add_argument("--model", help="evaluate: this model, instead of the smallest one there is")
        parser.add_argument("--size", help="evaluate: random weights of that size instead: tiny, 1b, 8b")
        parser.add_argument("--device", help="evaluate: cpu or cuda")
        parser.add_argument("--questions", type=int, help="evaluate: so many")
        parser.add_argument("--datasette", action="store_true", help="pages: beside Datasette, installed for the run")
        parser.add_argument("--percent", help="scale: these shares of the target data, instead of 1,10,100")
        parser.add_argument("--parts", help="scale, pages: only these, after one another, instead of all")
        parser.add_argument("--seed", type=int, help="scale: another one")
        parser.add_argument("--keep", action="store_true", help="scale: leave the databases for the next run")
        parser.add_argument(
            "--old", metavar="COMMIT", help="versions: the code of before; else before the last migration"
        )
        parser.add_argument("--seconds", type=int, help="versions: how long each phase lasts, instead of 20")
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        found = benchmarks(Path(settings.BASE_DIR) / "benchmarks")
        name = options["name"]
        if name is None:
            if options["as_json"]:
                self.print_json(found)
            else:
                self.print_table(("benchmark", "what it measures"), list(found.items()))
            return
        if name not in found:
            raise CommandError(f"{name} is no benchmark; there are {', '.join(found)}")
        asked = {key: options[key] for key in OPTIONS if options[key]}
        lines: list[str] = []
        started = time.monotonic()
        with self.progress() as shown:

            def write(line: str) -> None:
                lines.append(line)
                if not options["as_json"]:
                    with shown.paused():
                        self.stdout.write(line)
                        self.stdout.flush()

            shown.begin(f"Running {name}")
            # NumPy reads how many threads BLAS may have when it is first imported; landscape/celery.py has said it.
            run = importlib.import_module(f"benchmarks.{name}").run
            if unknown := asked.keys() - inspect.signature(run).parameters.keys():
                raise CommandError(f"{name} has no option --{min(unknown)}")
            figures = run(write, **asked)
        if options["as_json"]:
            told = {"benchmark": name, "lines": lines, "seconds": round(time.monotonic() - started, 1)}
            self.print_json(told if figures is None else {**told, "figures": figures})


def benchmarks(folder: Path) -> dict[str, str]:
    """What each file measures, in its own first sentence, by name."""
    files = sorted(file for file in folder.glob("*.py") if not file.stem.startswith("_"))
    return {file.stem: (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").strip() for file in files}
