"""Aider's polyglot leaderboard, whose last row is of October 2025: exercises in six languages, solved in two tries."""

from datetime import timedelta

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import day, expect_percentages, number, proportion, required, text
from tracker.sources.yaml_text import read_yaml


def parse(document: Document) -> Records:
    """A score for each run of the list: the share of exercises solved by the second try, 0 to 1, with the edit format
    as scaffold. A list of fractions instead of percentages is refused."""
    table = read_yaml(document)
    if not isinstance(table, list):
        raise ParseError(f"{document.url} is not a list of runs")
    highest = 0.0
    for position, row in enumerate(table, 1):
        where = f"{document.url}, run {position}"
        model, percent = required(row, "model", where), number(row, "pass_rate_2", where)
        if percent is None:
            raise ParseError(f"{where} ({model}): there is no pass_rate_2")
        highest = max(highest, percent)
        yield ScoreRecord(
            required(row, "dirname", where),
            # "o3 (high) + gpt-4.1" is one model that plans and another that writes: it waits under the pair's own name,
            # because the score belongs to neither.
            model,
            "aider_polyglot",
            proportion(percent, f"{where} ({model}): pass_rate_2"),
            setting=text(row, "reasoning_effort", where),
            scaffold=f"Aider, {required(row, 'edit_format', where)}",
            evaluator=Evaluator.LEADERBOARD,
            evaluated=day(row, "date", where),
            url="https://aider.chat/docs/leaderboards/",
        )
    expect_percentages(highest, f"{document.url}: pass_rate_2")


SOURCE = Source(
    __name__,
    title="Polyglot leaderboard",
    publisher="Aider",
    homepage="https://aider.chat/docs/leaderboards/",
    data_licence="Apache-2.0",
    attribution="Aider LLM leaderboards, aider.chat (Apache-2.0).",
    urls=("https://raw.githubusercontent.com/Aider-AI/aider/main/aider/website/_data/polyglot_leaderboard.yml",),
    parse=parse,
    every=timedelta(days=90),  # frozen: asked now and then whether it still is
    at_least=5,
)
