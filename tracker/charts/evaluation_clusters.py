"""One of our runs: its accuracy at every generator and level, each with its 95 % interval."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, interval, number, share
from tracker.charts.rows import Line, lines
from tracker.charts.theme import Figure, plain
from tracker.queries import evaluations
from tracker.queries.evaluations import ClusterRow

EMPTY = "Nothing to draw: the run has no finished summary yet."


def _words(row: ClusterRow) -> str:
    if row.exact is None:
        return "not answered"
    low, high = (None if edge is None else 100 * edge for edge in (row.low, row.high))
    known = interval(low, high, 0)
    asked = f"{row.answered} question{'s' * (row.answered != 1)}"
    return f"{number(100 * row.exact, 0)} %{f' ({known})' if known else ''}, {asked}"


def _line(row: ClusterRow) -> Line:
    value, low, high = (None if part is None else 100 * part for part in (row.exact, row.low, row.high))
    return Line(row.cluster, value, low, high, _words(row), f"{plain(row.cluster)}<br>{_words(row)}")


def figure(rows: Sequence[ClusterRow]) -> Figure:
    """Per cent of each row's questions; a row of which nothing was answered has no mark."""
    every = [_line(row) for row in rows]
    return lines(every, x="Exact answers (% of questions)", role="gap", empty=EMPTY, span=(-2, 102))


def alt(rows: Sequence[ClusterRow]) -> str:
    """Row by row the accuracy, its interval and the number of questions."""
    return f"{'; '.join(f'{row.cluster}: {_words(row)}' for row in rows)}."


CHART = Chart(
    __name__,
    title="Accuracy at each level",
    subtitle="The share of exactly right answers for each generator at each level of difficulty",
    caption=(
        "Every row is one generator at one level: the questions of a row were made alike, so they count as one cluster "
        "in the error of the whole. The bar is the 95 % interval over the row's own questions (Wilson's for right and "
        "wrong answers)."
    ),
    unit="% of questions",
    empty=EMPTY,
    rows=evaluations.cluster_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("cluster", "Generator and level"),
        Column("questions", "Questions", numeric=True),
        Column("answered", "Answered", numeric=True),
        Column("exact", "Exact", share, numeric=True),
        Column("error", "Standard error", share, numeric=True),
        Column("low", "Low (2.5 %)", share, numeric=True),
        Column("high", "High (97.5 %)", share, numeric=True),
        Column("own", "Generator's own score", share, numeric=True),
    ),
)
