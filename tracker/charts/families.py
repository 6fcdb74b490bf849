"""Each family's best open model: how long ago a closed model first had its level."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, interval, number
from tracker.charts.rows import Line, lines
from tracker.charts.theme import Figure, plain
from tracker.queries import gap_parts
from tracker.queries.gap_parts import FamilyRow

MOST = 16  # the nearest; the table has all
DOT = "\N{NO-BREAK SPACE}· "
EMPTY = "No family has an open model on the index yet."


def figure(rows: Sequence[FamilyRow]) -> Figure:
    """The MOST nearest families; one whose level no closed model has reached has words and no mark."""
    shown = [
        Line(
            row.name,
            row.today,
            row.today_low,
            row.today_high,
            f"{row.model}{DOT}{_months(row)}{DOT}{number(row.points)}\N{NO-BREAK SPACE}points",
            f"{row.name}: {plain(row.model)}, {row.released_on}<br>{_months(row)} behind, "
            f"90 % interval {interval(row.today_low, row.today_high)}<br>"
            f"level first by {plain(row.level_first_by)}<br>"
            f"{number(row.points)} points below the closed frontier",
        )
        for row in rows[:MOST]
    ]
    return lines(shown, x="Months behind closed models (90 % interval)", role="open", empty=EMPTY)


def _months(row: FamilyRow) -> str:
    if row.today is None:
        return "no closed model there"
    return f"{'at least ' if row.at_least else ''}{number(row.today)} months".replace(" ", "\N{NO-BREAK SPACE}")


def alt(rows: Sequence[FamilyRow]) -> str:
    """Every family, those that are not drawn among them."""
    return "; ".join(f"{row.name} ({row.model}): {_months(row)}, {number(row.points)} points" for row in rows) + "."


CHART = Chart(
    __name__,
    title="How far each family trails",
    subtitle="The best open model of each family (or lab) against the closed frontier: the sixteen nearest",
    caption=(
        "The mark is the time since a closed model first had the level of the family's best open model, counted to the "
        "day of the data, so it grows while a family releases nothing better; the table also has the months on the day "
        "that model came out. Points are the distance to the best closed model today. “At least”: a closed model "
        "may have had that level before any was measured."
    ),
    unit="months",
    empty=EMPTY,
    rows=gap_parts.family_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("name", "Family"),
        Column("model", "Best open model", link=lambda row: f"/models/{row.slug}/" if row.slug else None),
        Column("released_on", "Released"),
        Column("value", "Index", number, numeric=True),
        Column("today", "Months behind today", number, numeric=True),
        Column("today_low", "Low (5 %)", number, numeric=True),
        Column("today_high", "High (95 %)", number, numeric=True),
        Column("at_release", "Months at its release", number, numeric=True),
        Column("points", "Points behind", number, numeric=True),
        Column("points_low", "Low (5 %)", number, numeric=True),
        Column("points_high", "High (95 %)", number, numeric=True),
        Column("level_first_by", "Its level first by"),
        Column("at_least", "At least", lambda value: "yes" if value else ""),
        Column("models", "Open models", numeric=True),
    ),
)
