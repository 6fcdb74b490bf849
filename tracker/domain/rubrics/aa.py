"""An openness score after Artificial Analysis: six questions of three points each, scaled from 18 to 100.

The publisher's own scores are not read here, and ours need not agree with them: the questions are the same, the facts
are ours. What nobody has said scores nothing.
"""

from tracker.domain.records import Access
from tracker.domain.release_facts import LicenceTerms, Part, ReleaseFacts, State
from tracker.domain.rubrics.base import (
    UNTOLD,
    Need,
    Rubric,
    Verdict,
    deciding,
    evidences,
    steps,
    unlicensed,
    unreleased,
)
from tracker.domain.rubrics.open_licences import is_open
from tracker.domain.rubrics.osaid import licence_missing, weights_missing
from tracker.domain.rubrics.terms import Limit, limits, unread

FULL = 3.0
Scored = tuple[float, list[Need]]
# Access to the data and its licence count half of three each over the data before and after pre-training.
HALF = {State.OPEN: 3.0, State.PARTIAL: 2.0}
DESCRIBED = 1.0


def judge(facts: ReleaseFacts) -> Verdict:
    """Six questions of 0 to 3 points each, their sum told as 0 to 100. What decides is lacking under the question that
    earned least."""
    scored = {
        "weights access": _access(facts),
        "weights licence": _weights_licence(facts),
        "data access": _data(facts),
        "data licence": _data_licence(facts),
        "methodology": _method(facts),
        "methodology licence": _method_licence(facts),
    }
    raw = sum(points for points, _ in scored.values())
    needs = [need for _, lacking in scored.values() for need in lacking]
    # The question that loses most is the one whose mending lifts most.
    worst = min(scored, key=lambda name: scored[name][0])
    lost = scored[worst][1]
    return Verdict(
        rubric="aa",
        version=VERSION,
        value=round(raw / (FULL * len(scored)) * 100, 1),
        label=f"{raw:g} of {FULL * len(scored):g} points",
        certain=not any(need.unknown for need in needs),
        decided_by=deciding(lost),
        missing=tuple(dict.fromkeys(needs)),
        next_step=steps(lost[:1]),
        vector={name: points for name, (points, _) in scored.items()},
        evidence=tuple(
            dict.fromkeys(
                name
                for name in (facts.access_evidence, facts.licence_evidence, *evidences(*facts.parts.values()))
                if name
            )
        ),
    )


def _access(facts: ReleaseFacts) -> Scored:
    if facts.weights is State.OPEN:
        return FULL, []
    need = [weights_missing(facts)]
    if facts.access is Access.API:
        return 2.0, need
    api = facts.part(Part.API).state
    return (2.0 if api is State.OPEN else 1.0 if api is State.PARTIAL else 0.0), need


def _weights_licence(facts: ReleaseFacts) -> Scored:
    """The limits of a base model's licence bind what was made from it."""
    if facts.weights is not State.OPEN:
        return 0.0, [weights_missing(facts)]
    if facts.licence is None:
        return 0.0, [licence_missing(facts)]
    return min((_licence(licence) for licence in (facts.licence, *facts.base_licences)), key=lambda scored: scored[0])


def _licence(licence: LicenceTerms) -> Scored:
    found = {one.limit: one.need for one in limits(licence)}
    needs = list(found.values())
    if not needs:
        untold = unread(licence)
        if not untold:
            return FULL, []
        if licence.commercial != "yes":
            return 0.0, untold
        return (2.0 if licence.naming_duty == "none" else 1.0), untold
    if found.keys() & {Limit.NONCOMMERCIAL, Limit.PERMISSION, Limit.CHANGE} or licence.commercial is None:
        return 0.0, needs
    return (1.0 if found.keys() & {Limit.THRESHOLD, Limit.LABEL} else 2.0), needs


def _data(facts: ReleaseFacts) -> Scored:
    described = facts.part(Part.DATA_INFORMATION).state in (State.OPEN, State.PARTIAL)
    points, needs = [], []
    for part in (Part.BASE_DATA, Part.END_DATA):
        component = facts.part(part)
        points.append(HALF.get(component.state, DESCRIBED if described else 0.0))
        if need := unreleased(part, component):
            needs.append(need)
    return sum(points) / len(points), needs


def _data_licence(facts: ReleaseFacts) -> Scored:
    component = facts.part(Part.DATASETS)
    if need := unreleased(Part.DATASETS, component):
        return 0.0, [need]
    return _under(component.licence, unlicensed(Part.DATASETS, component))


def _method(facts: ReleaseFacts) -> Scored:
    """One point for the architecture, one for a report of how it was made, one for the code that made it."""
    points, needs = 0.0, []
    for parts in ((Part.ARCHITECTURE, Part.HARDWARE), (Part.REPORT, Part.RESEARCH_PAPER), (Part.TRAINING_CODE,)):
        best = max((POINTS.get(facts.part(part).state, 0.0), -index) for index, part in enumerate(parts))
        points += best[0]
        if best[0] < 1.0 and (need := unreleased(parts[0], facts.part(parts[0]))):
            needs.append(need)
    return points, needs


POINTS = {State.OPEN: 1.0, State.PARTIAL: 0.5}


def _method_licence(facts: ReleaseFacts) -> Scored:
    for part in (Part.TRAINING_CODE, Part.ARCHITECTURE):
        component = facts.part(part)
        if component.state is State.OPEN:
            return _under(component.licence, unlicensed(part, component))
    need = unreleased(Part.TRAINING_CODE, facts.part(Part.TRAINING_CODE))
    return 0.0, [need] if need else []


def _under(licence: str | None, need: Need | None) -> Scored:
    if licence is None or not licence or licence.casefold() in UNTOLD:
        return 0.0, [need] if need else []
    return (FULL, []) if is_open(licence) else (1.0, [need] if need else [])


VERSION = "2026-11"
RUBRIC = Rubric(
    slug="aa",
    version=VERSION,
    title="Openness score after Artificial Analysis",
    source="https://artificialanalysis.ai/evaluations/artificial-analysis-openness-index",
    judge=judge,
    scale="0 to 100",
)
