"""A lab's releases → the phases of its openness strategy, and promises → whether they were kept.

The rule, applied at the end of every quarter to the releases of the twelve months before it: at least two thirds under
an OSI-approved licence with downloadable weights is `open`; else at least two thirds downloadable is `weights`; at
least one third downloadable is `mixed`; less is `closed`; no release in those months is `quiet`. A change counts when
it stands at two quarters' ends in a row; it then begins with the first of the two. The newest quarter is provisional.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tracker.domain.events import EventKind

MONTHS = 12
MOST, SOME = 2 / 3, 1 / 3
HOLDS_FOR = 2  # quarters' ends


class Stance(StrEnum):
    """What a year of a lab's releases amounts to. Open and weights ask for two thirds of them, mixed for one third."""

    OPEN = "open"
    WEIGHTS = "weights"
    MIXED = "mixed"
    CLOSED = "closed"
    QUIET = "quiet"


STANCE_WORDS: Mapping[str, str] = {
    Stance.OPEN: "open, OSI-approved terms",
    Stance.WEIGHTS: "open weights under restrictions",
    Stance.MIXED: "mixed",
    Stance.CLOSED: "closed",
    Stance.QUIET: "no release in a year",
}


@dataclass(frozen=True, slots=True)
class Launch:
    """One dated release: whether its weights can be had, and whether under an OSI-approved licence."""

    on: date
    downloadable: bool
    osi: bool


@dataclass(frozen=True, slots=True)
class Quarter:
    """A lab at the end of a quarter: how many releases the rule counted, and what they make it."""

    end: date
    releases: int
    downloadable: int
    osi: int
    stance: Stance


@dataclass(frozen=True, slots=True)
class Phase:
    """From `since` to `until` (None: still) the stance was this; the counts are of the releases within those days."""

    stance: Stance
    since: date
    until: date | None
    releases: int
    downloadable: int
    osi: int
    provisional: bool


def stance(releases: int, downloadable: int, osi: int) -> Stance:
    """The rule of this module for so many releases in twelve months, so many of them downloadable, so many under OSI
    terms."""
    if releases == 0:
        return Stance.QUIET
    if osi >= MOST * releases:
        return Stance.OPEN
    if downloadable >= MOST * releases:
        return Stance.WEIGHTS
    return Stance.MIXED if downloadable >= SOME * releases else Stance.CLOSED


def quarter_ends(first: date, last: date) -> list[date]:
    """The ends of all quarters that touch first..last, the last one cut at `last`."""
    ends, year, month = [], first.year, (first.month - 1) // 3 * 3 + 1
    while date(year, month, 1) <= last:
        year, month = (year + 1, 1) if month == 10 else (year, month + 3)
        ends.append(min(date(year, month, 1) - timedelta(days=1), last))
    return ends


def quarters(launches: Iterable[Launch], *, until: date) -> list[Quarter]:
    """The rule at every quarter's end from the first release to `until`; releases after `until` do not count."""
    known = sorted((one for one in launches if one.on <= until), key=lambda one: one.on)
    found = []
    for end in quarter_ends(known[0].on, until) if known else []:
        since = _year_before(end)
        some = [one for one in known if since < one.on <= end]
        downloadable, osi = sum(one.downloadable for one in some), sum(one.osi for one in some)
        found.append(Quarter(end, len(some), downloadable, osi, stance(len(some), downloadable, osi)))
    return found


def phases(launches: Sequence[Launch], *, until: date) -> tuple[Phase, ...]:
    """The spells of one stance, oldest first; they leave no day out from the first release on."""
    ends = quarters(launches, until=until)
    if not ends:
        return ()
    settled: list[tuple[int, Stance]] = [(0, ends[0].stance)]
    provisional = len(ends) < HOLDS_FOR
    for nth in range(1, len(ends)):
        now = ends[nth].stance
        if now == settled[-1][1]:
            continue
        following = ends[nth : nth + HOLDS_FOR]
        if all(one.stance == now for one in following):
            settled.append((nth, now))
            provisional = len(following) < HOLDS_FOR
    first = min(one.on for one in launches if one.on <= until)
    starts = [first if nth == 0 else ends[nth - 1].end + timedelta(days=1) for nth, _ in settled]
    found = []
    for place, ((_, now), since) in enumerate(zip(settled, starts, strict=True)):
        last = place == len(settled) - 1
        close = None if last else starts[place + 1] - timedelta(days=1)
        within = [one for one in launches if since <= one.on <= (close or until)]
        found.append(
            Phase(
                stance=now,
                since=since,
                until=close,
                releases=len(within),
                downloadable=sum(one.downloadable for one in within),
                osi=sum(one.osi for one in within),
                provisional=last and provisional,
            )
        )
    return tuple(found)


def _year_before(day: date) -> date:
    """The same day a year earlier; 29 February's is the 28th."""
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


class PromiseState(StrEnum):
    """What became of a promise; it waits until an event settles it."""

    KEPT = "kept"
    BROKEN = "broken"
    OPEN = "waiting"


SETTLES: Mapping[str, PromiseState] = {
    EventKind.PROMISE_KEPT: PromiseState.KEPT,
    EventKind.PROMISE_BROKEN: PromiseState.BROKEN,
}


def promise_state(kinds: Iterable[str]) -> PromiseState:
    """What the kinds of the later events about a promise, oldest first, make of it: the last word stands."""
    state = PromiseState.OPEN
    for kind in kinds:
        state = SETTLES.get(kind, state)
    return state
