"""Made-up rows for the charts of events and regions: events of every kind, hostile names, inexact dates."""

from datetime import date, timedelta

from tracker.queries.events import KINDS, EventRow
from tracker.queries.regions import RegionRow

START = date(2022, 11, 30)


def event_rows(many: int = 340) -> list[EventRow]:
    """More than an event a week of every kind, so that dots must make way; some with a month or a year only."""
    rows = []
    for nth in range(many):
        on = START + timedelta(days=4 * nth)
        rows.append(
            EventRow(
                fact=nth, key=f"e{nth}", occurred_on=on, occurred=str(on)[: (10, 10, 7, 4)[nth % 4]],
                lab=f"Lab {nth % 9} <b>of</b> a & b", lab_slug=f"lab-{nth % 9}", region="us",
                kind=KINDS[nth % len(KINDS)], title=f"Does something that takes {nth} words & more to tell " * 3,
                detail="More" if nth % 2 else "", model="A model" if nth % 3 else "",
                model_slug="a-model" if nth % 3 else "", about="", url="https://example.org/", source="A source",
            )
        )  # fmt: skip
    return rows


def region_rows() -> list[RegionRow]:
    """One ahead, one without an interval, one far behind, one of which nothing can be told."""

    def row(region: str, lag: float | None, low: float | None, high: float | None, note: str = "") -> RegionRow:
        best = "" if lag is None else "A model <i>of</i> a name that is longer than a telephone is wide"
        slug = "a-model" if best else ""
        return RegionRow(
            region, 4, 20, 12, 6, 0.6, best, slug, 140.0, "A closed one", "c", 150.0, lag, low, high, 9, note
        )

    return [
        row("us", 9.5, 6.0, 21.0),
        row("china", 3.4, 2.1, 5.0),
        row("europe", -0.5, None, None),
        row("other", None, None, None, "Too few open models were measured."),
    ]
