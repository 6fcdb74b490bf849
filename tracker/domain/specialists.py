"""Where small or cheap models win: on one test the best model, the cheapest that comes near it, and who still leads."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tracker.domain.solver import Floats

# What a reader may ask for instead of two standard errors: this share of the best score.
SHARES: Final = (80, 90, 95)
NEAR: Final = "near"  # the level that is not asked for: two standard errors below the best score
SIGMAS: Final = 2.0
FALLBACK: Final = 95
# What makes a finding: it beats models that cost at least so many times as much.
TIMES: Final = 10.0
DRAWS: Final = 2000
SEED: Final = 20261122
CENTRAL: Final = (5.0, 95.0)
APART: Final = 1.645  # standard errors of a difference: 95 % one-sided
_NUMBERS: Final = 250_000  # drawn at a time
_ASKED: Final = 256  # models whether they reach a level, at a time


@dataclass(frozen=True, slots=True)
class Field:
    """One field of work, and the benchmarks that test it, by what the catalogue says they are about."""

    key: str
    name: str
    domains: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()

    def holds(self, domain: str, category: str) -> bool:
        return domain in self.domains or category in self.categories


# A benchmark belongs to the first field that holds it.
FIELDS: Final = (
    Field("formal-proofs", "Formal proofs", frozenset({"formal-proofs"})),
    Field("mathematics", "Mathematics", frozenset({"mathematics"}), frozenset({"mathematics"})),
    Field("coding", "Coding", frozenset({"software"}), frozenset({"coding"})),
    Field("medicine", "Medicine", frozenset({"medicine"})),
    Field("law", "Law", frozenset({"law"})),
    Field("service", "Banking and customer service", frozenset({"banking", "customer-service", "retail", "telecom"})),
    Field("science", "Expert science", frozenset({"science"})),
)


def field_of(domain: str, category: str) -> str:
    """The key of the field that a benchmark tests; blank for none of those followed here."""
    return next((field.key for field in FIELDS if field.holds(domain, category)), "")


@dataclass(frozen=True, slots=True)
class Entrant:
    """A model on one benchmark. `price` is the blend of its cheapest offer, `overall` its place on the index, `open`
    None where nobody told how it can be had."""

    model: str
    score: float
    error: float | None = None
    price: float | None = None
    overall: float | None = None
    open: bool | None = None
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """What is needed of a benchmark to say what a level is."""

    unit: str
    items: int | None = None
    lower_is_better: bool = False


@dataclass(frozen=True, slots=True)
class AtLevel:
    """The cheapest model at a level: `asked` for, and set by `rule` in the end. `ratio` is how many times its price the
    best priced model costs, with a central 90 % interval; None where no error is known. `leader` is the model of the
    highest index that scores better."""

    asked: str
    rule: str
    level: float
    cheapest: str
    reaching: int
    ratio: float
    low: float | None
    high: float | None
    leader: str


@dataclass(frozen=True, slots=True)
class Beaten:
    """A model that scores higher than one which costs at least ten times as much. `sure`: by more than their errors
    could make of nothing, at 95 % one-sided."""

    model: str
    beaten: str
    times: float
    sure: bool
    many: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One benchmark: who leads, who leads among models with a price, the cheapest at each level, and the finding."""

    best: str
    best_priced: str
    models: int
    priced: int
    levels: tuple[AtLevel, ...]
    finding: Beaten | None


def error_of(entrant: Entrant, test: Bench) -> float | None:
    """The standard error of a score: as reported; else, of a share of items solved, that of so many items."""
    if entrant.error is not None:
        return entrant.error
    if test.items and test.unit in ("proportion", "rate") and 0 <= entrant.score <= 1:
        # A full score has no error by the formula: half an item short of it stands in.
        short = 0.5 / test.items
        share = min(max(entrant.score, short), 1 - short)
        return math.sqrt(share * (1 - share) / test.items)
    return None


def level_of(best: float, error: float | None, rule: str, test: Bench) -> tuple[float, str] | None:
    """The score to be reached, and the rule by which it was set in the end; None where the rule says nothing.

    Near: two standard errors short of the best score, or 95 % of it where its error is not known. A share: that much of
    the best score; of an Elo rating, which has no zero, the rating that wins so much of the half of all comparisons
    that the best would win against itself.
    """
    sign = -1.0 if test.lower_is_better else 1.0
    if rule == NEAR and error is not None:
        return best - sign * SIGMAS * error, NEAR
    share = (FALLBACK if rule == NEAR else int(rule)) / 100
    if test.unit == "elo":
        return best - 400 * math.log10((1 - share / 2) / (share / 2)), str(round(100 * share))
    if test.unit == "dollars" or best <= 0:
        return None
    return (best / share if test.lower_is_better else best * share), str(round(100 * share))


