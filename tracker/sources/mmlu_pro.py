"""MMLU-Pro's leaderboard: accuracies that TIGER-Lab measured, beside those that labs sent in."""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import one_line

COLUMNS = ("Models", "Data Source", "Overall")
# The column is typed by hand: "TIGER-LAb" and "Sefl-Reported" stand in it too.
WHO = {
    "tiger-lab": Evaluator.LEADERBOARD,
    "self-reported": Evaluator.FIRST_PARTY,
    "sefl-reported": Evaluator.FIRST_PARTY,
}
HOMEPAGE = "https://huggingface.co/spaces/TIGER-Lab/MMLU-Pro"


def parse(document: Document) -> Records:
    """A score for each model and who measured it, 0 to 1; a row that stands there twice counts once."""
    rows: Counter[tuple[str, str]] = Counter()
    told: set[tuple[str, str, float]] = set()
    for line, row in _rows(document):
        where = f"{document.url}, line {line}"
        model, who = one_line(row["Models"]), row["Data Source"].strip().lower()
        value = _share(row["Overall"], f"{where} ({model}): Overall")
        if value is None or not model:
            continue
        if who not in WHO:
            raise ParseError(
                f"{where}: {row['Data Source']!r} is no data source; known are TIGER-Lab and Self-Reported"
            )
        if (model, WHO[who], value) in told:
            continue  # the same row twice
        told.add((model, WHO[who], value))
        rows[model, WHO[who]] += 1
        repeat = rows[model, WHO[who]]
        yield ScoreRecord(
            f"{model}:{WHO[who]}" + (f"#{repeat}" if repeat > 1 else ""),
            model,
            "mmlu_pro",
            value,
            evaluator=WHO[who],
            url=HOMEPAGE,
        )


def _rows(document: Document) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by column name, as the common reader has them, but for one cell: a row has long stood without its last."""
    reader = csv.reader(io.StringIO(document.text(), newline=""), strict=True)
    try:
        header = next(reader, [])
        if missing := [name for name in COLUMNS if name not in header]:
            raise ParseError(f"{document.url} has no column {', '.join(missing)}; it has {header}")
        needed = max(header.index(name) for name in COLUMNS) + 1
        for row in reader:
            if not row:
                continue
            if not max(needed, len(header) - 1) <= len(row) <= len(header):
                raise ParseError(f"{document.url}, line {reader.line_num}: {len(row)} cells for {len(header)} columns")
            yield reader.line_num, dict(zip(header, row, strict=False))
    except csv.Error as error:
        raise ParseError(f"{document.url}, line {reader.line_num}: {error}") from error


def _share(text: str, where: str) -> float | None:
    """A fraction; None for the dash that stands where nothing was reported."""
    if text.strip() in ("", "-"):
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise ParseError(f"{where} is {text!r}, which is no number") from error
    if not math.isfinite(value) or not 0 <= value <= 1:
        raise ParseError(f"{where} is {value}, not a fraction")
    return value


SOURCE = Source(
    __name__,
    title="MMLU-Pro leaderboard",
    publisher="TIGER-Lab",
    homepage=HOMEPAGE,
    data_licence="Apache-2.0",
    attribution="MMLU-Pro leaderboard, TIGER-Lab, huggingface.co/spaces/TIGER-Lab/MMLU-Pro (Apache-2.0).",
    urls=("https://huggingface.co/datasets/TIGER-Lab/mmlu_pro_leaderboard_submission/resolve/main/results.csv",),
    parse=parse,
    every=timedelta(days=7),
    at_least=5,
    stale_after=timedelta(days=365),
)
