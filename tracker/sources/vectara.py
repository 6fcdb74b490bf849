"""Vectara's hallucination leaderboard: how often a model's summary says what the document does not, from a README.

Of the page only the table between the board's two marks is read. Models that declined to summarise a document are
measured on the others.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import one_line, proportion

HOMEPAGE = "https://github.com/vectara/hallucination-leaderboard"
BENCHMARK = "vectara_hallucination"
BEGIN, END = "<!-- LEADERBOARD_START -->", "<!-- LEADERBOARD_END -->"
MODEL, RATE, CONSISTENT = "Model", "Hallucination Rate", "Factual Consistency Rate"
PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?%")
RULE = re.compile(r":?-+:?")
# "openai/gpt-5-high-2025-08-07" is the snapshot "gpt-5-2025-08-07" at an effort that stands in its middle.
EFFORT = re.compile(r"-(minimal|low|medium|high|xhigh)(?=-\d{4}-\d\d-\d\d$)")


def parse(document: Document) -> Records:
    """A score for each row of the board: the share of summaries that say what the document does not; lower is better.
    An effort in the name is taken as the setting."""
    for line, row in _table(document):
        where = f"{document.url}, line {line}"
        name = one_line(row[MODEL])
        if not name:
            raise ParseError(f"{where}: there is no model")
        rate, consistent = (_percent(row[column], f"{where} ({name[:60]}): {column}") for column in (RATE, CONSISTENT))
        if abs(rate + consistent - 100) > 0.11:  # each is rounded to a tenth; fractions would make 1
            raise ParseError(f"{where} ({name[:60]}): {rate:g} and {consistent:g} percent do not make a whole")
        effort = EFFORT.search(name)
        yield ScoreRecord(
            name,
            EFFORT.sub("", name),
            BENCHMARK,
            proportion(rate, f"{where} ({name[:60]}): {RATE}"),
            setting=effort[1] if effort else "",
            evaluator=Evaluator.LEADERBOARD,
            lab=name.partition("/")[0] if "/" in name else "",
            url=HOMEPAGE,
        )


def _table(document: Document) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of the board by column name, each with its line on the page."""
    lines = [line.strip() for line in document.text().split("\n")]
    places = [[number for number, line in enumerate(lines) if line == mark] for mark in (BEGIN, END)]
    begin, end = (found[0] if len(found) == 1 else -1 for found in places)
    if not 0 <= begin < end:
        raise ParseError(f"{document.url} has no board between {BEGIN} and {END}")
    table = [(number, _cells(lines[number - 1])) for number in range(begin + 1, end) if lines[number - 1][:1] == "|"]
    if len(table) < 2 or not all(RULE.fullmatch(cell) for cell in table[1][1]):
        raise ParseError(f"{document.url} has no table with a heading between {BEGIN} and {END}")
    columns = table[0][1]
    if missing := [name for name in (MODEL, RATE, CONSISTENT) if columns.count(name) != 1]:
        raise ParseError(f"{document.url} has not one column {', '.join(missing)}; it has {', '.join(columns)[:200]}")
    for number, cells in table[2:]:
        if len(cells) != len(columns):
            raise ParseError(f"{document.url}, line {number}: {len(cells)} cells in {len(columns)} columns")
        yield number, dict(zip(columns, cells, strict=True))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _percent(text: str, where: str) -> float:
    if not (found := PERCENT.fullmatch(text)):
        raise ParseError(f"{where} is {text[:60]!r}, not a percentage such as '1.8 %'")
    return float(found[1])


SOURCE = Source(
    __name__,
    title="Hallucination leaderboard",
    publisher="Vectara",
    homepage=HOMEPAGE,
    data_licence="Apache-2.0",
    attribution="Hallucination leaderboard, Vectara, github.com/vectara/hallucination-leaderboard (Apache-2.0).",
    urls=("https://raw.githubusercontent.com/vectara/hallucination-leaderboard/main/README.md",),
    parse=parse,
    every=timedelta(days=7),
    at_least=5,
    stale_after=timedelta(days=365),
)
