"""Our ladder of openness, 0 to 8. Each rung asks for all below it; the verdict says what blocks the next one.

Weights alone are never "open source": they reach rung 4 at most.
"""

from tracker.domain.records import Access
from tracker.domain.release_facts import Part, ReleaseFacts, State
from tracker.domain.rubrics import mof, osaid
from tracker.domain.rubrics.base import Need, Rubric, Verdict, deciding, steps
from tracker.domain.rubrics.osaid import licence_missing, weights_missing
from tracker.domain.rubrics.terms import Limit, limits, unread

LABELS = {
    0: "unreleased",
    1: "API only",
    2: "weights, non-commercial",
    3: "weights, restricted",
    4: "weights, permissive",
    5: "open model (MOF class III)",
    6: "open tooling (MOF class II)",
    7: "open source AI (OSAID 1.0)",
    8: "open science (MOF class I)",
}
NO_API = Need("api", "there is no API", "offer an API")
API_UNTOLD = Need("api", "nobody has said whether there is an API", "find out whether there is an API", unknown=True)
NEVER_TOLD = Need("access", "nobody has said whether it was released", "find out whether it was released", unknown=True)


def judge(facts: ReleaseFacts) -> Verdict:
    """The rung, 0 to 8, with all that blocks the next one. Untold facts never lift it; it is uncertain where nothing
    but untold facts blocks."""
    rung, label, needs = _rung(facts)
    certain = not needs or any(not need.unknown for need in needs)
    strict = mof.classes(mof.judged_parts(facts), strict=True)
    return Verdict(
        rubric="ladder",
        version=VERSION,
        value=rung,
        label=label,
        certain=certain,
        decided_by=deciding(needs),
        missing=tuple(needs),
        next_step=steps(needs),
        vector={
            "weights": facts.weights.value,
            "licence": facts.licence.slug if facts.licence else "",
            "MOF strict": strict.reached,
            "OSAID": osaid.judge(facts).value,
            "data information": facts.part(Part.DATA_INFORMATION).state.value,
            "training code": facts.part(Part.TRAINING_CODE).state.value,
        },
        evidence=tuple(name for name in (facts.access_evidence, facts.licence_evidence) if name),
    )


def _rung(facts: ReleaseFacts) -> tuple[int, str, list[Need]]:
    """The rung, its label, and all that blocks the next one."""
    if facts.weights is not State.OPEN:
        return _without_weights(facts)
    rung, label, needs = _terms(facts)
    if rung < 4 or needs:
        return rung, label, needs
    strict = mof.classes(mof.judged_parts(facts), strict=True)
    blocks = (
        (5, list(strict.lacking[3])),
        (6, list(strict.lacking[2])),
        (7, list(osaid.judge(facts).missing)),
        (8, list(strict.lacking[1])),
    )
    for number, lacking in blocks:
        if lacking:
            return rung, label, lacking
        rung, label = number, LABELS[number]
    return rung, label, []


def _without_weights(facts: ReleaseFacts) -> tuple[int, str, list[Need]]:
    need = weights_missing(facts)
    if facts.access is Access.API:
        return 1, LABELS[1], [need]
    if facts.access is Access.HOSTED:
        return 0, "a product without an API", [NO_API]
    if facts.access is Access.UNRELEASED:
        return 0, LABELS[0], [NO_API]
    if facts.part(Part.API).state is State.OPEN:
        return 1, LABELS[1], [need]
    return 0, "nobody has said how it can be had", [NEVER_TOLD if need.unknown else API_UNTOLD]


def _terms(facts: ReleaseFacts) -> tuple[int, str, list[Need]]:
    """Rungs 2 to 4, by what the weights' licence allows; weights under terms that nobody has told are on the lowest.

    Where no licence is known but the source itself classes the weights, its class is taken, as the gap does.
    """
    licence = facts.licence
    if licence is None or facts.access is Access.WEIGHTS_NONCOMMERCIAL:
        return _classed(facts)
    found = limits(licence)
    kinds = {one.limit for one in found}
    needs = [one.need for one in found]
    if Limit.NONCOMMERCIAL in kinds:
        return 2, LABELS[2], needs
    if found:
        label = "weights, restricted by a label only" if kinds == {Limit.LABEL} else LABELS[3]
        return 3, label, needs
    untold = unread(licence)
    if not untold:
        return 4, LABELS[4], []
    if licence.commercial is None:
        return 2, "weights, under terms that nobody has read", untold
    return 3, "weights, under terms not all of which were read", untold


def _classed(facts: ReleaseFacts) -> tuple[int, str, list[Need]]:
    if facts.access is Access.WEIGHTS_NONCOMMERCIAL:
        own = limits(facts.licence) if facts.licence else []
        words = [one.need for one in own if one.limit is Limit.NONCOMMERCIAL]
        return 2, LABELS[2], words or [licence_missing(facts)]
    if facts.access is Access.WEIGHTS_RESTRICTED:
        return 3, LABELS[3], [licence_missing(facts)]
    if facts.access is Access.WEIGHTS_PERMISSIVE:
        return 4, LABELS[4], []
    return 2, "weights, under terms that nobody has told", [licence_missing(facts)]


VERSION = "2026-11"
RUBRIC = Rubric(
    slug="ladder",
    version=VERSION,
    title="Ladder of openness",
    source="",
    judge=judge,
    scale="0 unreleased, 1 API, 2 weights non-commercial, 3 weights restricted, 4 weights permissive, 5 MOF class III, "
    "6 MOF class II, 7 OSAID, 8 MOF class I",
)
