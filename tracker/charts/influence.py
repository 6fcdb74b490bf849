"""What one benchmark does to the headline: the lag with all benchmarks, and without each in turn."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, number
from tracker.charts.theme import LIGHT, ROLES, Figure, axis, blank, note, plain, rule
from tracker.queries import gap
from tracker.queries.gap import InfluenceRow

EMPTY = "Benchmarks are left out one by one for the default question of today's run only."
LEAD = "L1"
MOST = 12
LINE = 40


def _shown(rows: Sequence[InfluenceRow]) -> list[InfluenceRow]:
    return [row for row in rows if row.estimator == LEAD and row.without is not None][:MOST]


def figure(rows: Sequence[InfluenceRow]) -> Figure:
    """L1 with all benchmarks, and how far leaving each out moves it: the first MOST of the rows, which begin with the
    most influential."""
    shown = _shown(rows)
    tall = 90 + LINE * max(len(shown), 4)
    drawn = blank(
        x=axis("Months behind (L1) without the benchmark"),
        y=axis("", showgrid=False, showticklabels=False, range=[len(shown) - 0.4, -0.9]),
        empty="" if shown else EMPTY,
        height=tall,
        narrow=tall + 16 * len(shown),
    )
    if not shown:
        return drawn
    value = shown[0].value
    layout = drawn["layout"]
    ends = [row.without or 0.0 for row in shown]
    low, high = min(value, *ends), max(value, *ends)
    room = max(0.08 * (high - low), 0.1)
    layout["xaxis"]["range"] = [round(low - room, 2), round(high + room, 2)]
    layout["shapes"].append({**rule(x0=value, x1=value, y0=0, y1=1, yref="paper", colour="ink", dash="dot")})
    colour = LIGHT[ROLES["gap"].colour]
    x: list[float | None] = []
    y: list[float | None] = []
    for nth, end in enumerate(ends):
        x += [value, end, None]
        y += [nth, nth, None]
    drawn["data"].append(
        {
            "type": "scatter", "mode": "lines", "name": "Change", "showlegend": False, "x": x, "y": y,
            "line": {"color": colour, "width": 2}, "hoverinfo": "skip", "meta": {"role": "gap"},
        }
    )  # fmt: skip
    drawn["data"].append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Without it",
            "showlegend": False,
            "x": ends,
            "y": list(range(len(ends))),
            "marker": {"color": colour, "size": 9, "symbol": ROLES["gap"].symbol},
            "hovertext": [_worded(row) for row in shown],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "meta": {"role": "gap", "halo": True},
        }
    )
    for nth, row in enumerate(shown):
        layout["annotations"].append(
            note(_worded(row), x=0, xref="paper", y=nth, yanchor="bottom", yshift=6, xshift=2, colour="ink", size=12.5)
        )
    return drawn


def _worded(row: InfluenceRow) -> str:
    change = row.change or 0.0
    sign = "+" if round(change, 1) > 0 else ""
    months = f"{number(row.without)} months ({sign}{number(change)})".replace(" ", "\N{NO-BREAK SPACE}")
    return f"{plain(row.benchmark)}\N{NO-BREAK SPACE}· {months}"


def alt(rows: Sequence[InfluenceRow]) -> str:
    """L1 with all benchmarks, and without each of the six that move it most."""
    shown = _shown(rows)
    if not shown:
        return EMPTY
    told = "; ".join(f"without {row.benchmark} {number(row.without)}" for row in shown[:6])
    return f"With all benchmarks the lag (L1) is {number(shown[0].value)} months; {told}."


CHART = Chart(
    __name__,
    title="Without one benchmark",
    subtitle=f"The headline (L1) with each benchmark left out in turn: the {MOST} that move it most",
    caption=(
        "The dotted line is the lag with all benchmarks; each mark is the lag when the index is fitted without the one "
        "that is named. No single benchmark should carry the answer. All benchmarks and the other estimators are in "
        "the table."
    ),
    unit="months",
    empty=EMPTY,
    rows=gap.influence_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("benchmark", "Left out"),
        Column("estimator", "Estimator"),
        Column("value", "With all", number, numeric=True),
        Column("without", "Without it", number, numeric=True),
        Column("change", "Change", number, numeric=True),
    ),
)
