"""Catch-up survival: the share of closed frontier steps not yet matched by an open model, by months since the step."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, number, share
from tracker.charts.theme import LIGHT, ROLES, Figure, axis, band, blank, line, note, rule
from tracker.queries import gap
from tracker.queries.gap import SurvivalRow

EMPTY = "No closed frontier step lies in the window, so there is nothing to catch up with."


def median(rows: Sequence[SurvivalRow]) -> float | None:
    """When half of the steps had been matched; None while fewer have."""
    return next((row.months for row in sorted(rows, key=lambda row: row.months) if row.share <= 0.5), None)


def figure(rows: Sequence[SurvivalRow]) -> Figure:
    """The curve with its band, a tick for each step unmatched, and the median where half have been matched."""
    drawn = blank(
        x=axis("Months since a closed model set the level", rangemode="tozero"),
        y=axis(
            "Share of closed steps still unmatched", range=[0, 1.04], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1]
        ),
        empty="" if rows else EMPTY,
        height=400,
        narrow=400,
    )
    if not rows:
        return drawn
    rows = sorted(rows, key=lambda row: row.months)
    months = [row.months for row in rows]
    drawn["data"].append(band("gap", months, [row.low for row in rows], [row.high for row in rows], steps=True))
    hover = [
        f"{number(row.months)} months<br>{share(row.share)} unmatched ({share(row.low)} to {share(row.high)})"
        for row in rows
    ]
    drawn["data"].append(
        line("gap", months, [row.share for row in rows], name="Still unmatched", hover=hover, steps=True, markers=False)
    )
    cut = [row for row in rows if row.censored]
    drawn["data"].append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Not matched by the end of the data",
            "x": [row.months for row in cut],
            "y": [row.share for row in cut],
            "marker": {"color": LIGHT[ROLES["gap"].colour], "size": 13, "symbol": "line-ns-open", "line": {"width": 2}},
            "hovertext": [f"A step still unmatched after {number(row.months)} months" for row in cut],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "meta": {"role": "gap"},
        }
    )
    layout, half = drawn["layout"], median(rows)
    if half is None:
        layout["annotations"].append(
            note(
                "Fewer than half have been matched so far", x=0, xref="paper", y=0.5, xshift=8, yshift=-12, colour="ink"
            )
        )
    else:
        for x0, y0, y1 in ((0, 0.5, 0.5), (half, 0, 0.5)):
            layout["shapes"].append(rule(x0=x0, x1=half, y0=y0, y1=y1, colour="ink", width=1.25, dash="dot"))
        words = f"Half matched after {number(half)} months"
        layout["annotations"].append(note(words, x=half, y=0.5, yanchor="bottom", xshift=8, yshift=2, colour="ink"))
    return drawn


def alt(rows: Sequence[SurvivalRow]) -> str:
    """The median, the share still unmatched at the curve's end, and how many steps wait."""
    half, last = median(rows), max(rows, key=lambda row: row.months)
    matched = "Fewer than half of the closed steps have been matched."
    if half is not None:
        matched = f"Half of the closed steps were matched within {number(half)} months."
    left = sum(row.censored for row in rows)
    return (
        f"{matched} After {number(last.months)} months {share(last.share)} are still unmatched; "
        f"{left} steps were unmatched when the data end."
    )


CHART = Chart(
    __name__,
    title="How long until a closed level is matched?",
    subtitle="Kaplan-Meier curve over closed frontier steps",
    caption=(
        "The line falls each time an open model reaches the level of a closed step; an upright tick is a step nobody "
        "has matched yet, counted for as long as it has been waiting. The band is the 90 % interval."
    ),
    unit="share of steps",
    empty=EMPTY,
    rows=gap.survival_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("months", "Months", number, numeric=True),
        Column("share", "Still unmatched", share, numeric=True),
        Column("low", "Low (5 %)", share, numeric=True),
        Column("high", "High (95 %)", share, numeric=True),
        Column("censored", "Waiting at the end"),
    ),
)
