"""A family of numbers as Prometheus knows it."""

from collections.abc import Iterable
from dataclasses import dataclass

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One number; `suffix` tells the parts of a histogram: _bucket, _sum and _count."""

    labels: Labels
    value: float
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """One family of numbers: `kind` is gauge, counter for what only grows, or histogram."""

    name: str
    help: str
    kind: str
    samples: tuple[Sample, ...]


def gauge(name: str, help_: str, samples: Iterable[Sample]) -> Metric:
    """A number that goes up and down; the site's prefix is put before the name."""
    return Metric(f"landscape_{name}", help_, "gauge", tuple(samples))


def counter(name: str, help_: str, samples: Iterable[Sample]) -> Metric:
    """A number that only grows: its name ends in _total. The site's prefix is put before it."""
    return Metric(f"landscape_{name}", help_, "counter", tuple(samples))


def one(name: str, help_: str, value: float | None) -> Metric:
    """A gauge of a single number; None, which is not known, leaves the family without any."""
    return gauge(name, help_, () if value is None else (Sample((), value),))


def by(label: str, values: Iterable[tuple[str, float]]) -> list[Sample]:
    """A number for each value of one label, sorted by value, so that two readings can be compared."""
    return [Sample(((label, name),), value) for name, value in sorted(values)]
