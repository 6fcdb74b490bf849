"""Two definitions of the lag taken apart: what each choice that tells them apart adds to the difference, in months."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import permutations, product
from typing import Final

from tracker.domain.estimate import DEFINITIONS, Estimator
from tracker.domain.openness import OpenMeans
from tracker.domain.scopes import ALL, SCOPES
from tracker.domain.specification import ESTIMATORS, Tolerance

STORED_AS: Final = "reconcile"  # the scope under which a run keeps its grid
LATEST: Final = "latest"
WHOLE: Final = "2023"


@dataclass(frozen=True, slots=True)
class Window:
    """The days a definition looks at. Backward estimators average over them; estimators of matching count the levels
    matched (L3, L4) or the closed records set (L7) in them. Nothing released later is known."""

    slug: str
    name: str
    since: date | None
    until: date | None

    def ends(self, as_of: date) -> date:
        """Its last day on data counted to `as_of`."""
        return as_of if self.until is None else min(self.until, as_of)

    def begins(self, as_of: date) -> date:
        return self.ends(as_of) - timedelta(days=364) if self.since is None else self.since


WINDOWS: Final = (
    Window(LATEST, "The last 12 months", None, None),
    Window(WHOLE, "January 2023 to the day of the data", date(2023, 1, 1), None),
    Window("2023-2025-10", "January 2023 to 30 October 2025", date(2023, 1, 1), date(2025, 10, 30)),
    Window("2026-05", "1 January to 28 May 2026", date(2026, 1, 1), date(2026, 5, 28)),
    Window("2026-05-01", "1 May 2026 alone", date(2026, 5, 1), date(2026, 5, 1)),
    Window("2023-2026-05", "January 2023 to 28 May 2026", date(2023, 1, 1), date(2026, 5, 28)),
    Window("2026-09", "30 September 2025 to 29 September 2026", date(2025, 9, 30), date(2026, 9, 29)),
)


class Vintage(StrEnum):
    """Whose facts are read: release dates, access, licences and scores as they are known now, or as they were known
    when the window ended."""

    NOW = "now"
    THEN = "then"


class Censoring(StrEnum):
    """What becomes of closed levels that no open model has matched: left out, or counted for as long as they wait."""

    MATCHED = "matched"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Definition:
    """One way to say how far open models trail, as seven choices in the order in which a difference is attributed."""

    window: str = LATEST
    estimator: str = Estimator.L1.value
    tolerance: str = Tolerance.PLAIN.value
    benchmarks: str = ALL
    openness: str = OpenMeans.WEIGHTS.value
    vintage: str = Vintage.NOW.value
    censoring: str = Censoring.MATCHED.value

    def differs(self, other: "Definition") -> tuple[str, ...]:
        """The choices in which the two differ, in order."""
        return tuple(name for name in ORDER if getattr(self, name) != getattr(other, name))

    def towards(self, other: "Definition", choices: Sequence[str]) -> "Definition":
        """With these choices made as the other makes them."""
        return replace(self, **{name: getattr(other, name) for name in choices})


# The documented order: first what is asked, then on which data, then of which quality.
ORDER: Final = tuple(field.name for field in fields(Definition))
ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "window": tuple(window.slug for window in WINDOWS),
    "estimator": tuple(one.value for one in ESTIMATORS),
    "tolerance": tuple(one.value for one in Tolerance),
    "benchmarks": SCOPES,
    "openness": tuple(one.value for one in OpenMeans),
    "vintage": tuple(one.value for one in Vintage),
    "censoring": tuple(one.value for one in Censoring),
}
CHOICE_NAMES: Final[Mapping[str, str]] = {
    "window": "Window",
    "estimator": "Estimator",
    "tolerance": "Tolerance",
    "benchmarks": "Benchmarks",
    "openness": "Meaning of “open”",
    "vintage": "Dates and facts known",
    "censoring": "Unmatched levels",
}
LEVEL_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "window": {window.slug: window.name for window in WINDOWS},
    "estimator": {one.value: f"{one.value} {DEFINITIONS[one].name}" for one in ESTIMATORS},
    "tolerance": {"plain": "No tolerance", "95": "Ahead only if 95 % sure"},
    "benchmarks": {scope: "All benchmarks" if scope == ALL else scope.capitalize() for scope in SCOPES},
    "openness": {
        "weights": "Weights can be downloaded",
        "commercial": "Commercial use without asking",
        "osi": "OSI-approved licence",
        "osaid": "Open Source AI Definition",
    },
    "vintage": {"now": "As known now", "then": "As known when the window ended"},
    "censoring": {"matched": "Left out", "waiting": "Counted as still waiting"},
}


@dataclass(frozen=True, slots=True)
class Published:
    """A result as it was published, with the nearest definition that can be replayed here. `value` is None for ours,
    which is whatever the data give. `apart` says where the published definition is another than the replayed one."""

    slug: str
    author: str
    on: date | None
    says: str
    value: float | None
    low: float | None
    high: float | None
    definition: Definition
    apart: str
    url: str = ""


_THEN: Final = Vintage.THEN.value
OURS: Final = Published(
    "ours", "This site", None, "Backward lag (L1), mean of the last 12 months", None, None, None, Definition(), "",
)  # fmt: skip
PUBLISHED: Final = (
    OURS,
    Published(
        "epoch-2025-10", "Epoch AI", date(2025, 10, 30), "3.5 months on average since 2023", 3.5, 1.1, 5.3,
        Definition("2023-2025-10", "L3", vintage=_THEN),
        "Its index stood on the benchmarks and scores of October 2025.",
    ),
    Published(
        "epoch-2026-05", "Epoch AI", date(2026, 5, 29), "4 months in 2026", 4.0, None, None,
        Definition("2026-05", "L1", Tolerance.SURE.value, vintage=_THEN),
        "Its index stood on the benchmarks and scores of May 2026.",
    ),
    Published(
        "caisi-2026-05", "CAISI (NIST)", date(2026, 5, 1), "about 8 months for DeepSeek V4 Pro", 8.0, None, None,
        Definition("2026-05-01", "L1", vintage=_THEN),
        "It fitted another scale (one-parameter item response) to 16 benchmarks that it ran itself; replayed is the "
        "age, on that day, of the level of the best open model.",
    ),
    Published(
        "ihle-private", "Ihle, LessWrong", date(2026, 5, 28), "8 to 10 months on private benchmarks", 9.0, 8.0, 10.0,
        Definition("2023-2026-05", "L4", benchmarks="private", vintage=_THEN),
        "It chose 17 benchmarks; replayed are all that are private here. The middle of its range stands for it.",
    ),
    Published(
        "ihle-public", "Ihle, LessWrong", date(2026, 5, 28), "4 to 6 months on public benchmarks", 5.0, 4.0, 6.0,
        Definition("2023-2026-05", "L4", benchmarks="public", vintage=_THEN),
        "It chose 17 benchmarks; replayed are all that are public here. The middle of its range stands for it.",
    ),
    Published(
        "gpai-2026-09", "GPAI Policy Lab", date(2026, 9, 29), "7.3 months over the records of 12 months", 7.3, 6.5, 9.2,
        Definition("2026-09", "L5", vintage=_THEN),
        "Its index is another model (Beta likelihood) of 84 benchmarks, and weights that came more than 30 days late "
        "count as closed there for every model, here where a lab's history tells both days.",
    ),
    Published(
        "gpai-private", "GPAI Policy Lab", date(2026, 9, 29), "10.9 months on private benchmarks", 10.9, None, None,
        Definition("2026-09", "L5", benchmarks="private", vintage=_THEN),
        "Its index is another model (Beta likelihood) of 84 benchmarks, and weights that came more than 30 days late "
        "count as closed there for every model, here where a lab's history tells both days.",
    ),
)  # fmt: skip
BY_SLUG: Final = {one.slug: one for one in PUBLISHED}

Value = Callable[[Definition], float | None]


@dataclass(frozen=True, slots=True)
class Step:
    """What one change does: the choices made anew, and the lag before and after."""

    choices: tuple[str, ...]
    before: float
    after: float

    @property
    def months(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From one definition's lag to another's. The steps add up to the difference; `skipped` names those that could not
    be taken alone, because with them the data tell nothing."""

    first: float
    last: float
    steps: tuple[Step, ...]
    skipped: tuple[str, ...] = ()


