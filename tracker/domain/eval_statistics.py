"""What a run of an evaluation measured and how far to trust it: errors of a mean, intervals, paired differences.

The formulas are those of Miller, "Adding Error Bars to Evals" (arXiv 2411.00640): questions are drawn from a larger
population of questions, and those of one cluster (a generator at one level) were drawn together.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any, Final, Literal

import numpy as np

from tracker.domain.eval_energy import EnergySummary, MeteredBatch, energy_summary

LEVEL: Final = 0.95
RESOLVABLE: Final = 2.0  # standard errors that a difference must have
LEAST_CERTAIN: Final = 0.05  # what the sign test must fall below where the data show no spread at all


@dataclass(frozen=True, slots=True)
class Sample:
    """One question asked once. `exact` is None where there was no answer to score: the engine failed, not the model."""

    question: str
    cluster: str
    exact: float | None
    own: float | None = None
    failure: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of `n` questions with its errors. `error` takes them for independent, `clustered` does not; None where
    there are fewer than two questions, or clusters."""

    n: int
    clusters: int
    mean: float
    error: float | None
    clustered: float | None

    @property
    def widest(self) -> float | None:
        """The larger of the two errors: with few clusters the clustered one is small by luck as often as large."""
        known = [error for error in (self.error, self.clustered) if error is not None]
        return max(known, default=None)


@dataclass(frozen=True, slots=True)
class Interval:
    """Of a mean of scores, so within 0 to 1; `method` says by which formula."""

    low: float
    high: float
    method: Literal["wilson", "normal"]


@dataclass(frozen=True, slots=True)
class Paired:
    """A minus B on the questions that both were asked. `correlation` is of the question means; None where one of them
    does not vary. `error_a` and `error_b` are each side's own, on the same questions."""

    n: int
    clusters: int
    mean_a: float
    mean_b: float
    difference: float
    error: float | None
    clustered: float | None
    error_a: float | None
    error_b: float | None
    covariance: float | None
    correlation: float | None
    resolved: bool

    @property
    def widest(self) -> float | None:
        known = [error for error in (self.error, self.clustered) if error is not None]
        return max(known, default=None)

    @property
    def unpaired(self) -> float | None:
        """The error that the same two runs would have on different questions."""
        return None if self.error_a is None or self.error_b is None else math.hypot(self.error_a, self.error_b)


def standard_error(values: Sequence[float]) -> float | None:
    """sqrt(s^2 / n) with s^2 over n - 1, by the central limit theorem (Miller, section 2.1)."""
    n = len(values)
    if n < 2:
        return None
    return float(np.std(np.asarray(values, dtype=float), ddof=1) / math.sqrt(n))


def clustered_error(values: Sequence[float], clusters: Sequence[str]) -> float | None:
    """SE^2 = (1/n^2) * sum over clusters of (sum in the cluster of (s_i - mean))^2 * C/(C-1).

    Miller, section 2.2, in which the square of a sum is written out as a double sum, with the usual
    correction for the number of clusters C.
    """
    together: dict[str, list[float]] = defaultdict(list)
    for value, cluster in zip(values, clusters, strict=True):
        together[cluster].append(value)
    c, n = len(together), len(values)
    if c < 2:
        return None
    mean = math.fsum(values) / n
    squares = math.fsum(math.fsum(value - mean for value in some) ** 2 for some in together.values())
    return math.sqrt(squares * c / (c - 1)) / n


def mean_of(values: Sequence[float], clusters: Sequence[str]) -> Mean:
    """The mean of question means with both errors. Raises ValueError without a question."""
    if not values:
        raise ValueError("no question was answered")
    return Mean(
        n=len(values),
        clusters=len(set(clusters)),
        mean=math.fsum(values) / len(values),
        error=standard_error(values),
        clustered=clustered_error(values, clusters),
    )


def question_means(scores: Iterable[tuple[str, float]]) -> dict[str, float]:
    """K answers to a question are one observation, their mean: errors are over questions, never over answers (Miller,
    section 3.1). Questions in the order of their first answer."""
    asked: dict[str, list[float]] = defaultdict(list)
    for question, score in scores:
        asked[question].append(score)
    return {question: math.fsum(some) / len(some) for question, some in asked.items()}


