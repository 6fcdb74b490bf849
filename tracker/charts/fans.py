"""A measured series and the forecasts that fan out of its end: what the charts of forecasts have in common."""

from collections.abc import Sequence

from tracker.charts.base import Column, interval, number, text
from tracker.charts.theme import LIGHT, Figure, axis, band, blank, day, dots, line, rule
from tracker.queries.forecasts import FanRow, Method

EMPTY = "No run has measured this figure over time yet."
KINDS = {"measured": "measured", "forecast": "forecast", "came": "what came"}
CAPTION = (
    "The solid line is what today's index says of every month, with the models released by then. The latest "
    "registered forecasts start where the data end: dashed with its 90 % band persistence, the peer, which says that "
    "nothing moves but as it has moved; dotted the straight line through the last twelve months. A diamond is what "
    "came on a day that has been scored."
)
COLUMNS = (
    Column("on", "Day"),
    Column("kind", "Kind", lambda kind: KINDS.get(kind, kind)),
    Column("method", "Method"),
    Column("made_on", "Made on", text),
    Column("value", "Value", number, numeric=True),
    Column("low", "Low (5 %)", number, numeric=True),
    Column("high", "High (95 %)", number, numeric=True),
)


def fan(rows: Sequence[FanRow], *, y: str, unit: str) -> Figure:
    """The figure: measured, then one line a method, then what came."""
    measured = [row for row in rows if row.kind == "measured"]
    drawn = blank(
        x=axis("Date", "date"),
        y=axis(y, rangemode="tozero"),
        empty="" if measured else EMPTY,
        height=400,
        narrow=420,
    )
    if not measured:
        return drawn
    last = measured[-1]
    for method in Method:
        said = [row for row in rows if row.kind == "forecast" and row.method == method.value]
        if said:
            drawn["data"] += _method(last, said, method, unit)
    shown = line(
        "gap",
        [day(row.on) for row in measured],
        [row.value for row in measured],
        name="Measured",
        hover=[f"{row.on}<br>{number(row.value)} {unit}" for row in measured],
        markers=False,
    )
    drawn["data"].append(shown)
    came = [row for row in rows if row.kind == "came" and row.value is not None]
    if came:
        hover = [f"{row.on}<br>{number(row.value)} {unit} came" for row in came]
        points = [row.value for row in came if row.value is not None]
        drawn["data"].append(
            dots(
                "gap",
                [day(row.on) for row in came],
                points,
                name="What came",
                hover=hover,
                size=9,
                opacity=1,
                legend=True,
            )
        )
    drawn["layout"]["shapes"].append(rule(x0=0, x1=1, xref="paper", y0=0, y1=0, colour="axis", width=1.25))
    return drawn


def _method(last: FanRow, said: Sequence[FanRow], method: Method, unit: str) -> list[Figure]:
    start = FanRow("forecast", method.value, None, last.on, last.value, last.value, last.value)
    there = [start, *(row for row in said if row.value is not None)]
    hover = [""] + [
        f"{row.on}, made {row.made_on}<br>{number(row.value)} {unit} (90 % interval {interval(row.low, row.high)})"
        for row in there[1:]
    ]
    shown = line(
        "gap", [day(row.on) for row in there], [row.value for row in there], name=method.value.title(), hover=hover,
        markers=False,
    )  # fmt: skip
    peer = method is Method.PERSISTENCE
    shown["line"] |= {"dash": "dash" if peer else "dot", "width": 2}
    if not peer:
        shown["line"]["color"] = LIGHT["muted"]
        return [shown]
    edges = [(day(row.on), row.low, row.high) for row in there if row.low is not None and row.high is not None]
    return [band("gap", [at for at, _, _ in edges], [low for _, low, _ in edges], [top for _, _, top in edges]), shown]


def said(rows: Sequence[FanRow], unit: str) -> str:
    """The last measured value and the furthest forecasts in words."""
    measured = [row for row in rows if row.kind == "measured"]
    if not measured:
        return EMPTY
    words = [f"{number(measured[-1].value)} {unit} on {measured[-1].on}."]
    for method in Method:
        own = [row for row in rows if row.kind == "forecast" and row.method == method.value]
        if own:
            far = own[-1]
            words.append(
                f"{method.value.title()}, made {far.made_on}, says {number(far.value)} for {far.on} "
                f"(90 % interval {interval(far.low, far.high)})."
            )
    if len(words) == 1:
        words.append("Nothing has been forecast yet.")
    came = [row for row in rows if row.kind == "came"]
    return " ".join([*words, *([f"{len(came)} forecast days have come."] if came else [])])
