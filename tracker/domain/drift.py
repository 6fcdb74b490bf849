"""What is wrong with a document beside the last good ones, and how wrong: worth a look, or not to be believed.

What makes a document unbelievable is judged beside the last good one alone: when a curator has accepted it, its ways
are the new normal. What is only worth a look is judged beside the last few.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from statistics import median

from tracker.domain.shape import NAMES, KindShape, Series, Shape


class Severity(StrEnum):
    """From the least: `notice` is shown and not mailed, `alarm` is worth a look, `quarantine` is a document that is not
    believed, `stopped` is work of ours that is no longer done."""

    NOTICE = "notice"
    ALARM = "alarm"
    QUARANTINE = "quarantine"
    STOPPED = "stopped"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Drift(StrEnum):
    """What a document can drift in."""

    ROWS = "rows"
    KEYS = "keys"
    CHANGED = "changed"
    UNIT = "unit"
    EMPTIED = "emptied"
    FIELDS = "fields"
    COVERAGE = "coverage"
    REPEATED = "repeated"
    RANGE = "range"
    FUTURE = "future"


# What would silently go wrong, and what to do about it.
ADVICE: Mapping[Drift, str] = {
    Drift.ROWS: "Lost rows end facts that still hold; too many may be another list. Look at the publisher's page.",
    Drift.KEYS: "Rows whose names changed end one fact and begin another, and histories break in two. Compare the rows "
    "that went with those that came: if they were renamed, the parser's key must follow.",
    Drift.CHANGED: "If the publisher measured anew this is right; if a column moved, every value is another one's. "
    "Check a few rows against the publisher's page.",
    Drift.UNIT: "Read on, every figure would be wrong by that factor. Check the unit on the publisher's page; mend the "
    "parser, or accept the document if the values are right.",
    Drift.EMPTIED: "Read on, every fact would lose what it said there. Look for a renamed column; mend the parser, or "
    "accept the document if the publisher really took it away.",
    Drift.FIELDS: "A renamed column reads as one that went and one that came. Look at the document's head.",
    Drift.COVERAGE: "Blank cells supersede what was known. Check whether the publisher moved them elsewhere.",
    Drift.REPEATED: "Two rows for one thing contradict each other, and either may be believed. See which is meant.",
    Drift.RANGE: "One wrong value can lead a frontier. Check it on the publisher's page.",
    Drift.FUTURE: "Day and month may be swapped; lags would be counted from days that have not been.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a document drifted: what was seen, in figures, and, from `drift` on, what to do about it."""

    kind: Drift
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and highest value that a benchmark can give, in its unit; None is no limit."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a document may go from the ones before it. The figures are the project's quality goals, unless said."""

    rows: tuple[float, float] = (0.7, 1.5)  # of the trailing median
    overlap: float = 0.9  # of the last document's keys
    changed: float = 0.2  # of the values at once
    coverage: float = 0.98  # a field that so many rows had is required


# The publisher's own ways, where they are not a fault.
OVERRIDES: Mapping[str, Limits] = {
    # Every rating is fitted anew every day, and a page ends at the hundredth model, whoever that is.
    "arena": Limits(changed=1.0, overlap=0.7),
    # Boards of systems: a lab replaces a handful of its own rows by new ones, and that is a fifth of a board.
    "steel": Limits(overlap=0.5),
}
# A list of three that gains two has grown by two, not by 67 %.
FEW_ROWS = 10
# With fewer pairs or values one odd row is their median.
MIN_PAIRS = 5
# Units differ by a hundred, a thousand or a million; nothing that is measured twice moves so far by itself.
UNIT_FACTOR = 50.0
# Prices, contexts and horizons double; a highest value ten times that of before is rather a slip of the point.
RANGE_FACTOR = 10.0
# Rounding puts a full score a little above the ceiling.
TOLERANCE = 0.005
# What is in less than half of the rows that it was in was not left out row by row.
EMPTIED = 0.5
# After so long a pause a list may have grown, and its values changed, without anything having happened at once.
PAUSE = timedelta(days=30)
# Where a row says it stands: without it the row says the same.
EVIDENCE = frozenset({"url"})
SHOWN = 5


@dataclass(slots=True)
class _Case:
    """One kind of rows beside its past. `last` is the last good document's, `past` the last few, newest first."""

    name: str
    now: KindShape
    last: KindShape
    past: Sequence[KindShape]
    limits: Limits
    at_once: bool
    rolling: bool
    named: Callable[[str], str]
    found: list[Finding] = field(default_factory=list)

    def add(self, kind: Drift, severity: Severity, message: str) -> None:
        self.found.append(Finding(kind, severity, message))


