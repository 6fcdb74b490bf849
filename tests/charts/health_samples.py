"""Made-up rows for the charts of benchmark health: benchmarks that rise and wear out, labs with and without verdict."""

from datetime import date

from tracker.domain.saturation import frontier_information
from tracker.queries.benchmark_health import HealthRow
from tracker.queries.lab_meters import EVERYONE, METERS, InflationRow, MeterRow


def months_of(name: str, slug: str, difficulty: float, *, state: str = "live") -> list[HealthRow]:
    """Two years under a frontier that climbs a point a month from 130."""
    rows = []
    for nth in range(24):
        told = frontier_information(0.2, difficulty, 130.0 + nth, 200)
        on = date(2024 + nth // 12, nth % 12 + 1, 28)
        best = min(0.98, told.predicted + 0.02)
        rows.append(
            HealthRow(
                name, slug, on, state, state, nth + 1, best, told.predicted, told.item, 0.7 * told.item,
                1.2 * told.item, told.share, 0.3 if nth > 5 else None, 1 - best, 2.5,
            )
        )  # fmt: skip
    return rows


def health_rows() -> list[HealthRow]:
    """Nine live ones, one of them with a hostile name, and four that are not."""
    rows = []
    for nth in range(9):
        name = f"Benchmark {nth} <b>hard</b> & long"
        rows += months_of(name, f"b-{nth}", 138.0 + 3 * nth)
    for nth, state in enumerate(("narrowing", "saturated", "saturated", "retired")):
        rows += months_of(f"Worn {nth}", f"w-{nth}", 132.0 - 6 * nth, state=state)
    return rows


def meter_rows() -> list[MeterRow]:
    rows = []
    for meter in METERS:
        rows.append(MeterRow(EVERYONE, meter, 60, 14, 30, -0.3, -0.9, 0.2, 0.3, None, None, ""))
        rows.append(MeterRow("Lab <b>one</b> & co", meter, 20, 14, 28, -3.1, -4.4, -1.9, 0.7, 0.0004, 0.006, "lower"))
        rows.append(MeterRow("Lab two", meter, 12, 12, 20, 1.5, 0.4, 2.7, 0.8, 0.07, 1.0, "not resolvable"))
        rows.append(MeterRow("Lab three", meter, 1, 3, 5, 0.8, -1.2, 14.4, 1.7, None, None, "too few models"))
    return rows


def inflation_rows() -> list[InflationRow]:
    return [
        InflationRow(EVERYONE, 24, 9, 6, 0.031, 0.012, 0.05, None, None, ""),
        InflationRow("Lab <b>one</b>", 14, 5, 4, 0.052, 0.03, 0.071, 0.002, 0.004, "higher"),
        InflationRow("Lab two", 9, 3, 0, 0.004, -0.02, 0.03, 0.7, 0.7, "not resolvable"),
        InflationRow("Lab three", 1, 1, 1, -0.021, None, None, None, None, "too few models"),
        InflationRow("Lab four", 0, 0, 1, None, None, None, None, None, "too few models"),
    ]
