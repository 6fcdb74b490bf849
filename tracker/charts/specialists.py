"""Per field of work what the best model costs, and the cheapest near it and at lower levels: marks on one line."""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from tracker.charts.base import Chart, Column, interval, number
from tracker.charts.price_capability import dollars
from tracker.charts.theme import LIGHT, ROLES, Figure, axis, blank, note, plain, rule
from tracker.queries import specialists
from tracker.queries.specialists import SpecialistRow

EMPTY = "No field of work has a benchmark on which models with a price were measured in this run."
LINE = 62
SHORT = {"near": "near it", "90": "at 90 %", "80": "at 80 %"}


def times(row: SpecialistRow) -> str:
    """The cost ratio in words."""
    if row.ratio is None:
        return ""
    known = interval(row.ratio_low, row.ratio_high)
    return f"{number(row.ratio)} times{f' ({known})' if known else ''}"


def _lines(rows: Sequence[SpecialistRow]) -> list[list[SpecialistRow]]:
    """The rows of each benchmark, from the strictest level to the easiest."""
    known = [row for row in rows if row.best_price and row.cheapest_price]
    return [list(some) for _, some in groupby(known, key=lambda row: row.slug)]


def figure(rows: Sequence[SpecialistRow]) -> Figure:
    """A line a benchmark: the best model with a price and the cheapest at each level, by price on a logarithmic
    axis."""
    lines = _lines(rows)
    tall = 90 + LINE * max(len(lines), 3)
    drawn = blank(
        x=axis("Dollars per million tokens (3 input : 1 output)", "log", tickprefix="$"),
        y=axis("", showgrid=False, showticklabels=False),
        empty="" if lines else EMPTY,
        height=tall,
        narrow=tall + 34 * len(lines),
    )
    if not lines:
        return drawn
    layout = drawn["layout"]
    layout["yaxis"]["range"] = [round(len(lines) - 0.7, 2), -0.85]
    prices = [price for some in lines for row in some for price in (row.best_price, row.cheapest_price) if price]
    low, high = math.log10(min(prices)), math.log10(max(prices))
    room = 0.05 * (high - low or 1.0)
    layout["xaxis"]["range"] = [round(low - room, 4), round(high + room, 4)]
    for at, some in enumerate(lines):
        layout["shapes"].append({**rule(x0=0, x1=1, xref="paper", y0=at, y1=at, colour="grid"), "layer": "below"})
        words = f"{some[0].field} · {some[0].benchmark} · {_worded(some)}"
        layout["annotations"].append(
            note(plain(words), x=0, xref="paper", y=at, yanchor="bottom", yshift=8, xshift=2, colour="ink", size=12)
        )
        ends = [row.cheapest_price or 0.0 for row in some]
        drawn["data"].append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "From the best to the cheapest at a level",
                "showlegend": False,
                "x": [min(ends), max(*ends, some[0].best_price or 0.0)],
                "y": [at, at],
                "line": {"color": LIGHT["ink"], "width": 1.5},
                "hoverinfo": "skip",
                "meta": {"role": "gap"},
            }
        )
    for side in ("closed", "open"):
        marks = [mark for at, some in enumerate(lines) for mark in _marks_of(at, some) if mark[0] == side]
        if marks:
            drawn["data"].append(_marks(side, marks))
    return drawn


def _marks_of(at: int, some: Sequence[SpecialistRow]) -> list[tuple[str, float, int, str]]:
    """The marks of a line: whose, where, in which line, and what they say; each model once."""
    first = some[0]
    found = {first.best_priced: (first.best_priced_side, first.best_price or 0.0, "best of those with a price")}
    for row in some:
        words = f"cheapest {SHORT[row.asked]}: {times(row)} cheaper than the best"
        found.setdefault(row.cheapest, (row.cheapest_side, row.cheapest_price or 0.0, words))
    return [
        (side, price, at, f"{plain(model)}, {dollars(price)}<br>{words}")
        for model, (side, price, words) in found.items()
    ]


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


def _worded(some: Sequence[SpecialistRow]) -> str:
    """The best with its price, and what each lower level adds, where it adds another model."""
    parts, before = [f"{some[0].best_priced}, {dollars(some[0].best_price)}"], some[0].best_priced
    for row in some:
        if row.cheapest != before:
            ratio = f"1/{number(row.ratio, 0 if (row.ratio or 0) >= 10 else 1)}"
            sure = row.ratio_low == row.ratio_high
            known = "" if sure else interval(row.ratio_low, row.ratio_high, 0 if (row.ratio or 0) >= 10 else 1)
            parts.append(f"{SHORT[row.asked]} {row.cheapest}, {ratio}{f' ({known})' if known else ''}")
            before = row.cheapest
    return "; ".join(parts if len(parts) > 1 else [*parts, "no cheaper model reaches 80 %"])


def alt(rows: Sequence[SpecialistRow]) -> str:
    """Benchmark by benchmark the best with its price, and what each lower level saves."""
    return " ".join(f"{some[0].field} ({some[0].benchmark}): {_worded(some)}." for some in _lines(rows)) or EMPTY


def _score(value: float | None) -> str:
    return number(value, 3)


CHART = Chart(
    __name__,
    title="What coming near the best costs",
    subtitle="Per field the best model with a price, the cheapest near the best score and at 90 and 80 % of it",
    caption=(
        "One benchmark stands for a field: of those that still tell models apart the one with most priced models. "
        "Near: two standard errors below the best score, or 95 % of it where no error is known. Price: three parts "
        "input to one of output tokens at the cheapest host; 1/20 is a twentieth of the best one’s, and the interval "
        "of that ratio (90 %) draws the scores anew within their errors. Models are those that somebody sells and "
        "somebody else measured: what labs report of themselves does not count."
    ),
    unit="US dollars per million tokens",
    empty=EMPTY,
    rows=specialists.headline_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("field", "Field"),
        Column("benchmark", "Benchmark", link=lambda row: f"/benchmarks/{row.slug}/"),
        Column("rule", "Level"),
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
    ),
)
