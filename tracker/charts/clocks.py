"""Each closed frontier step's own clock: matched after so many months and by whom, or open for so many by now."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, number
from tracker.charts.theme import LIGHT, Figure, axis, blank, note, plain
from tracker.queries import gap
from tracker.queries.gap import ClockRow

EMPTY = "No closed frontier step lies in the window, so no clock is running."
LINE = 40


def figure(rows: Sequence[ClockRow]) -> Figure:
    """A line of months a closed record, the newest at the top; dashed where the clock still runs."""
    shown = list(reversed(rows))
    tall = 90 + LINE * max(len(shown), 3)
    drawn = blank(
        x=axis("Months until an open model was at or above it", rangemode="tozero"),
        y=axis("", showgrid=False, showticklabels=False, range=[len(shown) - 0.4, -0.9]),
        empty="" if rows else EMPTY,
        height=tall,
        narrow=tall + 16 * len(shown),
    )
    if not rows:
        return drawn
    top = max(max(row.months for row in shown), 1.0)
    least = min([0.0, *(row.months for row in shown)])
    drawn["layout"]["xaxis"]["range"] = [round(least - 0.02 * top, 2), round(1.06 * top, 2)]
    for running, colour, dash, symbol, name in (
        (False, "open", "solid", "circle", "Matched by an open model"),
        (True, "closed", "3px,3px", "line-ns-open", "Not matched yet: still running"),
    ):
        some = [(nth, row) for nth, row in enumerate(shown) if row.running == running]
        if not some:
            continue
        x: list[float | None] = []
        y: list[float | None] = []
        for nth, row in some:
            x += [0.0, round(row.months, 2), None]
            y += [nth, nth, None]
        drawn["data"].append(
            {
                "type": "scatter", "mode": "lines", "name": name, "showlegend": False, "x": x, "y": y,
                "line": {"color": LIGHT[colour], "width": 2.5, "dash": dash}, "hoverinfo": "skip",
                "meta": {"role": colour},
            }
        )  # fmt: skip
        drawn["data"].append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "x": [round(row.months, 2) for _, row in some],
                "y": [nth for nth, _ in some],
                "marker": {"color": LIGHT[colour], "size": 9 if symbol == "circle" else 14, "symbol": symbol},
                "hovertext": [_worded(row) for _, row in some],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "meta": {"role": colour, "halo": not running},
            }
        )
    for nth, row in enumerate(shown):
        drawn["layout"]["annotations"].append(
            note(_worded(row), x=0, xref="paper", y=nth, yanchor="bottom", yshift=6, xshift=2, colour="ink", size=12.5)
        )
    return drawn


def _worded(row: ClockRow) -> str:
    month = f"{row.on:%b %Y}".replace(" ", "\N{NO-BREAK SPACE}")
    months = f"{number(row.months)}\N{NO-BREAK SPACE}months"
    if row.running:
        return f"{plain(row.model)}, {month}: open for {months}"
    return f"{plain(row.model)}, {month}: {plain(row.matched_by)} after {months}"


def alt(rows: Sequence[ClockRow]) -> str:
    """How many clocks have stopped and how many run, then eight of them: those that run, and the last that stopped."""
    running = [row for row in rows if row.running]
    matched = [row for row in rows if not row.running]
    told = "; ".join(_worded(row) for row in [*running, *reversed(matched)][:8])
    return f"{len(matched)} of {len(rows)} closed frontier steps have been matched, {len(running)} wait. {told}."


CHART = Chart(
    __name__,
    title="Each closed record's clock",
    subtitle="How long each closed frontier step stood before an open model was at or above it",
    caption=(
        "A line ends in a dot where an open model reached the level; a dashed line ends in an upright tick where none "
        "has yet: that clock stands at the time waited so far, and the true time is longer. Newest first."
    ),
    unit="months",
    empty=EMPTY,
    rows=gap.clock_rows,
    figure=figure,
    newest_first=True,
    alt=alt,
    columns=(
        Column("model", "Closed record"),
        Column("on", "Released"),
        Column("value", "Index", number, numeric=True),
        Column("matched_by", "Matched by", lambda name: name or "not matched yet"),
        Column("matched_on", "On"),
        Column("months", "Months", number, numeric=True),
        Column("running", "Still running"),
    ),
)
