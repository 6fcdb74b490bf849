"""How open releases are, quarter by quarter: the share of each class of openness among them."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate

from tracker.charts.base import Chart, Column, share
from tracker.charts.theme import LIGHT, Figure, axis, blank, day, fade, note
from tracker.queries import openness_history
from tracker.queries.openness_history import CLASS_NAMES, ShareRow

EMPTY = "No dated release of which anybody said how it can be had is known yet."
# Closed is one colour; the more open a class of weights, the fuller the other.
FILLS = {
    "closed": fade("closed", 0.55),
    "noncommercial": fade("open", 0.15),
    "restricted": fade("open", 0.4),
    "permissive": fade("open", 0.7),
    "open": LIGHT["open"],
}
SHORT = {
    "closed": "No weights",
    "noncommercial": "Non-commercial",
    "restricted": "Restricted",
    "permissive": "Permissive",
    "open": "Open model (MOF, OSAID)",
}
LEAST = 6  # per cent that a band must be high to carry its name
FEW = 5  # releases: a quarter with fewer has no shares worth a drawing


def figure(rows: Sequence[ShareRow]) -> Figure:
    """The classes' shares of each quarter's releases, one upon the other; only the quarters that `_drawn` picks."""
    drawn = blank(
        x=axis("Quarter of release", "date"),
        y=axis("Share of the quarter's releases (%)", range=[0, 106]),
        empty="" if rows else EMPTY,
        height=440,
        narrow=440,
    )
    if not rows:
        return drawn
    quarters = _drawn(rows)
    shares = {(row.quarter, row.openness): row for row in rows}
    tops = {on: [0.0, *accumulate(100 * shares[on, key].share for key in CLASS_NAMES)] for on in quarters}
    for nth, key in enumerate(CLASS_NAMES):
        drawn["data"].append(_band(quarters, [tops[on][nth : nth + 2] for on in quarters], key))
        drawn["data"].append(
            _edge(quarters, [tops[on][nth + 1] for on in quarters], [shares[on, key] for on in quarters])
        )
        place = None if key == "open" else _room([(on, tops[on][nth], tops[on][nth + 1]) for on in quarters])
        if place is not None:
            said = note(SHORT[key], x=day(place[0]), y=place[1], xanchor="center", colour="ink", size=12.5)
            drawn["layout"]["annotations"].append(said)
    drawn["layout"]["xaxis"]["range"] = [day(quarters[0]), day(_next(quarters[-1]))]
    top = note(
        f"{SHORT['open']} ▾", x=1, xref="paper", y=100, xanchor="right", yanchor="bottom", colour="ink", size=12.5
    )
    drawn["layout"]["annotations"].append(top)
    return drawn


def _drawn(rows: Sequence[ShareRow]) -> list[date]:
    """The quarters without a gap up to the newest, those with few releases left out where there are others."""
    of = {row.quarter: row.of for row in rows}
    many = [on for on, releases in of.items() if releases >= FEW] or list(of)
    found = [max(many)]
    for on in sorted(many, reverse=True)[1:]:
        if _next(on) != found[-1]:
            break
        found.append(on)
    return found[::-1]


def _room(bands: Sequence[tuple[date, float, float]]) -> tuple[date, float] | None:
    """The middle of the place where three quarters of a band have most height in common; None where it is thin."""
    best, place = float(LEAST), None
    # At an edge the name would be cut.
    for nth in range(1, len(bands) - 3) if len(bands) > 5 else range(len(bands) - 2):
        three = bands[nth : nth + 3]
        low, high = max(low for _, low, _ in three), min(high for _, _, high in three)
        if high - low > best:
            best, place = high - low, (three[1][0] + timedelta(days=45), round((low + high) / 2, 2))
    return place


def _next(quarter: date) -> date:
    return date(quarter.year + 1, 1, 1) if quarter.month > 9 else date(quarter.year, quarter.month + 3, 1)


def _band(quarters: Sequence[date], edges: Sequence[Sequence[float]], key: str) -> dict[str, object]:
    """One outline of steps: along the upper edge and back along the lower one."""
    x: list[str] = []
    low: list[float] = []
    high: list[float] = []
    for on, (bottom, top) in zip(quarters, edges, strict=True):
        x += [day(on), day(_next(on))]
        low += [round(bottom, 2)] * 2
        high += [round(top, 2)] * 2
    return {
        "type": "scatter",
        "mode": "lines",
        "name": CLASS_NAMES[key],
        "showlegend": False,
        "x": [*x, *reversed(x)],
        "y": [*high, *reversed(low)],
        "fill": "toself",
        "fillcolor": FILLS[key],
        "line": {"width": 0, "color": LIGHT["closed" if key == "closed" else "open"]},
        "hoverinfo": "skip",
        "meta": {"role": "band"},
    }


def _edge(quarters: Sequence[date], tops: Sequence[float], rows: Sequence[ShareRow]) -> dict[str, object]:
    """The line between two bands, which is also what a pointer finds."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": CLASS_NAMES[rows[0].openness],
        "showlegend": False,
        "x": [*(day(on) for on in quarters), day(_next(quarters[-1]))],
        "y": [*(round(top, 2) for top in tops), round(tops[-1], 2)],
        "line": {"color": LIGHT["paper"], "width": 1.5, "dash": "solid", "shape": "hv"},
        "hovertext": [*(_hover(row) for row in rows), _hover(rows[-1])],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "meta": {"role": "edge"},
    }


def _hover(row: ShareRow) -> str:
    return f"{CLASS_NAMES[row.openness]}<br>{quarter(row.quarter)}: {share(row.share)} ({row.releases} of {row.of})"


def quarter(on: date) -> str:
    """As `2026 Q3`, by any day of it."""
    return f"{on.year} Q{(on.month + 2) // 3}"


def alt(rows: Sequence[ShareRow]) -> str:
    """Each class's share in the first quarter drawn and in the last."""
    quarters = _drawn(rows)
    first, last = quarters[0], quarters[-1]
    told = []
    for key, name in CLASS_NAMES.items():
        ends = [row for row in rows if row.openness == key and row.quarter in (first, last)]
        told.append(f"{name}: {share(ends[0].share)} in {quarter(first)}, {share(ends[-1].share)} in {quarter(last)}")
    of = next(row.of for row in rows if row.quarter == last)
    return f"{'; '.join(told)}. {of} releases count in {quarter(last)}."


CHART = Chart(
    __name__,
    title="How open releases are",
    subtitle="Share of each class of openness among the releases of a quarter",
    caption=(
        "Bottom to top: no weights (API or product only), weights under non-commercial or untold terms, under "
        "restricted terms, under a permissive licence, and releases that are an open model or more (rungs 5 to 8). "
        "Releases without a date, or of which nobody has said how they can be had, are left out; every release counts "
        "once, whatever its size; the newest quarter may not be over. Quarters with fewer than five releases stand in "
        "the table only."
    ),
    unit="% of releases",
    empty=EMPTY,
    rows=openness_history.share_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("quarter", "Quarter", quarter),
        Column("openness", "Class", lambda key: CLASS_NAMES[key]),
        Column("releases", "Releases", numeric=True),
        Column("of", "Of all", numeric=True),
        Column("share", "Share", share, numeric=True),
    ),
    newest_first=True,
)
