"""What is known when claims are judged: one run's answers, and the facts of its time, as plain rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Question:
    """Which stored answer on the gap is asked for."""

    scope: str = "all"
    open_means: str = "weights"
    region: str = ""
    max_parameters: float = 0.0

    @property
    def query(self) -> str:
        """The keys of the gap page that show this answer."""
        size = f"{self.max_parameters / 1e9:g}" if self.max_parameters else ""
        keys = {"scope": self.scope, "open": self.open_means, "region": self.region, "size": size}
        return "&".join(f"{name}={value}" for name, value in keys.items() if value)


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One model as the run believes it; `evidence` maps a field to the release fact that it was taken from."""

    slug: str
    name: str
    lab: str
    region: str = ""
    released_on: date | None = None
    access: str = ""
    licence: str = ""
    parameters: float | None = None
    active_parameters: float | None = None
    context: float | None = None
    open_means: tuple[str, ...] = ()
    value: float | None = None
    low: float | None = None
    high: float | None = None
    evidence: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownScore:
    """One score that may be shown, in the benchmark's unit."""

    fact: int
    model: str
    benchmark: str
    value: float
    evaluator: str
    setting: str = ""
    stderr: float | None = None


@dataclass(frozen=True, slots=True)
class KnownPrice:
    """US dollars per million tokens at one host."""

    fact: int
    model: str
    host: str
    input: float | None
    output: float | None


@dataclass(frozen=True, slots=True)
class KnownBenchmark:
    """One benchmark in the run; best scores are in its unit."""

    slug: str
    name: str
    unit: str
    state: str = ""
    best_open: float | None = None
    best_open_model: str = ""
    best_closed: float | None = None
    best_closed_model: str = ""
    lower_is_better: bool = False


@dataclass(frozen=True, slots=True)
class KnownLicence:
    """One version of a licence with its terms as they were read."""

    slug: str
    name: str
    url: str
    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that a claim's test may look at. `as_of` is the day that lags are counted to."""

    as_of: date
    reports: Mapping[Question, Mapping[str, Any]] = field(default_factory=dict)
    models: Mapping[str, KnownModel] = field(default_factory=dict)
    scores: Mapping[tuple[str, str], tuple[KnownScore, ...]] = field(default_factory=dict)
    prices: Mapping[str, tuple[KnownPrice, ...]] = field(default_factory=dict)
    benchmarks: Mapping[str, KnownBenchmark] = field(default_factory=dict)
    licences: Mapping[str, KnownLicence] = field(default_factory=dict)

    def called(self, slug: str) -> str:
        """A model's name; its slug where no source has told of it."""
        return self.models[slug].name if slug in self.models else slug
