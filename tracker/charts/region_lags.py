"""How far each region's open models trail the closed ones of everywhere: a dot and a whisker for each region."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column, interval, number, share
from tracker.charts.rows import Line, lines
from tracker.charts.theme import Figure, plain
from tracker.queries import regions
from tracker.queries.regions import NAMES, RegionRow

EMPTY = "No region has open models that were measured enough to tell how far they trail."


def _told(rows: Sequence[RegionRow]) -> list[RegionRow]:
    return [row for row in rows if row.lag is not None]


def _name(row: RegionRow) -> str:
    return NAMES.get(row.region, row.region)


def _words(row: RegionRow) -> str:
    known = interval(row.low, row.high)
    return f"{number(row.lag)} months{f' ({known})' if known else ''}"


def figure(rows: Sequence[RegionRow]) -> Figure:
    """The regions whose lag is told, the nearest first."""
    return lines(
        [
            Line(
                _name(row), row.lag, row.low, row.high,
                f"{_words(row)}{f', best: {row.best_open}' if row.best_open else ''}",
                f"{_name(row)}<br>{_words(row)}<br>{row.open_models} open models measured"
                + (f"<br>Best open: {plain(row.best_open)}" if row.best_open else ""),
            )
            for row in sorted(_told(rows), key=lambda row: row.lag or 0.0)
        ],
        x="Months behind (90 % interval)",
        role="open",
        empty=EMPTY,
    )  # fmt: skip


def alt(rows: Sequence[RegionRow]) -> str:
    """Each region's lag, and which regions have none."""
    told = [f"{_name(row)}: {_words(row)}" for row in _told(rows)]
    untold = [_name(row) for row in rows if row.lag is None]
    return (f"{'; '.join(told)}." + (f" Not told: {', '.join(untold)}." if untold else "")) if told else EMPTY


CHART = Chart(
    __name__,
    title="How far each region’s open models trail",
    subtitle="Months by which a closed model of any region had reached the level of the region’s open ones earlier",
    caption=(
        "The same measure as on the front page (L1, the last year), asked of the open models of one region at a time "
        "and held against the closed models of everywhere. The bar is the 90 % interval. A region whose open models "
        "do not tell it is not drawn; the table says why."
    ),
    unit="months",
    empty=EMPTY,
    rows=regions.chart_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("region", "Region", lambda value: NAMES.get(value, value)),
        Column("lag", "Lag", number, numeric=True),
        Column("low", "Low (5 %)", number, numeric=True),
        Column("high", "High (95 %)", number, numeric=True),
        Column("open_models", "Open models measured", numeric=True),
        Column(
            "best_open", "Best open model",
            link=lambda row: f"/models/{row.best_open_slug}/" if row.best_open_slug else None,
        ),
        Column("share", "Releases with weights", share, numeric=True),
        Column("lag_note", "Note"),
    ),
)  # fmt: skip