def standing(entrants: Iterable[Entrant], test: Bench, *, draws: int = DRAWS) -> Standing | None:
    """Who stands where on a benchmark; None where nobody was measured."""
    sign = -1.0 if test.lower_is_better else 1.0
    rows = sorted(entrants, key=lambda row: (-sign * row.score, row.price or math.inf, row.model))
    if not rows:
        return None
    priced = [row for row in rows if row.price]
    return Standing(
        best=rows[0].model,
        best_priced=priced[0].model if priced else "",
        models=len(rows),
        priced=len(priced),
        levels=tuple(_levels(rows, priced, test, sign, draws)) if priced else (),
        finding=_finding(priced, test, sign),
    )


def _levels(
    rows: Sequence[Entrant], priced: Sequence[Entrant], test: Bench, sign: float, draws: int
) -> Iterator[AtLevel]:
    error = error_of(rows[0], test)
    asked = {rule: level_of(rows[0].score, error, rule, test) for rule in (NEAR, *map(str, SHARES))}
    set_by = {rule: found for rule, found in asked.items() if found is not None}
    bars = {rule: sign * level for rule, (level, _) in set_by.items()}
    reaching = {rule: [row for row in priced if sign * row.score >= bar] for rule, bar in bars.items()}
    ruled = {rule: set_by[rule][1] for rule, some in reaching.items() if some}
    least = _least_drawn(rows, ruled, test, sign, draws) if error is not None and ruled else {}
    for rule in ruled:
        cheapest = min(reaching[rule], key=lambda row: (row.price or math.inf, -sign * row.score, row.model))
        better = [row for row in rows if sign * row.score > sign * cheapest.score and row.overall is not None]
        dearest = priced[0].price or 0.0
        ratio = dearest / (cheapest.price or 1.0)
        low = high = None
        if rule in least and np.isfinite(least[rule]).all():
            low, high = np.percentile(dearest / least[rule], CENTRAL).tolist()
            # Of many models just short of the level some would reach it another time: the estimate stays inside.
            low, high = min(low, ratio), max(high, ratio)
        yield AtLevel(
            asked=rule,
            rule=ruled[rule],
            level=set_by[rule][0],
            cheapest=cheapest.model,
            reaching=len(reaching[rule]),
            ratio=ratio,
            low=low,
            high=high,
            leader=max(better, key=lambda row: (row.overall or -math.inf, row.model)).model if better else "",
        )


