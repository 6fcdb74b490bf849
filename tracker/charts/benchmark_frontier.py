"""One benchmark by openness: the best score so far on each side, and every other score behind it."""

from collections.abc import Sequence
from datetime import date

from tracker.charts.base import Chart, Column, number
from tracker.charts.steps import Step, frontiers
from tracker.charts.theme import ROLES, Figure, axis, blank
from tracker.queries import benchmarks
from tracker.queries.benchmarks import ScoreRow

EMPTY = "No model with a release date has a score on this benchmark yet."


def _steps(rows: Sequence[ScoreRow], *, lower_is_better: bool = False) -> list[Step]:
    """Dated scores; one leads when it beats every earlier one of its side."""
    best: dict[str, float] = {}
    found = []
    sign = -1 if lower_is_better else 1
    dated = [(row.released_on, row) for row in rows if row.released_on is not None]
    for on, row in sorted(dated, key=lambda pair: (pair[0], -sign * pair[1].value)):
        leads = row.side not in best or sign * row.value > best[row.side]
        best[row.side] = max(sign * row.value, best.get(row.side, sign * row.value))
        found.append(Step(row.side, row.model, row.lab, on, row.value, row.low, row.high, leads))
    return found


def figure(
    rows: Sequence[ScoreRow], unit: str = "", until: date | None = None, lower_is_better: bool = False
) -> Figure:
    """`unit` is the benchmark's own: a proportion is drawn in per cent, anything else as it is."""
    steps, per_cent = _steps(rows, lower_is_better=lower_is_better), unit == "proportion"
    drawn = blank(
        x=axis("Release date", "date"),
        y=axis("Score (% of tasks)" if per_cent else f"Score ({unit})" if unit else "Score"),
        empty="" if steps else EMPTY,
    )
    if not steps:
        return drawn
    decimals = 3 if not per_cent and max(abs(step.value) for step in steps) <= 1 else 1
    return frontiers(
        drawn, steps, until=until, unit=" %" if per_cent else "", decimals=decimals, scale=100 if per_cent else 1
    )


def alt(rows: Sequence[ScoreRow]) -> str:
    """Who leads each side and with what score, and how many scores the picture leaves out for want of a day. The rows
    stand best first, which tells whether less is better."""
    steps = _steps(rows, lower_is_better=bool(rows) and rows[0].value < rows[-1].value)
    said = []
    for side in ("closed", "open"):
        lead = [step for step in steps if step.side == side and step.leads]
        if lead:
            by = f" ({lead[-1].lab})" if lead[-1].lab else ""
            said.append(
                f"{ROLES[side].name}: {lead[-1].model}{by} leads with {_score(lead[-1].value)}, released {lead[-1].on}."
            )
    undated = sum(row.released_on is None for row in rows)
    if undated:
        said.append(f"{undated} scores of models without a release date are in the table only.")
    return " ".join(said) or EMPTY


def _score(value: float | None) -> str:
    """Scores keep the benchmark's unit in a table: proportions need a third decimal, Elo none."""
    return number(value, 3 if value is not None and abs(value) <= 1 else 1)


CHART = Chart(
    __name__,
    title="Best score so far, open and closed",
    subtitle="Every believed score on this benchmark by the model's release date",
    caption=(
        "Each step is a model that beat every earlier one on its side; faint marks are other models, of very many the "
        "nearest. The dotted line runs from the day a closed model first had the best open score."
    ),
    unit="",
    empty=EMPTY,
    rows=benchmarks.score_rows,
    figure=figure,
    options=benchmarks.drawing_options,
    alt=alt,
    columns=(
        Column("model", "Model", link=lambda row: f"/models/{row.slug}/" if row.slug else None),
        Column("lab", "Lab"),
        Column("side", "Weights"),
        Column("released_on", "Released"),
        Column("value", "Score", _score, numeric=True),
        Column("low", "Low (5 %)", _score, numeric=True),
        Column("high", "High (95 %)", _score, numeric=True),
        Column("setting", "Setting"),
        Column("evaluator", "Measured by"),
    ),
)
