"""Who said something on which topic, and when: a dot for each statement, a row for each topic."""

from collections.abc import Sequence
from datetime import date, timedelta

from tracker.charts.base import Chart, Column
from tracker.charts.theme import LIGHT, Figure, Trace, axis, blank, day, note, plain, rule
from tracker.queries import statements
from tracker.queries.statements import TOPIC_WORDS, TOPICS, StatementRow

EMPTY = "No statement is known yet."
ROW = 58  # pixels
LANES = 5
LANE = 0.125  # of a row
# Two dots nearer than this would lie over each other on a telephone.
APART = timedelta(days=30)
EDGE = timedelta(days=45)


def figure(rows: Sequence[StatementRow]) -> Figure:
    spoken = [topic for topic in TOPICS if any(row.topic == topic for row in rows)]
    tall = 96 + ROW * len(spoken)
    drawn = blank(
        x=axis("Said on", "date", showgrid=True),
        y=axis("", showgrid=False, showticklabels=False),
        empty="" if rows else EMPTY,
        height=tall if rows else 400,
        narrow=tall if rows else 400,
    )
    if not rows:
        return drawn
    layout = drawn["layout"]
    dots: list[tuple[date, float, StatementRow]] = []
    for nth, topic in enumerate(spoken):
        some = sorted((row for row in rows if row.topic == topic), key=lambda row: (placed(row), row.fact))
        said = f"{plain(TOPIC_WORDS[topic])} · {len(some)}"
        layout["annotations"].append(
            note(said, x=0, xref="paper", y=nth, yanchor="bottom", xshift=2, yshift=8, colour="ink", size=12.5)
        )
        track = rule(x0=0, x1=1, xref="paper", y0=nth, y1=nth, colour="grid")
        layout["shapes"].append({**track, "layer": "below"})
        dots += [(on, round(nth + LANE * lane, 3), row) for on, lane, row in _lanes(some)]
    for exact, symbol, name in ((True, "circle", "Day known"), (False, "circle-open", "Month or year known")):
        part = [(on, y, row) for on, y, row in dots if row.exact is exact]
        if part:
            drawn["data"].append(_dots(part, symbol, name))
    layout["yaxis"]["range"] = [len(spoken) - 1 + LANES * LANE + 0.1, -0.6]
    days = [on for on, _, _ in dots]
    layout["xaxis"]["range"] = [day(min(days) - EDGE), day(max(days) + EDGE)]
    return drawn


def placed(row: StatementRow) -> date:
    """Where the dot stands: on its day, or in the middle of the month or the year."""
    if row.exact:
        return row.said_on
    return row.said_on + timedelta(days=14 if len(row.said) == 7 else 181)


def _lanes(rows: Sequence[StatementRow]) -> list[tuple[date, int, StatementRow]]:
    """Each dot in the first lane where it lies over no other; in the one that has been empty longest where all do."""
    last: list[date] = [date.min] * LANES
    found = []
    for row in rows:
        on = placed(row)
        lane = next((nth for nth, before in enumerate(last) if before == date.min or on - before >= APART), None)
        if lane is None:
            lane = min(range(LANES), key=last.__getitem__)
        last[lane] = on
        found.append((on, lane, row))
    return found


def _dots(part: Sequence[tuple[date, float, StatementRow]], symbol: str, name: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [day(on) for on, _, _ in part],
        "y": [y for _, y, _ in part],
        # Neither side's colour: who speaks for which side is not the chart's to say.
        "marker": {"color": LIGHT["ink"], "size": 7.5, "symbol": symbol, "opacity": 0.85},
        "hovertext": [_hover(row) for _, _, row in part],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": True,
        "meta": {"role": "statement"},
    }


def _hover(row: StatementRow) -> str:
    words = row.summary if len(row.summary) <= 90 else f"{row.summary[:89].rstrip()}…"
    return f"{plain(row.person)}, {row.said}<br>{plain(words)}"


def alt(rows: Sequence[StatementRow]) -> str:
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
