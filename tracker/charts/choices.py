"""Which choice of a definition matters most: the share of the variance over definitions that each explains."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, number, share
from tracker.charts.rows import bar
from tracker.charts.theme import Figure, axis, blank, note
from tracker.queries import gap_parts
from tracker.queries.gap_parts import ChoiceRow

EMPTY = "The definitions have not been compared yet."


def figure(rows: Sequence[ChoiceRow]) -> Figure:
    """A bar a choice, in the rows' order; what no single choice explains is paler."""
    tall = 70 + 56 * max(len(rows), 3)
    drawn = blank(
        x=axis("Share of the variance over definitions", tickformat=".0%"),
        y=axis("", showgrid=False, showticklabels=False, range=[len(rows) - 0.4, -0.75]),
        empty="" if rows else EMPTY,
        height=tall,
        narrow=tall,
    )
    if not rows:
        return drawn
    top = max(row.share for row in rows)
    drawn["layout"]["xaxis"]["range"] = [0, round(max(top * 1.25, 0.05), 3)]
    for nth, row in enumerate(rows):
        colour = "ink" if row.choice else "axis"
        hover = f"{row.name}: {share(row.share)}"
        drawn["data"].append(bar(0, round(row.share, 4), nth, 0.16, colour, name=row.name, hover=hover))
    for nth, row in enumerate(rows):
        words = f"{row.name}: {share(row.share)}"
        drawn["layout"]["annotations"].append(
            note(words, x=0, xref="paper", y=nth - 0.2, yanchor="bottom", xshift=2, colour="ink", size=13)
        )
    return drawn


def alt(rows: Sequence[ChoiceRow]) -> str:
    """Every choice with its share."""
    return "; ".join(f"{row.name}: {share(row.share)} of the variance" for row in rows) + "."


CHART = Chart(
    __name__,
    title="Which choice matters most",
    subtitle="Share of the variance over all definitions that each choice explains by itself",
    caption=(
        "An analysis of variance with main effects only: what the fit of all choices loses without one of them. The "
        "definitions do not fill the grid evenly, so the shares need not add up to 100 %; combinations and chance are "
        "what all choices together leave."
    ),
    unit="share of variance",
    empty=EMPTY,
    rows=gap_parts.choice_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("name", "Choice"),
        Column("share", "Share of variance", share, numeric=True),
        Column("low_level", "Shortest on average"),
        Column("low_mean", "Months", number, numeric=True),
        Column("high_level", "Longest on average"),
        Column("high_mean", "Months", number, numeric=True),
    ),
)