def _least_drawn(
    rows: Sequence[Entrant], ruled: Mapping[str, str], test: Bench, sign: float, draws: int
) -> dict[str, Floats]:
    """By rule the least price at the level in every draw of the scores as they could have come out, infinite where
    nobody reaches it. The best model and the rule stay; what is drawn anew is the best's score, the level with it, and
    who reaches it. A score without a known error stays as it is.

    The cheapest are asked first, and nobody else in the draws in which one of them is there.
    """
    chance, error = np.random.default_rng(SEED), error_of(rows[0], test)
    spread = np.array([error_of(row, test) or 0.0 for row in rows])
    score = np.array([row.score for row in rows])
    price = np.array([row.price or math.inf for row in rows])
    cheap = np.argsort(price, kind="stable")[: np.count_nonzero(np.isfinite(price))]
    least = {rule: np.full(draws, math.inf) for rule in ruled}
    size = max(1, _NUMBERS // len(rows))
    for first in range(0, draws, size):
        noise = chance.standard_normal((min(size, draws - first), len(rows)))
        best = (score[0] + spread[0] * noise[:, 0]).tolist()
        bars = {
            rule: sign * np.array([_again(one, error, set_by, test) for one in best]) for rule, set_by in ruled.items()
        }
        for at in range(0, len(cheap), _ASKED):
            some = cheap[at : at + _ASKED]
            drawn = sign * (score[some] + spread[some] * noise[:, some])
            for rule, bar in bars.items():
                found = least[rule][first : first + len(noise)]
                there = drawn >= bar[:, None]
                found[:] = np.where(np.isinf(found) & there.any(axis=1), price[some[there.argmax(axis=1)]], found)
            if all(np.isfinite(least[rule][first : first + len(noise)]).all() for rule in ruled):
                break
    return least


def _again(score: float, error: float | None, ruled: str, test: Bench) -> float:
    found = level_of(score, error, ruled, test)
    return score if found is None else found[0]


def _finding(priced: Sequence[Entrant], test: Bench, sign: float) -> Beaten | None:
    """Of the pairs in which a model beats one of at least ten times its price: those apart by more than their errors
    first, then the one whose loser is the ablest, then the one whose winner scores best."""
    if not priced:
        return None
    pairs = _Pairs(priced, test, sign)
    for sure in (True, False):
        found = pairs.first(sure=sure)
        if found is not None:
            row, other = found
            return Beaten(row.model, other.model, (other.price or 0.0) / (row.price or 1.0), sure, pairs.beaten_by(row))
    return None


class _Pairs:
    """Who of the priced models beats whom. There are as many pairs as the square of the models: which losers have been
    beaten at all is told by the best score up to a price, and of these the ablest are looked at until one is found."""

    def __init__(self, priced: Sequence[Entrant], test: Bench, sign: float) -> None:
        self.test, self.sign, self.losers = test, sign, priced
        errors = [error_of(row, test) for row in priced]
        self.lost = np.array([sign * row.score for row in priced])
        self.price = np.array([row.price or 0.0 for row in priced])
        self.unsure = np.array([math.nan if error is None else error for error in errors])
        # The best score first, so that the first who beats a loser is the one to name.
        order = sorted(range(len(priced)), key=lambda at: (sign * priced[at].score, priced[at].model), reverse=True)
        self.winners = [priced[at] for at in order]
        self.won, self.error = self.lost[order], self.unsure[order]
        self.dear = TIMES * self.price[order]  # from here on a price is at least so many times as much

    def first(self, *, sure: bool) -> tuple[Entrant, Entrant] | None:
        """The pair that is named of all, or of the sure ones."""
        able = [row.overall or -math.inf for row in self.losers]
        chosen, reach = None, len(self.winners)
        level = math.inf
        for at in sorted(self._maybe_beaten(sure=sure), key=lambda at: -able[at]):
            if chosen is not None and able[at] < level:
                break
            level = able[at]
            # Of equally able losers the one whose winner is the best.
            place = self._winner_of(at, reach, sure=sure)
            if place is not None:
                chosen, reach = (self.winners[place], self.losers[at]), place
        return chosen

    def _maybe_beaten(self, *, sure: bool) -> list[int]:
        """The places of the losers that somebody beats; of the sure ones those that somebody may."""
        order = np.argsort(self.dear, kind="stable")
        cheaper = np.searchsorted(self.dear[order], self.price, side="right")
        best = np.concatenate([[-math.inf], np.maximum.accumulate(self.won[order])])[cheaper]
        maybe = best > self.lost
        if sure:
            # Two errors together are no less than either of them.
            clear = np.where(np.isnan(self.error), -math.inf, self.won - APART * self.error)[order]
            clearest = np.concatenate([[-math.inf], np.maximum.accumulate(clear)])[cheaper]
            least = self.lost - self._rounding
            maybe &= (clearest > least) & (best - APART * self.unsure > least)
        return np.flatnonzero(maybe).tolist()

    @property
    def _rounding(self) -> float:
        """More than a sum of scores is wrong by."""
        return 1e-9 * float(np.abs(self.won).max())

    def _winner_of(self, at: int, reach: int, *, sure: bool) -> int | None:
        """The place of the best of the first winners that beats the loser in this place."""
        lead = self.won[:reach] - self.lost[at]
        beats = (lead > 0) & (self.price[at] >= self.dear[:reach])
        if sure:
            beats &= lead + self._rounding > APART * np.hypot(self.error[:reach], self.unsure[at])
        places: list[int] = np.flatnonzero(beats).tolist()
        return next(
            (place for place in places if not sure or _apart(self.winners[place], self.losers[at], self.test)), None
        )

    def beaten_by(self, row: Entrant) -> int:
        """How many models of at least ten times its price score less."""
        return sum(
            (other.price or 0.0) >= TIMES * (row.price or math.inf) and self.sign * other.score < self.sign * row.score
            for other in self.losers
        )


def _apart(one: Entrant, other: Entrant, test: Bench) -> bool:
    errors = error_of(one, test), error_of(other, test)
    if errors[0] is None or errors[1] is None:
        return False
    return abs(one.score - other.score) > APART * math.hypot(errors[0], errors[1])


def headline(fields: Mapping[str, Sequence[tuple[str, str, int]]]) -> dict[str, str]:
    """Of each field the benchmark that stands for it: of its live ones, or of all where none is live, the one with
    most priced models. Each is (slug, state, priced models)."""
    found = {}
    for field, benchmarks in fields.items():
        live = [one for one in benchmarks if one[1] == "live" and one[2]] or [one for one in benchmarks if one[2]]
        if live:
            found[field] = min(live, key=lambda one: (-one[2], one[0]))[0]
    return found
