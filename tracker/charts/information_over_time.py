"""What one item of a benchmark tells of ability at the closed frontier, month by month: of one benchmark, or of all."""

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from tracker.charts.base import Chart, Column, number, share
from tracker.charts.theme import LIGHT, Figure, Trace, axis, band, blank, day, line, note, plain, rule
from tracker.queries import benchmark_health
from tracker.queries.benchmark_health import NARROWING, SATURATED, HealthRow

EMPTY = "No month of a benchmark on the index has been computed in this run yet."
THOUSAND = 1000  # information is per squared index point: a thousandth of it is a readable number
NAMED = 6
LONGEST = 15
APART = 0.05  # of the height of the sheet
ROOM = 0.47  # of the time shown
AXIS = "Information per item (thousandths)"


def _by_benchmark(rows: Sequence[HealthRow]) -> Iterator[tuple[str, list[HealthRow]]]:
    known = [row for row in rows if row.information]
    for name, months in groupby(known, key=lambda row: row.benchmark):
        yield name, list(months)


def figure(rows: Sequence[HealthRow]) -> Figure:
    """Of one benchmark its months with a band and the thresholds of its states; of several all of them on a logarithmic
    axis, the NAMED live ones that tell most by name."""
    found = list(_by_benchmark(rows))
    if len(found) == 1:
        return _one(found[0][1])
    drawn = blank(
        x=axis("Month's end", "date"), y=axis(AXIS, "log"), empty="" if found else EMPTY, height=480, narrow=460
    )
    if not found:
        return drawn
    live = [(name, months) for name, months in found if months[-1].state == "live"]
    live.sort(key=lambda pair: -(pair[1][-1].information or 0.0))
    rest = [months for _, months in found if months[-1].state != "live"]
    drawn["data"].append(_bundle(rest, "Narrowing, saturated or retired today", LIGHT["axis"], "2px,2px"))
    drawn["data"].append(_bundle([months for _, months in live[NAMED:]], "Live today", LIGHT["muted"], "solid"))
    for name, months in live[:NAMED]:
        drawn["data"].append(_named(name, months))
    values = [math.log10(THOUSAND * row.information) for _, months in found for row in months if row.information]
    room = 0.05 * (max(values) - min(values) or 1.0)
    low, high = round(min(values) - room, 4), round(max(values) + room, 4)
    since, until = (limit(row.month for _, months in found for row in months) for limit in (min, max))
    drawn["layout"]["yaxis"]["range"] = [low, high]
    # Names stand behind the lines.
    drawn["layout"]["xaxis"]["range"] = [day(since), day(until + max(until - since, timedelta(days=90)) * ROOM)]
    drawn["layout"]["annotations"] += _names(live[:NAMED], low, high)
    return drawn


def _names(live: Sequence[tuple[str, list[HealthRow]]], low: float, high: float) -> list[dict[str, Any]]:
    """The names at the ends of their lines, no two closer than a line of text: from the top downwards."""
    said, below = [], 1.0
    for name, months in live:
        at = (math.log10(THOUSAND * (months[-1].information or 1.0)) - low) / (high - low)
        below = min(at, below) - APART
        short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"
        # The height of the sheet, not the value: Plotly counts annotations on a logarithmic axis in exponents.
        said.append(
            note(
                plain(short).replace(" ", "\N{NO-BREAK SPACE}"), x=day(months[-1].month), y=round(below + APART, 4),
                yref="paper", xshift=5, colour="ink", size=12,
            )
        )  # fmt: skip
    return said


def _bundle(many: Sequence[Sequence[HealthRow]], name: str, colour: str, dash: str) -> Trace:
    """Several benchmarks as one series of broken lines."""
    x: list[str | None] = []
    y: list[float | None] = []
    for months in many:
        x += [*(day(row.month) for row in months), None]
        y += [*(_thousandths(row.information) for row in months), None]
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": x, "y": y, "hoverinfo": "skip",
        "showlegend": False,
        "line": {"color": colour, "width": 1, "dash": dash}, "meta": {"role": "gap"},
    }  # fmt: skip


def _named(name: str, months: Sequence[HealthRow]) -> Trace:
    trace = line(
        "gap",
        [day(row.month) for row in months],
        [_thousandths(row.information) for row in months],
        name=plain(name),
        hover=[_hover(row) for row in months],
        markers=False,
    )
    trace["line"]["width"] = 1.75
    trace["showlegend"] = False
    return trace


