"""The European Open Source AI Index: equal weights over twelve dimensions, fourteen until 13 March 2026.

Each dimension is open (1), partial (0.5) or closed (0). Where the index has assessed a release its own grades count;
elsewhere they are read off what is known, and what nobody has said counts as nothing.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial

from tracker.domain.release_facts import UNKNOWN, Component, Part, ReleaseFacts, State
from tracker.domain.rubrics.base import Need, Rubric, Verdict, deciding, evidences, sentence, unlicensed, unreleased
from tracker.domain.rubrics.osaid import licence_missing, weights_missing
from tracker.domain.rubrics.terms import Limit, limits, unread

# The index's own keys, and the part each grades; the licences are graded apart.
DIMENSIONS: Mapping[str, Part] = {
    "datasources_basemodel": Part.BASE_DATA,
    "datasources_endmodel": Part.END_DATA,
    "weights_basemodel": Part.BASE_WEIGHTS,
    "weights_endmodel": Part.WEIGHTS,
    "trainingcode": Part.TRAINING_CODE,
    "code": Part.CODE_DOCUMENTATION,
    "hardware_architecture": Part.HARDWARE,
    "preprint": Part.REPORT,
    "paper": Part.REVIEWED_PAPER,
    "modelcard": Part.MODEL_CARD,
    "datasheet": Part.DATA_CARD,
}
LICENCES = "licenses"
DROPPED: Mapping[str, Part] = {"package": Part.PACKAGE, "api": Part.API}
DROPPED_ON = date(2026, 3, 13)
POINTS = {State.OPEN: 1.0, State.PARTIAL: 0.5}


def judge(facts: ReleaseFacts, *, dropped: bool) -> Verdict:
    """The sum over the dimensions, 0 to 12; with the two that were dropped, 0 to 14."""
    graded: dict[str, Component] = {}
    needs = []
    for key, part in {**DIMENSIONS, **(DROPPED if dropped else {})}.items():
        graded[key] = grade(facts, part)
        if need := unreleased(part, graded[key]):
            needs.append(need)
    graded[LICENCES], licence_need = licences(facts)
    if licence_need:
        needs.append(licence_need)
    points = sum(POINTS.get(component.state, 0.0) for component in graded.values())
    unknown = sum(component.state is State.UNKNOWN for component in graded.values())
    label = f"{points:g} of {len(graded)}" + (f", {unknown} not told" if unknown else "")
    first = deciding(needs)
    return Verdict(
        rubric="osai-14" if dropped else "osai-12",
        version=VERSION_14 if dropped else VERSION_12,
        value=points,
        label=label,
        certain=not unknown,
        decided_by=first,
        missing=tuple(needs),
        # Every dimension weighs the same, so any one of them lifts the sum.
        next_step=sentence(first.step) if first else "",
        vector={key: component.state.value for key, component in graded.items()},
        evidence=evidences(*graded.values()),
        tags=("assessed by the index",) if facts.osai else (),
    )


def grade(facts: ReleaseFacts, part: Part) -> Component:
    """The index's own grade; where it did not assess the release, or no longer asks, what is known."""
    if part in facts.osai:
        return facts.osai[part]
    if part is Part.WEIGHTS:
        known = facts.part(part)
        return Component(facts.weights, known.licence, facts.access_evidence or known.evidence)
    return facts.parts.get(part, UNKNOWN)


def licences(facts: ReleaseFacts) -> tuple[Component, Need | None]:
    """Open only if weights, code and data are all under open licences; partial if some are, or if the weights' licence
    asks for a label and no more."""
    own = facts.osai_licences
    if own.state is not State.UNKNOWN:
        amount = "only in part" if own.state is State.PARTIAL else "not"
        words = f"weights, code and data are {amount} under open licences"
        need = Need("licences", words, "put weights, code and data under open licences", evidence=own.evidence)
        return own, None if own.state is State.OPEN else need
    if facts.weights is not State.OPEN:
        need = weights_missing(facts)
        return Component(State.UNKNOWN if need.unknown else State.CLOSED), need
    if facts.licence is None:
        need = licence_missing(facts)
        return Component(State.UNKNOWN if need.unknown else State.CLOSED, None, need.evidence), need
    evidence = facts.licence_evidence
    found = limits(facts.licence)
    if found:
        state = State.PARTIAL if found[0].limit is Limit.LABEL else State.CLOSED
        return Component(state, facts.licence.name, evidence), found[0].need
    if untold := unread(facts.licence):
        return Component(State.UNKNOWN, facts.licence.name, evidence), untold[0]
    for part in (Part.TRAINING_CODE, Part.DATASETS):
        component = facts.part(part)
        lacking = unreleased(part, component) or unlicensed(part, component)
        if lacking:
            return Component(State.PARTIAL, facts.licence.name, evidence), lacking
    return Component(State.OPEN, facts.licence.name, evidence), None


VERSION_12, VERSION_14 = "12 dimensions, 2026-03-13", "14 dimensions, 2024"
SOURCE = "https://osai-index.eu/"
TWELVE = Rubric(
    slug="osai-12",
    version=VERSION_12,
    title="European Open Source AI Index, 12 dimensions",
    source=SOURCE,
    judge=partial(judge, dropped=False),
    scale="0 to 12",
    since=DROPPED_ON,
)
FOURTEEN = Rubric(
    slug="osai-14",
    version=VERSION_14,
    title="European Open Source AI Index, 14 dimensions",
    source=SOURCE,
    judge=partial(judge, dropped=True),
    scale="0 to 14",
    until=DROPPED_ON,
)
