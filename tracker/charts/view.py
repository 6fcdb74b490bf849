"""A chart as a page shows it: drawn at both widths, with the first rows of its table, its downloads and its source."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.charts.base import Cell, Chart, Column, Rows
from tracker.charts.drawing import Heading, png, svg
from tracker.charts.theme import Figure

FIRST_ROWS = 12


@dataclass(frozen=True, slots=True)
class View:
    """What _figure.html needs. `link` is the page's own address with the chart's name behind the #."""

    slug: str
    title: str
    subtitle: str
    caption: str
    unit: str
    description: str
    wide: str
    narrow: str
    columns: tuple[Column, ...]
    rows: tuple[list[Cell], ...]
    total: int
    csv: str
    json: str
    svg: str
    png: str
    table: str
    link: str
    source: str
    source_url: str
    as_of: date | None


def view(
    chart: Chart,
    rows: Rows,
    *,
    address: str,
    query: str = "",
    page: str = "",
    source: str,
    source_url: str = "",
    as_of: date | None = None,
    title: str = "",
    figure: Figure | None = None,
    **options: Any,
) -> View:
    """The chart over these rows. Its formats are `address` + suffix + query; `options` go to the chart's figure."""
    drawn = chart.figure(rows, **options) if figure is None else figure
    named, told = title or chart.title, chart.describe(rows)
    behind = f"?{query}" if query else ""
    return View(
        slug=chart.slug,
        title=named,
        subtitle=chart.subtitle,
        caption=chart.caption,
        unit=chart.unit,
        description=told,
        wide=svg(drawn, title=named, description=told),
        narrow=svg(drawn, title=named, description=told, variant="narrow"),
        columns=chart.columns,
        rows=tuple(chart.cells(row) for row in rows[:FIRST_ROWS]),
        total=len(rows),
        csv=f"{address}.csv{behind}",
        json=f"{address}.json{behind}",
        svg=f"{address}.svg{behind}",
        png=f"{address}.png{behind}",
        table=f"{page or address}{behind}",
        link=f"{page}{behind}#{chart.slug}",
        source=source,
        source_url=source_url,
        as_of=as_of,
    )


def picture(chart: Chart, figure: Figure, rows: Rows, kind: str, *, source: str, title: str = "", variant: str = "wide") -> bytes:
    """The chart as a file that leaves its page: `kind` is "svg" or "png"; title, subtitle and source go with it."""
    heading = Heading(title or chart.title, chart.subtitle, f"Source: {source}")
    if kind == "png":
        return png(figure, variant=variant, heading=heading)
    told = chart.describe(rows)
    return svg(figure, title=heading.title, description=told, variant=variant, heading=heading).encode()
