"""Forecasts of the gap by simple methods, each with its quantiles or probability, and the rules they are scored by."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import numpy as np

from tracker.domain.frontier import DAYS_PER_MONTH, Floats
from tracker.domain.frontier_history import Standing
from tracker.domain.survival import product_limit

LEVELS: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
LOW, MIDDLE, HIGH = LEVELS[0], 0.5, LEVELS[-1]
# Errors of its own past that a method needs before it is believed to know how far it errs.
LEAST_ERRORS: Final = 8
TREND_MONTHS: Final = 12
LEAST_TREND: Final = 6
# What is due within days is known already, near enough.
LEAST_DAYS: Final = 5
MONTH_ENDS: Final = 3
QUARTER_ENDS: Final = 4


class Method(StrEnum):
    """How a forecast is made. PERSISTENCE is the peer that the others are measured against."""

    PERSISTENCE = "persistence"
    LINEAR = "linear"
    HAZARD = "hazard"


METHODS: Final[Mapping[Method, str]] = {
    Method.PERSISTENCE: (
        "Nothing moves but as it has moved: today's figure, with an interval from its own past changes over the same "
        "time. For a level to be reached: how often the open frontier rose as far within such a time."
    ),
    Method.LINEAR: (
        "A straight line through the last 12 months, carried on, with an interval from how far such lines were off in "
        "the past."
    ),
    Method.HAZARD: (
        "The catch-up curve (L7): of the closed records that stood as long as today's, how many were matched within "
        "the time asked for; past the end of the curve at its mean rate."
    ),
}


class Asks(StrEnum):
    """What a question asks for. The first three are figures, the others events."""

    L1 = "L1"
    L7 = "L7"
    L8 = "L8"
    PARITY = "parity"
    MATCHED = "matched"
    CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class Wording:
    """A question as pages put it; its unit is months or points, or probability for an event."""

    title: str
    unit: str
    text: str


QUESTIONS: Final[Mapping[Asks, Wording]] = {
    Asks.L1: Wording("Backward lag (L1)", "months", "How old will the level of open models be, as a year's mean?"),
    Asks.L7: Wording("Catch-up time (L7)", "months", "After how long will half of the closed records be matched?"),
    Asks.L8: Wording("Vertical gap (L8)", "points", "How far will the best open model be below the best closed one?"),
    Asks.PARITY: Wording(
        "Parity", "probability", "Will the best open model stand at or above the best closed one on that day?"
    ),
    Asks.MATCHED: Wording(
        "Today's frontier matched", "probability", "Will an open model have reached the closed frontier of the day?"
    ),
    Asks.CLAIM: Wording("A published forecast", "probability", "Will it come as it was published?"),
}
FIGURES: Final = (Asks.L1, Asks.L7, Asks.L8)


def asks(question: str) -> Asks:
    """What a stored question asks for: the model it names stands behind a colon."""
    return Asks(question.partition(":")[0])


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one method says of one question for one day: quantiles at LEVELS, or a probability. `subject` is the model
    whose level is to be reached, for a question that has one."""

    method: Method
    asks: Asks
    due: date
    quantiles: tuple[float, ...] = ()
    probability: float | None = None
    subject: str = ""


# Scores: smaller is better, and each is smallest on average for who says what he believes.


def pinball(level: float, quantile: float, observed: float) -> float:
    """The loss of one quantile."""
    return (level - (observed < quantile)) * (observed - quantile)


def quantile_score(quantiles: Sequence[float], observed: float, levels: Sequence[float] = LEVELS) -> float:
    """Twice the mean pinball loss over the levels, in the figure's unit: for a lone median the distance to it, over
    ever more levels the CRPS."""
    losses = [pinball(level, at, observed) for level, at in zip(levels, quantiles, strict=True)]
    return 2 * sum(losses) / len(losses)


def brier(probability: float, came: bool) -> float:
    """The square of the distance between the probability and what came, 1 or 0: 0 is best, 1 worst, 0.25 what one half
    always gets."""
    return (probability - came) ** 2