def drift(
    now: Shape,
    past: Sequence[Shape],
    *,
    slug: str = "",
    rolling: bool = False,
    elapsed: timedelta = timedelta(0),
    bounds: Callable[[str], Bounds | None] = lambda benchmark: None,
    named: Callable[[str], str] = lambda benchmark: benchmark,
) -> list[Finding]:
    """What is wrong with a document, one finding a kind, the worst first.

    `past` are the shapes of the last good documents of its address, newest first, and `elapsed` the time since the
    newest of them. A `rolling` document is a window onto a longer list: what leaves it has not gone. `bounds` knows
    benchmarks by the source's words, and `named` what they may be called where everybody reads it.
    """
    found: list[Finding] = []
    for name, kind in now.items():
        told = named if name == "score" else str
        found += _impossible(name, kind, bounds, told)
        seen = [shape[name] for shape in past if name in shape]
        if not past or name not in past[0] or not seen:
            continue
        case = _Case(name, kind, past[0][name], seen, OVERRIDES.get(slug, Limits()), elapsed <= PAUSE, rolling, told)
        if not case.rolling:
            _rows(case)
            _keys_and_values(case)
        _units(case)
        _fields(case)
        _groups(case)
        _repeated(case)
        _ranges(case)
        found += case.found
    return sorted(_merged(found), key=lambda finding: (-finding.severity.rank, finding.kind))


def _merged(found: list[Finding]) -> Iterator[Finding]:
    for kind in Drift:
        if same := [finding for finding in found if finding.kind is kind]:
            worst = max((finding.severity for finding in same), key=lambda severity: severity.rank)
            told = " ".join(dict.fromkeys(finding.message for finding in same))
            yield Finding(kind, worst, f"{told} {ADVICE[kind]}")


def _listed(case: _Case, names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} others" if len(names) > SHOWN else ""
    return ", ".join(case.named(name)[:60] for name in names[:SHOWN]) + more


def _impossible(
    name: str, now: KindShape, bounds: Callable[[str], Bounds | None], named: Callable[[str], str]
) -> Iterator[Finding]:
    """What needs no document before it to be told."""
    if now.ahead:
        yield Finding(Drift.FUTURE, Severity.ALARM, f"{now.ahead} dates of {name} rows lie in the future.")
    if name != "score":
        return
    for benchmark, series in now.series.items():
        limit = bounds(benchmark)
        if limit is None:
            continue
        over = limit.high is not None and series.high > limit.high + TOLERANCE
        under = limit.low is not None and series.low < limit.low - TOLERANCE
        if not over and not under:
            continue
        said = f"Scores on {named(benchmark)} go from {series.low:g} to {series.high:g}; it gives {_span(limit)}."
        # Half of all values outside is another unit, not a slip.
        outside = _outside(series.middle, limit)
        yield Finding(Drift.RANGE, Severity.QUARANTINE if outside and series.rows >= 3 else Severity.ALARM, said)


def _outside(value: float, limit: Bounds) -> bool:
    return (limit.high is not None and value > limit.high + TOLERANCE) or (
        limit.low is not None and value < limit.low - TOLERANCE
    )


def _span(limit: Bounds) -> str:
    if limit.low is None:
        return f"at most {limit.high:g}"
    return f"{limit.low:g} to {limit.high:g}" if limit.high is not None else f"at least {limit.low:g}"


def _rows(case: _Case) -> None:
    usual = median(shape.rows for shape in case.past)
    low, high = case.limits.rows
    grown = case.at_once and case.now.rows > high * usual
    if (case.now.rows < low * usual or grown) and abs(case.now.rows - usual) >= FEW_ROWS:
        case.add(Drift.ROWS, Severity.ALARM, f"{case.now.rows} {case.name} rows, where {usual:g} are usual.")


def _keys_and_values(case: _Case) -> None:
    """From the samples: the keys under the lower of both samples' ends are whole in both."""
    known, here = case.last.sample, case.now.sample
    ends = [
        max(sample) for sample, shape in ((known, case.last), (here, case.now)) if sample and len(sample) < shape.rows
    ]
    end = min(ends, default=None)
    comparable = [key for key in known if end is None or key <= end]
    if len(comparable) < FEW_ROWS or not case.at_once:
        return
    both = [key for key in comparable if key in here]
    if len(both) < case.limits.overlap * len(comparable):
        share = 100 * len(both) / len(comparable)
        said = f"Only {share:.0f} % of the last document's {case.name} rows are still there under their keys."
        case.add(Drift.KEYS, Severity.QUARANTINE, said)
    changed = sum(known[key].digest != here[key].digest for key in both)
    if both and changed > case.limits.changed * len(both):
        share = 100 * changed / len(both)
        case.add(Drift.CHANGED, Severity.ALARM, f"{share:.0f} % of the {case.name} rows changed at once.")


