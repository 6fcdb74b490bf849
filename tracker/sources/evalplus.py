"""EvalPlus: HumanEval and MBPP with and without its harder tests, as it left them in December 2024."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import expect_percentages, field, number, one_line, proportion, text

BENCHMARKS = ("humaneval", "humaneval+", "mbpp", "mbpp+")
HOMEPAGE = "https://evalplus.github.io/leaderboard.html"


def parse(document: Document) -> Records:
    """A score for each model on each of the four suites that it was measured on: the share solved at the first try."""
    highest = 0.0
    table = _models(document)
    for name, row in table.items():
        where = f"{document.url}, {name[:60]}"
        passed = field(row, "pass@1", dict, where)
        if passed is None:
            raise ParseError(f"{where}: there is no pass@1")
        for benchmark in BENCHMARKS:
            percent = number(passed, benchmark, where)
            if percent is None:
                continue  # not measured: 72 cells are null
            highest = max(highest, percent)
            yield ScoreRecord(
                f"{benchmark}:{name}",
                one_line(name),
                benchmark,
                proportion(percent, f"{where}: {benchmark}"),
                evaluator=Evaluator.LEADERBOARD,
                lab=_publisher(text(row, "link", where)),
                url=HOMEPAGE,
            )
    expect_percentages(highest, f"{document.url}: pass@1")


def _models(document: Document) -> dict[str, Any]:
    """The board's object by display name: the name is all the identity there is, and the reader must not lose one."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if repeated := [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]:
            raise ParseError(f"{document.url} holds {repeated[0][:60]!r} twice")
        return dict(pairs)

    try:
        table = json.loads(document.text(), object_pairs_hook=once)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ParseError(f"{document.url} is not JSON: {error}") from error
    if not isinstance(table, dict):
        raise ParseError(f"{document.url} is not an object of models")
    return table


def _publisher(link: str) -> str:
    """Who put the model on Hugging Face; other links lead to papers and products, which name nobody."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return parts.path.strip("/").partition("/")[0] if parts.hostname == "huggingface.co" else ""


SOURCE = Source(
    __name__,
    title="EvalPlus leaderboard",
    publisher="EvalPlus",
    homepage=HOMEPAGE,
    data_licence="Apache-2.0",
    attribution="EvalPlus leaderboard, evalplus.github.io (Apache-2.0).",
    urls=("https://evalplus.github.io/results.json",),
    parse=parse,
    every=timedelta(days=90),  # frozen: asked now and then whether it still is
    at_least=5,
)
