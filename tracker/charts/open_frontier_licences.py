"""Who held the open frontier, and under what: the days led by each class of licence and by each country."""

from collections.abc import Sequence
from datetime import date, timedelta

from tracker.charts.base import Chart, Column
from tracker.charts.theme import LIGHT, Figure, axis, blank, day, note, plain, rule
from tracker.queries import openness_history
from tracker.queries.openness_history import LICENCE_CLASSES, SpellRow

EMPTY = "No open model stands on the frontier yet."
YEAR = timedelta(days=365)
LINE, HEAD = 44, 34  # pixels
LONGEST = 8  # countries that get a line


def figure(rows: Sequence[SpellRow]) -> Figure:
    """A bar for each spell of leading, twice: under its class of licence, and under its country, of which LONGEST have
    a line."""
    groups = _groups(rows)
    tall = 100 + sum(HEAD + LINE * len(lines) for _, lines in groups)
    drawn = blank(
        x=axis("Day", "date", showgrid=True),
        y=axis("", showgrid=False, showticklabels=False),
        empty="" if rows else EMPTY,
        height=tall if rows else 400,
        narrow=tall if rows else 400,
    )
    if not rows:
        return drawn
    layout, at = drawn["layout"], 0.0
    for heading, lines in groups:
        said = note(heading, x=0, xref="paper", y=round(at, 3), xshift=2, colour="ink", size=14)
        layout["annotations"].append(said)
        at += HEAD / LINE + 0.35
        for name, some in lines:
            words = f"{plain(name)} · {_words(some, rows)}"
            layout["annotations"].append(
                note(
                    words,
                    x=0,
                    xref="paper",
                    y=round(at, 3),
                    yanchor="bottom",
                    xshift=2,
                    yshift=6,
                    colour="ink",
                    size=12.5,
                )
            )
            track = rule(x0=0, x1=1, xref="paper", y0=round(at, 3), y1=round(at, 3), colour="grid")
            layout["shapes"].append({**track, "layer": "below"})
            drawn["data"] += [_bar(row, round(at, 3), name) for row in some]
            at += 1
    layout["yaxis"]["range"] = [round(at - 0.5, 3), -0.45]
    layout["xaxis"]["range"] = [day(rows[0].since), day(max(row.until for row in rows))]
    return drawn


Lines = list[tuple[str, list[SpellRow]]]


def _groups(rows: Sequence[SpellRow]) -> list[tuple[str, Lines]]:
    """Classes of licences in their order; countries by the days they held, the longest first."""
    classes: Lines = [
        (name, some) for key, name in LICENCE_CLASSES.items() if (some := [r for r in rows if r.licence_class == key])
    ]
    held: dict[str, list[SpellRow]] = {}
    for row in rows:
        held.setdefault(row.country, []).append(row)
    countries = sorted(held.items(), key=lambda pair: (-sum(row.days for row in pair[1]), pair[0]))[:LONGEST]
    return [("By class of licence", classes), ("By country", countries)]


def held(some: Sequence[SpellRow], since: date, until: date) -> int:
    """On how many days of a window these models led."""
    return sum(max((min(row.until, until) - max(row.since, since)).days, 0) for row in some)


def _part(some: Sequence[SpellRow], since: date, until: date) -> str:
    window = (until - since).days
    return f"{100 * held(some, since, until) / window:.0f}\N{NO-BREAK SPACE}%" if window > 0 else "no day"


def _words(some: Sequence[SpellRow], rows: Sequence[SpellRow]) -> str:
    first, last = rows[0].since, max(row.until for row in rows)
    whole = _part(some, first, last)
    if last - first <= YEAR:
        return f"{whole} of days"
    return f"{whole} of days, {_part(some, last - YEAR, last)} in the last year"


def _bar(row: SpellRow, at: float, name: str) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(name),
        "showlegend": False,
        "x": [day(row.since), day(row.until)],
        "y": [at, at],
        "line": {"color": LIGHT["open"], "width": 9, "dash": "solid", "shape": "linear"},
        "hovertext": [_hover(row)] * 2,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "meta": {"role": "spell"},
    }


def _hover(row: SpellRow) -> str:
    licence = plain(row.licence) or LICENCE_CLASSES[row.licence_class]
    return f"{plain(row.model)}, {plain(row.lab)}<br>{row.since} to {row.until}, {row.days} days<br>{licence}"


def alt(rows: Sequence[SpellRow]) -> str:
    """The share of days of every line, and who leads now; the rows are oldest first."""
    last = rows[-1]
    told = [f"{name}: {_words(some, rows)}" for _, lines in _groups(rows) for name, some in lines]
    return f"{'; '.join(told)}. {last.model} leads since {last.since}."


CHART = Chart(
    __name__,
    title="What the open frontier stood under",
    subtitle="The days on which the best open-weight model was under each class of licence, and from each country",
    caption=(
        "A bar runs from the day a model became the best with downloadable weights to the day the next one did, or to "
        "the day of the data. Shares are of days, so a model that led for a year counts twelve times one that led for "
        "a month. The best model is that of the capability index; the licence is the one it is under now."
    ),
    unit="% of days",
    empty=EMPTY,
    rows=openness_history.spell_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("since", "Led since"),
        Column("until", "Until"),
        Column("days", "Days", numeric=True),
        Column("model", "Model", link=lambda row: f"/models/{row.slug}/" if row.slug else None),
        Column("lab", "Lab"),
        Column("country", "Country"),
        Column("licence", "Licence"),
        Column("licence_class", "Class", lambda key: LICENCE_CLASSES[key]),
    ),
    newest_first=True,
)
