"""What answers cost in energy, and accuracy per watt and per joule with their errors.

The two ratios are those of "Intelligence per Watt" (arXiv 2511.07885): accuracy over mean power, and accuracy over the
mean energy of a query. Nothing here exists without a meter.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracker.domain.evaluation import Energy


@dataclass(frozen=True, slots=True)
class MeteredBatch:
    """What a meter saw of one batch, and how many queries were answered meanwhile."""

    energy: Energy
    queries: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """A value with its standard error; None where a single batch shows no spread."""

    value: float
    error: float | None


@dataclass(frozen=True, slots=True)
class EnergySummary:
    """All metered batches of a run together. Gross is what the counter said, net less the idle power over the same
    time. `spread` is the standard deviation of the power trace. A counter's own error, 10 to 15 % for software
    counters, is in none of the errors. `per_watt` and `per_joule` are accuracy, 0 to 1, over watts and joules a query;
    net ones are None where the work cannot be told from idling."""

    meter: str
    batches: int
    queries: int
    seconds: float
    joules: float
    net_joules: float
    idle_watts: float
    watts: Ratio
    net_watts: Ratio
    spread: float | None
    joules_per_query: Ratio | None
    net_joules_per_query: Ratio | None
    per_watt: Ratio | None
    net_per_watt: Ratio | None
    per_joule: Ratio | None
    net_per_joule: Ratio | None


def ratio_of_sums(tops: Sequence[float], bottoms: Sequence[float]) -> Ratio | None:
    """sum(y) / sum(x) over batches with the linearised error of a ratio estimator (Cochran, Sampling Techniques,
    section 6.4): SE^2 = B/(B-1) * sum (y_b - R x_b)^2 / (sum x)^2. None where the denominators sum to nought."""
    whole = math.fsum(bottoms)
    if whole <= 0:
        return None
    value, count = math.fsum(tops) / whole, len(tops)
    if count < 2:
        return Ratio(value, None)
    squares = math.fsum((y - value * x) ** 2 for y, x in zip(tops, bottoms, strict=True))
    return Ratio(value, math.sqrt(squares * count / (count - 1)) / whole)


def over(accuracy: float, error: float | None, by: Ratio) -> Ratio | None:
    """Accuracy over a power or an energy by the delta method, the two taken for independent:
    SE^2 = (SE_a / x)^2 + (a SE_x / x^2)^2. None where the denominator is not positive."""
    if by.value <= 0:
        return None
    value = accuracy / by.value
    if error is None or by.error is None:
        return Ratio(value, None)
    return Ratio(value, math.hypot(error / by.value, accuracy * by.error / by.value**2))


def energy_summary(
    batches: Sequence[MeteredBatch], accuracy: float | None, error: float | None
) -> EnergySummary | None:
    """The run's energy; None without a meter. Accuracy per watt and joule only where there is an accuracy."""
    metered = [batch for batch in batches if batch.energy.seconds > 0]
    if not metered:
        return None
    seconds = [batch.energy.seconds for batch in metered]
    gross = [batch.energy.joules for batch in metered]
    net = [batch.energy.joules - batch.energy.idle * batch.energy.seconds for batch in metered]
    queries = [float(batch.queries) for batch in metered]
    trace = np.concatenate([np.asarray(batch.energy.watts, dtype=float) for batch in metered])
    watts, net_watts = ratio_of_sums(gross, seconds), ratio_of_sums(net, seconds)
    if watts is None or net_watts is None:
        return None
    each, net_each = ratio_of_sums(gross, queries), ratio_of_sums(net, queries)

    def of(by: Ratio | None) -> Ratio | None:
        return None if accuracy is None or by is None else over(accuracy, error, by)

    return EnergySummary(
        meter=", ".join(sorted({batch.energy.meter for batch in metered})),
        batches=len(metered),
        queries=sum(batch.queries for batch in metered),
        seconds=math.fsum(seconds),
        joules=math.fsum(gross),
        net_joules=math.fsum(net),
        idle_watts=math.fsum(b.energy.idle * b.energy.seconds for b in metered) / math.fsum(seconds),
        watts=watts,
        net_watts=net_watts,
        spread=float(np.std(trace, ddof=1)) if len(trace) > 1 else None,
        joules_per_query=each,
        net_joules_per_query=net_each,
        per_watt=of(watts),
        net_per_watt=of(net_watts),
        per_joule=of(each),
        net_per_joule=of(net_each),
    )
