"""`manage.py openness`: how open a model is under every rubric, from the stored facts or from a file of components."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.domain.release_facts import Part
from tracker.domain.rubrics import RUBRICS
from tracker.domain.rubrics.base import Need
from tracker.domain.rubrics.mof import LABELS, NAMES, REQUIRED, Classes, classes
from tracker.domain.rubrics.mof_file import MofFile, MofFileError, read_mof
from tracker.management.console import SpeakingCommand, day, moment
from tracker.pipeline import openness
from tracker.pipeline.beliefs import beliefs
from tracker.queries import runs
from tracker.sources.base import Document, ParseError
from tracker.sources.yaml_text import read_yaml

LARGEST = 4 * 2**20  # bytes; the longest file of the tool has a thousandth of it


class Command(SpeakingCommand):
    """Judges anew, on the facts known then or on a file, by the rules of this very code: no stored verdict is read."""

    help = (
        "Prints every rubric's verdict on a model, with the clause or the missing fact that decides it; or with --mof "
        "the class of a Model Openness Tool file, without a database. Classes are the tool's own numbers: 3 is class "
        "III (open model), 2 is class II (open tooling), 1 is class I (open science, the highest), 0 is none."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("release", nargs="?", metavar="RELEASE", help="a model's slug, name or any of its aliases")
        parser.add_argument("--mof", metavar="FILE", help="a YAML file of the Model Openness Tool")
        parser.add_argument(
            "--as-of", type=day, metavar="DAY", help="on the facts known at the end of that day (default: now)"
        )
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["release"] is None) == (options["mof"] is None):
            raise CommandError("Name a model, or a file with --mof: one of the two")
        if options["mof"] is None:
            self.from_facts(options)
        elif options["as_of"] is not None:
            raise CommandError("--as-of asks about stored facts: it cannot go with --mof")
        else:
            self.from_file(options)

    # From a file

    def from_file(self, options: dict[str, Any]) -> None:
        file = self.read(Path(options["mof"]))
        found = {name: classes(file.parts, strict=name == "strict") for name in ("strict", "paper")}
        for stranger in file.strangers:
            self.note(f"The framework has no component {stranger!r}: it counts for nothing.")
        if options["as_json"]:
            self.print_json(
                {
                    "mof": {name: one.reached for name, one in found.items()},
                    "missing": {name: _missing(one) for name, one in found.items()},
                }
            )
            return
        self.stdout.write(file.name)
        for name, one in found.items():
            self.stdout.write(f"Model Openness Framework, {name}: {one.reached}, {LABELS[one.reached]}")
            for number, lacking in _missing(one).items():
                for component, why in lacking.items():
                    self.stdout.write(f"  class {number} lacks {component}: {why}")

    def read(self, path: Path) -> MofFile:
        try:
            body = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        if len(body) > LARGEST:
            raise CommandError(f"{path} has {len(body):,} bytes: no file of the tool is as long")
        try:
            return read_mof(read_yaml(Document(str(path), body, datetime.now(UTC))))
        except ParseError as error:
            raise CommandError(str(error)) from error
        except MofFileError as error:
            raise CommandError(f"{path} is no file of the Model Openness Tool: {error}") from error

    # From the stored facts

    def from_facts(self, options: dict[str, Any]) -> None:
        asked: date | None = options["as_of"]
        if asked is not None and asked > timezone.now().date():
            raise CommandError(f"{asked} has not come yet: nobody knows what will be known then")
        self.need_database()
        try:
            slug = openness.named(options["release"])
        except openness.UnknownModelError as error:
            raise CommandError(str(error)) from error
        known_at = runs.end_of(asked) if asked else timezone.now()
        found = openness.openness(beliefs(known_at), known_at=known_at, as_of=asked or known_at.date(), only={slug})
        if not found:
            when = f" by the end of {asked}" if asked else ""
            raise CommandError(f"Nothing was known of {slug}{when}: no release, no score, no assessment")
        told = openness.told(found[0])
        if options["as_json"]:
            self.print_json({"as_of": (asked or known_at.date()).isoformat(), "known_at": known_at, **told})
            return
        self.show(told)
        self.stdout.write(f"On the facts known at {moment(known_at)} UTC")

    def show(self, told: dict[str, Any]) -> None:
        licence = told["licence"]["name"] if told["licence"] else "no licence known"
        self.stdout.write(f"{told['model']['name']} ({told['model']['lab']}): {licence}")
        rows = []
        for slug, verdict in told["verdicts"].items():
            decided = verdict["decided_by"]
            why = decided["words"] if decided else ""
            if decided and decided["quote"]:
                why += f': "{decided["quote"]}" ({decided["where"]})'
            rows.append([RUBRICS[slug].title, f"{verdict['value']}", verdict["label"], why])
        self.print_table(("Rubric", "Value", "Verdict", "Decided by"), rows)
        if told["blocker"]:
            self.stdout.write(f"To the next rung: {told['blocker']}")
        for base in told["lineage"]:
            self.stdout.write(f"It is {base['relation_words']} {base['base_name'] or base['words']}")
            for flag in base["flags"]:
                self.stdout.write(f"  {flag['words']}" + (f': "{flag["quote"]}"' if flag["quote"] else ""))


def _missing(found: Classes) -> dict[str, dict[str, str]]:
    """By class the components of its own that do not count, in the framework's names, and why."""
    return {str(number): {_name(need): need.words for need in found.lacking[number]} for number in REQUIRED}


def _name(need: Need) -> str:
    return NAMES[Part(need.what)]
