"""What goes along with a chart's rows when they leave the site: of which day they are, whose data, how to cite them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tracker.charts.base import Chart
from tracker.views.takeaway import Citation, cite


def citation(slug: str, about: Mapping[str, Any]) -> Citation:
    """The chart as `charts.about` tells of it, cited as known on its day."""
    known = about["known_at"]
    return cite(
        slug=slug,
        title=about["title"],
        url=about["permalink"],
        on=_day(about["permalink"]) or (datetime.fromisoformat(known).date() if known else None),
        run=about["index_run"],
        method=about["method"] or "",
        source=about["source"],
    )


def text(chart: Chart, about: Mapping[str, Any], *, rows: int) -> str:
    """A page of Markdown for whoever finds the file without the site."""
    cited = citation(chart.slug, about)
    keys = ", ".join(f"`{name}={value}`" for name, value in sorted(about["parameters"].items()))
    vintage = [
        f"- As of: {about['as_of'] or 'nothing stored yet'}",
        f"- Index run: {about['index_run'] or 'none yet'}",
        f"- Definition: {about['method'] or 'none yet'}",
        f"- Facts known at: {about['known_at'] or 'none yet'}",
        f"- Filters: {keys or 'none'}",
        f"- Rows: {rows}",
    ]
    columns = [
        f"- `{column.field}`: {column.heading}{' (number)' if column.numeric else ''}" for column in chart.columns
    ]
    parts = [
        f"# {about['title']}",
        f"{about['subtitle']}. Unit: {about['unit'] or 'none'}.",
        about["how_to_read"],
        "## Vintage",
        "\n".join(vintage),
        f"The same rows later: <{about['permalink']}>",
        "## Columns",
        "\n".join(columns),
        "## Sources",
        f"{about['source'] or 'None yet'}. Each publisher's data keep their own licence.",
        "## How to cite",
        cited.plain,
        f"```bibtex\n{cited.bibtex}```",
    ]
    return "\n\n".join(parts) + "\n"


def _day(permalink: str) -> date | None:
    """The day that a permalink names."""
    found = permalink.partition("as_of=")[2][:10]
    return date.fromisoformat(found) if found else None
