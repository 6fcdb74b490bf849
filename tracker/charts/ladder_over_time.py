"""The ladder of openness over time: every release of the labs that release most, each lab a line, region by region."""

from collections import Counter
from collections.abc import Sequence

from tracker.charts.base import Chart, Column
from tracker.charts.theme import LIGHT, Figure, axis, blank, day, note, plain, rule
from tracker.queries import openness_history
from tracker.queries.openness_history import CLASS_NAMES, LadderRow

EMPTY = "No dated release stands on the ladder yet."
REGIONS = {"us": "United States", "china": "China", "europe": "Europe", "other": "Elsewhere"}
LABS = 7  # of a region; the table has all
LINE, HEAD = 25, 30  # pixels
# The more open, the fuller and larger the mark; colour says whether there are weights.
MARKS = {
    "closed": ("closed", "square", 6.5),
    "noncommercial": ("open", "line-ns-open", 11),
    "restricted": ("open", "circle-open", 9),
    "permissive": ("open", "circle", 8),
    "open": ("ink", "diamond", 11),
}


def figure(rows: Sequence[LadderRow]) -> Figure:
    """A line a lab under its region's name: the LABS that release most and whoever released an open model. The earliest
    hundredth of releases may lie off the sheet."""
    places, heads = _places(rows)
    tall = 96 + LINE * len(places) + HEAD * len(heads) + 40
    drawn = blank(
        x=axis("Release date", "date", showgrid=True),
        y=axis("", showgrid=False),
        empty="" if rows else EMPTY,
        height=tall if rows else 400,
        narrow=tall + 40 if rows else 400,
    )
    if not rows:
        return drawn
    layout = drawn["layout"]
    layout["yaxis"] |= {
        "range": [round(max(places.values()) + 0.9, 3), -0.9],
        "tickvals": list(places.values()),
        "ticktext": [_short(lab) for lab in places],
    }
    shown = [row for row in rows if row.lab in places]
    days = sorted(row.released_on for row in shown)
    # A model of years before all others would press these together.
    first, last = days[len(days) // 100], days[-1]
    room = max((last - first) // 40, last.resolution * 10)
    layout["xaxis"]["range"] = [day(first - room), day(last + room)]
    for region, at in heads.items():
        said = note(REGIONS[region], x=0, xref="paper", y=at, yanchor="middle", xshift=4, colour="ink", size=13)
        layout["annotations"].append(said)
    for at in places.values():
        line = rule(x0=0, x1=1, xref="paper", y0=at, y1=at, colour="grid")
        layout["shapes"].append({**line, "layer": "below"})
    for key, (colour, symbol, size) in MARKS.items():
        some = [row for row in shown if row.openness == key]
        if some:
            drawn["data"].append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": CLASS_NAMES[key],
                    "x": [day(row.released_on) for row in some],
                    "y": [places[row.lab] for row in some],
                    "marker": {"color": LIGHT[colour], "size": size, "symbol": symbol, "opacity": 0.85},
                    "hovertext": [_hover(row) for row in some],
                    "hovertemplate": "%{hovertext}<extra></extra>",
                    "meta": {"role": "dots-ladder"},
                }
            )
    return drawn


def _places(rows: Sequence[LadderRow]) -> tuple[dict[str, float], dict[str, float]]:
    """Where each lab's line and each region's name stand, from the top: labs with most releases first, and every lab
    that has released an open model."""
    places: dict[str, float] = {}
    heads: dict[str, float] = {}
    opened = {row.lab for row in rows if row.openness == "open"}
    at = 0.0
    for region in REGIONS:
        counted = Counter(row.lab for row in rows if row.region == region)
        if not counted:
            continue
        heads[region] = round(at, 3)
        at += HEAD / LINE * 0.8
        ranked = sorted(counted, key=lambda lab: (-counted[lab], lab))
        for lab in [lab for nth, lab in enumerate(ranked) if nth < LABS or lab in opened]:
            places[lab] = round(at, 3)
            at += 1
        at += 0.35
    return places, heads


def _short(lab: str) -> str:
    """A lab's name that leaves room for the marks on a telephone."""
    name = plain(lab)
    return name if len(name) <= 17 else f"{name[:16].rstrip()}…"


def _hover(row: LadderRow) -> str:
    return f"{plain(row.model)}, {plain(row.lab)}<br>{row.released_on}<br>rung {row.rung}: {row.rung_label}"


def alt(rows: Sequence[LadderRow]) -> str:
    """Region by region how many releases have weights, and the highest rung that any reached."""
    told = []
    for region, name in REGIONS.items():
        some = [row for row in rows if row.region == region]
        if some:
            weights = sum(row.rung >= 2 for row in some)
            best = max(row.rung for row in some)
            told.append(f"{name}: {weights} of {len(some)} releases with weights, highest rung {best}")
    return f"{'; '.join(told)}."


CHART = Chart(
    __name__,
    title="The ladder over time, lab by lab",
    subtitle="Each mark is a release on the day it came out, by how open it is",
    caption=(
        "A line of squares turning into circles is a lab that began to release weights; circles turning into squares "
        "is one that stopped. Diamonds are open models and more (rungs 5 to 8). Of each region the seven labs with "
        "most releases are drawn, and whoever released an open model; the table has all, the earliest included. "
        "Releases of which nobody has said how they can be had are left out."
    ),
    unit="",
    empty=EMPTY,
    rows=openness_history.ladder_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("released_on", "Released"),
        Column("model", "Model", link=lambda row: f"/models/{row.slug}/" if row.slug else None),
        Column("lab", "Lab"),
        Column("country", "Country"),
        Column("rung", "Rung", numeric=True),
        Column("rung_label", "In words"),
    ),
    newest_first=True,
)
