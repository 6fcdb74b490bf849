"""Each lab's models on questions they cannot have seen, minus those they can: one mark and interval a lab and meter."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, interval, number
from tracker.charts.rows import Line, lines
from tracker.charts.theme import Figure, plain
from tracker.queries import lab_meters
from tracker.queries.lab_meters import EVERYONE, METERS, MeterRow

KEEP = "\N{NO-BREAK SPACE}"
EMPTY = "No lab has models with enough scores on both kinds of benchmark in this run yet."


def p_value(value: float | None) -> str:
    """A p-value: how small is of no interest below a thousandth."""
    return "" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def parted(*parts: str) -> str:
    """The parts that there are, to be broken between them only."""
    return " · ".join(part.replace(" ", KEEP) for part in parts if part)


def _worded(row: MeterRow) -> str:
    points = f"{number(row.value)} points ({interval(row.low, row.high)})"
    many = f"{row.models} model{'' if row.models == 1 else 's'}"
    return parted(points, many, row.verdict)


def figure(rows: Sequence[MeterRow]) -> Figure:
    """A mark with its 90 % interval for each lab, in index points, one meter after the other."""
    shown: list[Line] = []
    before = ""
    for row in rows:
        hover = f"{plain(row.lab)}<br>{_worded(row)}<br>{row.unseen} benchmarks unseen, {row.seen} seen"
        group = METERS[row.meter] if row.meter != before else ""
        shown.append(Line(row.lab, row.value, row.low, row.high, _worded(row), hover, group))
        before = row.meter
    return lines(shown, x="Index points (90 % interval)", role="gap", empty=EMPTY)


def alt(rows: Sequence[MeterRow]) -> str:
    """Which labs the tests tell apart from nothing, of how many tests, and the mean over all labs under each meter."""
    if not rows:
        return EMPTY
    found = [row for row in rows if row.verdict in ("lower", "higher")]
    tested = sum(row.corrected is not None for row in rows)
    told = "; ".join(
        f"{row.lab} {row.verdict} by {number(abs(row.value))} points ({METERS[row.meter]})" for row in found
    )
    said = told or "no lab's difference can be told from nothing"
    every = "; ".join(f"{METERS[row.meter]}: {number(row.value)} points" for row in rows if row.lab == EVERYONE)
    return f"Of {tested} tests, corrected by Holm's procedure: {said}. Over all labs: {every}."


CHART = Chart(
    __name__,
    title="Better on questions they can have seen?",
    subtitle="Mean over each lab's models: index on unseen minus index on seen benchmarks",
    caption=(
        "Left of the line a lab's models do worse where they cannot have seen the questions, which is what training to "
        "the test looks like; so does being weak at what private benchmarks happen to ask. “Not resolvable”: after "
        "correcting for all tests (Holm, 5 %) the difference cannot be told from nothing, even where the interval, "
        "which is not corrected, leaves the line. Labs with fewer than three models are shown and not tested."
    ),
    unit="index points",
    empty=EMPTY,
    rows=lab_meters.meter_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("lab", "Lab"),
        Column("meter", "Meter", lambda meter: METERS[meter]),
        Column("models", "Models", numeric=True),
        Column("unseen", "Benchmarks unseen", numeric=True),
        Column("seen", "Benchmarks seen", numeric=True),
        Column("value", "Difference", number, numeric=True),
        Column("low", "Low (5 %)", number, numeric=True),
        Column("high", "High (95 %)", number, numeric=True),
        Column("chance", "p alone", p_value, numeric=True),
        Column("corrected", "p corrected (Holm)", p_value, numeric=True),
        Column("verdict", "Verdict"),
    ),
)
