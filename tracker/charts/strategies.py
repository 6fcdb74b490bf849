"""The phases of labs' openness strategies: one row a lab, from its first dated release to the day of the data."""

from collections.abc import Sequence
from datetime import date, timedelta

from tracker.charts.base import Chart, Column
from tracker.charts.theme import LIGHT, Figure, axis, blank, day, fade, note, plain, rule
from tracker.queries import labs
from tracker.queries.labs import STANCES, PhaseRow, Stance

EMPTY = "No phase is computed: the run is under way, or no lab has a dated release that can be had in a known way."
LINE = 46  # pixels
HALF = 0.17  # of a row
# Open is one colour and closed the other, as on every chart; the fuller, the more so. The name stands on the bar too.
FILLS = {
    Stance.OPEN: LIGHT["open"],
    Stance.WEIGHTS: fade("open", 0.45),
    Stance.MIXED: fade("ink", 0.3),
    Stance.CLOSED: fade("closed", 0.6),
    Stance.QUIET: fade("ink", 0.06),
}
SHORT = {
    Stance.OPEN: "open",
    Stance.WEIGHTS: "restricted weights",
    Stance.MIXED: "mixed",
    Stance.CLOSED: "closed",
    Stance.QUIET: "quiet",
}
WIDE_ENOUGH = 0.09  # of the axis, for a bar to carry its word


def figure(rows: Sequence[PhaseRow]) -> Figure:
    """A row a lab, in the rows' order, with a bar for each phase; a wide one carries its name."""
    lanes = list(dict.fromkeys(row.lab for row in rows))
    tall = 96 + LINE * max(len(lanes), 2)
    drawn = blank(
        x=axis("Day", "date", showgrid=True),
        y=axis("", showgrid=False, showticklabels=False),
        empty="" if rows else EMPTY,
        height=tall if rows else 400,
        narrow=tall if rows else 400,
    )
    if not rows:
        return drawn
    layout = drawn["layout"]
    first, last = min(row.since for row in rows), max(row.until for row in rows)
    for at, lab in enumerate(lanes):
        some = [row for row in rows if row.lab == lab]
        words = f"{plain(lab)} · {STANCES[some[-1].stance]} since {some[-1].since:%b %Y}"
        layout["annotations"].append(
            note(words, x=0, xref="paper", y=at, yanchor="bottom", xshift=2, yshift=9, colour="ink", size=12.5)
        )
        layout["shapes"].append({**rule(x0=0, x1=1, xref="paper", y0=at, y1=at, colour="grid"), "layer": "below"})
        drawn["data"] += [_bar(row, at) for row in some]
        for row in some:
            if (row.until - row.since).days > WIDE_ENOUGH * (last - first).days:
                layout["annotations"].append(_word(row, at))
    layout["yaxis"]["range"] = [len(lanes) - 0.55, -0.75]
    layout["xaxis"]["range"] = [day(first), day(last + timedelta(days=1))]
    return drawn


def _bar(row: PhaseRow, at: int) -> dict[str, object]:
    left, right = day(row.since), day(row.until + timedelta(days=1))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": STANCES[row.stance],
        "showlegend": False,
        "x": [left, right, right, left, left],
        "y": [at - HALF, at - HALF, at + HALF, at + HALF, at - HALF],
        "fill": "toself",
        "fillcolor": FILLS[Stance(row.stance)],
        "line": {"width": 1, "color": LIGHT["paper"]},
        "hovertext": [_hover(row)] * 5,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "meta": {"role": "band"},
    }


def _word(row: PhaseRow, at: int) -> dict[str, object]:
    middle = row.since + (row.until - row.since) / 2
    colour = "paper" if row.stance == Stance.OPEN else "ink"
    return note(SHORT[Stance(row.stance)], x=day(middle), y=at, xanchor="center", colour=colour, size=11)


def _hover(row: PhaseRow) -> str:
    until = f"to {row.until}" if not row.lasts else "until now"
    still = ", provisional" if row.provisional else ""
    return (
        f"{plain(row.lab)}: {STANCES[row.stance]}{still}<br>{row.since} {until}<br>"
        f"{row.releases} releases, {row.downloadable} with weights, {row.osi} under an OSI-approved licence"
    )


def alt(rows: Sequence[PhaseRow]) -> str:
    """Where every lab stands now, and since when."""
    now = [row for row in rows if row.lasts]
    told = "; ".join(f"{row.lab}: {STANCES[row.stance]} since {_month(row.since)}" for row in now)
    return f"{told}."


def _month(on: date) -> str:
    return f"{on:%B %Y}"


CHART = Chart(
    __name__,
    title="How open each lab's releases have been",
    subtitle="Phases of openness, computed from the releases of the twelve months before each quarter's end",
    caption=(
        "Open: at least two thirds of a year's releases have downloadable weights under an OSI-approved licence. "
        "Restricted weights: at least two thirds can be downloaded. Mixed: at least one third. Closed: fewer. Quiet: "
        "no release in a year. A change counts when it stands at two quarters' ends in a row; the newest may be "
        "provisional. Every tracked release counts once, whatever its size. Labs with the most releases stand first."
    ),
    unit="phase",
    empty=EMPTY,
    rows=labs.phase_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("lab", "Lab", link=lambda row: f"/labs/{row.lab_slug}/"),
        Column("stance", "Phase", lambda key: STANCES[key]),
        Column("since", "Since"),
        Column("until", "Until"),
        Column("lasts", "Lasts"),
        Column("provisional", "Provisional"),
        Column("releases", "Releases", numeric=True),
        Column("downloadable", "With weights", numeric=True),
        Column("osi", "OSI-approved", numeric=True),
    ),
)
