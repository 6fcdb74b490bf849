"""From findings to a verdict: holds, fails, depends on a named assumption, or cannot be tested for want of a datum."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tracker.domain.claim_parts import Demand, Finding, told

NAMED: Final = 4  # more on one side of a choice are counted, not listed


class Verdict(StrEnum):
    """What the data make of a claim. It depends where its own figures disagree, where an interval of theirs straddles
    the demand, or where a reasonable neighbour of its definition answers otherwise; it is untestable where none of its
    own figures is known."""

    HOLDS = "holds"
    FAILS = "fails"
    DEPENDS = "depends"
    UNTESTABLE = "untestable"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict with what it turns on, what is missing, and what would change it; each blank where there is none."""

    verdict: Verdict
    assumption: str
    missing: str
    flip: str
    findings: tuple[Finding, ...]


def rule(findings: Sequence[Finding], demand: Demand | None = None) -> Ruling:
    """The verdict on a claim whose test found this.

    Its own definition decides. Where an interval of its own definition straddles the demand, or a reasonable neighbour
    of the definition says otherwise, it depends, and the assumption names both sides with their figures.
    """
    kept = tuple(findings)
    own = [finding for finding in kept if finding.own]
    told_of = [finding for finding in own if finding.met is not None]
    if not told_of:
        reasons = list(dict.fromkeys(finding.missing for finding in own if finding.missing))
        missing = " ".join(_sentence(reason) for reason in reasons) or "Nothing that could be tested is known."
        return Ruling(Verdict.UNTESTABLE, "", missing, "", kept)
    missing = " ".join(dict.fromkeys(_sentence(finding.missing) for finding in own if finding.met is None))
    turns = [*_straddles(told_of, demand), *_own_divided(told_of), *_divided(kept, told_of)]
    if turns:
        return Ruling(Verdict.DEPENDS, " ".join(turns), missing, "", kept)
    holds = bool(told_of[0].met)
    verdict = Verdict.HOLDS if holds else Verdict.FAILS
    return Ruling(verdict, "", missing, _flip(told_of, demand, holds=holds), kept)


def _straddles(own: Sequence[Finding], demand: Demand | None) -> list[str]:
    said = []
    for finding in own:
        if demand is None or finding.value is None or finding.low is None or finding.high is None:
            continue
        end = demand.crossed(min(finding.low, finding.value), max(finding.high, finding.value))
        if end is not None:
            interval = f"[{told(finding.low, finding.unit)}, {told(finding.high, finding.unit)}]"
            central = f"the central figure, {finding.figure}, {'holds' if finding.met else 'fails'}"
            said.append(
                f"with {finding.assumption} the interval {interval} contains {told(end, finding.unit)}, and {central}"
            )
    return [f"Sampling error: {'; '.join(said)}."] if said else []


def _own_divided(own: Sequence[Finding]) -> list[str]:
    if len({finding.met for finding in own}) < 2:
        return []
    return [f"Which one is meant: {_both(own)}."]


def _divided(findings: Sequence[Finding], own: Sequence[Finding]) -> list[str]:
    """One sentence for each choice on which reasonable people differ and the answer with them."""
    said = []
    for choice in dict.fromkeys(finding.choice for finding in findings if finding.choice):
        others = [finding for finding in findings if finding.choice == choice and finding.met is not None]
        known = {finding.met for finding in own}
        if any(finding.met not in known for finding in others):
            said.append(f"{choice[:1].upper()}{choice[1:]}: {_both([*own, *others])}.")
    return said


def _both(findings: Sequence[Finding]) -> str:
    sides = []
    for met, word in ((True, "holds"), (False, "fails")):
        names = [f"{finding.assumption} ({finding.figure})" for finding in findings if finding.met is met]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        sides.append(f"{word} with {', '.join(names[:NAMED])}{more}")
    return "; ".join(sides)


def _flip(own: Sequence[Finding], demand: Demand | None, *, holds: bool) -> str:
    """What would have to change: the edge of the demand that the nearest figure would have to pass."""
    figures = [finding for finding in own if finding.value is not None]
    change = "fail" if holds else "hold"
    if demand is None or not figures:
        what = "; ".join(f"{finding.assumption}: {finding.figure}" for finding in own[:NAMED])
        return f"It would {change} if a corrected fact said otherwise. Now: {what}."
    nearest = min(figures, key=lambda finding: demand.distance(finding.value or 0.0))
    edge = demand.nearest(nearest.value or 0.0)
    # A figure that holds fails beyond the edge; one that fails holds once it comes back to it.
    way = "below" if (edge == demand.low) == holds else "above"
    strict = demand.low_strict if edge == demand.low else demand.high_strict
    where = f"{'at' if strict is holds else ''} {told(edge, nearest.unit)}".strip()
    return (
        f"It would {change} {f'{where} or {way}' if strict is holds else f'{way} {where}'}: "
        f"{nearest.assumption} gives {nearest.figure}."
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
