"""The least that a fixed level of capability cost, month by month, from open and from closed models."""

import math
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from tracker.charts.base import Chart, Column
from tracker.charts.price_capability import dollars
from tracker.charts.theme import ROLES, Figure, axis, blank, day, line, plain
from tracker.queries import prices
from tracker.queries.prices import LevelRow

EMPTY = "No level of the index has a price over time in this run."
# The higher the level, the stronger its line, in pixels.
THIN, STRONGER = 1.25, 0.85
SHORTEST = timedelta(days=90)


def _series(rows: Sequence[LevelRow]) -> list[tuple[float, str, list[LevelRow]]]:
    ordered = sorted(rows, key=lambda row: (row.level, row.side, row.month))
    return [(*key, list(some)) for key, some in groupby(ordered, key=lambda row: (row.level, row.side))]


def figure(rows: Sequence[LevelRow]) -> Figure:
    """A line for each level and side, in dollars on a logarithmic axis."""
    drawn = blank(
        x=axis("Month’s end", "date"),
        y=axis("Dollars per million tokens", "log", tickprefix="$"),
        empty="" if rows else EMPTY,
        height=460,
        narrow=440,
    )
    if not rows:
        return drawn
    levels = sorted({row.level for row in rows})
    for level, side, months in _series(rows):
        shown = line(
            side,
            [day(row.month) for row in months],
            [row.price for row in months],
            name=f"{level:g} {'open' if side == 'open' else 'closed'}",
            hover=[_hover(row) for row in months],
            steps=True,
            markers=len(months) == 1,
        )
        shown["line"]["width"] = round(THIN + STRONGER * levels.index(level), 2)
        shown["meta"]["end"] = dollars(months[-1].price)
        drawn["data"].append(shown)
    exponents = [math.log10(row.price) for row in rows]
    room = 0.06 * (max(exponents) - min(exponents) or 1.0)
    drawn["layout"]["yaxis"]["range"] = [round(min(exponents) - room, 4), round(max(exponents) + room, 4)]
    since, until = (limit(row.month for row in rows) for limit in (min, max))
    # A first month alone would have no width.
    drawn["layout"]["xaxis"]["range"] = [day(min(since, until - SHORTEST)), day(until)]
    return drawn


def _hover(row: LevelRow) -> str:
    what = f"Index {row.level:g}, {ROLES[row.side].name.lower()}, {row.month}"
    return f"{what}<br>{dollars(row.price)}: {plain(row.model)} at {plain(row.host)}"


def alt(rows: Sequence[LevelRow]) -> str:
    """Level by level, the highest first, what it cost in its first month and what in its last."""
    told = [
        f"Level {level:g}, {ROLES[side].name.lower()}: {dollars(months[0].price)} in {months[0].month:%B %Y}, "
        f"{dollars(months[-1].price)} in {months[-1].month:%B %Y} ({months[-1].model})"
        for level, side, months in reversed(_series(rows))
    ]
    return f"{'; '.join(told)}."


CHART = Chart(
    __name__,
    title="What a level of capability has cost",
    subtitle="The cheapest offer of any model that reaches the level, at each month’s end, open against closed",
    caption=(
        "The highest levels of the index that both sides have reached; the higher, the stronger the line. Price: three "
        "parts input to one of output tokens. A price counts from the day that its source gives it, else from the day "
        "we first saw it, and never before the model’s release; undated prices of a price history count from the "
        "first day on which that history dates anything. Lines therefore begin where prices are known, not where the "
        "level was first sold. Models stand where this run’s index places them today."
    ),
    unit="US dollars per million tokens",
    empty=EMPTY,
    rows=prices.level_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("level", "Level", lambda value: f"{value:g}", numeric=True),
        Column("side", "Weights"),
        Column("month", "Month’s end"),
        Column("price", "Blended price", dollars, numeric=True, link=lambda row: f"/facts/price/{row.fact}/"),
        Column("model", "Model", link=lambda row: f"/models/{row.slug}/"),
        Column("host", "Host"),
    ),
)
