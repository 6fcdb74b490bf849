"""Made-up rows for the charts of forecasts: a measured past, two methods' fans, one day that has come."""

from datetime import date, timedelta

from tracker.queries.forecasts import FanRow

START = date(2024, 1, 31)


def fan_rows() -> list[FanRow]:
    rows = [
        FanRow("measured", "", None, START + timedelta(days=30 * n), 6 + (n % 7) / 3, None, None) for n in range(30)
    ]
    end, made_on = rows[-1].on, rows[-1].on + timedelta(days=9)
    for method, rise in (("persistence", 0.0), ("linear", 0.35)):
        for n in (1, 2, 3, 6, 9, 12):
            value = 6.7 + rise * n
            rows.append(
                FanRow("forecast", method, made_on, end + timedelta(days=30 * n), value, value - n / 3, value + n)
            )
    return [*rows, FanRow("came", "", None, rows[25].on, 6.2, None, None)]
