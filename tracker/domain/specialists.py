"""Where small or cheap models win: on one test the best model, the cheapest that comes near it, and who still leads."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

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
    found = []
    if priced:
        errors = [error_of(row, test) for row in rows]
        drawn = _drawn(rows, errors, draws) if errors[0] is not None else None
        for rule in (NEAR, *map(str, SHARES)):
            at = _at_level(rows, errors[0], drawn, rule, test, sign)
            if at is not None:
                found.append(at)
    return Standing(
        best=rows[0].model,
        best_priced=priced[0].model if priced else "",
        models=len(rows),
        priced=len(priced),
        levels=tuple(found),
        finding=_finding(priced, test, sign),
    )


def _drawn(rows: Sequence[Entrant], errors: Sequence[float | None], draws: int) -> np.ndarray:
    """Scores as they could have come out, a row a draw; a score without a known error stays as it is."""
    spread = np.array([error or 0.0 for error in errors])
    noise = np.random.default_rng(SEED).standard_normal((draws, len(rows)))
    drawn: np.ndarray = np.array([row.score for row in rows]) + spread * noise
    return drawn


def _at_level(
    rows: Sequence[Entrant], error: float | None, drawn: np.ndarray | None, rule: str, test: Bench, sign: float
) -> AtLevel | None:
    """The best model and the rule stay; what is drawn anew is the best's score, the level with it, and who reaches."""
    set_by = level_of(rows[0].score, error, rule, test)
    if set_by is None:
        return None
    level, ruled = set_by
    reaching = [row for row in rows if row.price and sign * row.score >= sign * level]
    if not reaching:
        return None
    best = next(row for row in rows if row.price)
    cheapest = min(reaching, key=lambda row: (row.price or math.inf, -sign * row.score, row.model))
    better = [row for row in rows if sign * row.score > sign * cheapest.score and row.overall is not None]
    leader = max(better, key=lambda row: (row.overall or -math.inf, row.model)).model if better else ""
    ratio = (best.price or 0.0) / (cheapest.price or 1.0)
    low = high = None
    if drawn is not None:
        prices = np.array([row.price or math.inf for row in rows])
        bars = np.array([_again(score, error, ruled, test) for score in drawn[:, 0].tolist()])
        least = np.where(sign * drawn >= sign * bars[:, None], prices, math.inf).min(axis=1)
        reached = least[np.isfinite(least)]
        if len(reached) == len(least):
            low, high = np.percentile((best.price or 0.0) / reached, CENTRAL).tolist()
            # Of many models just short of the level some would reach it another time: the estimate stays inside.
            low, high = min(low, ratio), max(high, ratio)
    return AtLevel(rule, ruled, level, cheapest.model, len(reaching), ratio, low, high, leader)


def _again(score: float, error: float | None, ruled: str, test: Bench) -> float:
    found = level_of(score, error, ruled, test)
    return score if found is None else found[0]


def _finding(priced: Sequence[Entrant], test: Bench, sign: float) -> Beaten | None:
    """Of the pairs in which a model beats one of at least ten times its price: those apart by more than their errors
    first, then the one whose loser is the ablest, then the one whose winner scores best."""
    pairs = [
        (row, other, _apart(row, other, test))
        for row in priced
        for other in priced
        if (other.price or 0.0) >= TIMES * (row.price or math.inf) and sign * other.score < sign * row.score
    ]
    if not pairs:
        return None
    row, other, sure = max(
        pairs, key=lambda pair: (pair[2], pair[1].overall or -math.inf, sign * pair[0].score, pair[0].model)
    )
    many = sum(winner is row for winner, _, _ in pairs)
    return Beaten(row.model, other.model, (other.price or 0.0) / (row.price or 1.0), sure, many)


def _apart(one: Entrant, other: Entrant, test: Bench) -> bool:
    errors = error_of(one, test), error_of(other, test)
    if errors[0] is None or errors[1] is None:
        return False
    return abs(one.score - other.score) > 1.645 * math.hypot(errors[0], errors[1])


def headline(fields: Mapping[str, Sequence[tuple[str, str, int]]]) -> dict[str, str]:
    """Of each field the benchmark that stands for it: of its live ones, or of all where none is live, the one with
    most priced models. Each is (slug, state, priced models)."""
    found = {}
    for field, benchmarks in fields.items():
        live = [one for one in benchmarks if one[1] == "live" and one[2]] or [one for one in benchmarks if one[2]]
        if live:
            found[field] = min(live, key=lambda one: (-one[2], one[0]))[0]
    return found