def within_variance(scores: Iterable[tuple[str, float]]) -> float | None:
    """The mean variance of single answers to one question, s^2 = E[sigma_i^2] of Miller, section 3.1, over the
    questions that were asked at least twice; None where none was."""
    asked: dict[str, list[float]] = defaultdict(list)
    for question, score in scores:
        asked[question].append(score)
    repeated = [float(np.var(some, ddof=1)) for some in asked.values() if len(some) > 1]
    return math.fsum(repeated) / len(repeated) if repeated else None


def paired(a: Mapping[str, float], b: Mapping[str, float], clusters: Mapping[str, str]) -> Paired | None:
    """SE^2 = SE_A^2 + SE_B^2 - 2 cov(A, B) / n over the shared questions (Miller, section 4.2), computed as what it is:
    the error of the mean of the differences; and the clustered error of those. None without a shared question."""
    shared = [question for question in a if question in b]
    if not shared:
        return None
    of_a, of_b = np.array([a[q] for q in shared]), np.array([b[q] for q in shared])
    differences, groups = (of_a - of_b).tolist(), [clusters.get(q, q) for q in shared]
    n, error_a, error_b = len(shared), standard_error(of_a.tolist()), standard_error(of_b.tolist())
    error, covariance, correlation = standard_error(differences), None, None
    if error_a is not None and error_b is not None:
        covariance = float(np.cov(of_a, of_b, ddof=1)[0, 1])
        if error_a > 1e-9 and error_b > 1e-9:
            correlation = max(-1.0, min(1.0, covariance / (n * error_a * error_b)))
    difference, clustered = math.fsum(differences) / n, clustered_error(differences, groups)
    widest = max((one for one in (error, clustered) if one is not None), default=None)
    return Paired(
        n=n,
        clusters=len(set(groups)),
        mean_a=float(of_a.mean()),
        mean_b=float(of_b.mean()),
        difference=difference,
        error=error,
        clustered=clustered,
        error_a=error_a,
        error_b=error_b,
        covariance=covariance,
        correlation=correlation,
        resolved=resolvable(difference, widest, n),
    )


def resolvable(difference: float, error: float | None, n: int) -> bool:
    """Whether a difference stands out: it is at least two standard errors.

    An error of nought says only that all questions went the same way; then n like signs must be unlikely by chance
    (two-sided sign test, 2 * 0.5^n), which takes six questions.
    """
    if error is None or difference == 0:
        return False
    if error == 0:
        return 2 * 0.5**n < LEAST_CERTAIN
    return abs(difference) >= RESOLVABLE * error


def wilson(proportion: float, n: float, level: float = LEVEL) -> Interval:
    """Wilson's score interval (1927): (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (proportion + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(proportion * (1 - proportion) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At the ends the roots are exactly 0 and 1, but for rounding.
    low = middle - half if proportion > 0 else 0.0
    high = middle + half if proportion < 1 else 1.0
    return Interval(max(0.0, low), min(1.0, high), "wilson")


def normal(mean: float, error: float, level: float = LEVEL) -> Interval:
    """mean +- z * error, cut off at 0 and 1 (Miller, section 2.1)."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    return Interval(max(0.0, mean - z * error), min(1.0, mean + z * error), "normal")


