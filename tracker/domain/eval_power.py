"""How many questions a difference needs to be seen, and what difference a number of questions can show.

Miller, "Adding Error Bars to Evals" (arXiv 2411.00640), section 5: n = (z_{a/2} + z_b)^2 (w^2 + s_A^2/K_A + s_B^2/K_B)
/ d^2, where w^2 is the variance over questions of the difference between the two models' true means and s^2 the mean
variance of single answers within a question.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

SIGNIFICANCE: Final = 0.05
POWER: Final = 0.8


@dataclass(frozen=True, slots=True)
class Design:
    """What a paired comparison is made of. `effect` is the design effect of clusters: by how much the clustered
    variance is larger than that of independent questions."""

    between: float  # w^2
    within_a: float = 0.0  # s_A^2
    within_b: float = 0.0
    repeats_a: int = 1  # K_A
    repeats_b: int = 1
    effect: float = 1.0
    significance: float = SIGNIFICANCE
    power: float = POWER

    @property
    def variance(self) -> float:
        """The variance of one question's difference."""
        return self.effect * (self.between + self.within_a / self.repeats_a + self.within_b / self.repeats_b)

    @property
    def z(self) -> float:
        """z_{a/2} + z_b: how many standard errors the difference must be."""
        return NormalDist().inv_cdf(1 - self.significance / 2) + NormalDist().inv_cdf(self.power)


def questions_needed(difference: float, design: Design) -> int:
    """The least number of questions with which a difference is seen with the wanted power; at least two."""
    if difference == 0:
        raise ValueError("no number of questions shows a difference of nought")
    return max(2, math.ceil(design.z**2 * design.variance / difference**2 - 1e-9))


def detectable(n: int, design: Design) -> float:
    """The least difference that `n` questions show with the wanted power: the same formula for d."""
    return design.z * math.sqrt(design.variance / n)


def power_with(n: int, difference: float, design: Design) -> float:
    """The probability of seeing a difference with `n` questions: the same formula for z_b. The other tail, a
    significant difference of the wrong sign, is left out as it is there."""
    if design.variance == 0:
        return 1.0 if difference else design.significance / 2
    shift = abs(difference) / math.sqrt(design.variance / n)
    return NormalDist().cdf(shift - NormalDist().inv_cdf(1 - design.significance / 2))


def from_accuracy(accuracy_a: float, accuracy_b: float, correlation: float, chance: float) -> tuple[float, ...]:
    """w^2, s_A^2 and s_B^2 of right-or-wrong answers. A single answer has variance p(1-p); the share `chance` of it is
    luck within a question (0: greedy answers), the rest is between questions, correlated by `correlation`."""
    total_a, total_b = accuracy_a * (1 - accuracy_a), accuracy_b * (1 - accuracy_b)
    between_a, between_b = (1 - chance) * total_a, (1 - chance) * total_b
    between = between_a + between_b - 2 * correlation * math.sqrt(between_a * between_b)
    return max(0.0, between), chance * total_a, chance * total_b


def between_variance(
    a: Mapping[str, float],
    b: Mapping[str, float],
    *,
    within_a: float,
    within_b: float,
    repeats_a: int,
    repeats_b: int,
) -> float | None:
    """w^2 from two runs' question means: the variance of their differences less what single answers add to it, not
    below nought. None with fewer than two shared questions."""
    differences = [a[question] - b[question] for question in a if question in b]
    if len(differences) < 2:
        return None
    return max(0.0, float(np.var(differences, ddof=1)) - within_a / repeats_a - within_b / repeats_b)
