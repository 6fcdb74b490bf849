"""Which (model, suite) to measure next: by how much a measurement can be expected to narrow the gap, for its cost.

A linear-Gaussian update. The draws of an index run give the variance of a model's ability and its covariance with the
gap; a suite tells the ability with an error that follows from its curve, its number of questions and how far scores
scatter about their curves. Observing theta + e, e with variance r^2, takes cov(gap, theta)^2 / (var(theta) + r^2) from
the variance of the gap. The gap is a step function of abilities, so that its covariance is the draws' own, not a slope.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.frontier import Floats

# What a run costs where none has been measured yet; each is printed with the list.
TOKENS_A_QUESTION: Final = 400
PROMPT_TOKENS: Final = 200
BYTES_A_PARAMETER: Final = 2.0
BANDWIDTH: Final = 3.35e12  # bytes a second of one H100 (SXM), NVIDIA's data sheet
SHARE_REACHED: Final = 0.6  # of the bandwidth limit of decoding
AT_ONCE: Final = 64
LOAD_BYTES_A_SECOND: Final = 2e9  # reading weights into one GPU, which waits meanwhile
LEAST_DRAWS: Final = 20
CERTAIN: Final = 2.0  # standard errors, 1/sqrt(draws), that a correlation must have: else draws made it by chance


@dataclass(frozen=True, slots=True)
class Instrument:
    """A suite as a measuring instrument: its curve on the public scale, its questions, and the standard deviation of
    scores about their curves, 0 to 1, which no number of questions takes away. `borrowed`: its curve is the middle one
    of other benchmarks, for none has been fitted to it."""

    suite: str
    difficulty: float
    slope: float
    questions: int
    scatter: float
    borrowed: bool
    floor: float = 0.0  # what guessing scores

    def above_chance(self, ability: float) -> float:
        """Where the curve stands at that ability, 0 at the floor and 1 at the top."""
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, self.slope * (ability - self.difficulty)))))

    def score(self, ability: float) -> float:
        """What a model of that ability is expected to score, guesses included."""
        return self.floor + (1 - self.floor) * self.above_chance(ability)

    def noise(self, ability: float) -> float:
        """The variance r^2 with which it tells an ability: (q(1-q)/(n (1-floor)^2) + scatter^2) / (slope p(1-p))^2 with
        q the expected score and p its place above chance. Infinite where the suite is far too easy or too hard."""
        share, score = self.above_chance(ability), self.score(ability)
        steep = self.slope * share * (1 - share)
        if steep < 1e-9:
            return math.inf
        guessing = score * (1 - score) / (self.questions * (1 - self.floor) ** 2)
        return (guessing + self.scatter**2) / steep**2


@dataclass(frozen=True, slots=True)
class Subject:
    """A model that could be measured: its ability in each draw, and what running it takes. `parameters` None: nobody
    has told its size. `price_in` and `price_out`: dollars for a million tokens, of a model that only its API gives."""

    model: str
    ability: float
    draws: Sequence[float] | NDArray[np.floating]
    runnable: bool
    parameters: float | None = None
    price_in: float | None = None
    price_out: float | None = None


@dataclass(frozen=True, slots=True)
class Throughput:
    """What earlier runs of our own showed: tokens written a second, of a model of so many parameters, and tokens
    written for a question; None where there was none on a GPU."""

    tokens_a_second: float | None = None
    parameters: float | None = None
    tokens_a_question: float | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """One (model, suite): the variance that measuring it takes from the gap, as an amount and as a share, and for what.
    `gpu_hours` of a model whose weights can be had, `dollars` of one that only an API gives; None: not known."""

    model: str
    suite: str
    ability_spread: float
    expected_score: float
    correlation: float
    noise: float
    reduction: float
    share: float
    gpu_hours: float | None
    dollars: float | None
    borrowed: bool

    @property
    def per_hour(self) -> float | None:
        return self.reduction / self.gpu_hours if self.gpu_hours else None

    @property
    def per_dollar(self) -> float | None:
        return self.reduction / self.dollars if self.dollars else None


def moments(gap: Floats, ability: Floats) -> tuple[float, float]:
    """cov(gap, theta) and var(theta) over the draws that know both; noughts where too few do. No suite changes them."""
    known = np.isfinite(gap) & np.isfinite(ability)
    if known.sum() < LEAST_DRAWS:
        return 0.0, 0.0
    table = np.cov(np.vstack([gap[known], ability[known]]), ddof=1)
    return float(table[0, 1]), float(table[1, 1])


def reduction(covariance: float, variance: float, noise: float) -> float:
    """cov(gap, theta)^2 / (var(theta) + r^2): what a suite of that noise can be expected to take off the variance;
    nought where it tells nothing."""
    total = variance + noise
    return covariance**2 / total if total > 0 and math.isfinite(noise) else 0.0


def gpu_hours(parameters: float, questions: int, seen: Throughput) -> float:
    """Loading the weights and writing the answers. Decoding reads every weight once a step for all sequences at once,
    so tokens a second fall with the parameters; GPUs that share a model share its weights, so their number drops out.
    """
    weights = parameters * BYTES_A_PARAMETER
    if seen.tokens_a_second and seen.parameters:
        rate = seen.tokens_a_second * seen.parameters / parameters
    else:
        rate = AT_ONCE * SHARE_REACHED * BANDWIDTH / weights
    tokens = questions * (seen.tokens_a_question or TOKENS_A_QUESTION)
    return (weights / LOAD_BYTES_A_SECOND + tokens / rate) / 3600


def dollars(price_in: float, price_out: float, questions: int, seen: Throughput) -> float:
    """What the tokens of a run cost where only an API gives the model."""
    written = seen.tokens_a_question or TOKENS_A_QUESTION
    return questions * (PROMPT_TOKENS * price_in + written * price_out) / 1e6


def proposals(
    gap: Floats,
    subjects: Iterable[Subject],
    instruments: Sequence[Instrument],
    *,
    done: frozenset[tuple[str, str]] = frozenset(),
    seen: Throughput | None = None,
) -> list[Proposal]:
    """Every pair that is not `done`, of a model with which the gap's draws move together: those with weights by the
    variance that a GPU hour takes, then those behind an API by what a dollar takes; of unknown cost last of their kind.
    """
    known = gap[np.isfinite(gap)]
    whole = float(np.var(known, ddof=1)) if len(known) >= LEAST_DRAWS else 0.0
    if whole <= 0:
        return []
    found = []
    for subject in subjects:
        values = np.asarray(subject.draws, dtype=float)
        both = np.isfinite(values) & np.isfinite(gap)
        if both.sum() < LEAST_DRAWS or np.ptp(values[both]) < 1e-6:
            continue  # an anchor, which is fixed by definition
        correlation = float(np.corrcoef(gap[both], values[both])[0, 1]) if np.ptp(gap[both]) > 0 else 0.0
        if abs(correlation) < CERTAIN / math.sqrt(both.sum()):
            continue
        moved, spread = moments(gap, values), float(np.std(values[both], ddof=1))
        for instrument in instruments:
            noise = instrument.noise(subject.ability)
            less = reduction(*moved, noise)
            if less <= 0 or (subject.model, instrument.suite) in done:
                continue
            found.append(_proposal(subject, instrument, spread, correlation, noise, less, whole, seen))
    return sorted(found, key=_order)


def _proposal(
    subject: Subject,
    instrument: Instrument,
    spread: float,
    correlation: float,
    noise: float,
    less: float,
    whole: float,
    seen: Throughput | None,
) -> Proposal:
    told = seen or Throughput()
    hours = price = None
    if subject.runnable and subject.parameters:
        hours = gpu_hours(subject.parameters, instrument.questions, told)
    if not subject.runnable and subject.price_in is not None and subject.price_out is not None:
        price = dollars(subject.price_in, subject.price_out, instrument.questions, told)
    return Proposal(
        model=subject.model,
        suite=instrument.suite,
        ability_spread=spread,
        expected_score=instrument.score(subject.ability),
        correlation=correlation,
        noise=noise,
        reduction=less,
        share=min(1.0, less / whole),
        gpu_hours=hours,
        dollars=price,
        borrowed=instrument.borrowed,
    )


def _order(one: Proposal) -> tuple[bool, bool, float, float, str, str]:
    behind_api = one.dollars is not None
    worth = one.per_dollar if behind_api else one.per_hour
    return behind_api, worth is None, -(worth or 0.0), -one.reduction, one.model, one.suite
