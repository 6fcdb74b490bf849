"""Who said something on which topic, and when: a dot for each statement, a row for each topic."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column
from tracker.charts.lanes import board, placed, trace
from tracker.charts.theme import Figure, plain
from tracker.queries import statements
from tracker.queries.statements import TOPIC_WORDS, TOPICS, StatementRow

EMPTY = "No statement is known yet."


def figure(rows: Sequence[StatementRow]) -> Figure:
    """A row for each topic somebody spoke of, in the order of TOPICS; hollow where only the month or year is known."""
    groups = []
    for topic in TOPICS:
        some = [(placed(row.said_on, row.said), row) for row in rows if row.topic == topic]
        if some:
            groups.append((TOPIC_WORDS[topic], sorted(some, key=lambda one: (one[0], one[1].fact))))
    drawn, dots = board(groups, x="Said on", empty=EMPTY)
    # Neither side's colour: who speaks for which side is not the chart's to say.
    for exact, symbol, name in ((True, "circle", "Day known"), (False, "circle-open", "Month or year known")):
        part = [dot for dot in dots if dot.told.exact is exact]
        if part:
            hover = [_hover(dot.told) for dot in part]
            drawn["data"].append(trace(part, hover, name=name, role="statement", symbol=symbol))
    return drawn


def _hover(row: StatementRow) -> str:
    words = row.summary if len(row.summary) <= 90 else f"{row.summary[:89].rstrip()}…"
    return f"{plain(row.person)}, {row.said}<br>{plain(words)}"


def alt(rows: Sequence[StatementRow]) -> str:
    """How many statements of how many people, from the first to the last (the rows are oldest first), and topic by
    topic."""
    told = "; ".join(
        f"{TOPIC_WORDS[topic]}: {many}" for topic in TOPICS if (many := sum(row.topic == topic for row in rows))
    )
    speakers = len({row.person_slug for row in rows})
    return f"{len(rows)} statements of {speakers} people from {rows[0].said} to {rows[-1].said}. {told}."


CHART = Chart(
    __name__,
    title="What people speak of, and when",
    subtitle="Every collected statement by its date, in a row for its topic",
    caption=(
        "A dot is one statement. A hollow one stands in the middle of the month or the year that its source gives. How "
        "many there are says what was collected, not how much was said."
    ),
    unit="",
    empty=EMPTY,
    rows=statements.statement_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("said", "Said on"),
        Column("topic", "Topic"),
        Column("person", "Person", link=lambda row: f"/people/{row.person_slug}/"),
        Column("summary", "In our words", link=lambda row: f"/facts/statement/{row.fact}/"),
        Column("quote", "In theirs"),
        Column("venue", "Where"),
        Column("lab", "For"),
    ),
    newest_first=True,
)
