"""The forecasting methods as if they had been asked once in every month of the past, and how each would have done."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from tracker.domain.forecasts import (
    FIGURES,
    HIGH,
    LEVELS,
    LOW,
    Asks,
    Method,
    Prediction,
    log_score,
    observed,
    predictions,
    score,
)
from tracker.domain.frontier_history import Standing

AHEAD: Final = (1, 3, 6, 12)
# Before that there is hardly a past to learn from.
LEAST_HISTORY: Final = 12


@dataclass(frozen=True, slots=True)
class Hindcast:
    """A forecast as a method would have made it, with what came. Nobody registered it."""

    said: Prediction
    made_on: date
    months: int
    came: float
    score: float


@dataclass(frozen=True, slots=True)
class Record:
    """How one method did on one question at one distance. `peer` is the mean score of persistence on the very same
    forecasts, `inside` the share of what came within the 90 % interval, `log` the mean log score of an event."""

    asks: Asks
    months: int
    method: Method
    many: int
    score: float
    peer: float | None
    inside: float | None
    log: float | None

    @property
    def skill(self) -> float | None:
        """How much smaller than the peer's the score is, as a share of it; negative where it is larger."""
        return None if not self.peer else 1 - self.score / self.peer


def hindcasts(history: Sequence[Standing], ahead: Sequence[int] = AHEAD) -> list[Hindcast]:
    """Every forecast that the methods would have made of a month that has come since, from the months before alone."""
    found = []
    for end in range(LEAST_HISTORY, len(history)):
        past = history[: end + 1]
        for months in ahead:
            if end + months >= len(history):
                continue
            then = history[end + months]
            for said in predictions(past, then.on):
                came = observed(said.asks, then, past[-1].closed_best)
                if came is not None:
                    found.append(Hindcast(said, past[-1].on, months, came, score(said, came)))
    return found


def records(found: Iterable[Hindcast]) -> list[Record]:
    """The mean scores by question, distance and method, the peer's beside each."""
    by: dict[tuple[Asks, int, Method], list[Hindcast]] = defaultdict(list)
    for one in found:
        by[one.said.asks, one.months, one.said.method].append(one)
    rows = []
    for (asked, months, method), some in by.items():
        peers = {one.made_on: one.score for one in by.get((asked, months, Method.PERSISTENCE), ())}
        shared = [one for one in some if one.made_on in peers]
        rows.append(record(asked, months, method, shared or some, [peers[one.made_on] for one in shared]))
    order = list(Asks)
    return sorted(rows, key=lambda row: (order.index(row.asks), row.months, list(Method).index(row.method)))


def record(asked: Asks, months: int, method: Method, some: Sequence[Hindcast], peers: Sequence[float]) -> Record:
    """One method's record on forecasts of one kind; `peers` are the scores of persistence on the same."""
    logs = [log_score(one.said.probability, bool(one.came)) for one in some if one.said.probability is not None]
    return Record(
        asks=asked,
        months=months,
        method=method,
        many=len(some),
        score=statistics.fmean(one.score for one in some),
        peer=statistics.fmean(peers) if peers else None,
        inside=coverage([one.said.quantiles for one in some], [one.came for one in some]) if asked in FIGURES else None,
        log=statistics.fmean(logs) if logs else None,
    )


def coverage(
    quantiles: Sequence[Sequence[float]], came: Sequence[float], low: float = LOW, high: float = HIGH
) -> float:
    """The share of what came that lies within the interval between two levels."""
    bottom, top = LEVELS.index(low), LEVELS.index(high)
    inside = [edges[bottom] <= value <= edges[top] for edges, value in zip(quantiles, came, strict=True)]
    return sum(inside) / len(inside)