def interval(values: Sequence[float], clusters: Sequence[str], level: float = LEVEL) -> Interval | None:
    """Where each value is right or wrong: Wilson's, which near 0 and 1 keeps its level where the normal one does not
    and has no width at all at 0 of n; n is divided by the design effect (widest error / plain error)^2. Where values
    are means of several answers: the normal one, on the widest error. None where no error is known."""
    found = mean_of(values, clusters)
    widest = found.widest
    if set(values) <= {0.0, 1.0}:
        effect = (found.clustered / found.error) ** 2 if found.clustered and found.error else 1.0
        effect = max(1.0, effect)
        return wilson(found.mean, found.n / effect, level)
    return None if widest is None else normal(found.mean, widest, level)


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """One cluster of a run: its questions, its exact score with the error over them, the generator's own score."""

    cluster: str
    questions: int
    answered: int
    exact: float | None
    error: float | None
    low: float | None
    high: float | None
    own: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """One run in numbers. `questions` have an answer that could be scored, `unanswered` samples have none. The level of
    `low` and `high` is 95 %. `energy` is None without a meter."""

    questions: int
    samples: int
    repeats: int
    answered: int
    unanswered: int
    exact: float | None
    error: float | None
    clustered: float | None
    clusters: int
    low: float | None
    high: float | None
    method: str
    own: float | None
    own_error: float | None
    own_clustered: float | None
    within: float | None
    by_cluster: tuple[ClusterRow, ...]
    failures: Mapping[str, int]
    tokens_in: int
    tokens_out: int
    seconds: float
    energy: EnergySummary | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON: no number in it is infinite or no number."""
        found = asdict(self)
        found["by_cluster"] = [asdict(row) for row in self.by_cluster]
        found["failures"] = dict(self.failures)
        return found


def summarise(samples: Sequence[Sample], energy: Sequence[MeteredBatch] = ()) -> Summary:
    """A run's summary from its finished samples, and what a meter saw of its batches. A sample without a score of its
    own is counted and left out; an answer that is empty or ran into its limit is scored, as wrong."""
    answered = [sample for sample in samples if sample.exact is not None]
    exact = question_means((sample.question, sample.exact) for sample in answered if sample.exact is not None)
    own = question_means((sample.question, sample.own) for sample in answered if sample.own is not None)
    cluster = {sample.question: sample.cluster for sample in samples}
    whole = mean_of(list(exact.values()), [cluster[q] for q in exact]) if exact else None
    bounds = interval(list(exact.values()), [cluster[q] for q in exact]) if exact else None
    second = mean_of(list(own.values()), [cluster[q] for q in own]) if own else None
    return Summary(
        questions=len(exact),
        samples=len(samples),
        repeats=max(Counter(sample.question for sample in samples).values(), default=0),
        answered=len(answered),
        unanswered=len(samples) - len(answered),
        exact=whole.mean if whole else None,
        error=whole.error if whole else None,
        clustered=whole.clustered if whole else None,
        clusters=whole.clusters if whole else 0,
        low=bounds.low if bounds else None,
        high=bounds.high if bounds else None,
        method=bounds.method if bounds else "",
        own=second.mean if second else None,
        own_error=second.error if second else None,
        own_clustered=second.clustered if second else None,
        within=within_variance((sample.question, sample.exact) for sample in answered if sample.exact is not None),
        by_cluster=tuple(_cluster_row(name, inside) for name, inside in _grouped(samples).items()),
        failures=dict(sorted(Counter(sample.failure for sample in samples if sample.failure).items())),
        tokens_in=sum(sample.tokens_in or 0 for sample in samples),
        tokens_out=sum(sample.tokens_out or 0 for sample in samples),
        seconds=math.fsum(sample.seconds or 0.0 for sample in samples),
        energy=energy_summary(energy, whole.mean, whole.widest) if whole else energy_summary(energy, None, None),
    )


def _grouped(samples: Sequence[Sample]) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        found[sample.cluster].append(sample)
    return found


def _cluster_row(name: str, inside: Sequence[Sample]) -> ClusterRow:
    exact = question_means((sample.question, sample.exact) for sample in inside if sample.exact is not None)
    own = question_means((sample.question, sample.own) for sample in inside if sample.own is not None)
    values, alone = list(exact.values()), list(exact)
    bounds = interval(values, alone) if values else None
    return ClusterRow(
        cluster=name,
        questions=len({sample.question for sample in inside}),
        answered=len(values),
        exact=math.fsum(values) / len(values) if values else None,
        error=standard_error(values),
        low=bounds.low if bounds else None,
        high=bounds.high if bounds else None,
        own=math.fsum(own.values()) / len(own) if own else None,
    )
