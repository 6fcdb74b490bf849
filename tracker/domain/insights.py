"""What two runs know → short findings: a record broken, a lag that left its interval, a verdict flipped, a new phase.

Each finding has a key that says what it is about and never changes, so that a later run finds the same one again and
says nothing new. `weight` ranks findings by how much they change what one believes: 10 for the headline, 1 for a note.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

# A record or a phase is news for so long.
FRESH = timedelta(days=92)
# Share of definitions that say more than six months: a move by so much is worth telling.
SPREAD_MOVED = 0.05


class Kind(StrEnum):
    """What a finding is about. Insights are stored under these values, and their keys begin with them."""

    FRONTIER = "frontier"
    LAG = "lag"
    VERDICT = "verdict"
    LICENCE = "licence"
    PHASE = "phase"
    PROMISE = "promise"
    BENCHMARK = "benchmark"
    SPREAD = "spread"


class Horizon(StrEnum):
    """How soon a finding matters to a reader."""

    NOW = "now"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of what a finding rests on: words, and the page of this site where it can be looked up."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Finding:
    """`subjects` are `kind:slug` of all it is about; findings that share some are related."""

    key: str
    kind: Kind
    title: str
    summary: str
    impact: str
    horizon: Horizon
    weight: float
    evidence: tuple[Evidence, ...]
    subjects: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A model that was the best of its side when it came out, with the best before it; values in index points."""

    side: str
    slug: str
    model: str
    lab: str
    lab_slug: str
    on: date
    value: float
    low: float | None
    high: float | None
    before: str
    before_value: float | None


@dataclass(frozen=True, slots=True)
class Lag:
    """One estimator's answer, in its unit (months, or index points for L8)."""

    id: str
    question: str
    value: float | None
    low: float | None
    high: float | None

    @property
    def unit(self) -> str:
        return "points" if self.id == "L8" else "months"


@dataclass(frozen=True, slots=True)
class Flip:
    """A claim with the verdicts of two runs; `turns_on` is the assumption it depends on now, blank for none."""

    slug: str
    title: str
    before: str
    after: str
    turns_on: str


@dataclass(frozen=True, slots=True)
class PhaseBegun:
    """A lab's phase and the stance before it; provisional while only one quarter's end has shown it."""

    lab: str
    lab_slug: str
    stance: str
    before: str
    since: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """A promise that a later event kept or broke."""

    key: str
    lab: str
    lab_slug: str
    title: str
    state: str
    by: str
    on: date
    fact: int


@dataclass(frozen=True, slots=True)
class StateChange:
    """A benchmark that passed from one state of saturation to another."""

    slug: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Reworded:
    """A licence text that came with other words."""

    number: int
    name: str
    url: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    subject: str


def frontier(steps: Iterable[Step], *, gap: Lag | None, as_of: date) -> Iterator[Finding]:
    """Records of the last weeks, of both sides."""
    for step in steps:
        if not as_of - FRESH < step.on <= as_of:
            continue
        side = "open" if step.side == "open" else "closed"
        range_ = "" if step.low is None or step.high is None else f" (90 % interval {step.low:.1f} to {step.high:.1f})"
        margin = "" if step.before_value is None else f", {step.value - step.before_value:.1f} above {step.before}"
        stands = ""
        if gap is not None and gap.value is not None:
            stands = f"The best closed model is now {_signed(gap.value)} index points from the best open one."
        overlap = step.low is not None and step.before_value is not None and step.low < step.before_value
        caution = " The interval reaches below the record before it: not resolvable yet." if overlap else ""
        yield Finding(
            key=f"frontier:{side}:{step.slug}",
            kind=Kind.FRONTIER,
            title=f"{step.model} is the best {side} model",
            summary=f"{step.model} by {step.lab}, released {step.on:%-d %B %Y}, stands at {step.value:.1f} points"
            f"{range_}{margin}.{caution}",
            impact=stands,
            horizon=Horizon.NOW,
            weight=6.0 if overlap else 8.0,
            evidence=(
                Evidence(f"{step.model}: its scores and their sources", f"/models/{step.slug}/"),
                Evidence("Both frontiers", "/gap/"),
            ),
            subjects=(f"model:{step.slug}", f"lab:{step.lab_slug}", "gap"),
            tags=(side, "frontier"),
        )


def _signed(value: float) -> str:
    return f"{value:.1f}" if value >= 0 else f"−{-value:.1f}"


def lags(before: Mapping[str, Lag], now: Mapping[str, Lag], *, on: date) -> Iterator[Finding]:
    """Estimates that left the interval that the run before gave them."""
    for name, lag in now.items():
        old = before.get(name)
        if old is None or lag.value is None or old.low is None or old.high is None or old.value is None:
            continue
        if old.low <= lag.value <= old.high:
            continue
        way = "longer" if lag.value > old.high else "shorter"
        yield Finding(
            key=f"lag:{name}:{on}",
            kind=Kind.LAG,
            title=f"{lag.question} {lag.value:.1f} {lag.unit}, {way} than the interval before",
            summary=f"{name} was {old.value:.1f} {lag.unit} ({old.low:.1f} to {old.high:.1f}) and is {lag.value:.1f}.",
            impact="Whoever quotes the earlier figure quotes one that the data no longer support.",
            horizon=Horizon.NOW,
            weight=10.0 if name in ("L1", "L7") else 7.0,
            evidence=(Evidence("All estimators with their definitions", "/gap/"),),
            subjects=("gap", f"estimator:{name}"),
            tags=("gap", name),
        )


