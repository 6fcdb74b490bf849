"""From one published lag to another: what was published, what our data give, and what each choice adds between."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, number
from tracker.charts.rows import bar, outline
from tracker.charts.theme import Figure, axis, blank, note, plain, rule
from tracker.queries import reconcile
from tracker.queries.reconcile import WaterfallRow

EMPTY = "These two definitions cannot be replayed on the stored data; the page says which choice lacks data."
LINE = 46
LOOKS = {
    # A number that stands is filled; a move is a bar from where it starts; what nobody explains is hollow grey.
    "published": ("axis", "Published"),
    "replayed": ("ink", "On our data"),
    "step": ("muted", "A choice made differently"),
    "rest": ("grid", "Not explained by our replay"),
}


def figure(rows: Sequence[WaterfallRow]) -> Figure:
    """From one number to the other, bar upon bar; under a bar the 90 % interval of its end."""
    tall = 96 + LINE * max(len(rows), 3)
    drawn = blank(
        x=axis("Months behind"),
        y=axis("", showgrid=False, showticklabels=False, range=[len(rows) - 0.4, -0.85]),
        empty="" if rows else EMPTY,
        height=tall,
        narrow=tall,
    )
    if not rows:
        return drawn
    layout = drawn["layout"]
    edges = [edge for row in rows for edge in (row.start, row.end, *_whisker(row))]
    low, high = min(0.0, *edges), max(1.0, *edges)
    layout["xaxis"]["range"] = [round(low - 0.02 * (high - low), 2), round(high + 0.16 * (high - low), 2)]
    layout["shapes"].append({**rule(x0=0, x1=0, y0=0, y1=1, yref="paper"), "layer": "below"})
    half = 0.2
    for kind, (colour, name) in LOOKS.items():
        some = [(nth, row) for nth, row in enumerate(rows) if row.kind == kind]
        if not some:
            continue
        for nth, row in some:
            hover = f"{plain(row.name)}: {_worded(row)}{_between(row)}"
            drawn["data"].append(bar(row.start, row.end, nth, half, colour, name=name, hover=hover))
            if kind == "rest":
                drawn["data"].append(outline(row.start, row.end, nth, half, name=name))
    for nth, row in enumerate(rows):
        if reach := _whisker(row):
            # Under its bar: on a dark one it would not be seen.
            under, tick = nth + half + 0.1, 0.06
            layout["shapes"].append(rule(x0=reach[0], x1=reach[1], y0=under, y1=under, colour="ink", width=1.5))
            layout["shapes"] += [
                rule(x0=edge, x1=edge, y0=under - tick, y1=under + tick, colour="ink", width=1.5) for edge in reach
            ]
    for nth, row in enumerate(rows[:-1]):
        # What one bar ends with, the next begins with.
        layout["shapes"].append(rule(x0=row.end, x1=row.end, y0=nth + half, y1=nth + 1 - half, dash="dot"))
    for nth, row in enumerate(rows):
        said = note(plain(row.name), x=0, xref="paper", y=nth - half, yanchor="bottom", yshift=1, colour="ink")
        layout["annotations"].append(said)
        right = max(row.start, row.end, *_whisker(row))
        layout["annotations"].append(note(_worded(row), x=round(right, 3), y=nth, xshift=6, colour="ink", size=12.5))
    return drawn


def _whisker(row: WaterfallRow) -> tuple[float, ...]:
    """From where to where the bar's end lies in 90 % of the draws, its start being what it is."""
    if row.low is None or row.high is None:
        return ()
    return round(row.start + row.low, 2), round(row.start + row.high, 2)


def _between(row: WaterfallRow) -> str:
    return "" if row.low is None or row.high is None else f" ({number(row.low, 2)} to {number(row.high, 2)})"


def _worded(row: WaterfallRow) -> str:
    if row.kind in ("published", "replayed"):
        return number(row.end, 2)
    if row.months == 0:
        return "±0"
    return f"{'+' if row.months > 0 else ''}{number(row.months, 2)}"


def alt(rows: Sequence[WaterfallRow]) -> str:
    """Number by number, and move by move, in months."""
    return "; ".join(f"{row.name} {_worded(row)}{_between(row)}" for row in rows) + " months."


CHART = Chart(
    __name__,
    title="What lies between the two",
    subtitle="From one definition's lag to the other's, one choice changed at a time, on the same stored data",
    caption=(
        "Full bars are numbers: as published (light) and as our data give them under the same definition (dark). The "
        "bars between are what each change adds or takes away; they add up exactly. The pale bars are what our "
        "replay does not explain: other scores, another index, other benchmarks. The line under a bar spans the 90 % "
        "interval of a number or of what a change does, over draws of the scores, for L4 of the benchmarks; where "
        "there is none, the table says why."
    ),
    unit="months",
    empty=EMPTY,
    rows=reconcile.waterfall_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("name", "Step"),
        Column("kind", "What it is", lambda kind: LOOKS[kind][1].lower()),
        Column("change", "Change"),
        Column("start", "From", lambda value: number(value, 2), numeric=True),
        Column("end", "To", lambda value: number(value, 2), numeric=True),
        Column("months", "Months", lambda value: number(value, 2), numeric=True),
        Column("low", "90 % from", lambda value: number(value, 2), numeric=True),
        Column("high", "90 % to", lambda value: number(value, 2), numeric=True),
        Column("interval", "Interval over"),
    ),
)
