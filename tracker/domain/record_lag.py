"""L5: the mean lag of the open records of the last year, with what is borrowed or dated back where closed models were
measured too late."""

import math
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain import lags
from tracker.domain.comparison import Data
from tracker.domain.estimate import Estimate, Estimator, Row
from tracker.domain.frontier import DAYS_PER_MONTH, Field, Floats, Point, Release, frontier, lag, months

FIRST_MEASURED: Final = "already passed when closed models were first measured"
UNREACHED: Final = "no closed model has reached it"


def step_row(data: Data, step: Point) -> Row:
    """An open record against the first closed model at or above it."""
    first = min((p for p in data.closeds if p.value >= step.value), key=lambda p: (p.on, -p.value), default=None)
    if first is None:
        return Row(step.model, step.on, step.value, None, None, None, (UNREACHED,))
    flags = []
    if first.on == min(p.on for p in data.closeds):
        flags.append(FIRST_MEASURED)
    if first.on > step.on:
        flags.append("open first")
    apart = (step.on - first.on).days / DAYS_PER_MONTH
    return Row(step.model, step.on, step.value, first.model, first.on, apart, tuple(flags))


def recent_records(data: Data) -> list[Release]:
    """Open records of the window that may stand for their side: close to the open record on all benchmarks."""
    by_name = {release.model: release for release in data.releases}
    records = [by_name[point.model] for point in frontier(data.opens) if point.on >= data.since]
    return [record for record in records if data.scale != "eci" or _stands_for_open(data, record)]


def _stands_for_open(data: Data, record: Release) -> bool:
    # On a scope that few open models are measured on, a weak one could be the record only because the strong ones
    # are missing.
    if record.overall is None:
        return True
    overall = [
        r.overall for r in data.releases if r.open and r.overall is not None and r.released_on <= record.released_on
    ]
    return record.overall >= max(overall) - lags.CLASS_RECORD_POINTS


def record_means(data: Data, closed: Field, values: NDArray[np.floating]) -> Floats:
    """L5 in months, one number a row of `values`; NaN where no record of the window has a lag."""
    records = recent_records(data)
    if not records:
        return np.full(len(values), np.nan)
    by_record = lags.record_lags(_numbers(data, records, values), closed)[0]
    return lags.mean(months(by_record[:, _backcast_share(data, records) <= lags.BACKCAST_DROP]))


def _numbers(data: Data, records: list[Release], values: NDArray[np.floating]) -> lags.Records:
    place = {release.model: at for at, release in enumerate(data.releases)}
    closed = [Point(r.released_on, r.overall, r.model) for r in data.releases if not r.open and r.overall is not None]
    borrowed = []
    for record in records:
        apart = None if record.overall is None else lag(Point(record.released_on, record.overall, record.model), closed)
        borrowed.append(math.nan if apart is None else float(apart.days))
    return lags.Records(
        days=np.array([record.released_on.toordinal() for record in records], dtype=np.int64),
        values=values[:, [place[record.model] for record in records]].astype(float),
        borrowed=np.array(borrowed),
    )


def _backcast_share(data: Data, records: list[Release]) -> Floats:
    """In how many of the draws each record's lag had to be dated back; without draws, whether the centre's had."""
    if data.closed_draws is not None and data.drawn is not None:
        numbers, closed = _numbers(data, records, data.drawn), data.closed_draws
    else:
        numbers, closed = _numbers(data, records, data.central), data.closed_side
    return np.asarray(lags.record_lags(numbers, closed)[1].mean(axis=0))


def record_estimate(data: Data) -> Estimate:
    """L5 of the centre with a row per record."""
    records = recent_records(data)
    if not records:
        reason = f"No open record fell between {data.since} and {data.as_of}."
        return Estimate(Estimator.L5, None, None, None, data.window, 0, "months", reason=reason)
    numbers = _numbers(data, records, data.central)
    by_record, share = lags.record_lags(numbers, data.closed_side)[0][0], _backcast_share(data, records)
    rows = [
        _record_row(data, record, float(days), borrowed=bool(np.isfinite(other)), share=float(part))
        for record, days, other, part in zip(records, by_record, numbers.borrowed, share, strict=True)
    ]
    value = float(record_means(data, data.closed_side, data.central)[0])
    used = sum(
        row.months is not None and float(part) <= lags.BACKCAST_DROP for row, part in zip(rows, share, strict=True)
    )
    leading = sum(UNREACHED in row.flags for row in rows)
    known = math.isfinite(value)
    why = "every record of the window leads all closed models or was passed before these were measured"
    return Estimate(
        Estimator.L5,
        value if known else None,
        None,
        None,
        data.window,
        used,
        "months",
        reason="" if known else f"It is not identified: {why}.",
        notes=(f"{leading} of {len(rows)} records are left out: {UNREACHED}.",) if leading else (),
        rows=tuple(rows),
    )


def _record_row(data: Data, record: Release, days: float, *, borrowed: bool, share: float) -> Row:
    row = step_row(data, Point(record.released_on, record.value, record.model))
    flags = list(row.flags)
    if FIRST_MEASURED in flags:
        flags.append("lag borrowed from all benchmarks" if borrowed else "lag dated back")
    if share > lags.BACKCAST_DROP:
        flags.append("dropped: dated back in most draws")
    elif share > lags.BACKCAST_FLAG:
        flags.append("dated back in over half of the draws")
    return replace(row, months=days / DAYS_PER_MONTH if math.isfinite(days) else None, flags=tuple(flags))
