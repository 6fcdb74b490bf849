"""Made-up rows for the charts of prices: hosts and models with hostile names, prices from cents to hundreds."""

from datetime import date

from tracker.queries.prices import LevelRow, PriceRow
from tracker.queries.specialists import SpecialistRow


def price_rows() -> list[PriceRow]:
    """Sixty models; every sixth of a side on its line, and two of which nobody told how they can be had."""
    rows = []
    for side, first in (("open", 0.03), ("closed", 0.12), ("", 1.0)):
        for nth in range(30 if side else 2):
            on_line = nth % 6 == 0
            value = 118.0 + 1.3 * nth - (0 if on_line else 9)
            name = f"{side.title() or 'Unknown'} model {nth} <b>large</b> & co"
            price = round(first * 1.25**nth, 4)
            rows.append(
                PriceRow(
                    name, f"{side}-{nth}", "A <i>lab</i>", "a-lab", "us", side, "2026-01-02", value, value - 2,
                    value + 2, price, price / 2, 2.5 * price, "a-host & co", "", 10 + nth, "a-host", price, 10 + nth, 3,
                    on_line and side == "open", on_line and bool(side),
                )
            )  # fmt: skip
    return rows


def level_rows() -> list[LevelRow]:
    """Three levels of two sides over a year and a half; the highest was reached on the open side last month only."""
    rows = []
    for level, high in ((130.0, 1.0), (140.0, 4.0), (150.0, 20.0)):
        for side in ("open", "closed"):
            months = 1 if (level, side) == (150.0, "open") else 18
            for nth in range(18 - months, 18):
                on = date(2025 + (5 + nth) // 12, (5 + nth) % 12 + 1, 28)
                price = round(high * (0.9 if side == "open" else 1.3) * 0.9**nth, 5)
                rows.append(LevelRow(level, side, on, price, f"Model {nth} <b>x</b>", f"model-{nth}", "a-host", nth))
    return rows


def specialist_rows() -> list[SpecialistRow]:
    """Six fields at three levels: ratios from one to hundreds, with and without interval, and long names."""
    rows = []
    ratios = (
        (1.0, None, None),
        (2.5, 1.0, 4.0),
        (150.0, 37.0, 150.0),
        (12.0, 1.0, 39.0),
        (9.5, None, None),
        (40.0, 9.0, 80.0),
    )
    for nth, (ratio, low, high) in enumerate(ratios):
        best = f"Great model {nth} of all"
        for step, asked in enumerate(("near", "90", "80")):
            alone = ratio == 1.0
            cheap = best if alone else f"Small <b>{nth}.{step}</b> & co"
            price, times = (0.2, 1.0) if alone else (0.2 / (1 + step), ratio * (1 + step))
            rows.append(
                SpecialistRow(
                    f"Field {nth}", f"Benchmark {nth}", f"b-{nth}", "proportion", "live", 30, 20, asked,
                    "two standard errors short of the best", 0.8, best, 0.84, 1, best, "closed", 0.2 * ratio, 2,
                    cheap, "open" if nth % 2 == 0 and not alone else "closed", 7e9, 0.81, 3, price, "a-host", 4,
                    times, low, high, "" if alone else "Great", 0.83, cheap, best, 20.0, True,
                )
            )  # fmt: skip
    return rows