def _one(months: Sequence[HealthRow]) -> Figure:
    last = months[-1]
    drawn = blank(x=axis("Month's end", "date"), y=axis(AXIS, rangemode="tozero"), height=420, narrow=420)
    sure = [row for row in months if row.low is not None and row.high is not None]
    if len(sure) > 1:
        low, high = ([_thousandths(row.low) or 0.0 for row in sure], [_thousandths(row.high) or 0.0 for row in sure])
        drawn["data"].append(band("gap", [day(row.month) for row in sure], low, high))
    shown = line(
        "gap",
        [day(row.month) for row in months],
        [_thousandths(row.information) for row in months],
        name="Information",
        hover=[_hover(row) for row in months],
        markers=False,
    )
    shown["meta"]["end"] = f"{number(_thousandths(last.information), 2)}"
    drawn["data"].append(shown)
    if last.information and last.share:
        peak = THOUSAND * last.information / last.share
        for part, words in ((NARROWING, "narrowing below"), (SATURATED, "saturated below")):
            at = round(part * peak, 4)
            drawn["layout"]["shapes"].append(
                rule(x0=0, x1=1, xref="paper", y0=at, y1=at, dash="dot", colour="muted", layer="below")
            )
            drawn["layout"]["annotations"].append(
                note(words, x=0, xref="paper", y=at, yanchor="bottom", xshift=6, yshift=2, size=12)
            )
    return drawn


def _thousandths(value: float | None) -> float | None:
    return None if value is None else round(THOUSAND * value, 5)


def _hover(row: HealthRow) -> str:
    return (
        f"{plain(row.benchmark)}, {row.month}<br>{number(_thousandths(row.information), 2)} per item, "
        f"{share(row.share)} of its peak<br>expected of the best closed model: {share(row.predicted)}<br>{row.state}"
    )


def alt(rows: Sequence[HealthRow]) -> str:
    """Of one benchmark its share of the peak in its first and its last month; of several the three that tell most
    today, and the three that tell least."""
    found = list(_by_benchmark(rows))
    if not found:
        return EMPTY
    if len(found) == 1:
        months = found[0][1]
        first, last = months[0], months[-1]
        return (
            f"{last.benchmark}: {share(first.share)} of its peak information in {first.month:%B %Y}, "
            f"{share(last.share)} in {last.month:%B %Y}; {last.state}."
        )
    ends = sorted((months[-1] for _, months in found), key=lambda row: -(row.information or 0.0))
    told = ", ".join(f"{row.benchmark} {number(_thousandths(row.information), 2)}" for row in ends[:3])
    least = ", ".join(f"{row.benchmark} {number(_thousandths(row.information), 3)}" for row in ends[-3:])
    return f"Information per item today, in thousandths: most in {told}; least in {least}."


def _small(value: float | None) -> str:
    return number(value, 6)


CHART = Chart(
    __name__,
    title="What it still tells of the frontier",
    subtitle="Information of one item about ability at the best closed model of each month's end",
    caption=(
        "Slope² p (1 − p), p being the score that the index expects of the best closed model: highest when that model "
        "solves half, next to nothing when it solves nearly all or nearly none. Curves and abilities are those of this "
        "run; months differ by which models had been released. Twice as much information needs half as many items for "
        "the same certainty. Of one benchmark the band is the central 90 % of the run's draws; of all of them the six "
        "that tell most today are named, thin lines are the other live ones, dotted lines all others, at the ends of "
        "quarters."
    ),
    unit="thousandths per squared index point",
    empty=EMPTY,
    rows=benchmark_health.health_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("benchmark", "Benchmark", link=lambda row: f"/benchmarks/{row.slug}/"),
        Column("month", "Month's end"),
        Column("state", "State"),
        Column("information", "Information per item", _small, numeric=True),
        Column("low", "Low (5 %)", _small, numeric=True),
        Column("high", "High (95 %)", _small, numeric=True),
        Column("share", "Of its peak", share, numeric=True),
        Column("predicted", "Expected of the best closed", share, numeric=True),
        Column("resolution", "All items resolve (points)", number, numeric=True),
        Column("alike", "Top five alike", lambda value: number(value, 2), numeric=True),
        Column("headroom", "Headroom", share, numeric=True),
        Column("best", "Best score", share, numeric=True),
        Column("models", "Models", numeric=True),
    ),
    newest_first=True,
)
