"""By how much labs' own scores lie above what others measured of the same model, benchmark and setting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from tracker.domain.evidence import ScoreFact, believed_scores
from tracker.domain.index_draws import LEVEL
from tracker.domain.many_tests import FAMILY_ERROR, holm, quantile, two_sided
from tracker.domain.records import Evaluator

# Closer than a rounding of the last printed digit of a percentage: one measurement under two names.
SAME: Final = 0.0015
MIN_MODELS: Final = 3
THIRD: Final = frozenset({Evaluator.OWN, Evaluator.THIRD_PARTY, Evaluator.LEADERBOARD})


class Verdict(StrEnum):
    """Whether a lab's own scores lie above or below others', with Holm's correction over all labs."""

    INFLATED = "higher"  # in the lab's own word
    DEFLATED = "lower"
    NOT_RESOLVABLE = "not resolvable"
    TOO_FEW = "too few models"


@dataclass(frozen=True, slots=True)
class Pair:
    """One model on one benchmark in one setting, as its lab reported it and as another measured it: proportions of the
    benchmark's scale, higher is better. `first` and `third` are the score facts' ids."""

    model: str
    benchmark: str
    setting: str
    own: float
    other: float
    first: int
    third: int

    @property
    def difference(self) -> float:
        return self.own - self.other

    @property
    def copied(self) -> bool:
        """Whether both give the same number: somebody repeated the other's, and nothing was measured twice."""
        return abs(self.difference) < SAME


@dataclass(frozen=True, slots=True)
class Inflation:
    """A lab's mean difference over independent pairs; interval and chances None where they come from too few models."""

    lab: str
    pairs: int
    models: int
    copies: int
    value: float | None
    low: float | None
    high: float | None
    chance: float | None
    corrected: float | None = None

    @property
    def verdict(self) -> Verdict:
        if self.corrected is None or self.value is None:
            return Verdict.TOO_FEW
        if self.corrected >= FAMILY_ERROR:
            return Verdict.NOT_RESOLVABLE
        return Verdict.INFLATED if self.value > 0 else Verdict.DEFLATED


def pairs(facts: Iterable[ScoreFact], lower_is_better: Iterable[str] = ()) -> list[Pair]:
    """Every model, benchmark and setting with a score of its lab's own and one of somebody else's, the one that is
    believed among several of either side."""
    facts, turned = list(facts), frozenset(lower_is_better)
    own = believed_scores(fact for fact in facts if fact.evaluator is Evaluator.FIRST_PARTY)
    other = believed_scores(fact for fact in facts if fact.evaluator in THIRD)
    found = []
    for key in sorted(own.keys() & other.keys()):
        sign = -1.0 if key[1] in turned else 1.0
        mine, theirs = own[key], other[key]
        found.append(Pair(*key, sign * mine.value, sign * theirs.value, mine.id, theirs.id))
    return found


def by_lab(found: Sequence[tuple[str, Pair]], *, min_models: int = MIN_MODELS) -> list[Inflation]:
    """Each lab's inflation, `found` being (lab, pair), corrected by Holm's procedure over all labs; the lab with most
    independent pairs first. Pairs that repeat a number are counted, and count for nothing else."""
    labs: dict[str, list[Pair]] = {}
    for lab, pair in found:
        labs.setdefault(lab, []).append(pair)
    rows = [_lab(lab, own, min_models) for lab, own in labs.items()]
    tested = [at for at, row in enumerate(rows) if row.chance is not None]
    for at, chance in zip(tested, holm([rows[at].chance or 0.0 for at in tested]), strict=True):
        rows[at] = replace(rows[at], corrected=chance)
    return sorted(rows, key=lambda row: (-row.pairs, -row.models, row.lab))


def _lab(lab: str, found: Sequence[Pair], min_models: int) -> Inflation:
    told = [pair for pair in found if not pair.copied]
    models = len({pair.model for pair in told})
    copies = len(found) - len(told)
    if not told:
        return Inflation(lab, 0, 0, copies, None, None, None, None)
    mean = sum(pair.difference for pair in told) / len(told)
    if models < min_models:
        return Inflation(lab, len(told), models, copies, mean, None, None, None)
    error = clustered_error(told)
    margin = quantile(1.0 - (1.0 - LEVEL) / 2.0, models - 1) * error
    chance = two_sided(mean, error, models - 1)
    return Inflation(lab, len(told), models, copies, mean, mean - margin, mean + margin, chance)


def clustered_error(found: Sequence[Pair]) -> float:
    """The standard error of the mean difference with a model's pairs as one cluster: what a lab does to report well it
    does for a model, not for each benchmark anew."""
    mean = sum(pair.difference for pair in found) / len(found)
    sums: dict[str, float] = {}
    for pair in found:
        sums[pair.model] = sums.get(pair.model, 0.0) + pair.difference - mean
    clusters = len(sums)
    variance = sum(total**2 for total in sums.values()) / len(found) ** 2
    return float((variance * clusters / (clusters - 1)) ** 0.5) if clusters > 1 else 0.0
