"""The specification curve: the lag under every reasonable definition, the shortest first, with the choices below."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, number
from tracker.charts.theme import LIGHT, ROLES, Figure, axis, blank, note, rule
from tracker.queries import gap_parts
from tracker.queries.gap_parts import CHOICES, LEVELS, LONG, DefinitionRow

EMPTY = "The definitions have not been compared yet."
# The matrix has so many columns; each stands for as many neighbours on the curve as fall into it.
BINS = 40
SIZES = (2.5, 4.5, 6.5)  # of a dot: some, many, most of a column's definitions
ROW = 17  # pixels
# What the rows are called where there is little room beside them.
SHORT = {
    "L1 backward lag": "L1 backward",
    "L3 mean horizontal distance": "L3 horizontal",
    "L4 threshold clock": "L4 thresholds",
    "L5 per-record lag": "L5 per record",
    "L6 trend-line lag": "L6 trend lines",
    "L7 catch-up survival": "L7 survival",
}
CURVE = 340


def figure(rows: Sequence[DefinitionRow]) -> Figure:
    """Every definition's months by its rank, and under the curve, in BINS columns, how often each choice was made
    there."""
    levels = [
        (choice, level, name)
        for choice in CHOICES
        for level, name in LEVELS[choice].items()
        if any(getattr(row, choice) == level for row in rows)
    ]
    heads = [choice for choice in CHOICES if any(found == choice for found, _, _ in levels)]
    tall = CURVE + ROW * (len(levels) + len(heads)) + 90
    drawn = blank(
        x=axis("Definitions, sorted", showticklabels=False),
        y=axis("Months behind (90 % interval)"),
        empty="" if rows else EMPTY,
        height=tall if rows else 400,
        narrow=tall if rows else 400,
    )
    if not rows:
        return drawn
    places = [row.place for row in rows]
    low, high = _range(rows)
    step = (high - low) / CURVE * ROW  # months that one line of the matrix is high
    _curve(drawn, rows, low, high)
    ticks = [at for at in range(-120, 121, _spacing(high - low)) if low <= at <= high]
    values, words, y = [float(at) for at in ticks], [str(at).replace("-", "−") for at in ticks], low - 0.4 * step
    for choice in heads:
        y -= step
        drawn["layout"]["annotations"].append(
            note(CHOICES[choice], x=0, xref="paper", y=round(y, 3), xshift=2, colour="ink", size=12)
        )
        for _, level, name in (one for one in levels if one[0] == choice):
            y -= step
            values.append(round(y, 3))
            words.append(SHORT.get(name, name))
            _dots(drawn, rows, choice, level, round(y, 3))
    layout = drawn["layout"]
    layout["yaxis"] |= {"range": [round(y - step, 3), round(high, 3)], "tickvals": values, "ticktext": words}
    layout["xaxis"] |= {"range": [0, len(rows) + 1], "showline": False, "ticks": ""}
    layout["shapes"].append(rule(x0=0, x1=1, xref="paper", y0=LONG, y1=LONG, colour="ink", width=1.25, dash="dot"))
    longer = sum(place > LONG for place in places)
    said = note(f"{LONG:.0f} months", x=0, xref="paper", y=LONG, yanchor="bottom", xshift=4, yshift=2, colour="ink")
    layout["annotations"].append(said)
    if 0 < longer < len(rows):
        at = len(rows) - longer + 0.5
        layout["shapes"].append({**rule(x0=at, x1=at, y0=low, y1=LONG, colour="ink", width=1, dash="dot")})
    return drawn


def _spacing(span: float) -> int:
    return next(step for step in (2, 3, 6, 12, 24, 60, 120) if span / step <= 8 or step == 120)


def _range(rows: Sequence[DefinitionRow]) -> tuple[float, float]:
    """All values in full, the longest whiskers cut: one of years would press the rest into a line."""
    places = sorted(row.place for row in rows)
    middle = places[len(places) // 10], places[-1 - len(places) // 10]
    room = max(middle[1] - middle[0], 2.0)
    edges = [edge for row in rows for edge in (row.low, row.high) if edge is not None]
    low = max(min([places[0], *edges]), min(places[0], middle[0] - 1.2 * room))
    high = min(max([places[-1], *edges]), max(places[-1], middle[1] + 1.2 * room))
    return min(low, 0.0) - 0.3, max(high, LONG) + 0.5


def _curve(drawn: Figure, rows: Sequence[DefinitionRow], low: float, high: float) -> None:
    colour = LIGHT[ROLES["gap"].colour]
    whiskers = [row for row in rows if row.low is not None and row.high is not None]
    x: list[float | None] = []
    y: list[float | None] = []
    for row in whiskers:
        ends = (min(max(edge, low), high) for edge in (row.low or 0.0, row.high or 0.0))
        x += [row.rank, row.rank, None]
        y += [*(round(end, 1) for end in ends), None]
    if x:
        drawn["data"].append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "90 % intervals",
                "showlegend": False,
                "x": x,
                "y": y,
                "line": {"color": LIGHT["grid"], "width": 1.5},
                "hoverinfo": "skip",
                "meta": {"role": "gap"},
            }
        )
    for name, symbol, some in (
        ("An answer", "circle", [row for row in rows if row.value is not None]),
        ("More than this: most is still unmatched", "line-ns-open", [row for row in rows if row.value is None]),
    ):
        if some:
            drawn["data"].append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": name,
                    "showlegend": symbol != "circle",
                    "x": [row.rank for row in some],
                    "y": [round(row.place, 2) for row in some],
                    "marker": {"color": colour, "size": 3 if symbol == "circle" else 9, "symbol": symbol},
                    "hovertext": [_hover(row) for row in some],
                    "hovertemplate": "%{hovertext}<extra></extra>",
                    "meta": {"role": "dots-gap"},
                }
            )


def _dots(drawn: Figure, rows: Sequence[DefinitionRow], choice: str, level: str, y: float) -> None:
    """One line of the matrix: per column a dot the larger, the more of its definitions make this choice."""
    size = max(1.0, len(rows) / BINS)
    sizes: dict[float, list[float]] = {}
    for nth in range(min(BINS, len(rows))):
        column = rows[int(nth * size) : int((nth + 1) * size)]
        part = sum(getattr(row, choice) == level for row in column) / len(column)
        if part:
            dot = SIZES[0] if part < 1 / 6 else SIZES[1] if part < 1 / 2 else SIZES[2]
            sizes.setdefault(dot, []).append(round(sum(row.rank for row in column) / len(column), 1))
    for dot, x in sorted(sizes.items()):
        drawn["data"].append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": LEVELS[choice][level],
                "showlegend": False,
                "x": x,
                "y": [y] * len(x),
                "marker": {"color": LIGHT["muted"], "size": dot, "symbol": "circle"},
                "hoverinfo": "skip",
                "meta": {"role": "dots-gap"},
            }
        )


def _hover(row: DefinitionRow) -> str:
    choices = ", ".join(LEVELS[choice][getattr(row, choice)] for choice in CHOICES)
    value = f"{number(row.value)} months" if row.value is not None else f"more than {number(row.at_least)} months"
    return f"{value}<br>{choices}"


def alt(rows: Sequence[DefinitionRow]) -> str:
    """The share of definitions that say more than LONG months; the shortest, the middle and the longest. The rows are
    sorted."""
    told = [row for row in rows if row.value is not None or row.place >= LONG]
    longer = sum(row.place > LONG if row.value is not None else True for row in told)
    middle = sorted(row.place for row in rows)[len(rows) // 2]
    return (
        f"{100 * longer / max(len(told), 1):.0f} % of {len(told)} definitions say more than {LONG:.0f} months. "
        f"The shortest says {number(rows[0].place)}, the middle one {number(middle)}, "
        f"the longest {number(rows[-1].place)} months."
    )


CHART = Chart(
    __name__,
    title="Every reasonable definition at once",
    subtitle="Estimators, benchmarks, meanings of “open”, effort rules and tolerance in all combinations",
    caption=(
        "Each point above is one definition's answer with its 90 % interval (the longest are cut at the edge), sorted. "
        "Below each stretch of the curve the dots tell which choices were made there: the larger, the more of its "
        "definitions make that choice. A row whose dots crowd to the right makes the lag longer."
    ),
    unit="months",
    empty=EMPTY,
    rows=gap_parts.definition_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("rank", "Rank", numeric=True),
        Column("estimator", "Estimator"),
        Column("scope", "Benchmarks"),
        Column("open_means", "“Open”"),
        Column("effort", "Effort"),
        Column("tolerance", "Tolerance"),
        Column("value", "Months behind", number, numeric=True),
        Column("low", "Low (5 %)", number, numeric=True),
        Column("high", "High (95 %)", number, numeric=True),
        Column("at_least", "More than", number, numeric=True),
    ),
)