def log_score(probability: float, came: bool) -> float:
    """Minus the logarithm of the probability given to what came; infinite for what was called impossible."""
    given = probability if came else 1 - probability
    return -math.log(given) if given > 0 else math.inf


# What methods say of a series with one value a month, oldest first.


def centre(method: Method, past: Floats, ahead: float) -> float:
    """The middle of a forecast `ahead` months on; NaN where the method has too little to go by."""
    if not len(past) or math.isnan(past[-1]):
        return math.nan
    if method is Method.PERSISTENCE:
        return float(past[-1])
    recent = past[-(TREND_MONTHS + 1) :]
    at = np.arange(len(recent), dtype=float) - (len(recent) - 1)
    known = np.isfinite(recent)
    if known.sum() < LEAST_TREND:
        return math.nan
    at, recent = at[known], recent[known]
    away = at - at.mean()
    return float(recent.mean() + (away @ recent) / (away @ away) * (ahead - at.mean()))


def errors(method: Method, past: Floats, steps: int) -> Floats:
    """What came minus what the method said `steps` months before, for every month of the past that tells."""
    said = np.array([centre(method, past[: end + 1], steps) for end in range(len(past) - steps)])
    found = past[steps:] - said
    return np.asarray(found[np.isfinite(found)])


def _both_ways(found: Floats) -> Floats:
    """The errors and their mirror images: an interval that leans neither way, for the middle already says where to."""
    return np.concatenate([found, -found])


def quantiles(method: Method, past: Floats, ahead: float) -> tuple[float, ...]:
    """The forecast at LEVELS; () where the method has too little to go by."""
    middle, steps = centre(method, past, ahead), max(1, round(ahead))
    found = errors(method, past, steps)
    if math.isnan(middle) or len(found) < LEAST_ERRORS:
        return ()
    # Times between whole months: errors grow about as the root of the time.
    wide = math.sqrt(ahead / steps)
    return tuple(middle + wide * float(edge) for edge in np.quantile(_both_ways(found), LEVELS))


def _share(hits: Floats, stretches: float) -> float:
    """The share of hits, never 0 or 1: half a hit and half a miss are added to as many cases as there are stretches
    of the past that do not overlap."""
    many = max(1.0, stretches)
    return (float(hits.mean()) * many + 0.5) / (many + 1)


def probability_at_most(method: Method, past: Floats, ahead: float, limit: float) -> float | None:
    """That the series will be at or below `limit`; None where the method has too little to go by."""
    middle, steps = centre(method, past, ahead), max(1, round(ahead))
    found = errors(method, past, steps)
    if math.isnan(middle) or len(found) < LEAST_ERRORS:
        return None
    drawn = middle + math.sqrt(ahead / steps) * _both_ways(found)
    return _share((drawn <= limit).astype(float), len(found) / steps)


def probability_reached(method: Method, past: Floats, ahead: float, level: float) -> float | None:
    """That a frontier, which only rises, will be at or above `level`; None where there is too little to go by."""
    if method is Method.LINEAR:
        return _above(probability_at_most(method, past, ahead, np.nextafter(level, -math.inf)))
    steps = max(1, round(ahead))
    rises = errors(Method.PERSISTENCE, past, steps)
    if not len(past) or math.isnan(past[-1]) or len(rises) < LEAST_ERRORS:
        return None
    return _share((past[-1] + rises * (ahead / steps) >= level).astype(float), len(rises) / steps)


def _above(below: float | None) -> float | None:
    return None if below is None else 1 - below


