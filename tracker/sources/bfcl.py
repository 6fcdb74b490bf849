"""The Berkeley function-calling leaderboard, version 4: the overall accuracy of models that call tools."""

import re
from datetime import timedelta

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import expect_percentages, one_line, proportion

COLUMNS = ("Overall Acc", "Model", "Model Link", "Organization", "License")
# Tools handed over as the API has it, or described in the prompt.
MODE = re.compile(r"\s*\((?P<mode>(?:FC|Prompt)\b[^()]*)\)$", re.IGNORECASE)
SETTINGS = {"fc": "function calling", "prompt": "prompted"}


def parse(document: Document) -> Records:
    """A score for each model and way of calling, 0 to 1; what was not run has none."""
    highest = 0.0
    for line, row in enumerate(document.csv(*COLUMNS), 2):
        full, where = one_line(row["Model"]), f"{document.url}, row {line}"
        percent = _percent(row["Overall Acc"], f"{where} ({full}): Overall Acc")
        if percent is None or not full:
            continue
        highest = max(highest, percent)
        found = MODE.search(full)
        mode = found["mode"].lower() if found else ""
        yield ScoreRecord(
            full,
            # Whoever reads "(FC)" as part of the name has two models where there is one that was run in two ways.
            full[: found.start()] if found else full,
            "bfcl_v4",
            proportion(percent, f"{where} ({full}): Overall Acc"),
            setting=SETTINGS.get(mode, mode),
            evaluator=Evaluator.LEADERBOARD,
            lab=one_line(row["Organization"]),
            url="https://gorilla.cs.berkeley.edu/leaderboard.html",
        )
    expect_percentages(highest, f"{document.url}: Overall Acc")


def _percent(text: str, where: str) -> float | None:
    """ "77.47%" as a number; None where the model was not run."""
    if text.strip() in ("", "N/A"):
        return None
    found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,12})?)%?", text.strip())
    if found is None:
        raise ParseError(f"{where} is {text[:40]!r}, which is no percentage")
    return float(found[1])


SOURCE = Source(
    __name__,
    title="Function-calling leaderboard v4",
    publisher="UC Berkeley",
    homepage="https://gorilla.cs.berkeley.edu/leaderboard.html",
    data_licence="none stated",
    # No licence for the table is stated.
    may_hand_on=False,
    attribution="Berkeley Function-Calling Leaderboard, gorilla.cs.berkeley.edu.",
    urls=("https://gorilla.cs.berkeley.edu/data_overall.csv",),
    parse=parse,
    # The code's repository is Apache-2.0, and nobody says that the table is: it is kept and not shown.
    may_display=False,
    every=timedelta(days=7),
    at_least=5,
    stale_after=timedelta(days=365),
)