def waterfall(a: Definition, b: Definition, value: Value, order: Sequence[str] = ORDER) -> Waterfall | None:
    """One choice after another in the given order; None where one of the two has no value.

    Where the data have no answer halfway, the next choice is made as well before the step is measured.
    """
    first, last = value(a), value(b)
    if first is None or last is None:
        return None
    steps: list[Step] = []
    skipped: list[str] = []
    made: list[str] = []
    pending: list[str] = []
    at = first
    for name in (name for name in order if name in a.differs(b)):
        made.append(name)
        pending.append(name)
        found = last if len(made) == len(a.differs(b)) else value(a.towards(b, made))
        if found is None:
            skipped.append(name)
            continue
        steps.append(Step(tuple(pending), at, found))
        at, pending = found, []
    return Waterfall(first, last, tuple(steps), tuple(skipped))


def averaged(a: Definition, b: Definition, value: Value) -> Waterfall | None:
    """Each choice's mean effect over all orders (Shapley's value), which favours none; None where one of the two, or a
    combination between them, has no value."""
    names = a.differs(b)
    known = {
        frozenset(some): value(a.towards(b, some))
        for picks in product((False, True), repeat=len(names))
        for some in [[name for name, picked in zip(names, picks, strict=True) if picked]]
    }
    if any(found is None for found in known.values()):
        return None
    sure = {key: found for key, found in known.items() if found is not None}
    effect = dict.fromkeys(names, 0.0)
    for order in permutations(names):
        made: frozenset[str] = frozenset()
        for name in order:
            effect[name] += sure[made | {name}] - sure[made]
            made |= {name}
    count = math.factorial(len(names))
    steps, at = [], sure[frozenset()]
    for name in names:
        after = at + effect[name] / count
        steps.append(Step((name,), at, after))
        at = after
    return Waterfall(sure[frozenset()], sure[frozenset(names)], tuple(steps))


def between_published() -> frozenset[Definition]:
    """The published definitions, and every one that the documented order passes through between two of them: what a run
    draws again, so that a step has an interval."""
    return frozenset(
        a.definition.towards(b.definition, names[:made])
        for a, b in product(PUBLISHED, repeat=2)
        for names in [a.definition.differs(b.definition)]
        for made in range(len(names) + 1)
    )


# A run stores the values as one list: these axes, the last running fastest.
AXES: Final = ("window", "estimator", "tolerance", "benchmarks", "openness", "censoring")


def combinations() -> list[tuple[str, ...]]:
    """All combinations that a run replays, in the order in which their values are stored."""
    return list(product(*(ALLOWED[name] for name in AXES)))


def place(definition: Definition, axes: Mapping[str, Sequence[str]] = ALLOWED) -> int | None:
    """Where the definition's value stands among a run's, by the levels the run had; None where it had not this one."""
    at = 0
    for name in AXES:
        levels, level = axes.get(name, ()), getattr(definition, name)
        if level not in levels:
            return None
        at = at * len(levels) + list(levels).index(level)
    return at
