"""WeirdML as its author publishes it: the mean accuracy over seventeen unusual machine-learning tasks."""

from datetime import timedelta

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import day, one_line

TASKS = 17
ENDING, MEAN = "_acc", "avg_acc"


def parse(document: Document) -> Records:
    """A score for each run: the mean accuracy over the tasks, 0 to 1. A mean that is not its tasks' is refused."""
    wanted = ("internal_model_name", "display_name", MEAN, "avg_acc_standard_error", "release_date")
    for line, row in enumerate(document.csv(*wanted), 2):
        where = f"{document.url}, row {line}"
        tasks = [name for name in row if name.endswith(ENDING) and name != MEAN]
        if len(tasks) != TASKS:
            # The mean over other tasks is another benchmark under the same column's name.
            raise ParseError(f"{document.url} has {len(tasks)} tasks, where WeirdML has {TASKS}")
        mean = _share(row[MEAN], f"{where}: {MEAN}")
        parts = [_share(row[name], f"{where}: {name}") for name in tasks]
        if abs(sum(parts) / TASKS - mean) > 0.01:
            raise ParseError(f"{where}: {MEAN} is {mean}, and the tasks' mean is {sum(parts) / TASKS:.4f}")
        yield ScoreRecord(
            row["internal_model_name"],
            one_line(row["display_name"]),
            "weirdml",
            mean,
            stderr=_share(row["avg_acc_standard_error"], where) if row["avg_acc_standard_error"].strip() else None,
            evaluator=Evaluator.LEADERBOARD,
            released=day(row, "release_date", where),
            url="https://htihle.github.io/weirdml.html",
        )


def _share(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ParseError(f"{where} is {text!r}, which is no number") from error
    if not 0 <= value <= 1:
        # NaN is no share either: it compares as false.
        raise ParseError(f"{where} is {value}, not a fraction")
    return value


SOURCE = Source(
    __name__,
    title="WeirdML",
    publisher="Håvard Tveit Ihle",
    homepage="https://htihle.github.io/weirdml.html",
    data_licence="none stated",
    # No licence is stated.
    may_hand_on=False,
    attribution="WeirdML, Håvard Tveit Ihle, htihle.github.io/weirdml.html.",
    urls=("https://raw.githubusercontent.com/htihle/htihle.github.io/main/data/weirdml_data.csv",),
    parse=parse,
    # No licence, no leave to republish: pages show these scores as Epoch AI publishes them under CC BY 4.0.
    may_display=False,
    at_least=5,
    stale_after=timedelta(days=60),
)