def _units(case: _Case) -> None:
    """One row compared with itself tells a unit best; where rows came and went, their middle does."""
    known, here = case.last.sample, case.now.sample
    ratios = [
        now / was
        for key, sampled in known.items()
        if key in here and (was := sampled.number) and (now := here[key].number) and now / was > 0
    ]
    said = []
    if len(ratios) >= MIN_PAIRS and _another_unit(ratio := median(ratios)):
        said.append(f"Half of the {case.name} rows are {ratio:.3g} times what they were, or further.")
    for name, series in case.now.series.items():
        before = case.last.series.get(name)
        if before is None or min(before.rows, series.rows) < MIN_PAIRS or before.middle <= 0 or series.middle <= 0:
            continue
        if _another_unit(ratio := series.middle / before.middle):
            said.append(f"The middle value of {case.named(name)} is {ratio:.3g} times what it was.")
    if said:
        case.add(Drift.UNIT, Severity.QUARANTINE, " ".join(said[:SHOWN]))


def _another_unit(ratio: float) -> bool:
    return ratio >= UNIT_FACTOR or ratio <= 1 / UNIT_FACTOR


def _fields(case: _Case) -> None:
    for name, had in sorted(case.last.filled.items()):
        has = case.now.filled.get(name, 0)
        required = had >= case.limits.coverage * case.last.rows and case.last.rows >= MIN_PAIRS
        # The same rows come again, unless the document is a window; of a few one or two may lose what they said.
        kept = not case.rolling and had >= (FEW_ROWS if has else MIN_PAIRS)
        # Of both the share and the number: new rows may come without it and take nothing from the others.
        halved = has < EMPTIED * had and has * case.last.rows < EMPTIED * had * case.now.rows
        if halved and (required or kept):
            so_many = "nearly all" if required else f"{had}"
            said = f"{has} of {case.now.rows} {case.name} rows say {name}, which {so_many} of {case.last.rows} did."
            case.add(Drift.EMPTIED, Severity.QUARANTINE, said)
    seen = {name for shape in case.past for name in shape.filled}
    usual = {name: median(shape.filled.get(name, 0) for shape in case.past) for name in seen}
    gone = sorted(name for name, rows in usual.items() if rows >= MIN_PAIRS and name not in case.now.filled)
    if gone:
        case.add(Drift.FIELDS, Severity.ALARM, f"No {case.name} row fills {', '.join(gone)} any more.")
    if new := sorted(case.now.filled.keys() - seen):
        case.add(Drift.FIELDS, Severity.NOTICE, f"{case.name} rows fill {', '.join(new)} for the first time.")
    for name in sorted(usual.keys() & case.now.filled.keys() - EVIDENCE):
        has, blank = case.now.filled[name], case.now.rows - case.now.filled[name]
        required = median(shape.filled.get(name, 0) / shape.rows for shape in case.past) >= case.limits.coverage
        # One blank among forty rows is a row that is not known yet, not a column that goes; and rows that are new and
        # blank took nothing away.
        if required and has < case.limits.coverage * case.now.rows and blank >= 3 and has < usual[name]:
            said = f"{blank} of {case.now.rows} {case.name} rows lack {name}, which nearly all had."
            case.add(Drift.COVERAGE, Severity.ALARM, said)


def _groups(case: _Case) -> None:
    """Benchmarks, hosts and rubrics that came or went."""
    word = NAMES[case.name].group
    if not word or case.rolling:
        return
    seen = {name for shape in case.past for name in shape.groups}
    usual = {name: median(shape.groups.get(name, 0) for shape in case.past) for name in seen}
    gone = sorted(name for name, rows in usual.items() if rows >= MIN_PAIRS and name not in case.now.groups)
    if gone:
        case.add(Drift.FIELDS, Severity.ALARM, f"Gone from the {case.name} rows: {word} {_listed(case, gone)}.")
    if new := sorted(case.now.groups.keys() - seen):
        case.add(Drift.FIELDS, Severity.NOTICE, f"New in the {case.name} rows: {word} {_listed(case, new)}.")


def _repeated(case: _Case) -> None:
    before = max(shape.repeated / shape.rows for shape in case.past)
    # Some publishers list every run of a model: what they always did is no fault.
    if case.now.repeated >= 2 and case.now.repeated / case.now.rows > 2 * before + 0.02:
        said = f"{case.now.repeated} {case.name} rows are about what another row is about already."
        case.add(Drift.REPEATED, Severity.ALARM, said)


def _ranges(case: _Case) -> None:
    said = []
    for name, series in case.now.series.items():
        before = [shape.series[name] for shape in case.past if name in shape.series]
        if sum(one.rows for one in before) < MIN_PAIRS or not case.at_once:
            continue
        highest = max(one.high for one in before)
        if highest > 0 and series.high > RANGE_FACTOR * highest:
            said.append(f"{case.named(name)} goes up to {series.high:g}, where {highest:g} was the highest.")
        elif _negative(series) and not any(_negative(one) for one in before):
            said.append(f"{case.named(name)} goes down to {series.low:g}, and was never below zero.")
    if said:
        case.add(Drift.RANGE, Severity.ALARM, " ".join(said[:SHOWN]))


def _negative(series: Series) -> bool:
    return series.low < 0
