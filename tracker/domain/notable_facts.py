"""What the digest is made of: what two runs a week apart say, and what came in between, as plain rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tracker.domain.insights import Lag, PhaseBegun, StateChange


@dataclass(frozen=True, slots=True)
class Best:
    """The ablest model of a side, in index points."""

    model: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What one run says of the gap; `year` are the lag's first and last day of the year before it, in months.
    `longer` is the share of all definitions that say more than six months."""

    run: int
    day: date
    method: str
    lags: Mapping[str, Lag]
    names: Mapping[str, str]
    open_best: Best | None
    closed_best: Best | None
    longer: float | None
    definitions: int
    year: tuple[tuple[date, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """A claim judged otherwise than a week ago, with the figure of its own definition then and now."""

    slug: str
    title: str
    author: str
    said: str
    before: str
    after: str
    turns_on: str
    figure_before: str
    figure: str
    labs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewStep:
    """A model that leads its side, or led it when it came out, and that did not a week ago. `best_now`: none of its
    side stands above it."""

    side: str
    slug: str
    model: str
    lab: str
    lab_slug: str
    on: date
    precision: str
    value: float
    low: float | None
    high: float | None
    before: str
    before_value: float | None
    best_now: bool
    known_before: bool
    terms: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A model that came out this week and leads nothing."""

    slug: str
    model: str
    lab: str
    lab_slug: str
    on: date
    side: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Rewording:
    """A licence text with other words: terms that forbid or allow more, and the clause that tells it best."""

    key: str
    name: str
    path: str
    read: bool
    forbidden: tuple[str, ...]
    allowed: tuple[str, ...]
    topics: tuple[str, ...]
    clause: str
    clause_before: str
    clause_after: str
    labs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A model on another rung of the openness ladder than a week ago; `learned`: not all was known of it then, so that
    it may have stood there already."""

    slug: str
    model: str
    lab: str
    lab_slug: str
    before: int
    after: int
    before_label: str
    after_label: str
    blocker: str
    leads: bool
    learned: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """Something a lab did, first known this week."""

    fact: int
    kind: str
    lab: str
    lab_slug: str
    on: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Sold:
    """A model that no other beats for its price: dollars per million tokens, three of input to one of output."""

    slug: str
    model: str
    lab: str
    lab_slug: str
    side: str
    host: str
    blend: float
    value: float


@dataclass(frozen=True, slots=True)
class PriceWeek:
    """The price frontier then and now, the cheapest first, and what every model of either cost a week ago and costs
    today at its cheapest."""

    before: tuple[Sold, ...]
    now: tuple[Sold, ...]
    asked_before: Mapping[str, float]
    asked_now: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Lead:
    """Who leads a benchmark of some field of work, and who did a week ago; scores as the benchmark counts them."""

    slug: str
    benchmark: str
    field: str
    unit: str
    headline: bool
    model: str
    model_slug: str
    labs: tuple[str, ...]
    side: str
    score: float
    price: float | None
    before: str
    before_score: float
    better: bool


@dataclass(frozen=True, slots=True)
class Rebelief:
    """A fact about a model that is believed otherwise than a week ago; of a licence the clause on commercial use."""

    slug: str
    model: str
    lab_slug: str
    field: str
    before: str
    after: str
    leads: bool
    clause: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a source corrected in a week, and what it no longer says."""

    source: str
    slug: str
    corrected: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Decided:
    """What a curator set aside or took up again: `kind` is rejected (documents of a source), source-off, source-on,
    benchmark-off or benchmark-on."""

    key: str
    kind: str
    name: str
    many: int
    path: str


@dataclass(frozen=True, slots=True)
class Due:
    """A forecast whose day is near."""

    on: date
    question: str
    unit: str
    method: str
    median: float | None
    low: float | None
    high: float | None
    probability: float | None
    claim: str


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of a possible future; `met_before` None where it could not be told. `far` is how far the figure is from
    the threshold, in its own unit."""

    scenario: str
    future: str
    slug: str
    title: str
    figure: str
    met: bool | None
    met_before: bool | None
    towards: bool
    far: float | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Stale:
    """A source that has been silent for longer than it may be."""

    source: str
    slug: str
    days: int
    may: int
    newly: bool


@dataclass(frozen=True, slots=True)
class Close:
    """A claim whose figure is near the threshold that its verdict turns on."""

    slug: str
    title: str
    verdict: str
    figure: str
    threshold: str
    share: float


@dataclass(frozen=True, slots=True)
class Week:
    """Everything that a digest may tell. `as_of` is the day whose knowledge it is, `before_on` that of the week before;
    `before` is None where nothing was known a week ago."""

    as_of: date
    before_on: date
    known: datetime
    now: Standing | None = None
    before: Standing | None = None
    turns: tuple[Turn, ...] = ()
    steps: tuple[NewStep, ...] = ()
    newcomers: tuple[Newcomer, ...] = ()
    rewordings: tuple[Rewording, ...] = ()
    moves: tuple[Move, ...] = ()
    phases: tuple[PhaseBegun, ...] = ()
    happenings: tuple[Happening, ...] = ()
    prices: PriceWeek | None = None
    leads: tuple[Lead, ...] = ()
    beliefs: tuple[Rebelief, ...] = ()
    benchmarks: tuple[StateChange, ...] = ()
    corrections: tuple[Correction, ...] = ()
    decided: tuple[Decided, ...] = ()
    due: tuple[Due, ...] = ()
    signs: tuple[Sign, ...] = ()
    stale: tuple[Stale, ...] = ()
    close: tuple[Close, ...] = ()
