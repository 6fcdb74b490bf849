"""One quantity over time with its interval and a zero line: what the lag and the gap charts have in common."""

from collections.abc import Sequence

from tracker.charts.base import interval, number
from tracker.charts.theme import Figure, axis, band, blank, day, line, note, rule
from tracker.queries.gap import SeriesRow


def series(rows: Sequence[SeriesRow], *, y: str, unit: str, zero: str, empty: str) -> Figure:
    """The series in the figure; `zero` says what nothing means on this axis. A day without a value breaks the line."""
    drawn = blank(
        x=axis("Date", "date"), y=axis(y, rangemode="tozero"), empty="" if rows else empty, height=400, narrow=400
    )
    if not rows:
        return drawn
    for run in _runs(rows):
        drawn["data"].append(band("gap", [day(r.on) for r in run], [r.low for r in run], [r.high for r in run]))  # type: ignore[misc]
    shown = line(
        "gap",
        [day(row.on) for row in rows],
        [row.value for row in rows],
        name=y,
        hover=[_hover(row, unit) for row in rows],
        markers=False,
    )
    last = next((row for row in reversed(rows) if row.value is not None), None)
    if last is not None:
        shown["meta"]["end"] = f"{number(last.value)} {unit}"
    drawn["data"].append(shown)
    layout = drawn["layout"]
    layout["shapes"].append(rule(x0=0, x1=1, xref="paper", y0=0, y1=0, colour="axis", width=1.25))
    layout["annotations"].append(note(zero, x=0, xref="paper", y=0, yanchor="bottom", xshift=6, yshift=3, size=12))
    return drawn


def said(rows: Sequence[SeriesRow], unit: str) -> str:
    """The first, the last and the extreme values in words."""
    there = [row for row in rows if row.value is not None]
    if not there:
        return "No day of the window has a value."
    first, last = there[0], there[-1]
    high, low = max(there, key=lambda row: row.value or 0), min(there, key=lambda row: row.value or 0)
    known = interval(last.low, last.high)
    return (
        f"From {number(first.value)} {unit} on {first.on} to {number(last.value)} {unit} on {last.on}"
        f"{f' (90 % interval {known})' if known else ''}; highest {number(high.value)} on {high.on}, "
        f"lowest {number(low.value)} on {low.on}."
    )


def _runs(rows: Sequence[SeriesRow]) -> list[list[SeriesRow]]:
    """Stretches of days with an interval, so that a band never bridges a gap."""
    runs: list[list[SeriesRow]] = [[]]
    for row in rows:
        if row.value is None or row.low is None or row.high is None:
            runs.append([])
        else:
            runs[-1].append(row)
    return [run for run in runs if len(run) > 1]


def _hover(row: SeriesRow, unit: str) -> str:
    if row.value is None:
        return f"{row.on}<br>no value"
    known = interval(row.low, row.high)
    return f"{row.on}<br>{number(row.value)} {unit}{f' (90 % interval {known})' if known else ''}"
