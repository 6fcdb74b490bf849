"""Per field of work what the best model costs and what the cheapest one near it does: two marks on one line."""

import math
from collections.abc import Sequence
from typing import Any

from tracker.charts.base import Chart, Column, interval, number
from tracker.charts.price_capability import dollars
from tracker.charts.theme import LIGHT, ROLES, Figure, axis, blank, note, plain, rule
from tracker.queries import specialists
from tracker.queries.specialists import SpecialistRow

EMPTY = "No field of work has a benchmark on which models with a price were measured in this run."
LINE = 58
KEEP = "\N{NO-BREAK SPACE}"


def times(row: SpecialistRow) -> str:
    """The cost ratio in words."""
    if row.ratio is None:
        return ""
    known = interval(row.ratio_low, row.ratio_high)
    return f"{number(row.ratio)} times{f' ({known})' if known else ''}"


def figure(rows: Sequence[SpecialistRow]) -> Figure:
    rows = [row for row in rows if row.best_price and row.cheapest_price]
    tall = 90 + LINE * max(len(rows), 3)
    drawn = blank(
        x=axis("Dollars per million tokens (3 input : 1 output)", "log", tickprefix="$"),
        y=axis("", showgrid=False, showticklabels=False),
        empty="" if rows else EMPTY,
        height=tall,
        narrow=tall + 20 * len(rows),
    )
    if not rows:
        return drawn
    layout = drawn["layout"]
    layout["yaxis"]["range"] = [round(len(rows) - 0.6, 2), -0.8]
    exponents = [math.log10(price) for row in rows for price in (row.best_price, row.cheapest_price) if price]
    room = 0.05 * (max(exponents) - min(exponents) or 1.0)
    layout["xaxis"]["range"] = [round(min(exponents) - room, 4), round(max(exponents) + room, 4)]
    for at, row in enumerate(rows):
        layout["shapes"].append({**rule(x0=0, x1=1, xref="paper", y0=at, y1=at, colour="grid"), "layer": "below"})
        words = f"{row.field} · {row.benchmark} · {_worded(row)}"
        layout["annotations"].append(
            note(plain(words), x=0, xref="paper", y=at, yanchor="bottom", yshift=8, xshift=2, colour="ink", size=12.5)
        )
        drawn["data"].append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "From the cheapest near the best to the best",
                "showlegend": False,
                "x": [row.cheapest_price, row.best_price],
                "y": [at, at],
                "line": {"color": LIGHT["ink"], "width": 2},
                "hoverinfo": "skip",
                "meta": {"role": "gap"},
            }
        )
    for side in ("closed", "open"):
        ends = [end for at, row in enumerate(rows) for end in _ends(at, row) if end[0] == side]
        if ends:
            drawn["data"].append(_marks(side, ends))
    return drawn


def _ends(at: int, row: SpecialistRow) -> list[tuple[str, float, int, str]]:
    """The marks of a row: whose, where, in which line, and what they say."""
    found = [(row.cheapest_side, row.cheapest_price, at, f"{plain(row.cheapest)}: cheapest near the best")]
    if row.best_priced != row.cheapest:
        found.append(
            (row.best_priced_side, row.best_price, at, f"{plain(row.best_priced)}: best of those with a price")
        )
    return [(side, price, line, f"{words}<br>{dollars(price)}") for side, price, line, words in found if price]


def _marks(side: str, ends: Sequence[tuple[str, float, int, str]]) -> dict[str, Any]:
    of = ROLES[side]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": of.name,
        "x": [price for _, price, _, _ in ends],
        "y": [at for _, _, at, _ in ends],
        "marker": {"color": LIGHT[of.colour], "size": 10, "symbol": of.symbol},
        "hovertext": [words for _, _, _, words in ends],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "meta": {"role": side, "halo": True},
    }


def _worded(row: SpecialistRow) -> str:
    asked = dollars(row.cheapest_price)
    if row.cheapest == row.best_priced:
        return f"{row.cheapest}, {asked}: none near it is cheaper"
    return f"{row.cheapest}, {asked}; the best, {row.best_priced}, costs {times(row)}".replace(" times", f"{KEEP}times")


def alt(rows: Sequence[SpecialistRow]) -> str:
    return " ".join(f"{row.field} ({row.benchmark}): {_worded(row)}." for row in rows)


def _score(value: float | None) -> str:
    return number(value, 3)


CHART = Chart(
    __name__,
    title="What coming near the best costs",
    subtitle="Per field the best model with a price, and the cheapest within two standard errors of the best score",
    caption=(
        "One benchmark stands for a field: of those that still tell models apart the one with most priced models. "
        "Near: two standard errors below the best score, or 95 % of it where no error is known. Price: three parts "
        "input to one of output tokens at the cheapest host. The ratio’s 90 % interval draws the scores anew within "
        "their errors. Models are those that somebody sells and somebody else measured: what labs report of "
        "themselves does not count."
    ),
    unit="US dollars per million tokens",
    empty=EMPTY,
    rows=specialists.headline_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("field", "Field"),
        Column("benchmark", "Benchmark", link=lambda row: f"/benchmarks/{row.slug}/"),
        Column("best", "Best"),
        Column("best_score", "Score", _score, numeric=True, link=lambda row: f"/facts/score/{row.best_score_fact}/"),
        Column("best_priced", "Best with a price"),
        Column("best_price", "Its price", dollars, numeric=True),
        Column("cheapest", "Cheapest near it"),
        Column("cheapest_side", "Weights"),
        Column("cheapest_score", "Score", _score, numeric=True),
        Column("cheapest_price", "Its price", dollars, numeric=True),
        Column("cheapest_host", "Host"),
        Column("ratio", "Cost ratio", number, numeric=True),
        Column("ratio_low", "Low (5 %)", number, numeric=True),
        Column("ratio_high", "High (95 %)", number, numeric=True),
        Column("leader", "Generalist that beats it"),
        Column("rule", "Level"),
    ),
)