def hazard(waits: Sequence[tuple[float, bool]], stood: float, ahead: float) -> float | None:
    """That a closed record which has stood unmatched for `stood` months is matched within `ahead` more, by the survival
    of all `waits` (months, whether matched). None before anything was matched."""
    months = np.array([wait for wait, _ in waits], dtype=float)
    matched = np.array([float(hit) for _, hit in waits])
    if not matched.any() or months.sum() <= 0:
        return None
    curve, rate, end = product_limit(months, matched), float(matched.sum() / months.sum()), float(months.max())

    def unmatched(at: float) -> float:
        # Past the last wait the curve says nothing more: from there on records are matched at their mean rate.
        inside = float(curve.at(np.array([min(at, end)]))[0][0])
        return inside * math.exp(-rate * max(0.0, at - end))

    before = unmatched(stood)
    chance = 1 - (unmatched(stood + ahead) / before if before > 0 else math.exp(-rate * ahead))
    return _share(np.array([chance]), float((months >= stood).sum()))


# Questions and days


def month_end(year: int, month: int) -> date:
    """The last day of that month; months count from 1."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def due_days(made_on: date) -> tuple[date, ...]:
    """The days a forecast is made for: the next three month ends and the next four ends of a quarter."""
    ends = [
        month_end(made_on.year + (made_on.month - 1 + n) // 12, (made_on.month - 1 + n) % 12 + 1) for n in range(16)
    ]
    later = [end for end in ends if (end - made_on).days >= LEAST_DAYS]
    quarters = [end for end in later if end.month % 3 == 0]
    return tuple(sorted({*later[:MONTH_ENDS], *quarters[:QUARTER_ENDS]}))


def predictions(history: Sequence[Standing], due: date) -> list[Prediction]:
    """What every method says of every question for a day to come. `history` is a month apart, oldest first; its last
    day is the day up to which anything is known."""
    now = history[-1]
    ahead = (due - now.on).days / DAYS_PER_MONTH
    if ahead <= 0:
        raise ValueError(f"{due} is not after {now.on}, the last day known")
    found: list[Prediction] = []
    for method in (Method.PERSISTENCE, Method.LINEAR):
        for asked in FIGURES:
            said = quantiles(method, series(history, asked), ahead)
            # A wait is never less than nothing.
            if asked is Asks.L7:
                said = tuple(max(0.0, edge) for edge in said)
            if said:
                found.append(Prediction(method, asked, due, said))
        _add(found, method, Asks.PARITY, due, probability_at_most(method, series(history, Asks.L8), ahead, 0.0))
    if now.open_best < now.closed_best:
        for method in (Method.PERSISTENCE, Method.LINEAR):
            frontier = np.array([one.open_best for one in history])
            chance = probability_reached(method, frontier, ahead, now.closed_best)
            _add(found, method, Asks.MATCHED, due, chance, now.top)
        stood = (now.on - now.top_on).days / DAYS_PER_MONTH
        _add(found, Method.HAZARD, Asks.MATCHED, due, hazard(now.waits, stood, ahead), now.top)
    return found


def _add(
    found: list[Prediction], method: Method, asked: Asks, due: date, probability: float | None, subject: str = ""
) -> None:
    if probability is not None:
        found.append(Prediction(method, asked, due, probability=probability, subject=subject))


def observed(asked: Asks, then: Standing, level: float | None = None) -> float | None:
    """What came, as a number: a figure, or 1 and 0 for an event; None where the day has none. `level` is what open
    models were to reach."""
    if asked is Asks.PARITY:
        return float(then.gap <= 0)
    if asked is Asks.MATCHED:
        return None if level is None else float(then.open_best >= level)
    value = float(series([then], asked)[0])
    return None if math.isnan(value) else value


def score(said: Prediction, came: float) -> float:
    """The score of the question's rule: Brier's for an event, the quantile score for a figure."""
    return quantile_score(said.quantiles, came) if said.probability is None else brier(said.probability, bool(came))


def series(history: Sequence[Standing], asked: Asks) -> Floats:
    """One figure over the months; NaN where a month has none."""
    values = {Asks.L1: "lag", Asks.L7: "catch_up", Asks.L8: "gap"}
    return np.array([getattr(one, values[asked]) for one in history], dtype=float)
