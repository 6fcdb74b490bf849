"""`manage.py gap`: how far open models trail closed ones, from the stored facts or from a CSV of scores."""

import argparse
import math
import re
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.domain import gap_report
from tracker.domain.estimate import Estimator
from tracker.domain.index import IndexInputError
from tracker.domain.index_draws import DRAWS
from tracker.domain.openness import OpenMeans
from tracker.domain.scopes import ALL, SCOPES, canonical
from tracker.domain.score_table import ScoreTable, ScoreTableError, read_score_table
from tracker.domain.scores_gap import answer as answer_from_scores
from tracker.domain.specification import Effort, Tolerance
from tracker.management.console import SpeakingCommand, day, moment
from tracker.management.gap_table import print_report
from tracker.pipeline import fitting, recompute
from tracker.pipeline.beliefs import beliefs
from tracker.queries import gap, runs
from tracker.queries.runs import RunInfo

THOUSANDS = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
# What only the facts in the database can tell: a table of scores knows neither labs nor licences nor categories.
OF_THE_DATABASE = {
    "open_means": "weights",
    "scope": ALL,
    "region": "",
    "max_params": 0.0,
    "family": "",
    "effort": Effort.BEST.value,
    "tolerance": Tolerance.PLAIN.value,
}


def scope(text: str) -> str:
    """The scope's own name, also for its short one. Raises ArgumentTypeError that lists the scopes."""
    try:
        return canonical(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def parameters(text: str) -> float:
    """A size as it is written: 40e9, 40000000000, 40B or 1.5T."""
    found = re.fullmatch(r"([0-9.]+(?:e\+?[0-9]+)?)([KMBT]?)", text.strip(), re.IGNORECASE)
    try:
        value = float(found[1]) * THOUSANDS[found[2].upper()] if found else math.nan
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of parameters such as 40e9 or 40B")
    return value


def drawn(text: str) -> int:
    """A number of draws, of which 0 is one. Raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of draws; 0 leaves the intervals out")
    return int(text)


class Command(SpeakingCommand):
    """Prints a stored answer as it is stored. One that no run has stored is computed, and kept nowhere."""

    help = (
        "Prints how far open models trail closed ones under the eight definitions L1 to L8, with intervals: from the "
        "stored facts, as known on a day, or with --scores from a CSV, without a database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of",
            type=day,
            metavar="DAY",
            help="the answer as known at the end of that day (default: now); with --scores the day that lags are "
            "counted to, nothing released later being used (default: the newest release in the file)",
        )
        parser.add_argument(
            "--open-means",
            choices=[means.value for means in OpenMeans],
            default="weights",
            help='what "open" means: downloadable weights, commercial use, an OSI-approved licence, OSAID 1.0',
        )
        parser.add_argument("--scope", type=scope, default=ALL, help=f"which benchmarks: {', '.join(SCOPES)}")
        parser.add_argument("--region", choices=gap.REGIONS[1:], default="", help="open models of this region only")
        parser.add_argument(
            "--max-params",
            type=parameters,
            default=0.0,
            metavar="N",
            help="open models up to this size only: 40e9 or 40B",
        )
        parser.add_argument("--family", choices=tuple(gap.FAMILIES), default="", help="open models of this family only")
        parser.add_argument(
            "--effort",
            choices=gap.EFFORTS,
            default=Effort.BEST.value,
            help="which scores count where a model was run at several efforts: its best, or those nobody asked more of",
        )
        parser.add_argument(
            "--tolerance",
            choices=gap.TOLERANCES,
            default=Tolerance.PLAIN.value,
            help="when a closed model counts as ahead: by its plain value, or in more than 95 %% of the draws",
        )
        parser.add_argument(
            "--scores", metavar="FILE", help="a CSV of model,benchmark,score,released_on,open; - is stdin"
        )
        parser.add_argument(
            "--draws",
            type=drawn,
            metavar="N",
            help=f"bootstrap draws, with --scores (default {DRAWS}; 0: no intervals)",
        )
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["scores"] is not None:
            self.from_scores(options)
        elif options["draws"] is not None:
            raise CommandError("--draws belongs to --scores: stored answers have their own draws")
        else:
            self.from_facts(options)

    # From a file

    def from_scores(self, options: dict[str, Any]) -> None:
        for name, default in OF_THE_DATABASE.items():
            if options[name] != default:
                raise CommandError(f"--{name.replace('_', '-')} asks about stored facts: it cannot go with --scores")
        table = self.read(options["scores"])
        as_of = options["as_of"] or max(model.released_on for model in table.models)
        draws = DRAWS if options["draws"] is None else options["draws"]
        try:
            with self.progress() as shown:
                shown.begin(f"Fitting {len(table.scores)} scores, {draws} draws")
                found = answer_from_scores(table, as_of, draws=draws)
        except IndexInputError as error:
            raise CommandError(f"{options['scores']}, as of {as_of}: {error}") from error
        if options["as_json"]:
            self.print_json(found)
            return
        print_report(self, found)
        fit = found["fit"]
        self.stdout.write(
            f"As of {as_of}: {len(found['index'])} models, {len(found['difficulty'])} benchmarks, "
            f"{fit['scores']} scores"
        )
        self.stdout.write(
            f"Index {fit['method']}, scale {found['scale']}, {fit['draws']} draws with seed {fit['seed']}"
        )
        for note in fit["notes"]:
            self.stdout.write(note)

    def read(self, name: str) -> ScoreTable:
        where = "standard input" if name == "-" else name
        try:
            body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            return read_score_table(body.decode("utf-8-sig"))
        except OSError as error:
            raise CommandError(f"{where} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            line = body.count(b"\n", 0, error.start) + 1
            raise CommandError(f"{where}, line {line}: not UTF-8 text ({error.reason})") from error
        except ScoreTableError as error:
            count = len(error.problems)
            listed = "\n".join(error.problems)
            raise CommandError(f"{where} has {count} problem{'s' * (count > 1)}:\n{listed}") from error

    # From the stored facts

    def from_facts(self, options: dict[str, Any]) -> None:
        asked_day: date | None = options["as_of"]
        if asked_day is not None and asked_day > timezone.now().date():
            raise CommandError(f"{asked_day} has not come yet: nobody knows what will be known then")
        self.need_database()
        question = gap.Question(
            scope=options["scope"],
            open_means=options["open_means"],
            region=options["region"],
            max_parameters=options["max_params"],
            effort=options["effort"],
            family=options["family"],
            tolerance=options["tolerance"],
        )
        run = _vintage(runs.run_for(asked_day), asked_day)
        report = gap.report(run, question)
        known_at = run.known_at if run else runs.end_of(asked_day) if asked_day else timezone.now()
        as_of = run.as_of if run else None
        if report is None:
            as_of, report = self.compute(run, question, known_at, asked_day)
        if options["as_json"]:
            self.print_json(_document(run, question, known_at, as_of, asked_day, report))
            return
        print_report(self, report)
        narrow = [f"region {question.region}"] if question.region else []
        narrow += [f"up to {question.max_parameters / 1e9:g} billion parameters"] if question.max_parameters else []
        narrow += [f"family {gap.FAMILIES[question.family][0]}"] if question.family else []
        size = f" ({', '.join(narrow)})" if narrow else ""
        self.stdout.write(f'Benchmarks: {question.scope}; "open" means {question.open_means}{size}')
        if question.effort != Effort.BEST.value:
            self.stdout.write(
                "Scores at the default effort only: none that was run at more or less thinking than given"
            )
        if question.tolerance != Tolerance.PLAIN.value:
            self.stdout.write(
                "A closed model is ahead only where it beats the open one in more than 95 % of the draws: L1 is L2; "
                "L4, L6, L8 and the frontiers have no such form and stay"
            )
        self.stdout.write(f"As of {as_of}, on the facts known at {moment(known_at)} UTC")
        if run is None:
            self.stdout.write("Computed now; no stored index run holds it")
        else:
            self.stdout.write(
                f"Index run {run.id}: {run.method}, {run.draws} draws with seed {run.seed}, "
                f"{run.observations} scores, data version {run.data_version}"
            )

    def compute(
        self, run: RunInfo | None, question: gap.Question, known_at: datetime, asked_day: date | None
    ) -> tuple[date, dict[str, Any]]:
        """The answer that no run has stored, and the day its lags are counted to."""
        as_of = run.as_of if run else recompute.confirmed_on(known_at if asked_day else None)
        if as_of is None:
            when = f"by the end of {asked_day}" if asked_day else "yet"
            raise CommandError(
                f"No benchmark data were known {when}. `manage.py load` brings the starter archive in, "
                "`manage.py collect` asks the sources."
            )
        self.note(f"No stored answer to this question: computing it from the facts known at {moment(known_at)} UTC.")
        asked = fitting.Asked(
            scope=question.scope,
            open_means=OpenMeans(question.open_means),
            region=question.region,
            max_parameters=question.max_parameters,
            effort=Effort(question.effort),
            family=question.family,
        )
        try:
            with self.progress() as shown:
                shown.begin("Reading the facts")
                known = beliefs(known_at)
                shown.say(f"Fitting the index and {DRAWS} draws")
                fit = fitting.fitted(known, as_of)
                shown.say("Measuring the gap")
                found, _ = fitting.answer(fit, asked)
        except IndexInputError as error:
            return as_of, {"reason": str(error), "estimates": {}}
        answer = gap_report.to_dict(found)
        return as_of, answer if question.tolerance == Tolerance.PLAIN.value else gap.surely(answer)


def _vintage(run: RunInfo | None, asked_day: date | None) -> RunInfo | None:
    """The run, unless by the day asked for newer benchmark data were known than it has: its successor is still due."""
    if run is None or asked_day is None:
        return run
    known = recompute.confirmed_on(runs.end_of(asked_day))
    return None if known is not None and known > run.as_of else run


def _document(
    run: RunInfo | None,
    question: gap.Question,
    known_at: datetime,
    as_of: date | None,
    asked_day: date | None,
    report: dict[str, Any],
) -> dict[str, Any]:
    nothing = {"lags": {name.value: None for name in Estimator}, "frontier": {"open": [], "closed": []}, "spread": None}
    told = (
        "lags",
        "estimates",
        "frontier",
        "spread",
        "benchmarks",
        "survival",
        "models",
        "draws",
        "scale",
        "method",
        "reason",
    )
    return {
        "as_of": as_of.isoformat() if as_of else None,
        "known_at": known_at.isoformat(),
        "question": {
            "as_of": asked_day.isoformat() if asked_day else None,
            "scope": question.scope,
            "open_means": question.open_means,
            "region": question.region or None,
            "max_parameters": question.max_parameters or None,
            "family": question.family or None,
            "effort": question.effort,
            "tolerance": question.tolerance,
        },
        "run": run
        and {
            "id": run.id,
            "method": run.method,
            "data_version": run.data_version,
            "historic": run.historic,
            "draws": run.draws,
            "seed": run.seed,
            "regularisation": run.regularisation,
            "observations": run.observations,
            "scale": run.scale,
        },
        **nothing,
        **{key: report[key] for key in told if key in report},
    }
