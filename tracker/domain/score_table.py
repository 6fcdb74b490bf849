"""What a table of scores `model,benchmark,score,released_on,open` says, and where exactly it cannot be read."""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

COLUMNS: Final = ("model", "benchmark", "score", "released_on", "open")
TRUE: Final = frozenset({"true", "1", "yes", "y", "t", "open"})
FALSE: Final = frozenset({"false", "0", "no", "n", "f", "closed"})
_SHOWN: Final = 10


class ScoreTableError(ValueError):
    """The table cannot be read; `problems` names every line and what is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        more = len(problems) - _SHOWN
        super().__init__("\n".join([*problems[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]))


@dataclass(frozen=True, slots=True)
class TableModel:
    """A model by the file's own name; `open` is what the file says of it."""

    name: str
    released_on: date
    open: bool


@dataclass(frozen=True, slots=True)
class TableScore:
    """One score, 0 to 1."""

    model: str
    benchmark: str
    value: float


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Models and scores in the order of the file, the best score where a model has several on one benchmark."""

    models: tuple[TableModel, ...]
    scores: tuple[TableScore, ...]
    repeated: int = 0

    def released_by(self, day: date) -> "ScoreTable":
        """The table without what was released after `day`."""
        models = tuple(model for model in self.models if model.released_on <= day)
        names = {model.name for model in models}
        return ScoreTable(models, tuple(score for score in self.scores if score.model in names), self.repeated)


def read_score_table(text: str) -> ScoreTable:
    """Read CSV text with the five columns in any order; further columns are ignored. Raises ScoreTableError."""
    problems: list[str] = []
    models: dict[str, TableModel] = {}
    first_line: dict[str, int] = {}
    scores: dict[tuple[str, str], TableScore] = {}
    repeated = 0
    for line, row in _rows(text, problems):
        try:
            model, score = _read(row)
        except ValueError as error:
            problems.append(f"line {line}: {error}")
            continue
        known = models.setdefault(model.name, model)
        first = first_line.setdefault(model.name, line)
        if known.released_on != model.released_on:
            problems.append(
                f"line {line}: {model.name} is released on {model.released_on} here, "
                f"on {known.released_on} in line {first}"
            )
        if known.open != model.open:
            said = {True: "open", False: "closed"}
            problems.append(
                f"line {line}: {model.name} is {said[model.open]} here and {said[known.open]} in line {first}"
            )
        key = (score.model, score.benchmark)
        repeated += key in scores
        if key not in scores or score.value > scores[key].value:
            scores[key] = score
    if not problems and not scores:
        problems.append("line 2: the table has no rows")
    if problems:
        raise ScoreTableError(problems)
    return ScoreTable(tuple(models.values()), tuple(scores.values()), repeated)


def _rows(text: str, problems: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip().lower() for cell in cells]
                missing = [name for name in COLUMNS if name not in header]
                doubled = [name for name in COLUMNS if header.count(name) > 1]
                if missing:
                    problems.append(
                        f"line {reader.line_num}: no column {', '.join(missing)}; needed are {', '.join(COLUMNS)}"
                    )
                if doubled:
                    problems.append(f"line {reader.line_num}: the column {', '.join(doubled)} stands twice")
                if missing or doubled:
                    return
            elif len(cells) != len(header):
                problems.append(f"line {reader.line_num}: {len(cells)} cells under {len(header)} columns")
            else:
                yield reader.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}")
        return
    if header is None:
        problems.append(f"line 1: the table is empty; needed are the columns {', '.join(COLUMNS)}")


def _read(row: dict[str, str]) -> tuple[TableModel, TableScore]:
    name, benchmark = row["model"].strip(), row["benchmark"].strip()
    for column, value in (("model", name), ("benchmark", benchmark)):
        if not value:
            raise ValueError(f"{column} is blank")
    return TableModel(name, _date(row["released_on"].strip()), _flag(row["open"].strip())), TableScore(
        name, benchmark, _score(row["score"].strip())
    )


def _score(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"score {text!r} is not a number") from None
    if not math.isfinite(value) or not 0.0 <= value <= 1.0:
        hint = "; is it a percentage?" if 1.0 < value <= 100.0 else ""
        raise ValueError(f"score {text} is not within 0..1{hint}")
    return value


def _date(text: str) -> date:
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"released_on {text!r} is not a date such as 2025-04-16") from None


def _flag(text: str) -> bool:
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise ValueError(f"open {text!r} is neither true nor false")
