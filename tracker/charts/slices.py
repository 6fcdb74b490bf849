"""The lag slice by slice: kinds of benchmarks, access to them, meanings of "open", regions, size."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, interval, number
from tracker.charts.rows import Line, lines
from tracker.charts.theme import Figure
from tracker.queries import gap_parts
from tracker.queries.gap_parts import SliceRow

EMPTY = "No slice has been computed yet."
GROUPS = {
    "all": "Everything",
    "category": "Kind of benchmark",
    "access": "Who can read the questions",
    "open": "Meaning of “open”",
    "effort": "Effort rule",
    "region": "Region of the open lab",
    "size": "Size of the open model",
}
NAMES = {
    "all": "All benchmarks", "non-public": "Semi-private and private", "weights": "Weights can be downloaded",
    "commercial": "Commercial use without asking", "osi": "OSI-approved licence", "osaid": "OSAID 1.0",
    "default": "Default effort only", "us": "United States", "china": "China", "europe": "Europe",
    "other": "Elsewhere", "consumer-gpu": "Fits one consumer GPU (up to 40 billion parameters)",
}  # fmt: skip


def named(row: SliceRow) -> str:
    """What readers call the part."""
    return NAMES.get(row.name, row.name.capitalize().replace("-", " "))


def figure(rows: Sequence[SliceRow]) -> Figure:
    """The parts that have an answer, under the heading of their group."""
    shown: list[Line] = []
    before = ""
    for row in rows:
        if row.lag is None:
            continue
        known = interval(row.low, row.high).replace(" ", "\N{NO-BREAK SPACE}")
        words = f"{number(row.lag)}\N{NO-BREAK SPACE}months{f' ({known})' if known else ''}"
        hover = f"{named(row)}<br>{words}<br>{row.open_models} open, {row.closed_models} closed models"
        group = GROUPS[row.group] if row.group != before and row.group != "all" else ""
        shown.append(Line(named(row), row.lag, row.low, row.high, words, hover, group))
        before = row.group
    return lines(shown, x="Months behind: backward lag (L1), 90 % interval", role="gap", empty=EMPTY)


def alt(rows: Sequence[SliceRow]) -> str:
    """Each part's lag, and the parts of which the data do not tell."""
    told = "; ".join(f"{named(row)} {number(row.lag)} months" for row in rows if row.lag is not None)
    none = ", ".join(named(row) for row in rows if row.lag is None)
    return f"{told}." + (f" The data do not tell: {none}." if none else "")


CHART = Chart(
    __name__,
    title="Where the gap is wide",
    subtitle="The same definition (backward lag, L1) on parts of the data",
    caption=(
        "Each mark is the mean lag of the last twelve months in one part, the bar its 90 % interval (cut at the edge "
        "where it is far longer than the rest). Region and size narrow the open side only: the closed frontier is one. "
        "Parts without an answer are in the table."
    ),
    unit="months",
    empty=EMPTY,
    rows=gap_parts.slice_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("name", "Part", lambda name: NAMES.get(name, name.capitalize().replace("-", " "))),
        Column("group", "Cut by", lambda group: GROUPS[group]),
        Column("lag", "Backward lag (L1)", number, numeric=True),
        Column("low", "Low (5 %)", number, numeric=True),
        Column("high", "High (95 %)", number, numeric=True),
        Column("matching", "Time to match (L3)", number, numeric=True),
        Column("catch_up", "Median catch-up (L7)", number, numeric=True),
        Column("points", "Points behind (L8)", number, numeric=True),
        Column("open_models", "Open models", numeric=True),
        Column("closed_models", "Closed models", numeric=True),
        Column("best_open", "Best open model"),
        Column("reason", "Why there is no answer"),
    ),
)