def spread(before: float | None, now: float | None, definitions: int, *, on: date) -> Iterator[Finding]:
    """The share of all definitions that say more than six months, where it moved."""
    if before is None or now is None or abs(now - before) < SPREAD_MOVED:
        return
    yield Finding(
        key=f"spread:{on}",
        kind=Kind.SPREAD,
        title=f"{100 * now:.0f} % of definitions now say more than six months",
        summary=f"It was {100 * before:.0f} %. {definitions} combinations of estimator, benchmarks, meaning of open, "
        "effort and tolerance were asked.",
        impact="The quarrel over three months or ten is one over definitions: this is how they divide today.",
        horizon=Horizon.NOW,
        weight=7.0,
        evidence=(Evidence("The specification curve", "/gap/#specification"),),
        subjects=("gap",),
        tags=("gap", "definitions"),
    )


def verdicts(flips: Iterable[Flip], *, on: date) -> Iterator[Finding]:
    """Claims that this run judges otherwise than the run before."""
    for flip in flips:
        turns = f" It turns on this: {flip.turns_on}" if flip.turns_on else ""
        yield Finding(
            key=f"verdict:{flip.slug}:{flip.after}:{on}",
            kind=Kind.VERDICT,
            title=f"“{flip.title}”: {flip.before}, now {flip.after}",
            summary=f"The data of this run judge the claim otherwise than those of the run before.{turns}",
            impact="",
            horizon=Horizon.NOW,
            weight=9.0 if {flip.before, flip.after} == {"holds", "fails"} else 6.0,
            evidence=(Evidence("The claim, its test and its figures", f"/claims/{flip.slug}/"),),
            subjects=(f"claim:{flip.slug}",),
            tags=("claims", flip.after),
        )


def strategy(begun: Iterable[PhaseBegun], words: Mapping[str, str], *, as_of: date) -> Iterator[Finding]:
    """Labs whose releases have lately become more open, or less."""
    for phase in begun:
        if phase.provisional or not as_of - timedelta(days=200) < phase.since <= as_of:
            continue
        yield Finding(
            key=f"phase:{phase.lab_slug}:{phase.since}",
            kind=Kind.PHASE,
            title=f"{phase.lab}: {words[phase.before]}, now {words[phase.stance]}",
            summary=f"By the releases of the year before each quarter's end the lab is in a new phase since "
            f"{phase.since:%B %Y}.",
            impact="What it releases next is likelier to follow the newer pattern than the older.",
            horizon=Horizon.MONTHS,
            weight=5.0,
            evidence=(Evidence(f"{phase.lab}: phases, releases, events", f"/labs/{phase.lab_slug}/"),),
            subjects=(f"lab:{phase.lab_slug}",),
            tags=("strategy", phase.stance),
        )


def promises(settled: Iterable[Settled], *, as_of: date) -> Iterator[Finding]:
    """Promises that were kept or broken within FRESH before that day."""
    for one in settled:
        if not as_of - FRESH < one.on <= as_of:
            continue
        yield Finding(
            key=f"promise:{one.key}:{one.state}",
            kind=Kind.PROMISE,
            title=f"{one.lab}: a promise {one.state}",
            summary=f"Promised: {one.title}. {one.on:%-d %B %Y}: {one.by}.",
            impact="",
            horizon=Horizon.MONTHS,
            weight=4.0,
            evidence=(Evidence("The event that settled it", f"/facts/event/{one.fact}/"),),
            subjects=(f"lab:{one.lab_slug}",),
            tags=("strategy", "promise"),
        )


def benchmarks(changed: Sequence[StateChange], *, on: date) -> Iterator[Finding]:
    """Benchmarks that tell the best models apart worse, or better, than in the run before."""
    for one in changed:
        yield Finding(
            key=f"benchmark:{one.slug}:{one.after}",
            kind=Kind.BENCHMARK,
            title=f"{one.name} is now {one.after}",
            summary=f"It was {one.before}. A saturated benchmark no longer tells the best models apart, and a gap read "
            "off it shrinks by itself.",
            impact="Lags that lean on it are less telling than they were.",
            horizon=Horizon.MONTHS,
            weight=4.0 if one.after == "saturated" else 2.0,
            evidence=(Evidence(f"{one.name}: state, frontier, scores", f"/benchmarks/{one.slug}/"),),
            subjects=(f"benchmark:{one.slug}",),
            tags=("benchmarks", one.after),
        )


def licences(changed: Iterable[Reworded]) -> Iterator[Finding]:
    """Licences whose text is another one; heaviest where a term that was allowed is allowed no more."""
    for one in changed:
        told = []
        if one.lost:
            told.append(f"No longer allowed: {', '.join(one.lost)}.")
        if one.gained:
            told.append(f"Allowed now: {', '.join(one.gained)}.")
        yield Finding(
            key=f"licence:{one.number}",
            kind=Kind.LICENCE,
            title=f"{one.name} came with other words",
            summary=" ".join(told) or "Its text changed; no term that we track did.",
            impact="Who relies on it should read the clauses that changed." if told else "",
            horizon=Horizon.NOW,
            weight=7.0 if one.lost else 5.0 if one.gained else 1.0,
            evidence=(Evidence("Clause by clause", one.url),),
            subjects=(one.subject,),
            tags=("licences",),
        )
