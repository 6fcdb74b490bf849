"""What a model costs against how able it is, with the best that each price buys, open and closed."""

import math
from collections.abc import Sequence

from tracker.charts.base import Chart, Column, interval, number
from tracker.charts.theme import ROLES, Figure, axis, blank, dots, line, plain
from tracker.queries import prices
from tracker.queries.prices import PriceRow

EMPTY = "No model with a place on the index has a price that this run knows of."
SIDES = ("closed", "open")


def dollars(value: float | None) -> str:
    """A price in dollars with as many decimals as tell it from nothing."""
    if value is None:
        return ""
    return f"${value:.2f}" if value >= 0.1 else f"${value:.3f}"


def figure(rows: Sequence[PriceRow]) -> Figure:
    """The models with a place on the index, and on each side the best that a price buys, carried on to the dearest
    price."""
    rows = [row for row in rows if row.value is not None]
    drawn = blank(
        x=axis("Dollars per million tokens (3 input : 1 output)", "log", tickprefix="$"),
        y=axis("Capability index"),
        empty="" if rows else EMPTY,
        height=520,
        narrow=480,
    )
    if not rows:
        return drawn
    most = max(row.blend for row in rows)
    for side in SIDES:
        rest = [row for row in rows if row.side == side and not row.pareto_of_side]
        if rest:
            drawn["data"].append(
                dots(
                    side,
                    [row.blend for row in rest],
                    [round(row.value or 0.0, 2) for row in rest],
                    name=f"Other {ROLES[side].name.lower()}",
                    hover=[_hover(row) for row in rest],
                )
            )
    for side in SIDES:
        best = sorted((row for row in rows if row.side == side and row.pareto_of_side), key=lambda row: row.blend)
        if best:
            shown = line(
                side,
                # The best that a price buys stays the best for whoever would pay more.
                [*(row.blend for row in best), most],
                [*(round(row.value or 0.0, 2) for row in best), round(best[-1].value or 0.0, 2)],
                text=[*(plain(row.model) for row in best), ""],
                hover=[*(_hover(row) for row in best), f"Still {plain(best[-1].model)}"],
                steps=True,
            )
            shown["marker"] |= {"size": [*(8 for _ in best), 0], "opacity": 1, "line": {"width": 0}}
            shown["meta"]["end"] = number(best[-1].value)
            drawn["data"].append(shown)
    low, high = math.log10(min(row.blend for row in rows)), math.log10(most)
    room = 0.03 * (high - low or 1.0)
    drawn["layout"]["xaxis"]["range"] = [round(low - room, 4), round(high, 4) if high > low else round(high + room, 4)]
    # The frontiers in full: one very weak model must not squeeze what is worth a look.
    edges = [row.value for row in rows if row.pareto_of_side and row.value is not None]
    if edges:
        span = max(edges) - min(edges) or 10.0
        drawn["layout"]["yaxis"]["range"] = [round(min(edges) - 0.1 * span, 2), round(max(edges) + 0.06 * span, 2)]
    return drawn


def _hover(row: PriceRow) -> str:
    known = interval(row.low, row.high)
    return (
        f"{plain(row.model)}, {plain(row.lab)}<br>{dollars(row.blend)} at {plain(row.host)}<br>"
        f"index {number(row.value)}{f' (90 % interval {known})' if known else ''}"
    )


def alt(rows: Sequence[PriceRow]) -> str:
    """From the cheapest to the ablest model on each side's line, with index and price."""
    told = []
    for side in ("open", "closed"):
        best = sorted((row for row in rows if row.side == side and row.pareto_of_side), key=lambda row: row.blend)
        if best:
            cheap, able = best[0], best[-1]
            told.append(
                f"{ROLES[side].name}: from {cheap.model} (index {number(cheap.value)}) for {dollars(cheap.blend)} to "
                f"{able.model} (index {number(able.value)}) for {dollars(able.blend)} per million tokens"
            )
    return f"{len(rows)} models. {'; '.join(told)}." if told else f"{len(rows)} models, none on a frontier."


CHART = Chart(
    __name__,
    title="What capability costs",
    subtitle="Each model at its cheapest offer in force; the lines are the best that each price buys",
    caption=(
        "Price: three parts input to one of output tokens, before caching and batches; the cheapest host of those "
        "whose prices we may show, free tiers left out. A model stands on its side’s line when no other of that side "
        "is at least as able for less, or abler for no more. Capability is this run’s index, with the intervals in the "
        "table; models far below the lines may lie off the sheet. Each maker counts tokens its own way, and a model "
        "that thinks longer uses more of them: a price a token is not a price a task."
    ),
    unit="US dollars per million tokens, index points",
    empty=EMPTY,
    rows=prices.placed_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("model", "Model", link=lambda row: f"/models/{row.slug}/"),
        Column("lab", "Lab", link=lambda row: f"/labs/{row.lab_slug}/"),
        Column("side", "Weights"),
        Column("value", "Index", number, numeric=True),
        Column("low", "Low (5 %)", number, numeric=True),
        Column("high", "High (95 %)", number, numeric=True),
        Column("blend", "Blended price", dollars, numeric=True, link=lambda row: f"/facts/price/{row.fact}/"),
        Column("input", "Input", dollars, numeric=True),
        Column("output", "Output", dollars, numeric=True),
        Column("host", "Host"),
        Column("pareto", "Best for its price"),
        Column("pareto_of_side", "On its side"),
    ),
)
